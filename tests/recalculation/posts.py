"""Recount posts: votes, flags, answers and hotness of every post (FACTS 3, 4 and 8)."""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from tests.recalculation.figures import Figures, by_key, options, read, single

VOTES = """
    SELECT p.postid,
           COALESCE(SUM(v.vote > 0), 0), COALESCE(SUM(v.vote < 0), 0),
           COALESCE(SUM(v.vote), 0), COALESCE(SUM(v.flag), 0)
      FROM qa_posts p LEFT JOIN qa_uservotes v ON v.postid = p.postid
  GROUP BY p.postid
"""
# Hidden answers and those that wait count neither as answers nor with their votes.
ANSWERS = """
    SELECT p.postid, COUNT(a.postid),
           CASE WHEN MAX(a.netvotes) > 0 THEN MAX(a.netvotes) ELSE 0 END
      FROM qa_posts p LEFT JOIN qa_posts a ON a.parentid = p.postid AND a.type = 'A'
  GROUP BY p.postid
"""
HOTNESS = """
    SELECT p.postid, p.created, MAX(a.created), COUNT(a.postid), p.netvotes, p.views
      FROM qa_posts p LEFT JOIN qa_posts a ON a.parentid = p.postid AND a.type = 'A'
     WHERE p.hotness IS NOT NULL OR p.type LIKE 'Q%'
  GROUP BY p.postid, p.created, p.netvotes, p.views
"""
WEIGHTS = {
    "hot_weight_q_age": 100,
    "hot_weight_a_age": 100,
    "hot_weight_answers": 100,
    "hot_weight_votes": 100,
    "hot_weight_views": 100,
}
HOT_BEGINNING = datetime(2010, 1, 1)  # noqa: DTZ001 - in the zone of the tables


async def votes(connection: AsyncConnection) -> Figures:
    columns = ("upvotes", "downvotes", "netvotes", "flagcount")
    return Figures("posts", ("postid",), columns, by_key(await read(connection, VOTES)))


async def answers(connection: AsyncConnection) -> Figures:
    columns = ("acount", "amaxvote")
    return Figures("posts", ("postid",), columns, by_key(await read(connection, ANSWERS)))


async def hotness(connection: AsyncConnection) -> Figures:
    """Of all questions, and of what else has a hotness: nobody reads it of answers or comments."""
    weights = list((await options(connection, WEIGHTS)).values())
    rows = {}
    for post_id, created, last, count, score, views in await read(connection, HOTNESS):
        summands = (
            _age(created),
            _age(last or created),
            count * 160_000,
            score * 160_000,
            views * 4_000,
        )
        heat = sum(weight * part for weight, part in zip(weights, summands, strict=True))
        rows[(post_id,)] = (single(heat),)
    return Figures("posts", ("postid",), ("hotness",), rows, complete=False)


def _age(time: datetime | str) -> int:
    moment = datetime.fromisoformat(time) if isinstance(time, str) else time
    return int((moment - HOT_BEGINNING).total_seconds())
