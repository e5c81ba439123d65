"""The streams of updates on the demo site (FACTS 7), kept as q2a trims them."""

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from app.demo.posts import DemoPost

MAX_OF_A_QUESTION = 5
MAX_OF_A_STREAM = 50
Entity = tuple[str, int]


class Event(NamedTuple):
    """One entry; times are seconds since the site's first day."""

    time: int
    question_id: int
    post_id: int
    change: str | None
    actor_id: int | None


class Streams:
    """Publishes what happens, in the order of time, into shared streams and personal ones."""

    def __init__(self, word_id: Callable[[str], int]) -> None:
        self.shared: dict[Entity, list[Event]] = {}
        self.personal: dict[int, list[tuple[Entity, Event]]] = {}
        self._word_id = word_id

    def created(self, post: DemoPost) -> None:
        """Somebody has posted; queued posts and notes are published by nobody."""
        if post.type.endswith("_QUEUED") or post.type == "NOTE":
            return
        event = self._event(post, post.created, None, post.author.id if post.author else None)
        if post.type[0] == "Q":
            self._publish(self._tags(post) + self._categories(post), event)
            self._follow_on(post)
        self._publish(self._question_and_actor(event), event)
        if post.type[0] == "A" and post.parent:
            self._tell(post.parent, event)
        if post.type[0] == "C" and post.parent:
            self._commented(post, post.parent, event)

    def changed(self, post: DemoPost) -> None:
        """Something of a post was changed as its columns say."""
        if post.changed is None:
            return
        actor_id = post.changed_by.id if post.changed_by else None
        event = self._event(post, post.changed, post.change, actor_id)
        if post.change != "H":
            self._publish(self._question_and_actor(event), event)
        if post.change == "T":
            self._publish(self._tags(post), event)
        self._tell(post, event)

    def copies(self, entities: Sequence[Entity]) -> Iterator[tuple[Entity, Event]]:
        """What somebody who begins to follow these finds in the own stream."""
        for entity in entities:
            for event in self.shared.get(entity, ()):
                yield entity, event

    def _follow_on(self, post: DemoPost) -> None:
        answer = post.parent
        if answer is None:
            return
        actor_id = post.author.id if post.author else None
        event = Event(post.created, answer.thread.question.id, post.id, "F", actor_id)
        self._publish(self._question_and_actor(event), event)
        self._tell(answer, event)

    def _commented(self, post: DemoPost, parent: DemoPost, event: Event) -> None:
        earlier = {
            comment.author.id: comment
            for comment in post.thread.posts
            if comment.parent is parent
            and comment.type == "C"
            and comment.author
            and comment.created < post.created
        }
        if parent.author and parent.author.id not in earlier:
            self._tell(parent, event._replace(change="U" if parent.type[0] == "Q" else "N"))
        for comment in earlier.values():
            self._tell(comment, event._replace(change="F"))

    def _event(self, post: DemoPost, time: int, change: str | None, actor_id: int | None) -> Event:
        return Event(time, post.thread.question.id, post.id, change, actor_id)

    def _question_and_actor(self, event: Event) -> list[Entity]:
        question = ("Q", event.question_id)
        return [question, ("U", event.actor_id)] if event.actor_id else [question]

    def _tags(self, post: DemoPost) -> list[Entity]:
        return [("T", self._word_id(tag)) for tag in post.tags]

    def _categories(self, post: DemoPost) -> list[Entity]:
        return [("C", number) for number in post.thread.place.ids]

    def _publish(self, entities: Sequence[Entity], event: Event) -> None:
        for entity in entities:
            stream = self.shared.setdefault(entity, [])
            stream.append(event)
            if len(stream) > MAX_OF_A_QUESTION:
                trim(stream)

    def _tell(self, post: DemoPost, event: Event) -> None:
        if post.author and post.author.id != event.actor_id:
            self.personal.setdefault(post.author.id, []).append((("-", 0), event))


def trim(stream: list[Event]) -> None:
    """Drop what is too much of the newest event's question, or else of the whole stream."""
    newest = stream[-1].question_id
    times = [event.time for event in stream if event.question_id == newest]
    if len(times) > MAX_OF_A_QUESTION:
        oldest = times[-MAX_OF_A_QUESTION - 1]
        stream[:] = [e for e in stream if e.question_id != newest or e.time > oldest]
    elif len(stream) > MAX_OF_A_STREAM:
        oldest = stream[-MAX_OF_A_STREAM - 1].time
        stream[:] = [event for event in stream if event.time > oldest]


def trim_personal(stream: list[tuple[Entity, Event]]) -> list[tuple[Entity, Event]]:
    """The same rule for a personal stream that was put together from several, the oldest first."""
    kept: list[tuple[Entity, Event]] = []
    of_question: dict[int, int] = {}
    for entity, event in sorted(stream, key=lambda entry: (-entry[1].time, entry[0])):
        count = of_question.get(event.question_id, 0)
        if count < MAX_OF_A_QUESTION and len(kept) < MAX_OF_A_STREAM:
            of_question[event.question_id] = count + 1
            kept.append((entity, event))
    return kept[::-1]
