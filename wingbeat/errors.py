"""Errors: located, and nulls carried upwards, after a wave and only if something failed in it."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from graphql import FieldNode, located_error
from graphql.execution.executor import CollectedErrors
from graphql.pyutils import Path

from wingbeat.places import Container, Place


class Failed(NamedTuple):
    """An error at a position; `nodes` are where the document asks for it."""

    place: Place
    number: int
    error: Exception
    nodes: Sequence[FieldNode]


class Nulls:
    """Which parts of the answer have been given up for an error below them."""

    __slots__ = ("_dead", "collected", "everything")

    def __init__(self, collected: CollectedErrors) -> None:
        self.collected = collected
        # Objects and lists that are no longer part of the answer, by identity; keeping them
        # keeps their identities from being used again.
        self._dead: dict[int, Container] = {}
        self.everything = False

    def settle(self, failures: list[Failed]) -> bool:
        """Report errors and null what they null.

        :returns: whether more was given up than the failing values themselves
        """
        before = len(self._dead)
        if len(failures) > 1:
            failures.sort(key=lambda failed: failed.place.order(failed.number))
        for failed in failures:
            self._report(failed)
        return self.everything or len(self._dead) > before

    def is_dead(self, place: Place, number: int) -> bool:
        """Whether a position is inside something that has been given up."""
        if self.everything:
            return True
        if not self._dead:
            return False
        spot: tuple[Place, int] | None = (place, number)
        while spot is not None:
            place, number = spot
            if id(place.container(number)) in self._dead:
                return True
            spot = place.above(number)
        return False

    def _report(self, failed: Failed) -> None:
        path = failed.place.path(failed.number)
        error = located_error(failed.error, failed.nodes, path.as_list())
        spot: tuple[Place, int] | None = (failed.place, failed.number)
        while spot is not None and not spot[0].nullable:
            spot = spot[0].above(spot[1])
        # Nothing is reported from inside what was given up before.
        if self.everything or self.is_dead(failed.place, failed.number):
            return
        self.collected.add(error, spot[0].path(spot[1]) if spot else None)
        if spot is None:
            self.everything = True
        else:
            self._null(*spot)

    def _null(self, place: Place, number: int) -> None:
        container = place.container(number)
        old = _held(container, place.path(number))
        if isinstance(old, dict | list):
            self._dead[id(old)] = old
        place.put(number, None)


def _held(container: Container, path: Path) -> Any:
    if isinstance(container, list):
        return container[int(path.key)]
    return container[str(path.key)]
