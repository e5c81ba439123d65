"""The demo site's calendar: it ends on one fixed day, whenever it is made."""

from datetime import datetime, timedelta

END = datetime(2026, 11, 1)  # noqa: DTZ001 - DATETIMEs of the tables have no zone
SMALL = 2_000
YEARS_OF_A_SMALL_SITE, YEARS_OF_A_LARGE_SITE = 3, 10


class Calendar:
    """Turns seconds since the first day into the DATETIMEs of the tables."""

    def __init__(self, questions: int) -> None:
        years = YEARS_OF_A_SMALL_SITE if questions <= SMALL else YEARS_OF_A_LARGE_SITE
        self.span = years * 365 * 86_400
        self.first_day = END - timedelta(seconds=self.span)

    def at(self, seconds: int) -> datetime:
        return self.first_day + timedelta(seconds=seconds)

    def maybe(self, seconds: int | None) -> datetime | None:
        return None if seconds is None else self.at(seconds)
