"""Messages: wall posts, private messages and notices."""

from datetime import datetime
from typing import Self

import strawberry

from app.domain import contents, messages
from app.domain.censor import censor, compile_rules
from app.domain.messages import MessageRow, NoticeRow
from schema.context import Context, Info
from schema.users import User, user_of


def shown(context: Context, content: str) -> str:
    """A text as people read it: with the words on the site's list starred."""
    return censor(content, compile_rules(context.options.block_bad_words))


def shown_html(context: Context, content: str, format: str) -> str:
    """The same as HTML that is safe to show."""
    return contents.to_html(
        content,
        format,
        link_urls=context.options.show_url_links,
        new_window=context.options.links_in_new_window,
        bad_words=compile_rules(context.options.block_bad_words),
    )


@strawberry.type(description="Something written on somebody's wall, for everybody to read.")
class WallPost:
    row: strawberry.Private[MessageRow]

    database_id: int = strawberry.field(description="Its number on the site.")

    @classmethod
    def of(cls, row: MessageRow) -> Self:
        return cls(row=row, database_id=row.id)

    @strawberry.field(description="What was written. Not safe to show as HTML.")
    def content(self, info: Info) -> str:
        return shown(info.context, self.row.content)

    @strawberry.field(description="What was written, as HTML that is safe to show.")
    def content_html(self, info: Info) -> str:
        return shown_html(info.context, self.row.content, self.row.format)

    @strawberry.field(description="When.")
    def created_at(self, info: Info) -> datetime:
        return info.context.site.zone.to_utc(self.row.created_at)

    @strawberry.field(description="Who wrote it; null for deleted accounts.")
    def author(self, info: Info) -> User | None:
        return user_of(info.context, self.row.sender_id)

    @strawberry.field(description="Whether the viewer may delete it.")
    async def viewer_can_delete(self, info: Info) -> bool:
        context, row = info.context, self.row
        newest = 0
        if context.viewer.id is not None and row.sender_id == context.viewer.id:
            owner_id = row.recipient_id or 0
            newest = await context.loaders.newest_on_wall_by_others.load(owner_id)
        return not messages.delete_wall_post_denial(
            context.viewer, context.options, row, newest_by_others=newest
        )


@strawberry.type(description="A message from one person to another.")
class PrivateMessage:
    row: strawberry.Private[MessageRow]

    database_id: int = strawberry.field(description="Its number on the site.")

    @classmethod
    def of(cls, row: MessageRow) -> Self:
        return cls(row=row, database_id=row.id)

    @strawberry.field(description="What was written. Not safe to show as HTML.")
    def content(self, info: Info) -> str:
        return shown(info.context, self.row.content)

    @strawberry.field(description="What was written, as HTML that is safe to show.")
    def content_html(self, info: Info) -> str:
        return shown_html(info.context, self.row.content, self.row.format)

    @strawberry.field(description="When it was sent.")
    def created_at(self, info: Info) -> datetime:
        return info.context.site.zone.to_utc(self.row.created_at)

    @strawberry.field(description="Who sent it; null for deleted accounts.")
    def sender(self, info: Info) -> User | None:
        return user_of(info.context, self.row.sender_id)

    @strawberry.field(description="Whom it was sent to; null for deleted accounts.")
    def recipient(self, info: Info) -> User | None:
        return user_of(info.context, self.row.recipient_id)


@strawberry.type(description="Something the site has to tell the viewer, until it is dismissed.")
class Notice:
    row: strawberry.Private[NoticeRow]

    database_id: int = strawberry.field(description="Its number on the site.")

    @classmethod
    def of(cls, row: NoticeRow) -> Self:
        return cls(row=row, database_id=row.id)

    @strawberry.field(description="What it says, as HTML that is safe to show.")
    def content_html(self, info: Info) -> str:
        # What the site itself says is not starred.
        options = info.context.options
        return contents.to_html(
            self.row.content,
            self.row.format,
            link_urls=options.show_url_links,
            new_window=options.links_in_new_window,
        )

    @strawberry.field(description="When it was left.")
    def created_at(self, info: Info) -> datetime:
        return info.context.site.zone.to_utc(self.row.created_at)
