"""Reading JSON that somebody else may have made to mislead."""

import json
from typing import Any, NoReturn


def strict_object(text: str | bytes) -> dict[str, Any]:
    """The JSON object in `text`, in which no member stands twice and every number is one.

    :raises ValueError: if there is anything else in it
    """
    try:
        found = json.loads(text, object_pairs_hook=_once_each, parse_constant=_no_number)
    except RecursionError:
        raise ValueError("It is nested too deeply.") from None
    if not isinstance(found, dict):
        raise ValueError("It is not an object.")
    return found


def _once_each(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        # One reader would take the first of them, another the last.
        raise ValueError("It has a member twice.")
    return members


def _no_number(name: str) -> NoReturn:
    raise ValueError(f"{name} is not a number of JSON.")
