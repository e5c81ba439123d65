"""Users by id, and what belongs to a single user."""

from collections import defaultdict

from sqlalchemy.ext.asyncio import AsyncConnection

from app.domain import batches, contributions, profiles, user_activity, users
from app.domain.activity import ActivityRow
from app.domain.batches import Below
from app.domain.pages import Page
from app.domain.posts import WHOLE, Detail, PostRow
from app.domain.profiles import Figures
from app.domain.users import UserRow
from app.models import PostKind

Written = tuple[PostKind, Below]


async def users_by_id(connection: AsyncConnection, ids: list[int]) -> dict[int, UserRow | None]:
    return {**await users.by_ids(connection, ids=ids)}


async def ranks_by_points(connection: AsyncConnection, points: list[int]) -> dict[int, int | None]:
    return {**await users.ranks_by_points(connection, points=points)}


async def profiles_by_user(
    connection: AsyncConnection, ids: list[int]
) -> dict[int, dict[str, str]]:
    return await profiles.values_by_user(connection, user_ids=ids)


async def figures_by_user(connection: AsyncConnection, ids: list[int]) -> dict[int, Figures]:
    return await profiles.figures_by_user(connection, user_ids=ids)


async def posts_by_user(
    connection: AsyncConnection, wanted: list[Written], *, detail: Detail
) -> dict[Written, Page[PostRow]]:
    """What users have written of a kind; a statement for each kind."""
    alike: defaultdict[PostKind, list[Below]] = defaultdict(list)
    for kind, below in wanted:
        alike[kind].append(below)
    found: dict[Written, Page[PostRow]] = {}
    for kind, belows in alike.items():
        listed = contributions.of_kind(kind, detail)
        pages = await batches.pages_by_parent(connection, kind=listed, wanted=belows)
        found |= {(kind, below): page for below, page in pages.items()}
    return found


async def post_counts_by_user(
    connection: AsyncConnection, wanted: list[tuple[PostKind, int]]
) -> dict[tuple[PostKind, int], int]:
    alike: defaultdict[PostKind, list[int]] = defaultdict(list)
    for kind, user_id in wanted:
        alike[kind].append(user_id)
    found: dict[tuple[PostKind, int], int] = {}
    for kind, ids in alike.items():
        listed = contributions.of_kind(kind, WHOLE)
        counts = await batches.counts_by_parent(connection, kind=listed, parent_ids=ids)
        found |= {(kind, user_id): count for user_id, count in counts.items()}
    return found


async def activity_by_user(
    connection: AsyncConnection, wanted: list[Below]
) -> dict[Below, Page[ActivityRow]]:
    return await user_activity.pages_by_user(connection, wanted=wanted)


async def activity_count_by_user(connection: AsyncConnection, ids: list[int]) -> dict[int, int]:
    return await user_activity.counts_by_user(connection, user_ids=ids)
