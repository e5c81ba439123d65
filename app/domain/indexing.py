"""Which words of a post stand in the index (FACTS 6)."""

from app.domain import words

# Longer words are cut when they are stored, and never found by their full form.
MAX_WORD_LENGTH = 80


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
