"""The viewer: what only the person who asks may know."""

from functools import partial
from typing import Self

import strawberry

from app.domain import (
    batches,
    digests,
    limits,
    messages,
    permissions,
    permits,
    suppressing,
    unsubscribing,
    updates,
    votes,
)
from app.domain.batches import Below, ListKind
from app.domain.errors import NotFound
from app.domain.messages import MessageRow
from app.domain.unsubscribing import MailTopic
from app.domain.viewers import Account, Flag, Level
from schema.categories import Category
from schema.connections import After, Before, Connection, First, Last, window_of
from schema.context import Context, Info
from schema.denials import Denial
from schema.followings import Favorites
from schema.limits import RateLimit
from schema.messages import Notice, PrivateMessage
from schema.permits import Permission
from schema.suppressing import MailStop
from schema.updates import Update
from schema.users import User
from schema.votes import Vote

VOTES_SHOWN = 20


@strawberry.type(description="A level that somebody has for the posts of one category only.")
class CategoryLevel:
    category: Category = strawberry.field(description="The category; what is below it counts in.")
    level: Level = strawberry.field(description="The level there, if it is the higher one.")


@strawberry.type(description="The viewer's private messages.")
class Mailbox:
    user_id: strawberry.Private[int]

    @strawberry.field(description="What the viewer has received and not deleted, newest first.")
    async def inbox(
        self,
        info: Info,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Connection[PrivateMessage]:
        below = self._below(info, first, after, last, before)
        return await _messages(info.context, messages.INBOX, below)

    @strawberry.field(description="What the viewer has sent and not deleted, newest first.")
    async def outbox(
        self,
        info: Info,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Connection[PrivateMessage]:
        below = self._below(info, first, after, last, before)
        return await _messages(info.context, messages.OUTBOX, below)

    def _below(self, info: Info, first: First, after: After, last: Last, before: Before) -> Below:
        default = info.context.options.page_size_pms
        return Below(self.user_id, window_of(first, after, last, before, default))


async def _messages(
    context: Context, kind: ListKind[MessageRow], below: Below
) -> Connection[PrivateMessage]:
    async with context.db.read() as connection:
        pages = await batches.pages_by_parent(connection, kind=kind, wanted=[below])

    async def count() -> int:
        ids = [below.parent_id]
        async with context.db.read() as connection:
            counts = await batches.counts_by_parent(connection, kind=kind, parent_ids=ids)
        return counts.get(below.parent_id, 0)

    page = pages[below]
    nodes = [PrivateMessage.of(row) for row in page.items]
    return Connection.of(page, nodes, count)


@strawberry.type(description="The person who asks, in their own eyes.")
class Viewer:
    account: strawberry.Private[Account]

    email: str = strawberry.field(description="Their address.")
    email_confirmed: bool = strawberry.field(description="Whether they have proved it theirs.")
    must_confirm_email: bool = strawberry.field(
        description="Whether they have to prove it theirs before they may write."
    )
    accepts_messages: bool = strawberry.field(description="Whether others may write to them.")
    accepts_wall_posts: bool = strawberry.field(
        description="Whether others may write on their wall."
    )
    accepts_mailings: bool = strawberry.field(description="Whether the site may write to all.")

    @classmethod
    def of(cls, context: Context, account: Account) -> Self:
        has = context.viewer.has
        must_confirm = has(Flag.MUST_CONFIRM) and context.options.confirm_user_emails
        return cls(
            account=account,
            email=account.email,
            email_confirmed=has(Flag.CONFIRMED),
            must_confirm_email=must_confirm,
            accepts_messages=not has(Flag.NO_MESSAGES),
            accepts_wall_posts=not has(Flag.NO_WALL_POSTS),
            accepts_mailings=not has(Flag.NO_MAILINGS),
        )

    @strawberry.field(
        description="Whether they want a mail with the best questions of each week; none comes "
        "while `acceptsMailings` is false."
    )
    async def wants_digest(self, info: Info) -> bool:
        async with info.context.db.read() as connection:
            return await digests.is_wanted(connection, user_id=self.account.id)

    @strawberry.field(
        description="That no mail goes to the viewer's address, and why; null if it does. Another "
        "address gets mail again; for this one ask the site's owner."
    )
    async def mail_stop(self, info: Info) -> MailStop | None:
        async with info.context.db.read() as connection:
            found = await suppressing.found(connection, addresses=[self.email])
        return next(map(MailStop.of, found.values()), None)

    @strawberry.field(description="Whether a mail tells them of posts on their wall.")
    async def wants_wall_mails(self, info: Info) -> bool:
        return await self._wants(info, MailTopic.WALL)

    @strawberry.field(description="Whether private messages come by mail, too.")
    async def wants_message_mails(self, info: Info) -> bool:
        return await self._wants(info, MailTopic.MESSAGES)

    async def _wants(self, info: Info, topic: MailTopic) -> bool:
        async with info.context.db.read() as connection:
            return bool(await unsubscribing.wants(connection, [self.account.id], topic))

    @strawberry.field(description="The viewer as others see them.")
    async def user(self, info: Info) -> User:
        user = await info.context.loaders.user.load_as(self.account.id, User.of_found)
        if user is None:
            raise NotFound("Your account has just been deleted.")
        return user

    @strawberry.field(
        description="What the site allows the viewer, levels in categories left aside: for a "
        "post, its own `viewerCan...` fields count."
    )
    def permissions(self, info: Info) -> list[Permission]:
        context = info.context
        decisions = permits.decisions(context.viewer, context.options)
        return [Permission.of(decision) for decision in decisions]

    @strawberry.field(description="Levels that the viewer has in single categories.")
    def category_levels(self, info: Info) -> list[CategoryLevel]:
        context = info.context
        rows = context.site.categories.by_id
        return [
            CategoryLevel(category=Category.of(rows[id]), level=max(x for x in Level if x <= level))
            for id, level in sorted(context.viewer.category_levels.items())
            if id in rows
        ]

    @strawberry.field(
        description="Why what the viewer writes would wait for a moderator; null if it would not."
    )
    def moderation_reason(self, info: Info) -> Denial | None:
        context = info.context
        return permissions.moderation_reason(
            context.viewer, context.options, level=self.account.level
        )

    @strawberry.field(description="Their votes on visible posts, those on the newest posts first.")
    async def votes(
        self,
        info: Info,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Connection[Vote]:
        context, user_id = info.context, self.account.id
        window = window_of(first, after, last, before, VOTES_SHOWN)
        async with context.db.read() as connection:
            page = await votes.listing(connection, user_id=user_id, window=window)

        count = context.reading(partial(votes.count, user_id=user_id))
        return Connection.of(page, [Vote.of(row) for row in page.items], count)

    @strawberry.field(description="What they follow.")
    def favorites(self) -> Favorites:
        return Favorites(user_id=self.account.id)

    @strawberry.field(
        description="What has happened to what they follow and to their own posts, newest first; "
        "of each question the last thing that matters."
    )
    async def updates(
        self,
        info: Info,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Connection[Update]:
        context, user_id = info.context, self.account.id
        default = context.options.page_size_activity
        window = window_of(first, after, last, before, default)
        async with context.db.read() as connection:
            page = await updates.listing(connection, user_id=user_id, window=window)

        count = context.reading(partial(updates.count, user_id=user_id))
        return Connection.of(page, [Update.of(row) for row in page.items], count)

    @strawberry.field(description="Their private messages.")
    def messages(self) -> Mailbox:
        return Mailbox(user_id=self.account.id)

    @strawberry.field(description="What the site has to tell them, oldest first.")
    async def notices(self, info: Info) -> list[Notice]:
        async with info.context.db.read() as connection:
            rows = await messages.notices_of(connection, user_id=self.account.id)
        return [Notice.of(row) for row in rows]

    @strawberry.field(description="How often they may do something in this hour.")
    async def rate_limits(self, info: Info) -> list[RateLimit]:
        context = info.context
        async with context.db.read() as connection:
            found = await limits.allowances(
                connection, viewer=context.viewer, options=context.options, now=context.now
            )
        return [RateLimit.of(allowance) for allowance in found]
