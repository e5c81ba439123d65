"""What is switched off is not loaded, and what is switched on has to be installed."""

import subprocess
import sys

import pytest

from app import config
from app.config import Monitor, SettingError, Settings
from app.main import create_app

PROGRAM = """
import sys
from app.config import Settings
from app.main import create_app
create_app(Settings.load({"MONITORING": "none"}))
import app.jobs.running
watchers = {"ddtrace", "datadog", "opentelemetry"} & sys.modules.keys()
assert not watchers, watchers
assert "app.monitoring.request_log" not in sys.modules
"""


def test_nobody_who_watches_is_loaded_by_default() -> None:
    subprocess.run([sys.executable, "-c", PROGRAM], check=True)


@pytest.mark.parametrize("name", ["datadog", "opentelemetry"])
def test_without_the_extra_the_start_is_refused_in_one_line(
    monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setitem(config.MONITOR_MODULES, Monitor(name), ("not_installed.at_all",))

    with pytest.raises(SettingError, match=rf"^MONITORING='{name}'.*requirements/{name}\.txt"):
        create_app(Settings.load({"MONITORING": name}))
