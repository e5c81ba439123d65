"""SQLAlchemy's `ext.asyncio` without its sessions: with them comes the ORM, 50 ms of every start.

Whoever asks that package for more gets the whole of it, as ever. `app.db` loads this before
anything else asks.
"""

import sys
from importlib import import_module
from importlib.util import find_spec, module_from_spec
from typing import Any

PACKAGE = "sqlalchemy.ext.asyncio"
# What is wanted of it, all of which is in one module that needs no session.
MODULE = f"{PACKAGE}.engine"
NAMES = ("AsyncConnection", "AsyncEngine", "create_async_engine")


def _load() -> None:
    """Load that much of the package, unless somebody has loaded it already."""
    spec = None if PACKAGE in sys.modules else find_spec(PACKAGE)
    if spec is None or spec.loader is None:
        return
    package, execute = module_from_spec(spec), spec.loader.exec_module
    # As importing it would do, but for running what is in it.
    sys.modules[PACKAGE] = package
    vars(sys.modules["sqlalchemy.ext"])["asyncio"] = package
    engine = import_module(MODULE)
    vars(package).update({name: getattr(engine, name) for name in NAMES})

    def complete(name: str) -> Any:
        """Run it after all, for the sake of a name that is not there."""
        if name.startswith("__"):
            # Those that every module may have, or not.
            raise AttributeError(f"module {PACKAGE!r} has no attribute {name!r}")
        del vars(package)["__getattr__"]
        execute(package)
        return getattr(package, name)

    vars(package)["__getattr__"] = complete


_load()

from sqlalchemy.ext.asyncio import AsyncConnection as AsyncConnection  # noqa: E402 - not before
from sqlalchemy.ext.asyncio import AsyncEngine as AsyncEngine  # noqa: E402
from sqlalchemy.ext.asyncio import create_async_engine as create_async_engine  # noqa: E402
