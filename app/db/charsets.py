"""Which characters the server's columns can hold (FACTS 1)."""

from typing import Any

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection

# utf8mb3, the charset of q2a's tables, ends here.
LAST_OF_THREE_BYTES = "\uffff"


async def can_hold(connection: AsyncConnection, *, column: Any, text: str) -> bool:
    """Whether the text could be a value of the column; asks the server only if that is in doubt.

    A comparison with a text that a column cannot hold finds nothing, but makes MySQL read and
    convert every row, so it had better not be made.
    """
    if not text or max(text) <= LAST_OF_THREE_BYTES or connection.dialect.name != "mysql":
        return True
    # A subquery has a charset also where the table has no row.
    some_value = select(column).limit(1).scalar_subquery()
    charset = (await connection.execute(select(func.charset(some_value)))).scalar()
    return charset == "utf8mb4"
