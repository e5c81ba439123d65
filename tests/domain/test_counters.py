"""The site's counters follow the rows; what q2a has broken does not break Waggle."""

import pytest
from sqlalchemy import delete, insert, select

from app.db import Database
from app.domain import counters
from app.models import Option

BROKEN = "1.8446744073709552e19"


async def change(db: Database, stored: str | None, by: int) -> str:
    """What a counter says after a change."""
    name = "cache_flaggedcount"
    async with db.begin() as connection:
        await connection.execute(delete(Option))
        if stored is not None:
            values = {Option.name: name, Option.value: stored}
            await connection.execute(insert(Option).values(values))
        await counters.add_to_options(connection, changes={name: by, "cache_qcount": 0})
    async with db.read() as connection:
        query = select(Option.value).where(Option.name == name)
        return str((await connection.execute(query)).scalar_one())


@pytest.mark.parametrize(
    ("stored", "by", "expected"),
    [
        ("5", 1, "6"),
        ("5", -2, "3"),
        ("1", -3, "0"),
        ("-3", 1, "0"),
        (None, 2, "2"),
        (None, -2, "0"),
        ("", 1, "1"),
        (BROKEN, 1, "1"),
    ],
)
async def test_a_counter_follows_and_never_breaks(
    db: Database, stored: str | None, by: int, expected: str
) -> None:
    assert await change(db, stored, by) == expected
