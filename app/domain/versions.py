"""Whether a database is one that Waggle knows: q2a numbers the layouts of its tables (FACTS 18)."""

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from app.domain.errors import Invalid
from app.domain.options import number_of
from app.models import Option

SUPPORTED = 67


async def supported_version(connection: AsyncConnection) -> int:
    """The version of the site's tables.

    :raises Invalid: if q2a has written none, or another one
    """
    query = select(Option.value).where(Option.name == "db_version")
    text = await connection.scalar(query)
    if text is None:
        raise Invalid("db_version", "The database has q2a's tables, but no option db_version.")
    version = number_of(text)
    if version != SUPPORTED:
        message = f"The database has version {version} of q2a's tables, not {SUPPORTED}."
        raise Invalid("db_version", message)
    return version
