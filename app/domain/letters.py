"""Letters: what goes over the wire for a row of the outbox.

The headers are put together here: the standard library would encode an address that is longer than
a line in a way that no mail program reads, and part names at commas.
"""

import re
from datetime import datetime
from email import policy
from email.header import Header
from email.message import EmailMessage
from email.utils import format_datetime
from urllib.parse import urlsplit

from app.domain.delivering import MailRow
from app.domain.mailer import Letter, Refused, Unavailable
from app.domain.sites import Site
from app.domain.unsubscribing import Offer

# Without line breaks and what would have another meaning in a header.
LOCAL_PART = re.compile(r"[!-~]+")
FORBIDDEN = frozenset('@<>()[]\\,;:"')
DOT_ATOM = re.compile(r"[^.]+(\.[^.]+)*")
DOMAIN = re.compile(r"[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?")
LINE = 75
CONTROLS = re.compile(r"[\x00-\x1f\x7f]+")
BODY = policy.SMTP.clone(cte_type="7bit")


def compose(
    mail: MailRow, *, site: Site, prefix: str, offer: Offer | None, now: datetime
) -> Letter:
    """The letter for a mail; it has the same Message-ID whenever it is asked for.

    :param prefix: of the site's tables: several sites may have one domain
    :param offer: how to end mails like this one, if that can be done
    :param now: with a zone
    :raises Refused: if no letter can go to such an address
    :raises Unavailable: if none can come from the site's own
    """
    sender = _sender(site)
    recipient = address(mail.recipient)
    created = f"{mail.created_at:%Y%m%d%H%M%S}"
    message_id = f"<{prefix}{mail.id}.{created}@{sender.rpartition('@')[2]}>"
    headers = {
        "From": _named(site.title, sender),
        "To": _named(mail.recipient_name, recipient),
        "Subject": _text(mail.subject),
        "Date": format_datetime(now),
        "Message-ID": message_id,
        # So that no holiday answers it.
        "Auto-Submitted": "auto-generated",
        **(offer.headers if offer else {}),
    }
    body = f"{mail.body.rstrip()}\n\n{offer.footer}\n" if offer else mail.body
    return Letter(message_id, sender, recipient, _lines(headers) + _part(body))


def address(text: str) -> str:
    """An address as it stands in headers and in SMTP.

    Dots where they should not be, which Japanese telephones were given, are put in quotes.

    :raises Refused: if it is none, or one whose name is not ASCII
    """
    local, _, domain = text.strip().rpartition("@")
    try:
        domain = domain.encode("idna").decode()
    except UnicodeError:
        domain = ""
    if not LOCAL_PART.fullmatch(local) or FORBIDDEN & set(local) or not DOMAIN.fullmatch(domain):
        raise Refused("no mail can be sent to such an address")
    return f"{local}@{domain}" if DOT_ATOM.fullmatch(local) else f'"{local}"@{domain}'


def _sender(site: Site) -> str:
    try:
        return address(site.options.from_email or f"no-reply@{_host(site)}")
    except Refused:
        raise Unavailable("The option from_email is not an address.") from None


def _host(site: Site) -> str:
    return (urlsplit(site.url).hostname or "localhost").removeprefix("www.")


def _named(name: str, address: str) -> str:
    name = CONTROLS.sub(" ", name).strip()
    if not name:
        return address
    if not name.isascii() or "=?" in name:
        return f"{_encoded(name)} <{address}>"
    escaped = name.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}" <{address}>'


def _text(text: str) -> str:
    text = CONTROLS.sub(" ", text).strip()
    if not text.isascii() or "=?" in text or len(text) > LINE:
        return _encoded(text)
    return text


def _encoded(text: str) -> str:
    return Header(text, "utf-8", maxlinelen=LINE, header_name="Subject").encode(linesep="\r\n")


def _lines(headers: dict[str, str]) -> bytes:
    return "".join(f"{name}: {value}\r\n" for name, value in headers.items()).encode("ascii")


def _part(body: str) -> bytes:
    message = EmailMessage(policy=BODY)
    message.set_content(body)
    return message.as_bytes()
