"""The zone of the site's DATETIMEs: q2a stores what the database server's clock says (FACTS 1)."""

from datetime import UTC, datetime, timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)
# One local time a month over q2a's life: together they tell zones with summer time apart.
PROBES = [datetime(year, month, 15, 12) for year in range(2010, 2031) for month in range(1, 13)]  # noqa: DTZ001


def in_utc(moment: datetime) -> datetime:
    """How Waggle's own tables keep a moment, to the second: in UTC, without a zone.

    :param moment: with a zone
    """
    return moment.astimezone(UTC).replace(tzinfo=None, microsecond=0)


class Zone:
    """Converts between the naive times in the tables and points in time."""

    def __init__(self, zone: tzinfo) -> None:
        self.zone = UTC if zone == UTC else zone

    def __str__(self) -> str:
        return str(self.zone)

    def to_utc(self, local: datetime) -> datetime:
        """The point in time that a DATETIME of the tables means.

        Dates that do not exist, such as the zero date of old servers, count as the beginning of
        Unix time: the driver gives them as text.
        """
        if not isinstance(local, datetime):
            return BEGINNING
        if self.zone is UTC:
            # The same as `replace(tzinfo=UTC)`, in a quarter of the time.
            return datetime.combine(local, local.time(), UTC)
        try:
            return local.replace(tzinfo=self.zone).astimezone(UTC)
        except OverflowError:
            return BEGINNING

    def to_local(self, moment: datetime) -> datetime:
        """What the tables hold for a point in time: no zone, no microseconds."""
        return moment.astimezone(self.zone).replace(tzinfo=None, microsecond=0)


async def zone_of(connection: AsyncConnection, *, configured: str) -> Zone:
    """The zone that `connection`'s server writes NOW() in, unless one is `configured`.

    A server on `SYSTEM` time names its zone in letters that several zones share, so it is asked
    for its offset at many times instead.
    """
    if configured:
        return Zone(ZoneInfo(configured))
    if connection.dialect.name == "sqlite":
        return Zone(UTC)

    name = (await connection.execute(text("SELECT @@session.time_zone"))).scalar_one()
    return Zone(_named(name) or _with_offsets(await _offsets(connection)))


async def _offsets(connection: AsyncConnection) -> list[timedelta]:
    columns = ", ".join(f"UNIX_TIMESTAMP('{probe}')" for probe in PROBES)
    row = (await connection.execute(text(f"SELECT {columns}"))).one()
    return [
        probe.replace(tzinfo=UTC) - datetime.fromtimestamp(int(seconds), UTC)
        for probe, seconds in zip(PROBES, row, strict=True)
    ]


def _named(name: str) -> tzinfo | None:
    if name.upper() == "SYSTEM":
        return None
    if name[:1] in "+-":
        hours, minutes = name[1:].split(":")
        offset = timedelta(hours=int(hours), minutes=int(minutes))
        return timezone(-offset if name[0] == "-" else offset)
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        return None


def _with_offsets(offsets: list[timedelta]) -> tzinfo:
    if len(set(offsets)) == 1:
        return timezone(offsets[0])
    for name in sorted(available_timezones()):
        zone = ZoneInfo(name)
        if all(
            probe.replace(tzinfo=zone).utcoffset() == offset
            for probe, offset in zip(PROBES, offsets, strict=True)
        ):
            return zone
    # A zone that Python does not know: right for now and the months around it.
    return timezone(offsets[-1])
