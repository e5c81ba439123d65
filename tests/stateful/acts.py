"""What people do to posts: reads what they may, does it, and remembers what came of it."""

from collections.abc import Sequence
from typing import Any

from schema import nodes
from tests.stateful.client import Client, Who
from tests.stateful.community import GUEST, POSTS
from tests.stateful.documents import MAY_ASK, REVISIONS

NOWHERE = 4_000_000
# Somebody whose address is blocked on the sites that block any, and one who has never been here.
BLOCKED_ADDRESS, NEW_ADDRESS = "192.0.2.9", "192.0.2.7"
# What is done to a post by its id alone, and the field that tells whether it may be.
TO_POSTS = {
    "claimPost": "viewerCanClaim",
    "flagPost": "viewerCanFlag",
    "unflagPost": "viewerCanUnflag",
    "clearFlags": "viewerCanClearFlags",
    "hidePost": "viewerCanHide",
    "reshowPost": "viewerCanReshow",
    "deletePost": "viewerCanDelete",
    "approvePost": "viewerCanModerate",
    "rejectPost": "viewerCanModerate",
}


OF_QUESTIONS = ("title", "tags", "category", "extra")


class Acts:
    """The people of one site, and the posts that they know of.

    Posts are named by a place in the list of all there have ever been: some of them are gone.
    """

    def __init__(self, client: Client, people: dict[str, int]) -> None:
        self.client = client
        self.people = people
        self.guests = [GUEST]
        self.posts: list[str] = [
            nodes.encode(type, number) for number, type in enumerate(POSTS, start=1)
        ]
        self.edited: list[str] = []
        self.created = 0

    def who(self, name: str) -> Who:
        """Somebody by what they are. All sit at one machine, where the last guest left a cookie."""
        guest = self.guests[-1] if self.guests else None
        if name == "newcomer":
            return Who(address=NEW_ADDRESS)
        if name == "guest":
            return Who(guest=guest)
        address = BLOCKED_ADDRESS if name == "rich" else "127.0.0.1"
        return Who(viewer=self.people[name], guest=guest, address=address)

    def post(self, place: int, *types: str) -> str:
        """The id of a post of one of the types; of one that never was where there is none yet."""
        found = self.of_types(types)
        return found[place % len(found)] if found else nodes.encode("Question", NOWHERE)

    def of_types(self, types: Sequence[str]) -> list[str]:
        return [post for post in self.posts if not types or kind_of(post) in types]

    async def chosen(
        self, who: Who, place: int, flag: str, *types: str, among: list[str] | None = None
    ) -> tuple[Who, str, bool | None]:
        """Who does it, to which post, and what its field `flag` tells them: None: not seen.

        Two places of three are taken by the next post for which the field is true, so that much
        is done and not only tried; if there is none, by what an administrator may do.

        :param among: the posts there are to choose from; None: all of the types
        """
        posts = self.of_types(types) if among is None else among
        if not posts:
            return who, self.post(place, *types), None
        start = place % len(posts)
        posts = posts[start:] + posts[:start]
        first, *_ = told = await self._told(who, posts, flag)
        if not place % 3:
            return first
        allowed = [choice for choice in told if choice[2]]
        if not allowed:
            allowed = [c for c in await self._told(self.who("admin"), posts, flag) if c[2]]
        return allowed[0] if allowed else first

    async def _told(
        self, who: Who, posts: list[str], flag: str
    ) -> list[tuple[Who, str, bool | None]]:
        seen = await self.client.seen(posts, who)
        return [(who, post, may.get(flag) if may else None) for post, may in seen.items()]

    def number(self, post: str) -> int:
        named = nodes.decode(post)
        assert named
        return named.key

    # Writing

    async def ask(self, who: Who, follows: int | None, again: bool, input: dict[str, Any]) -> None:
        can_follow: bool | None = True
        if follows is not None:
            who, input["followsAnswerId"], can_follow = await self.chosen(
                who, follows, "viewerCanFollowUp", "Answer"
            )
        may = can_follow and (await self.client.ask(MAY_ASK, who))["site"]["viewerCanAsk"]
        # Somebody may be trusted in one category and not in another.
        await self._create("askQuestion", who, may, again, input, certain=False)

    async def answer(self, who: Who, question: int, again: bool, input: dict[str, Any]) -> None:
        who, input["questionId"], may = await self.chosen(
            who, question, "viewerCanAnswer", "Question"
        )
        await self._create("answerQuestion", who, may, again, input)

    async def comment(self, who: Who, parent: int, again: bool, input: dict[str, Any]) -> None:
        who, input["parentId"], may = await self.chosen(
            who, parent, "viewerCanComment", "Question", "Answer"
        )
        await self._create("addComment", who, may, again, input)

    async def _create(
        self,
        mutation: str,
        who: Who,
        may: bool | None,
        again: bool,
        input: dict[str, Any],
        *,
        certain: bool = True,
    ) -> None:
        """:param again: it is sent twice under the same key, and nothing more comes of it"""
        self.created += 1
        if again:
            input["idempotencyKey"] = f"a key of sixteen, {self.created}"
        for field in input.keys() & {"title", "content"}:
            # The same words again would be refused.
            input[field] = input[field].replace("{n}", str(self.created))
        made = await self.client.perform(mutation, who, may=may, certain=certain, **input)
        self.learn(made)
        if again and made:
            # As themselves, and as the guest that they have become.
            for sender in {who, who._replace(guest=made["cookie"] or who.guest)}:
                repeated = await self.client.perform(mutation, sender, may=True, **input)
                assert repeated, self.client.last
                assert _ids(repeated) == _ids(made)

    def learn(self, result: dict[str, Any] | None) -> None:
        """Remember the posts and the guest that came of a mutation."""
        if result and result["cookie"]:
            self.guests.append(result["cookie"])
        for id in _ids(result or {}):
            number = self.number(id)
            self.posts = [post for post in self.posts if self.number(post) != number] + [id]

    # Editing

    async def edit(self, who: Who, kind: str, place: int, input: dict[str, Any]) -> None:
        if kind != "Question":
            input = {k: v for k, v in input.items() if k not in OF_QUESTIONS}
        retags = bool(input.keys() & {"tags", "category"})
        right = "viewerCanRetag" if retags else "viewerCanEdit"
        who, input["id"], may = await self.chosen(who, place, right, kind)
        if retags and input.keys() & {"title", "content", "extra", "notify"}:
            [seen] = (await self.client.seen([input["id"]], who)).values()
            may = (seen["viewerCanEdit"] and may) if seen else None
        # Only some may be silent, and mails are the author's own affair.
        certain = not input.get("silent") and "notify" not in input
        done = await self.client.perform(f"edit{kind}", who, may=may, certain=certain, **input)
        # What says the same as before gets no revision.
        if done and "content" in input:
            self.edited.append(input["id"])

    async def roll_back(self, who: Who, place: int, revision: int) -> None:
        """Take back the edit of a post that was edited before, or else is edited now."""
        if not self.edited:
            text = {"content": "Bees were here."}
            await self.edit(self.who("admin"), "Comment", place, text)
        posts = self.edited or self.posts
        who, post, may = await self.chosen(who, place, "viewerCanEdit", among=posts)
        revisions = (await self.client.ask(REVISIONS, who, id=post))["node"]
        found = ((revisions and revisions["revisions"]) or {}).get("nodes")
        revision_id = (
            found[revision % len(found)]["id"] if found else nodes.encode("Revision", NOWHERE)
        )
        await self.client.perform(
            "rollbackTo", who, may=may, certain=False, id=post, revisionId=revision_id
        )

    # Judging

    async def do(self, who: Who, mutation: str, place: int) -> None:
        """One of the mutations that need nothing but a post."""
        who, post, may = await self.chosen(who, place, TO_POSTS[mutation])
        await self.client.perform(mutation, who, may=may, id=post)

    async def vote(self, who: Who, place: int, direction: str) -> None:
        flag = "viewerCanDownvote" if direction == "DOWN" else "viewerCanUpvote"
        who, post, may = await self.chosen(who, place, flag)
        await self.client.perform("castVote", who, may=may, id=post, direction=direction)

    async def accept(self, who: Who, place: int) -> None:
        who, answer, may = await self.chosen(who, place, "viewerCanAccept", "Answer")
        await self.client.perform("acceptAnswer", who, may=may, answerId=answer)

    async def unaccept(self, who: Who, place: int) -> None:
        who, question, may = await self.chosen(who, place, "viewerCanAccept", "Question")
        await self.client.perform("unacceptAnswer", who, may=may, questionId=question)

    async def close(self, who: Who, place: int, original: int | None, note: str) -> None:
        who, question, may = await self.chosen(who, place, "viewerCanClose", "Question")
        how: dict[str, Any] = {"note": note}
        if original is not None:
            how = {"duplicateOf": self.post(original, "Question")}
        await self.client.perform("closeQuestion", who, may=may, id=question, **how)

    async def reopen(self, who: Who, place: int) -> None:
        who, question, may = await self.chosen(who, place, "viewerCanReopen", "Question")
        await self.client.perform("reopenQuestion", who, may=may, id=question)

    async def convert(self, who: Who, place: int, parent: int | None) -> None:
        who, answer, may = await self.chosen(who, place, "viewerCanConvert", "Answer")
        input = {"answerId": answer}
        if parent is not None:
            input["parentId"] = self.post(parent, "Question", "Answer")
            # The field speaks of a comment on the question.
            may = None if may is None else True
        result = await self.client.perform(
            "convertAnswerToComment", who, may=may, certain=parent is None, **input
        )
        self.learn(result)

    async def view(self, who: Who, place: int) -> None:
        question = self.post(place, "Question")
        [seen] = (await self.client.seen([question], who)).values()
        await self.client.perform("recordView", who, may=bool(seen) or None, questionId=question)


def kind_of(post: str) -> str:
    named = nodes.decode(post)
    assert named
    return named.type


def _ids(result: dict[str, Any]) -> list[str]:
    """The posts of a payload."""
    return [
        shown["id"]
        for shown in result.values()
        if isinstance(shown, dict) and "viewerCanUpvote" in shown
    ]
