"""Every denormalised figure of a site, counted anew in plain SQL, beside what is stored.

Each query gives rows of (what, stored, counted) that differ: none on a sound site. The SQL is
written for tables with the prefix qa_, and runs on MariaDB and SQLite alike.
"""

FIGURES = {
    "answer_count": """
        SELECT q.postid, q.acount, COUNT(a.postid) FROM qa_posts q
        LEFT JOIN qa_posts a ON a.parentid = q.postid AND a.type = 'A'
        WHERE q.type IN ('Q', 'Q_HIDDEN', 'Q_QUEUED') GROUP BY q.postid, q.acount
        HAVING q.acount <> COUNT(a.postid)""",
    "best_answer_score": """
        SELECT q.postid, q.amaxvote, MAX(a.netvotes) FROM qa_posts q
        LEFT JOIN qa_posts a ON a.parentid = q.postid AND a.type = 'A' AND a.netvotes > 0
        WHERE q.type IN ('Q', 'Q_HIDDEN', 'Q_QUEUED') GROUP BY q.postid, q.amaxvote
        HAVING q.amaxvote <> COALESCE(MAX(a.netvotes), 0)""",
    "votes": """
        SELECT p.postid, p.upvotes, p.downvotes, p.netvotes, p.flagcount FROM qa_posts p
        LEFT JOIN qa_uservotes v ON v.postid = p.postid
        GROUP BY p.postid, p.upvotes, p.downvotes, p.netvotes, p.flagcount
        HAVING p.upvotes <> COALESCE(SUM(v.vote > 0), 0)
            OR p.downvotes <> COALESCE(SUM(v.vote < 0), 0)
            OR p.netvotes <> COALESCE(SUM(v.vote), 0)
            OR p.flagcount <> COALESCE(SUM(v.flag), 0)""",
    "votes on own posts": """
        SELECT p.postid, p.userid, v.vote FROM qa_posts p
        JOIN qa_uservotes v ON v.postid = p.postid AND v.userid = p.userid""",
    "accepted answers that are none": """
        SELECT q.postid, q.selchildid, a.type FROM qa_posts q
        LEFT JOIN qa_posts a ON a.postid = q.selchildid
        WHERE q.selchildid IS NOT NULL
          AND (a.type IS NULL OR a.type <> 'A' OR a.parentid <> q.postid)""",
    "places of children": """
        SELECT p.postid, p.categoryid, q.categoryid FROM qa_posts p
        JOIN qa_posts q ON q.postid = p.parentid
        WHERE p.type NOT IN ('Q', 'Q_HIDDEN', 'Q_QUEUED')
          AND (p.categoryid <> q.categoryid OR p.catidpath1 <> q.catidpath1
               OR COALESCE(p.catidpath2, 0) <> COALESCE(q.catidpath2, 0)
               OR COALESCE(p.catidpath3, 0) <> COALESCE(q.catidpath3, 0))""",
    "paths": """
        SELECT p.postid, p.categoryid, c1.categoryid FROM qa_posts p
        JOIN qa_categories c1 ON c1.categoryid = p.categoryid
        LEFT JOIN qa_categories c2 ON c2.categoryid = c1.parentid
        LEFT JOIN qa_categories c3 ON c3.categoryid = c2.parentid
        LEFT JOIN qa_categories c4 ON c4.categoryid = c3.parentid
        WHERE p.catidpath1 <> COALESCE(c4.categoryid, c3.categoryid, c2.categoryid, c1.categoryid)
           OR COALESCE(p.catidpath2, 0) <> COALESCE(
                CASE WHEN c4.categoryid IS NOT NULL THEN c3.categoryid
                     WHEN c3.categoryid IS NOT NULL THEN c2.categoryid
                     WHEN c2.categoryid IS NOT NULL THEN c1.categoryid END, 0)
           OR COALESCE(p.catidpath3, 0) <> COALESCE(
                CASE WHEN c4.categoryid IS NOT NULL THEN c2.categoryid
                     WHEN c3.categoryid IS NOT NULL THEN c1.categoryid END, 0)""",
    "category counts": """
        SELECT c.categoryid, c.qcount, COUNT(p.postid) FROM qa_categories c
        LEFT JOIN qa_posts p ON p.type = 'Q' AND c.categoryid IN
          (p.categoryid, COALESCE(p.catidpath1, 0), COALESCE(p.catidpath2, 0),
           COALESCE(p.catidpath3, 0))
        GROUP BY c.categoryid, c.qcount HAVING c.qcount <> COUNT(p.postid)""",
    "wall posts": """
        SELECT u.userid, u.wallposts, COUNT(m.messageid) FROM qa_users u
        LEFT JOIN qa_messages m ON m.touserid = u.userid AND m.type = 'PUBLIC'
        GROUP BY u.userid, u.wallposts HAVING u.wallposts <> COUNT(m.messageid)""",
    "users without points": """
        SELECT u.userid, p.points, 0 FROM qa_users u
        LEFT JOIN qa_userpoints p ON p.userid = u.userid WHERE p.userid IS NULL""",
    "votes received": """
        SELECT u.userid, u.upvoteds, SUM(p.upvotes) FROM qa_userpoints u
        LEFT JOIN qa_posts p ON p.userid = u.userid GROUP BY u.userid, u.upvoteds, u.downvoteds
        HAVING u.upvoteds <> COALESCE(SUM(p.upvotes), 0)
            OR u.downvoteds <> COALESCE(SUM(p.downvotes), 0)""",
    "accepted answers": """
        SELECT u.userid, u.aselecteds, COUNT(a.postid) FROM qa_userpoints u
        LEFT JOIN qa_posts q ON q.selchildid IS NOT NULL
        LEFT JOIN qa_posts a ON a.postid = q.selchildid AND a.type = 'A' AND a.userid = u.userid
          AND (q.userid IS NULL OR q.userid <> a.userid)
        GROUP BY u.userid, u.aselecteds HAVING u.aselecteds <> COUNT(a.postid)""",
    "posted": """
        SELECT u.userid, u.qposts, u.aposts, u.cposts, u.aselects FROM qa_userpoints u
        LEFT JOIN qa_posts p ON p.userid = u.userid
        GROUP BY u.userid, u.qposts, u.aposts, u.cposts, u.aselects
        HAVING u.qposts <> COALESCE(SUM(p.type = 'Q'), 0)
            OR u.aposts <> COALESCE(SUM(p.type = 'A'), 0)
            OR u.cposts <> COALESCE(SUM(p.type = 'C'), 0)
            OR u.aselects <> COALESCE(SUM(p.type = 'Q' AND p.selchildid IS NOT NULL), 0)""",
    "votes cast": """
        SELECT u.userid, u.qupvotes, u.aupvotes FROM qa_userpoints u
        LEFT JOIN qa_uservotes v ON v.userid = u.userid
        LEFT JOIN qa_posts p ON p.postid = v.postid
        GROUP BY u.userid, u.qupvotes, u.qdownvotes, u.aupvotes, u.adownvotes, u.cupvotes,
                 u.cdownvotes
        HAVING u.qupvotes <> COALESCE(SUM(v.vote = 1 AND p.type LIKE 'Q%'), 0)
            OR u.qdownvotes <> COALESCE(SUM(v.vote = -1 AND p.type LIKE 'Q%'), 0)
            OR u.aupvotes <> COALESCE(SUM(v.vote = 1 AND p.type LIKE 'A%'), 0)
            OR u.adownvotes <> COALESCE(SUM(v.vote = -1 AND p.type LIKE 'A%'), 0)
            OR u.cupvotes <> COALESCE(SUM(v.vote = 1 AND p.type LIKE 'C%'), 0)
            OR u.cdownvotes <> COALESCE(SUM(v.vote = -1 AND p.type LIKE 'C%'), 0)""",
    # With the default options: 10 gained and 3 lost at the most for a question, 20 and 5 for
    # an answer, nothing for a comment.
    "points from votes": """
        SELECT u.userid, u.qvoteds, u.avoteds FROM qa_userpoints u
        LEFT JOIN qa_posts p ON p.userid = u.userid
        GROUP BY u.userid, u.qvoteds, u.avoteds, u.cvoteds
        HAVING u.cvoteds <> 0
            OR u.qvoteds <> COALESCE(SUM(CASE WHEN p.type LIKE 'Q%'
                 THEN CASE WHEN p.upvotes > 10 THEN 10 ELSE p.upvotes + 0 END END), 0)
               - COALESCE(SUM(CASE WHEN p.type LIKE 'Q%'
                 THEN CASE WHEN p.downvotes > 3 THEN 3 ELSE p.downvotes + 0 END END), 0)
            OR u.avoteds <> COALESCE(SUM(CASE WHEN p.type LIKE 'A%'
                 THEN CASE WHEN p.upvotes > 10 THEN 20 ELSE p.upvotes * 2 END END), 0)
               - COALESCE(SUM(CASE WHEN p.type LIKE 'A%'
                 THEN CASE WHEN p.downvotes > 2 THEN 5 ELSE p.downvotes * 2 END END), 0)""",
    "points": """
        SELECT userid, points, bonus FROM qa_userpoints WHERE points <> 100 + bonus + 10 * (
          2 * qposts + 4 * aposts + 3 * aselects + 30 * aselecteds + qupvotes + qdownvotes
          + aupvotes + adownvotes + qvoteds + avoteds + cvoteds)""",
    "words in titles": """
        SELECT w.wordid, w.titlecount, COUNT(t.postid) FROM qa_words w
        LEFT JOIN qa_titlewords t ON t.wordid = w.wordid GROUP BY w.wordid, w.titlecount
        HAVING w.titlecount <> COUNT(t.postid)""",
    "words in contents": """
        SELECT w.wordid, w.contentcount, COUNT(t.postid) FROM qa_words w
        LEFT JOIN qa_contentwords t ON t.wordid = w.wordid GROUP BY w.wordid, w.contentcount
        HAVING w.contentcount <> COUNT(t.postid)""",
    "words in tags": """
        SELECT w.wordid, w.tagwordcount, COUNT(t.postid) FROM qa_words w
        LEFT JOIN qa_tagwords t ON t.wordid = w.wordid GROUP BY w.wordid, w.tagwordcount
        HAVING w.tagwordcount <> COUNT(t.postid)""",
    "tags": """
        SELECT w.wordid, w.tagcount, COUNT(t.postid) FROM qa_words w
        LEFT JOIN qa_posttags t ON t.wordid = w.wordid GROUP BY w.wordid, w.tagcount
        HAVING w.tagcount <> COUNT(t.postid)""",
    "times of tags": """
        SELECT t.postid, t.postcreated, p.created FROM qa_posttags t
        JOIN qa_posts p ON p.postid = t.postid WHERE p.created <> t.postcreated""",
    "ids out of the order of time": """
        SELECT a.postid, a.created, b.created FROM qa_posts a
        JOIN qa_posts b ON b.postid = a.postid + 1 WHERE b.created < a.created""",
    "children before their parents": """
        SELECT p.postid, p.created, q.created FROM qa_posts p
        JOIN qa_posts q ON q.postid = p.parentid WHERE p.created < q.created""",
    "votes before the post": """
        SELECT p.postid, p.created, v.votecreated FROM qa_posts p
        JOIN qa_uservotes v ON v.postid = p.postid WHERE v.votecreated < p.created""",
}
COUNTERS = {
    "cache_qcount": "SELECT COUNT(*) FROM qa_posts WHERE type = 'Q'",
    "cache_acount": "SELECT COUNT(*) FROM qa_posts WHERE type = 'A'",
    "cache_ccount": "SELECT COUNT(*) FROM qa_posts WHERE type = 'C'",
    "cache_unaqcount": """
        SELECT COUNT(*) FROM qa_posts WHERE type = 'Q' AND acount = 0 AND closedbyid IS NULL""",
    "cache_unselqcount": """
        SELECT COUNT(*) FROM qa_posts
        WHERE type = 'Q' AND selchildid IS NULL AND closedbyid IS NULL""",
    "cache_unupaqcount": """
        SELECT COUNT(*) FROM qa_posts WHERE type = 'Q' AND amaxvote = 0 AND closedbyid IS NULL""",
    "cache_tagcount": "SELECT COUNT(*) FROM qa_words WHERE tagcount > 0",
    "cache_flaggedcount": """
        SELECT COUNT(*) FROM qa_posts WHERE flagcount > 0 AND type IN ('Q', 'A', 'C')""",
    "cache_queuedcount": "SELECT COUNT(*) FROM qa_posts WHERE type LIKE '%QUEUED'",
    "cache_uapprovecount": "SELECT COUNT(*) FROM qa_users WHERE level < 10 AND (flags & 2) = 0",
    "cache_userpointscount": "SELECT COUNT(*) FROM qa_userpoints",
}
# References that foreign keys would have refused, had they been on.
REFERENCES = [
    ("qa_posts", "userid", "qa_users", "userid"),
    ("qa_posts", "parentid", "qa_posts", "postid"),
    ("qa_posts", "closedbyid", "qa_posts", "postid"),
    ("qa_posts", "categoryid", "qa_categories", "categoryid"),
    ("qa_posts", "cookieid", "qa_cookies", "cookieid"),
    ("qa_users", "avatarblobid", "qa_blobs", "blobid"),
    ("qa_uservotes", "postid", "qa_posts", "postid"),
    ("qa_uservotes", "userid", "qa_users", "userid"),
    ("qa_titlewords", "wordid", "qa_words", "wordid"),
    ("qa_contentwords", "wordid", "qa_words", "wordid"),
    ("qa_contentwords", "questionid", "qa_posts", "postid"),
    ("qa_posttags", "wordid", "qa_words", "wordid"),
    ("qa_messages", "fromuserid", "qa_users", "userid"),
    ("qa_messages", "touserid", "qa_users", "userid"),
    ("qa_userevents", "userid", "qa_users", "userid"),
    ("qa_userevents", "lastpostid", "qa_posts", "postid"),
    ("qa_sharedevents", "lastpostid", "qa_posts", "postid"),
    ("qa_userfavorites", "userid", "qa_users", "userid"),
]


def orphans(table: str, column: str, target: str, key: str) -> str:
    return (
        f"SELECT t.{column} FROM {table} t LEFT JOIN {target} o ON o.{key} = t.{column}"
        f" WHERE t.{column} IS NOT NULL AND o.{key} IS NULL"
    )


def hotness(seconds: str) -> str:
    """Questions whose hotness is not what FACTS 4 says, allowing for a float's few digits.

    :param seconds: SQL for the seconds of a DATETIME since 1970, with `{}` in place of it
    """
    created, newest = seconds.format("q.created"), seconds.format("a.created")
    beginning = seconds.format("'2010-01-01'")
    return f"""
        SELECT postid, stored, counted FROM (
          SELECT q.postid AS postid, q.hotness + 0e0 AS stored,
            ({created} - {beginning}) * 100.0
            + (COALESCE(MAX({newest}), {created}) - {beginning}) * 100.0
            + COUNT(a.postid) * 16000000.0 + q.netvotes * 16000000.0 + q.views * 400000.0 AS counted
          FROM qa_posts q LEFT JOIN qa_posts a ON a.parentid = q.postid AND a.type = 'A'
          WHERE q.type LIKE 'Q%'
          GROUP BY q.postid, q.hotness, q.created, q.netvotes, q.views) AS each_one
        WHERE ABS(stored - counted) > 8192"""
