"""Recalculate points: every column of `userpoints` by its own formula, then the sum (FACTS 5)."""

from sqlalchemy.ext.asyncio import AsyncConnection

from tests.recalculation.figures import Figures, options, read

POSTS = "SELECT userid, COUNT(*) FROM qa_posts WHERE type = '{type}' AND userid > 0 GROUP BY userid"
ACCEPTED = """
    SELECT userid, COUNT(*) FROM qa_posts
     WHERE type = 'Q' AND userid > 0 AND selchildid IS NOT NULL
  GROUP BY userid
"""
# One's own choice of one's own answer gives nothing.
ACCEPTED_BY_OTHERS = """
    SELECT a.userid, COUNT(*)
      FROM qa_posts a JOIN qa_posts q ON q.selchildid = a.postid
     WHERE a.type = 'A' AND a.userid > 0 AND (q.userid IS NULL OR q.userid <> a.userid)
  GROUP BY a.userid
"""
# Votes count on posts in any state.
CAST = """
    SELECT v.userid, COUNT(*)
      FROM qa_uservotes v JOIN qa_posts p ON p.postid = v.postid
     WHERE p.type LIKE '{letter}%' AND v.vote = {vote}
  GROUP BY v.userid
"""
# Each post gains and loses so much at the most.
VOTED = """
    SELECT userid, SUM(
        CASE WHEN upvotes * {up} < {gain} THEN upvotes * {up} ELSE {gain} END
      - CASE WHEN downvotes * {down} < {loss} THEN downvotes * {down} ELSE {loss} END)
      FROM qa_posts WHERE type LIKE '{letter}%' AND userid > 0 GROUP BY userid
"""
RECEIVED = "SELECT userid, SUM({column}) FROM qa_posts WHERE userid > 0 GROUP BY userid"
DEFAULTS = {
    "points_multiple": 10,
    "points_base": 100,
    "points_post_q": 2,
    "points_post_a": 4,
    "points_select_a": 3,
    "points_a_selected": 30,
    "points_vote_up_q": 1,
    "points_vote_down_q": 1,
    "points_vote_up_a": 1,
    "points_vote_down_a": 1,
    "points_per_q_voted_up": 1,
    "points_per_q_voted_down": 1,
    "points_q_voted_max_gain": 10,
    "points_q_voted_max_loss": 3,
    "points_per_a_voted_up": 2,
    "points_per_a_voted_down": 2,
    "points_a_voted_max_gain": 20,
    "points_a_voted_max_loss": 5,
    "points_per_c_voted_up": 0,
    "points_per_c_voted_down": 0,
    "points_c_voted_max_gain": 10,
    "points_c_voted_max_loss": 3,
}
# The option that each column is multiplied by; what people receive in votes is limited already.
MULTIPLIERS = {
    "qposts": "points_post_q",
    "aposts": "points_post_a",
    "aselects": "points_select_a",
    "aselecteds": "points_a_selected",
    "qupvotes": "points_vote_up_q",
    "qdownvotes": "points_vote_down_q",
    "aupvotes": "points_vote_up_a",
    "adownvotes": "points_vote_down_a",
}


async def recalculated(connection: AsyncConnection) -> Figures:
    chosen = await options(connection, DEFAULTS)
    counted: dict[str, dict[int, int]] = {
        column: dict(await read(connection, query)) for column, query in _queries(chosen).items()
    }
    people = await read(
        connection,
        "SELECT u.userid, COALESCE(p.bonus, 0)"
        " FROM qa_users u LEFT JOIN qa_userpoints p ON p.userid = u.userid",
    )
    rows = {}
    for user_id, bonus in people:
        own = {column: users.get(user_id, 0) for column, users in counted.items()}
        rows[(user_id,)] = (_points(own, bonus, chosen), *own.values())
    return Figures("userpoints", ("userid",), ("points", *counted), rows)


def _queries(chosen: dict[str, int]) -> dict[str, str]:
    """The query of each column: rows of a user's id and the figure."""
    queries = {f"{type.lower()}posts": POSTS.format(type=type) for type in "QAC"}
    queries |= {"aselects": ACCEPTED, "aselecteds": ACCEPTED_BY_OTHERS}
    for letter in "qac":
        queries[f"{letter}upvotes"] = CAST.format(letter=letter.upper(), vote=1)
        queries[f"{letter}downvotes"] = CAST.format(letter=letter.upper(), vote=-1)
        queries[f"{letter}voteds"] = VOTED.format(
            letter=letter.upper(),
            up=chosen[f"points_per_{letter}_voted_up"],
            down=chosen[f"points_per_{letter}_voted_down"],
            gain=chosen[f"points_{letter}_voted_max_gain"],
            loss=chosen[f"points_{letter}_voted_max_loss"],
        )
    queries["upvoteds"] = RECEIVED.format(column="upvotes")
    queries["downvoteds"] = RECEIVED.format(column="downvotes")
    return queries


def _points(own: dict[str, int], bonus: int, chosen: dict[str, int]) -> int:
    earned = sum(own[column] * chosen[option] for column, option in MULTIPLIERS.items())
    earned += own["qvoteds"] + own["avoteds"] + own["cvoteds"]
    return chosen["points_base"] + bonus + chosen["points_multiple"] * earned
