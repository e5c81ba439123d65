"""Tags."""

from typing import Self

import strawberry


@strawberry.type(description="A tag that questions carry.")
class Tag:
    name: str = strawberry.field(description="The tag itself.")

    @classmethod
    def of(cls, name: str) -> Self:
        return cls(name=name)
