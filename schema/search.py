"""Search results."""

import asyncio

import strawberry

from app.domain.pages import Page
from app.domain.search import Hit
from schema.connections import Connection, Count
from schema.context import Context
from schema.kinds import post_of
from schema.posts import Post
from schema.questions import Question


@strawberry.type(description="A question that a search has found.")
class SearchHit:
    question: Question = strawberry.field(description="The question.")
    post: Post = strawberry.field(
        description="What matches best: the question itself, an answer or a comment."
    )
    score: float = strawberry.field(description="How well it matches; comparable in one search.")


async def hits_of(context: Context, page: Page[Hit], count: Count) -> Connection[SearchHit]:
    """A page of hits with their posts, which one statement reads.

    What somebody hid since the search is left out.
    """
    nodes = await asyncio.gather(*(_hit(context, hit) for hit in page.items))
    return Connection.of_found(page, nodes, count)


async def questions_of(context: Context, page: Page[Hit], count: Count) -> Connection[Question]:
    """The questions of a page of hits, without what is known of the hits."""
    load = context.loaders.post.load
    rows = await asyncio.gather(*(load(hit.question_id) for hit in page.items))
    nodes = [Question.of(row) if row else None for row in rows]
    return Connection.of_found(page, nodes, count)


async def _hit(context: Context, hit: Hit) -> SearchHit | None:
    load = context.loaders.post.load
    question, post = await asyncio.gather(load(hit.question_id), load(hit.post_id))
    if question is None:
        return None
    return SearchHit(
        question=Question.of(question), post=post_of(post or question), score=hit.score
    )
