"""Rankings of users by the points that they have earned."""

from typing import Self

import strawberry

from app.domain.rankings import RankedRow, RankingPeriod
from schema.enums import expose
from schema.users import User

expose(
    RankingPeriod,
    description="When the points of a ranking were earned.",
    values={
        RankingPeriod.WEEK: "In the last 7 days.",
        RankingPeriod.MONTH: "In the last 30 days.",
        RankingPeriod.ALL: "At any time; of everybody, all points they have.",
    },
)


@strawberry.type(description="Somebody's place in a ranking.")
class RankedUser:
    rank: int = strawberry.field(
        description="1, and 1 more for everybody with more points; the same for equal points."
    )
    points: int = strawberry.field(
        description="The points that the ranking goes by, as they were when it was made."
    )
    user: User = strawberry.field(description="Whose place it is.")

    @classmethod
    def of(cls, row: RankedRow) -> Self:
        return cls(rank=row.rank, points=row.points, user=User.of(row.user))
