"""What the API answers on a real q2a site, compared with what q2a itself answered there."""

import gzip
import json
from datetime import datetime
from typing import Any

from tests.conftest import DATA

GOLDEN: dict[str, Any] = json.loads(gzip.decompress((DATA / "golden-site.json.gz").read_bytes()))


def seconds(moment: str | None) -> int | None:
    """A time of the API as q2a's file has it."""
    return None if moment is None else int(datetime.fromisoformat(moment).timestamp())
