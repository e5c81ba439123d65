"""Custom pages: what the owner has added to the site's menus."""

from typing import Self

import strawberry

from app.domain import contents, urls
from app.domain.censor import compile_rules
from app.domain.custom_pages import MenuPlace, PageRow
from schema.context import Info
from schema.enums import expose

expose(
    MenuPlace,
    description="Where a custom page is linked from.",
    values={
        MenuPlace.MAIN: "The main menu.",
        MenuPlace.BEFORE_MAIN: "The main menu, before everything else.",
        MenuPlace.OPPOSITE: "The other end of the main menu.",
        MenuPlace.FOOTER: "The footer.",
        MenuPlace.NOWHERE: "No menu.",
    },
)


@strawberry.type(description="A page that the owner has written, or a link in the site's menus.")
class CustomPage:
    row: strawberry.Private[PageRow]

    title: str = strawberry.field(description="What menus call it.")
    heading: str | None = strawberry.field(description="The heading of the page.")
    menu: MenuPlace = strawberry.field(description="Where it is linked from.")
    is_external: bool = strawberry.field(description="Whether it only leads somewhere else.")
    opens_new_window: bool = strawberry.field(description="Whether to open it in a new window.")

    @classmethod
    def of(cls, row: PageRow) -> Self:
        return cls(
            row=row,
            title=row.title,
            heading=row.heading or None,
            menu=row.menu,
            is_external=row.is_external,
            opens_new_window=row.opens_new_window,
        )

    @strawberry.field(description="What names it in URLs; null for links.")
    def slug(self) -> str | None:
        return None if self.row.is_external else self.row.address

    @strawberry.field(description="Where it is.")
    def url(self, info: Info) -> str:
        return urls.custom_page_url(self.row, info.context.site)

    @strawberry.field(
        description="The text of the page as HTML that is safe to show; null for links."
    )
    def content_html(self, info: Info) -> str | None:
        if self.row.is_external:
            return None
        options = info.context.options
        return contents.to_html(
            self.row.content or "",
            "html",
            link_urls=False,
            new_window=options.links_in_new_window,
            bad_words=compile_rules(""),
        )
