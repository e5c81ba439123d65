"""Turns threads into rows and writes them in large portions."""

from typing import Any

from sqlalchemy import Column
from sqlalchemy.ext.asyncio import AsyncConnection

from app.db.bulk import insert_numbers, insert_rows
from app.db.zones import Zone
from app.demo.clock import Calendar
from app.demo.index import WordIndex
from app.demo.posts import DemoPost, Thread
from app.domain import hotness
from app.domain.options import Options
from app.models import ContentWord, GuestCookie, Post, PostMeta, PostTag, TagWord, TitleWord, Vote

Columns = tuple[Column[Any], ...]

TITLE_WORDS: Columns = (TitleWord.post_id, TitleWord.word_id)
TAG_WORDS: Columns = (TagWord.post_id, TagWord.word_id)
POST_TAGS: Columns = (PostTag.post_id, PostTag.word_id, PostTag.post_created_at)
CONTENT_WORDS: Columns = (
    ContentWord.post_id,
    ContentWord.word_id,
    ContentWord.count,
    ContentWord.type,
    ContentWord.question_id,
)
VOTES: Columns = (Vote.post_id, Vote.user_id, Vote.direction, Vote.flagged, Vote.cast_at)
# The name of an extra field in `postmetas` is q2a's (FACTS 13).
EXTRA_FIELD = "qa_q_extra"


class Portion:
    """Rows that are written together."""

    def __init__(self) -> None:
        self.rows: dict[type[Any], list[dict[str, Any]]] = {
            Post: [],
            PostMeta: [],
            GuestCookie: [],
        }
        self.numbers: dict[Columns, list[str]] = {
            VOTES: [],
            TITLE_WORDS: [],
            TAG_WORDS: [],
            POST_TAGS: [],
            CONTENT_WORDS: [],
        }

    async def write(self, connection: AsyncConnection) -> None:
        for model, rows in self.rows.items():
            await insert_rows(connection, model, rows)
        for columns, numbers in self.numbers.items():
            await insert_numbers(connection, columns, numbers)


class ThreadRows:
    """Collects the rows of threads."""

    def __init__(self, calendar: Calendar, zone: Zone, options: Options, index: WordIndex) -> None:
        self._calendar = calendar
        self._zone = zone
        self._options = options
        self._index = index
        self._beginning = int(zone.to_utc(hotness.BEGINNING).timestamp())
        self._portion = Portion()

    def add(self, thread: Thread) -> None:
        for post in thread.posts:
            self._portion.rows[Post].append(self._post(post))
            self._add_beside(post)
            self._portion.numbers[VOTES] += self._votes(post)
            if post.is_visible and thread.question.is_visible:
                self._add_to_index(post)

    def take(self) -> Portion:
        """What was added since the last time."""
        taken, self._portion = self._portion, Portion()
        return taken

    def _add_beside(self, post: DemoPost) -> None:
        if post.extra:
            meta = {"post_id": post.id, "title": EXTRA_FIELD, "content": post.extra}
            self._portion.rows[PostMeta].append(meta)
        if post.cookie_id:
            address, when = self._guest_address(post), self._calendar.at(post.created)
            self._portion.rows[GuestCookie].append(
                {
                    "id": post.cookie_id,
                    "created_at": when,
                    "created_from": address,
                    "written_at": when,
                    "written_from": address,
                }
            )

    def _add_to_index(self, post: DemoPost) -> None:
        if post.type == "Q":
            self._portion.numbers[TITLE_WORDS] += self._index.title_rows(post)
            self._portion.numbers[TAG_WORDS] += self._index.tag_word_rows(post)
            self._portion.numbers[POST_TAGS] += self._index.tag_rows(
                post, self._calendar.at(post.created)
            )
        self._portion.numbers[CONTENT_WORDS] += self._index.content_rows(post)

    def _votes(self, post: DemoPost) -> list[str]:
        rows = []
        for direction, voters in ((1, post.upvoters), (-1, post.downvoters)):
            for voter in voters:
                # Most votes come in the first hours; each at a time of its own.
                delay = (voter * 7919 + post.id * 104_729) % 2_000 * (voter % 37 + 1) + 60
                when = self._calendar.at(min(post.created + delay, self._calendar.span - 1))
                rows.append(f"({post.id},{voter},{direction},0,'{when}')")
        rows += [f"({post.id},{flagger},0,1,NULL)" for flagger in post.flaggers]
        return rows

    def _post(self, post: DemoPost) -> dict[str, Any]:
        is_question = post.type[0] == "Q"
        place, thread = post.thread.place, post.thread
        return {
            "id": post.id,
            "type": post.type,
            "parent_id": post.parent.id if post.parent else None,
            "category_id": place.category_id,
            "category_1_id": place.path[0],
            "category_2_id": place.path[1],
            "category_3_id": place.path[2],
            "answer_count": len(thread.visible_answers) if is_question else 0,
            "best_answer_score": max(0, thread.best_answer_score) if is_question else 0,
            "accepted_answer_id": post.accepted.id if post.accepted else None,
            "closed_by_id": post.closed_by.id if post.closed_by else None,
            "author_id": post.author.id if post.author else None,
            "cookie_id": post.cookie_id,
            "created_from": post.author.address if post.author else self._guest_address(post),
            "changed_by_id": post.changed_by.id if post.changed_by else None,
            "changed_from": post.changed_from,
            "upvote_count": len(post.upvoters),
            "downvote_count": len(post.downvoters),
            "score": post.score,
            "viewed_from": post.viewer.address if post.viewer else None,
            "view_count": post.views,
            "hotness": self._hotness(post) if is_question else None,
            "flag_count": len(post.flaggers),
            "format": post.text.format,
            "created_at": self._calendar.at(post.created),
            "changed_at": self._calendar.maybe(post.changed),
            "change": post.change,
            "title": post.title,
            "content": post.text.content,
            "tags": ",".join(post.tags) if is_question else None,
            "author_name": post.author_name,
            "notify": post.notify,
        }

    def _hotness(self, post: DemoPost) -> int:
        answers = post.thread.visible_answers
        newest = max((answer.created for answer in answers), default=post.created)
        return hotness.of(
            self._options,
            created=self._since_beginning(post.created),
            last_answer=self._since_beginning(newest),
            answers=len(answers),
            score=post.score,
            views=post.views,
        )

    def _since_beginning(self, seconds: int) -> int:
        moment = self._zone.to_utc(self._calendar.at(seconds))
        return int(moment.timestamp()) - self._beginning

    def _guest_address(self, post: DemoPost) -> bytes:
        return bytes((203, 0, 113, post.id % 254 + 1))
