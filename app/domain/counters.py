"""The site's counters, by the definitions that q2a's recount has (FACTS 3 and 14)."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Select, bindparam, delete, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from app.models import Category, Option, Post, User, UserPoints, Word

APPROVED, BLOCKED = 10, 2


def definitions() -> dict[str, Select[int]]:
    """How each counter in the options is counted, by the option's name."""
    posts = select(func.count()).select_from(Post)
    open_questions = posts.where(Post.type == "Q", Post.closed_by_id.is_(None))
    return {
        "cache_qcount": posts.where(Post.type == "Q"),
        "cache_acount": posts.where(Post.type == "A"),
        "cache_ccount": posts.where(Post.type == "C"),
        "cache_unaqcount": open_questions.where(Post.answer_count == 0),
        "cache_unselqcount": open_questions.where(Post.accepted_answer_id.is_(None)),
        "cache_unupaqcount": open_questions.where(Post.best_answer_score == 0),
        "cache_tagcount": select(func.count()).where(Word.tag_count > 0),
        "cache_flaggedcount": posts.where(Post.flag_count > 0, Post.type.in_(["Q", "A", "C"])),
        "cache_queuedcount": posts.where(Post.type.in_(["Q_QUEUED", "A_QUEUED", "C_QUEUED"])),
        "cache_uapprovecount": select(func.count()).where(
            User.level < APPROVED, User.flags.bitwise_and(BLOCKED) == 0
        ),
        "cache_userpointscount": select(func.count()).select_from(UserPoints),
    }


async def recount_options(connection: AsyncConnection) -> None:
    """Count everything anew and store it: for a new site, and for repairs."""
    counted = [
        {"name": name, "value": str((await connection.execute(query)).scalar_one())}
        for name, query in definitions().items()
    ]
    await connection.execute(delete(Option).where(Option.name.in_(definitions())))
    await connection.execute(
        insert(Option).values({Option.name: bindparam("name"), Option.value: bindparam("value")}),
        counted,
    )


async def category_counts(connection: AsyncConnection) -> Mapping[int, int]:
    """The visible questions in and below each category that has any: the greatest of four."""
    counts: dict[int, int] = {}
    for column in (Post.category_id, Post.category_1_id, Post.category_2_id, Post.category_3_id):
        query = select(column, func.count()).where(Post.type == "Q", column.is_not(None))
        found: list[Any] = list(await connection.execute(query.group_by(column)))
        for category_id, count in found:
            counts[category_id] = max(counts.get(category_id, 0), count)
    return counts


async def recount_categories(connection: AsyncConnection) -> None:
    """Store the number of visible questions of every category."""
    counts = await category_counts(connection)
    ids = (await connection.execute(select(Category.id))).scalars().all()
    statement = update(Category).where(Category.id == bindparam("of"))
    statement = statement.values({Category.question_count: bindparam("count")})
    if ids:
        await connection.execute(
            statement, [{"of": number, "count": counts.get(number, 0)} for number in ids]
        )
