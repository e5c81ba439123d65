"""Jobs as Lambda runs them: by timers, which may fire twice, by hand, and by events."""

import asyncio
import json
from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import update

from app.db import Database
from app.jobs import handler as module
from app.jobs.handler import PartlyFailed, handler
from app.main import create_app, create_handler
from app.models import Post
from tests.conftest import settings_for
from tests.meadow import add_post, settle

Invoke = Callable[..., dict[str, Any]]
TIMER = {"detail-type": "Scheduled Event", "source": "aws.events"}


@pytest.fixture
def loop() -> Iterator[asyncio.AbstractEventLoop]:
    """The loop of a Lambda process."""
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    yield loop
    loop.close()
    asyncio.set_event_loop(None)


@pytest.fixture
def invoke(
    site_url: str, loop: asyncio.AbstractEventLoop, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Invoke]:
    """Calls the function with an event; `job` is its variable."""
    monkeypatch.setenv("DATABASE_URL", site_url)
    monkeypatch.setattr(module, "_process", None)

    def invoke(event: dict[str, Any], *, job: str = "", milliseconds: int = 900_000) -> Any:
        monkeypatch.setenv("JOB", job)
        context = SimpleNamespace(get_remaining_time_in_millis=lambda: milliseconds)
        return handler(event, context)

    yield invoke
    if module._process is not None:
        loop.run_until_complete(module._process.db.close())


async def spoil(url: str) -> None:
    """Make a site with a figure that is wrong."""
    db = Database(settings_for(url))
    async with db.begin() as connection:
        await add_post(connection, "Q")
        await settle(connection)
        await connection.execute(update(Post).values({Post.answer_count: 7}))
    await db.close()


def test_a_job_runs_by_its_event_and_by_the_functions_variable(
    site_url: str,
    loop: asyncio.AbstractEventLoop,
    invoke: Invoke,
    capsys: pytest.CaptureFixture[str],
) -> None:
    loop.run_until_complete(spoil(site_url))

    with pytest.raises(PartlyFailed, match="differences 2, left 2"):
        invoke({"job": "recount"})
    fixed = invoke({"job": "something else", "options": {"fix": True}}, job="recount")

    # The counter is right again as soon as the post is.
    assert fixed == {"job": "recount", "outcome": "done", "counts": {"differences": 1, "left": 0}}
    # Every line of the log is an object that can be searched.
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [line["job"] for line in lines] == ["recount"] * 5
    assert [line["level"] for line in lines] == ["INFO", "INFO", "WARNING", "INFO", "INFO"]
    assert lines[-1]["left"] == 0
    assert lines[-1]["seconds"] >= 0


@pytest.mark.parametrize(
    ("job", "first", "second"),
    [
        ("outbox", "2026-11-23T09:10:00Z", "2026-11-23T09:11:00Z"),
        ("hotness", "2026-11-23T04:20:00Z", "2026-11-24T04:20:00Z"),
    ],
)
def test_a_timer_that_fires_twice_causes_one_run(
    invoke: Invoke, job: str, first: str, second: str
) -> None:
    events = [{**TIMER, "time": time} for time in (first, first, second)]

    answers = [invoke(event, job=job)["outcome"] for event in events]

    assert answers == ["done", "already done", "done"]


def test_a_job_ends_before_its_time_is_over(invoke: Invoke) -> None:
    assert invoke({"job": "recount"}, milliseconds=5_000)["outcome"] == "stopped"


def test_what_it_cannot_do_it_says(invoke: Invoke) -> None:
    with pytest.raises(KeyError):
        invoke({"job": "nectar"})
    with pytest.raises(KeyError):
        invoke({})
    with pytest.raises(ValueError, match="no option nectar"):
        invoke({"job": "recount", "options": {"nectar": True}})
    with pytest.raises(ValueError, match="of type bool"):
        invoke({"job": "recount", "options": {"fix": "yes"}})


def test_an_event_is_given_to_the_job_as_it_is(invoke: Invoke) -> None:
    complaint = {"complainedRecipients": [{"emailAddress": "bee@b.example"}]}
    message = {"notificationType": "Complaint", "complaint": complaint}
    event = {"Records": [{"Sns": {"Message": json.dumps(message)}}]}

    answer = invoke(event, job="bounces")

    assert answer["counts"] == {"bounce": 0, "complaint": 1}


def test_it_shares_the_process_with_the_application(
    site_url: str, loop: asyncio.AbstractEventLoop, invoke: Invoke
) -> None:
    app = create_app(settings_for(site_url))
    endpoint = create_handler(app)
    http = {"method": "POST", "path": "/graphql", "protocol": "HTTP/1.1", "sourceIp": "192.0.2.1"}
    request: Any = {
        "version": "2.0",
        "rawPath": "/graphql",
        "rawQueryString": "",
        "headers": {"host": "api.example", "content-type": "application/json"},
        "requestContext": {"http": http, "stage": "$default"},
        "body": '{"query": "{ questions(first: 1) { totalCount } }"}',
        "isBase64Encoded": False,
    }
    context: Any = SimpleNamespace()

    # Connections that were made on a loop are of use on that loop only.
    answers = []
    for _ in range(2):
        answers.append(json.loads(endpoint(request, context)["body"]))
        invoke({"job": "outbox"})
    loop.run_until_complete(app.state.db.close())

    assert answers == [{"data": {"questions": {"totalCount": 0}}}] * 2
