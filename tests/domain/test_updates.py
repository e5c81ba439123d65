"""Which of the events of one question a person is told of (FACTS 7)."""

from datetime import datetime, timedelta

import pytest

from app.domain.updates import UpdateRow, told_of

NOW = datetime(2026, 11, 20, 12, 0)  # noqa: DTZ001 - in the zone of the tables
ANNA, BEN = 1, 2


def event(
    post_id: int, *, ago: int = 0, by: int = ANNA, change: str | None = None, personal: bool = False
) -> UpdateRow:
    """Something that happened `ago` seconds before now."""
    return UpdateRow(1, post_id, change, by, NOW - timedelta(seconds=ago), personal)


@pytest.mark.parametrize(
    ("events", "told"),
    [
        # The newest is told.
        ([event(1), event(2, ago=10)], 1),
        ([event(1, personal=True), event(2, ago=10, personal=True)], 1),
        # What somebody wrote is told rather than how they corrected it at once.
        ([event(1, change="E"), event(2, ago=300)], 2),
        ([event(1, change="E"), event(2, ago=301)], 1),
        ([event(1, change="E", by=BEN), event(2, ago=10)], 1),
        ([event(1, change="S"), event(2, ago=10)], 1),
        # What touches one's own post is told rather than what came with it.
        ([event(1), event(2, ago=300, by=BEN, personal=True)], 2),
        ([event(1), event(2, ago=301, by=BEN, personal=True)], 1),
        # Five minutes are counted from what would be told so far.
        ([event(1, change="E"), event(2, ago=200, change="E"), event(3, ago=400)], 3),
        ([event(1, change="E"), event(2, ago=200), event(3, ago=400)], 2),
    ],
)
def test_of_what_happened_together_one_thing_is_told(events: list[UpdateRow], told: int) -> None:
    assert told_of(events).post_id == told
