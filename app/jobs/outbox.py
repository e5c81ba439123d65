"""The job `outbox`: sends the mails that are due, each of them once at the most (decision 62)."""

import asyncio
import re
import secrets
import time
from collections import Counter
from collections.abc import Coroutine
from datetime import UTC, datetime
from typing import Any, TypeVar

from sqlalchemy.ext.asyncio import AsyncConnection

from app.aws.mail import mailer_of
from app.db import Database
from app.db.failures import Failure, failure_of
from app.db.transactions import transact
from app.domain import delivering, letters, suppressing, unsubscribing
from app.domain.delivering import MailRow, MailStatus
from app.domain.mailer import Doubtful, Mailer, MailError, Postponed, Refused, Unavailable
from app.domain.sites import Site, SiteCache
from app.domain.unsubscribing import MailTopic
from app.jobs.job import Job, JobOption, Outcome, Work
from app.jobs.schedules import every
from app.monitoring import metrics

Result = TypeVar("Result")
BATCH = 50
# Longer than a run that has lost its lease can still be at one mail.
ABANDONED_SECONDS = 300
FIRST_PAUSE, LONGEST_PAUSE = 60, 4 * 3600
# When nobody's mails can be sent, this one is not to blame.
PAUSE_OF_ALL = 120
# How long to try to note that a mail was sent, while the database is away.
NOTE_SECONDS = 20.0


async def run(work: Work) -> Outcome:
    """Send what is due until nothing is left, the limit is reached, or no mail can be sent."""
    counts = await _look_back(work)
    await _measure(work)
    site = await SiteCache(work.db).get()
    try:
        mailer = mailer_of(work.settings, site.options)
    except Unavailable as error:
        work.log.error("no mail can be sent", reason=str(error))
        return Outcome(counts, failed=True)
    delivery = _Delivery(work, site, mailer, counts)
    try:
        await delivery.send_all(most=int(work.options["limit"]))
    except Unavailable as error:
        work.log.error("no mail can be sent", reason=str(error))
        counts["unavailable"] += 1
    finally:
        await mailer.close()
    return Outcome(
        counts, failed=any(counts[name] for name in ("failed", "unknown", "unavailable"))
    )


async def _look_back(work: Work) -> Counter[str]:
    """Find the mails of runs that were killed, and give others another chance if that is wanted."""
    counts: Counter[str] = Counter(sent=0)

    async def look(connection: AsyncConnection) -> list[int]:
        return await delivering.abandoned(connection, seconds=ABANDONED_SECONDS)

    for mail_id in await transact(work.db, look):
        work.log.warning("may have been sent: the process ended meanwhile", mail=mail_id)
        counts["unknown"] += 1
    chosen = [
        status
        for status in (MailStatus.FAILED, MailStatus.UNKNOWN)
        if work.options[f"resend_{status.value}"]
    ]
    if chosen:
        counts["given another chance"] = await transact(
            work.db, lambda connection: delivering.send_again(connection, statuses=chosen)
        )
    return counts


async def _measure(work: Work) -> None:
    """Tell whoever watches how much there is to send, before any of it is sent."""
    monitoring = work.db.monitoring
    if monitoring is None:
        return
    async with work.db.read() as connection:
        backlog = await delivering.backlog(connection)
    monitoring.measure(metrics.OUTBOX_WAITING, backlog.mails)
    monitoring.measure(metrics.OUTBOX_AGE, backlog.seconds)


class _Delivery:
    """One run's sending."""

    def __init__(self, work: Work, site: Site, mailer: Mailer, counts: Counter[str]) -> None:
        self.work = work
        self.site = site
        self.mailer = mailer
        self.counts = counts
        self.claim = secrets.token_hex(8)
        self.key = b""
        self._next_at = 0.0

    async def send_all(self, *, most: int) -> None:
        """:raises Unavailable: if no mail can be sent"""
        async with self.work.db.begin() as connection:
            self.key = await unsubscribing.secret(connection)
        tried = 0
        while not self.work.must_stop() and tried < most:
            mails = await self._due(min(BATCH, most - tried))
            if not mails:
                return
            for mail in mails:
                if self.work.must_stop():
                    return
                await self._send(mail)
                tried += 1
            self.work.progress("Mails", tried, tried)

    async def _due(self, most: int) -> list[MailRow]:
        """The next mails; those that nobody is to get any more are skipped."""
        while True:
            # Not from a replica, which may take for waiting what was sent a moment ago.
            async with self.work.db.begin() as connection:
                mails = await delivering.waiting(connection, most=most)
                reasons = await _reasons_to_skip(connection, mails)
            for reason in set(reasons.values()):
                ids = [mail_id for mail_id, given in reasons.items() if given == reason]
                await _skip(self.work.db, ids, reason)
                self.counts["skipped"] += len(ids)
            left = [mail for mail in mails if mail.id not in reasons]
            if left or not mails:
                return left

    async def _send(self, mail: MailRow) -> None:
        # Before the claim: what cannot be sent now is not touched.
        await self.mailer.prepare()
        await self._wait_for_turn()
        claimed = await transact(
            self.work.db,
            lambda connection: delivering.claim(connection, mail_id=mail.id, claim=self.claim),
        )
        if claimed:
            await _to_the_end(self._deliver(mail))

    async def _wait_for_turn(self) -> None:
        now = time.monotonic()
        await asyncio.sleep(max(0.0, self._next_at - now))
        self._next_at = max(now, self._next_at) + 1 / self.work.settings.mails_per_second

    async def _deliver(self, mail: MailRow) -> None:
        """Hand over a mail that is claimed, and note what has become of it."""
        try:
            letter = letters.compose(
                mail,
                site=self.site,
                prefix=self.work.settings.table_prefix,
                offer=unsubscribing.offer(
                    self.site, self.key, user_id=mail.user_id, kind=mail.kind
                ),
                now=datetime.now(UTC),
            )
            taken_as = await self.mailer.send(letter)
        except MailError as error:
            await self._note_failure(mail, error)
            return
        await self._settle(mail, MailStatus.SENT, message_id=taken_as)
        self.counts["sent"] += 1

    async def _note_failure(self, mail: MailRow, error: MailError) -> None:
        is_final = mail.is_old or isinstance(error, Refused)
        if isinstance(error, Doubtful):
            await self._settle(mail, MailStatus.UNKNOWN, error=str(error))
            self._tell("unknown", "may have been sent", mail, error)
        elif is_final and not isinstance(error, Unavailable):
            await self._settle(mail, MailStatus.FAILED, error=str(error))
            self._tell("failed", "was given up", mail, error)
        else:
            await self._postpone(mail, error)
            self._tell("postponed", "will be tried again", mail, error)
        if isinstance(error, Unavailable):
            raise error

    def _tell(self, count: str, message: str, mail: MailRow, error: MailError) -> None:
        self.counts[count] += 1
        # Servers repeat the address, and the log is no place for those.
        reason = re.sub(re.escape(mail.recipient), "ADDRESS", str(error), flags=re.IGNORECASE)
        self.work.log.warning(message, mail=mail.id, kind=mail.kind, reason=reason)

    async def _settle(
        self,
        mail: MailRow,
        status: MailStatus,
        *,
        error: str | None = None,
        message_id: str | None = None,
    ) -> None:
        await _note(
            self.work.db,
            lambda connection: delivering.settle(
                connection,
                mail_id=mail.id,
                claim=self.claim,
                status=status,
                error=error,
                message_id=message_id,
            ),
        )

    async def _postpone(self, mail: MailRow, error: MailError) -> None:
        is_attempt = isinstance(error, Postponed)
        pause = min(FIRST_PAUSE * 2**mail.attempts, LONGEST_PAUSE) if is_attempt else PAUSE_OF_ALL
        await _note(
            self.work.db,
            lambda connection: delivering.postpone(
                connection,
                mail_id=mail.id,
                claim=self.claim,
                seconds=pause,
                error=str(error),
                is_attempt=is_attempt,
            ),
        )


async def _reasons_to_skip(connection: AsyncConnection, mails: list[MailRow]) -> dict[int, str]:
    """Mails that nobody is to get any more, with the reason."""
    stopped = await suppressing.found(connection, addresses=[mail.recipient for mail in mails])
    reasons = await _unwanted(connection, mails)
    for mail in mails:
        if stop := stopped.get(suppressing.folded(mail.recipient)):
            reasons[mail.id] = f"no mail goes there: {stop.reason.value}"
    return reasons


async def _unwanted(connection: AsyncConnection, mails: list[MailRow]) -> dict[int, str]:
    """Mails whose kind was switched off after they were queued, with the reason."""
    by_topic: dict[MailTopic, list[MailRow]] = {}
    for mail in mails:
        topic = unsubscribing.topic_of(mail.kind)
        if topic is not None and mail.user_id is not None:
            by_topic.setdefault(topic, []).append(mail)
    found: dict[int, str] = {}
    for topic, rows in by_topic.items():
        user_ids = [row.user_id for row in rows if row.user_id is not None]
        wanted = await unsubscribing.wants(connection, user_ids, topic)
        found |= {row.id: "unsubscribed meanwhile" for row in rows if row.user_id not in wanted}
    return found


async def _skip(db: Database, mail_ids: list[int], reason: str) -> None:
    await transact(
        db, lambda connection: delivering.skip(connection, mail_ids=mail_ids, reason=reason)
    )


async def _note(db: Database, change: Any) -> None:
    """Write what has become of a mail, also if the database goes away for a moment just then."""
    give_up_at = time.monotonic() + NOTE_SECONDS
    while True:
        try:
            await transact(db, change)
            return
        except Exception as error:
            if failure_of(error) is not Failure.UNREACHABLE or time.monotonic() > give_up_at:
                raise
        await asyncio.sleep(0.5)


async def _to_the_end(work: Coroutine[Any, Any, Result]) -> Result:
    """Do it all, even if the run is cancelled meanwhile."""
    task = asyncio.ensure_future(work)
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        await asyncio.wait({task})
        raise


JOB = Job(
    name="outbox",
    summary="Send the mails that wait in the outbox.",
    run=run,
    schedule=every(minutes=1),
    options=(
        JobOption("limit", "How many mails to send at the most.", 1000, least=1),
        JobOption("resend_unknown", "Also send what may have been sent already."),
        JobOption("resend_failed", "Also try again what was given up."),
    ),
)
