"""The storm at full strength: 5,000 actions of 50 clients on the same 20 posts, 4 processes.

Three times: by itself, beside q2a, and with a worker killed every 2 seconds. Starts a MariaDB
server of its own. Run it from the repository's root: `.venv/bin/python -m benchmarks.storm`;
`--help` tells of the options.
"""

import asyncio
import tempfile
from pathlib import Path

import click

from tests import mariadb
from tests.storm.running import Weather, make_site, run


@click.command()
@click.option("--actions", default=5_000, show_default=True, help="How many, by all clients.")
@click.option("--seed", default=1, show_default=True, help="Another number, other actions.")
@click.option("--only", type=click.Choice(["calm", "q2a", "kills"]), help="One of the three.")
@click.option("--log", type=click.Path(path_type=Path), help="Write every deadlock here.")
def main(actions: int, seed: int, only: str | None, log: Path | None) -> None:
    """Let the storm blow, and print what came of it."""
    weathers = {
        "calm": Weather(actions, seed),
        "q2a": Weather(actions, seed, beside_q2a=True),
        "kills": Weather(actions, seed, kill_every=2.0),
    }
    directory = Path(tempfile.mkdtemp(prefix="waggle-"))
    keeper = mariadb.start(directory)
    try:
        server = mariadb.connect(directory)
        server.execute("SET GLOBAL innodb_print_all_deadlocks = ON")
        for name, weather in weathers.items():
            if only in (None, name):
                asyncio.run(make_site(server, name))
                click.echo(f"\n{name}\n{asyncio.run(run(server, name, weather, directory))}")
        if log:
            log.write_text((directory / "server.log").read_text(errors="replace"))
    finally:
        keeper.communicate()


if __name__ == "__main__":
    main()
