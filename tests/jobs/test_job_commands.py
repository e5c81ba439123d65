"""`waggle job`, as somebody meets it at a terminal."""

import json
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from app.cli import main
from app.jobs import JOBS
from tests import pictures

BOUNCE = {
    "notificationType": "Bounce",
    "bounce": {
        "bounceType": "Permanent",
        "bouncedRecipients": [{"emailAddress": "bee@b.example"}],
    },
}


@pytest.fixture
def url(empty_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """The URL of an empty site; no `.env` of the developer's is read."""
    monkeypatch.chdir(tmp_path)
    return f"sqlite+aiosqlite:///{shutil.copy(empty_file, tmp_path / 'site.sqlite')}"


def waggle(*arguments: str, url: str, **settings: str) -> Result:
    return CliRunner().invoke(main, arguments, env={"DATABASE_URL": url, **settings})


def test_without_a_name_it_lists_the_jobs_and_when_they_run(url: str) -> None:
    result = waggle("job", url=url)

    assert result.exit_code == 0
    lines = {line.split()[0]: line for line in result.output.splitlines()}
    assert lines.keys() == JOBS.keys()
    assert "(every minute)" in lines["outbox"]
    assert "(on an event)" in lines["bounces"]


def test_every_job_is_documented_with_its_schedule() -> None:
    page = (Path(__file__).parents[2] / "docs" / "jobs.md").read_text()
    rows = {line.split("`")[1]: line for line in page.splitlines() if line.startswith("| `")}

    assert JOBS.keys() <= rows.keys()
    for name, job in JOBS.items():
        assert str(job.schedule) in rows[name] or not job.schedule


def test_it_ends_with_what_came_of_the_job(url: str) -> None:
    sent = waggle("job", "outbox", "--limit", "5", url=url)
    assert (sent.exit_code, sent.stdout) == (0, "")
    assert "outbox: ended, sent 0, seconds" in sent.stderr

    failed = waggle("job", "outbox", url=url, ENVIRONMENT="production")
    assert failed.exit_code == 1
    assert "MAIL_URL" in failed.stderr


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["nectar"], "nectar"),
        (["outbox", "--nectar"], "--nectar"),
        (["outbox", "--limit", "many"], "many"),
        (["outbox", "--limit", "0"], "x>=1"),
        (["blobs-to-storage", "--at-once", "33"], "1<=x<=32"),
        (["blobs-to-storage", "--release", "--back"], "are opposites"),
        (["thumbnails"], "An event is missing"),
        (["bounces"], "An event is missing"),
        (["bounces", "nowhere.json"], "nowhere.json"),
        (["bounces", "text"], "not JSON"),
        (["bounces", "list"], "not a JSON object"),
    ],
)
def test_wrong_usage_ends_with_2_and_says_what_is_wrong(
    url: str, tmp_path: Path, arguments: list[str], said: str
) -> None:
    (tmp_path / "text").write_text("bees")
    (tmp_path / "list").write_text("[]")

    result = waggle("job", *arguments, url=url)

    assert result.exit_code == 2
    assert said in result.stderr


def test_events_that_are_none_and_files_that_cannot_be_written_end_in_one_line(
    url: str, tmp_path: Path
) -> None:
    created = {"eventName": "ObjectCreated:Put"}
    for records in (5, [5], [created], [{**created, "s3": {"object": {"key": 7}}}]):
        (tmp_path / "event.json").write_text(json.dumps({"Records": records}))
        result = waggle("job", "thumbnails", "event.json", url=url)
        assert result.exit_code == 1
        assert result.stderr.startswith("thumbnails: unreadable, reason ")

    result = waggle("job", "link-users", "--csv", "nowhere/found.csv", url=url)
    assert result.exit_code == 1
    assert result.stderr.splitlines()[-1] == "nowhere/found.csv: No such file or directory"


def test_an_event_comes_from_a_file_and_is_taken_back_by_hand(url: str, tmp_path: Path) -> None:
    (tmp_path / "event.json").write_text(json.dumps(BOUNCE))
    told = waggle("job", "bounces", "event.json", url=url)
    assert told.exit_code == 0
    assert "mail is off, reason bounce" in told.stderr

    assert waggle("job", "bounces", "--forget", "Bee@b.example", url=url).exit_code == 0

    again = waggle("job", "bounces", "--forget", "bee@b.example", url=url)
    assert again.exit_code == 1
    assert again.stdout == "Mail to bee@b.example is not off.\n"


def test_thumbnails_that_no_event_told_of_are_made_by_hand(url: str, tmp_path: Path) -> None:
    folder = tmp_path / "files" / "blobs" / "000"
    folder.mkdir(parents=True)
    (folder / "1.png").write_bytes(pictures.file(pictures.image()))

    results = [waggle("job", "thumbnails", "--all", url=url, STORAGE_URL="files") for _ in range(2)]

    assert ["pictures 1, made 4" in results[0].stderr, "made 0" in results[1].stderr] == [True] * 2


def test_without_its_tables_nothing_is_begun(tmp_path: Path) -> None:
    (tmp_path / "var").mkdir()
    url = f"sqlite+aiosqlite:///{tmp_path / 'var' / 'site.sqlite'}"
    for command in (["worker"], ["job", "outbox"]):
        result = waggle(*command, url=url)
        assert result.exit_code == 1
        assert result.stderr.splitlines()[-1].endswith("run `waggle migrate`.")
