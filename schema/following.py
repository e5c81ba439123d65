"""What beginning and ceasing to follow a thing take and give."""

from typing import Annotated, TypeAlias

import strawberry

from app.domain.errors import Invalid
from app.domain.favorites import FavoriteKind, Followed
from app.domain.following import Thing
from app.domain.locking import Locked
from app.domain.tags import TagRow
from app.domain.users import UserRow
from schema import nodes
from schema.categories import Category
from schema.context import Context
from schema.errors import Failure
from schema.kinds import written
from schema.questions import Question
from schema.tags import Tag
from schema.users import User

KINDS = {
    Question.__name__: FavoriteKind.QUESTION,
    User.__name__: FavoriteKind.USER,
    Tag.__name__: FavoriteKind.TAG,
    Category.__name__: FavoriteKind.CATEGORY,
}

Followable: TypeAlias = Annotated[
    Question | User | Tag | Category,
    strawberry.union("Followable", description="Anything that people can follow."),
]


@strawberry.input(description="Something to follow.")
class FavoriteInput:
    id: strawberry.ID = strawberry.field(
        description="The global id of a question, a user, a tag or a category."
    )


@strawberry.input(description="Something to follow no more.")
class UnfavoriteInput:
    id: strawberry.ID = strawberry.field(
        description="The global id of a question, a user, a tag or a category."
    )


@strawberry.type(description="The viewer follows it.")
class FavoriteSuccess:
    subject: Followable = strawberry.field(description="What the viewer follows now.")


@strawberry.type(description="The viewer does not follow it.")
class UnfavoriteSuccess:
    subject: Followable = strawberry.field(description="What the viewer does not follow now.")


FavoriteResult = Annotated[
    FavoriteSuccess | Failure,
    strawberry.union("FavoriteResult", description="The thing, or why it is not followed."),
]
UnfavoriteResult = Annotated[
    UnfavoriteSuccess | Failure,
    strawberry.union("UnfavoriteResult", description="The thing, or why it is still followed."),
]


def thing_named(id: str) -> Followed:
    """:raises Invalid: if it is not the global id of something that can be followed"""
    named = nodes.decode(id)
    kind = KINDS.get(named.type) if named else None
    if named is None or kind is None:
        message = f"{id!r} is not the global id of a question, a user, a tag or a category."
        raise Invalid("id", message)
    return Followed(kind, named.key)


def shown(context: Context, thing: Thing) -> Question | User | Tag | Category:
    """The thing of a write, as the transaction left it."""
    if isinstance(thing, Locked):
        question = written(context, thing)
        assert isinstance(question, Question)
        return question
    if isinstance(thing, UserRow):
        return User.of(thing)
    return Tag.of(thing.name, thing) if isinstance(thing, TagRow) else Category.of(thing)
