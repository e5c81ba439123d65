"""Profiles: the fields that the owner has set up, what people wrote there, and their figures."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from sqlalchemy import Select, select
from sqlalchemy.ext.asyncio import AsyncConnection

from app.db.prepared import many, prepared
from app.db.running import rows_of
from app.domain import permits
from app.domain.options import Options
from app.domain.sites import FieldRow
from app.domain.viewers import Viewer
from app.models import ProfileValue, UserPoints

# Bits of a field's flags (FACTS 19).
MULTI_LINE = 1
LINK = 2
# What q2a's own fields are called where the owner has not named them.
LABELS = {"name": "Full name", "location": "Location", "website": "Website", "about": "About"}


class FilledField(NamedTuple):
    """A profile field with what somebody wrote there, as it is stored."""

    name: str
    label: str
    value: str
    is_multi_line: bool
    is_link: bool


class Figures(NamedTuple):
    """What a user's points are made of (FACTS 5)."""

    user_id: int
    question_count: int
    answer_count: int
    comment_count: int
    accepted_by_user_count: int
    accepted_answer_count: int
    question_upvotes_given: int
    question_downvotes_given: int
    answer_upvotes_given: int
    answer_downvotes_given: int
    comment_upvotes_given: int
    comment_downvotes_given: int
    upvotes_received: int
    downvotes_received: int
    bonus: int


NO_FIGURES = Figures(*[0] * len(Figures._fields))
_FIGURES: Sequence[Any] = tuple(getattr(UserPoints, name) for name in Figures._fields)


async def values_by_user(
    connection: AsyncConnection, *, user_ids: Sequence[int]
) -> dict[int, dict[str, str]]:
    """What each of the users has filled in, by the names of the fields."""
    found: dict[int, dict[str, str]] = {}
    for user_id, name, value in await rows_of(connection, _values(), {"user_ids": user_ids}):
        found.setdefault(user_id, {})[name] = value
    return found


@prepared
def _values() -> Select[Any]:
    columns: Sequence[Any] = (ProfileValue.user_id, ProfileValue.name, ProfileValue.value)
    return select(*columns).where(ProfileValue.user_id.in_(many("user_ids")))


async def figures_by_user(
    connection: AsyncConnection, *, user_ids: Sequence[int]
) -> dict[int, Figures]:
    found = await rows_of(connection, _figures(), {"user_ids": user_ids})
    return {row[0]: Figures._make(row) for row in found}


@prepared
def _figures() -> Select[Any]:
    return select(*_FIGURES).where(UserPoints.user_id.in_(many("user_ids")))


def shown(
    values: Mapping[str, str], *, fields: Sequence[FieldRow], viewer: Viewer, options: Options
) -> list[FilledField]:
    """What the viewer sees of a profile, in the owner's order; empty fields are left out."""
    return [
        FilledField(
            name=field.name,
            label=field.label or LABELS.get(field.name, field.name),
            value=values[field.name],
            is_multi_line=bool(field.flags & MULTI_LINE),
            is_link=bool(field.flags & LINK),
        )
        for field in fields
        if values.get(field.name) and not permits.field_denial(viewer, options, field.permit)
    ]
