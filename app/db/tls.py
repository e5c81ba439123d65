"""Connections that are encrypted, to a server that proves who it is, or not made at all."""

import ssl
from typing import Any

TLS_FAILED = 2026


def encrypted() -> dict[str, Any]:
    """What aiomysql needs to be told for it."""
    return {"ssl": ssl.create_default_context(), "async_creator_fn": _connect}


async def _connect(**options: Any) -> Any:
    from aiomysql import Connection, OperationalError  # type: ignore[import-untyped]
    from pymysql.constants import CLIENT

    class Encrypted(Connection):  # type: ignore[misc]
        """By itself aiomysql goes on in the open where the greeting, which anybody between may
        have changed, offers no encryption; the password would follow.
        """

        async def _request_authentication(self) -> None:
            if not self.server_capabilities & CLIENT.SSL:
                raise OperationalError(TLS_FAILED, "The database server offers no encryption.")
            await super()._request_authentication()

    connection = Encrypted(**options)
    await connection._connect()
    return connection
