"""What happened last on the site: activity, recent answers and recent comments."""

from functools import partial
from typing import Annotated, Any

import strawberry

from app.domain import activity
from app.domain.activity import ActivityKind
from app.domain.pages import Window
from app.models import PostKind
from schema.activity import Activity, activity_of
from schema.answers import Answer
from schema.categories import category_at
from schema.comments import Comment
from schema.connections import After, Before, Connection, First, Last, window_of
from schema.context import Context, Info
from schema.kinds import post_of

InCategory = Annotated[
    str | None,
    strawberry.argument(
        description="Only in this category or below it; slugs from the top, joined by `/`."
    ),
]


@strawberry.type
class ActivityQuery:
    @strawberry.field(
        description="What happened last: one line for each question, with the newest of what "
        "happened to it and to what is below it."
    )
    async def activity(
        self,
        info: Info,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
        kinds: Annotated[
            list[ActivityKind] | None,
            strawberry.argument(
                description="Only what happened of these kinds; q2a's home page shows `ASKED` and "
                "`ANSWERED`."
            ),
        ] = None,
        category: InCategory = None,
    ) -> Connection[Activity]:
        context = info.context
        options = context.options
        default = options.page_size_activity if kinds is None else options.page_size_home
        window = window_of(first, after, last, before, default)
        chosen = activity.chosen_of(
            set(ActivityKind) if kinds is None else set(kinds),
            tree=context.site.categories,
            category=category_at(context, category),
        )
        async with context.db.read() as connection:
            page = await activity.listing(connection, chosen=chosen, window=window)

        count = context.reading(partial(activity.count, chosen=chosen))
        return await activity_of(context, page, count)

    @strawberry.field(description="Visible answers to visible questions, newest first.")
    async def recent_answers(
        self,
        info: Info,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
        category: InCategory = None,
    ) -> Connection[Answer]:
        window = window_of(first, after, last, before, info.context.options.page_size_activity)
        return await _recent(info.context, PostKind.ANSWER, category, window)

    @strawberry.field(
        description="Visible comments on visible questions and answers, newest first."
    )
    async def recent_comments(
        self,
        info: Info,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
        category: InCategory = None,
    ) -> Connection[Comment]:
        window = window_of(first, after, last, before, info.context.options.page_size_activity)
        return await _recent(info.context, PostKind.COMMENT, category, window)


async def _recent(
    context: Context, kind: PostKind, category: str | None, window: Window
) -> Connection[Any]:
    within = category_at(context, category)
    tree = context.site.categories
    async with context.db.read() as connection:
        page = await activity.recent(
            connection, kind=kind, tree=tree, category=within, window=window
        )

    count = context.reading(partial(activity.count_recent, kind=kind, tree=tree, category=within))
    return Connection.of(page, [post_of(row) for row in page.items], count)
