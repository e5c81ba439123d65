"""Votes, as the person sees them who cast them."""

from datetime import datetime
from typing import Self

import strawberry

from app.domain.votes import VoteDirection, VoteRow
from schema.context import Info
from schema.kinds import post_of
from schema.posts import Post


@strawberry.type(description="A vote that stands.")
class Vote:
    row: strawberry.Private[VoteRow]

    direction: VoteDirection = strawberry.field(description="Which way it goes.")

    @classmethod
    def of(cls, row: VoteRow) -> Self:
        return cls(row=row, direction=row.direction)

    @strawberry.field(description="The post that it is for or against.")
    def post(self) -> Post:
        return post_of(self.row.post)

    @strawberry.field(
        description="When the viewer first voted on the post; null where they had flagged it "
        "before."
    )
    def cast_at(self, info: Info) -> datetime | None:
        at = self.row.cast_at
        return None if at is None else info.context.site.zone.to_utc(at)

    @strawberry.field(description="When the vote was changed; null if it never was.")
    def changed_at(self, info: Info) -> datetime | None:
        at = self.row.changed_at
        return None if at is None else info.context.site.zone.to_utc(at)
