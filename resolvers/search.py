"""Searching, and finding questions that are like one about to be asked."""

from typing import Annotated

import strawberry

from app.domain import search
from app.domain.search import Query
from schema.connections import After, Before, Connection, First, Last, window_of
from schema.context import Context, Info
from schema.questions import Question
from schema.search import SearchHit, hits_of, questions_of


@strawberry.type
class SearchQuery:
    @strawberry.field(
        description="Questions with any of these words in them, in their tags, or in what is "
        "below them, and questions of people with these names; what matches best comes first."
    )
    async def search(
        self,
        info: Info,
        query: Annotated[
            str, strawberry.argument(description="Words and names; the first 50 count.")
        ],
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Connection[SearchHit]:
        context = info.context
        window = window_of(first, after, last, before, context.options.page_size_search)
        frequency = context.db.settings.ignored_words_frequency
        async with context.db.read() as connection:
            wanted = await search.for_text(connection, text=query)
            page = await search.hits(connection, query=wanted, frequency=frequency, window=window)
        return await hits_of(context, page, lambda: _count(context, wanted))

    @strawberry.field(
        description="Questions with titles like this one, to be shown before somebody asks again."
    )
    async def similar_questions(
        self,
        info: Info,
        title: Annotated[str, strawberry.argument(description="The title, as far as it goes.")],
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Connection[Question]:
        context, options = info.context, info.context.options
        window = window_of(first, after, last, before, options.page_size_ask_check_qs)
        frequency = context.db.settings.ignored_words_frequency
        async with context.db.read() as connection:
            wanted = await search.for_title(
                connection, title=title, match=options.match_ask_check_qs
            )
            page = await search.hits(connection, query=wanted, frequency=frequency, window=window)
        return await questions_of(context, page, lambda: _count(context, wanted))


async def _count(context: Context, wanted: Query) -> int:
    frequency = context.db.settings.ignored_words_frequency
    async with context.db.read() as connection:
        return await search.count(connection, query=wanted, frequency=frequency)
