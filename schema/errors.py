"""Expected failures, as members of every mutation's result union."""

from typing import TypeAlias

import strawberry
from strawberry.types.field import StrawberryField

from app.domain import errors
from schema.context import Info
from schema.denials import Denial as Denial


@strawberry.interface(description="An expected failure. Nothing was changed.")
class Error:
    message: str = strawberry.field(description="What is wrong, fit to show a person.")


@strawberry.type(description="There is no such thing, or the viewer may not know that there is.")
class NotFound(Error): ...


@strawberry.type(description="The viewer may not do this.")
class NotAllowed(Error):
    reason: Denial = strawberry.field(description="What stands in the way.")


@strawberry.type(description="A value of the input is not acceptable.")
class Invalid(Error):
    field: str = strawberry.field(description="The field of the input that it was given in.")


@strawberry.type(description="It was changed by somebody else in the meantime, or is contradicted.")
class Conflict(Error): ...


@strawberry.type(description="The viewer has done this too often in this hour.")
class RateLimited(Error):
    retry_after: int = strawberry.field(description="Seconds after which it will do again.")


# What any mutation may answer instead of success.
Failure: TypeAlias = NotFound | NotAllowed | Invalid | Conflict | RateLimited


class FailureHandler(strawberry.ExceptionHandler[errors.DomainError]):
    """Answers with the member of `Failure` that an expected failure is told by."""

    # It is looked for in the type of every field, and stands for all of `Failure`, which unions
    # have whole: looking for each of them would take every start 5 ms.
    error_type = NotFound

    def handle(
        self, exception: errors.DomainError, *, field: StrawberryField, info: Info
    ) -> Failure | None:
        message = str(exception)
        match exception:
            case errors.NotFound():
                return NotFound(message=message)
            case errors.NotAllowed(denial=reason):
                return NotAllowed(message=message, reason=reason)
            case errors.Invalid(field=name):
                return Invalid(message=message, field=name)
            case errors.Conflict():
                return Conflict(message=message)
            case errors.RateLimited(retry_after=seconds):
                return RateLimited(message=message, retry_after=seconds)
        return None


HANDLERS = (FailureHandler(),)
