"""What may be wrong inside the tables of a site, one function for each thing."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import NamedTuple

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from app.config import Settings
from app.domain import blobs, counters, options, versions
from app.domain.checks.reports import Problem
from app.domain.errors import Invalid, NotFound
from app.models import Base, Blob, Option, Post, User, UserPoints

KNOWN_FORMATS = ("", "html", "markdown")
LARGEST_COUNT = 2**32


async def wrong_version(connection: AsyncConnection, settings: Settings) -> Problem | None:
    try:
        await versions.supported_version(connection)
    except Invalid as error:
        remedy = (
            "Open the q2a site once as its administrator: version 1.8.8 brings its tables up to"
            f" version {versions.SUPPORTED}."
        )
        return Problem(str(error), remedy)
    return None


async def file_cache(connection: AsyncConnection, settings: Settings) -> Problem | None:
    """q2a does not notice what Waggle writes (FACTS 1)."""
    found = await options.load(connection)
    if found.texts.get("caching_enabled", "0") in ("", "0"):
        return None
    minutes = found.texts.get("caching_q_time", "30")
    return Problem(
        f"q2a's file cache is on: its guests see pages up to {minutes} minutes old.",
        "Switch it off on q2a's page Admin, Caching, as long as both write.",
        stops=False,
    )


async def no_address(connection: AsyncConnection, settings: Settings) -> Problem | None:
    found = await options.load(connection)
    if settings.site_url or found.site_url:
        return None
    return Problem(
        "The site has no address: the option site_url is not set.",
        "Set SITE_URL, or links and pictures will lack their beginning.",
        stops=False,
    )


async def bad_counters(connection: AsyncConnection, settings: Settings) -> Problem | None:
    """A counter that q2a has driven below zero breaks its statements (FACTS 22)."""
    query = select(Option.name, Option.value).where(Option.name.in_(counters.definitions()))
    rows = (await connection.execute(query.order_by(Option.name))).all()
    bad = [
        f"{name}={value!r}"
        for name, value in rows
        if not (value.isascii() and value.isdigit() and int(value) < LARGEST_COUNT)
    ]
    if not bad:
        return None
    return Problem(
        f"These counters are not numbers: {', '.join(bad)}.",
        "Recalculate on q2a's page Admin, Stats.",
        stops=False,
    )


async def people_without_points(connection: AsyncConnection, settings: Settings) -> Problem | None:
    has_points = select(UserPoints.user_id).where(UserPoints.user_id == User.id).exists()
    query = select(func.count()).select_from(User).where(~has_points)
    count = (await connection.execute(query)).scalar_one()
    if not count:
        return None
    return Problem(
        f"{count} users have no row of points: they are in no list and have no page.",
        "Recalculate the users' points on q2a's page Admin, Stats.",
        stops=False,
    )


async def lost_files(connection: AsyncConnection, settings: Settings) -> Problem | None:
    on_disk = await blobs.in_directory(connection)
    if not on_disk:
        return None
    directory = settings.blobs_directory
    if directory is None:
        return Problem(
            f"{len(on_disk)} uploaded files are on disk, and it is not known where.",
            "Set BLOBS_DIRECTORY to the value of QA_BLOBS_DIRECTORY in q2a's qa-config.php.",
            stops=False,
        )
    lost = await asyncio.to_thread(
        lambda: [row for row in on_disk if not _is_there(row, directory)]
    )
    if not lost:
        return None
    return Problem(
        f"{len(lost)} of {len(on_disk)} uploaded files are not in {directory}:"
        f" {lost[0].id}.{lost[0].format} is the first.",
        "Copy them there, or correct BLOBS_DIRECTORY.",
        stops=False,
    )


def _is_there(row: blobs.BlobRow, directory: Path) -> bool:
    try:
        return blobs.path_of(row, directory=directory).is_file()
    except NotFound:
        return False


async def unknown_formats(connection: AsyncConnection, settings: Settings) -> Problem | None:
    query = select(Post.format, func.count()).where(Post.format.not_in(KNOWN_FORMATS))
    rows = (await connection.execute(query.group_by(Post.format))).all()
    if not rows:
        return None
    formats = ", ".join(f"{format!r} ({count} posts)" for format, count in rows)
    return Problem(
        f"A plugin of q2a has written posts in formats of its own: {formats}.",
        "They are shown as plain text.",
        stops=False,
    )


class Check(NamedTuple):
    """One thing to look for, and the tables that it reads."""

    models: tuple[type[Base], ...]
    look: Callable[[AsyncConnection, Settings], Awaitable[Problem | None]]


VERSION = Check((Option,), wrong_version)
CHECKS = (
    VERSION,
    Check((Option,), no_address),
    Check((Option,), file_cache),
    Check((Option,), bad_counters),
    Check((User, UserPoints), people_without_points),
    Check((Blob,), lost_files),
    Check((Post,), unknown_formats),
)
