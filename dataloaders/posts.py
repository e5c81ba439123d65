"""Posts by id, and what belongs to a single post."""

from sqlalchemy.ext.asyncio import AsyncConnection

from app.domain import deleting, extras, posts
from app.domain.posts import Detail, PostRow, Sight


async def posts_by_id(
    connection: AsyncConnection, ids: list[int], *, sight: Sight, detail: Detail
) -> dict[int, PostRow | None]:
    return {**await posts.by_ids(connection, sight=sight, ids=ids, detail=detail)}


async def contents_by_post(connection: AsyncConnection, ids: list[int]) -> dict[int, str | None]:
    return await posts.contents(connection, ids=ids)


async def closings_by_id(connection: AsyncConnection, ids: list[int]) -> dict[int, PostRow | None]:
    """What closed a question, by `closed_by_id`: the note, or the question it duplicates."""
    return {**await posts.whatever_by_ids(connection, ids=ids)}


async def dependents_by_post(connection: AsyncConnection, ids: list[int]) -> dict[int, bool]:
    """Which posts have a child row, or are the original of a closed duplicate."""
    return dict.fromkeys(await deleting.dependents_of(connection, post_ids=ids), True)


async def extra_field_by_question(
    connection: AsyncConnection, ids: list[int]
) -> dict[int, str | None]:
    return {**await extras.by_questions(connection, question_ids=ids)}
