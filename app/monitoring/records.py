"""What is known of a request: figures and names of ours, nothing that a person has written."""

import time
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple

# The request that the running code belongs to, if it is watched.
CURRENT: ContextVar["Record | None"] = ContextVar("waggle_record", default=None)
# Names of operations come from clients.
LONGEST_NAME = 100


@dataclass(slots=True, eq=False)
class Record:
    """One request, filled in while it is answered.

    :param id: what logs and the answer's header call it
    :param route: the address as the application knows it, without what clients put in its place
    :param is_cold: whether it is the first that the process answers
    :param viewer: an account's number or "guest"; None: it was refused before that was known
    :param operation_type: `query` or `mutation`; empty: no document was accepted
    :param codes: those of the answer's errors
    :param statements: how many were sent to the database
    :param sql_seconds: what these took, one after another; they may run at the same time
    :param spans: what a sink keeps of it until it ends
    """

    id: str
    method: str
    is_cold: bool = False
    began_ns: int = field(default_factory=time.time_ns)
    began: float = field(default_factory=time.perf_counter)
    route: str = ""
    status: int = 0
    operation_name: str = ""
    operation_type: str = ""
    viewer: int | Literal["guest"] | None = None
    cost: int = 0
    codes: tuple[str, ...] = ()
    statements: int = 0
    sql_seconds: float = 0.0
    votes: int = 0
    seconds: float = 0.0
    spans: dict[object, Any] = field(default_factory=dict)

    @property
    def is_broken(self) -> bool:
        """Whether it went wrong on our side."""
        return self.status >= 500 or "INTERNAL" in self.codes

    def begin_operation(self, name: str | None, type_: str, cost: int) -> None:
        self.operation_name = (name or "")[:LONGEST_NAME]
        self.operation_type = type_
        self.cost = cost

    def know_viewer(self, user_id: int | None) -> None:
        self.viewer = user_id or "guest"


class Statement(NamedTuple):
    """One statement that the database was sent: its text, with marks where values belong.

    :param began_ns: since 1970
    :param system: `mysql` or `sqlite`
    """

    text: str
    began_ns: int
    ended_ns: int
    has_failed: bool
    system: str


def note_vote() -> None:
    """Count a vote for the request that cast it; to be called after the commit."""
    record = CURRENT.get()
    if record is not None:
        record.votes += 1
