"""Makes the archives that Lambda functions are made of: code, libraries and byte-code, no tests.

    python -m deploy.artefacts --libraries DIR --interpreter python3.13 --to var/package

The same for another platform is the same command with that platform's libraries and interpreter.
It needs nothing but the standard library.
"""

import argparse
import re
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterable, Iterator
from fnmatch import fnmatchcase
from importlib.metadata import Distribution, distributions
from pathlib import Path, PurePosixPath
from typing import NamedTuple

from deploy.elf import stripped

ROOT = Path(__file__).parent.parent
PIN = re.compile(r"^([A-Za-z0-9._-]+)(?:\[[^]]*\])?==([^ ;\\]+)")
# Byte-code that Python takes without looking at the source's time, which archives do not keep.
COMPILE = ("-m", "compileall", "-q", "-j", "2", "--invalidation-mode", "unchecked-hash")
# Beside the source rather than in `__pycache__`: from there it is taken without any source.
WITHOUT_SOURCE = "-b"
# Lambda's own limit of what an archive unpacks to.
MOST_BYTES = 250 << 20
MEGABYTE = 1_000_000

# What only a server of one's own, a terminal or a migration needs, and what python-jose needs where
# there is no cryptography.
NOT_ON_LAMBDA = {
    "aiosqlite",
    "alembic",
    "asyncmy",
    "click",
    "ecdsa",
    "httptools",
    "mako",
    "markupsafe",
    "pyasn1",
    "pycparser",
    "pygments",
    "rich",
    "rsa",
    "uvicorn",
    "uvloop",
}
# Lambda's runtime has it (docs/decisions/0091-archives.md).
OF_THE_RUNTIME = {"boto3", "botocore", "jmespath", "s3transfer", "urllib3"}
GRAPHQL = {"cross-web", "graphql-core", "mangum", "starlette", "strawberry-graphql"}
PICTURES = {"pillow"}
CODE_NOT_ON_LAMBDA = (
    "app/cli.py",
    "app/demo/*",
    "app/job_commands.py",
    "app/migrations/*",
    "app/terminal.py",
)
CODE_OF_GRAPHQL = ("app/api.py", "app/endpoint/*", "app/examples.py", "app/main.py")
# Sources of compiled modules; the parts of Pillow that draw text, show windows and know AVIF, none
# of which the formats that people may upload need; databases that Waggle does not run on.
NOT_SHIPPED = (
    "*.c",
    "*.cpp",
    "*.h",
    "*.pxd",
    "*.pyx",
    "*/tests/*",
    "PIL/_avif.*",
    "PIL/_imagingft.*",
    "PIL/_imagingmath.*",
    "PIL/_imagingmorph.*",
    "PIL/_imagingtk.*",
    "pillow.libs/libavif-*",
    "pillow.libs/libbrotli*",
    "pillow.libs/libfreetype-*",
    "pillow.libs/libharfbuzz-*",
    "sqlalchemy/dialects/mssql/*",
    "sqlalchemy/dialects/oracle/*",
    "sqlalchemy/dialects/postgresql/*",
    "sqlalchemy/ext/mypy/*",
    "sqlalchemy/testing/*",
    "strawberry/channels/*",
    "strawberry/cli/*",
    "strawberry/django/*",
    "strawberry/ext/mypy_plugin.py",
)


class Artefact(NamedTuple):
    """One archive: the packages of this repository in it, and what it leaves out."""

    packages: tuple[str, ...]
    without_libraries: set[str]
    without_code: tuple[str, ...] = ()
    most_bytes: int = MOST_BYTES


ARTEFACTS = {
    "api": Artefact(
        ("app", "dataloaders", "resolvers", "schema", "wingbeat"), set(), (), 60 * MEGABYTE
    ),
    "identity": Artefact(("app",), GRAPHQL | PICTURES, (*CODE_OF_GRAPHQL, "app/jobs/*")),
    "jobs": Artefact(("app",), GRAPHQL | PICTURES, CODE_OF_GRAPHQL),
    "images": Artefact(("app",), GRAPHQL, CODE_OF_GRAPHQL),
}


class Unfit(Exception):
    """An archive cannot be made, or not be used; the text says why."""


def make(libraries: Path, *, interpreter: str, to: Path) -> dict[str, int]:
    """Write all archives to the folder `to`.

    :param libraries: a folder in which exactly the versions of requirements/runtime.txt are
        installed; others that are there are left out
    :param interpreter: a Python of the minor version that will run them
    :returns: the bytes that each unpacks to
    :raises Unfit: if a library is missing or another version, or an archive too large
    """
    to.mkdir(parents=True, exist_ok=True)
    owners: dict[str, str] = {}
    with tempfile.TemporaryDirectory() as folder:
        stage = Path(folder)
        for name, distribution in _installed(libraries).items():
            files = list(_files_of(distribution))
            owners |= {str(file.with_suffix("")): name for file in files}
            _copy(files, libraries, stage / "libraries")
        for package in ARTEFACTS["api"].packages:
            _copy(_code_of(package), ROOT, stage / "code")
        _compile(interpreter, stage / "libraries", WITHOUT_SOURCE)
        _compile(interpreter, stage / "code")
        return {
            name: _write(_members(artefact, stage, owners), artefact, to / f"{name}.zip")
            for name, artefact in ARTEFACTS.items()
        }


def _compile(interpreter: str, folder: Path, *options: str) -> None:
    # Tracebacks name files as they will lie.
    prefixes = ("-s", str(folder), "-p", "/var/task")
    command = [interpreter, *COMPILE, *options, *prefixes, str(folder)]
    subprocess.run(command, check=True)  # noqa: S603


def _installed(libraries: Path) -> dict[str, Distribution]:
    """What is to be shipped, by its name."""
    found = {_named(d.name): d for d in distributions(path=[str(libraries)])}
    wanted = {}
    for name, version in _pins():
        if name in NOT_ON_LAMBDA | OF_THE_RUNTIME:
            continue
        if name not in found or found[name].version != version:
            raise Unfit(f"{libraries} does not have {name} {version}")
        wanted[name] = found[name]
    return wanted


def _pins() -> Iterator[tuple[str, str]]:
    for line in (ROOT / "requirements/runtime.txt").read_text().splitlines():
        if pin := PIN.match(line):
            yield _named(pin[1]), pin[2]


def _named(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def _files_of(distribution: Distribution) -> Iterator[PurePosixPath]:
    for path in distribution.files or ():
        is_fact = path.parts[0].endswith(".dist-info") and path.name not in (
            "METADATA",
            "entry_points.txt",
        )
        # Commands lie beside the libraries, and byte-code is made anew.
        if not is_fact and path.parts[0] not in ("..", "bin") and _is_shipped(path):
            yield PurePosixPath(path)


def _code_of(package: str) -> Iterator[PurePosixPath]:
    for path in sorted((ROOT / package).rglob("*")):
        inside = PurePosixPath(path.relative_to(ROOT))
        if path.is_file() and _is_shipped(inside) and not _matches(inside, CODE_NOT_ON_LAMBDA):
            yield inside


def _is_shipped(path: PurePosixPath) -> bool:
    return "__pycache__" not in path.parts and not _matches(path, NOT_SHIPPED)


def _matches(path: PurePosixPath, patterns: Iterable[str]) -> bool:
    return any(fnmatchcase(str(path), pattern) for pattern in patterns)


def _copy(paths: Iterable[PurePosixPath], source: Path, to: Path) -> None:
    for path in paths:
        target = to / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(stripped((source / path).read_bytes()))


def _members(artefact: Artefact, stage: Path, owners: dict[str, str]) -> dict[str, Path]:
    """The files of an archive, by their places in it."""
    members = {}
    for inside, path in _files_below(stage / "libraries"):
        # Of libraries the byte-code is enough.
        if inside.suffix == ".py" or owners[str(inside.with_suffix(""))] in (
            artefact.without_libraries
        ):
            continue
        members[str(inside)] = path
    for inside, path in _files_below(stage / "code"):
        source = PurePosixPath(str(inside).replace("__pycache__/", ""))
        is_code = source.parts[0] in artefact.packages
        if is_code and not _matches(source, artefact.without_code):
            members[str(inside)] = path
    return members


def _files_below(folder: Path) -> Iterator[tuple[PurePosixPath, Path]]:
    for path in folder.rglob("*"):
        if path.is_file():
            yield PurePosixPath(path.relative_to(folder)), path


def _write(members: dict[str, Path], artefact: Artefact, to: Path) -> int:
    """Write one archive: the same bytes for the same content, whenever and wherever."""
    size = sum(path.stat().st_size for path in members.values())
    if size > artefact.most_bytes:
        raise Unfit(f"{to.name} would have {size:,} bytes, more than {artefact.most_bytes:,}")
    with zipfile.ZipFile(to, "w") as archive:
        for inside, path in sorted(members.items()):
            # By itself it would keep the file's time: archives would differ every time.
            member = zipfile.ZipInfo(inside)
            member.compress_type = zipfile.ZIP_DEFLATED
            member.external_attr = 0o100644 << 16
            archive.writestr(member, path.read_bytes())
    return size


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--libraries", type=Path, required=True)
    parser.add_argument("--interpreter", required=True)
    parser.add_argument("--to", type=Path, required=True)
    given = parser.parse_args()
    try:
        sizes = make(given.libraries, interpreter=given.interpreter, to=given.to)
    except Unfit as error:
        sys.exit(str(error))
    for name, size in sizes.items():
        packed = (given.to / f"{name}.zip").stat().st_size
        print(f"{name}.zip: {packed / MEGABYTE:.1f} MB, unpacked {size / MEGABYTE:.1f} MB")


if __name__ == "__main__":
    main()
