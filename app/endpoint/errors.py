"""Errors as clients see them: a message, a code, and nothing that was not meant for them."""

import logging
import secrets
from typing import Any

from graphql import GraphQLError

from app.db.failures import failure_of
from app.domain.errors import (
    Conflict,
    Denial,
    DomainError,
    Invalid,
    NotAllowed,
    NotFound,
    RateLimited,
)
from app.domain.storage import StorageError

PARSE_FAILED = "GRAPHQL_PARSE_FAILED"
VALIDATION_FAILED = "GRAPHQL_VALIDATION_FAILED"
BAD_USER_INPUT = "BAD_USER_INPUT"
UNAUTHENTICATED = "UNAUTHENTICATED"
FORBIDDEN = "FORBIDDEN"
NOT_FOUND = "NOT_FOUND"
CONFLICT = "CONFLICT"
RATE_LIMITED = "RATE_LIMITED"
COST_EXCEEDED = "COST_EXCEEDED"
PERSISTED_QUERY_NOT_FOUND = "PERSISTED_QUERY_NOT_FOUND"
INTERNAL = "INTERNAL"

STATUS = {UNAUTHENTICATED: 401, FORBIDDEN: 403, NOT_FOUND: 404, RATE_LIMITED: 429, INTERNAL: 500}
# In the extensions of an error that is the database's: what is wrong with it.
UNAVAILABLE = "unavailable"
# Until then a server may have been started again, or another have taken its place.
RETRY_SECONDS = 10
RETRY_AFTER = {"retry-after": str(RETRY_SECONDS)}

logger = logging.getLogger(__name__)

Answer = dict[str, Any]


class TooMuch(GraphQLError):
    """A document asks for more than is accepted; `measure` is what there is too much of."""

    def __init__(self, measure: str, found: int, limit: int) -> None:
        # A hostile number may have thousands of digits.
        found = min(found, 10**12)
        name = "cost" if measure == "cost" else "found"
        super().__init__(
            f"The document asks for too much: {measure} {found}, at most {limit} accepted.",
            extensions={"code": COST_EXCEEDED, "measure": measure, name: found, "limit": limit},
        )


def failed(message: str, code: str, **details: Any) -> Answer:
    """A response that is one error about the request as a whole.

    :param details: what else its extensions say
    """
    return {"errors": [{"message": message, "extensions": {"code": code, **details}}]}


def described(error: GraphQLError) -> Answer:
    """One error of an execution, as the client gets it.

    What nobody expected is logged with a random id; the client learns the id and no more.
    """
    answer: Answer = dict(error.formatted)
    cause = _cause(error)
    if error.path is None and error.nodes:
        # Variables are coerced before the first field is asked for.
        answer["extensions"] = {**(error.extensions or {}), "code": BAD_USER_INPUT}
    elif cause is None and _is_for_clients(error):
        answer["extensions"] = {"code": BAD_USER_INPUT, **(error.extensions or {})}
    else:
        answer["message"], answer["extensions"] = explained(cause or error)
    return answer


def explained(error: Exception) -> tuple[str, Answer]:
    """What to tell a client of an exception: a message and the error's extensions."""
    if isinstance(error, GraphQLError) and "code" in (error.extensions or {}):
        return error.message, dict(error.extensions or {})
    if isinstance(error, DomainError):
        return str(error), _extensions(error)

    id_ = secrets.token_hex(6)
    failure = failure_of(error)
    if isinstance(error, StorageError):
        logger.error("Internal error %s: %s", id_, error)
        away = {UNAVAILABLE: "STORAGE", "retryAfter": RETRY_SECONDS}
        return "The files cannot be reached.", {"code": INTERNAL, "id": id_, **away}
    if failure is not None:
        logger.error("Internal error %s: %s (%s)", id_, failure.value, _first_line(error))
    elif isinstance(error, GraphQLError):
        # Printed whole, it would show the document.
        logger.error("Internal error %s: %s", id_, error.message)
    else:
        logger.error("Internal error %s", id_, exc_info=error)
    if failure is None:
        return "Internal error.", {"code": INTERNAL, "id": id_}
    details = {UNAVAILABLE: failure.name, "retryAfter": RETRY_SECONDS}
    return failure.value, {"code": INTERNAL, "id": id_, **details}


def status_of(extensions: Answer) -> int:
    """The HTTP status that says the same as an error's extensions, where nothing was answered."""
    return 503 if UNAVAILABLE in extensions else STATUS.get(extensions["code"], 400)


def _extensions(error: DomainError) -> Answer:
    match error:
        case NotFound():
            return {"code": NOT_FOUND}
        case NotAllowed(denial=denial):
            code = UNAUTHENTICATED if denial is Denial.SIGNED_OUT else FORBIDDEN
            return {"code": code, "reason": denial.name}
        case Invalid(field=field):
            return {"code": BAD_USER_INPUT, "field": field}
        case RateLimited(retry_after=seconds):
            return {"code": RATE_LIMITED, "retryAfter": seconds}
        case Conflict():
            return {"code": CONFLICT}
        case _:
            return {"code": BAD_USER_INPUT}


def _cause(error: GraphQLError) -> Exception | None:
    """The exception that is not GraphQL's own, beneath however many that are."""
    cause: Exception | None = error
    while isinstance(cause, GraphQLError):
        cause = cause.original_error
    return cause


def _is_for_clients(error: GraphQLError) -> bool:
    # An argument whose variable turned out to be null is refused only when its field is reached.
    return "code" in (error.extensions or {}) or error.message.startswith("Argument '")


def _first_line(error: Exception) -> str:
    return str(getattr(error, "orig", None) or error).split("\n", 1)[0]
