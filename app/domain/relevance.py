"""Relevance: points for what texts have in common, added up exactly (FACTS 6).

Sums of floats depend on the order in which a server adds them up, and a page that begins where
another ended must find the same sums again. So points are whole numbers of billionths in SQL.
"""

import math
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, cast, func

PER_POINT = 10**9


def rarity(count: Any, *, frequency: int) -> ColumnElement[float]:
    """Points for a word that occurs `count` times: the rarer, the more.

    :param frequency: words that occur so often are worth nothing, and should not be looked for
    """
    points: ColumnElement[float] = math.log(frequency) - func.ln(count)
    return points


def is_rare(count: Any, *, frequency: int) -> ColumnElement[bool]:
    """The condition that a word is looked for."""
    rare: ColumnElement[bool] = count.between(1, frequency - 1)
    return rare


def exactly(points: Any) -> ColumnElement[int]:
    """Points in SQL as billionths; nothing at all counts as 0."""
    return cast(func.round(func.coalesce(points, 0) * float(PER_POINT)), BigInteger)


def of_age(id: Any) -> ColumnElement[int]:
    """The bit that puts the younger of two questions first where all else is equal."""
    return exactly(func.ln(id) / 1e6)


def threshold(match: int) -> float:
    """The least points for one of q2a's `match_...` options, which go from 1 (all but the same)
    upwards (anything).
    """
    return 10.0 - 2.0 * match
