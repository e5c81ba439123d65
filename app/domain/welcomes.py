"""The mails about an account that was just made: one greets its owner, one tells the site's.

FACTS 12 and 16.
"""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from app.domain import notifications, outbox
from app.domain.mail_texts import MailKind, text_of
from app.domain.outbox import Recipient
from app.domain.sites import Site
from app.domain.viewers import Viewer
from app.domain.writing import Writer


async def queue(
    connection: AsyncConnection, *, user_id: int, handle: str, email: str, site: Site, now: datetime
) -> None:
    """Have the mails sent once the account is committed; nobody is greeted without an address.

    What the owner greets people with (option `custom_welcome`) goes with it.
    """
    writer = Writer(Viewer(), site, now)
    await notifications.registered(connection, writer=writer, handle=handle)
    if not email:
        return
    text = text_of(site.options, MailKind.WELCOME)
    body = f"{text.sentence.format(by=handle)}\n\n{site.title}\n{site.url}\n"
    own_words = site.options.texts.get("custom_welcome", "").strip()
    if site.options.show_custom_welcome and own_words:
        body += f"\n{own_words}\n"
    await outbox.queue(
        connection,
        writer=writer,
        kind=MailKind.WELCOME.value,
        to=Recipient(email, handle, user_id),
        subject=text.subject,
        body=body,
    )
