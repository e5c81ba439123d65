"""The mail that greets somebody whose account was just made (FACTS 12 and 16)."""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from app.domain import outbox
from app.domain.outbox import Recipient
from app.domain.sites import Site
from app.domain.viewers import Viewer
from app.domain.writing import Writer

BODY = """Welcome to {site}, {handle}!

Your account is ready: ask, answer and vote at {url}
"""


async def queue(
    connection: AsyncConnection, *, user_id: int, handle: str, email: str, site: Site, now: datetime
) -> None:
    """Have the mail sent once the account is committed; nothing happens without an address.

    What the owner greets people with (option `custom_welcome`) goes with it.
    """
    if not email:
        return
    body = BODY.format(site=site.title, handle=handle, url=site.url)
    own_words = site.options.texts.get("custom_welcome", "").strip()
    if site.options.show_custom_welcome and own_words:
        body += f"\n{own_words}\n"
    await outbox.queue(
        connection,
        writer=Writer(Viewer(), site, now),
        kind="welcome",
        to=Recipient(email, handle, user_id),
        subject="Welcome",
        body=body,
    )
