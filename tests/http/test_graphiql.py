"""The explorer's page and files: whole without a network where the bundle is, else from a CDN."""

import json
import re
from pathlib import Path
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette
from starlette.routing import Route

from app.endpoint.graphiql import GraphiQLPage, ReadyQuery
from tests.http.conftest import client_of

HOSTILE = "</script><script>alert(1)</script> & 'ü'"


@pytest.fixture
def bundle(tmp_path: Path) -> Path:
    (tmp_path / "graphiql.js").write_text("console.log('bees')")
    (tmp_path / "graphiql.css").write_text("body {}")
    (tmp_path / "graphql.worker.js").write_text("onmessage = null")
    (tmp_path.parent / "secret.js").write_text("secret")
    return tmp_path


def page_in(directory: Path) -> GraphiQLPage:
    query = ReadyQuery(HOSTILE, "{ hello }", {"first": 5})
    return GraphiQLPage(title=HOSTILE, queries=[query], directory=directory)


def html_of(page: GraphiQLPage) -> str:
    return bytes(page.response().body).decode()


def files(directory: Path) -> Starlette:
    return Starlette(routes=[Route("/graphql/assets/{name}", page_in(directory).asset)])


def script_addresses(html: str) -> list[str]:
    return re.findall(r'(?:src|href)="([^"]+)"', html)


def test_with_the_bundle_nothing_comes_from_elsewhere(bundle: Path) -> None:
    page = page_in(bundle)

    assert "//" not in html_of(page).replace("</", "")
    policy = page.response().headers["content-security-policy"]
    assert "script-src 'self'" in policy
    assert "unsafe-eval" not in policy
    assert "http" not in policy


def test_without_the_bundle_the_page_names_its_cdn_and_fixes_what_it_loads(tmp_path: Path) -> None:
    page = page_in(tmp_path)
    html = html_of(page)

    assert "loads GraphiQL from unpkg.com" in html
    remote = [address for address in script_addresses(html) if address.startswith("https:")]
    assert len(remote) == 4
    assert html.count('integrity="sha384-') == 4
    assert (
        "script-src 'self' https://unpkg.com" in page.response().headers["content-security-policy"]
    )


@pytest.mark.parametrize("bundled", [True, False])
def test_no_title_or_query_can_leave_its_place(bundle: Path, tmp_path: Path, bundled: bool) -> None:
    html = html_of(page_in(bundle if bundled else tmp_path / "nothing"))

    assert "<script>" not in html
    assert "<title>&lt;/script&gt;" in html
    config: Any = json.loads(html.split('id="graphiql-config">')[1].split("</script>")[0])
    assert config == {
        "endpoint": "/graphql",
        "title": HOSTILE,
        "queries": [{"title": HOSTILE, "query": "{ hello }", "variables": {"first": 5}}],
    }


async def test_a_browser_may_keep_the_version_that_the_page_names(bundle: Path) -> None:
    addresses = script_addresses(html_of(page_in(bundle)))
    [script] = [address for address in addresses if "graphiql.js" in address]

    async with client_of(files(bundle)) as client:
        response = await client.get(script)
        (bundle / "graphiql.js").write_text("console.log('wasps')")
        changed = await client.get(script)

    assert response.text == "console.log('bees')"
    assert response.headers["content-type"].startswith("text/javascript")
    assert response.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert (changed.text, changed.headers["cache-control"]) == ("console.log('wasps')", "no-cache")
    assert script not in html_of(page_in(bundle))


async def test_a_worker_is_asked_for_again_and_not_sent_again(bundle: Path) -> None:
    async with client_of(files(bundle)) as client:
        first = await client.get("/graphql/assets/graphql.worker.js")
        again = await client.get(
            "/graphql/assets/graphql.worker.js", headers={"if-none-match": first.headers["etag"]}
        )

    assert first.headers["cache-control"] == "no-cache"
    assert (again.status_code, again.content) == (304, b"")


@pytest.mark.parametrize(
    "name", ["nothing.js", "..%2Fsecret.js", "%2e%2e/secret.js", ".", "a%00.js"]
)
async def test_only_the_bundles_files_are_served(bundle: Path, name: str) -> None:
    async with client_of(files(bundle)) as client:
        response: httpx.Response = await client.get(f"/graphql/assets/{name}")

    assert response.status_code == 404
    assert "secret" not in response.text
