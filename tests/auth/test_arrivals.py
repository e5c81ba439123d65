"""What a new token changes in an account, where the settings let it."""

from typing import Any

import pytest
from sqlalchemy import update

from app.domain.arrivals import level_by_groups
from app.domain.viewers import Flag, Level
from app.models import User
from tests.auth.conftest import Door, OpenDoor
from tests.auth.pool import Pool
from tests.auth.test_accounts import knows, people_of, prepare
from tests.meadow import expect_no_differences

GROUPS = "staff=moderator,heads=admin,writers=editor"
MAPPED = {"staff": 80, "heads": 100, "writers": 50}


@pytest.mark.parametrize(
    ("current", "groups", "expected"),
    [
        (0, [], 0),
        (0, ["gardeners"], 0),
        (0, ["staff"], 80),
        (0, ["writers", "staff", "gardeners"], 80),
        (80, ["heads"], 100),
        (100, ["staff"], 80),
        (80, [], 10),
        (80, ["gardeners"], 10),
        # Not the pool's to take.
        (20, [], 20),
        (10, [], 10),
        (120, [], 120),
        (120, ["staff"], 120),
        (20, ["writers"], 50),
    ],
)
def test_groups_give_and_take_their_own_levels_only(
    current: int, groups: list[str], expected: int
) -> None:
    assert level_by_groups(current, groups=groups, group_levels=MAPPED) == expected


@pytest.mark.parametrize("level", [0, 10, 50, 80, 120])
def test_without_a_setting_no_level_changes(level: int) -> None:
    assert level_by_groups(level, groups=["staff", "admin"], group_levels={}) == level


async def arrive(door: Door, pool: Pool, **claims: Any) -> None:
    assert (await door.post("{ __typename }", token=pool.token("known", **claims))).is_success


async def test_a_group_gives_its_level_and_takes_it_with_the_next_token(
    open_door: OpenDoor, small_url: str, pool: Pool
) -> None:
    door = open_door(small_url, COGNITO_GROUP_LEVELS=GROUPS)
    await prepare(door.db)

    await arrive(door, pool, **{"cognito:groups": ["staff"]})
    assert (await people_of(door.db))[0].level == Level.MODERATOR
    await expect_no_differences(door.db)

    await arrive(door, pool)
    assert (await people_of(door.db))[0].level == Level.APPROVED
    await expect_no_differences(door.db)


async def test_groups_mean_nothing_by_default(small_door: Door, pool: Pool) -> None:
    await arrive(small_door, pool, **{"cognito:groups": ["admin", "moderator", "staff"]})
    assert (await people_of(small_door.db))[0].level == Level.BASIC


async def test_groups_in_a_strange_form_give_nothing(
    open_door: OpenDoor, small_url: str, pool: Pool
) -> None:
    door = open_door(small_url, COGNITO_GROUP_LEVELS=GROUPS)
    for groups in ("staff", {"staff": True}, [["staff"]], None):
        await arrive(door, pool, **{"cognito:groups": groups})
    assert (await people_of(door.db))[0].level == Level.BASIC


@pytest.fixture
async def follower(open_door: OpenDoor, site_url: str, pool: Pool) -> Door:
    """A site whose accounts follow the pool, with somebody who is known, and somebody else."""
    door = open_door(site_url, COGNITO_FOLLOW="email,handle")
    people = {"email": "known@example.org", "handle": "known"}, {"email": "other@example.org"}
    await prepare(door.db, *people, confirm_user_required=1)
    knows(pool, "known", "known@example.org", preferred_username="known")
    await arrive(door, pool)
    return door


async def test_an_account_follows_the_pool(follower: Door, pool: Pool) -> None:
    knows(pool, "known", "new@example.org", preferred_username="新しい名")

    await arrive(follower, pool)

    [known, _] = await people_of(follower.db)
    assert known[1:] == ("新しい名", "new@example.org", 0, Flag.CONFIRMED)


async def test_an_address_that_is_not_verified_has_to_be_confirmed(
    follower: Door, pool: Pool
) -> None:
    knows(pool, "known", "new@example.org", verified=False, preferred_username="known")

    await arrive(follower, pool)

    [known, _] = await people_of(follower.db)
    assert (known.email, known.flags) == ("new@example.org", Flag.MUST_CONFIRM)


async def test_a_block_survives_a_change_of_address(follower: Door, pool: Pool) -> None:
    async with follower.db.begin() as connection:
        await connection.execute(update(User).where(User.id == 1).values(flags=2 | 16))
    knows(pool, "known", "new@example.org")

    await arrive(follower, pool)

    assert (await people_of(follower.db))[0].flags == (
        Flag.BLOCKED | Flag.NO_MESSAGES | Flag.CONFIRMED
    )


@pytest.mark.parametrize(
    ("email", "handle"),
    [
        ("other@example.org", "bee2"),
        ("OTHER@example.org", "BEE2"),
        ("x" * 70 + "@example.org", "x" * 21),
        ("🐝@example.org", "a+b"),
        ("", "..."[:2]),
    ],
)
async def test_what_is_taken_or_not_acceptable_is_not_followed(
    follower: Door, pool: Pool, email: str, handle: str
) -> None:
    knows(pool, "known", email, preferred_username=handle)

    await arrive(follower, pool)

    [known, other] = await people_of(follower.db)
    assert (known.handle, known.email) == ("known", "known@example.org")
    assert (other.handle, other.email) == ("bee2", "other@example.org")


async def test_who_has_an_account_need_not_wait_for_the_pool(follower: Door, pool: Pool) -> None:
    pool.status = 500

    await arrive(follower, pool)

    assert (await people_of(follower.db))[0].email == "known@example.org"


async def test_nothing_is_followed_by_default(small_door: Door, pool: Pool) -> None:
    await prepare(small_door.db, {"email": "known@example.org", "handle": "known"})
    claims = {"email": "known@example.org", "email_verified": True}
    await arrive(small_door, pool, **claims)

    await arrive(small_door, pool, email="new@example.org", preferred_username="new")

    [known] = await people_of(small_door.db)
    assert (known.handle, known.email) == ("known", "known@example.org")
