"""The job `bounces`: switches off mail to addresses that it came back from, or that complained.

SES says so through SNS, which invokes the function or calls `app.endpoint.mail_events`.
"""

from collections import Counter
from functools import partial

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from app.aws.events import UnreadableEvent
from app.aws.ses_events import Stop, stops_in
from app.db.transactions import transact
from app.domain import suppressing
from app.jobs.job import Job, JobOption, Outcome, Work
from app.models import User


async def run(work: Work) -> Outcome:
    """Suppress every address in the event; one that is there already stays as it is."""
    if address := work.options["forget"]:
        return await _forget(work, str(address))
    counts: Counter[str] = Counter(bounce=0, complaint=0)
    try:
        stops = [stop for found in stops_in(work.event) for stop in found]
    except UnreadableEvent as error:
        work.log.error("unreadable", reason=str(error))
        return Outcome(counts, failed=True)
    for stop in stops:
        user_ids = await transact(work.db, partial(_stop, stop=stop))
        counts[stop.reason.value] += 1
        # Not the address: the log is no place for those.
        work.log.info("mail is off", reason=stop.reason.value, users=user_ids)
    return Outcome(counts)


async def _forget(work: Work, address: str) -> Outcome:
    forgotten = await transact(work.db, partial(suppressing.forget, address=address))
    if not forgotten:
        work.say(f"Mail to {address} is not off.")
    return Outcome({"forgotten": int(forgotten)}, failed=not forgotten)


async def _stop(connection: AsyncConnection, *, stop: Stop) -> list[int]:
    """Whose accounts have the address that gets no more mail."""
    await suppressing.suppress(
        connection, address=stop.address, reason=stop.reason, detail=stop.detail
    )
    query = select(User.id).where(User.email == stop.address).order_by(User.id)
    return list((await connection.execute(query)).scalars())


JOB = Job(
    name="bounces",
    summary="Switch off mail to addresses that it came back from, or that complained.",
    run=run,
    options=(JobOption("forget", "Send mails to this address again.", ""),),
    takes_event=True,
)
