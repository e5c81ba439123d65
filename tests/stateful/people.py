"""What people do to each other, to what they follow, and to their own profiles."""

from typing import Any

from schema import nodes
from tests import pictures
from tests.stateful.acts import NOWHERE, Acts
from tests.stateful.client import Client, Who
from tests.stateful.community import WALL
from tests.stateful.documents import TAG, USER, WALL_POSTS

PICTURE = pictures.file(pictures.image())


class AllActs(Acts):
    """Everything that the schema lets people do."""

    def __init__(self, client: Client, people: dict[str, int]) -> None:
        super().__init__(client, people)
        self.uploads: list[tuple[Who, str]] = []
        self.walls = [WALL[0]]
        self.followed: list[tuple[Who, str]] = []

    async def rest(self, who: Who) -> None:
        """Do nothing at all."""

    async def follow(self, who: Who, mutation: str, thing: str | int) -> None:
        """:param thing: the id of a person or a category, or the place of a post"""
        await self._follow(who, mutation, thing if isinstance(thing, str) else self.post(thing))

    async def follow_tag(self, who: Who, mutation: str, name: str) -> None:
        tag = (await self.client.ask(TAG, who, name=name))["tag"]
        await self._follow(who, mutation, tag["id"] if tag else nodes.encode("Tag", NOWHERE))

    async def unfollow(self, who: Who, place: int) -> None:
        """Follow something no more: two places of three are taken by what somebody follows."""
        id = self.post(place)
        if place % 3 and self.followed:
            who, id = self.followed[place % len(self.followed)]
        await self._follow(who, "unfavorite", id)

    async def _follow(self, who: Who, mutation: str, id: str) -> None:
        found = (await self.client.ask(USER, who, id=id))["node"]
        may = bool(found) or None
        if await self.client.perform(mutation, who, may=may, certain=False, id=id):
            self.followed.append((who, id))
            thing = (await self.client.ask(USER, who, id=id))["node"]
            assert thing["viewerHasFavorited"] is (mutation == "favorite")

    async def post_on_wall(self, who: Who, owner: str, again: bool, input: dict[str, Any]) -> None:
        input["userId"] = nodes.encode("User", self.people[owner])
        user = (await self.client.ask(USER, who, id=input["userId"]))["node"]
        if await self._tell("postOnWall", who, user["viewerCanPostOnWall"], again, input):
            self.walls.append(owner)

    async def send(self, who: Who, to: str, again: bool, input: dict[str, Any]) -> None:
        input["userId"] = nodes.encode("User", self.people[to])
        user = (await self.client.ask(USER, who, id=input["userId"]))["node"]
        await self._tell("sendMessage", who, user["viewerCanMessage"], again, input)

    async def _tell(
        self, mutation: str, who: Who, may: bool, again: bool, input: dict[str, Any]
    ) -> dict[str, Any] | None:
        if again:
            self.created += 1
            input["idempotencyKey"] = f"a key of sixteen, {self.created}"
        made = await self.client.perform(mutation, who, may=may, **input)
        if again and made:
            assert await self.client.perform(mutation, who, may=True, **input) == made
        return made

    async def take_from_wall(self, who: Who, owner: str, place: int) -> None:
        """Two places of three are taken by owners whose walls have been written on."""
        if self.walls and place % 3:
            owner = self.walls[place % len(self.walls)]
            who = self.who(owner)
        id = nodes.encode("User", self.people[owner])
        posts = (await self.client.ask(WALL_POSTS, who, id=id))["node"]["wall"]["nodes"]
        if not posts:
            await self.client.perform("deleteWallPost", who, may=None, databaseId=NOWHERE)
            return
        post = posts[place % len(posts)]
        await self.client.perform(
            "deleteWallPost", who, may=post["viewerCanDelete"], databaseId=post["databaseId"]
        )

    async def dismiss(self, who: Who, place: int) -> None:
        # Their numbers are those of the people.
        people = list(self.people.values())
        notice = who.viewer if who.viewer and place % 3 else people[place % len(people)]
        own = notice == who.viewer
        await self.client.perform(
            "dismissNotice", who, may=True if own else None, certain=False, databaseId=notice
        )

    async def change_profile(self, who: Who, input: dict[str, Any]) -> None:
        may = who.viewer is not None
        await self.client.perform("updateProfile", who, may=may, certain=False, **input)

    async def upload(self, who: Who, purpose: str, *, sends: bool) -> None:
        """A picture: asked for, sent unless somebody thinks better of it, and confirmed."""
        form = await self.client.perform(
            "requestUpload",
            who,
            may=True,
            certain=False,
            filename="bee.png",
            contentType="image/png",
            size=len(PICTURE),
            purpose=purpose,
        )
        if not form:
            return
        # A newcomer is known by a cookie from now on.
        who = who._replace(guest=form["cookie"] or who.guest)
        fields = {field["name"]: field["value"] for field in form["fields"]}
        if sends:
            await self.client.api.http.post(form["url"], data=fields, files={"file": PICTURE})
        upload = form["uploadId"]
        done = await self.client.perform(
            "confirmUpload", who, may=True, certain=False, uploadId=upload
        )
        assert bool(done) == sends, self.client.last
        self.uploads.append((who, upload))

    async def set_avatar(self, who: Who, place: int | None) -> None:
        """One's own picture becomes the avatar, or somebody else's does not; or none is left."""
        upload = None
        if place is not None:
            if not self.uploads and place % 3:
                await self.upload(who, "AVATAR", sends=True)
            owner, upload = self.uploads[place % len(self.uploads)] if self.uploads else (who, "?")
            who = owner if place % 3 else who
        await self.client.perform("setAvatar", who, may=True, certain=False, uploadId=upload)
