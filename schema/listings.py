"""Lists of questions that belong to something: how they are asked for, and given out."""

from typing import Annotated, Any

import strawberry

from app.domain.listings import Listing
from app.domain.questions import QuestionOrder, Unanswered
from schema.connections import Connection
from schema.context import Context
from schema.enums import expose

expose(
    QuestionOrder,
    description="The order of a list of questions.",
    values={
        QuestionOrder.NEWEST: "Newest first.",
        QuestionOrder.HOT: "By age, answers, votes and views together.",
        QuestionOrder.VOTES: "Highest score first.",
        QuestionOrder.ANSWERS: "Most answers first.",
        QuestionOrder.VIEWS: "Most read first.",
    },
)
expose(
    Unanswered,
    description="What open questions may still lack.",
    values={
        Unanswered.NO_ANSWER: "No answer.",
        Unanswered.NO_ACCEPTED: "No accepted answer.",
        Unanswered.NO_UPVOTED: "No answer with a score above 0.",
    },
)


OrderBy = Annotated[QuestionOrder | None, strawberry.argument(description="Their order.")]
WithoutAnswers = Annotated[
    Unanswered | None, strawberry.argument(description="Only open ones that lack this.")
]


async def questions_of(context: Context, listing: Listing) -> Connection[Any]:
    """A page of a list of questions; the lists of many things are read together."""
    from schema.questions import Question  # a back-edge: questions know their tags and category

    page = await context.loaders.listing.load(listing)
    nodes = [Question.of(row) for row in page.items]
    return Connection.of(page, nodes, lambda: context.loaders.listing_count.load(listing.filters))
