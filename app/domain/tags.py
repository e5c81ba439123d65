"""Tags: words that stand for a whole tag of some question (FACTS 6)."""

from collections.abc import Sequence
from enum import Enum
from typing import Any, NamedTuple

from sqlalchemy import Select, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from app.db.charsets import LAST_OF_THREE_BYTES, can_hold
from app.domain import pages, words
from app.domain.orders import Key, Order
from app.domain.pages import EMPTY, Page, Window
from app.models import TagMeta, Word

# The key of a tag's free values that holds what people are told about it.
DESCRIPTION = "description"
LONGEST = 80


class TagOrder(Enum):
    POPULAR = "popular"
    NAME = "name"


ORDERS = {
    # The index of the counts, read backwards, ids included.
    TagOrder.POPULAR: Order("tags", (Key(Word.tag_count, int, True), Key(Word.id, int, True))),
    TagOrder.NAME: Order("tags-by-name", (Key(Word.text, str), Key(Word.id, int))),
}


class TagRow(NamedTuple):
    """A tag; `id` is that of its word, `question_count` counts visible questions."""

    id: int
    name: str
    question_count: int


COLUMNS: Sequence[Any] = (Word.id, Word.text, Word.tag_count)


async def word_id(connection: AsyncConnection, *, name: str) -> int | None:
    """The `words` id of a tag that some visible question carries; None where there is none."""
    row = await by_name(connection, name=name)
    return row.id if row else None


async def by_name(connection: AsyncConnection, *, name: str) -> TagRow | None:
    """The tag with this name, in upper or lower case, that some visible question carries."""
    lower = words.lower(name)
    if not await can_hold(connection, column=Word.text, text=lower):
        return None
    query = (
        select(*COLUMNS)
        .where(func.exact(Word.text, lower), Word.tag_count > 0)
        .order_by(Word.tag_count.desc(), Word.id)
        .limit(1)
    )
    row = (await connection.execute(query)).first()
    return TagRow._make(row) if row else None


async def by_names(connection: AsyncConnection, *, names: Sequence[str]) -> dict[str, TagRow]:
    """The tags with exactly these names, those included that no visible question carries."""
    query = select(*COLUMNS).where(Word.text.in_(await _storable(connection, names)))
    rows = [TagRow._make(row) for row in await connection.execute(query)]
    # The collation finds more than what was asked for; of twins the one in use counts.
    rows.sort(key=lambda row: (row.question_count, -row.id))
    wanted = set(names)
    return {row.name: row for row in rows if row.name in wanted}


async def by_ids(connection: AsyncConnection, *, ids: Sequence[int]) -> dict[int, TagRow]:
    """Those of the words that are tags of visible questions."""
    query = select(*COLUMNS).where(Word.id.in_(ids), Word.tag_count > 0)
    return {row[0]: TagRow._make(row) for row in await connection.execute(query)}


async def descriptions(connection: AsyncConnection, *, names: Sequence[str]) -> dict[str, str]:
    """What the site says of each of the tags, where it does."""
    query = select(TagMeta.tag, TagMeta.content).where(
        TagMeta.tag.in_(await _storable(connection, names)), TagMeta.title == DESCRIPTION
    )
    return {tag: text for tag, text in await connection.execute(query) if text}


async def listing(
    connection: AsyncConnection, *, order_by: TagOrder, starts_with: str, window: Window
) -> Page[TagRow]:
    """A page of the tags that visible questions carry.

    :raises Invalid: if a cursor is not one of this list
    """
    query = await _starting(connection, select(*COLUMNS), starts_with)
    if query is None:
        return EMPTY
    return await pages.fetch(
        connection, statement=query, order=ORDERS[order_by], window=window, make=TagRow._make
    )


async def count(connection: AsyncConnection, *, starts_with: str) -> int:
    """How many tags the list has."""
    query = await _starting(connection, select(func.count()).select_from(Word), starts_with)
    return 0 if query is None else (await connection.execute(query)).scalar_one()


async def _starting(
    connection: AsyncConnection, statement: Select[Any], prefix: str
) -> Select[Any] | None:
    """`statement` for tags with this beginning; None where no tag can have it."""
    used = statement.where(Word.tag_count > 0)
    if not prefix:
        return used
    lower = words.lower(prefix)
    if len(lower) > LONGEST or not await can_hold(connection, column=Word.text, text=lower):
        return None
    return used.where(Word.text.startswith(lower, autoescape=True))


async def _storable(connection: AsyncConnection, names: Sequence[str]) -> list[str]:
    if await can_hold(connection, column=Word.text, text="".join(names)):
        return list(names)
    return [name for name in names if max(name) <= LAST_OF_THREE_BYTES]
