"""Digesting: queueing the digest of a week, once to everybody who wants it (decision 66)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from app.db import Database
from app.db.dialects import upsert
from app.db.transactions import transact
from app.domain import digests, outbox, suppressing, unsubscribing, urls
from app.domain.digests import Best, Week
from app.domain.mail_texts import MailKind, figures_text, text_of
from app.domain.options import Options
from app.domain.outbox import Recipient
from app.domain.permits import Permit, site_denial
from app.domain.sites import Site
from app.domain.unsubscribing import MailTopic
from app.domain.viewers import Account, Flag, Level, Viewer
from app.models import User, UserPoints
from app.models.waggle import Digest

PEOPLE_AT_ONCE = 100
_ACCOUNT: Sequence[Any] = (
    *(getattr(User, name) for name in Account._fields[:-1]),
    UserPoints.points,
)


async def choose(connection: AsyncConnection, *, user_id: int, wants_it: bool) -> None:
    """Let somebody have digests from now on, or no more.

    Who changes their mind within a week gets one mail all the same.
    """
    row = {Digest.user_id: user_id, Digest.is_wanted: int(wants_it)}
    changes = [(Digest.is_wanted, int(wants_it))]
    await connection.execute(
        upsert(connection.dialect.name, Digest, [row], keys=[Digest.user_id], changes=changes)
    )
    if wants_it:
        await unsubscribing.resume(connection, user_id=user_id, topic=MailTopic.DIGESTS)


@dataclass(frozen=True)
class Edition:
    """The digest of a week, ready to be queued. `now` has a zone."""

    site: Site
    now: datetime
    week: Week
    subject: str
    body: str


async def edition(db: Database, *, site: Site, now: datetime) -> Edition | None:
    """The digest of the last week that is over; None if nothing good was asked in it."""
    week = digests.last_week(now, site.zone)
    async with db.read() as connection:
        best = await digests.best(connection, week=week)
    if not best.questions:
        return None
    text = text_of(site.options, MailKind.DIGEST)
    return Edition(site, now, week, text.subject, _body(text.sentence, best, site))


async def queue_some(db: Database, *, edition: Edition, after: int) -> tuple[int, int] | None:
    """Queue the digest to some of those who have not got it, in one transaction.

    Whoever is killed in it has queued nothing, and noted nobody; two at once wait for each other.

    :param after: the account to go on behind; 0 at the beginning
    :returns: how many mails were queued, and where to go on; None if nobody was left
    """

    async def work(connection: AsyncConnection) -> tuple[int, int] | None:
        ids = await _waiting(connection, edition.week, after)
        if not ids:
            return None
        recipients = await _recipients(connection, ids, edition.site.options)
        await outbox.queue_for_all(
            connection,
            options=edition.site.options,
            now=edition.now,
            kind=MailKind.DIGEST.value,
            recipients=recipients,
            subject=edition.subject,
            body=edition.body,
        )
        these = update(Digest).where(Digest.user_id.in_(ids))
        await connection.execute(these.values({Digest.last_week: edition.week.number}))
        return len(recipients), ids[-1]

    return await transact(db, work)


async def _waiting(connection: AsyncConnection, week: Week, after: int) -> list[int]:
    """Those next who want a digest and have not got this one; locked against a second runner."""
    query = (
        select(Digest.user_id)
        .where(Digest.user_id > after, Digest.is_wanted == 1, Digest.last_week < week.number)
        .order_by(Digest.user_id)
        .limit(PEOPLE_AT_ONCE)
        .with_for_update()
    )
    return list((await connection.execute(query)).scalars())


async def _recipients(
    connection: AsyncConnection, ids: Sequence[int], options: Options
) -> list[Recipient]:
    """Those of them to whom it may be sent (FACTS 16)."""
    query = select(*_ACCOUNT).outerjoin_from(User, UserPoints, UserPoints.user_id == User.id)
    rows = await connection.execute(query.where(User.id.in_(ids)).order_by(User.id))
    accounts = [Account._make((*row[:-1], row[-1] or 0)) for row in rows]
    wanting = await unsubscribing.wants(connection, ids, MailTopic.DIGESTS)
    stopped = await suppressing.found(connection, addresses=[a.email for a in accounts])
    return [
        Recipient(account.email, account.handle, account.id)
        for account in accounts
        if account.id in wanting
        and account.email
        and suppressing.folded(account.email) not in stopped
        and _may_get_it(account, options)
    ]


def _may_get_it(account: Account, options: Options) -> bool:
    """Whether an account may read what a digest tells, at an address that is proved its own."""
    if options.confirm_user_emails and not account.flags & Flag.CONFIRMED:
        return False
    if options.moderate_users and account.level < Level.APPROVED:
        return False
    return site_denial(Viewer(account), options, Permit.VIEW_Q_PAGE) is None


def _body(sentence: str, best: Best, site: Site) -> str:
    parts = [sentence.format(count=best.new_count)]
    for question in best.questions:
        figures = figures_text(
            site.options, score=question.score, answers=question.answer_count or 0
        )
        title = urls.shown_title(question, site)
        parts.append(f"{title}\n{figures}\n{urls.post_url(question, site)}")
    return "\n\n".join(parts)
