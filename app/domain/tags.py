"""Tags: words that stand for a whole tag of some question (FACTS 6)."""

import re
from collections.abc import Sequence
from enum import Enum
from typing import Any, NamedTuple

from sqlalchemy import Select, bindparam, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from app.db.charsets import LAST_OF_THREE_BYTES, can_hold
from app.db.prepared import many, prepared
from app.db.running import rows_of, value_of
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
    rows = await rows_of(connection, _by_name(), {"name": lower})
    return TagRow._make(rows[0]) if rows else None


@prepared
def _by_name() -> Select[Any]:
    return (
        select(*COLUMNS)
        .where(func.exact(Word.text, bindparam("name", type_=Word.text.type)), Word.tag_count > 0)
        .order_by(Word.tag_count.desc(), Word.id)
        .limit(1)
    )


async def by_names(connection: AsyncConnection, *, names: Sequence[str]) -> dict[str, TagRow]:
    """The tags with exactly these names, those included that no visible question carries."""
    storable = await _storable(connection, names)
    rows = [
        TagRow._make(row) for row in await rows_of(connection, _by_names(), {"names": storable})
    ]
    # The collation finds more than what was asked for; of twins the one in use counts.
    rows.sort(key=lambda row: (row.question_count, -row.id))
    wanted = set(names)
    return {row.name: row for row in rows if row.name in wanted}


@prepared
def _by_names() -> Select[Any]:
    return select(*COLUMNS).where(Word.text.in_(many("names")))


async def by_ids(connection: AsyncConnection, *, ids: Sequence[int]) -> dict[int, TagRow]:
    """Those of the words that are tags of visible questions."""
    found = await rows_of(connection, _by_ids(), {"ids": ids})
    return {row[0]: TagRow._make(row) for row in found}


@prepared
def _by_ids() -> Select[Any]:
    return select(*COLUMNS).where(Word.id.in_(many("ids")), Word.tag_count > 0)


async def descriptions(connection: AsyncConnection, *, names: Sequence[str]) -> dict[str, str]:
    """What the site says of each of the tags, where it does."""
    storable = await _storable(connection, names)
    found = await rows_of(connection, _descriptions(), {"names": storable})
    return {tag: text for tag, text in found if text}


@prepared
def _descriptions() -> Select[Any]:
    columns: Sequence[Any] = (TagMeta.tag, TagMeta.content)
    return select(*columns).where(TagMeta.tag.in_(many("names")), TagMeta.title == DESCRIPTION)


async def listing(
    connection: AsyncConnection, *, order_by: TagOrder, starts_with: str, window: Window
) -> Page[TagRow]:
    """A page of the tags that visible questions carry.

    :raises Invalid: if a cursor is not one of this list
    """
    if not await _may_exist(connection, starts_with):
        return EMPTY
    return await pages.fetch(
        connection,
        _listed,
        bool(starts_with),
        values={"beginning": _escaped(starts_with)},
        order=ORDERS[order_by],
        window=window,
        make=TagRow._make,
    )


async def count(connection: AsyncConnection, *, starts_with: str) -> int:
    """How many tags the list has."""
    if not await _may_exist(connection, starts_with):
        return 0
    values = {"beginning": _escaped(starts_with)}
    counted: int = await value_of(connection, _counted(bool(starts_with)), values)
    return counted


async def _may_exist(connection: AsyncConnection, beginning: str) -> bool:
    """Whether any tag can begin so."""
    lower = words.lower(beginning)
    return len(lower) <= LONGEST and await can_hold(connection, column=Word.text, text=lower)


def _escaped(beginning: str) -> str:
    """The beginning of a tag as a pattern that means itself."""
    return re.sub(r"([/%_])", r"/\1", words.lower(beginning))


def _listed(with_beginning: bool) -> Select[Any]:
    used = select(*COLUMNS).where(Word.tag_count > 0)
    if not with_beginning:
        return used
    return used.where(Word.text.startswith(bindparam("beginning"), escape="/"))


@prepared
def _counted(with_beginning: bool) -> Select[Any]:
    return _listed(with_beginning).with_only_columns(func.count())


async def _storable(connection: AsyncConnection, names: Sequence[str]) -> list[str]:
    if await can_hold(connection, column=Word.text, text="".join(names)):
        return list(names)
    return [name for name in names if max(name) <= LAST_OF_THREE_BYTES]
