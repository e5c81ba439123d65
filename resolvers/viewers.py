"""The viewer, asked for by the viewer."""

import strawberry

from schema.context import Info
from schema.viewers import Viewer


@strawberry.type
class ViewerQuery:
    @strawberry.field(description="The person who asks; null for guests.")
    def viewer(self, info: Info) -> Viewer | None:
        account = info.context.viewer.account
        return None if account is None else Viewer.of(info.context, account)
