"""Statements that the server keeps for a connection, where its driver has a way for that: asyncmy.

Neither of the two reads a text, or describes columns, more than once, and values travel as they are
(decision 105).
"""

from collections import OrderedDict
from collections.abc import Sequence
from operator import itemgetter
from typing import Any
from weakref import WeakKeyDictionary

Rows = Sequence[tuple[Any, ...]]
# The server does not keep this kind, has no room for another, does not know it any more, or wants
# to make it anew and cannot. As text they do.
REFUSALS = {1210, 1243, 1295, 1461, 1615}
# The protocol's numbers of TIMESTAMP, DATE and DATETIME.
MOMENTS = {7, 10, 12}


class _Statement:
    """A statement that the server keeps for one connection.

    :param statement: the driver's own
    """

    def __init__(self, statement: Any) -> None:
        self.driver = statement
        self._moments: list[itemgetter[int]] | None = None

    async def rows(self, parameters: list[Any]) -> Rows | None:
        """What it gives; None if only text tells all of it."""
        result = await self.driver.execute(parameters)
        if self._moments is None:
            self._moments = [itemgetter(n) for n in _moments(result.description)]
        # For the driver a date that does not exist is as if there were none.
        if any(None in map(moment, result.rows) for moment in self._moments):
            return None
        rows: Rows = result.rows
        return rows


class KeptStatements:
    """The statements that the server keeps for connections of one engine.

    :param most: how many it keeps for each connection; 0: none, everything goes as text
    """

    def __init__(self, most: int) -> None:
        self.most = most
        # None stands for a statement that has to go as text.
        self._kept: WeakKeyDictionary[Any, OrderedDict[str, _Statement | None]]
        self._kept = WeakKeyDictionary()

    async def rows(self, connection: Any, text: str, parameters: list[Any]) -> Rows | None:
        """The rows that a SELECT gives; None if it has to be sent as text.

        :param connection: the driver's own
        :param text: with `%s` for each parameter
        :raises Exception: the driver's errors
        """
        kept = self._kept.setdefault(connection, OrderedDict())
        try:
            if text in kept:
                kept.move_to_end(text)
            else:
                await self._keep(connection, kept, text)
            statement = kept[text]
            if statement is None:
                return None
            rows = await statement.rows(parameters)
        except Exception as error:
            if not error.args or error.args[0] not in REFUSALS:
                raise
            rows = None
        if rows is None:
            kept[text] = None
        return rows

    async def _keep(
        self, connection: Any, kept: OrderedDict[str, _Statement | None], text: str
    ) -> None:
        while len(kept) >= self.most:
            _, oldest = kept.popitem(last=False)
            if oldest is not None:
                await oldest.driver.close()
        kept[text] = _Statement(await connection.prepare(_with_question_marks(text)))


def _moments(description: Sequence[Sequence[Any]]) -> list[int]:
    """The places of the columns that have a date in every row."""
    columns = enumerate(description)
    return [n for n, (_, type_, *_, has_null) in columns if type_ in MOMENTS and not has_null]


def _with_question_marks(text: str) -> str:
    """The statement with the server's own marks for parameters."""
    return "%".join(part.replace("%s", "?") for part in text.split("%%"))
