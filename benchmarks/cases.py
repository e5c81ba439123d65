"""What is measured: documents of pages that clients show, of other shapes, and two writes."""

import asyncio
import base64
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from app.auth.issuer import LocalIssuer
from app.auth.local import LocalSignIn
from app.config import Settings
from app.db import Database
from app.domain.sites import SiteCache
from benchmarks import mariadb
from benchmarks.load import UNIQUE, Call
from benchmarks.mariadb import Server

ISSUER_KEY = mariadb.FOLDER / "issuer.pem"
PEOPLE, POSTS = 40, 120

CARD = (
    "id title excerpt createdAt score answerCount viewCount tags{name} category{title slug} "
    "author{id handle points avatarUrl}"
)
HOME = (
    f"query Home($first:Int!){{questions(first:$first){{edges{{cursor node{{{CARD}}}}} "
    "pageInfo{hasNextPage endCursor}}}"
)
QUESTION = (
    "query QuestionPage($id:Int!){question(databaseId:$id){id title content createdAt score "
    "viewCount tags{name} category{title slug} author{id handle points avatarUrl} "
    "comments(first:10){edges{node{id content createdAt author{id handle}}}} "
    "answers(first:10){edges{node{id content createdAt score isAccepted "
    "author{id handle points avatarUrl} "
    "comments(first:5){edges{node{id content createdAt author{id handle}}}}}}}}}"
)
USERS = (
    "query Users($first:Int!){users(first:$first){edges{node{id handle points avatarUrl}} "
    "pageInfo{hasNextPage endCursor}}}"
)
TAG = (
    "query TagPage($name:String!){tag(name:$name){name questionCount description "
    f"questions(first:20){{edges{{cursor node{{{CARD}}}}} pageInfo{{hasNextPage endCursor}}}}}}}}"
)
SEARCH = (
    "query Search($words:String!){search(query:$words,first:10){edges{cursor node{score "
    f"question{{{CARD}}}}}}} pageInfo{{hasNextPage endCursor}}}}}}"
)
USER = (
    "query UserPage($handle:String!){user(handle:$handle){id handle points rank title level "
    "avatarUrl createdAt profile{name label value} counts{questions answers comments "
    "acceptedAnswers upvotesReceived} questions(first:10){nodes{id title score createdAt}} "
    "answers(first:10){nodes{id score createdAt question{id title}}}}}"
)
VOTE = (
    "mutation Vote($input:CastVoteInput!){castVote(input:$input){__typename "
    "... on CastVoteSuccess{post{id score upvoteCount viewerVote}} ... on Error{message}}}"
)
ANSWER = (
    "mutation Answer($input:AnswerQuestionInput!){answerQuestion(input:$input){__typename "
    "... on AnswerQuestionSuccess{answer{id content author{handle}}} ... on Error{message}}}"
)
ALIASES = " ".join(
    f"q{n}:question(databaseId:$id){{id title score author{{handle}}}}" for n in range(20)
)
FRAGMENTS = (
    "query Fragments($first:Int!){questions(first:$first){edges{...Edge} pageInfo{...Page}}} "
    "fragment Edge on QuestionEdge{cursor node{...Card ...Figures}} "
    "fragment Card on Question{id title excerpt createdAt tags{name} author{...Person}} "
    "fragment Figures on Question{score answerCount viewCount author{points}} "
    "fragment Person on User{id handle avatarUrl} "
    "fragment Page on PageInfo{hasNextPage endCursor}"
)
DEEP = (
    "query Deep{questions(first:10){edges{node{title answers(first:5){edges{node{id "
    "comments(first:3){edges{node{id author{handle}}}}}}}}}}}"
)
TINY = "query Tiny{users(first:1){edges{node{handle}}}}"


class Case(NamedTuple):
    """Something that clients ask for.

    :param call: given the server and the name of a site's database, the requests
    :param by_peers: whether other servers answer it, too
    """

    name: str
    call: Callable[[Server, str], Call]
    by_peers: bool = False
    writes: bool = False


def reading(name: str, document: str, /, *, by_peers: bool = False, **variables: Any) -> Case:
    """A query by a guest; variables that are functions are given the server and the site."""

    def call(server: Server, site: str) -> Call:
        given = {
            key: value(server, site) if callable(value) else value
            for key, value in variables.items()
        }
        return Call([{"query": document, "variables": given}])

    return Case(name, call, by_peers)


def _question_id(server: Server, site: str) -> int:
    """A question with ten answers, comments below it and below the answers."""
    [(id,)] = server.rows(
        f"SELECT q.postid FROM `{site}`.qa_posts q JOIN `{site}`.qa_posts c"
        " ON c.parentid = q.postid AND c.type = 'C'"
        " WHERE q.type = 'Q' AND q.acount BETWEEN 8 AND 12 AND q.userid IS NOT NULL"
        " GROUP BY q.postid ORDER BY q.acount = 10 DESC, q.postid LIMIT 1"
    )
    return int(id)


def _tag(server: Server, site: str) -> str:
    """A tag that a hundredth of the questions carry, more or less."""
    [(name,)] = server.rows(
        f"SELECT word FROM `{site}`.qa_words WHERE tagcount > 20"
        f" ORDER BY ABS(tagcount * 1.0 - (SELECT COUNT(*) / 100 FROM `{site}`.qa_posts"
        " WHERE type = 'Q'))"
        " LIMIT 1"
    )
    return str(name)


def _handle(server: Server, site: str) -> str:
    """One of the most active people."""
    [(handle,)] = server.rows(
        f"SELECT u.handle FROM `{site}`.qa_users u JOIN `{site}`.qa_userpoints p"
        " ON p.userid = u.userid WHERE u.level = 0 ORDER BY p.points DESC LIMIT 1"
    )
    return str(handle)


def _people(server: Server, site: str) -> list[tuple[int, str]]:
    """Ids and handles of some who may write, active and less active ones."""
    return server.rows(
        f"SELECT u.userid, u.handle FROM `{site}`.qa_users u JOIN `{site}`.qa_userpoints p"
        " ON p.userid = u.userid WHERE u.flags & 1 AND NOT u.flags & 2 AND u.level = 0"
        f" ORDER BY MD5(u.userid) LIMIT {PEOPLE}"
    )


def _questions_of_others(server: Server, site: str) -> list[str]:
    authors = ", ".join(str(id) for id, _ in _people(server, site))
    rows = server.rows(
        f"SELECT postid FROM `{site}`.qa_posts WHERE type = 'Q' AND closedbyid IS NULL"
        f" AND userid NOT IN ({authors}) ORDER BY created DESC LIMIT {POSTS}"
    )
    return [base64.b64encode(f"Question:{id}".encode()).decode() for (id,) in rows]


def _votes(server: Server, site: str) -> Call:
    """Votes up, then the same votes taken back."""
    ids, tokens = _questions_of_others(server, site), _tokens(server, site)
    inputs = [{"id": id, "direction": way} for way in ("UP", "NONE") for id in ids]
    return _written(VOTE, inputs, tokens)


def _answers(server: Server, site: str) -> Call:
    ids, tokens = _questions_of_others(server, site), _tokens(server, site)
    text = f"The cluster stays warm by itself as long as it has enough to eat: weigh it. {UNIQUE}"
    return _written(ANSWER, [{"questionId": id, "content": text} for id in ids], tokens)


def _written(document: str, inputs: Sequence[dict[str, Any]], tokens: Sequence[str]) -> Call:
    bodies = [{"query": document, "variables": {"input": input}} for input in inputs]
    return Call(bodies, [tokens[n % POSTS % len(tokens)] for n in range(len(bodies))])


def _tokens(server: Server, site: str) -> list[str]:
    handles = [handle for _, handle in _people(server, site)]
    return asyncio.run(_issued(mariadb.url(site), handles, ISSUER_KEY))


async def _issued(database_url: str, handles: Sequence[str], key: Path) -> list[str]:
    db = Database(Settings.load({"DATABASE_URL": database_url}))
    sign_in = LocalSignIn(db, SiteCache(db), LocalIssuer(key))
    try:
        return [(await sign_in.by_handle(handle)).access_token for handle in handles]
    finally:
        await db.close()


PAGES = (
    reading("home", HOME, by_peers=True, first=20),
    reading("question", QUESTION, by_peers=True, id=_question_id),
    reading("users", USERS, by_peers=True, first=50),
    reading("tag", TAG, name=_tag),
    reading("search", SEARCH, words="varroa winter"),
    reading("user", USER, handle=_handle),
    Case("vote", _votes, writes=True),
    Case("answer", _answers, writes=True),
)
SHAPES = (
    reading("100 rows", HOME, by_peers=True, first=100),
    reading("deep", DEEP, by_peers=True),
    reading("aliases", f"query Aliases($id:Int!){{{ALIASES}}}", by_peers=True, id=_question_id),
    reading("fragments", FRAGMENTS, by_peers=True, first=20),
    reading("tiny", TINY, by_peers=True),
)
