"""Activity: what happened last on the site, one line for each question (FACTS 15)."""

from datetime import datetime
from enum import Enum
from typing import NamedTuple


class ActivityKind(Enum):
    """What can happen; the value is the letter of the posts that it happens to, if of one kind."""

    ASKED = "Q"
    ANSWERED = "A"
    COMMENTED = "C"
    EDITED = ""


class ActivityRow(NamedTuple):
    """Something that happened to a post below, or at, a question; `at` is in the tables' zone.

    `change` is the code of the change if the post was changed (FACTS 2), `by_id` who did it.
    """

    question_id: int
    post_id: int
    kind: ActivityKind
    change: str | None
    at: datetime
    by_id: int | None
