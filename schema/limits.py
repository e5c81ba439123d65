"""Limits: how often the viewer may do something in this hour."""

from datetime import datetime
from typing import Self

import strawberry

from app.domain.limits import Allowance, LimitedAction
from schema.enums import expose

expose(
    LimitedAction,
    description="What can be done only so often in an hour.",
    values={
        LimitedAction.ASK: "Asking.",
        LimitedAction.ANSWER: "Answering.",
        LimitedAction.COMMENT: "Commenting.",
        LimitedAction.VOTE: "Voting.",
        LimitedAction.FLAG: "Flagging.",
        LimitedAction.UPLOAD: "Uploading files.",
        LimitedAction.MESSAGE: "Sending private messages.",
        LimitedAction.WALL_POST: "Writing on walls.",
    },
)


@strawberry.type(description="How often the viewer may do something in this hour.")
class RateLimit:
    action: LimitedAction = strawberry.field(description="What it is about.")
    limit: int = strawberry.field(description="How often in an hour.")
    remaining: int = strawberry.field(
        description="How often still, what others did from the same address counted in."
    )
    reset_at: datetime = strawberry.field(description="When the next hour begins.")

    @classmethod
    def of(cls, allowance: Allowance) -> Self:
        return cls(
            action=allowance.action,
            limit=allowance.limit,
            remaining=allowance.remaining,
            reset_at=allowance.resets_at,
        )
