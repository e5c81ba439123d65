"""What q2a itself made of texts: the recorded answers that the tests of texts compare with."""

import gzip
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

DATA: Final = Path(__file__).parent.parent / "data"

with gzip.open(DATA / "golden-site.json.gz", "rt", encoding="utf-8") as _file:
    SITE: Final[dict[str, Any]] = json.load(_file)
# The stored contents behind it, and what q2a indexed of some posts.
TEXTS: Final[dict[str, Any]] = json.loads((DATA / "golden_text.json").read_text("utf-8"))


def shown_posts() -> Iterator[tuple[dict[str, str], str]]:
    """Each question, answer and comment: as it is stored, and the HTML that q2a shows of it."""
    for record in _records(SITE["questions"]):
        if isinstance(record.get("html"), str):
            yield TEXTS["stored"][str(record["id"])], record["html"]


def _records(value: Any) -> Iterator[dict[str, Any]]:
    if isinstance(value, dict):
        if "id" in value:
            yield value
        value = list(value.values())
    if isinstance(value, list):
        for item in value:
            yield from _records(item)
