"""Users, as others see them."""

from datetime import datetime
from typing import Annotated, Self

import strawberry

from app.domain import urls, users
from app.domain.errors import Invalid
from app.domain.users import UserRow
from app.domain.viewers import Flag, Level
from schema import nodes
from schema.context import Info
from schema.enums import expose
from schema.nodes import Node

MOST_PIXELS = 1000

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


@strawberry.type(description="A member of the community.")
class User(Node):
    row: strawberry.Private[UserRow]

    database_id: int = strawberry.field(description="The number of the user on the site.")
    handle: str = strawberry.field(description="The name that others know them by.")
    points: int = strawberry.field(description="Standing earned by being useful.")

    @classmethod
    def of(cls, row: UserRow) -> Self:
        return cls(row=row, database_id=row.id, handle=row.handle, points=row.points or 0)

    @strawberry.field(description="The global id; `node(id:)` finds the user by it.")
    def id(self) -> strawberry.ID:
        return nodes.encode("User", self.row.id)

    @strawberry.field(description="Where q2a shows the user.")
    def url(self, info: Info) -> str:
        return urls.user_url(self.row.handle, info.context.site)

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

    @strawberry.field(description="Whether they are kept from writing.")
    def is_blocked(self) -> bool:
        return bool(self.row.flags & Flag.BLOCKED)
