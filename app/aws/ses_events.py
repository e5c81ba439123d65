"""What SES tells of mails: which addresses they came back from, and who called them spam.

Its notifications come through SNS, and perhaps SQS, whose envelopes are opened here.
"""

import json
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from app.aws.events import UnreadableEvent
from app.domain.suppressing import MailStopReason

# What a bounce has to be: mail to a full mailbox may arrive tomorrow.
FOR_GOOD = "Permanent"
TRIED_AGAIN = "delayed"
# Somebody has taken a mail out of the spam folder.
NOT_SPAM = "not-spam"


class Stop(NamedTuple):
    """An address that is to get no more mail."""

    address: str
    reason: MailStopReason
    detail: str


def stops_in(event: Mapping[str, Any]) -> Iterator[list[Stop]]:
    """For each notification in an event, the addresses that are to get no more mail.

    :param event: as Lambda gets it of SNS or SQS, or a notification of SES's itself
    :raises UnreadableEvent: if there is none in it
    """
    records = event.get("Records")
    if not isinstance(records, list):
        yield _stops(event)
        return
    for record in records:
        yield _stops(_notification(record))


def _notification(record: object) -> Mapping[str, Any]:
    match record:
        case {"Sns": {"Message": str(text)}}:
            return _object(text)
        case {"body": str(text)}:
            body = _object(text)
            # Unless the subscription has it delivered raw.
            message = body.get("Message")
            return _object(message) if isinstance(message, str) else body
    raise UnreadableEvent("A record has no message.")


def _object(text: str) -> Mapping[str, Any]:
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        raise UnreadableEvent("A message is not JSON.") from None
    if not isinstance(found, dict):
        raise UnreadableEvent("A message is not an object.")
    return found


def _stops(notification: Mapping[str, Any]) -> list[Stop]:
    kind = notification.get("notificationType") or notification.get("eventType")
    match kind, notification:
        case "Bounce", {"bounce": dict(bounce)}:
            return _bounced(bounce)
        case "Complaint", {"complaint": dict(complaint)}:
            return _complained(complaint)
        case str(), _ if kind not in ("Bounce", "Complaint"):
            return []
    raise UnreadableEvent("A message is not a notification of SES's.")


def _bounced(bounce: Mapping[str, Any]) -> list[Stop]:
    if bounce.get("bounceType") != FOR_GOOD:
        return []
    return [
        Stop(address, MailStopReason.BOUNCE, str(recipient.get("diagnosticCode") or ""))
        for address, recipient in _recipients(bounce, "bouncedRecipients")
        if recipient.get("action") != TRIED_AGAIN
    ]


def _complained(complaint: Mapping[str, Any]) -> list[Stop]:
    kind = complaint.get("complaintFeedbackType")
    if kind == NOT_SPAM:
        return []
    return [
        Stop(address, MailStopReason.COMPLAINT, str(kind or ""))
        for address, _ in _recipients(complaint, "complainedRecipients")
    ]


def _recipients(part: Mapping[str, Any], name: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    found = part.get(name)
    for recipient in found if isinstance(found, list) else []:
        match recipient:
            case {"emailAddress": str(address)} if "@" in address:
                # It may be given with a name.
                yield address.rpartition("<")[2].rstrip("> "), recipient
                continue
        raise UnreadableEvent("A recipient has no address.")
