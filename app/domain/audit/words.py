"""The word index: the words of every post that has to be found, and their counts (FACTS 6)."""

from collections.abc import AsyncIterator, Iterable, Mapping
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from app.domain import indexing, word_index
from app.domain.audit.differences import Difference, Progress, chunks, compared
from app.domain.options import Options
from app.models import Post, Word

COUNTS = {count: model for model, count in word_index.COUNTS.items()}


async def differences(
    connection: AsyncConnection, options: Options, tell: Progress
) -> AsyncIterator[Difference]:
    """Posts whose words are not in the index as they should be, and words with wrong counts."""
    async for chunk in chunks(connection, Post.id, part="Index", tell=tell):
        for difference in await _posts(connection, chunk):
            yield difference
    async for chunk in chunks(connection, Word.id, part="Words", tell=tell):
        for difference in await _counts(connection, chunk):
            yield difference


async def _posts(connection: AsyncConnection, chunk: Any) -> list[Difference]:
    expected: dict[Any, dict[int, set[Any]]] = {model: {} for model in COUNTS.values()}
    for post, question_id in await word_index.findable(connection, chunk):
        for model, entries in indexing.entries(post, question_id).items():
            expected[model][post.id] = set(entries)
    found = []
    for model, wanted in expected.items():
        stored = await _stored(connection, model, chunk)
        for post_id in sorted({*wanted, *stored}):
            here, there = stored.get(post_id, set()), wanted.get(post_id, set())
            if here != there:
                texts = (_told(here - there), _told(there - here))
                found.append(Difference(model, {"post_id": post_id}, None, *texts))
    return found


async def _stored(connection: AsyncConnection, model: Any, chunk: Any) -> Mapping[int, set[Any]]:
    columns = [getattr(model, name) for name in indexing.COLUMNS[model]]
    query = (
        select(model.post_id, Word.text, *columns)
        .join(Word, Word.id == model.word_id)
        .join(Post, Post.id == model.post_id)
        .where(chunk)
    )
    stored: dict[int, set[Any]] = {}
    for post_id, *entry in await connection.execute(query):
        stored.setdefault(post_id, set()).add(tuple(entry))
    return stored


def _told(entries: Iterable[Any]) -> str:
    return ", ".join(sorted(" ".join(map(str, entry)) for entry in entries)) or "nothing more"


async def _counts(connection: AsyncConnection, chunk: Any) -> list[Difference]:
    names = [column.key for column in COUNTS]
    counted = [
        select(func.count()).where(model.word_id == Word.id).correlate(Word).scalar_subquery()
        for model in COUNTS.values()
    ]
    rows = await connection.execute(select(Word.id, *COUNTS, *counted).where(chunk))
    found = []
    for id, *numbers in rows:
        stored = dict(zip(names, numbers, strict=False))
        recounted = dict(zip(names, numbers[len(names) :], strict=True))
        found += compared(Word, {"id": id}, stored, recounted)
    return found
