"""What a person can do wrong. Everything else that is raised is a bug.

* DomainError
  - NotFound       there is no such thing, or the viewer may not know that there is
  - NotAllowed     the viewer may not do this; `denial` says what stands in the way
  - Invalid        a value is not acceptable; `field` names it
  - Conflict       it was changed in the meantime; ask again
  - RateLimited    too often; `retry_after` seconds from now it will do
"""

from enum import Enum


class DomainError(Exception):
    """The root of every expected failure; its text is fit to show a person."""


class NotFound(DomainError):
    """The thing does not exist, or the viewer may not know that it does."""


class Denial(Enum):
    """What stands between a person and an action; the value is what the person is told."""

    SIGNED_OUT = "Sign in first."
    LEVEL = "Your level does not allow this."
    POINTS = "You need more points for this."
    BLOCKED = "Your account is blocked."
    UNCONFIRMED = "Confirm your e-mail address first."
    UNAPPROVED = "Your account has not been approved yet."
    IP_BLOCKED = "Your address is blocked."
    OWN_POST = "This is your own post."
    YOURSELF = "This is your own account."
    OTHERS_POST = "This is somebody else's post."
    CLOSED = "The question is closed."
    OPEN = "The question is open."
    HIDDEN = "The post is hidden."
    VISIBLE = "The post is visible."
    QUEUED = "The post is waiting for a moderator."
    SWITCHED_OFF = "This is switched off."
    ALREADY_DONE = "You have done this already."
    NOT_DONE = "There is nothing to take back."
    HAS_DEPENDENTS = "Other posts depend on this one."
    WRONG_KIND = "This cannot be done to a post of this kind."
    RATE_LIMIT = "You have done this too often in this hour."


class NotAllowed(DomainError):
    """The viewer may not do this."""

    def __init__(self, denial: Denial) -> None:
        super().__init__(denial.value)
        self.denial = denial


class Invalid(DomainError):
    """A value given by the client is not acceptable; `field` names it as the client knows it."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


class Conflict(DomainError):
    """Somebody changed it in the meantime."""


class RateLimited(DomainError):
    """Too often; `retry_after` is in whole seconds."""

    def __init__(self, message: str, *, retry_after: int) -> None:
        super().__init__(message)
        self.retry_after = retry_after
