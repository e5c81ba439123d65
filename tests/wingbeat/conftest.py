"""Queries that fail on purpose, run by graphql-core and by us side by side."""

import gc
from collections.abc import Iterator
from pathlib import Path

import pytest

HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    # graphql-core abandons what is below a field that failed: coroutines that it never awaits.
    abandoned = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(abandoned)


@pytest.fixture(autouse=True)
def nothing_left_behind() -> Iterator[None]:
    """What a test has abandoned is collected while it runs, not during somebody else's."""
    yield
    gc.collect()
