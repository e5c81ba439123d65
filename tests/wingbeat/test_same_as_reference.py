"""Made-up queries against values that fail: the compiled executor answers as graphql-core does."""

import os
from itertools import chain

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from tests.wingbeat.comparing import Rates, answer, check_same, validated
from tests.wingbeat.garden import schema
from tests.wingbeat.leftovers import left_running
from tests.wingbeat.queries import Made, queries

# How many queries are made up for each of the rates; 4,000 take some minutes.
CASES = int(os.environ.get("WINGBEAT_CASES", "300"))
RATES = [
    Rates(failing=0, missing=0, wrong=0),
    Rates(failing=0.02, missing=0.02, wrong=0.02),
    Rates(failing=0.1, missing=0, wrong=0),
    Rates(failing=0, missing=0.1, wrong=0.05),
    Rates(failing=0.2, missing=0.2, wrong=0.1),
]


@pytest.mark.parametrize("rates", RATES)
@settings(
    max_examples=CASES, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck)
)
@given(query=queries(schema._schema), seed=st.integers(0, 10_000))
async def test_any_query_is_answered_alike(query: Made, seed: int, rates: Rates) -> None:
    document = validated(query)
    assume(document is not None)
    assert document is not None

    stock = await answer(query, document, seed, rates, compiled=False)
    compiled = await answer(query, document, seed, rates, compiled=True)

    assert not left_running()
    check_same(stock, compiled)
    if not stock.errors and not stock.inside:
        # Where resolvers take turns of uneven length, two batches may become one, or one two.
        assert abs(len(compiled.world.batches) - len(stock.world.batches)) <= 1
        assert sorted(chain(*compiled.world.batches)) == sorted(chain(*stock.world.batches))
        assert sorted(compiled.world.reads) == sorted(stock.world.reads)
