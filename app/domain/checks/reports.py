"""What a check says: facts, rows of tables, and problems."""

from dataclasses import dataclass, field
from typing import NamedTuple


class Problem(NamedTuple):
    """Something wrong, and what to do about it. One that does not `stop` leaves a usable site."""

    text: str
    remedy: str
    stops: bool = True

    def __str__(self) -> str:
        return f"{self.text} {self.remedy}"


@dataclass
class Report:
    """The outcome of a check."""

    facts: list[tuple[str, str]] = field(default_factory=list)
    # None where the table is missing or may not be read.
    rows: dict[str, int | None] = field(default_factory=dict)
    options: list[tuple[str, str]] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)

    @property
    def is_usable(self) -> bool:
        return not any(problem.stops for problem in self.problems)
