"""The explorer works in a browser that reaches nothing but the site."""

from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from app.main import create_app
from tests.browser.chromium import Page, open_page
from tests.browser.explorer import ANSWER, DOCUMENTATION, run_ready_query, shown
from tests.conftest import settings_for
from tests.serving import served

pytestmark = pytest.mark.browser


@pytest.fixture
async def site(golden_file: Path) -> AsyncIterator[str]:
    """The address of the real site, served from a file."""
    async with served(create_app(settings_for(f"sqlite+aiosqlite:///{golden_file}"))) as address:
        yield address


@pytest.fixture
async def page(site: str) -> AsyncIterator[Page]:
    async with open_page(f"{site}/graphql") as page:
        yield page


async def test_a_ready_query_is_answered_without_leaving_the_site(site: str, page: Page) -> None:
    await run_ready_query(page)
    await shown(page, ANSWER, '"questions"')

    assert page.errors == []
    origins = {f"{url.scheme}://{url.netloc}" for url in map(urlsplit, page.requests)}
    assert origins == {site}
    # What the page shows came with it: the workers were really started, and not missed above.
    files = {urlsplit(url).path.rpartition("/")[2] for url in page.requests}
    assert {"graphiql.js", "graphiql.css", "graphql.worker.js", "json.worker.js"} <= files


async def test_the_docs_explain_the_fields_of_the_schema(page: Page) -> None:
    await shown(page, DOCUMENTATION, "Query")
    await page.click(f"{DOCUMENTATION} a.graphiql-doc-explorer-type-name")

    await shown(page, DOCUMENTATION, "questions")


async def test_every_ready_query_has_a_tab(page: Page) -> None:
    config = "JSON.parse(document.getElementById('graphiql-config').textContent)"
    titles = "[...document.querySelectorAll('.graphiql-tab-button')].map(tab => tab.innerText)"

    ready = await page.evaluate(f"{config}.queries.length")
    await page.wait_for(f"{titles}.length > 1")

    assert len(await page.evaluate(titles)) == ready


async def test_no_name_is_looked_up(site: str) -> None:
    by_name = site.replace("127.0.0.1", "localhost")

    with pytest.raises(RuntimeError, match="ERR_NAME_NOT_RESOLVED"):
        async with open_page(f"{by_name}/graphql"):
            pass
