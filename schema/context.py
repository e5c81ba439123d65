"""What every resolver can reach: the viewer, the site, the database and the loaders."""

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import TypeAlias

from strawberry.types import Info as StrawberryInfo

from app.db import Database
from app.domain.options import Options
from app.domain.posts import Sight
from app.domain.sights import sight_of
from app.domain.sites import Site
from app.domain.viewers import Viewer
from dataloaders import Loaders


@dataclass
class Context:
    """One request. `now` is when it began, with a zone."""

    db: Database
    site: Site
    viewer: Viewer
    now: datetime

    @property
    def options(self) -> Options:
        return self.site.options

    @cached_property
    def sight(self) -> Sight:
        return sight_of(self.viewer, self.options)

    @cached_property
    def loaders(self) -> Loaders:
        return Loaders(self.db, self.site, self.viewer, self.sight)


Info: TypeAlias = StrawberryInfo[Context, None]
