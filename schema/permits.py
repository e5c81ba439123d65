"""Permits: what the site allows the viewer to do."""

from typing import Self

import strawberry

from app.domain.permits import Decision, Permit
from schema.denials import Denial
from schema.enums import expose

expose(
    Permit,
    description="What the owner of a site can allow to some and not to others; named as the "
    "site's options are.",
    values={
        Permit.VIEW_Q_PAGE: "Read the pages of questions.",
        Permit.POST_Q: "Ask.",
        Permit.POST_A: "Answer.",
        Permit.POST_C: "Comment.",
        Permit.VOTE_Q: "Vote on questions.",
        Permit.VOTE_A: "Vote on answers.",
        Permit.VOTE_C: "Vote on comments.",
        Permit.VOTE_DOWN: "Vote down.",
        Permit.RETAG_CAT: "Change tags and categories of others' questions.",
        Permit.EDIT_Q: "Edit others' questions.",
        Permit.EDIT_A: "Edit others' answers.",
        Permit.EDIT_C: "Edit others' comments.",
        Permit.EDIT_SILENT: "Edit without a trace.",
        Permit.CLOSE_Q: "Close and reopen others' questions.",
        Permit.SELECT_A: "Choose the best answer to others' questions.",
        Permit.ANON_VIEW_IPS: "See the addresses that guests write from.",
        Permit.VIEW_VOTERS_FLAGGERS: "See who has voted and flagged.",
        Permit.FLAG: "Flag posts.",
        Permit.MODERATE: "Approve and reject posts.",
        Permit.HIDE_SHOW: "Hide posts and show them again, see hidden ones, clear flags.",
        Permit.DELETE_HIDDEN: "Delete hidden posts for good.",
        Permit.POST_WALL: "Write on walls.",
        Permit.VIEW_NEW_USERS_PAGE: "List users by when they joined.",
        Permit.VIEW_SPECIAL_USERS_PAGE: "List users by how much they are trusted.",
    },
)


@strawberry.type(description="Whether the site allows the viewer something.")
class Permission:
    permit: Permit = strawberry.field(description="What it is about.")
    allowed: bool = strawberry.field(description="Whether the viewer may do it.")
    denial: Denial | None = strawberry.field(description="What stands in the way, if anything.")

    @classmethod
    def of(cls, decision: Decision) -> Self:
        return cls(permit=decision.permit, allowed=decision.denial is None, denial=decision.denial)
