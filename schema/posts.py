"""What questions, answers and comments have in common."""

from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Annotated, Self

import strawberry

from app.domain import contents, permissions, urls
from app.domain.batches import Below
from app.domain.censor import censor, censor_html, compile_rules
from app.domain.errors import Invalid
from app.domain.permits import Permit
from app.domain.posts import PostRow, Unread
from app.domain.revisions import version_of
from app.domain.votes import VoteDirection
from app.models import PostKind, PostState
from schema import nodes
from schema.changes import PostChange
from schema.connections import After, Before, Connection, First, Last, window_of
from schema.context import Context, Info, later
from schema.enums import expose
from schema.formats import FORMATS, ContentFormat
from schema.nodes import Node
from schema.revisions import Revision
from schema.rights import granted, is_readable, may
from schema.threads import question_of
from schema.users import User, user_of

if TYPE_CHECKING:
    from schema.questions import Question

EXCERPT_LENGTH, LONGEST_EXCERPT = 200, 1000
REVISIONS_SHOWN = 20

expose(
    PostState,
    description="Who sees a post.",
    values={
        PostState.VISIBLE: "Everybody.",
        PostState.HIDDEN: "Its author and those who may see hidden posts.",
        PostState.QUEUED: "Its author and those who may approve it.",
    },
)
expose(
    VoteDirection,
    description="Which way a vote goes.",
    values={
        VoteDirection.UP: "For the post.",
        VoteDirection.NONE: "No vote, or one that was taken back.",
        VoteDirection.DOWN: "Against the post.",
    },
)


@strawberry.interface(description="A question, an answer or a comment.")
class Post(Node):
    row: strawberry.Private[PostRow]

    database_id: int = strawberry.field(description="The number of the post on the site.")
    score: int = strawberry.field(description="Votes up minus votes down.")
    upvote_count: int = strawberry.field(description="How many voted it up.")
    downvote_count: int = strawberry.field(description="How many voted it down.")

    @classmethod
    def of(cls, row: PostRow) -> Self:
        return cls(
            row=row,
            database_id=row.id,
            score=row.score,
            upvote_count=row.upvote_count,
            downvote_count=row.downvote_count,
        )

    @strawberry.field(description="The global id; `node(id:)` finds the post by it.")
    def id(self) -> strawberry.ID:
        return nodes.encode(type(self).__name__, self.row.id)

    @strawberry.field(description="Where q2a shows the post.")
    async def url(self, info: Info) -> str:
        context = info.context
        if self.row.kind is PostKind.QUESTION:
            return urls.post_url(self.row, context.site)
        question = await question_of(context, self.row)
        return urls.post_url(question, context.site, post=self.row)

    @strawberry.field(
        description="The content in its own format: as it is stored for those who may edit it, "
        "for others with the words on the site's list starred. Not safe to show: "
        "`contentHtml` is."
    )
    def content(self, info: Info) -> str:
        context, text = readable(info, self.row), self.row.content or ""
        rules = compile_rules(context.options.block_bad_words)
        censored = censor_html(text, rules) if self.row.format == "html" else censor(text, rules)
        # Few texts have such words: then nobody's rights have to be looked up.
        return text if censored == text or self._can_edit(context) else censored

    @strawberry.field(description="The format of `content`.")
    def content_format(self) -> ContentFormat:
        return FORMATS.get(self.row.format, ContentFormat.PLAIN)

    @strawberry.field(
        description="The Markdown that the content was made from, for those who may edit it; null "
        "if it was not, or if the content was changed since then by other means."
    )
    async def markdown_source(self, info: Info) -> str | None:
        if self.row.format != "html" or not self._can_edit(info.context):
            return None
        return await info.context.loaders.markdown_source.load(self.row.id)

    @strawberry.field(description="The content as HTML that is safe to show as it is.")
    def content_html(self, info: Info) -> str:
        options = readable(info, self.row).options
        return contents.to_html(
            self.row.content or "",
            self.row.format,
            link_urls=options.show_url_links,
            new_window=options.links_in_new_window,
            bad_words=compile_rules(options.block_bad_words),
        )

    @strawberry.field(
        description="The beginning of the content as plain text on one line; empty for those who "
        "may see lists of questions only."
    )
    def excerpt(
        self,
        info: Info,
        length: Annotated[
            int | None,
            strawberry.argument(description="Greatest number of characters, 1 to 1000."),
        ] = EXCERPT_LENGTH,
    ) -> str:
        options = info.context.options
        size = EXCERPT_LENGTH if length is None else length
        if not 1 <= size <= LONGEST_EXCERPT:
            raise Invalid("length", f"`length` must be between 1 and {LONGEST_EXCERPT}.")
        context, row = info.context, self.row
        # A list must not fail as a whole where the site shows titles only (FACTS 9).
        if not is_readable(context, row):
            return ""
        text = contents.excerpt_of_beginning(
            row.content or "", row.format, length=size, is_whole=context.detail.has_all_of(row)
        )
        if text is None:
            return later(self._excerpt_of_whole(context, size))
        return censor(text, compile_rules(options.block_bad_words))

    async def _excerpt_of_whole(self, context: Context, size: int) -> str:
        whole = await context.loaders.content.load(self.row.id) or ""
        text = contents.excerpt(whole, self.row.format, length=size)
        return censor(text, compile_rules(context.options.block_bad_words))

    @strawberry.field(description="When it was posted.")
    def created_at(self, info: Info) -> datetime:
        return info.context.site.zone.to_utc(self.row.created_at)

    @strawberry.field(description="The last change, if there was any.")
    def last_change(self, info: Info) -> PostChange | None:
        return PostChange.of(self.row, info.context.site.zone)

    @strawberry.field(
        description="What changes with every edit, whoever makes it; edits take it as "
        "`expectedVersion`."
    )
    def version(self) -> str:
        return version_of(self.row)

    @strawberry.field(
        description="What it said before its edits, the latest first, for those who may edit it; "
        "null for others. Edits made in q2a leave none."
    )
    async def revisions(
        self,
        info: Info,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Connection[Revision] | None:
        context, id = readable(info, self.row), self.row.id
        window = window_of(first, after, last, before, REVISIONS_SHOWN)
        if not self._can_edit(context):
            return None
        page = await context.loaders.revisions.load(Below(id, window))
        nodes = [Revision.of(row) for row in page.items]
        return Connection.of(page, nodes, lambda: context.loaders.revision_count.load(id))

    @strawberry.field(description="Who wrote it; null for guests and for deleted accounts.")
    def author(self, info: Info) -> User | None:
        author = self.row.author
        if author is Unread.UNREAD:
            return user_of(info.context, self.row.author_id)
        return User.of_found(author)

    @strawberry.field(description="The name that a guest gave when posting.")
    def author_name(self) -> str | None:
        return self.row.author_name if self.row.author_id is None else None

    @strawberry.field(description="Who sees it.")
    def state(self) -> PostState:
        return self.row.state

    @strawberry.field(description="How many have flagged it; null for those who may not see flags.")
    def flag_count(self, info: Info) -> int | None:
        context = info.context
        may = permissions.has_permit(
            context.viewer, context.options, Permit.HIDE_SHOW, self.row
        ) or permissions.has_permit(
            context.viewer, context.options, Permit.VIEW_VOTERS_FLAGGERS, self.row
        )
        return self.row.flag_count if may else None

    @strawberry.field(description="Which way the viewer has voted.")
    async def viewer_vote(self, info: Info) -> VoteDirection:
        if info.context.viewer.id is None:
            return VoteDirection.NONE
        return (await info.context.loaders.viewer_vote.load(self.row.id)).direction

    @strawberry.field(description="Whether the viewer has flagged it.")
    async def viewer_has_flagged(self, info: Info) -> bool:
        return await has_flagged(info.context, self.row)

    @strawberry.field(description="Whether the viewer wrote it.")
    def viewer_is_author(self, info: Info) -> bool:
        return info.context.viewer.wrote(self.row.author_id, self.row.cookie_id)

    viewer_can_upvote = may(permissions.vote_denial, "Whether the viewer may vote it up.")

    viewer_can_downvote = may(
        partial(permissions.vote_denial, down=True), "Whether the viewer may vote it down."
    )

    @strawberry.field(description="Whether the viewer may flag it, and has not done so yet.")
    async def viewer_can_flag(self, info: Info) -> bool:
        context = info.context
        flagged = await has_flagged(context, self.row)
        denial = permissions.flag_denial(
            context.viewer, context.options, self.row, has_flagged=flagged
        )
        return granted(context, self.row, denial)

    @strawberry.field(description="Whether the viewer may take their flag back.")
    async def viewer_can_unflag(self, info: Info) -> bool:
        context = info.context
        flagged = await has_flagged(context, self.row)
        denial = permissions.unflag_denial(
            context.viewer, context.options, self.row, has_flagged=flagged
        )
        return granted(context, self.row, denial)

    viewer_can_clear_flags = may(
        permissions.clear_flags_denial, "Whether the viewer may clear all flags."
    )

    viewer_can_edit = may(permissions.edit_denial, "Whether the viewer may change the content.")

    def _can_edit(self, context: Context) -> bool:
        denial = permissions.edit_denial(context.viewer, context.options, self.row)
        return granted(context, self.row, denial)

    viewer_can_hide = may(permissions.hide_denial, "Whether the viewer may hide it.")

    viewer_can_reshow = may(permissions.reshow_denial, "Whether the viewer may show it again.")

    @strawberry.field(description="Whether the viewer may delete it for good.")
    async def viewer_can_delete(self, info: Info) -> bool:
        context = info.context
        if self.row.state is not PostState.HIDDEN:
            return False
        dependents = await context.loaders.has_dependents.load(self.row.id)
        denial = permissions.delete_denial(
            context.viewer, context.options, self.row, has_dependents=dependents
        )
        return granted(context, self.row, denial)

    viewer_can_moderate = may(
        permissions.moderate_denial, "Whether the viewer may approve or reject it."
    )

    viewer_can_comment = may(permissions.comment_denial, "Whether the viewer may comment on it.")

    @strawberry.field(
        description="Whether the viewer, who wrote it as a guest, may make it their own."
    )
    async def viewer_can_claim(self, info: Info) -> bool:
        context, row = info.context, self.row
        if row.cookie_id is None or row.cookie_id != context.viewer.cookie_id:
            return False
        question = await question_of(context, row)
        answered = await context.loaders.has_answered.load(question.id)
        denial = permissions.claim_denial(
            context.viewer, context.options, row, question=question, has_answered=answered
        )
        return granted(context, row, denial)


def readable(info: Info, row: PostRow) -> Context:
    """:raises NotAllowed: if the viewer may not read question pages"""
    context = info.context
    if not context.reads_questions:
        permissions.ensure(permissions.reading_denial(context.viewer, context.options, row))
    return context


async def has_flagged(context: Context, row: PostRow) -> bool:
    if context.viewer.id is None:
        return False
    return (await context.loaders.viewer_vote.load(row.id)).has_flagged


LazyQuestion = Annotated["Question", strawberry.lazy("schema.questions")]
