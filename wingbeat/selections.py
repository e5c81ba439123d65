"""Selections: making the rows of many objects of one type, by source text generated for them."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple

from wingbeat.columns import LeafColumn, close
from wingbeat.kinds import Failure, Unsettled
from wingbeat.leaves import Finish, finisher
from wingbeat.places import Batch, Place, SomePlaces
from wingbeat.plainness import PlainClasses
from wingbeat.sources import Budget, code_of
from wingbeat.waves import Run

if TYPE_CHECKING:
    from wingbeat.fields import AttributeField, DirectField, Field

Row = dict[str, Any]
MakeRow = Callable[[Run, Batch, int, list[Any]], Row]
MakeRows = Callable[[Run, Batch, list[Any]], list[Row]]


class Inline(NamedTuple):
    """A leaf that is read and written in the generated source."""

    field: "AttributeField | DirectField"
    column: LeafColumn
    finish: Finish

    @classmethod
    def of(cls, field: "AttributeField | DirectField", column: LeafColumn) -> "Inline":
        return cls(field, column, finisher(column.leaf, nullable=column.nullable))


class Entry(NamedTuple):
    """One key of the rows: a leaf, a constant, or a place kept for a field."""

    key: str
    inline: Inline | None = None
    constant: str | None = None


class Selection:
    """The fields asked for of objects of one type, in order."""

    def __init__(self, entries: list[Entry], fields: list["Field"], budget: Budget) -> None:
        self.fields = fields
        self._inlines = [entry.inline for entry in entries if entry.inline]
        attributes = [inline.field.attribute for inline in self._inlines]
        self._names = [name for name in attributes if name is not None]
        self._make_row = _row_maker(entries)
        self._make_rows = _rows_maker(entries, self._make_row, budget)
        self._plain = PlainClasses(self._names)

    def execute(self, run: Run, objects: list[Any], place: Place | None) -> list[Row]:
        """The rows of objects; what has to be awaited is written into them later."""
        odd: list[Any] = []
        batch = Batch(objects, [], place)
        rows = batch.rows = self._rows(run, batch, odd)
        if odd:
            for inline in self._inlines:
                self._settle(run, batch, inline)
        if rows:
            for field in self.fields:
                field.execute(run, batch)
        return rows

    def _rows(self, run: Run, batch: Batch, odd: list[Any]) -> list[Row]:
        if not self._names or self._plain.include(batch.objects):
            return self._make_rows(run, batch, odd)
        return _one_by_one(self._make_row, run, batch, odd)

    def _settle(self, run: Run, batch: Batch, inline: Inline) -> None:
        key, column = inline.field.key, inline.column
        picks = [n for n, row in enumerate(batch.rows) if type(row[key]) in (Failure, Unsettled)]
        if not picks:
            return
        values = [batch.rows[number][key] for number in picks]
        values = [value.value if type(value) is Unsettled else value for value in values]
        there = SomePlaces(inline.field.place(batch), picks)
        for number, result in zip(picks, column.complete(run, values, there), strict=True):
            batch.rows[number][key] = result


def _one_by_one(make_row: MakeRow, run: Run, batch: Batch, odd: list[Any]) -> list[Row]:
    try:
        return [make_row(run, batch, number, odd) for number in range(len(batch.objects))]
    except BaseException:
        close(odd)
        raise


def _row_maker(entries: list[Entry]) -> MakeRow:
    """Makes a row leaf by leaf, reading each once whatever happens."""

    def make_row(run: Run, batch: Batch, number: int, odd: list[Any]) -> Row:
        row: Row = {}
        for key, inline, constant in entries:
            if inline is None:
                row[key] = constant
                continue
            try:
                value = inline.field.read(run, batch, number)
            except Exception as error:
                value = Failure(error)
            row[key] = inline.finish(value, odd)
        return row

    return make_row


def _rows_maker(entries: list[Entry], make_row: MakeRow, budget: Budget) -> MakeRows:
    """Makes rows by generated source text, or by `make_row` those that cannot be read."""
    namespace: dict[str, Any] = {"make_row": make_row, "Failure": Failure, "close": close}
    reads: list[str] = []
    calls: list[str] = []
    called: list[str] = []
    items: list[str] = []
    for number, entry in enumerate(entries):
        inline = entry.inline
        if inline is None:
            items.append(f"{entry.key!r}: {entry.constant!r}")
            continue
        leaf, field, value = inline.column.leaf, inline.field, f"v{number}"
        namespace[f"s{number}"] = inline.finish
        if leaf.names is not None:
            namespace |= {f"e{number}": leaf.enum, f"n{number}": leaf.names}
        if field.attribute is None:
            expression, names = field.source(number)
            namespace |= names
            calls.append(CALL.format(value=value, expression=expression))
            called.append(value)
        else:
            reads.append(f"                {value} = o.{field.attribute}\n")
        items.append(f"{entry.key!r}: {_expression(number, inline)}")
    source = _source(reads, calls, called, items)
    code = code_of(source, len(reads) + len(calls), budget)
    if code is None:
        return lambda run, batch, odd: _one_by_one(make_row, run, batch, odd)
    exec(code, namespace)  # noqa: S102
    made: MakeRows = namespace["make_rows"]
    return made


def _source(reads: list[str], calls: list[str], called: list[str], items: list[str]) -> str:
    row = ", ".join(items)
    if not reads and not calls:
        return FILLING.format(row=row)
    reading = READ.format(reads="".join(reads)) if reads else ""
    before = "".join(f"    {value} = None\n" for value in called)
    values = ", ".join(called)
    return MAKING.format(
        before=before, reading=reading, calls="".join(calls), row=row, called=values
    )


def _expression(number: int, inline: Inline) -> str:
    names = {"v": f"v{number}", "e": f"e{number}", "n": f"n{number}"}
    leaf, value = inline.column.leaf, f"v{number}"
    slowly = f"s{number}({value}, odd)"
    if inline.column.nullable:
        slowly = f"None if {value} is None else {slowly}"
    if leaf.test is None:
        return slowly
    return f"{leaf.result.format(**names)} if {leaf.test.format(**names)} else {slowly}"


# Attributes of plain classes may be read twice; whatever is called is called once.
READ = """\
            try:
{reads}\
            except Exception:
                append(make_row(run, batch, n, odd))
                continue
"""
CALL = """\
            try:
                {value} = {expression}
            except Exception as error:
                {value} = Failure(error)
"""
MAKING = """
def make_rows(run, batch, odd):
    rows = []
    append = rows.append
{before}\
    try:
        for n, o in enumerate(batch.objects):
{reading}{calls}\
            append({{{row}}})
    except BaseException:
        close([*odd, {called}])
        raise
    return rows
"""
FILLING = """
def make_rows(run, batch, odd):
    return [{{{row}}} for o in batch.objects]
"""
