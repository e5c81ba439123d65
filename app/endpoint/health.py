"""Whether the process lives, and whether it can serve: what load balancers ask."""

import asyncio

from starlette.requests import Request
from starlette.responses import Response

from app.db import Database
from app.db.failures import failure_of
from app.domain import versions
from app.domain.errors import DomainError
from app.endpoint.errors import logger
from app.endpoint.responses import JsonResponse

SECONDS = 5


async def alive(request: Request) -> Response:
    """Answer at once: nothing but the process is looked at."""
    return JsonResponse({"status": "alive"})


class Readiness:
    """Looks at the database each time it is asked."""

    def __init__(self, db: Database) -> None:
        self.db = db

    async def respond(self, request: Request) -> Response:
        """200 when the database answers and holds a q2a site of the right version, else 503."""
        try:
            async with asyncio.timeout(SECONDS), self.db.read() as connection:
                version = await versions.supported_version(connection)
        except DomainError as error:
            return _not_ready(str(error))
        except Exception as error:
            failure = failure_of(error)
            if failure is None:
                logger.exception("The readiness check failed.")
            return _not_ready(failure.value if failure else "Internal error.")
        return JsonResponse({"status": "ready", "databaseVersion": version})


def _not_ready(reason: str) -> Response:
    return JsonResponse({"status": "not ready", "reason": reason}, status=503)
