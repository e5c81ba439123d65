"""SQLAlchemy's package for asyncio is there in part, until somebody wants more of it."""

import subprocess
import sys

PROGRAM = """
import sys
import app.db
import sqlalchemy.ext.asyncio
from sqlalchemy.ext.asyncio import AsyncConnection

assert "sqlalchemy.orm" not in sys.modules
assert not hasattr(sqlalchemy.ext.asyncio, "__wrapped__")
assert "sqlalchemy.orm" not in sys.modules

from sqlalchemy.ext.asyncio import AsyncSession

assert "sqlalchemy.orm" in sys.modules
assert AsyncSession is sqlalchemy.ext.asyncio.session.AsyncSession
assert sqlalchemy.ext.asyncio.AsyncConnection is AsyncConnection
assert not hasattr(sqlalchemy.ext.asyncio, "nonsense")
"""


def test_whoever_wants_sessions_gets_them() -> None:
    done = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True)

    assert done.stderr == ""
