"""Permits: what a site's owner allows to whom, option by option, on q2a's scale (FACTS 9)."""

from collections.abc import Mapping
from enum import StrEnum
from typing import NamedTuple

from app.domain.addresses import is_blocked
from app.domain.errors import Denial
from app.domain.options import Options, number_of
from app.domain.viewers import Flag, Level, Viewer


class Permit(StrEnum):
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


# The scale: the smaller, the stricter.
ANYBODY = 150
REGISTERED = 120
CONFIRMED = 110
APPROVED = 103
# What a permit by points becomes for those who have the points; others need an expert's level.
BY_POINTS = {106: REGISTERED, 104: CONFIRMED, 102: APPROVED}
EXPERTS = 100
# The level that it takes up to a value, from the strictest on.
LEVELS = (
    (0, Level.SUPER),
    (20, Level.ADMIN),
    (40, Level.MODERATOR),
    (70, Level.EDITOR),
    (EXPERTS, Level.EXPERT),
)
DEFAULTS: Mapping[Permit, int] = {
    Permit.VIEW_Q_PAGE: 150,
    Permit.POST_Q: 150,
    Permit.POST_A: 150,
    Permit.POST_C: 150,
    Permit.VOTE_Q: 120,
    Permit.VOTE_A: 120,
    Permit.VOTE_C: 120,
    Permit.VOTE_DOWN: 120,
    Permit.EDIT_Q: 70,
    Permit.EDIT_A: 100,
    Permit.EDIT_C: 70,
    Permit.EDIT_SILENT: 40,
    Permit.CLOSE_Q: 70,
    Permit.SELECT_A: 100,
    Permit.ANON_VIEW_IPS: 70,
    Permit.VIEW_VOTERS_FLAGGERS: 20,
    Permit.FLAG: 110,
    Permit.MODERATE: 100,
    Permit.HIDE_SHOW: 70,
    Permit.DELETE_HIDDEN: 40,
    Permit.POST_WALL: 110,
    Permit.VIEW_NEW_USERS_PAGE: 70,
    Permit.VIEW_SPECIAL_USERS_PAGE: 40,
}
# Options that give the default in the place of `DEFAULTS`: older switches for "needs an account".
NEEDS_LOGIN: Mapping[Permit, str] = {
    Permit.POST_Q: "ask_needs_login",
    Permit.POST_A: "answer_needs_login",
    Permit.POST_C: "comment_needs_login",
}


class Decision(NamedTuple):
    """Whether a permit is given: it is if there is no denial."""

    permit: Permit
    denial: Denial | None


def decisions(viewer: Viewer, options: Options) -> list[Decision]:
    """What stands between the viewer and each of the permits, levels in categories left aside."""
    return [Decision(permit, site_denial(viewer, options, permit)) for permit in Permit]


def value_of(options: Options, permit: Permit) -> int:
    """Where the owner has put the permit on the scale: 150 (anybody) down to 0."""
    text = options.texts.get(permit)
    if text is not None:
        return number_of(text)
    if permit is Permit.RETAG_CAT:
        return value_of(options, Permit.EDIT_Q)
    old_switch = options.texts.get(NEEDS_LOGIN.get(permit, ""), "")
    return DEFAULTS[permit] if old_switch in ("", "0") else REGISTERED


def site_denial(viewer: Viewer, options: Options, permit: Permit) -> Denial | None:
    """What keeps the viewer from something that is not about a post."""
    level = viewer.account.level if viewer.account else 0
    return permit_denial(viewer, options, permit, level=level)


def permit_denial(
    viewer: Viewer, options: Options, permit: Permit, *, level: int | None = None
) -> Denial | None:
    """What stands between the viewer and a permit.

    :param level: the viewer's level for the post concerned; None: the highest of all their levels
    """
    effective = viewer.highest_level if level is None else level
    return scale_denial(viewer, options, permit, effective) or write_denial(viewer, options)


def write_denial(viewer: Viewer, options: Options) -> Denial | None:
    """What keeps the viewer from writing anything at all, even to posts of their own."""
    if denial := maintenance_denial(viewer, options):
        return denial
    if viewer.has(Flag.BLOCKED):
        return Denial.BLOCKED
    if is_blocked(viewer.address, rules=options.block_ips_write):
        return Denial.IP_BLOCKED
    if viewer.has(Flag.MUST_CONFIRM) and options.confirm_user_emails:
        return Denial.UNCONFIRMED
    return None


def maintenance_denial(viewer: Viewer, options: Options) -> Denial | None:
    """What keeps all but administrators out while the site is being worked on (FACTS 20)."""
    if not options.site_maintenance:
        return None
    level = viewer.account.level if viewer.account else Level.BASIC
    return Denial.SWITCHED_OFF if level < Level.ADMIN else None


def scale_denial(
    viewer: Viewer, options: Options, permit: Permit, level: int, *, blocks: bool = True
) -> Denial | None:
    """The part of `permit_denial` that goes by the scale: enough for what only reads.

    :param blocks: whether those who are blocked are denied it; otherwise they are as others
    """
    value = value_of(options, permit)
    too_low = Denial.LEVEL
    if value in BY_POINTS:
        enough = viewer.points >= _points_for(options, permit)
        value, too_low = (BY_POINTS[value], too_low) if enough else (EXPERTS, Denial.POINTS)

    if viewer.account is None:
        return Denial.SIGNED_OUT if value < ANYBODY else None
    if value <= EXPERTS and level < _level_for(value):
        return too_low
    if blocks and viewer.has(Flag.BLOCKED):
        return Denial.BLOCKED
    return _standing_denial(viewer, options, value, level)


def field_denial(viewer: Viewer, options: Options, value: int | None) -> Denial | None:
    """What keeps the viewer from reading a profile field or a custom page; blocks do not.

    :param value: its own place on the scale; None: everybody may read it
    """
    if value is None or value >= ANYBODY:
        return None
    if viewer.account is None:
        return Denial.SIGNED_OUT
    # There is no option that says how many points would do.
    bound, level = EXPERTS if value in BY_POINTS else value, viewer.account.level
    if bound <= EXPERTS and level < _level_for(bound):
        return Denial.LEVEL
    return _standing_denial(viewer, options, bound, level)


def _points_for(options: Options, permit: Permit) -> int:
    """The points that a permit needs where it goes by points."""
    return number_of(options.texts.get(f"{permit}_points", ""))


def _standing_denial(viewer: Viewer, options: Options, value: int, level: int) -> Denial | None:
    if level >= Level.APPROVED or value >= REGISTERED:
        return None
    if value >= CONFIRMED:
        unconfirmed = options.confirm_user_emails and not viewer.has(Flag.CONFIRMED)
        return Denial.UNCONFIRMED if unconfirmed else None
    return Denial.UNAPPROVED if value >= APPROVED and options.moderate_users else None


def _level_for(value: int) -> Level:
    return next(level for bound, level in LEVELS if value <= bound)
