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


class NotFoundHandler(strawberry.ExceptionHandler[errors.NotFound, NotFound]):
    def handle(self, exception: errors.NotFound, *, field: StrawberryField, info: Info) -> NotFound:
        return NotFound(message=str(exception))


class NotAllowedHandler(strawberry.ExceptionHandler[errors.NotAllowed, NotAllowed]):
    def handle(
        self, exception: errors.NotAllowed, *, field: StrawberryField, info: Info
    ) -> NotAllowed:
        return NotAllowed(message=str(exception), reason=exception.denial)


class InvalidHandler(strawberry.ExceptionHandler[errors.Invalid, Invalid]):
    def handle(self, exception: errors.Invalid, *, field: StrawberryField, info: Info) -> Invalid:
        return Invalid(message=str(exception), field=exception.field)


class ConflictHandler(strawberry.ExceptionHandler[errors.Conflict, Conflict]):
    def handle(self, exception: errors.Conflict, *, field: StrawberryField, info: Info) -> Conflict:
        return Conflict(message=str(exception))


class RateLimitedHandler(strawberry.ExceptionHandler[errors.RateLimited, RateLimited]):
    def handle(
        self, exception: errors.RateLimited, *, field: StrawberryField, info: Info
    ) -> RateLimited:
        return RateLimited(message=str(exception), retry_after=exception.retry_after)


HANDLERS = (
    NotFoundHandler(),
    NotAllowedHandler(),
    InvalidHandler(),
    ConflictHandler(),
    RateLimitedHandler(),
)
