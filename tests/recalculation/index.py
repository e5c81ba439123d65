"""Reindex content: titles, contents, words of tags and whole tags of what can be seen (FACTS 6)."""

from collections import Counter
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from tests.recalculation.figures import Expected, Figures, Lines, read, word_ids
from tests.recalculation.splitting import text_of, words_of

# What is visible together with all that it stands below; a closing note with its question.
VISIBLE = """
    SELECT p.postid, p.type, p.created, p.title, p.content, p.format, p.tags,
           CASE WHEN p.type = 'Q' THEN p.postid
                WHEN parent.type = 'Q' THEN parent.postid
                ELSE parent.parentid END
      FROM qa_posts p
      LEFT JOIN qa_posts parent ON parent.postid = p.parentid
      LEFT JOIN qa_posts grand ON grand.postid = parent.parentid
     WHERE p.type = 'Q'
        OR p.type IN ('A', 'NOTE', 'C') AND parent.type = 'Q'
        OR p.type = 'C' AND parent.type = 'A' AND grand.type = 'Q'
"""
KINDS = {
    "titlewords": "titlecount",
    "contentwords": "contentcount",
    "tagwords": "tagwordcount",
    "posttags": "tagcount",
}
LONGEST = 80
MOST = 255


async def recalculated(connection: AsyncConnection, *, notes: bool) -> list[Expected]:
    """The four tables of the index, and what `words` says of them."""
    lines: dict[str, Counter[Any]] = {table: Counter() for table in KINDS}
    for row in await read(connection, VISIBLE):
        if notes or row[1] != "NOTE":
            _add(lines, row)
    tables = [Lines(table, rows) for table, rows in lines.items()]
    return [Words(tables), *tables, WordCounts(tables)]


def _add(lines: dict[str, Counter[Any]], row: tuple[Any, ...]) -> None:
    post_id, type, created, title, content, format, tags, question_id = row
    for word, count in Counter(_stored(text_of(content or "", format))).items():
        lines["contentwords"][post_id, word, min(count, MOST), type, question_id] += 1
    if type != "Q":
        return
    for word in set(_stored(title or "")):
        lines["titlewords"][post_id, word] += 1
    for word in set(_stored(tags or "")):
        lines["tagwords"][post_id, word] += 1
    for tag in (tags or "").split(",") if tags else []:
        lines["posttags"][post_id, tag, created] += 1


def _stored(text: str) -> list[str]:
    return [word[:LONGEST] for word in words_of(text)]


class WordCounts:
    """How many posts have each word. Words that nothing uses count zero until q2a deletes them."""

    def __init__(self, tables: list[Lines]) -> None:
        self.posts = [Counter(row[1] for row in table.rows) for table in tables]

    async def differences(self, connection: AsyncConnection) -> list[str]:
        return await (await self._figures(connection)).differences(connection)

    async def write(self, connection: AsyncConnection) -> None:
        await (await self._figures(connection)).write(connection)

    async def _figures(self, connection: AsyncConnection) -> Figures:
        ids = await word_ids(connection)
        rows = {(id,): tuple(count[word] for count in self.posts) for word, id in ids.items()}
        return Figures("words", ("wordid",), tuple(KINDS.values()), rows)


class Words:
    """The words that the index needs; they are there already, or else are written first."""

    def __init__(self, tables: list[Lines]) -> None:
        self.words = {row[1] for table in tables for row in table.rows}

    async def differences(self, connection: AsyncConnection) -> list[str]:
        missing = self.words - (await word_ids(connection)).keys()
        return [f"words {word!r}: not there" for word in sorted(missing)]

    async def write(self, connection: AsyncConnection) -> None:
        for word in sorted(self.words - (await word_ids(connection)).keys()):
            statement = text("INSERT INTO qa_words (word) VALUES (:word)")
            await connection.execute(statement, {"word": word})


async def drop_unused_words(connection: AsyncConnection) -> None:
    await connection.execute(
        text(
            "DELETE FROM qa_words WHERE titlecount = 0 AND contentcount = 0"
            " AND tagwordcount = 0 AND tagcount = 0"
        )
    )
