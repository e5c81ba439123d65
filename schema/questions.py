"""Questions."""

from datetime import datetime
from functools import partial
from typing import Annotated, Self

import strawberry

from app.domain import answers, permissions, related, urls
from app.domain.answers import AnswerOrder
from app.domain.batches import Below
from app.domain.censor import censor, compile_rules
from app.domain.changes import ChangeKind
from app.domain.favorites import FavoriteKind
from app.domain.pages import Page
from app.domain.posts import PostRow
from app.models import PostKind
from schema.answers import Answer
from schema.categories import Category
from schema.comments import comment_list, question_list
from schema.connections import After, Before, Connection, First, Last, window_of
from schema.context import Context, Info, later
from schema.enums import expose
from schema.favorites import has_favorited
from schema.posts import LazyQuestion, Post, readable
from schema.rights import granted, is_readable, may
from schema.tags import Tag, tags_in
from schema.threads import reachable
from schema.users import User, user_of

MOST_INT = 2**31 - 1

expose(
    AnswerOrder,
    description="The order of a question's answers. Whatever it is, answers that wait for a "
    "moderator come first, then the accepted one if the site puts it there; hidden ones last.",
    values={AnswerOrder.OLDEST: "Oldest first.", AnswerOrder.VOTES: "Highest score first."},
)


@strawberry.type(description="How a question was closed.")
class Closing:
    question: strawberry.Private[PostRow]
    closed_by: strawberry.Private[PostRow | None]

    @strawberry.field(description="Who closed it, as far as is known.")
    def by(self, info: Info) -> User | None:
        note = self._note
        if note is not None:
            return user_of(info.context, note.author_id)
        last_change_was_this = self.question.change == ChangeKind.CLOSED.value
        id = self.question.changed_by_id if last_change_was_this else None
        return user_of(info.context, id)

    @strawberry.field(description="When, as far as is known.")
    def at(self, info: Info) -> datetime | None:
        zone, note = info.context.site.zone, self._note
        if note is not None:
            return zone.to_utc(note.created_at)
        if self.question.change == ChangeKind.CLOSED.value and self.question.changed_at is not None:
            return zone.to_utc(self.question.changed_at)
        return None

    @strawberry.field(description="The reason given, as plain text.")
    def note(self, info: Info) -> str | None:
        note, context = self._note, info.context
        if note is None or not is_readable(context, self.question):
            return None
        return censor(note.content or "", compile_rules(context.options.block_bad_words))

    @strawberry.field(
        description="The question that it repeats; null if there is none or it cannot be seen."
    )
    async def duplicate_of(self, info: Info) -> LazyQuestion | None:
        if self.closed_by is None or self.closed_by.kind is not PostKind.QUESTION:
            return None
        original = await info.context.loaders.post.load(self.closed_by.id)
        return Question.of(original) if original else None

    @property
    def _note(self) -> PostRow | None:
        is_note = self.closed_by is not None and self.closed_by.kind is PostKind.NOTE
        return self.closed_by if is_note else None


@strawberry.type(description="A question with its answers.")
class Question(Post):
    answer_count: int = strawberry.field(description="How many visible answers it has.")
    view_count: int = strawberry.field(description="How often it was read.")

    @classmethod
    def of(cls, row: PostRow) -> Self:
        return cls(
            row=row,
            database_id=row.id,
            score=row.score,
            upvote_count=row.upvote_count,
            downvote_count=row.downvote_count,
            answer_count=row.answer_count,
            # The column counts further than GraphQL's Int does.
            view_count=min(row.view_count, MOST_INT),
        )

    @strawberry.field(description="The title, with the words on the site's list starred.")
    def title(self, info: Info) -> str:
        return urls.shown_title(self.row, info.context.site)

    @strawberry.field(description="The title as it is stored, for those who may edit it.")
    def stored_title(self, info: Info) -> str | None:
        return self.row.title if self._can_edit(info.context) else None

    @strawberry.field(description="What stands for the title in URLs.")
    def slug(self, info: Info) -> str:
        return urls.slug_of(self.row, info.context.site)

    @strawberry.field(description="Its tags, in the author's order.")
    def tags(self) -> list[Tag]:
        return list(tags_in(self.row.tags or ""))

    @strawberry.field(description="The category that it was put into.")
    def category(self, info: Info) -> Category | None:
        row = info.context.site.categories.by_id.get(self.row.category_id or 0)
        return Category.of(row) if row else None

    @strawberry.field(description="The category and those above it, from the top.")
    def category_path(self, info: Info) -> list[Category]:
        tree = info.context.site.categories
        row = tree.by_id.get(self.row.category_id or 0)
        return [Category.of(step) for step in tree.path(row)] if row else []

    @strawberry.field(description="The answer that was chosen as the best.")
    async def accepted_answer(self, info: Info) -> Answer | None:
        if self.row.accepted_answer_id is None:
            return None
        row = await info.context.loaders.post.load(self.row.accepted_answer_id)
        # A choice counts only while it is a visible answer (FACTS 2).
        return Answer.of(row) if row and row.type == PostKind.ANSWER.value else None

    @strawberry.field(description="Whether it takes no more answers.")
    def is_closed(self, info: Info) -> bool:
        return permissions.is_closed(self.row, info.context.options)

    @strawberry.field(
        description="How it was closed; null if it is open, or closed only by having an accepted "
        "answer."
    )
    async def closing(self, info: Info) -> Closing | None:
        if self.row.closed_by_id is None:
            return None
        closed_by = await info.context.loaders.closing.load(self.row.closed_by_id)
        return Closing(question=self.row, closed_by=closed_by)

    @strawberry.field(description="The answer that this question follows on from.")
    async def follows_answer(self, info: Info) -> Answer | None:
        if self.row.parent_id is None:
            return None
        context = info.context
        row = await reachable(context, await context.loaders.post.load(self.row.parent_id))
        return Answer.of(row) if row and row.kind is PostKind.ANSWER else None

    @strawberry.field(description="Its answers.")
    def answers(
        self,
        info: Info,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
        order_by: Annotated[
            AnswerOrder | None,
            strawberry.argument(description="Their order; without it, the site's own."),
        ] = None,
    ) -> Connection[Answer]:
        context = readable(info, self.row)
        window = window_of(first, after, last, before, context.options.page_size_q_as)
        order = order_by or answers.site_order(context.options)
        below = Below(self.row.id, window, order.value)
        return later(context.loaders.answers.load_as(below, partial(self._answers, context)))

    def _answers(self, context: Context, page: Page[PostRow]) -> Connection[Answer]:
        loaders, id = context.loaders, self.row.id
        loaders.post.prime(id, self.row)
        for row in page.items:
            loaders.post.prime(row.id, row)
        nodes = [Answer.below(self.row, row) for row in page.items]
        # Of the loaders only this one: theirs is what knows this connection.
        return Connection.of(page, nodes, partial(loaders.answer_count.load, id))

    comments = comment_list("Comments on the question itself, oldest first.")

    follow_ups = question_list(
        "Questions that follow on from its answers, oldest first.",
        lambda loaders: loaders.question_follow_ups,
        lambda loaders: loaders.question_follow_up_count,
    )

    duplicates = question_list(
        "Questions that were closed for repeating it, oldest first.",
        lambda loaders: loaders.duplicates,
        lambda loaders: loaders.duplicate_count,
    )

    @strawberry.field(
        description="Questions that share words of the title, tags or the category with it, "
        "closest first; no more of them than a page of the site shows."
    )
    async def related(
        self,
        info: Info,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Connection[LazyQuestion]:
        context = info.context
        most = context.options.page_size_related_qs
        window = window_of(first, after, last, before, most)
        found = await context.loaders.related.load(self.row.id) if most > 0 else []
        page = related.cut(found, window=window)

        async def count() -> int:
            return len(found)

        return Connection.of(page, [Question.of(row) for row in page.items], count)

    @strawberry.field(
        description="What the site's extra field holds; null where the site does not show it."
    )
    async def extra(self, info: Info) -> str | None:
        context, options = info.context, info.context.options
        is_shown = options.extra_field_active and options.extra_field_display
        if not is_shown or not is_readable(context, self.row):
            return None
        text = await context.loaders.extra_field.load(self.row.id)
        return censor(text, compile_rules(options.block_bad_words)) if text else None

    @strawberry.field(description="Whether the viewer follows it.")
    async def viewer_has_favorited(self, info: Info) -> bool:
        return await has_favorited(info, FavoriteKind.QUESTION, self.row.id)

    @strawberry.field(description="Whether the viewer may answer.")
    async def viewer_can_answer(self, info: Info) -> bool:
        context = info.context
        answered = False
        if not context.options.allow_multi_answers:
            answered = await context.loaders.has_answered.load(self.row.id)
        denial = permissions.answer_denial(
            context.viewer, context.options, self.row, has_answered=answered
        )
        return granted(context, self.row, denial)

    viewer_can_close = may(permissions.close_denial, "Whether the viewer may close it.")

    viewer_can_reopen = may(permissions.reopen_denial, "Whether the viewer may reopen it.")

    viewer_can_retag = may(
        permissions.retag_denial, "Whether the viewer may change its tags and category."
    )

    viewer_can_accept = may(
        permissions.accept_denial,
        "Whether the viewer may choose the best answer, or take the choice back.",
    )
