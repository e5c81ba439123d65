"""Options in prepared statements: whatever number one asks `PLACED` for is known when it is run."""

from typing import cast

from sqlalchemy import BigInteger, BindParameter, bindparam

from app.db.prepared import Prepared
from app.domain.options import Number, Options

NUMBERS = frozenset(name for name, option in vars(Options).items() if isinstance(option, Number))


class _Placed:
    def __getattr__(self, name: str) -> BindParameter[int]:
        return bindparam(name, type_=BigInteger())


PLACED = cast(Options, _Placed())


def numbers(options: Options, statement: Prepared) -> dict[str, int]:
    """The values of those options that a statement was built with."""
    return {name: getattr(options, name) for name in statement.names & NUMBERS}
