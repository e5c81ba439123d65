"""The counters among the options, and those of walls (FACTS 3)."""

from sqlalchemy.ext.asyncio import AsyncConnection

from tests.recalculation.figures import Figures, by_key, read

QUESTIONS = "SELECT COUNT(*) FROM qa_posts WHERE type = 'Q'"
COUNTERS = {
    "cache_qcount": QUESTIONS,
    "cache_acount": "SELECT COUNT(*) FROM qa_posts WHERE type = 'A'",
    "cache_ccount": "SELECT COUNT(*) FROM qa_posts WHERE type = 'C'",
    "cache_unaqcount": QUESTIONS + " AND acount = 0 AND closedbyid IS NULL",
    "cache_unselqcount": QUESTIONS + " AND selchildid IS NULL AND closedbyid IS NULL",
    "cache_unupaqcount": QUESTIONS + " AND amaxvote = 0 AND closedbyid IS NULL",
    "cache_tagcount": "SELECT COUNT(*) FROM qa_words WHERE tagcount > 0",
    "cache_flaggedcount": """
        SELECT COUNT(*) FROM qa_posts WHERE flagcount > 0 AND type IN ('Q', 'A', 'C')
    """,
    "cache_queuedcount": """
        SELECT COUNT(*) FROM qa_posts WHERE type IN ('Q_QUEUED', 'A_QUEUED', 'C_QUEUED')
    """,
    "cache_uapprovecount": "SELECT COUNT(*) FROM qa_users WHERE level < 10 AND (flags & 2) = 0",
    "cache_userpointscount": "SELECT COUNT(*) FROM qa_userpoints",
}
WALL_POSTS = """
    SELECT u.userid, COUNT(m.messageid)
      FROM qa_users u LEFT JOIN qa_messages m ON m.touserid = u.userid AND m.type = 'PUBLIC'
  GROUP BY u.userid
"""


async def recalculated(connection: AsyncConnection) -> Figures:
    rows = {}
    for name, query in COUNTERS.items():
        [(count,)] = await read(connection, query)
        rows[(name,)] = (str(count),)
    return Figures("options", ("title",), ("content",), rows, complete=False)


async def wall_posts(connection: AsyncConnection) -> Figures:
    rows = by_key(await read(connection, WALL_POSTS))
    return Figures("users", ("userid",), ("wallposts",), rows)
