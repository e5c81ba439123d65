"""GraphiQL, the explorer that a browser finds at the endpoint, and the files it is made of."""

import hashlib
import html
import re
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from string import Template
from typing import Any, NamedTuple

import orjson
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, Response

# Where `make` puts GraphiQL and all that it loads.
BUNDLE = Path("var/graphiql")
FILE_NAME = re.compile(r"[A-Za-z0-9_-]+(\.[a-z0-9]+)+")
A_YEAR = "public, max-age=31536000, immutable"
# The editor sets styles of its own, and its fonts and icons are part of the style sheet.
POLICY = (
    "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; "
    "connect-src 'self'; worker-src 'self' blob:; img-src 'self' data:; font-src 'self' data:$cdn; "
    "style-src 'self' 'unsafe-inline'$cdn; script-src 'self'$cdn"
)
CDN = "https://unpkg.com"
# What the page loads where no bundle was made; the hashes are those of the published packages.
CDN_STYLE = (
    "graphiql@3.8.3/graphiql.min.css",
    "sha384-Mq3vbRBY71jfjQAt/DcjxUIYY33ksal4cgdRt9U/hNPvHBCaT2JfJ/PTRiPKf0aM",
)
CDN_SCRIPTS = [
    (
        "react@18.2.0/umd/react.production.min.js",
        "sha384-tMH8h3BGESGckSAVGZ82T9n90ztNXxvdwvdM6UoR56cYcf+0iGXBliJ29D+wZ/x8",
    ),
    (
        "react-dom@18.2.0/umd/react-dom.production.min.js",
        "sha384-bm7MnzvK++ykSwVJ2tynSE5TRdN+xL418osEVF2DE/L/gfWHj91J2Sphe582B1Bh",
    ),
    (
        "graphiql@3.8.3/graphiql.min.js",
        "sha384-HbRVEFG0JGJZeAHCJ9Xm2+tpknBQ7QZmNlO/DgZtkZ0aJSypT96YYGRNod99l9Ie",
    ),
]
NOTE = (
    "<p>This page loads GraphiQL from unpkg.com. Run <code>make run</code> where npm is installed, "
    "and it needs no network.</p>"
)
PAGE = Template("""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>$title</title>
<link rel="icon" href="data:,">
$styles
<style>
html, body { height: 100%; margin: 0; }
body { display: flex; flex-direction: column; font-family: sans-serif; }
body > p { margin: 0; padding: .5em 1em; background: #fff3c4; color: #333; }
#graphiql { flex: 1; min-height: 0; }
</style>
</head>
<body>
$note<div id="graphiql"></div>
<script type="application/json" id="graphiql-config">$config</script>
$scripts
</body>
</html>
""")
CDN_START = """
const { endpoint, queries } = JSON.parse(document.getElementById("graphiql-config").textContent);
const fetcher = GraphiQL.createFetcher({ url: endpoint });
const defaultTabs = queries.map(({ title, query, variables }) => ({
  query: `# ${title}\\n${query}`,
  variables: variables && JSON.stringify(variables, null, 2),
}));
ReactDOM.createRoot(document.getElementById("graphiql")).render(
  React.createElement(GraphiQL, { fetcher, defaultTabs }),
);
"""


class ReadyQuery(NamedTuple):
    """A query that the explorer offers to begin with."""

    title: str
    query: str
    variables: dict[str, Any] | None = None


class GraphiQLPage:
    """The page for `endpoint`, and its files below `assets`.

    With the bundle in `directory` a browser loads nothing from elsewhere; else from a CDN.
    With an address for `sign_in` the bundled page offers to sign in, and asks there for tokens.
    """

    def __init__(
        self,
        *,
        title: str,
        queries: Sequence[ReadyQuery],
        endpoint: str = "/graphql",
        assets: str = "/graphql/assets",
        directory: Path = BUNDLE,
        sign_in: str | None = None,
    ) -> None:
        self.title = title
        self.assets = assets
        self.directory = directory
        self.config: dict[str, Any] = {
            "endpoint": endpoint,
            "title": title,
            "queries": [query._asdict() for query in queries],
        }
        if sign_in is not None:
            self.config["signIn"] = sign_in

    def response(self) -> Response:
        """The page, as it can be made at this moment."""
        bundled = (self.directory / "graphiql.js").is_file()
        styles, scripts = self._bundled_tags() if bundled else self._cdn_tags()
        page = PAGE.substitute(
            title=html.escape(self.title),
            styles=styles,
            scripts=scripts,
            note="" if bundled else NOTE,
            config=_json_in_html(self.config),
        )
        policy = Template(POLICY).substitute(cdn="" if bundled else f" {CDN}")
        headers = {
            "content-security-policy": policy,
            "cache-control": "no-cache",
            "vary": "Accept",
            "referrer-policy": "same-origin",
        }
        return HTMLResponse(page, headers=headers)

    def _bundled_tags(self) -> tuple[str, str]:
        style, script = self._address("graphiql.css"), self._address("graphiql.js")
        return (
            f'<link rel="stylesheet" href="{style}">',
            f'<script type="module" src="{script}"></script>',
        )

    def _address(self, name: str) -> str:
        return f"{self.assets}/{name}?v={_version(self.directory / name)}"

    def _cdn_tags(self) -> tuple[str, str]:
        path, hash_ = CDN_STYLE
        style = f'<link rel="stylesheet" crossorigin href="{CDN}/{path}" integrity="{hash_}">'
        scripts = [
            f'<script defer crossorigin src="{CDN}/{path}" integrity="{hash_}"></script>'
            for path, hash_ in CDN_SCRIPTS
        ]
        scripts.append(f'<script defer src="{self.assets}/start-from-cdn.js"></script>')
        return style, "\n".join(scripts)

    async def asset(self, request: Request) -> Response:
        """One of the files, which a browser may keep for good if it asked for this version."""
        name = request.path_params["name"]
        if name == "start-from-cdn.js":
            return Response(CDN_START, media_type="text/javascript")
        path = self.directory / name
        if not FILE_NAME.fullmatch(name) or not path.is_file():
            raise HTTPException(404, "There is no such file.")

        version = _version(path)
        current = request.query_params.get("v") == version
        headers = {"cache-control": A_YEAR if current else "no-cache", "etag": f'"{version}"'}
        if headers["etag"] in request.headers.get("if-none-match", ""):
            return Response(status_code=304, headers=headers)
        return FileResponse(path, headers=headers)


def _json_in_html(value: object) -> str:
    """JSON that cannot end the script element it stands in."""
    text = orjson.dumps(value).decode()
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


def _version(path: Path) -> str:
    if not path.is_file():
        return "none"
    status = path.stat()
    return _hash(path, status.st_mtime_ns, status.st_size)


@lru_cache(maxsize=32)
def _hash(path: Path, _changed: int, _size: int) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()[:16]
