"""Queries that fail on purpose, run by graphql-core and by us side by side."""

import gc
from collections.abc import Iterator

import pytest

from tests.wingbeat.leftovers import collect, forgiven


@pytest.fixture(autouse=True)
def nothing_left_behind() -> Iterator[None]:
    """What a test has abandoned is found while it runs, not during somebody else's."""
    collect()
    yield
    collect()
    with forgiven():
        # What the reference still held on to when it was looked for.
        gc.unfreeze()
