"""Who may do what: pure questions about loaded rows, answered with a Denial or None (FACTS 9-10).

Every rule here is asked twice: by the field `viewerCan...` and by the mutation of the same name.
Rate limits are not part of them: they are counted where something is written.
"""

from collections.abc import Iterable

from app.domain.addresses import is_blocked
from app.domain.errors import Denial, NotAllowed
from app.domain.options import Options
from app.domain.posts import PostRow
from app.domain.viewers import Flag, Level, Viewer
from app.models import PostKind, PostState

# q2a's scale of permissions: the smaller, the stricter (FACTS 9).
ANYBODY = 150
REGISTERED = 120
CONFIRMED = 110
APPROVED = 103
# What a permission by points becomes for those who have the points; others need an expert's level.
BY_POINTS = {106: REGISTERED, 104: CONFIRMED, 102: APPROVED}
EXPERTS = 100
LEVELS = {
    EXPERTS: Level.EXPERT,
    70: Level.EDITOR,
    40: Level.MODERATOR,
    20: Level.ADMIN,
    0: Level.SUPER,
}
VOTE_PERMITS = {
    PostKind.QUESTION: "permit_vote_q",
    PostKind.ANSWER: "permit_vote_a",
    PostKind.COMMENT: "permit_vote_c",
}
EDIT_PERMITS = {
    PostKind.QUESTION: "permit_edit_q",
    PostKind.ANSWER: "permit_edit_a",
    PostKind.COMMENT: "permit_edit_c",
}


def ensure(denial: Denial | None) -> None:
    """:raises NotAllowed: if there is a denial"""
    if denial:
        raise NotAllowed(denial)


def permit_denial(
    viewer: Viewer, options: Options, permit: str, *, level: int | None = None
) -> Denial | None:
    """What stands between the viewer and the permission option `permit` (FACTS 9).

    `level` is the viewer's level for the post concerned; without one it is the highest of all.
    """
    effective = viewer.highest_level if level is None else level
    return _scale_denial(viewer, options, permit, effective) or write_denial(viewer, options)


def write_denial(viewer: Viewer, options: Options) -> Denial | None:
    """What keeps the viewer from writing anything at all, even to posts of their own."""
    if viewer.has(Flag.BLOCKED):
        return Denial.BLOCKED
    if is_blocked(viewer.address, rules=options.block_ips_write):
        return Denial.IP_BLOCKED
    if viewer.has(Flag.MUST_CONFIRM) and options.confirm_user_emails:
        return Denial.UNCONFIRMED
    return None


def _scale_denial(viewer: Viewer, options: Options, permit: str, level: int) -> Denial | None:
    value = options.permit(permit)
    too_low = Denial.LEVEL
    if value in BY_POINTS:
        enough = viewer.points >= options.permit_points(permit)
        value, too_low = (BY_POINTS[value], too_low) if enough else (EXPERTS, Denial.POINTS)

    if viewer.account is None:
        return Denial.SIGNED_OUT if value < ANYBODY else None
    if value <= EXPERTS and level < _level_for(value):
        return too_low
    if viewer.has(Flag.BLOCKED):
        return Denial.BLOCKED
    return _standing_denial(viewer, options, value, level)


def _standing_denial(viewer: Viewer, options: Options, value: int, level: int) -> Denial | None:
    if level >= Level.APPROVED or value >= REGISTERED:
        return None
    if value >= CONFIRMED:
        unconfirmed = options.confirm_user_emails and not viewer.has(Flag.CONFIRMED)
        return Denial.UNCONFIRMED if unconfirmed else None
    return Denial.UNAPPROVED if value >= APPROVED and options.moderate_users else None


def _level_for(value: int) -> Level:
    return next(level for bound, level in sorted(LEVELS.items()) if value <= bound)


def reading_denial(viewer: Viewer, options: Options, post: PostRow) -> Denial | None:
    """What keeps the viewer from reading question pages; blocks do not (FACTS 11)."""
    if options.permit("permit_view_q_page") >= ANYBODY:
        return None
    level = viewer.level_in(post.category_path)
    denial = _scale_denial(viewer, options, "permit_view_q_page", level)
    return None if denial is Denial.BLOCKED else denial


def field_denial(viewer: Viewer, options: Options, value: int | None) -> Denial | None:
    """What keeps the viewer from reading a profile field; blocks do not.

    :param value: the field's own place on the scale of permissions; None: everybody may read it
    """
    if value is None or value >= ANYBODY:
        return None
    if viewer.account is None:
        return Denial.SIGNED_OUT
    # Fields have no option that says how many points would do.
    bound, level = EXPERTS if value in BY_POINTS else value, viewer.account.level
    if bound <= EXPERTS and level < _level_for(bound):
        return Denial.LEVEL
    return _standing_denial(viewer, options, bound, level)


def has_permit(viewer: Viewer, options: Options, permit: str, post: PostRow) -> bool:
    return _post_denial(viewer, options, permit, post) is None


def _post_denial(viewer: Viewer, options: Options, permit: str, post: PostRow) -> Denial | None:
    return permit_denial(viewer, options, permit, level=viewer.level_in(post.category_path))


def _author_or(viewer: Viewer, options: Options, permit: str, post: PostRow) -> Denial | None:
    if viewer.wrote(post.author_id, post.cookie_id):
        return write_denial(viewer, options)
    return _post_denial(viewer, options, permit, post)


def _state_denial(post: PostRow) -> Denial | None:
    if post.state is PostState.HIDDEN:
        return Denial.HIDDEN
    return Denial.QUEUED if post.state is PostState.QUEUED else None


def is_closed(question: PostRow, options: Options) -> bool:
    """Whether the question takes no more answers (FACTS 2)."""
    by_choice = options.do_close_on_select and question.accepted_answer_id is not None
    return question.closed_by_id is not None or by_choice


def ask_denial(
    viewer: Viewer, options: Options, category_path: Iterable[int | None]
) -> Denial | None:
    """May the viewer ask in a category? `category_path` is that of the question to be."""
    level = viewer.level_in(category_path)
    return permit_denial(viewer, options, "permit_post_q", level=level)


def answer_denial(
    viewer: Viewer, options: Options, question: PostRow, *, has_answered: bool = False
) -> Denial | None:
    """May the viewer answer? `has_answered`: they have an answer here that is not hidden."""
    if denial := _state_denial(question):
        return denial
    if is_closed(question, options):
        return Denial.CLOSED
    if not options.allow_self_answer and viewer.wrote(question.author_id, question.cookie_id):
        return Denial.OWN_POST
    if has_answered and not options.allow_multi_answers:
        return Denial.ALREADY_DONE
    return _post_denial(viewer, options, "permit_post_a", question)


def comment_denial(viewer: Viewer, options: Options, parent: PostRow) -> Denial | None:
    """May the viewer comment on this question or answer? Closed questions can be commented on."""
    if parent.kind is PostKind.COMMENT:
        return Denial.WRONG_KIND
    if denial := _state_denial(parent):
        return denial
    on_question = parent.kind is PostKind.QUESTION
    if not (options.comment_on_qs if on_question else options.comment_on_as):
        return Denial.SWITCHED_OFF
    return _post_denial(viewer, options, "permit_post_c", parent)


def follow_denial(viewer: Viewer, options: Options, answer: PostRow) -> Denial | None:
    """May the viewer ask a question that follows on from this answer?"""
    if answer.kind is not PostKind.ANSWER:
        return Denial.WRONG_KIND
    if denial := _state_denial(answer):
        return denial
    return None if options.follow_on_as else Denial.SWITCHED_OFF


def edit_denial(viewer: Viewer, options: Options, post: PostRow) -> Denial | None:
    """May the viewer change the content? Answers and comments of a closed question can be.

    Authors may in q2a even while they are blocked (golden file, `question_views_by_user`).
    """
    if post.state is PostState.HIDDEN:
        return Denial.HIDDEN
    if post.kind is PostKind.QUESTION and is_closed(post, options):
        return Denial.CLOSED
    if viewer.wrote(post.author_id, post.cookie_id):
        return None
    if post.state is PostState.QUEUED:
        return Denial.QUEUED
    return _post_denial(viewer, options, EDIT_PERMITS[post.kind], post)


def retag_denial(viewer: Viewer, options: Options, question: PostRow) -> Denial | None:
    """May the viewer change tags and category? Also when it is closed or waits for a moderator."""
    if question.state is PostState.HIDDEN:
        return Denial.HIDDEN
    if viewer.wrote(question.author_id, question.cookie_id):
        return None
    return _post_denial(viewer, options, "permit_retag_cat", question)


def silence_denial(viewer: Viewer, options: Options, post: PostRow) -> Denial | None:
    """May the viewer change the post, if at all, without leaving a trace of it?"""
    return _post_denial(viewer, options, "permit_edit_silent", post)


def accept_denial(viewer: Viewer, options: Options, question: PostRow) -> Denial | None:
    """May the viewer choose the best answer, or take the choice back? Also when closed."""
    if denial := _state_denial(question):
        return denial
    return _author_or(viewer, options, "permit_select_a", question)


def accept_answer_denial(
    viewer: Viewer, options: Options, answer: PostRow, *, question: PostRow
) -> Denial | None:
    """May the viewer choose this answer as the best?"""
    return _state_denial(answer) or accept_denial(viewer, options, question)


def close_denial(viewer: Viewer, options: Options, question: PostRow) -> Denial | None:
    if denial := _state_denial(question):
        return denial
    if not options.allow_close_questions:
        return Denial.SWITCHED_OFF
    if is_closed(question, options):
        return Denial.CLOSED
    return _closing_denial(viewer, options, question)


def reopen_denial(viewer: Viewer, options: Options, question: PostRow) -> Denial | None:
    """May the viewer reopen? An author only what nobody else has touched last."""
    if denial := _state_denial(question):
        return denial
    if not options.allow_close_questions:
        return Denial.SWITCHED_OFF
    if question.closed_by_id is None:
        return Denial.OPEN
    if not author_changed_last(question):
        return _post_denial(viewer, options, "permit_close_q", question)
    return _closing_denial(viewer, options, question)


def _closing_denial(viewer: Viewer, options: Options, question: PostRow) -> Denial | None:
    if options.allow_close_own_questions:
        return _author_or(viewer, options, "permit_close_q", question)
    return _post_denial(viewer, options, "permit_close_q", question)


def author_changed_last(post: PostRow) -> bool:
    """Whether the last change, if any, was the author's own."""
    return post.changed_at is None or (
        post.changed_by_id == post.author_id and post.changed_by_id is not None
    )


def vote_denial(
    viewer: Viewer, options: Options, post: PostRow, *, down: bool = False
) -> Denial | None:
    """May the viewer vote up, or `down`, on this post? (FACTS 8)"""
    switches = {
        PostKind.QUESTION: options.voting_on_qs,
        PostKind.ANSWER: options.voting_on_as,
        PostKind.COMMENT: options.voting_on_cs,
    }
    if not switches[post.kind]:
        return Denial.SWITCHED_OFF
    if denial := _state_denial(post):
        return denial
    if viewer.account is None:
        return Denial.SIGNED_OUT
    if viewer.wrote(post.author_id, post.cookie_id):
        return Denial.OWN_POST
    if denial := _post_denial(viewer, options, VOTE_PERMITS[post.kind], post):
        return denial
    return _post_denial(viewer, options, "permit_vote_down", post) if down else None


def flag_denial(
    viewer: Viewer, options: Options, post: PostRow, *, has_flagged: bool
) -> Denial | None:
    if not options.flagging_of_posts:
        return Denial.SWITCHED_OFF
    if denial := _state_denial(post):
        return denial
    if viewer.account is None:
        return Denial.SIGNED_OUT
    if viewer.wrote(post.author_id, post.cookie_id):
        return Denial.OWN_POST
    if has_flagged:
        return Denial.ALREADY_DONE
    return _post_denial(viewer, options, "permit_flag", post)


def unflag_denial(
    viewer: Viewer, options: Options, post: PostRow, *, has_flagged: bool
) -> Denial | None:
    if denial := _state_denial(post):
        return denial
    if not has_flagged:
        return Denial.NOT_DONE
    return write_denial(viewer, options)


def clear_flags_denial(viewer: Viewer, options: Options, post: PostRow) -> Denial | None:
    if post.flag_count == 0:
        return Denial.NOT_DONE
    return _post_denial(viewer, options, "permit_hide_show", post)


def hide_denial(viewer: Viewer, options: Options, post: PostRow) -> Denial | None:
    """May the viewer hide? Authors may not hide a question that somebody else closed."""
    if post.state is PostState.HIDDEN:
        return Denial.HIDDEN
    if not viewer.wrote(post.author_id, post.cookie_id):
        if post.state is PostState.QUEUED:
            return Denial.QUEUED
        return _post_denial(viewer, options, "permit_hide_show", post)
    closed_by_another = (
        post.kind is PostKind.QUESTION
        and is_closed(post, options)
        and not author_changed_last(post)
    )
    if closed_by_another:
        return _post_denial(viewer, options, "permit_hide_show", post)
    return write_denial(viewer, options)


def reshow_denial(viewer: Viewer, options: Options, post: PostRow) -> Denial | None:
    """May the viewer show it again? Authors only what they hid themselves, and nobody flagged."""
    if post.state is not PostState.HIDDEN:
        return Denial.VISIBLE
    denial = _post_denial(viewer, options, "permit_hide_show", post)
    own = viewer.wrote(post.author_id, post.cookie_id)
    if denial and own and author_changed_last(post) and post.flag_count == 0:
        return write_denial(viewer, options)
    return denial


def delete_denial(
    viewer: Viewer, options: Options, post: PostRow, *, has_dependents: bool
) -> Denial | None:
    """May the viewer delete for good? `has_dependents`: child rows, or duplicates closed by it."""
    if post.state is not PostState.HIDDEN:
        return Denial.VISIBLE
    if has_dependents:
        return Denial.HAS_DEPENDENTS
    return _post_denial(viewer, options, "permit_delete_hidden", post)


def convert_denial(
    viewer: Viewer, options: Options, answer: PostRow, *, parent: PostRow
) -> Denial | None:
    """May the viewer make an answer a comment on `parent`, its question or another answer?"""
    return edit_denial(viewer, options, answer) or comment_denial(viewer, options, parent)


def moderate_denial(viewer: Viewer, options: Options, post: PostRow) -> Denial | None:
    """May the viewer approve or reject this post?"""
    if post.state is not PostState.QUEUED:
        return Denial.VISIBLE
    return _post_denial(viewer, options, "permit_moderate", post)


def claim_denial(
    viewer: Viewer, options: Options, post: PostRow, *, question: PostRow, has_answered: bool
) -> Denial | None:
    """May the viewer, now signed in, make a post their own that they wrote as a guest?"""
    if viewer.account is None:
        return Denial.SIGNED_OUT
    same_guest = post.cookie_id is not None and post.cookie_id == viewer.cookie_id
    if post.author_id is not None or not same_guest:
        return Denial.OTHERS_POST
    if post.kind is PostKind.ANSWER:
        if not options.allow_self_answer and viewer.wrote(question.author_id, question.cookie_id):
            return Denial.OWN_POST
        if has_answered and not options.allow_multi_answers:
            return Denial.ALREADY_DONE
    permits = {
        PostKind.QUESTION: "permit_post_q",
        PostKind.ANSWER: "permit_post_a",
        PostKind.COMMENT: "permit_post_c",
    }
    return _post_denial(viewer, options, permits[post.kind], post)


def moderation_reason(viewer: Viewer, options: Options, *, level: int) -> Denial | None:
    """Why what the viewer writes would wait for a moderator; None if it would not (FACTS 11)."""
    if viewer.account is None:
        return Denial.SIGNED_OUT if options.moderate_anon_post else None
    trusted = permit_denial(viewer, options, "permit_moderate", level=level) is None
    if level >= Level.EXPERT or trusted:
        return None
    if options.moderate_users and options.moderate_unapproved and level < Level.APPROVED:
        return Denial.UNAPPROVED
    unconfirmed = options.confirm_user_emails and not viewer.has(Flag.CONFIRMED)
    if unconfirmed and options.moderate_unconfirmed:
        return Denial.UNCONFIRMED
    few_points = viewer.points < options.moderate_points_limit
    return Denial.POINTS if options.moderate_by_points and few_points else None
