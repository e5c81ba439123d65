"""The load tests: the schema accepts every document, and every document is sent."""

import re
from pathlib import Path

import pytest
from graphql import build_schema, parse, validate

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "benchmarks" / "load"
DOCUMENTS = {path.stem: path.read_text() for path in (FOLDER / "documents").glob("*.graphql")}
SCHEMA = build_schema((ROOT / "schema" / "schema.graphql").read_text())


@pytest.mark.parametrize("name", sorted(DOCUMENTS))
def test_the_schema_accepts_what_visitors_send(name: str) -> None:
    document = parse(DOCUMENTS[name])
    assert validate(SCHEMA, document) == []
    # The scenarios know an operation by the name of its file.
    assert document.definitions[0].name.value == name  # type: ignore[attr-defined]


def test_scenarios_send_all_documents_and_no_other() -> None:
    scenarios = "".join(path.read_text() for path in FOLDER.glob("*.yml"))
    sent = re.findall(r'query: "\{\{ ([A-Z]\w+) \}\}"', scenarios)
    assert set(sent) == set(DOCUMENTS)
