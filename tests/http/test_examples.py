"""The queries that the explorer offers can be run as they are."""

import pytest

from app.api import schema
from app.config import Settings
from app.endpoint.documents import Documents
from app.endpoint.graphiql import ReadyQuery
from app.examples import EXAMPLES


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.title)
def test_an_example_fits_the_schema_and_all_limits(example: ReadyQuery) -> None:
    settings = Settings()

    checked = Documents(schema._schema, settings).checked(example.query)

    assert checked.errors == []
    cost = checked.operation(None).cost_with(example.variables or {})
    assert 0 < cost < settings.max_cost / 10
