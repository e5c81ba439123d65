"""Selections: making the rows of many objects of one type, by source text generated for them."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple

from wingbeat.columns import LeafColumn
from wingbeat.kinds import Failure, Unsettled
from wingbeat.leaves import Finish, finisher
from wingbeat.places import Batch, Place, SomePlaces
from wingbeat.plainness import PlainClasses
from wingbeat.sources import Budget, code_of
from wingbeat.waves import Run

if TYPE_CHECKING:
    from wingbeat.fields import Field

Row = dict[str, Any]
MakeRow = Callable[[Any, list[Any]], Row]


class Attribute(NamedTuple):
    """A leaf that is an attribute of the object: read and written in the generated source."""

    field: "Field"
    name: str
    column: LeafColumn
    finish: Finish

    @classmethod
    def of(cls, field: "Field", name: str, column: LeafColumn) -> "Attribute":
        return cls(field, name, column, finisher(column.leaf, nullable=column.nullable))


class Entry(NamedTuple):
    """One key of the rows: an attribute, a constant, or a place kept for a field."""

    key: str
    attribute: Attribute | None = None
    constant: str | None = None


class Selection:
    """The fields asked for of objects of one type, in order."""

    def __init__(self, entries: list[Entry], fields: list["Field"], budget: Budget) -> None:
        self.fields = fields
        self._attributes = [entry.attribute for entry in entries if entry.attribute]
        self._names = [attribute.name for attribute in self._attributes]
        self._make_row = _row_maker(entries)
        self._make_rows = _rows_maker(entries, self._make_row, budget)
        self._plain = PlainClasses(self._names)

    def execute(self, run: Run, objects: list[Any], place: Place | None) -> list[Row]:
        """The rows of objects; what has to be awaited is written into them later."""
        odd: list[Any] = []
        rows = self._rows(objects, odd)
        batch = Batch(objects, rows, place)
        if odd:
            for attribute in self._attributes:
                self._settle(run, batch, attribute)
        if rows:
            for field in self.fields:
                field.execute(run, batch)
        return rows

    def _rows(self, objects: list[Any], odd: list[Any]) -> list[Row]:
        if not self._names or self._plain.include(objects):
            return self._make_rows(objects, odd)
        make_row = self._make_row
        return [make_row(thing, odd) for thing in objects]

    def _settle(self, run: Run, batch: Batch, attribute: Attribute) -> None:
        key, column = attribute.field.key, attribute.column
        picks = [n for n, row in enumerate(batch.rows) if type(row[key]) in (Failure, Unsettled)]
        if not picks:
            return
        values = [batch.rows[number][key] for number in picks]
        values = [value.value if type(value) is Unsettled else value for value in values]
        there = SomePlaces(attribute.field.place(batch), picks)
        for number, result in zip(picks, column.complete(run, values, there), strict=True):
            batch.rows[number][key] = result


def _row_maker(entries: list[Entry]) -> MakeRow:
    """Makes a row field by field, reading each attribute once whatever happens."""
    steps = [(entry.key, entry.constant, *_reading(entry.attribute)) for entry in entries]

    def make_row(thing: Any, odd: list[Any]) -> Row:
        row: Row = {}
        for key, constant, name, finish in steps:
            if finish is None:
                row[key] = constant
                continue
            try:
                value = getattr(thing, name)
            except Exception as error:
                value = Failure(error)
            row[key] = finish(value, odd)
        return row

    return make_row


def _reading(attribute: Attribute | None) -> tuple[str, Finish | None]:
    return (attribute.name, attribute.finish) if attribute else ("", None)


def _rows_maker(
    entries: list[Entry], make_row: MakeRow, budget: Budget
) -> Callable[[list[Any], list[Any]], list[Row]]:
    """Makes rows by generated source text, or by `make_row` those that cannot be read."""
    namespace: dict[str, Any] = {"make_row": make_row}
    reads: list[str] = []
    items: list[str] = []
    for number, entry in enumerate(entries):
        attribute = entry.attribute
        if attribute is None:
            items.append(f"{entry.key!r}: {entry.constant!r}")
            continue
        leaf = attribute.column.leaf
        namespace[f"s{number}"] = attribute.finish
        if leaf.names is not None:
            namespace |= {f"e{number}": leaf.enum, f"n{number}": leaf.names}
        reads.append(f"            v{number} = o.{attribute.name}\n")
        items.append(f"{entry.key!r}: {_expression(number, attribute)}")
    shape = READING if reads else FILLING
    code = code_of(shape.format(reads="".join(reads), row=", ".join(items)), len(reads), budget)
    if code is None:
        return lambda objects, odd: [make_row(thing, odd) for thing in objects]
    exec(code, namespace)  # noqa: S102
    made: Callable[[list[Any], list[Any]], list[Row]] = namespace["make_rows"]
    return made


def _expression(number: int, attribute: Attribute) -> str:
    names = {"v": f"v{number}", "e": f"e{number}", "n": f"n{number}"}
    leaf, value = attribute.column.leaf, f"v{number}"
    slowly = f"s{number}({value}, odd)"
    if attribute.column.nullable:
        slowly = f"None if {value} is None else {slowly}"
    if leaf.test is None:
        return slowly
    return f"{leaf.result.format(**names)} if {leaf.test.format(**names)} else {slowly}"


READING = """
def make_rows(objects, odd):
    rows = []
    append = rows.append
    for o in objects:
        try:
{reads}
        except Exception:
            pass
        else:
            append({{{row}}})
            continue
        append(make_row(o, odd))
    return rows
"""
FILLING = """
def make_rows(objects, odd):
    return [{{{row}}} for o in objects]
"""
