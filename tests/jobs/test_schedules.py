"""When jobs are due."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from app.jobs import JOBS
from app.jobs.schedules import Schedule, daily, every, hourly, weekly

# A Thursday.
NOW = datetime(2026, 11, 26, 10, 7, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("schedule", "last", "cron", "words"),
    [
        (every(minutes=1), "26 10:07", "cron(0/1 * * * ? *)", "every minute"),
        (every(minutes=15), "26 10:00", "cron(0/15 * * * ? *)", "every 15 minutes"),
        (hourly(minute=7), "26 10:07", "cron(7 * * * ? *)", "every hour at minute 7"),
        (hourly(minute=8), "26 09:08", "cron(8 * * * ? *)", "every hour at minute 8"),
        (Schedule(360, 65), "26 07:05", "cron(5 1/6 * * ? *)", "every 6 hours from 01:05"),
        (daily(hour=23), "25 23:00", "cron(0 23 * * ? *)", "every day at 23:00"),
        (
            weekly("THU", hour=10, minute=8),
            "19 10:08",
            "cron(8 10 ? * THU *)",
            "Thursdays at 10:08",
        ),
    ],
)
def test_a_schedule_says_when_it_was_due_in_its_own_words_and_in_crons(
    schedule: Schedule, last: str, cron: str, words: str
) -> None:
    slot = datetime.strptime(f"2026-11-{last}+0000", "%Y-%m-%d %H:%M%z")

    assert schedule.slot_before(NOW) == slot
    assert schedule.slot_before(NOW.astimezone(timezone(timedelta(hours=9)))) == slot
    assert schedule.slot_before(slot) == slot
    assert schedule.slot_after(NOW) == slot + timedelta(minutes=schedule.period)
    assert (schedule.expression, str(schedule)) == (cron, words)


@pytest.mark.parametrize(("period", "offset"), [(7, 0), (90, 0), (0, 0), (60, 60), (2880, 0)])
def test_what_cron_cannot_say_is_no_schedule(period: int, offset: int) -> None:
    with pytest.raises(ValueError, match="cron"):
        Schedule(period, offset)


def test_every_job_stands_under_its_name_and_can_be_run_as_it_is_scheduled() -> None:
    for name, job in JOBS.items():
        assert job.name == name
        assert len(name) <= 40
        assert set(job.complete(job.scheduled_options)) == {option.name for option in job.options}
        assert not (job.takes_event and job.schedule)
