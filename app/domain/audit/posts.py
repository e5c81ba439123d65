"""The denormalised columns of posts (FACTS 3, 4 and 14)."""

import struct
from collections.abc import AsyncIterator, Mapping
from typing import Any

from sqlalchemy import case, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from app.db.dialects import as_double
from app.domain import categories, hotness, recounts
from app.domain.audit.differences import Difference, Progress, chunks, compared
from app.domain.categories import CategoryTree
from app.domain.options import Options
from app.domain.threads import GRANDPARENT, PARENT
from app.models import Post, Vote
from app.models.kinds import KINDS, PostKind

COLUMNS = (
    "id",
    "type",
    "parent_id",
    "category_id",
    "category_1_id",
    "category_2_id",
    "category_3_id",
    "upvote_count",
    "downvote_count",
    "score",
    "flag_count",
    "answer_count",
    "best_answer_score",
)
VOTE_COLUMNS = [column.key for column in recounts.vote_figures()]


async def differences(
    connection: AsyncConnection, options: Options, tell: Progress
) -> AsyncIterator[Difference]:
    """Votes, flags, answers, hotness and copies of categories that are not as they should be."""
    tree = await categories.load(connection)
    async for chunk in chunks(connection, Post.id, part="Posts", tell=tell):
        for difference in await _of_chunk(connection, chunk, options, tree):
            yield difference


async def _of_chunk(
    connection: AsyncConnection, chunk: Any, options: Options, tree: CategoryTree
) -> list[Difference]:
    columns = [getattr(Post, name) for name in COLUMNS]
    stored = [
        dict(zip(COLUMNS, row, strict=True))
        for row in await connection.execute(select(*columns).where(chunk))
    ]
    votes = await _votes(connection, chunk)
    answers = await _answers(connection, chunk)
    found = []
    for row in stored:
        nothing = dict.fromkeys(VOTE_COLUMNS, 0)
        counted = votes.get(row["id"], nothing) | _answered(row, answers)
        counted |= _path(row, tree)
        found += compared(Post, {"id": row["id"]}, row, counted)
    return (
        found
        + await _categories(connection, chunk)
        + await stale_hotness(connection, chunk, options)
    )


async def _votes(connection: AsyncConnection, chunk: Any) -> dict[int, dict[str, int]]:
    """The vote columns of each post that has any votes or flags."""
    figures = recounts.vote_figures().values()
    query = select(Vote.post_id, *figures).join(Post, Post.id == Vote.post_id).where(chunk)
    rows = await connection.execute(query.group_by(Vote.post_id))
    return {row[0]: dict(zip(VOTE_COLUMNS, map(int, row[1:]), strict=True)) for row in rows}


async def _answers(connection: AsyncConnection, chunk: Any) -> dict[int, tuple[int, int]]:
    """How many visible answers each question has, and the best score among them."""
    question = select(Post.id).where(chunk, Post.type.like("Q%"))
    best = func.max(case((Post.score > 0, Post.score), else_=0))
    query = select(Post.parent_id, func.count(), best).where(
        Post.type == "A", Post.parent_id.in_(question)
    )
    rows = await connection.execute(query.group_by(Post.parent_id))
    return {row[0]: (row[1], row[2]) for row in rows}


def _answered(row: Mapping[str, Any], answers: dict[int, tuple[int, int]]) -> dict[str, int]:
    if KINDS[row["type"]] is not PostKind.QUESTION:
        return {}
    count, best = answers.get(row["id"], (0, 0))
    return {"answer_count": count, "best_answer_score": best}


def _path(row: Mapping[str, Any], tree: CategoryTree) -> dict[str, Any]:
    """The three columns that repeat where in the tree the category of a post is."""
    path = tree.stored_path(tree.by_id.get(row["category_id"] or 0))
    names = [column.key for column in categories.PATH_COLUMNS]
    return dict(zip(names, path[1:], strict=True))


async def _categories(connection: AsyncConnection, chunk: Any) -> list[Difference]:
    """Answers, comments and notes that are not in the category of their question."""
    question_category = case(
        (PARENT.type.like("Q%"), PARENT.category_id), else_=GRANDPARENT.category_id
    )
    query = (
        select(Post.id, Post.category_id, question_category)
        .join(PARENT, Post.parent_id == PARENT.id)
        .outerjoin(GRANDPARENT, PARENT.parent_id == GRANDPARENT.id)
        .where(
            chunk, Post.type.not_like("Q%"), Post.category_id.is_distinct_from(question_category)
        )
    )
    return [
        Difference(Post, {"id": id}, "category_id", stored, counted)
        for id, stored, counted in await connection.execute(query)
    ]


async def stale_hotness(
    connection: AsyncConnection, chunk: Any, options: Options
) -> list[Difference]:
    """Questions of a chunk whose hotness is not what the formula says now (FACTS 4)."""
    query = select(Post.id, as_double(Post.hotness), hotness.expression(options))
    rows = await connection.execute(query.where(chunk, Post.type.like("Q%")))
    return [
        Difference(Post, {"id": id}, "hotness", stored, counted)
        for id, stored, counted in rows
        if stored is None or not _is_same(stored, counted)
    ]


def _is_same(stored: float, counted: float) -> bool:
    """Whether a number was stored in a float of four bytes, or read from a dump of such a one."""
    dumped = float(f"{_single(counted):.6g}")
    return stored in (counted, _single(counted), dumped, _single(dumped))


def _single(number: float) -> float:
    single: float = struct.unpack("f", struct.pack("f", number))[0]
    return single
