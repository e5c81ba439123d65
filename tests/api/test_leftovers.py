"""What a request leaves in memory when it is answered."""

import gc

from schema.context import Context
from tests.conftest import Api

THREADS = """{ questions(first: 10) { nodes {
    author { handle } category { slug } comments(first: 2) { nodes { id } }
    answers(first: 3) { nodes { content author { handle }
        comments(first: 2) { nodes { id author { handle } } } } }
} } }"""


async def test_nothing_that_a_query_has_loaded_waits_for_the_garbage_collector(
    golden: Api,
) -> None:
    # The second time compiles the document.
    for _ in range(2):
        await golden.ask(THREADS)
    gc.collect()
    gc.disable()
    try:
        data = await golden.ask(THREADS)
        left = [thing for thing in gc.get_objects() if isinstance(thing, Context)]
    finally:
        gc.enable()

    assert any(node["answers"]["nodes"] for node in data["questions"]["nodes"])
    assert not left
