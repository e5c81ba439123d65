"""Enums of the domain as the API shows them: defined once, described here."""

from collections.abc import Mapping
from enum import Enum
from typing import TypeVar

import strawberry
from strawberry.types.enum import StrawberryEnumDefinition

E = TypeVar("E", bound=Enum)


def expose(enum: type[E], *, description: str, values: Mapping[E, str]) -> None:
    """Make an enum of the domain part of the schema under its own name.

    :param values: the description of every member
    """
    strawberry.enum(enum, description=description)
    definition: StrawberryEnumDefinition = enum.__strawberry_definition__  # type: ignore[attr-defined]
    for value in definition.values:
        value.description = values[enum[value.name]]
