"""Users, as others see them."""

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any, Self

import strawberry

from app.domain import messages, profiles, urls, users
from app.domain.batches import Below
from app.domain.errors import Invalid
from app.domain.favorites import FavoriteKind
from app.domain.users import UserOrder, UserRow
from app.domain.viewers import Flag, Level
from app.models import PostKind
from schema import nodes
from schema.connections import After, Before, Connection, First, Last, window_of
from schema.context import Context, Info, later
from schema.enums import expose
from schema.favorites import has_favorited
from schema.nodes import Node
from schema.profiles import ProfileField, UserCounts

if TYPE_CHECKING:
    from schema.activity import Activity
    from schema.answers import Answer
    from schema.comments import Comment
    from schema.messages import WallPost
    from schema.questions import Question

MOST_PIXELS = 1000
POSTS_SHOWN = 20

# Users and what they have written know each other.
LazyQuestion = Annotated["Question", strawberry.lazy("schema.questions")]
LazyAnswer = Annotated["Answer", strawberry.lazy("schema.answers")]
LazyComment = Annotated["Comment", strawberry.lazy("schema.comments")]
LazyActivity = Annotated["Activity", strawberry.lazy("schema.activity")]
LazyWallPost = Annotated["WallPost", strawberry.lazy("schema.messages")]

expose(
    Level,
    description="How much a person is trusted; each level may do what those before it may.",
    values={
        Level.BASIC: "Anybody with an account.",
        Level.APPROVED: "Approved by a moderator.",
        Level.EXPERT: "An expert.",
        Level.EDITOR: "Edits, closes and hides posts.",
        Level.MODERATOR: "Approves people, deletes posts.",
        Level.ADMIN: "Sets the site up.",
        Level.SUPER: "The owner.",
    },
)
expose(
    UserOrder,
    description="The order of a list of users.",
    values={
        UserOrder.POINTS: "Most points first.",
        UserOrder.NEWEST: "Those first who joined last; for those who may read this list.",
        UserOrder.SPECIAL: "Only experts and above, the most trusted first; for those who may "
        "read this list.",
    },
)


@strawberry.type(description="A member of the community.")
class User(Node):
    row: strawberry.Private[UserRow]

    database_id: int = strawberry.field(description="The number of the user on the site.")
    handle: str = strawberry.field(description="The name that others know them by.")
    points: int = strawberry.field(description="Standing earned by being useful.")

    @classmethod
    def of(cls, row: UserRow) -> Self:
        return cls(row=row, database_id=row.id, handle=row.handle, points=row.points or 0)

    @classmethod
    def of_found(cls, row: UserRow | None) -> Self | None:
        return None if row is None else cls.of(row)

    @strawberry.field(description="The global id; `node(id:)` finds the user by it.")
    def id(self) -> strawberry.ID:
        return nodes.encode("User", self.row.id)

    @strawberry.field(description="Where q2a shows the user.")
    def url(self, info: Info) -> str:
        return urls.user_url(self.row.handle, info.context.site)

    @strawberry.field(
        description="1, and 1 more for everybody who has more points; null for those who have "
        "no place among the others."
    )
    async def rank(self, info: Info) -> int | None:
        points = self.row.points
        return None if points is None else await info.context.loaders.rank.load(points)

    @strawberry.field(
        description="The title that their points have earned; null where there is none."
    )
    def title(self, info: Info) -> str | None:
        return users.title_of(self.points, info.context.options) or None

    @strawberry.field(description="How much the site trusts them.")
    def level(self) -> Level:
        return max(level for level in Level if level <= self.row.level)

    @strawberry.field(description="The URL of their picture; null where they have none.")
    def avatar_url(
        self,
        info: Info,
        size: Annotated[
            int | None,
            strawberry.argument(
                description="Pixels that it has to fit into, 1 to 1000; without it, the size of "
                "the site's profile pages."
            ),
        ] = None,
    ) -> str | None:
        wanted = info.context.options.avatar_profile_size if size is None else size
        if not 1 <= wanted <= MOST_PIXELS:
            raise Invalid("size", f"`size` must be between 1 and {MOST_PIXELS}.")
        return urls.avatar_url(self.row, info.context.site, size=wanted)

    @strawberry.field(description="When they joined.")
    def created_at(self, info: Info) -> datetime:
        return info.context.site.zone.to_utc(self.row.created_at)

    @strawberry.field(
        description="What they tell about themselves, as far as the viewer may read it, in the "
        "order of the site; empty fields are left out."
    )
    async def profile(self, info: Info) -> list[ProfileField]:
        context = info.context
        filled = profiles.shown(
            await context.loaders.profile.load(self.row.id),
            fields=context.site.profile_fields,
            viewer=context.viewer,
            options=context.options,
        )
        return [ProfileField.of(field) for field in filled]

    @strawberry.field(description="What their points are made of.")
    async def counts(self, info: Info) -> UserCounts:
        return UserCounts.of(await info.context.loaders.figures.load(self.row.id))

    @strawberry.field(description="Their visible questions, newest first.")
    async def questions(
        self,
        info: Info,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Connection[LazyQuestion]:
        below = Below(self.row.id, window_of(first, after, last, before, POSTS_SHOWN))
        return await self._written(info, PostKind.QUESTION, below)

    @strawberry.field(description="Their visible answers, newest first.")
    async def answers(
        self,
        info: Info,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Connection[LazyAnswer]:
        below = Below(self.row.id, window_of(first, after, last, before, POSTS_SHOWN))
        return await self._written(info, PostKind.ANSWER, below)

    @strawberry.field(description="Their visible comments, newest first.")
    async def comments(
        self,
        info: Info,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Connection[LazyComment]:
        below = Below(self.row.id, window_of(first, after, last, before, POSTS_SHOWN))
        return await self._written(info, PostKind.COMMENT, below)

    async def _written(self, info: Info, kind: PostKind, below: Below) -> Connection[Any]:
        from schema.kinds import TYPES  # a back-edge: posts know their authors

        loaders = info.context.loaders
        page = await loaders.user_posts.load((kind, below))
        nodes = [TYPES[kind].of(row) for row in page.items]
        return Connection.of(page, nodes, lambda: loaders.user_post_count.load((kind, self.row.id)))

    @strawberry.field(
        description="What they did last: posts of theirs, and changes that they made to posts, "
        "one line for each question."
    )
    async def activity(
        self,
        info: Info,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Connection[LazyActivity]:
        from schema.activity import activity_of  # a back-edge: activity knows who did it

        context, id = info.context, self.row.id
        default = context.options.page_size_activity
        window = window_of(first, after, last, before, default)
        page = await context.loaders.user_activity.load(Below(id, window))
        return await activity_of(
            context, page, lambda: context.loaders.user_activity_count.load(id)
        )

    @strawberry.field(description="What others have written on their wall, newest first.")
    async def wall(
        self,
        info: Info,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Connection[LazyWallPost]:
        from schema.messages import WallPost  # a back-edge: wall posts know who wrote them

        loaders, id = info.context.loaders, self.row.id
        window = window_of(first, after, last, before, info.context.options.page_size_wall)
        page = await loaders.wall.load(Below(id, window))
        nodes = [WallPost.of(row) for row in page.items]
        return Connection.of(page, nodes, lambda: loaders.wall_post_count.load(id))

    @strawberry.field(description="Whether they are kept from writing.")
    def is_blocked(self) -> bool:
        return bool(self.row.flags & Flag.BLOCKED)

    @strawberry.field(description="Whether the viewer follows them.")
    async def viewer_has_favorited(self, info: Info) -> bool:
        return await has_favorited(info, FavoriteKind.USER, self.row.id)

    @strawberry.field(description="Whether the viewer may write on their wall.")
    def viewer_can_post_on_wall(self, info: Info) -> bool:
        context = info.context
        return not messages.wall_denial(context.viewer, context.options, self.row)

    @strawberry.field(description="Whether the viewer may send them a private message.")
    def viewer_can_message(self, info: Info) -> bool:
        context = info.context
        return not messages.message_denial(context.viewer, context.options, self.row)


def user_of(context: Context, id: int | None) -> User | None:
    """The user with this number, if there is one: to be returned by a resolver as it is."""
    if id is None:
        return None
    return later(context.loaders.user.load_as(id, User.of_found))
