"""Why mail to an address is off."""

from datetime import UTC, datetime
from typing import Self

import strawberry

from app.domain.suppressing import MailStopReason as MailStopReason
from app.domain.suppressing import Suppression
from schema.enums import expose

expose(
    MailStopReason,
    description="Why no mail goes to an address.",
    values={
        MailStopReason.BOUNCE: "A mail came back: there is nobody at that address.",
        MailStopReason.COMPLAINT: "A mail was called spam there.",
    },
)


@strawberry.type(description="That no mail goes to an address any more.")
class MailStop:
    reason: MailStopReason = strawberry.field(description="Why.")
    since: datetime = strawberry.field(description="Since when.")

    @classmethod
    def of(cls, suppression: Suppression) -> Self:
        return cls(reason=suppression.reason, since=suppression.since.replace(tzinfo=UTC))
