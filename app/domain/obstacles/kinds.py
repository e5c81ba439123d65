"""Every obstacle that an account can meet on its way into a user pool, and what to do about it."""

from enum import Enum
from typing import NamedTuple


class Weight(Enum):
    """How much an obstacle matters.

    One that `STOPS` has to be removed by the owner, one that `HINDERS` costs the person a step
    more or a way to sign in; a `NOTE` is worth knowing only.
    """

    STOPS = "cannot move"
    HINDERS = "moves with a detour"
    NOTE = "to know"


class Obstacle(Enum):
    """What an account would trip over. The value is the name in reports."""

    EMAIL_MISSING = "email-missing"
    EMAIL_INVALID = "email-invalid"
    EMAIL_SHARED = "email-shared"
    EMAIL_SIMILAR = "email-similar"
    HANDLE_SHARED = "handle-shared"
    HANDLE_SIMILAR = "handle-similar"
    HANDLE_CHARACTERS = "handle-characters"
    PASSWORD_MISSING = "password-missing"  # noqa: S105 - names of obstacles
    PASSWORD_UNKNOWN = "password-unknown"  # noqa: S105
    PASSWORD_OLD = "password-old"  # noqa: S105
    UNCONFIRMED = "unconfirmed"
    BLOCKED = "blocked"
    LINKED = "linked"

    @property
    def weight(self) -> Weight:
        return _ABOUT[self][0]

    @property
    def about(self) -> str:
        """What it is, as a sentence."""
        return _ABOUT[self][1]

    @property
    def remedy(self) -> str:
        """What the owner can do, as a sentence."""
        return _ABOUT[self][2]


class Finding(NamedTuple):
    """One obstacle of one account. `detail` says what it is in this account, or is empty."""

    user_id: int
    handle: str
    email: str
    obstacle: Obstacle
    detail: str


_ABOUT: dict[Obstacle, tuple[Weight, str, str]] = {
    Obstacle.EMAIL_MISSING: (
        Weight.STOPS,
        "The account has no e-mail address.",
        "Ask the person for one, and enter it in q2a.",
    ),
    Obstacle.EMAIL_INVALID: (
        Weight.STOPS,
        "Cognito does not take the address, or cannot send codes to it.",
        "Ask the person for another one.",
    ),
    Obstacle.EMAIL_SHARED: (
        Weight.STOPS,
        "Several accounts have the address, but for upper and lower case.",
        "Let one of them keep it: the pool could not tell whom it means.",
    ),
    Obstacle.EMAIL_SIMILAR: (
        Weight.STOPS,
        "To the database the address is the same as another account's, but for accents.",
        "Let one of them have another address.",
    ),
    Obstacle.HANDLE_SHARED: (
        Weight.HINDERS,
        "Several accounts have the handle, but for upper and lower case.",
        "Rename all but one; until then they sign in by e-mail address only.",
    ),
    Obstacle.HANDLE_SIMILAR: (
        Weight.HINDERS,
        "To the database the handle is the same as another account's, but for accents.",
        "Rename all but one; until then they sign in by e-mail address only.",
    ),
    Obstacle.HANDLE_CHARACTERS: (
        Weight.HINDERS,
        "The handle has blanks or other characters that a user name of Cognito cannot have.",
        "It can be shown all the same, but not be signed in with; the address can.",
    ),
    Obstacle.PASSWORD_MISSING: (
        Weight.HINDERS,
        "The account has no password: its owner signs in by another service, or not at all.",
        'Offer that service in the pool; else they use "forgot password".',
    ),
    Obstacle.PASSWORD_UNKNOWN: (
        Weight.HINDERS,
        "What is stored as the password is none of the forms that q2a makes.",
        'Nobody can sign in with it here: they use "forgot password".',
    ),
    Obstacle.PASSWORD_OLD: (
        Weight.NOTE,
        "The password is in q2a's older form.",
        "Nothing: it is replaced when they first sign in.",
    ),
    Obstacle.UNCONFIRMED: (
        Weight.HINDERS,
        "The site has people confirm their addresses, and this one is not confirmed.",
        "They are led through a mailed code when they first sign in.",
    ),
    Obstacle.BLOCKED: (
        Weight.NOTE,
        "The account is blocked.",
        "Nothing: it can move, and stays blocked.",
    ),
    Obstacle.LINKED: (
        Weight.NOTE,
        "The account is linked to the user pool already.",
        "Nothing: it has moved.",
    ),
}
