"""The second opinion on every figure is that of q2a on the real site, where it wrote all itself."""

import shutil
from collections.abc import Callable
from pathlib import Path

from sqlalchemy import text

from tests import recalculation
from tests.conftest import Api, database_of

# The options count flags where posts are meant (FACTS 22.1).
OWN_BUG = "options ('cache_flaggedcount',) content: 17, recalculated 16"
# One statement spoils a figure of each recalculation.
WRONG = (
    "UPDATE qa_posts SET upvotes = 99 WHERE postid = 257",
    "UPDATE qa_posts SET acount = 99 WHERE postid = 404",
    "UPDATE qa_posts SET hotness = 1 WHERE postid = 1665",
    "UPDATE qa_posts SET catidpath1 = NULL WHERE postid = 1661",
    "UPDATE qa_userpoints SET avoteds = 99 WHERE userid = 3",
    "UPDATE qa_categories SET qcount = 99 WHERE categoryid = 1",
    "UPDATE qa_users SET wallposts = 99 WHERE userid = 4",
    "UPDATE qa_words SET contentcount = 99 WHERE wordid = 5",
    "DELETE FROM qa_titlewords WHERE postid = 66",
    "DELETE FROM qa_posttags WHERE postid = 1637",
    "UPDATE qa_options SET content = '0' WHERE title = 'cache_unaqcount'",
)
FOUND = (
    "posts (257,) upvotes",
    "posts (404,) acount",
    "posts (1665,) hotness",
    "posts (1661,) catidpath1",
    "userpoints (3,) avoteds",
    "categories (1,) qcount",
    "users (4,) wallposts",
    "words (5,) contentcount",
    "titlewords (66, 'how'): only recalculated",
    "posttags (1637, '分蜂', ",
    "options ('cache_unaqcount',) content",
)


async def test_of_its_own_site_q2a_would_change_only_what_its_own_bugs_have_left(
    golden: Api,
) -> None:
    async with database_of(golden).read() as connection:
        found = await recalculation.differences(connection, notes=False)

    assert found == [OWN_BUG]


async def test_whatever_is_wrong_is_found_and_written_anew(
    golden_file: Path, tmp_path: Path, serve: Callable[..., Api]
) -> None:
    file = shutil.copy(golden_file, tmp_path / "golden.sqlite")
    db = database_of(serve(f"sqlite+aiosqlite:///{file}"))

    async with db.begin() as connection:
        for statement in WRONG:
            await connection.execute(text(statement))
        found = await recalculation.differences(connection, notes=False)
        await recalculation.write(connection)
        left = await recalculation.differences(connection, notes=False)

    assert not [wrong for wrong in FOUND if not any(line.startswith(wrong) for line in found)]
    assert left == []
