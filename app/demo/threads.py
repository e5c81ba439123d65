"""Invents the threads of the demo site: who asks, answers, comments, votes and edits when."""

from bisect import bisect_right
from collections import deque
from collections.abc import Sequence
from math import sqrt
from random import Random

from app.demo.people import EDITOR, Community, Person
from app.demo.posts import DemoPost, Thread
from app.demo.texts import Texts
from app.demo.topics import Topic
from app.demo.tree import places

HOUR, DAY = 3600, 86_400
# Everybody with a name has arrived when the first question is asked.
FIRST_QUESTION = 2 * DAY
# How many answers a question gets and how many comments a post: each entry is as likely.
ANSWERS = (
    [0] * 13 + [1] * 25 + [2] * 23 + [3] * 16 + [4] * 9 + [5] * 5 + [6] * 3 + [7, 7, 8, 9, 11, 14]
)
COMMENTS = [0] * 58 + [1] * 21 + [2] * 11 + [3] * 6 + [4] * 2 + [5, 12]
# The question with this remainder by fifty is something special.
SPECIALS = {
    3: "authorless",
    7: "duplicate",
    13: "note",
    19: "hidden",
    23: "queued",
    29: "anonymous",
    31: "follow-on",
    37: "image",
    41: "extra",
    43: "flagged",
    47: "hidden-by-flags",
}
GUEST_NAMES = ("Passing beekeeper", "Anna", "通りすがり", None)
EXTRAS = {"en": "Two colonies, mixed breed", "ja": "ニホンミツバチ二群"}


class Threads:
    """Makes one thread after the other; `images` are tags of pictures that contents may hold."""

    def __init__(
        self, rng: Random, community: Community, *, count: int, span: int, images: Sequence[str]
    ) -> None:
        self._rng = rng
        self._texts = Texts(rng)
        self._people = community.people
        self._span = span
        self._count = count
        self._images = images
        self._places = places()
        self._arrivals = [person.created for person in community.people]
        self._by_language = community.by_language
        self._arrivals_by_language = {
            language: [person.created for person in people]
            for language, people in community.by_language.items()
        }
        self._staff = [person for person in community.people if person.level >= EDITOR]
        # Posts that later questions may follow, or be closed for: they have ids by then.
        self._answers: deque[DemoPost] = deque(maxlen=40)
        self._questions: dict[str, deque[DemoPost]] = {}

    def time_of(self, number: int) -> int:
        """When question `number` (from 1) is asked: the site grows, so they come ever faster."""
        part = number / (self._count + 1)
        return FIRST_QUESTION + int((self._span - FIRST_QUESTION) * (0.3 * part + 0.7 * sqrt(part)))

    def remember_question(self, question: DemoPost) -> None:
        """A later question may be a duplicate of this one."""
        recent = self._questions.setdefault(question.thread.topic.category, deque(maxlen=20))
        recent.append(question)

    def remember_answer(self, answer: DemoPost) -> None:
        """A later question may follow from this answer."""
        self._answers.append(answer)

    def make(self, number: int) -> Thread:
        """The thread of question `number`."""
        special = SPECIALS.get(number % 50, "") if number > 2 else ""
        followed = self._answers[0] if special == "follow-on" and self._answers else None
        topic = followed.thread.topic if followed else self._texts.topic()
        thread = Thread(topic, self._places[topic.category])
        question = self._ask(thread, self.time_of(number), special)
        question.parent = followed
        if special == "queued":
            question.type = "Q_QUEUED"
            return thread

        end = self._close(thread, special) if special in ("duplicate", "note") else self._span
        self._answer(thread, end)
        self._comment(thread)
        self._accept(thread)
        if special == "hidden":
            question.type = "Q_HIDDEN"
            question.changed_at(self._later(question.created, 20), "H", self._moderator())
        if special in ("flagged", "hidden-by-flags"):
            self._flag(thread, hide=special != "flagged")
        thread.without_id = len(thread.posts)
        return thread

    def _ask(self, thread: Thread, time: int, special: str) -> DemoPost:
        rng, topic = self._rng, thread.topic
        month = self._month(time)
        image = rng.choice(self._images) if special == "image" and self._images else ""
        guest = special in ("anonymous", "authorless")
        author = None if guest else self._somebody(topic.language, time, favour_old=False)
        question = DemoPost(
            type="Q",
            created=time,
            author=author,
            text=self._texts.question(topic, month=month, image=image),
            thread=thread,
            title=self._texts.title(topic, month=month),
            tags=self._texts.tags(topic),
            notify="@" if author and rng.random() < 0.7 else None,
            extra=EXTRAS[topic.language] if special == "extra" else None,
        )
        if special == "anonymous":
            self._make_anonymous(question)
        thread.posts.append(question)
        thread.without_id = 1
        self._vote(question, most=20)
        question.views = 12 + 9 * len(question.upvoters) + int(rng.random() ** 3 * 900)
        question.viewer = self._somebody(topic.language, time, favour_old=False)
        self._edit(question)
        return question

    def _answer(self, thread: Thread, end: int) -> None:
        rng = self._rng
        number = rng.choice(ANSWERS)
        time = thread.question.created
        for _ in range(number):
            time += 600 + int(rng.random() ** 3 * 6 * DAY)
            if time >= end:
                return
            image = rng.choice(self._images) if self._images and rng.random() < 0.01 else ""
            answer = DemoPost(
                type=self._type("A"),
                created=time,
                author=self._other(thread.question.author, thread.topic, time),
                text=self._texts.answer(thread.topic, month=self._month(time), image=image),
                thread=thread,
                parent=thread.question,
                notify="@" if rng.random() < 0.5 else None,
            )
            if rng.random() < 0.02:
                self._make_anonymous(answer)
            thread.posts.append(answer)
            if answer.type == "A_HIDDEN":
                answer.changed_at(self._later(time, 5), "H", self._moderator())
            if answer.type == "A":
                self._vote(answer, most=15)
                self._edit(answer)

    def _comment(self, thread: Thread) -> None:
        rng = self._rng
        for parent in list(thread.posts):
            if parent.type not in ("Q", "A"):
                continue
            time = parent.created
            people = [parent.author, self._other(parent.author, thread.topic, time)]
            for turn in range(rng.choice(COMMENTS)):
                time += 300 + int(rng.random() ** 2 * 2 * DAY)
                if time >= self._span:
                    break
                author = people[(turn + 1) % 2] or self._other(None, thread.topic, time)
                comment = DemoPost(
                    type=self._type("C"),
                    created=time,
                    author=author,
                    text=self._texts.comment(thread.topic, month=self._month(time)),
                    thread=thread,
                    parent=parent,
                )
                thread.posts.append(comment)
                if comment.type == "C_HIDDEN":
                    comment.changed_at(self._later(time, 5), "H", author)
                if comment.type == "C" and rng.random() < 0.15:
                    self._vote(comment, most=5)

    def _accept(self, thread: Thread) -> None:
        question, answers = thread.question, thread.visible_answers
        if question.author is None or not answers or self._rng.random() > 0.6:
            return
        best = max(answers, key=lambda answer: (answer.score, -answer.created))
        time = self._later(best.created, 4)
        if time >= self._span:
            return
        question.accepted = best
        best.changed_at(time, "S", question.author)

    def _close(self, thread: Thread, special: str) -> int:
        """Close the question and tell when; answers come before that only."""
        question = thread.question
        time = self._later(question.created, 6)
        originals = self._questions.get(thread.topic.category)
        if special == "duplicate" and originals:
            question.closed_by = originals[0]
        else:
            closer = self._moderator()
            note = DemoPost(
                type="NOTE",
                created=time,
                author=closer,
                text=self._texts.note(thread.topic),
                thread=thread,
                parent=question,
            )
            thread.posts.append(note)
            question.closed_by = note
        question.changed_at(time, "C", self._moderator())
        return time

    def _flag(self, thread: Thread, *, hide: bool) -> None:
        post = thread.visible_answers[0] if thread.visible_answers else thread.question
        taken = {*post.upvoters, *post.downvoters, post.author.id if post.author else 0}
        free = [p for p in self._people[: self._present(post.created)] if p.id not in taken]
        flaggers = self._rng.sample(free, 5 if hide else self._rng.randrange(1, 4))
        post.flaggers = [person.id for person in flaggers]
        if not hide:
            return
        if thread.question.accepted is post:
            thread.question.accepted = None
        post.type += "_HIDDEN"
        # Nobody has hidden it: the flags have (FACTS 2).
        post.changed_at(self._later(post.created, 3), "H", None)
        post.changed_from = flaggers[-1].address

    def _edit(self, post: DemoPost) -> None:
        if post.author is None or self._rng.random() > 0.08:
            return
        time = post.created + 900 + self._rng.randrange(3 * DAY)
        if time < self._span:
            is_retag = post.type == "Q" and self._rng.random() < 0.3
            editor = post.author if self._rng.random() < 0.7 else self._rng.choice(self._staff)
            post.changed_at(time, "T" if is_retag else "E", editor)

    def _vote(self, post: DemoPost, *, most: int) -> None:
        """Give a few posts many votes and most of them few."""
        rng = self._rng
        wanted = int(rng.random() ** 3 * most)
        present = self._present(post.created)
        author = post.author.id if post.author else 0
        voters = [
            index + 1
            for index in rng.sample(range(present), min(wanted, present - 1))
            if index + 1 != author
        ]
        for voter in voters:
            (post.downvoters if rng.random() < 0.08 else post.upvoters).append(voter)

    def _make_anonymous(self, post: DemoPost) -> None:
        post.author = None
        post.cookie_id = self._rng.randrange(10**12, 2**64)
        post.author_name = self._rng.choice(GUEST_NAMES)
        post.notify = "guest@example.org" if self._rng.random() < 0.3 else None

    def _type(self, kind: str) -> str:
        chance = self._rng.random()
        if chance < 0.008:
            return f"{kind}_HIDDEN"
        return f"{kind}_QUEUED" if chance < 0.012 else kind

    def _somebody(self, language: str, time: int, *, favour_old: bool) -> Person:
        people = self._by_language[language]
        present = bisect_right(self._arrivals_by_language[language], time)
        chance = self._rng.random()
        return people[int(present * (chance * chance if favour_old else chance))]

    def _other(self, person: Person | None, topic: Topic, time: int) -> Person:
        other = self._somebody(topic.language, time, favour_old=True)
        if other is person:
            return self._somebody(topic.language, time, favour_old=True)
        return other

    def _moderator(self) -> Person:
        return self._rng.choice(self._staff)

    def _present(self, time: int) -> int:
        return bisect_right(self._arrivals, time)

    def _later(self, time: int, days: int) -> int:
        return min(time + HOUR + self._rng.randrange(days * DAY), self._span - 1)

    def _month(self, time: int) -> int:
        # The site's year begins in November, like the bee-keeper's.
        return (time // DAY % 365 // 31 + 10) % 12 + 1
