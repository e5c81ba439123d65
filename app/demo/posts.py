"""What a thread of the demo site consists of before it becomes rows."""

from dataclasses import dataclass, field

from app.demo.people import Person
from app.demo.texts import Text
from app.demo.topics import Topic
from app.demo.tree import Place


@dataclass(slots=True, eq=False)
class DemoPost:
    """One post; times are seconds since the site's first day, and the id is given in time order."""

    type: str
    created: int
    author: Person | None
    text: Text
    thread: "Thread"
    parent: "DemoPost | None" = None
    id: int = 0
    title: str | None = None
    tags: list[str] = field(default_factory=list)
    author_name: str | None = None
    cookie_id: int | None = None
    notify: str | None = None
    extra: str | None = None
    upvoters: list[int] = field(default_factory=list)
    downvoters: list[int] = field(default_factory=list)
    flaggers: list[int] = field(default_factory=list)
    views: int = 0
    viewer: Person | None = None
    change: str | None = None
    changed: int | None = None
    changed_by: Person | None = None
    changed_from: bytes | None = None
    accepted: "DemoPost | None" = None
    closed_by: "DemoPost | None" = None

    @property
    def score(self) -> int:
        return len(self.upvoters) - len(self.downvoters)

    @property
    def is_visible(self) -> bool:
        """Whether the post and everything above it are visible, so that it is indexed (FACTS 6)."""
        if self.type not in ("Q", "A", "C", "NOTE"):
            return False
        # A question that follows an answer stands on its own.
        return self.type == "Q" or self.parent is None or self.parent.is_visible

    def changed_at(self, time: int, change: str, by: Person | None) -> None:
        self.changed, self.change, self.changed_by = time, change, by
        self.changed_from = by.address if by else None


@dataclass(slots=True, eq=False)
class Thread:
    """A question and everything below it, the question first."""

    topic: Topic
    place: Place
    posts: list[DemoPost] = field(default_factory=list)
    without_id: int = 0

    @property
    def question(self) -> DemoPost:
        return self.posts[0]

    @property
    def visible_answers(self) -> list[DemoPost]:
        """The answers that count in the question's figures: of type A, whatever the question is."""
        return [post for post in self.posts if post.type == "A"]

    @property
    def best_answer_score(self) -> int:
        return max((answer.score for answer in self.visible_answers), default=0)
