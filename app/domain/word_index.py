"""The word index in the database: putting posts in, taking them out, counting words (FACTS 6).

Words are never deleted: people follow tags by the ids of their words.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple, TypeAlias

from sqlalchemy import (
    Select,
    Update,
    delete,
    func,
    literal,
    null,
    or_,
    select,
    type_coerce,
    union_all,
    update,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from app.db.prepared import many, prepared
from app.db.running import insert_rows, rows_of, run
from app.domain import counters, indexing, posts
from app.domain.posts import COLUMNS, PostRow
from app.domain.threads import GRANDPARENT, PARENT, ROOT_OF_COMMENT
from app.models import ContentWord, Post, PostKind, PostTag, TagWord, TitleWord, Word
from app.models.waggle import Lock

# RDS Proxy pins a connection for a statement beyond 16 kB.
WORDS_AT_ONCE = 400
COUNTS: Mapping[Any, Any] = {
    TitleWord: Word.title_count,
    ContentWord: Word.content_count,
    TagWord: Word.tag_word_count,
    PostTag: Word.tag_count,
}
ADDING_WORDS = "words"
# What one table says of one post: tuples of a word's id and the table's `indexing.COLUMNS`.
Place: TypeAlias = tuple[Any, int]
Rows: TypeAlias = Sequence[tuple[Any, ...]]


class Indexed(NamedTuple):
    """A post that is to be found, and the question at its root."""

    post: PostRow
    question_id: int


async def findable(connection: AsyncConnection, condition: Any) -> list[Indexed]:
    """Those of the posts that have to be in the index: all that they stand below is visible."""
    visible = posts.seen_of_any_kind(posts.NOBODY)
    has_visible_ancestors = or_(
        Post.type == "Q",
        PARENT.type == "Q",
        (Post.type == "C") & (PARENT.type == "A") & (GRANDPARENT.type == "Q"),
    )
    above = (PARENT.parent_id == GRANDPARENT.id) & PARENT.type.like("A%")
    query = (
        select(*COLUMNS, ROOT_OF_COMMENT)
        .outerjoin(PARENT, Post.parent_id == PARENT.id)
        .outerjoin(GRANDPARENT, above)
        .where(condition, or_(visible, Post.type == "NOTE"), has_visible_ancestors)
    )
    found = []
    for *values, root in await connection.execute(query):
        post = PostRow.of(values)
        found.append(Indexed(post, post.id if post.kind is PostKind.QUESTION else root))
    return found


async def add(connection: AsyncConnection, *, found: Sequence[Indexed]) -> None:
    """Put posts into the index that are not in it, for as long as they and all above are visible.

    Deciding that is the caller's. Counts of the words, and the site's of tags, are brought up.
    """
    await _change(connection, present={}, found=found)


async def remove(connection: AsyncConnection, *, post_ids: Sequence[int]) -> None:
    """Take posts out of the index, whether they are in it or not."""
    await _change(connection, present=await _present(connection, post_ids), found=[])


async def renew(connection: AsyncConnection, *, post_ids: Sequence[int]) -> None:
    """Make the index say of these posts what they say now: nothing if they cannot be seen."""
    present = await _present(connection, post_ids)
    found = await findable(connection, Post.id.in_(post_ids))
    await _change(connection, present=present, found=found)


async def _change(
    connection: AsyncConnection, *, present: Mapping[Place, Rows], found: Sequence[Indexed]
) -> None:
    """Replace what the index says of some posts; words that stay as they are are left alone.

    Words are locked in the order of their ids, before rows that point to them share them, and
    before they are counted: a statement counts what was committed when it began (decision 51).
    """
    wanted = await _wanted(connection, found)
    touched: dict[Any, set[int]] = defaultdict(set)
    places = {
        (model, post_id): ids
        for model, post_id in {**present, **wanted}
        if (ids := _differing(present.get((model, post_id), ()), wanted.get((model, post_id), ())))
    }
    for (model, _), ids in places.items():
        touched[model] |= ids
    if not touched:
        return
    tags_before = await _lock(connection, touched)
    await _delete(connection, places, present)
    await _insert(connection, places, wanted)
    await _count(connection, touched, tags_before)


async def recount(connection: AsyncConnection, *, word_ids: Mapping[Any, Iterable[int]]) -> None:
    """Count anew how many posts use some words, and how many tags the site has.

    :param word_ids: the words by the table of the index in which their use has changed
    """
    touched = {model: set(ids) for model, ids in word_ids.items() if ids}
    if touched:
        await _count(connection, touched, await _lock(connection, touched))


async def _lock(connection: AsyncConnection, touched: Mapping[Any, set[int]]) -> int:
    """Lock words, and tell how many of those that may be tags are tags of any question."""
    tag_ids, used = touched.get(PostTag, set()), 0
    for ids in _chunks(set().union(*touched.values())):
        rows = await rows_of(connection, _locked(), {"ids": ids})
        used += sum(count > 0 for id, count in rows if id in tag_ids)
    return used


@prepared
def _locked() -> Select[Any]:
    columns: Sequence[Any] = (Word.id, Word.tag_count)
    words = select(*columns).where(Word.id.in_(many("ids"))).order_by(Word.id)
    return words.with_for_update()


async def _count(
    connection: AsyncConnection, touched: Mapping[Any, set[int]], tags_before: int
) -> None:
    statement = _counted(frozenset(model for model, ids in touched.items() if ids))
    for ids in _chunks(set().union(*touched.values())):
        await run(connection, statement, {"ids": ids})
    tag_ids = touched.get(PostTag)
    if tag_ids:
        [(used,)] = await rows_of(connection, _tags(), {"ids": sorted(tag_ids)})
        await counters.add_to_options(connection, changes={"cache_tagcount": used - tags_before})


@prepared
def _counted(models: frozenset[Any]) -> Update:
    values = {COUNTS[model]: _uses(model) for model in COUNTS if model in models}
    return update(Word).where(Word.id.in_(many("ids"))).values(values)


@prepared
def _tags() -> Select[Any]:
    return select(func.count()).where(Word.id.in_(many("ids")), Word.tag_count > 0)


def _chunks(ids: Iterable[int]) -> Iterable[list[int]]:
    ordered = sorted(ids)
    return (
        ordered[start : start + WORDS_AT_ONCE] for start in range(0, len(ordered), WORDS_AT_ONCE)
    )


def _uses(model: Any) -> Any:
    counted = select(func.count()).where(model.word_id == Word.id)
    return counted.correlate(Word).scalar_subquery()


async def _present(connection: AsyncConnection, post_ids: Sequence[int]) -> Mapping[Place, Rows]:
    """What the index says of the posts: a row that is there twice is told twice."""
    if not post_ids:
        return {}
    # The types of the columns are those of the first statement.
    columns: dict[str, Any] = {
        name: getattr(model, name) for model, names in indexing.COLUMNS.items() for name in names
    }
    statements = []
    for number, model in enumerate(COUNTS):
        values = [
            getattr(model, name) if name in indexing.COLUMNS[model] else type_coerce(null(), c.type)
            for name, c in columns.items()
        ]
        keys = (literal(number).label("table"), model.post_id, model.word_id)
        statements.append(select(*keys, *values).where(model.post_id.in_(post_ids)))
    present = defaultdict[Place, list[tuple[Any, ...]]](list)
    models, names = list(COUNTS), list(columns)
    for number, post_id, word_id, *values in await connection.execute(union_all(*statements)):
        model = models[number]
        of_model = [values[names.index(name)] for name in indexing.COLUMNS[model]]
        present[model, post_id].append((word_id, *of_model))
    return present


async def _wanted(connection: AsyncConnection, found: Sequence[Indexed]) -> dict[Place, Rows]:
    """What the index is to say of the posts; words that are new are made."""
    entries = {
        (model, post.id): rows
        for post, question_id in found
        for model, rows in indexing.entries(post, question_id).items()
    }
    texts = {text for rows in entries.values() for text, *_ in rows}
    ids = await _ids_of(connection, sorted(texts))
    return {place: [(ids[text], *rest) for text, *rest in rows] for place, rows in entries.items()}


def _differing(present: Rows, wanted: Rows) -> set[int]:
    """The words of one place that are to be replaced: q2a may have added some of them twice."""
    before, after = Counter(present), Counter(wanted)
    return {word_id for word_id, *_ in (before - after) + (after - before)}


async def _delete(
    connection: AsyncConnection, places: Mapping[Place, set[int]], present: Mapping[Place, Rows]
) -> None:
    """Delete words of places: at once where a table has nothing else of a post."""
    whole = defaultdict[Any, list[int]](list)
    for (model, post_id), ids in places.items():
        stored = {word_id for word_id, *_ in present.get((model, post_id), ())}
        if stored <= ids:
            whole[model] += [post_id] if stored else []
            continue
        for some in _chunks(stored & ids):
            these = (model.post_id == post_id, model.word_id.in_(some))
            await connection.execute(delete(model).where(*these))
    for model, post_ids in whole.items():
        if post_ids:
            await connection.execute(delete(model).where(model.post_id.in_(post_ids)))


async def _insert(
    connection: AsyncConnection, places: Mapping[Place, set[int]], wanted: Mapping[Place, Rows]
) -> None:
    values = defaultdict[Any, list[dict[Any, Any]]](list)
    for (model, post_id), ids in places.items():
        columns = [getattr(model, name) for name in ("word_id", *indexing.COLUMNS[model])]
        for row in wanted.get((model, post_id), ()):
            if row[0] in ids:
                said = dict(zip(columns, row, strict=True))
                values[model].append({model.post_id: post_id, **said})
    for model, rows in values.items():
        for start in range(0, len(rows), WORDS_AT_ONCE):
            await insert_rows(connection, model, rows[start : start + WORDS_AT_ONCE])


async def _take_turns(connection: AsyncConnection) -> None:
    """Wait until nobody else adds words.

    Words have no unique key, so that two could add the same one. q2a locks the whole table, which
    waits for the end of every transaction that has read it.
    """
    await rows_of(connection, _turn())


@prepared
def _turn() -> Select[Any]:
    return select(Lock.name).where(Lock.name == ADDING_WORDS).with_for_update()


async def _ids_of(connection: AsyncConnection, texts: Sequence[str]) -> dict[str, int]:
    """The ids of words, made where they are missing."""
    found = await look_up(connection, texts=texts)
    missing = [text for text in texts if text not in found]
    if not missing:
        return found
    await _take_turns(connection)
    found |= await look_up(connection, texts=missing)
    missing = [text for text in missing if text not in found]
    for start in range(0, len(missing), WORDS_AT_ONCE):
        rows = [{Word.text: text} for text in missing[start : start + WORDS_AT_ONCE]]
        await insert_rows(connection, Word, rows)
    return found | await look_up(connection, texts=missing)


async def look_up(connection: AsyncConnection, *, texts: Sequence[str]) -> dict[str, int]:
    """The ids of those words that are there; of a word that is there twice, the older one's."""
    found: dict[str, int] = {}
    for start in range(0, len(texts), WORDS_AT_ONCE):
        wanted = set(texts[start : start + WORDS_AT_ONCE])
        rows = await rows_of(connection, _called(), {"texts": sorted(wanted)})
        # The column's collation takes many words for the same one.
        found |= {text: id for text, id in rows if text in wanted}
    return found


@prepared
def _called() -> Select[Any]:
    columns: Sequence[Any] = (Word.text, Word.id)
    # Of a word that is there twice, the older one comes last.
    return select(*columns).where(Word.text.in_(many("texts"))).order_by(Word.id.desc())
