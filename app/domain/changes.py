"""Changes: what a post says of its last one (FACTS 2)."""

from enum import Enum
from typing import Any

from app.domain.writing import Writer
from app.models import Post


class ChangeKind(Enum):
    """What was changed; the values are q2a's codes."""

    CATEGORY = "A"
    CLOSED = "C"
    EDITED = "E"
    MOVED = "M"
    ACCEPTED = "S"
    RETAGGED = "T"
    CONVERTED = "Y"
    VISIBILITY = "H"


# What a post says that has not been changed.
NO_CHANGE: dict[Any, Any] = {
    Post.changed_at: None,
    Post.change: None,
    Post.changed_by_id: None,
    Post.changed_from: None,
}


def stamp(writer: Writer, kind: ChangeKind) -> dict[Any, Any]:
    """What a post says that the writer changes now."""
    return {
        Post.changed_at: writer.time,
        Post.change: kind.value,
        Post.changed_by_id: writer.viewer.id,
        Post.changed_from: writer.viewer.address,
    }
