"""GraphiQL as a person uses it; run as a program it takes the picture in the README.

.venv/bin/python -m tests.browser.explorer http://127.0.0.1:8000/graphql docs/graphiql.png
"""

import asyncio
import json
import sys
from pathlib import Path

from tests.browser.chromium import Page, open_page

EXECUTE = ".graphiql-execute-button"
QUERY = ".graphiql-query-editor .view-lines"
ANSWER = ".graphiql-response .view-lines"
DOCUMENTATION = ".graphiql-doc-explorer"


async def shown(page: Page, selector: str, text: str) -> None:
    """Wait until an element shows a text."""
    # The editor draws spaces as no-break ones.
    content = (
        f"document.querySelector({json.dumps(selector)})?.innerText.replaceAll('\\u00a0', ' ')"
    )
    await page.wait_for(f"{content}?.includes({json.dumps(text)})")


async def run_ready_query(page: Page) -> None:
    """Wait for the editor and the docs, and run the query that the explorer opened with."""
    await shown(page, QUERY, "query ")
    await shown(page, DOCUMENTATION, "Query")
    await page.click(EXECUTE)
    await shown(page, ANSWER, '"data"')


async def take_picture(url: str, path: Path) -> None:
    async with open_page(url, width=1440, height=900) as page:
        await run_ready_query(page)
        # The editor colours what it shows a moment later.
        await asyncio.sleep(1)
        await page.screenshot(path)


if __name__ == "__main__":
    asyncio.run(take_picture(sys.argv[1], Path(sys.argv[2])))
