"""What people on the demo site talk about: a `Topic` is a theme with sentences for its posts."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Topic:
    """Sentences of one theme, in one language.

    Titles and sentences may hold the slots `{month}`, `{place}`, `{n}` (a small number) and
    `{kg}`; `app.demo.texts` fills them.
    """

    language: str
    category: str
    tags: tuple[str, ...]
    titles: tuple[str, ...]
    situations: tuple[str, ...]
    asks: tuple[str, ...]
    advice: tuple[str, ...]
    replies: tuple[str, ...]


def topic(language: str, category: str, tags: str, **lines: str) -> Topic:
    """A topic from texts with one sentence a line; `tags` are separated by blanks."""
    sections = {name: tuple(text.strip().splitlines()) for name, text in lines.items()}
    return Topic(language=language, category=category, tags=tuple(tags.split()), **sections)
