"""Which words of a post stand in the index (FACTS 6)."""

from collections.abc import Mapping, Sequence
from typing import Any

from app.domain import contents, words
from app.domain.posts import PostRow
from app.models import ContentWord, PostKind, PostTag, TagWord, TitleWord

# Longer words are cut when they are stored, and never found by their full form.
MAX_WORD_LENGTH = 80
# What the tables of the index say of a word in a post, beside the two ids.
COLUMNS: Mapping[Any, Sequence[str]] = {
    TitleWord: (),
    ContentWord: ("count", "type", "question_id"),
    TagWord: (),
    PostTag: ("post_created_at",),
}
Entry = tuple[Any, ...]


def entries(post: PostRow, question_id: int) -> dict[Any, list[Entry]]:
    """What the index says of a post, by table: tuples of the word and the table's `COLUMNS`.

    Answers, comments and closing notes have their contents there only.

    :param question_id: the question at the root of the post
    """
    text = contents.to_text(post.content or "", post.format)
    kind = post.kind.value
    found: dict[Any, list[Entry]] = {
        ContentWord: [
            (word, count, kind, question_id) for word, count in content_words(text).items()
        ]
    }
    if post.kind is PostKind.QUESTION:
        tags = [tag for tag in (post.tags or "").split(",") if tag]
        found[TitleWord] = [(word,) for word in title_words(post.title or "")]
        found[TagWord] = [(word,) for word in tag_words(post.tags or "")]
        found[PostTag] = [(tag, post.created_at) for tag in dict.fromkeys(tags)]
    return found


def title_words(title: str) -> list[str]:
    """The distinct words of a question's title, in their order: rows of `titlewords`."""
    return _distinct(title)


def tag_words(tags: str) -> list[str]:
    """The distinct words of a question's tags as they are stored, joined by commas."""
    return _distinct(tags)


def content_words(text: str) -> dict[str, int]:
    """How often each word stands in the text of a post, 255 at the most: rows of `contentwords`.

    :param text: the content as plain text
    """
    counts: dict[str, int] = {}
    for word, count in words.count_words(text).items():
        stored = word[:MAX_WORD_LENGTH]
        counts[stored] = min(counts.get(stored, 0) + count, 255)
    return counts


def _distinct(text: str) -> list[str]:
    return list(dict.fromkeys(word[:MAX_WORD_LENGTH] for word in words.split(text)))
