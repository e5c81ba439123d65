"""Questions, asked for one by one and in lists."""

from functools import partial
from typing import Annotated

import strawberry

from app.domain import questions, tags
from app.domain.errors import Invalid, NotFound
from app.domain.options import Options
from app.domain.questions import Filters, QuestionOrder, Unanswered
from app.models import PostKind
from schema import nodes
from schema.categories import category_at
from schema.connections import After, Before, Connection, First, Last, window_of
from schema.context import Context, Info
from schema.listings import OrderBy, WithoutAnswers
from schema.posts import readable
from schema.questions import Question


@strawberry.type
class QuestionQuery:
    @strawberry.field(
        description="A question, by its global id or its number; null where there is none that "
        "the viewer may see."
    )
    async def question(
        self,
        info: Info,
        id: Annotated[
            strawberry.ID | None, strawberry.argument(description="Its global id.")
        ] = None,
        database_id: Annotated[
            int | None, strawberry.argument(description="Its number on the site.")
        ] = None,
    ) -> Question | None:
        row = await info.context.loaders.post.load(_number(id, database_id))
        if row is None or row.kind is not PostKind.QUESTION:
            return None
        readable(info, row)
        return Question.of(row)

    @strawberry.field(description="Visible questions, in five orders.")
    async def questions(
        self,
        info: Info,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
        order_by: OrderBy = QuestionOrder.NEWEST,
        unanswered: WithoutAnswers = None,
        tag: Annotated[
            str | None, strawberry.argument(description="Only those with this tag.")
        ] = None,
        category: Annotated[
            str | None,
            strawberry.argument(
                description="Only those in this category or below it; slugs from the top, joined "
                "by `/`."
            ),
        ] = None,
    ) -> Connection[Question]:
        context = info.context
        filters = await _filters(context, unanswered, tag, category)
        order = order_by or QuestionOrder.NEWEST
        default = _page_size(context.options, order, filters)
        window = window_of(first, after, last, before, default)
        tree = context.site.categories
        async with context.db.read() as connection:
            page = await questions.listing(
                connection,
                tree=tree,
                filters=filters,
                order_by=order,
                window=window,
                detail=context.detail,
            )

        count = context.reading(partial(questions.count, tree=tree, filters=filters))
        return Connection.of(page, [Question.of(row) for row in page.items], count)


def _number(id: str | None, database_id: int | None) -> int:
    if (id is None) == (database_id is None):
        raise Invalid("id", "Give either `id` or `databaseId`.")
    if database_id is not None:
        return database_id
    named = nodes.decode(id or "")
    if named is None or named.type != "Question":
        raise Invalid("id", "`id` is not the id of a question.")
    return named.key


async def _filters(
    context: Context, unanswered: Unanswered | None, tag: str | None, category: str | None
) -> Filters:
    row = category_at(context, category)
    tag_id = None
    if tag is not None:
        async with context.db.read() as connection:
            tag_id = await tags.word_id(connection, name=tag)
        if tag_id is None:
            raise NotFound("There is no such tag.")
    return Filters(unanswered=unanswered, tag_id=tag_id, category=row)


def _page_size(options: Options, order_by: QuestionOrder, filters: Filters) -> int:
    if filters.tag_id is not None:
        return options.page_size_tag_qs
    if filters.unanswered is not None:
        return options.page_size_una_qs
    return options.page_size_hot_qs if order_by is QuestionOrder.HOT else options.page_size_qs
