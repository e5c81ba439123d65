"""Refill events: q2a tells again of every post that can be seen (FACTS 3, 7 and 22.11).

It adds to what is in the streams, and does not empty them before.
"""

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

# What can be seen, and the question it belongs to.
POSTS = """
    SELECT p.postid, p.userid, p.created,
           CASE WHEN p.type = 'Q' THEN p.postid
                WHEN parent.type = 'Q' THEN parent.postid
                ELSE parent.parentid END AS questionid
      FROM qa_posts p
      LEFT JOIN qa_posts parent ON parent.postid = p.parentid
      LEFT JOIN qa_posts grand ON grand.postid = parent.parentid
     WHERE p.type = 'Q'
        OR p.type IN ('A', 'C') AND parent.type = 'Q'
        OR p.type = 'C' AND parent.type = 'A' AND grand.type = 'Q'
"""
TELLING = """
    INSERT INTO qa_sharedevents
           (entitytype, entityid, questionid, lastpostid, updatetype, lastuserid, updated)
    SELECT '{letter}', {entity}, seen.questionid, seen.postid, NULL, seen.userid, seen.created
      FROM ({posts}) seen WHERE {entity} IS NOT NULL
"""


async def refill(connection: AsyncConnection) -> None:
    """Tell followers of each question, and of each author, of every post once more."""
    for letter, entity in (("Q", "seen.questionid"), ("U", "seen.userid")):
        statement = TELLING.format(letter=letter, entity=entity, posts=POSTS)
        await connection.execute(text(statement))
