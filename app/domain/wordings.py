"""Wordings: what a post says and where it stands, and what it will after the changes wanted."""

from dataclasses import dataclass, replace

from sqlalchemy.ext.asyncio import AsyncConnection

from app.domain import categories, drafts
from app.domain.changes import ChangeKind
from app.domain.contents.formats import ContentFormat
from app.domain.drafts import Content
from app.domain.errors import Invalid
from app.domain.options import Options
from app.domain.posts import PostRow
from app.models import PostKind


@dataclass(frozen=True)
class Changes:
    """What is to be changed; None: stays as it is. Empty texts take a category or extra away.

    :param silent: leave no trace of it
    :param expected_version: what the post has to be, by `revisions.version_of`
    """

    title: str | None = None
    content: str | None = None
    format: ContentFormat | None = None
    tags: tuple[str, ...] | None = None
    category: int | str | None = None
    extra: str | None = None
    notify: bool | None = None
    notify_email: str | None = None
    silent: bool = False
    expected_version: str | None = None

    @property
    def concern_words(self) -> bool:
        """Whether it takes more than the right to put a question elsewhere."""
        given = (self.title, self.content, self.format, self.extra, self.notify, self.notify_email)
        return any(value is not None for value in given)

    @property
    def concern_place(self) -> bool:
        return self.tags is not None or self.category is not None


@dataclass(frozen=True)
class Wording:
    """What a post says and where it stands; `path` is as in `categories.COLUMNS`."""

    title: str | None
    content: Content
    tags: str | None
    path: tuple[int | None, ...]

    def differs_from(self, post: PostRow) -> bool:
        """Whether title or content are others."""
        return self.title != post.title or self.has_other_content(post)

    def has_other_content(self, post: PostRow) -> bool:
        return (self.content.text, self.content.format) != (post.content or "", post.format)

    def change_of(self, post: PostRow) -> ChangeKind | None:
        """What kind of change from `post` it is (FACTS 2); None if it is none."""
        if self.path != post.category_path:
            return ChangeKind.CATEGORY
        if self.differs_from(post):
            return ChangeKind.EDITED
        return ChangeKind.RETAGGED if self.tags != post.tags else None


async def reworded(
    connection: AsyncConnection, *, options: Options, post: PostRow, changes: Changes
) -> Wording:
    """What the post will say.

    :raises Invalid: if a value is not acceptable
    """
    wording = Wording(
        post.title, Content(post.content or "", post.format), post.tags, post.category_path
    )
    if changes.title is not None:
        title = await drafts.title_of(connection, options=options, title=changes.title)
        wording = replace(wording, title=title)
    if changes.content is not None:
        content = await _content(connection, options, post, changes.content, changes.format)
        wording = replace(wording, content=content)
    elif changes.format is not None:
        raise Invalid("contentFormat", "A format is only wanted together with a content.")
    if changes.tags is not None:
        tags = await drafts.tags_of(connection, options=options, tags=changes.tags)
        wording = replace(wording, tags=tags)
    if changes.category is not None:
        tree = await categories.load(connection)
        row = drafts.category_of(options=options, tree=tree, category=changes.category)
        wording = replace(wording, path=tree.stored_path(row))
    return wording


async def _content(
    connection: AsyncConnection,
    options: Options,
    post: PostRow,
    text: str,
    format: ContentFormat | None,
) -> Content:
    least = {
        PostKind.QUESTION: options.min_len_q_content,
        PostKind.ANSWER: options.min_len_a_content,
        PostKind.COMMENT: options.min_len_c_content,
    }
    if format is None:
        is_html = post.format == ContentFormat.HTML.value
        format = ContentFormat.HTML if is_html else ContentFormat.PLAIN
    return await drafts.content_of(
        connection, text=text, format=format, min_length=least[post.kind]
    )
