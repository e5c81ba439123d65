"""Permits: what a site's owner allows to whom, option by option (FACTS 9)."""

from enum import Enum
from typing import NamedTuple

from app.domain.errors import Denial
from app.domain.options import Options
from app.domain.permissions import permit_denial
from app.domain.viewers import Viewer


class Permit(Enum):
    """The permission options; the values are q2a's names of them."""

    VIEW_Q_PAGE = "permit_view_q_page"
    POST_Q = "permit_post_q"
    POST_A = "permit_post_a"
    POST_C = "permit_post_c"
    VOTE_Q = "permit_vote_q"
    VOTE_A = "permit_vote_a"
    VOTE_C = "permit_vote_c"
    VOTE_DOWN = "permit_vote_down"
    RETAG_CAT = "permit_retag_cat"
    EDIT_Q = "permit_edit_q"
    EDIT_A = "permit_edit_a"
    EDIT_C = "permit_edit_c"
    EDIT_SILENT = "permit_edit_silent"
    CLOSE_Q = "permit_close_q"
    SELECT_A = "permit_select_a"
    ANON_VIEW_IPS = "permit_anon_view_ips"
    VIEW_VOTERS_FLAGGERS = "permit_view_voters_flaggers"
    FLAG = "permit_flag"
    MODERATE = "permit_moderate"
    HIDE_SHOW = "permit_hide_show"
    DELETE_HIDDEN = "permit_delete_hidden"
    POST_WALL = "permit_post_wall"
    VIEW_NEW_USERS_PAGE = "permit_view_new_users_page"
    VIEW_SPECIAL_USERS_PAGE = "permit_view_special_users_page"


class Decision(NamedTuple):
    """Whether a permit is given: it is if there is no denial."""

    permit: Permit
    denial: Denial | None


def decisions(viewer: Viewer, options: Options) -> list[Decision]:
    """What stands between the viewer and each of the permits, levels in categories left aside."""
    return [Decision(permit, site_denial(viewer, options, permit)) for permit in Permit]


def site_denial(viewer: Viewer, options: Options, permit: Permit) -> Denial | None:
    """What keeps the viewer from something that is not about a post."""
    level = viewer.account.level if viewer.account else 0
    return permit_denial(viewer, options, permit.value, level=level)
