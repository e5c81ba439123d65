"""The word index of the demo site (FACTS 6): words get their ids in the order of appearance."""

from collections.abc import Iterable
from datetime import datetime

from app.demo.posts import DemoPost
from app.domain import indexing

Counts = dict[int, int]


class WordIndex:
    """Collects the rows of the index as SQL texts, and counts every word."""

    def __init__(self) -> None:
        self.ids: dict[str, int] = {}
        self.title_counts: Counts = {}
        self.content_counts: Counts = {}
        self.tag_word_counts: Counts = {}
        self.tag_counts: Counts = {}
        self._sentences: dict[str, list[tuple[int, int]]] = {}

    def title_rows(self, post: DemoPost) -> list[str]:
        found = self._ids(indexing.title_words(post.title or ""), self.title_counts)
        return [f"({post.id},{word})" for word in found]

    def tag_word_rows(self, post: DemoPost) -> list[str]:
        found = self._ids(indexing.tag_words(",".join(post.tags)), self.tag_word_counts)
        return [f"({post.id},{word})" for word in found]

    def tag_rows(self, post: DemoPost, created_at: datetime) -> list[str]:
        found = self._ids(post.tags, self.tag_counts)
        return [f"({post.id},{word},'{created_at}')" for word in found]

    def content_rows(self, post: DemoPost) -> list[str]:
        """The words of all sentences: what the text of the whole content is split into."""
        totals: Counts = {}
        for sentence in post.text.sentences:
            for word, count in self._words_of(sentence):
                totals[word] = totals.get(word, 0) + count
        counts = self.content_counts
        for word in totals:
            counts[word] = counts.get(word, 0) + 1
        head, tail = f"({post.id},", f",'{post.type}',{post.thread.question.id})"
        return [f"{head}{word},{min(count, 255)}{tail}" for word, count in totals.items()]

    def word_rows(self) -> Iterable[dict[str, object]]:
        for text, number in self.ids.items():
            yield {
                "id": number,
                "text": text,
                "title_count": self.title_counts.get(number, 0),
                "content_count": self.content_counts.get(number, 0),
                "tag_word_count": self.tag_word_counts.get(number, 0),
                "tag_count": self.tag_counts.get(number, 0),
            }

    def _words_of(self, sentence: str) -> list[tuple[int, int]]:
        found = self._sentences.get(sentence)
        if found is None:
            counted = indexing.content_words(sentence).items()
            found = [(self.id_of(word), count) for word, count in counted]
            self._sentences[sentence] = found
        return found

    def _ids(self, found: Iterable[str], counts: Counts) -> list[int]:
        ids = [self.id_of(word) for word in found]
        for number in ids:
            counts[number] = counts.get(number, 0) + 1
        return ids

    def id_of(self, word: str) -> int:
        """The id of a word or tag, a new one at its first appearance."""
        return self.ids.setdefault(word, len(self.ids) + 1)
