"""The second opinion on every figure is that of q2a on the real site, where it wrote all itself."""

import shutil
from collections.abc import Callable
from pathlib import Path

from tests import recalculation
from tests.conftest import Api, database_of

# The options count flags where posts are meant (FACTS 22.1).
OWN_BUG = "options ('cache_flaggedcount',) content: 17, recalculated 16"


async def test_of_its_own_site_q2a_would_change_only_what_its_own_bugs_have_left(
    golden: Api,
) -> None:
    async with database_of(golden).read() as connection:
        found = await recalculation.differences(connection, notes=False)

    assert found == [OWN_BUG]


async def test_a_second_recalculation_changes_nothing(
    golden_file: Path, tmp_path: Path, serve: Callable[..., Api]
) -> None:
    file = shutil.copy(golden_file, tmp_path / "golden.sqlite")
    db = database_of(serve(f"sqlite+aiosqlite:///{file}"))

    async with db.begin() as connection:
        await recalculation.write(connection)
        assert await recalculation.differences(connection, notes=False) == []
