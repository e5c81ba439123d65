"""Signing in from the explorer with the password of a q2a account."""

import json
import shutil
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from app.main import create_app
from tests.browser.chromium import Page, open_page
from tests.browser.explorer import ANSWER, DOCUMENTATION, EXECUTE, QUERY, shown
from tests.conftest import DATA, settings_for
from tests.serving import served

pytestmark = pytest.mark.browser

PERSON = json.loads((DATA / "credentials.json").read_text())["users"][2]
BUTTON = "button[aria-label='Show Sign in']"
FORM = ".waggle-sign-in"
EDITOR = ".graphiql-query-editor"


@pytest.fixture
async def stack() -> AsyncIterator[AsyncExitStack]:
    async with AsyncExitStack() as stack:
        yield stack


async def explorer(
    stack: AsyncExitStack, golden_file: Path, tmp_path: Path, **settings: str
) -> Page:
    """The explorer of a copy of the real site."""
    url = f"sqlite+aiosqlite:///{shutil.copy(golden_file, tmp_path / 'real.sqlite')}"
    key = {"LOCAL_ISSUER_KEY": str(tmp_path / "key.pem")}
    app = create_app(settings_for(url, **key, **settings))
    address = await stack.enter_async_context(served(app))
    page = await stack.enter_async_context(open_page(f"{address}/graphql"))
    await shown(page, QUERY, "query ")
    await shown(page, DOCUMENTATION, "Query")
    return page


async def sign_in(page: Page, password: str) -> None:
    """Fill the form by the keyboard alone, from where the focus is when it opens."""
    focused = "document.activeElement.name"
    await page.wait_for(f"{focused} === 'username'")
    await page.type(PERSON["handle"])
    await page.press("Tab")
    await page.wait_for(f"{focused} === 'password'")
    await page.type(password)
    await page.press("Enter")


async def ask(page: Page, query: str) -> None:
    """Write a query in the place of the one that is there, and run it."""
    await page.evaluate(f"document.querySelector('{EDITOR} textarea').focus()")
    # Until the editor has noticed, keys are the browser's.
    await page.wait_for(f"document.querySelector('{EDITOR} .monaco-editor.focused') !== null")
    await page.press("a", control=True)
    await page.wait_for(f"document.querySelector('{EDITOR} .selected-text') !== null")
    await page.type(query)
    await page.wait_for(
        f"document.querySelector('{QUERY}').innerText.replaceAll('\\u00a0', ' ').trim()"
        f" === {json.dumps(query)}"
    )
    await page.click(EXECUTE)


async def test_a_handle_and_a_password_fill_the_headers(
    stack: AsyncExitStack, golden_file: Path, tmp_path: Path
) -> None:
    page = await explorer(stack, golden_file, tmp_path)
    await page.click(BUTTON)

    await sign_in(page, PERSON["password"])
    await shown(page, f"{FORM} [role=status]", f"Signed in as {PERSON['handle']}")
    await ask(page, "query NewestQuestions { viewer { user { handle } } }")

    await shown(page, ANSWER, f'"handle": "{PERSON["handle"]}"')
    assert page.errors == []
    # Nothing was kept that outlives the page.
    stored = await page.evaluate("JSON.stringify({...localStorage, ...sessionStorage})")
    assert "Bearer" not in stored
    assert await page.evaluate("document.cookie") == ""
    assert PERSON["password"] not in "".join(page.requests)


async def test_signing_out_empties_the_headers_again(
    stack: AsyncExitStack, golden_file: Path, tmp_path: Path
) -> None:
    page = await explorer(stack, golden_file, tmp_path)
    await page.click(BUTTON)
    await sign_in(page, PERSON["password"])
    await shown(page, f"{FORM} [role=status]", "Signed in")

    await page.click(f"{FORM} button[type=button]")
    await shown(page, f"{FORM} [role=status]", "Signed out")
    await ask(page, "query NewestQuestions { viewer { user { handle } } }")

    await shown(page, ANSWER, '"viewer": null')


async def test_a_wrong_password_is_told_and_signs_nobody_in(
    stack: AsyncExitStack, golden_file: Path, tmp_path: Path
) -> None:
    page = await explorer(stack, golden_file, tmp_path)
    await page.click(BUTTON)

    await sign_in(page, "wrong")

    await shown(page, f"{FORM} [role=alert]", "Incorrect username or password.")


async def test_every_field_has_a_label(
    stack: AsyncExitStack, golden_file: Path, tmp_path: Path
) -> None:
    page = await explorer(stack, golden_file, tmp_path)
    await page.click(BUTTON)
    await shown(page, FORM, "Sign in")

    labels = f"[...document.querySelectorAll('{FORM} input')].map(i => i.labels[0]?.innerText)"

    assert await page.evaluate(labels) == ["Handle or e-mail address", "Password"]


async def test_there_is_no_form_where_nobody_could_sign_in(
    stack: AsyncExitStack, golden_file: Path, tmp_path: Path
) -> None:
    page = await explorer(stack, golden_file, tmp_path, LOCAL_ISSUER="false")

    assert await page.evaluate(f"document.querySelector({json.dumps(BUTTON)})") is None
