"""Statements that the server keeps for a connection, where its driver has a way for that: asyncmy.

Neither of the two reads a text, or describes columns, more than once, and values travel as they are
(decision 105).
"""

from collections import OrderedDict
from collections.abc import MutableMapping, Sequence
from operator import itemgetter
from typing import Any

Rows = Sequence[tuple[Any, ...]]
# The server does not keep this kind, has no room for another, does not know it any more, wants to
# make it anew and cannot, or it has too many parameters. From then on it goes as text.
REFUSALS = {1210, 1243, 1295, 1390, 1461, 1615}
# The protocol's numbers of TIMESTAMP, DATE and DATETIME.
MOMENTS = {7, 10, 12}


class _Statement:
    """A statement that the server keeps for one connection.

    :param prepared: the driver's own
    """

    def __init__(self, prepared: Any) -> None:
        self._prepared = prepared
        self._moments: list[itemgetter[int]] | None = None

    async def rows(self, parameters: list[Any]) -> Rows | None:
        """What it gives; None if only text tells all of it."""
        result = await self._prepared.execute(parameters)
        if self._moments is None:
            self._moments = [itemgetter(n) for n in _moments(result.description)]
        # For the driver a date that does not exist is as if there were none. Where there may be
        # none, it is.
        if any(None in map(moment, result.rows) for moment in self._moments):
            return None
        rows: Rows = result.rows
        return rows

    async def close(self) -> None:
        """Have the server forget it."""
        await self._prepared.close()


# None stands for a statement that has to go as text.
Kept = OrderedDict[str, _Statement | None]
# Under which name the pool remembers those of a connection, for as long as it has that.
KEPT = "waggle.kept"


class KeptStatements:
    """The statements that the server keeps for connections of one engine.

    :param most: how many it keeps for each connection; 0: none, everything goes as text
    """

    def __init__(self, most: int) -> None:
        self.most = most

    async def rows(
        self, connection: Any, info: MutableMapping[Any, Any], text: str, parameters: list[Any]
    ) -> Rows | None:
        """The rows that a SELECT gives; None if it has to be sent as text.

        :param connection: the driver's own
        :param info: what the pool remembers of it, for as long as there is this connection
        :param text: with `%s` for each parameter
        :raises Exception: the driver's errors
        """
        kept: Kept = info.setdefault(KEPT, OrderedDict())
        try:
            if text in kept:
                kept.move_to_end(text)
            else:
                await self._keep(connection, kept, text)
            statement = kept[text]
            rows = None if statement is None else await statement.rows(parameters)
        except Exception as error:
            if not error.args or error.args[0] not in REFUSALS:
                raise
            rows = None
        if rows is None:
            await _give_up(kept, text)
        return rows

    async def _keep(self, connection: Any, kept: Kept, text: str) -> None:
        while len(kept) >= self.most:
            oldest = next(iter(kept))
            await _give_up(kept, oldest)
            del kept[oldest]
        kept[text] = _Statement(await connection.prepare(_with_question_marks(text)))


async def _give_up(kept: Kept, text: str) -> None:
    statement, kept[text] = kept.get(text), None
    if statement is not None:
        await statement.close()


def _moments(description: Sequence[Sequence[Any]]) -> list[int]:
    """The places of the columns that have a date in every row."""
    columns = enumerate(description)
    return [n for n, (_, type_, *_, has_null) in columns if type_ in MOMENTS and not has_null]


def _with_question_marks(text: str) -> str:
    """The statement with the server's own marks for parameters."""
    return "%".join(part.replace("%s", "?") for part in text.split("%%"))
