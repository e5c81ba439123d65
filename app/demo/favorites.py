"""What the people of the demo site follow, and the streams of updates that they read."""

from collections.abc import Iterator, Mapping
from random import Random
from typing import Any

from sqlalchemy import Column

from app.demo.clock import Calendar
from app.demo.people import Community
from app.demo.streams import Entity, Event, Streams, trim_personal
from app.demo.tree import TREE
from app.models import Favorite, SharedEvent, UserEvent

Columns = tuple[Column[Any], ...]
FAVORITES: Columns = (
    Favorite.user_id,
    Favorite.entity_type,
    Favorite.entity_id,
    Favorite.reads_shared_events,
)
_EVENT = ("entity_type", "entity_id", "question_id", "post_id", "change", "actor_id", "happened_at")
SHARED_EVENTS: Columns = tuple(getattr(SharedEvent, name) for name in _EVENT)
USER_EVENTS: Columns = (UserEvent.user_id, *(getattr(UserEvent, name) for name in _EVENT))

# With this many followers the stream of a thing is no longer copied (max_copy_user_updates).
MAX_COPIES = 10
QUESTIONS_REMEMBERED = 2_000
ROWS_AT_ONCE = 20_000


class Favorites:
    """Chooses for everybody; a few tags and people are followed by many."""

    def __init__(self, rng: Random, community: Community) -> None:
        self._rng = rng
        self._people = community.people
        self._questions: list[int] = []
        self._of: dict[int, set[Entity]] = {}

    def add_question(self, number: int) -> None:
        """A visible question that may be followed: the first ones will do."""
        if len(self._questions) < QUESTIONS_REMEMBERED:
            self._questions.append(number)

    def choose(self, tag_counts: Mapping[int, int]) -> None:
        rng = self._rng
        tags = sorted(tag_counts, key=lambda tag: (-tag_counts[tag], tag))
        for person in self._people:
            chosen: set[Entity] = set()
            if tags and rng.random() < 0.5:
                chosen.add(("T", tags[int(rng.random() ** 3 * len(tags))]))
            if self._questions and rng.random() < 0.6:
                chosen.add(("Q", rng.choice(self._questions)))
            if rng.random() < 0.4:
                chosen.add(("U", self._people[int(rng.random() ** 3 * 40)].id))
            if rng.random() < 0.3:
                chosen.add(("C", rng.randrange(len(TREE)) + 1))
            # Nobody follows himself.
            self._of[person.id] = chosen - {("U", person.id)}

    def rows(self, streams: Streams, calendar: Calendar) -> Iterator[tuple[Columns, list[str]]]:
        """Favourites, shared streams and personal ones, as SQL texts in portions."""
        followers: dict[Entity, int] = {}
        for entities in self._of.values():
            for entity in entities:
                followers[entity] = followers.get(entity, 0) + 1
        yield from _in_portions(FAVORITES, self._favorites(followers))
        yield from _in_portions(SHARED_EVENTS, _shared(streams, calendar))
        yield from _in_portions(USER_EVENTS, self._personal(streams, calendar, followers))

    def _favorites(self, followers: Mapping[Entity, int]) -> Iterator[str]:
        for user_id, entities in self._of.items():
            for kind, number in sorted(entities):
                shared = int(followers[kind, number] >= MAX_COPIES)
                yield f"({user_id},'{kind}',{number},{shared})"

    def _personal(
        self, streams: Streams, calendar: Calendar, followers: Mapping[Entity, int]
    ) -> Iterator[str]:
        for person in self._people:
            copied = [e for e in sorted(self._of[person.id]) if followers[e] < MAX_COPIES]
            stream = [*streams.personal.get(person.id, ()), *streams.copies(copied)]
            for entity, event in trim_personal(stream):
                yield f"({person.id},{_event(entity, event, calendar)})"


def _shared(streams: Streams, calendar: Calendar) -> Iterator[str]:
    for entity, events in streams.shared.items():
        for event in events:
            yield f"({_event(entity, event, calendar)})"


def _event(entity: Entity, event: Event, calendar: Calendar) -> str:
    change = f"'{event.change}'" if event.change else "NULL"
    actor = event.actor_id if event.actor_id else "NULL"
    return (
        f"'{entity[0]}',{entity[1]},{event.question_id},{event.post_id},"
        f"{change},{actor},'{calendar.at(event.time)}'"
    )


def _in_portions(columns: Columns, rows: Iterator[str]) -> Iterator[tuple[Columns, list[str]]]:
    portion: list[str] = []
    for row in rows:
        portion.append(row)
        if len(portion) == ROWS_AT_ONCE:
            yield columns, portion
            portion = []
    yield columns, portion
