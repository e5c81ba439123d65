"""Who may do what with a post: pure questions about loaded rows, answered with a Denial or None
(FACTS 10). What the site allows to whom apart from posts is told by `permits`.

Every rule here is asked twice: by the field `viewerCan...` and by the mutation of the same name.
Rate limits are not part of them: they are counted where something is written.
"""

from collections.abc import Iterable

from app.domain.errors import Denial, NotAllowed
from app.domain.options import Options
from app.domain.permits import (
    ANYBODY,
    Permit,
    maintenance_denial,
    permit_denial,
    scale_denial,
    value_of,
    write_denial,
)
from app.domain.posts import PostRow
from app.domain.viewers import Flag, Level, Viewer
from app.models import PostKind, PostState

POST_PERMITS = {
    PostKind.QUESTION: Permit.POST_Q,
    PostKind.ANSWER: Permit.POST_A,
    PostKind.COMMENT: Permit.POST_C,
}
VOTE_PERMITS = {
    PostKind.QUESTION: Permit.VOTE_Q,
    PostKind.ANSWER: Permit.VOTE_A,
    PostKind.COMMENT: Permit.VOTE_C,
}
EDIT_PERMITS = {
    PostKind.QUESTION: Permit.EDIT_Q,
    PostKind.ANSWER: Permit.EDIT_A,
    PostKind.COMMENT: Permit.EDIT_C,
}


def ensure(denial: Denial | None) -> None:
    """:raises NotAllowed: if there is a denial"""
    if denial:
        raise NotAllowed(denial)


def reading_denial(viewer: Viewer, options: Options, post: PostRow) -> Denial | None:
    """What keeps the viewer from reading question pages; blocks do not (FACTS 11)."""
    if not reading_is_limited(viewer, options):
        return None
    if denial := maintenance_denial(viewer, options):
        return denial
    level = viewer.level_in(post.category_path)
    return scale_denial(viewer, options, Permit.VIEW_Q_PAGE, level, blocks=False)


def reading_is_limited(viewer: Viewer, options: Options) -> bool:
    """Whether there may be question pages that the viewer may not read."""
    if maintenance_denial(viewer, options):
        return True
    return value_of(options, Permit.VIEW_Q_PAGE) < ANYBODY


def has_permit(viewer: Viewer, options: Options, permit: Permit, post: PostRow) -> bool:
    return _post_denial(viewer, options, permit, post) is None


def _post_denial(viewer: Viewer, options: Options, permit: Permit, post: PostRow) -> Denial | None:
    return permit_denial(viewer, options, permit, level=viewer.level_in(post.category_path))


def _author_or(viewer: Viewer, options: Options, permit: Permit, post: PostRow) -> Denial | None:
    if viewer.wrote(post.author_id, post.cookie_id):
        return write_denial(viewer, options)
    return _post_denial(viewer, options, permit, post)


def _state_denial(post: PostRow) -> Denial | None:
    if post.state is PostState.HIDDEN:
        return Denial.HIDDEN
    return Denial.QUEUED if post.state is PostState.QUEUED else None


def _not_hidden_denial(post: PostRow) -> Denial | None:
    if post.state is PostState.QUEUED:
        return Denial.QUEUED
    return Denial.VISIBLE if post.state is PostState.VISIBLE else None


def is_closed(question: PostRow, options: Options) -> bool:
    """Whether the question takes no more answers (FACTS 2)."""
    by_choice = options.do_close_on_select and question.accepted_answer_id is not None
    return question.closed_by_id is not None or by_choice


def ask_denial(
    viewer: Viewer, options: Options, category_path: Iterable[int | None]
) -> Denial | None:
    """May the viewer ask in a category? `category_path` is that of the question to be."""
    level = viewer.level_in(category_path)
    return permit_denial(viewer, options, Permit.POST_Q, level=level)


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
    return _post_denial(viewer, options, Permit.POST_A, question)


def comment_denial(viewer: Viewer, options: Options, parent: PostRow) -> Denial | None:
    """May the viewer comment on this question or answer? Closed questions can be commented on."""
    if parent.kind is PostKind.COMMENT:
        return Denial.WRONG_KIND
    if denial := _state_denial(parent):
        return denial
    on_question = parent.kind is PostKind.QUESTION
    if not (options.comment_on_qs if on_question else options.comment_on_as):
        return Denial.SWITCHED_OFF
    return _post_denial(viewer, options, Permit.POST_C, parent)


def follow_denial(viewer: Viewer, options: Options, answer: PostRow) -> Denial | None:
    """May the viewer ask a question that follows on from this answer, in some category?"""
    if answer.kind is not PostKind.ANSWER:
        return Denial.WRONG_KIND
    if denial := _state_denial(answer):
        return denial
    if not options.follow_on_as:
        return Denial.SWITCHED_OFF
    return permit_denial(viewer, options, Permit.POST_Q)


def edit_denial(viewer: Viewer, options: Options, post: PostRow) -> Denial | None:
    """May the viewer change the content? Answers and comments of a closed question can be.

    Authors may in q2a even while they are blocked (golden file, `question_views_by_user`).
    """
    if post.state is PostState.HIDDEN:
        return Denial.HIDDEN
    if post.kind is PostKind.QUESTION and is_closed(post, options):
        return Denial.CLOSED
    if viewer.wrote(post.author_id, post.cookie_id):
        return maintenance_denial(viewer, options)
    if post.state is PostState.QUEUED:
        return Denial.QUEUED
    return _post_denial(viewer, options, EDIT_PERMITS[post.kind], post)


def retag_denial(viewer: Viewer, options: Options, question: PostRow) -> Denial | None:
    """May the viewer change tags and category? Also when it is closed or waits for a moderator."""
    if question.state is PostState.HIDDEN:
        return Denial.HIDDEN
    if viewer.wrote(question.author_id, question.cookie_id):
        return None
    return _post_denial(viewer, options, Permit.RETAG_CAT, question)


def silence_denial(viewer: Viewer, options: Options, post: PostRow) -> Denial | None:
    """May the viewer change the post, if at all, without leaving a trace of it?"""
    return _post_denial(viewer, options, Permit.EDIT_SILENT, post)


def accept_denial(viewer: Viewer, options: Options, question: PostRow) -> Denial | None:
    """May the viewer choose the best answer, or take the choice back? Also when closed."""
    if denial := _state_denial(question):
        return denial
    return _author_or(viewer, options, Permit.SELECT_A, question)


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
        return _post_denial(viewer, options, Permit.CLOSE_Q, question)
    return _closing_denial(viewer, options, question)


def _closing_denial(viewer: Viewer, options: Options, question: PostRow) -> Denial | None:
    if options.allow_close_own_questions:
        return _author_or(viewer, options, Permit.CLOSE_Q, question)
    return _post_denial(viewer, options, Permit.CLOSE_Q, question)


def author_changed_last(post: PostRow) -> bool:
    """Whether nobody but the author is known to have made the last change, if there was any.

    Guests leave no name behind. Neither do enough flags that hide a post; those stay countable.
    """
    return post.changed_by_id is None or post.changed_by_id == post.author_id


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
    return _post_denial(viewer, options, Permit.VOTE_DOWN, post) if down else None


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
    return _post_denial(viewer, options, Permit.FLAG, post)


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
    return _post_denial(viewer, options, Permit.HIDE_SHOW, post)


def hide_denial(viewer: Viewer, options: Options, post: PostRow) -> Denial | None:
    """May the viewer hide? Authors may not hide a question that somebody else closed."""
    if post.state is PostState.HIDDEN:
        return Denial.HIDDEN
    if not viewer.wrote(post.author_id, post.cookie_id):
        if post.state is PostState.QUEUED:
            return Denial.QUEUED
        return _post_denial(viewer, options, Permit.HIDE_SHOW, post)
    closed_by_another = (
        post.kind is PostKind.QUESTION
        and is_closed(post, options)
        and not author_changed_last(post)
    )
    if closed_by_another:
        return _post_denial(viewer, options, Permit.HIDE_SHOW, post)
    return write_denial(viewer, options)


def reshow_denial(viewer: Viewer, options: Options, post: PostRow) -> Denial | None:
    """May the viewer show it again? Authors only what they hid themselves, and nobody flagged."""
    if denial := _not_hidden_denial(post):
        return denial
    denial = _post_denial(viewer, options, Permit.HIDE_SHOW, post)
    own = viewer.wrote(post.author_id, post.cookie_id)
    if denial and own and author_changed_last(post) and post.flag_count == 0:
        return write_denial(viewer, options)
    return denial


def delete_denial(
    viewer: Viewer, options: Options, post: PostRow, *, has_dependents: bool
) -> Denial | None:
    """May the viewer delete for good? `has_dependents`: child rows, or duplicates closed by it."""
    if denial := _not_hidden_denial(post):
        return denial
    if has_dependents:
        return Denial.HAS_DEPENDENTS
    return _post_denial(viewer, options, Permit.DELETE_HIDDEN, post)


def convert_denial(
    viewer: Viewer, options: Options, answer: PostRow, *, parent: PostRow
) -> Denial | None:
    """May the viewer make an answer a comment on `parent`, its question or another answer?"""
    return edit_denial(viewer, options, answer) or comment_denial(viewer, options, parent)


def moderate_denial(viewer: Viewer, options: Options, post: PostRow) -> Denial | None:
    """May the viewer approve or reject this post?"""
    if post.state is not PostState.QUEUED:
        return Denial.HIDDEN if post.state is PostState.HIDDEN else Denial.VISIBLE
    return _post_denial(viewer, options, Permit.MODERATE, post)


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
    return _post_denial(viewer, options, POST_PERMITS[post.kind], post)


def moderation_reason(viewer: Viewer, options: Options, *, level: int) -> Denial | None:
    """Why what the viewer writes would wait for a moderator; None if it would not (FACTS 11)."""
    if viewer.account is None:
        return Denial.SIGNED_OUT if options.moderate_anon_post else None
    trusted = permit_denial(viewer, options, Permit.MODERATE, level=level) is None
    if level >= Level.EXPERT or trusted:
        return None
    if options.moderate_users and options.moderate_unapproved and level < Level.APPROVED:
        return Denial.UNAPPROVED
    unconfirmed = options.confirm_user_emails and not viewer.has(Flag.CONFIRMED)
    if unconfirmed and options.moderate_unconfirmed:
        return Denial.UNCONFIRMED
    few_points = viewer.points < options.moderate_points_limit
    return Denial.POINTS if options.moderate_by_points and few_points else None
