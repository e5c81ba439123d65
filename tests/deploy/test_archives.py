"""What is in the archives, and what is not."""

import importlib.util
import struct
import sys
import zipfile
from pathlib import Path

import pytest

from deploy.artefacts import ARTEFACTS, MEGABYTE
from deploy.elf import HEADER_BYTES, stripped

# The second word of byte-code whose hash nobody compares with the source's.
UNCHECKED_HASH = 1


def tops(archive: Path) -> set[str]:
    with zipfile.ZipFile(archive) as packed:
        return {name.partition("/")[0].partition(".")[0] for name in packed.namelist()}


@pytest.mark.parametrize("name", ARTEFACTS)
def test_byte_code_is_whole_and_taken_as_it_is(archives: Path, name: str) -> None:
    with zipfile.ZipFile(archives / f"{name}.zip") as packed:
        members = packed.namelist()
        heads = [packed.read(member)[:8] for member in members if member.endswith(".pyc")]

    words = [(head[:4], struct.unpack("<I", head[4:])[0]) for head in heads]
    assert set(words) == {(importlib.util.MAGIC_NUMBER, UNCHECKED_HASH)}
    # Of the project's own code tracebacks show the lines.
    sources = [member for member in members if member.endswith(".py")]
    assert {source.partition("/")[0] for source in sources} == set(ARTEFACTS[name].packages)
    tag = sys.implementation.cache_tag
    for source in sources:
        folder, _, file = source.rpartition("/")
        assert f"{folder}/__pycache__/{file.removesuffix('.py')}.{tag}.pyc" in members
    assert not [member for member in members if "tests" in member.split("/")]


def test_api_is_small_and_has_nothing_that_requests_do_not_need(archives: Path) -> None:
    with zipfile.ZipFile(archives / "api.zip") as packed:
        assert sum(member.file_size for member in packed.infolist()) < 60 * MEGABYTE

    found = tops(archives / "api.zip")
    assert not found & {
        "boto3",
        "botocore",
        "alembic",
        "ddtrace",
        "opentelemetry",
        "uvicorn",
        "rich",
    }
    assert {"strawberry", "sqlalchemy", "mangum", "PIL", "jose"} <= found


def test_functions_without_graphql_have_none_of_it(archives: Path) -> None:
    for name in ("identity", "jobs", "images"):
        found = tops(archives / f"{name}.zip")
        assert not found & {"strawberry", "graphql", "starlette", "mangum", "resolvers", "schema"}
        assert ("PIL" in found) is (name == "images")


def test_what_is_no_shared_library_is_left_as_it_is() -> None:
    assert stripped(b"GIF89a") == b"GIF89a"
    assert stripped(b"\x7fELF\x01\x01" + b"\0" * 99) == b"\x7fELF\x01\x01" + b"\0" * 99


def test_what_is_loaded_of_a_shared_library_stays(tmp_path: Path) -> None:
    """A library with one segment, behind which there are names for debuggers."""
    header = bytearray(b"\x7fELF\x02\x01".ljust(HEADER_BYTES, b"\0"))
    struct.pack_into("<QQ", header, 0x20, HEADER_BYTES, 250)
    struct.pack_into("<HHHHH", header, 0x36, 56, 1, 64, 9, 8)
    segment = struct.pack("<IIQQQQQQ", 1, 5, 0, 0, 0, 200, 200, 4096)
    library = (bytes(header) + segment).ljust(200, b"c") + b"names for debuggers"

    short = stripped(library)

    assert len(short) == 200
    assert short[HEADER_BYTES:] == library[HEADER_BYTES:200]
    assert struct.unpack_from("<Q", short, 0x28) == (0,)
    assert struct.unpack_from("<HH", short, 0x3C) == (0, 0)
