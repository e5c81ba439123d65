"""Drafts: what somebody hands in to be posted, and what of it is acceptable (FACTS 1, 6, 11, 14).

Each check returns the value as it will be stored, and names the field of the input otherwise.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

from sqlalchemy.ext.asyncio import AsyncConnection

from app.db.charsets import LAST_OF_THREE_BYTES, can_hold
from app.domain import contents, words
from app.domain.categories import CategoryRow, CategoryTree
from app.domain.contents.formats import ContentFormat
from app.domain.contents.markdown import from_markdown
from app.domain.errors import Invalid
from app.domain.options import Options
from app.domain.tags import LONGEST as LONGEST_TAG
from app.domain.viewers import Viewer
from app.models import Post, PostMeta, Word

MOST_IN_TITLE = 800
MOST_IN_CONTENT = 12_000
MOST_IN_TAGS = 800
MOST_IN_EXTRA = 8_000
MOST_IN_NAME = 40
MOST_IN_ADDRESS = 80
# In `notify`, instead of an address: that of the author's account.
ACCOUNT_ADDRESS = "@"
_ADDRESS: Final = re.compile(r"[!-?A-~]{1,64}@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+")
# A pattern that takes 3 ms to compile, and is hardly ever used.
_WIDE: Final = f"[^\\x00-{LAST_OF_THREE_BYTES}]"
# Nobody types these, nor halves of characters, which JSON can bring.
_CONTROLS: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")


@dataclass(frozen=True)
class Draft:
    """An answer or a comment as it was handed in.

    :param notify: mail the author what comes of it, to `notify_email` or to the account's address
    :param author_name: what a guest wants to be called
    """

    content: str
    format: ContentFormat = ContentFormat.PLAIN
    notify: bool = False
    notify_email: str | None = None
    author_name: str | None = None


@dataclass(frozen=True)
class QuestionDraft(Draft):
    """A question as it was handed in; `category` is an id, or slugs from the top joined by `/`."""

    title: str = ""
    tags: tuple[str, ...] = ()
    category: int | str | None = None
    extra: str | None = None
    follows_answer_id: int | None = None


class Content(NamedTuple):
    """A content as it is stored; `source` is the Markdown that it was made from."""

    text: str
    format: str
    source: str | None = None

    @property
    def plain(self) -> str:
        return contents.to_text(self.text, self.format).strip()


async def content_of(
    connection: AsyncConnection, *, text: str, format: ContentFormat, min_length: int
) -> Content:
    """A content as it will be stored; HTML is cleaned, Markdown made into HTML.

    :param min_length: fewest characters, as plain text
    :raises Invalid: if it is too short or too long, or has characters that cannot be stored
    """
    text = typed(text)
    if len(text) > MOST_IN_CONTENT:
        raise _too_long("content", MOST_IN_CONTENT)
    if format is ContentFormat.PLAIN:
        content = Content(await indexable(connection, Post.content, text, field="content"), "")
    else:
        is_markdown = format is ContentFormat.MARKDOWN
        html = from_markdown(text) if is_markdown else contents.clean_html(text).strip()
        if not await _can_index(connection, Post.content, html):
            html = re.sub(_WIDE, lambda character: f"&#{ord(character[0])};", html)
        content = Content(html, ContentFormat.HTML.value, text if is_markdown else None)
    if len(content.text) > MOST_IN_CONTENT:
        raise _too_long("content", MOST_IN_CONTENT)
    _check_least("content", len(content.plain), min_length)
    return content


async def title_of(connection: AsyncConnection, *, options: Options, title: str) -> str:
    """:raises Invalid: if it is too short or too long, or has characters that cannot be stored"""
    title = await indexable(connection, Post.title, on_one_line(title), field="title")
    _check_least("title", len(title), options.min_len_q_title)
    most = min(options.max_len_q_title, MOST_IN_TITLE)
    if len(title) > most:
        raise _too_long("title", most)
    return title


async def tags_of(connection: AsyncConnection, *, options: Options, tags: Sequence[str]) -> str:
    """Tags as `posts.tags` has them, joined by commas, split by the rule of the site.

    :raises Invalid: if they are too many, too few, too long or cannot be stored
    """
    comma = options.tag_separator_comma
    typed_tags = ("," if comma else " ").join(map(on_one_line, tags))
    found = words.split_tags(typed_tags, comma=comma)
    if not options.uses_tags:
        if found:
            raise Invalid("tags", "This site has no tags.")
        return ""
    if len(found) > options.max_num_q_tags:
        raise Invalid("tags", f"At most {options.max_num_q_tags} tags are allowed.")
    least = min(options.min_num_q_tags, options.max_num_q_tags)
    if len(found) < least:
        raise Invalid("tags", f"At least {least} tags are needed.")
    joined = ",".join(found)
    if max(map(len, found), default=0) > LONGEST_TAG:
        raise Invalid("tags", f"A tag has at most {LONGEST_TAG} characters.")
    if len(joined) > MOST_IN_TAGS:
        raise _too_long("tags", MOST_IN_TAGS)
    return await indexable(connection, Post.tags, joined, field="tags")


def category_of(
    *, options: Options, tree: CategoryTree, category: int | str | None
) -> CategoryRow | None:
    """The category that a question is put into.

    :raises Invalid: if there is no such category, or the site wants another one
    """
    if category is None or category == "":
        if options.uses_categories and tree.by_id and not options.allow_no_category:
            raise Invalid("category", "Choose a category.")
        return None
    if not options.uses_categories:
        raise Invalid("category", "This site has no categories.")
    named: Any = tree.by_id if isinstance(category, int) else tree.by_path
    row: CategoryRow | None = named.get(category)
    if row is None:
        raise Invalid("category", "There is no such category.")
    if tree.children.get(row.id) and not options.allow_no_sub_category:
        raise Invalid("category", "Choose a category below this one.")
    return row


async def extra_of(
    connection: AsyncConnection, *, options: Options, extra: str | None
) -> str | None:
    """What the extra field will hold; None if that is nothing.

    :raises Invalid: if the site has no such field, or the text cannot be stored
    """
    text = typed(extra or "")
    if not text:
        return None
    if not options.extra_field_active:
        raise Invalid("extra", "This site has no extra field.")
    if len(text) > MOST_IN_EXTRA:
        raise _too_long("extra", MOST_IN_EXTRA)
    return await storable(connection, PostMeta.content, text, field="extra")


def notify_of(viewer: Viewer, *, notify: bool, email: str | None) -> str | None:
    """Where mails about the post go, as `posts.notify` has it (FACTS 2).

    :raises Invalid: if an address is missing, or is not one
    """
    email = (email or "").strip()
    if not notify:
        if email:
            raise Invalid("notifyEmail", "An address is only wanted together with `notify`.")
        return None
    account = viewer.account
    if account is not None and email in ("", account.email):
        return ACCOUNT_ADDRESS
    if not is_address(email):
        raise Invalid("notifyEmail", "This is not an e-mail address.")
    return email


async def name_of(
    connection: AsyncConnection, *, viewer: Viewer, options: Options, name: str | None
) -> str | None:
    """What a guest is called.

    :raises Invalid: if the writer may not give a name, or it cannot be stored
    """
    name = on_one_line(name or "")
    if not name:
        return None
    if viewer.account is not None:
        raise Invalid("authorName", "You write in the name of your account.")
    if not options.allow_anonymous_naming:
        raise Invalid("authorName", "Guests have no names on this site.")
    if len(name) > MOST_IN_NAME:
        raise _too_long("authorName", MOST_IN_NAME)
    return await storable(connection, Post.author_name, name, field="authorName")


async def indexable(connection: AsyncConnection, column: Any, text: str, *, field: str) -> str:
    """:raises Invalid: if the column, or the word index, cannot hold the text"""
    if not await _can_index(connection, column, text):
        raise _not_storable(field)
    return text


async def storable(connection: AsyncConnection, column: Any, text: str, *, field: str) -> str:
    """:raises Invalid: if the column cannot hold the text"""
    if not await can_hold(connection, column=column, text=text):
        raise _not_storable(field)
    return text


async def _can_index(connection: AsyncConnection, column: Any, text: str) -> bool:
    # Owners have converted one table and not the other.
    columns = (column, Word.text)
    return all([await can_hold(connection, column=column, text=text) for column in columns])


def is_address(email: str) -> bool:
    """Whether it has the form of an e-mail address, and q2a's columns hold it."""
    return len(email) <= MOST_IN_ADDRESS and _ADDRESS.fullmatch(email) is not None


def typed(text: str) -> str:
    """What was typed, as q2a reads it: without outer blanks, lines ending in a line feed."""
    return _CONTROLS.sub("", text.replace("\r\n", "\n").replace("\r", "\n")).strip()


def on_one_line(text: str) -> str:
    """The same without line breaks."""
    return " ".join(typed(text).splitlines())


def _check_least(field: str, length: int, least: int) -> None:
    if length < least:
        characters = "1 character is" if least == 1 else f"{least} characters are"
        raise Invalid(field, f"At least {characters} needed.")


def _not_storable(field: str) -> Invalid:
    return Invalid(field, "This site cannot store some of the characters, such as emoji.")


def _too_long(field: str, most: int) -> Invalid:
    return Invalid(field, f"At most {most} characters are allowed.")
