"""When a job is due: every so many minutes, counted from a Monday's midnight in UTC."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

A_MONDAY = datetime(1970, 1, 5, tzinfo=UTC)
HOUR, DAY, WEEK = 60, 1440, 10080
# What a cron expression can say as well.
PERIODS = (
    {n for n in range(1, HOUR) if HOUR % n == 0}
    | {n for n in range(HOUR, DAY + 1, HOUR) if DAY % n == 0}
    | {WEEK}
)
NAMES = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
WEEKDAYS = tuple(name[:3].upper() for name in NAMES)
# A job that never ran waits for its time if it comes more seldom than this.
AT_ONCE_UP_TO = HOUR


@dataclass(frozen=True, slots=True)
class Schedule:
    """Due every `period` minutes, `offset` minutes after the hour, midnight or Monday's midnight.

    Each time that it is due is called a slot. Times have a zone; slots are in UTC.
    """

    period: int
    offset: int = 0

    def __post_init__(self) -> None:
        if self.period not in PERIODS or not 0 <= self.offset < self.period:
            raise ValueError(f"{self} cannot be said in cron's terms")

    def slot_before(self, now: datetime) -> datetime:
        """The last slot at or before `now`."""
        minutes = int((now - A_MONDAY) / timedelta(minutes=1)) - self.offset
        whole = minutes // self.period * self.period
        return A_MONDAY + timedelta(minutes=whole + self.offset)

    def slot_after(self, now: datetime) -> datetime:
        """The first slot after `now`."""
        return self.slot_before(now) + timedelta(minutes=self.period)

    @property
    def starts_at_once(self) -> bool:
        """Whether a job that never ran is due now, and not at its next slot."""
        return self.period <= AT_ONCE_UP_TO

    @property
    def expression(self) -> str:
        """The same for EventBridge: minute, hour, day, month, weekday, year."""
        hour, minute = divmod(self.offset % DAY, HOUR)
        if self.period < HOUR:
            return f"cron({self.offset}/{self.period} * * * ? *)"
        if self.period == HOUR:
            return f"cron({minute} * * * ? *)"
        if self.period < DAY:
            return f"cron({minute} {hour}/{self.period // HOUR} * * ? *)"
        if self.period == DAY:
            return f"cron({minute} {hour} * * ? *)"
        return f"cron({minute} {hour} ? * {WEEKDAYS[self.offset // DAY]} *)"

    def __str__(self) -> str:
        hour, minute = divmod(self.offset % DAY, HOUR)
        if self.period < HOUR:
            return "every minute" if self.period == 1 else f"every {self.period} minutes"
        if self.period == HOUR:
            return f"every hour at minute {minute}"
        if self.period < DAY:
            return f"every {self.period // HOUR} hours from {hour:02}:{minute:02}"
        if self.period == DAY:
            return f"every day at {hour:02}:{minute:02}"
        return f"{NAMES[self.offset // DAY]}s at {hour:02}:{minute:02}"


def every(*, minutes: int) -> Schedule:
    return Schedule(minutes)


def hourly(*, minute: int) -> Schedule:
    return Schedule(HOUR, minute)


def daily(*, hour: int, minute: int = 0) -> Schedule:
    return Schedule(DAY, hour * HOUR + minute)


def weekly(weekday: str, *, hour: int, minute: int = 0) -> Schedule:
    """:param weekday: one of `WEEKDAYS`"""
    return Schedule(WEEK, WEEKDAYS.index(weekday) * DAY + hour * HOUR + minute)
