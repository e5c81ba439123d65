"""The word index in the database: putting posts in, taking them out, counting words (FACTS 6).

Words are never deleted: people follow tags by the ids of their words.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from sqlalchemy import delete, func, insert, literal, or_, select, union, update
from sqlalchemy.ext.asyncio import AsyncConnection

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
CHANGING_INDEX = "words"


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
        post = PostRow._make(values)
        found.append(Indexed(post, post.id if post.kind is PostKind.QUESTION else root))
    return found


async def add(connection: AsyncConnection, *, found: Sequence[Indexed]) -> None:
    """Put posts into the index that are not in it, for as long as they and all above are visible.

    Deciding that is the caller's. Counts of the words, and the site's of tags, are brought up.
    """
    if not found:
        return
    await _take_turns(connection)
    rows: dict[Any, list[tuple[int, indexing.Entry]]] = {model: [] for model in COUNTS}
    for post, question_id in found:
        for model, entries in indexing.entries(post, question_id).items():
            rows[model] += [(post.id, entry) for entry in entries]
    texts = {entry[0] for entries in rows.values() for _, entry in entries}
    ids = await _ids_of(connection, sorted(texts))
    for model, entries in rows.items():
        await _insert(connection, model, entries, ids)
    used = {model: {ids[entry[0]] for _, entry in entries} for model, entries in rows.items()}
    await recount(connection, word_ids=used)


async def remove(connection: AsyncConnection, *, post_ids: Sequence[int]) -> None:
    """Take posts out of the index, whether they are in it or not."""
    if not post_ids:
        return
    await _take_turns(connection)
    tables = [
        select(literal(number), model.word_id).where(model.post_id.in_(post_ids))
        for number, model in enumerate(COUNTS)
    ]
    models, used = list(COUNTS), defaultdict[Any, set[int]](set)
    for number, word_id in await connection.execute(union(*tables)):
        used[models[number]].add(word_id)
    for model in used:
        await connection.execute(delete(model).where(model.post_id.in_(post_ids)))
    await recount(connection, word_ids=used)


async def renew(connection: AsyncConnection, *, post_ids: Sequence[int]) -> None:
    """Make the index say of these posts what they say now: nothing if they cannot be seen."""
    await remove(connection, post_ids=post_ids)
    await add(connection, found=await findable(connection, Post.id.in_(post_ids)))


async def recount(connection: AsyncConnection, *, word_ids: Mapping[Any, Iterable[int]]) -> None:
    """Count anew how many posts use some words, and how many tags the site has.

    :param word_ids: the words by the table of the index in which their use has changed
    """
    tag_ids = sorted(word_ids.get(PostTag, ()))
    before = await _used_tags(connection, tag_ids)
    touched = sorted({id for ids in word_ids.values() for id in ids})
    models = [model for model in COUNTS if word_ids.get(model)]
    for start in range(0, len(touched), WORDS_AT_ONCE):
        values = {COUNTS[model]: _uses(model) for model in models}
        these = Word.id.in_(touched[start : start + WORDS_AT_ONCE])
        await connection.execute(update(Word).where(these).values(values))
    change = await _used_tags(connection, tag_ids) - before
    await counters.add_to_options(connection, changes={"cache_tagcount": change})


def _uses(model: Any) -> Any:
    counted = select(func.count()).where(model.word_id == Word.id)
    return counted.correlate(Word).scalar_subquery()


async def _used_tags(connection: AsyncConnection, ids: list[int]) -> int:
    """How many of the words are tags of any question. Reading them locks them first."""
    if not ids:
        return 0
    query = select(Word.tag_count).where(Word.id.in_(ids)).order_by(Word.id).with_for_update()
    return sum(count > 0 for count in (await connection.execute(query)).scalars())


async def _take_turns(connection: AsyncConnection) -> None:
    """Wait until nobody else changes the index.

    Words have no unique key, so that two could add the same one; and whoever says that a word
    stands in a post shares the word's row first and wants it alone when it is counted. q2a locks
    the whole table, which waits for the end of every transaction that has read it.
    """
    lock = select(Lock.name).where(Lock.name == CHANGING_INDEX).with_for_update()
    await connection.execute(lock)


async def _ids_of(connection: AsyncConnection, texts: Sequence[str]) -> dict[str, int]:
    """The ids of words, made where they are missing."""
    found = await _look_up(connection, texts)
    missing = [text for text in texts if text not in found]
    if not missing:
        return found
    for start in range(0, len(missing), WORDS_AT_ONCE):
        rows = [{"text": text} for text in missing[start : start + WORDS_AT_ONCE]]
        await connection.execute(insert(Word).values(rows))
    return found | await _look_up(connection, missing)


async def _look_up(connection: AsyncConnection, texts: Sequence[str]) -> dict[str, int]:
    """The ids of those words that are there; of a word that is there twice, the older one's."""
    found: dict[str, int] = {}
    for start in range(0, len(texts), WORDS_AT_ONCE):
        wanted = set(texts[start : start + WORDS_AT_ONCE])
        query = select(Word.text, Word.id).where(Word.text.in_(wanted)).order_by(Word.id.desc())
        # The column's collation takes many words for the same one.
        found |= {
            text: id for text, id in (await connection.execute(query)).all() if text in wanted
        }
    return found


async def _insert(
    connection: AsyncConnection,
    model: Any,
    entries: list[tuple[int, indexing.Entry]],
    ids: Mapping[str, int],
) -> None:
    names = ("word_id", *indexing.COLUMNS[model])
    rows = [
        {"post_id": post_id, **dict(zip(names, (ids[text], *rest), strict=True))}
        for post_id, (text, *rest) in entries
    ]
    for start in range(0, len(rows), WORDS_AT_ONCE):
        await connection.execute(insert(model).values(rows[start : start + WORDS_AT_ONCE]))
