"""Rows fetched in batches. One fresh set of loaders serves one request."""

from functools import cached_property, partial

from app.db import Database
from app.domain.activity import ActivityRow
from app.domain.batches import Below
from app.domain.comments import duplicates, follow_ups_of_answer, follow_ups_of_question
from app.domain.favorites import Followed
from app.domain.listings import Listing
from app.domain.messages import MessageRow
from app.domain.pages import EMPTY, Page
from app.domain.posts import Detail, PostRow, Sight
from app.domain.profiles import NO_FIGURES, Figures
from app.domain.questions import Filters
from app.domain.related import Related
from app.domain.revisions import RevisionRow
from app.domain.sites import Site
from app.domain.tags import TagRow
from app.domain.users import UserRow
from app.domain.viewers import Viewer
from app.domain.votes import NOT_CAST, CastVote
from app.models import PostKind
from dataloaders import (
    answers,
    comments,
    favorites,
    messages,
    posts,
    questions,
    revisions,
    sites,
    tags,
    users,
    votes,
)
from dataloaders.comments import KindFor
from dataloaders.loader import Loader as Loader
from dataloaders.users import Written


class Loaders:
    """Every loader is made when it is first asked for."""

    def __init__(
        self, db: Database, site: Site, viewer: Viewer, sight: Sight, detail: Detail
    ) -> None:
        self._db = db
        self._site = site
        self._viewer = viewer
        self._sight = sight
        self._detail = detail

    @cached_property
    def post(self) -> Loader[int, PostRow | None]:
        fetch = partial(posts.posts_by_id, sight=self._sight, detail=self._detail)
        return Loader(self._db, fetch, None)

    @cached_property
    def content(self) -> Loader[int, str | None]:
        return Loader(self._db, posts.contents_by_post, None)

    @cached_property
    def has_dependents(self) -> Loader[int, bool]:
        return Loader(self._db, posts.dependents_by_post, False)

    @cached_property
    def extra_field(self) -> Loader[int, str | None]:
        return Loader(self._db, posts.extra_field_by_question, None)

    @cached_property
    def closing(self) -> Loader[int, PostRow | None]:
        return Loader(self._db, posts.closings_by_id, None)

    @cached_property
    def revisions(self) -> Loader[Below, Page[RevisionRow]]:
        return Loader(self._db, revisions.revisions_by_post, EMPTY)

    @cached_property
    def revision_count(self) -> Loader[int, int]:
        return Loader(self._db, revisions.revision_count_by_post, 0)

    @cached_property
    def markdown_source(self) -> Loader[int, str | None]:
        return Loader(self._db, revisions.markdown_by_post, None)

    @cached_property
    def answers(self) -> Loader[Below, Page[PostRow]]:
        fetch = partial(
            answers.answers_by_question,
            sight=self._sight,
            options=self._site.options,
            detail=self._detail,
        )
        return Loader(self._db, fetch, EMPTY)

    @cached_property
    def answer_count(self) -> Loader[int, int]:
        fetch = partial(
            answers.answer_count_by_question, sight=self._sight, options=self._site.options
        )
        return Loader(self._db, fetch, 0)

    @cached_property
    def has_answered(self) -> Loader[int, bool]:
        fetch = partial(answers.has_answered_by_question, viewer=self._viewer)
        return Loader(self._db, fetch, False)

    @cached_property
    def comments(self) -> Loader[Below, Page[PostRow]]:
        fetch = partial(comments.comments_by_parent, sight=self._sight, detail=self._detail)
        return Loader(self._db, fetch, EMPTY, after=self.answers)

    @cached_property
    def comment_count(self) -> Loader[int, int]:
        fetch = partial(comments.comment_count_by_parent, sight=self._sight)
        return Loader(self._db, fetch, 0)

    @cached_property
    def follow_ups(self) -> Loader[Below, Page[PostRow]]:
        return self._questions(follow_ups_of_answer)

    @cached_property
    def follow_up_count(self) -> Loader[int, int]:
        return self._question_count(follow_ups_of_answer)

    @cached_property
    def question_follow_ups(self) -> Loader[Below, Page[PostRow]]:
        return self._questions(follow_ups_of_question)

    @cached_property
    def question_follow_up_count(self) -> Loader[int, int]:
        return self._question_count(follow_ups_of_question)

    @cached_property
    def duplicates(self) -> Loader[Below, Page[PostRow]]:
        return self._questions(duplicates)

    @cached_property
    def duplicate_count(self) -> Loader[int, int]:
        return self._question_count(duplicates)

    def _questions(self, kind: KindFor) -> Loader[Below, Page[PostRow]]:
        fetch = partial(
            comments.questions_by_parent, kind=kind, sight=self._sight, detail=self._detail
        )
        return Loader(self._db, fetch, EMPTY)

    def _question_count(self, kind: KindFor) -> Loader[int, int]:
        fetch = partial(comments.question_count_by_parent, kind=kind, sight=self._sight)
        return Loader(self._db, fetch, 0)

    @cached_property
    def user(self) -> Loader[int, UserRow | None]:
        return Loader(self._db, users.users_by_id, None)

    @cached_property
    def rank(self) -> Loader[int, int | None]:
        return Loader(self._db, users.ranks_by_points, None)

    @cached_property
    def profile(self) -> Loader[int, dict[str, str]]:
        return Loader(self._db, users.profiles_by_user, {})

    @cached_property
    def figures(self) -> Loader[int, Figures]:
        return Loader(self._db, users.figures_by_user, NO_FIGURES)

    @cached_property
    def user_posts(self) -> Loader[Written, Page[PostRow]]:
        return Loader(self._db, partial(users.posts_by_user, detail=self._detail), EMPTY)

    @cached_property
    def user_post_count(self) -> Loader[tuple[PostKind, int], int]:
        return Loader(self._db, users.post_counts_by_user, 0)

    @cached_property
    def user_activity(self) -> Loader[Below, Page[ActivityRow]]:
        return Loader(self._db, users.activity_by_user, EMPTY)

    @cached_property
    def user_activity_count(self) -> Loader[int, int]:
        return Loader(self._db, users.activity_count_by_user, 0)

    @cached_property
    def wall(self) -> Loader[Below, Page[MessageRow]]:
        return Loader(self._db, messages.wall_posts_by_owner, EMPTY)

    @cached_property
    def wall_post_count(self) -> Loader[int, int]:
        return Loader(self._db, messages.wall_post_count_by_owner, 0)

    @cached_property
    def newest_on_wall_by_others(self) -> Loader[int, int]:
        fetch = partial(messages.newest_by_others, user_id=self._viewer.id)
        return Loader(self._db, fetch, 0)

    @cached_property
    def viewer_vote(self) -> Loader[int, CastVote]:
        fetch = partial(votes.votes_by_post, user_id=self._viewer.id)
        return Loader(self._db, fetch, NOT_CAST, after=self.comments)

    @cached_property
    def is_favorited(self) -> Loader[Followed, bool]:
        fetch = partial(favorites.is_followed, user_id=self._viewer.id)
        return Loader(self._db, fetch, False)

    @cached_property
    def listing(self) -> Loader[Listing, Page[PostRow]]:
        fetch = partial(questions.pages_by_listing, tree=self._site.categories, detail=self._detail)
        return Loader(self._db, fetch, EMPTY)

    @cached_property
    def listing_count(self) -> Loader[Filters, int]:
        fetch = partial(questions.counts_by_filters, tree=self._site.categories)
        return Loader(self._db, fetch, 0)

    @cached_property
    def related(self) -> Loader[int, list[Related]]:
        fetch = partial(
            questions.related_by_question,
            options=self._site.options,
            frequency=self._db.settings.ignored_words_frequency,
        )
        return Loader(self._db, fetch, [])

    @cached_property
    def site_counter(self) -> Loader[str, int]:
        return Loader(self._db, sites.counters_by_name, 0)

    @cached_property
    def tag(self) -> Loader[str, TagRow | None]:
        return Loader(self._db, tags.tags_by_name, None)

    @cached_property
    def tag_by_id(self) -> Loader[int, TagRow | None]:
        return Loader(self._db, tags.tags_by_id, None)

    @cached_property
    def tag_description(self) -> Loader[str, str | None]:
        return Loader(self._db, tags.descriptions_by_tag, None)
