"""q2a as a neighbor: another process that writes the same posts in q2a's manner (FACTS 1 and 3).

An action is several statements, each committed by itself; deadlocks are tried again. Columns of
posts, people and words are recounted by single statements. The site's counters are changed by
what was true when the action began: that is how q2a drifts (FACTS 22).

Run as a process of its own; a line on the standard input ends it, and it tells how many actions
there were.
"""

import random
import sys
import threading
import time
from collections.abc import Callable
from typing import Any

import pymysql

GAVE_WAY = (1205, 1213)
TRIES, PAUSE_SECONDS = 100, 0.01
BETWEEN_ACTIONS_SECONDS = 0.05
POINTS = """INSERT INTO qa_userpoints (userid, {columns}) VALUES ({user}, {sums})
    ON DUPLICATE KEY UPDATE {new}, points = {total}"""
VOTES_OF = "SELECT COUNT(*) FROM qa_uservotes v JOIN qa_posts p ON p.postid = v.postid"
WORTH = """(SELECT COALESCE(SUM(LEAST(upvotes * {each}, {most})), 0)
    - COALESCE(SUM(LEAST(downvotes * {each}, {least})), 0) FROM qa_posts
    WHERE userid = {user} AND type LIKE '{kind}%')"""
TOTAL = """100 + bonus + 10 * (2 * qposts + 4 * aposts + 3 * aselects + 30 * aselecteds
    + qupvotes + qdownvotes + aupvotes + adownvotes + qvoteds + avoteds + cvoteds)"""


class Neighbor:
    """Somebody who uses the PHP site."""

    def __init__(self, connection: Any, user: int, seed: int) -> None:
        self.connection = connection
        self.user = user
        self.chance = random.Random(seed)

    def act(self) -> None:
        """Do something, if it can be done to the post just now."""
        acts: list[Callable[[], None]] = [*4 * [self._vote], self._flag, self._answer, self._select]
        self.chance.choice(acts)()

    def _vote(self) -> None:
        post = self._post("type IN ('Q', 'A', 'C') AND postid <= 20")
        if not post or post["userid"] == self.user:
            return
        before = self._question(post)
        vote = self.chance.choice([-1, 0, 1])
        self._do(
            "INSERT INTO qa_uservotes (postid, userid, vote, flag, votecreated)"
            f" VALUES ({post['postid']}, {self.user}, {vote}, 0, NOW())"
            f" ON DUPLICATE KEY UPDATE vote = {vote}, voteupdated = NOW()"
        )
        self._recount_votes(post["postid"])
        if post["type"] == "A":
            self._recount_answers(post["parentid"])
            self._count_unanswered(before, post["parentid"])
        elif post["type"] == "Q":
            self._hotness(post["postid"])
        kind = post["type"].lower()
        self._points(self.user, f"{kind}upvotes", f"{kind}downvotes")
        self._points(post["userid"], f"{kind}voteds", "upvoteds", "downvoteds")

    def _flag(self) -> None:
        post = self._post("type IN ('Q', 'A', 'C') AND postid <= 20")
        if not post or post["userid"] == self.user:
            return
        flag = self.chance.choice([0, 1])
        own = f"postid = {post['postid']} AND userid = {self.user}"
        [flagged] = self._do(f"SELECT COALESCE(MAX(flag), 0) AS n FROM qa_uservotes WHERE {own}")
        if flagged["n"] == flag:
            return
        self._do(
            "INSERT INTO qa_uservotes (postid, userid, vote, flag)"
            f" VALUES ({post['postid']}, {self.user}, 0, {flag})"
            f" ON DUPLICATE KEY UPDATE flag = {flag}"
        )
        self._recount_votes(post["postid"])
        self._add("cache_flaggedcount", 1 if flag else -1)

    def _answer(self) -> None:
        question = self._post("type = 'Q' AND closedbyid IS NULL AND postid <= 5")
        if not question:
            return
        words = ["".join(self.chance.choices("abcdefghijklmnop", k=2)) for _ in range(12)]
        post_id = self._insert_answer(question, " ".join(words))
        self._index(post_id, question["postid"], words)
        self._recount_answers(question["postid"])
        self._hotness(question["postid"])
        self._add("cache_acount", 1)
        if question["acount"] == 0:
            self._add("cache_unaqcount", -1)
        self._points(self.user, "aposts")

    def _select(self) -> None:
        answer = self._post("type = 'A' AND postid <= 20")
        if not answer:
            return
        before = self._question(answer)
        if before["type"] != "Q" or before["selchildid"] == answer["postid"]:
            return
        self._do(
            f"UPDATE qa_posts SET selchildid = {answer['postid']}"
            f" WHERE postid = {answer['parentid']}"
        )
        if before["selchildid"] is None:
            self._add("cache_unselqcount", -1)
        self._points(before["userid"], "aselects")
        self._points(answer["userid"], "aselecteds")
        former = self._do(f"SELECT userid FROM qa_posts WHERE postid = {before['selchildid'] or 0}")
        for row in former:
            self._points(row["userid"], "aselecteds")

    def _insert_answer(self, question: dict[str, Any], content: str) -> int:
        category = question["categoryid"]
        self._do(
            "INSERT INTO qa_posts (type, parentid, userid, created, content, format, categoryid,"
            f" catidpath1) VALUES ('A', {question['postid']}, {self.user}, NOW(), '{content}', '',"
            f" {category}, {category})"
        )
        [row] = self._do("SELECT LAST_INSERT_ID() AS id")
        return int(row["id"])

    def _index(self, post_id: int, question_id: int, words: list[str]) -> None:
        counts = {word: words.count(word) for word in words}
        found = self._words(counts)
        missing = [word for word in counts if word not in found]
        if missing:
            self._do("LOCK TABLES qa_words WRITE")
            found = self._words(counts)
            for word in counts:
                if word not in found:
                    self._do(f"INSERT IGNORE INTO qa_words (word) VALUES ('{word}')")
            self._do("UNLOCK TABLES")
            found = self._words(counts)
        rows = [f"({post_id}, {found[w]}, {n}, 'A', {question_id})" for w, n in counts.items()]
        self._do(
            "INSERT INTO qa_contentwords (postid, wordid, count, type, questionid)"
            f" VALUES {', '.join(rows)}"
        )
        ids = ", ".join(map(str, sorted(found.values())))
        self._do(
            "UPDATE qa_words w, (SELECT wordid, COUNT(*) AS n FROM qa_contentwords"
            f" WHERE wordid IN ({ids}) GROUP BY wordid) c"
            " SET w.contentcount = c.n WHERE w.wordid = c.wordid"
        )

    def _words(self, wanted: dict[str, int]) -> dict[str, int]:
        texts = ", ".join(f"'{word}'" for word in wanted)
        rows = self._do(
            "SELECT word, MIN(wordid) AS id FROM qa_words"
            f" WHERE word IN ({texts}) GROUP BY CAST(word AS BINARY), word"
        )
        return {row["word"]: row["id"] for row in rows}

    def _recount_votes(self, post_id: int) -> None:
        self._do(
            "UPDATE qa_posts p, (SELECT COALESCE(SUM(vote > 0), 0) AS up,"
            " COALESCE(SUM(vote < 0), 0) AS down, COALESCE(SUM(flag), 0) AS flags"
            f" FROM qa_uservotes WHERE postid = {post_id}) v SET p.upvotes = v.up,"
            " p.downvotes = v.down, p.netvotes = CAST(v.up AS SIGNED) - CAST(v.down AS SIGNED),"
            f" p.flagcount = v.flags WHERE p.postid = {post_id}"
        )

    def _recount_answers(self, question_id: int) -> None:
        self._do(
            "UPDATE qa_posts q, (SELECT COUNT(*) AS n, GREATEST(COALESCE(MAX(netvotes), 0), 0) AS b"
            f" FROM qa_posts WHERE parentid = {question_id} AND type = 'A') a"
            f" SET q.acount = a.n, q.amaxvote = a.b WHERE q.postid = {question_id}"
        )

    def _hotness(self, question_id: int) -> None:
        since = "UNIX_TIMESTAMP({}) - UNIX_TIMESTAMP('2010-01-01')"
        newest = since.format("COALESCE(a.newest, q.created)")
        self._do(
            "UPDATE qa_posts q, (SELECT COUNT(*) AS n, MAX(created) AS newest FROM qa_posts"
            f" WHERE parentid = {question_id} AND type = 'A') a SET q.hotness ="
            f" ({since.format('q.created')}) * 100 + ({newest}) * 100 + a.n * 16000000"
            " + CAST(q.netvotes AS SIGNED) * 16000000 + q.views * 400000"
            f" WHERE q.postid = {question_id}"
        )

    def _points(self, user: int | None, *columns: str) -> None:
        """Recount some columns of somebody, and the points from these and the row's others."""
        if user is None:
            return
        sums = {column: _sum_of(column, user) for column in columns}
        new = ", ".join(f"{column} = {sums[column]}" for column in columns)
        self._do(
            POINTS.format(
                user=user,
                columns=", ".join(columns),
                sums=", ".join(sums.values()),
                new=new,
                total=TOTAL,
            )
        )

    def _count_unanswered(self, before: dict[str, Any], question_id: int) -> None:
        [after] = self._do(f"SELECT amaxvote FROM qa_posts WHERE postid = {question_id}")
        change = (after["amaxvote"] == 0) - (before["amaxvote"] == 0)
        if change and before["type"] == "Q" and before["closedbyid"] is None:
            self._add("cache_unupaqcount", change)

    def _add(self, option: str, change: int) -> None:
        self._do(
            f"INSERT INTO qa_options (title, content) VALUES ('{option}', '{change}') ON DUPLICATE"
            f" KEY UPDATE content = GREATEST(0, {change} + CAST(content AS SIGNED))"
        )

    def _post(self, condition: str) -> dict[str, Any] | None:
        rows = self._do(f"SELECT * FROM qa_posts WHERE {condition}")
        return self.chance.choice(rows) if rows else None

    def _question(self, post: dict[str, Any]) -> dict[str, Any]:
        rows = self._do(f"SELECT * FROM qa_posts WHERE postid = {post['parentid'] or 0}")
        return rows[0] if rows else post

    def _do(self, statement: str) -> list[dict[str, Any]]:
        """Run a statement and commit it; q2a tries again where the server gives way."""
        for _ in range(TRIES):
            try:
                with self.connection.cursor() as cursor:
                    cursor.execute(statement)
                    return list(cursor.fetchall())
            except pymysql.OperationalError as error:
                if error.args[0] not in GAVE_WAY:
                    raise
                time.sleep(PAUSE_SECONDS)
        raise RuntimeError(f"q2a gives up: {statement}")


def _sum_of(column: str, user: int) -> str:
    """What a column of points is counted from, as a sub-select."""
    kind = column[0].upper()
    if column.endswith("posts"):
        return f"(SELECT COUNT(*) FROM qa_posts WHERE userid = {user} AND type = '{kind}')"
    if column == "aselects":
        mine = f"userid = {user} AND type = 'Q' AND selchildid IS NOT NULL"
        return f"(SELECT COUNT(*) FROM qa_posts WHERE {mine})"
    if column == "aselecteds":
        return (
            "(SELECT COUNT(*) FROM qa_posts q JOIN qa_posts a ON a.postid = q.selchildid"
            f" WHERE a.userid = {user} AND a.type = 'A' AND NOT q.userid <=> a.userid)"
        )
    if column in ("upvoteds", "downvoteds"):
        total = f"COALESCE(SUM({column.replace('voteds', 'votes')}), 0)"
        return f"(SELECT {total} FROM qa_posts WHERE userid = {user})"
    if column.endswith("voteds"):
        each, most, least = {"Q": (1, 10, 3), "A": (2, 20, 5), "C": (0, 10, 3)}[kind]
        return WORTH.format(each=each, most=most, least=least, user=user, kind=kind)
    sign = ">" if "up" in column else "<"
    return f"({VOTES_OF} WHERE v.userid = {user} AND v.vote {sign} 0 AND p.type LIKE '{kind}%')"


def main(socket: str, database: str, people: str, seed: str) -> None:
    """Let people use q2a at once until a line comes."""
    stopped = threading.Event()
    failures: list[BaseException] = []
    done: list[int] = []

    def live(user: int) -> None:
        connection = pymysql.connect(
            unix_socket=socket,
            user="root",
            database=database,
            charset="utf8",
            autocommit=True,
            cursorclass=pymysql.cursors.DictCursor,
        )
        neighbor = Neighbor(connection, user, int(seed) * 1_000 + user)
        try:
            while not stopped.is_set():
                neighbor.act()
                done.append(user)
                stopped.wait(BETWEEN_ACTIONS_SECONDS)
        except Exception as failure:
            failures.append(failure)
            raise
        finally:
            connection.close()

    lives = [threading.Thread(target=live, args=(int(user),)) for user in people.split(",")]
    for life in lives:
        life.start()
    sys.stdin.readline()
    stopped.set()
    for life in lives:
        life.join()
    print(len(done))
    sys.exit(bool(failures))


if __name__ == "__main__":
    main(*sys.argv[1:])
