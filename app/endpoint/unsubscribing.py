"""Where links in mails lead that end mails of a kind: a page with a button, and RFC 8058's POST."""

from collections.abc import Mapping
from datetime import UTC, datetime
from html import escape

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from app.db import Database
from app.db.failures import failure_of
from app.db.transactions import Busy, transact
from app.domain import mail_texts, unsubscribing
from app.domain.errors import NotFound
from app.domain.mail_texts import UnsubscribePage
from app.domain.sites import Site, SiteCache
from app.endpoint.errors import RETRY_AFTER, explained

# The address is a secret of the mail's: it goes into no log of others, index or cache.
HEADERS = {
    "cache-control": "no-store",
    "content-security-policy": "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; "
    "frame-ancestors 'none'",
    "referrer-policy": "no-referrer",
    "x-robots-tag": "noindex",
}
PAGE = """<!doctype html>
<html lang="{language}">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>{title}</title>
<style>body {{ font: 1rem/1.5 sans-serif; max-width: 32rem; margin: 4rem auto; padding: 0 1rem }}
button {{ font: inherit; padding: 0.5rem 1rem }}</style>
<h1>{title}</h1>
<p>{text}</p>
{form}
</html>
"""
FORM = '<form method="post"><button>{button}</button></form>'


class UnsubscribeEndpoint:
    """Answers the links that `unsubscribing.link` makes.

    Opening one changes nothing: programs that check mails open every link in them.
    """

    def __init__(self, db: Database, sites: SiteCache) -> None:
        self.db = db
        self.sites = sites

    def route(self) -> Route:
        return Route(f"/{unsubscribing.PATH}", self.respond, methods=["GET", "POST"])

    async def respond(self, request: Request) -> Response:
        """A page that asks for a click, or that says that it is done."""
        try:
            return await self._answer(request)
        except Exception as error:
            message, _ = explained(error)
            is_away = failure_of(error) is not None or isinstance(error, Busy)
            headers = RETRY_AFTER if is_away else {}
            return Response(message, 503 if is_away else 500, headers, "text/plain")

    async def _answer(self, request: Request) -> Response:
        token = request.query_params.get("token", "")
        site = await self.sites.get()
        page = mail_texts.unsubscribe_page(site.options)
        try:
            if request.method == "POST":
                await transact(
                    self.db,
                    lambda connection: unsubscribing.unsubscribe(
                        connection, token=token, now=datetime.now(UTC)
                    ),
                )
                return _page(site, page, page.done)
            async with self.db.read() as connection:
                found = await unsubscribing.read(connection, token=token)
        except NotFound:
            return _page(site, page, page.unknown, status=404)
        topic = page.topics[found.topic.value]
        return _page(site, page, page.question.format(topic=topic), button=page.button)


def _page(
    site: Site, page: UnsubscribePage, text: str, *, button: str = "", status: int = 200
) -> Response:
    parts: Mapping[str, str] = {
        "language": page.language,
        "title": escape(site.title),
        "text": escape(text),
        "form": FORM.format(button=escape(button)) if button else "",
    }
    return Response(PAGE.format_map(parts), status, HEADERS, "text/html")
