"""Made-up queries against values that fail: the compiled executor answers as graphql-core does."""

import asyncio
import os

from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from tests.wingbeat.comparing import Rates, answer, check_same, idle, validated
from tests.wingbeat.garden import schema
from tests.wingbeat.queries import Made, queries

# How many queries are made up; 20,000 take some minutes.
CASES = int(os.environ.get("WINGBEAT_CASES", "500"))
RATES = st.sampled_from(
    [
        Rates(failing=0, missing=0, wrong=0),
        Rates(failing=0.02, missing=0.02, wrong=0.02),
        Rates(failing=0.1, missing=0, wrong=0),
        Rates(failing=0, missing=0.1, wrong=0.05),
        Rates(failing=0.2, missing=0.2, wrong=0.1),
    ]
)
made_up = settings(
    max_examples=CASES,
    deadline=None,
    derandomize=CASES == 500,
    suppress_health_check=[
        HealthCheck.too_slow,
        HealthCheck.filter_too_much,
        HealthCheck.data_too_large,
    ],
)


@made_up
@given(query=queries(schema._schema), seed=st.integers(0, 10_000), rates=RATES)
async def test_any_query_is_answered_alike(query: Made, seed: int, rates: Rates) -> None:
    document = validated(query)
    assume(document is not None)
    assert document is not None

    stock = await answer(query, document, seed, rates, compiled=False)
    await idle()
    compiled = await answer(query, document, seed, rates, compiled=True)

    assert len(asyncio.all_tasks()) == 1
    check_same(stock, compiled)
