"""Selections: making the rows of many objects of one type, by source text generated for them."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple

from wingbeat.columns import LeafColumn, close
from wingbeat.kinds import Failure, Unsettled
from wingbeat.leaves import Finish
from wingbeat.places import Batch, Place, SomePlaces
from wingbeat.sources import Budget, code_of
from wingbeat.waves import Run

if TYPE_CHECKING:
    from wingbeat.fields import AttributeField, DirectField, Field

Row = dict[str, Any]
MakeRows = Callable[[Run, Batch, list[Any]], list[Row]]


class Inline(NamedTuple):
    """A leaf that is read and written in the generated source.

    :ivar attribute: the object's that it is; None: a resolver is called for it
    """

    field: "AttributeField | DirectField"
    attribute: str | None
    column: LeafColumn
    finish: Finish


class Entry(NamedTuple):
    """One key of the rows: a leaf, a constant, or a place kept for a field."""

    key: str
    inline: Inline | None = None
    constant: str | None = None


class Selection:
    """The fields asked for of objects of one type, in order."""

    def __init__(self, entries: list[Entry], fields: list["Field"], budget: Budget) -> None:
        make_rows = _compiled(entries, budget)
        if make_rows is None:
            # Without source, resolvers are called as quickly for all objects at once.
            entries, fields = _without_calls(entries, fields)
            make_rows = _row_by_row(entries)
        self.fields = fields
        self._inlines = [entry.inline for entry in entries if entry.inline]
        self._make_rows = make_rows

    def execute(self, run: Run, objects: list[Any], place: Place | None) -> list[Row]:
        """The rows of objects; what has to be awaited is written into them later."""
        odd: list[Any] = []
        batch = Batch(objects, [], place)
        rows = batch.rows = self._make_rows(run, batch, odd)
        if odd:
            self._settle_all(run, batch, odd)
        if rows:
            for field in self.fields:
                field.execute(run, batch)
        return rows

    def _settle_all(self, run: Run, batch: Batch, odd: list[Any]) -> None:
        try:
            for inline in self._inlines:
                self._settle(run, batch, inline)
        except BaseException:
            close(odd)
            raise

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


def _without_calls(
    entries: list[Entry], fields: list["Field"]
) -> tuple[list[Entry], list["Field"]]:
    """The same selection, in which no resolver is called for one object after the other."""
    left: list[Entry] = []
    called = list(fields)
    for entry in entries:
        if entry.inline is None or entry.inline.attribute is not None:
            left.append(entry)
        else:
            left.append(Entry(entry.key))
            called.append(entry.inline.field)
    return left, sorted(called, key=lambda field: field.rank)


def _row_by_row(entries: list[Entry]) -> MakeRows:
    """Makes rows leaf by leaf."""

    def make_row(thing: Any, odd: list[Any]) -> Row:
        row: Row = {}
        for key, inline, constant in entries:
            if inline is None or inline.attribute is None:
                row[key] = constant
                continue
            try:
                value = getattr(thing, inline.attribute)
            except Exception as error:
                value = Failure(error)
            row[key] = inline.finish(value, odd)
        return row

    def make_rows(_run: Run, batch: Batch, odd: list[Any]) -> list[Row]:
        try:
            return [make_row(thing, odd) for thing in batch.objects]
        except BaseException:
            close(odd)
            raise

    return make_rows


def _compiled(entries: list[Entry], budget: Budget) -> MakeRows | None:
    """Makes rows by generated source text; None if that would be too much of it."""
    namespace: dict[str, Any] = {"Failure": Failure, "close": close}
    reads: list[str] = []
    items: list[str] = []
    values: list[str] = []
    for number, entry in enumerate(entries):
        inline = entry.inline
        if inline is None:
            items.append(f"{entry.key!r}: {entry.constant!r}")
            continue
        leaf, value = inline.column.leaf, f"v{number}"
        expression, names = inline.field.source(number)
        namespace |= {**names, f"s{number}": inline.finish}
        if leaf.names is not None:
            namespace |= {f"e{number}": leaf.enum, f"n{number}": leaf.names}
        reads.append(READ.format(value=value, expression=expression))
        items.append(f"{entry.key!r}: {_expression(number, inline)}")
        values.append(value)
    shape = MAKING if reads else FILLING
    source = shape.format(
        before=" = ".join([*values, "None"]),
        reads="".join(reads),
        row=", ".join(items),
        values=", ".join(values),
    )
    code = code_of(source, len(reads), budget)
    if code is None:
        return None
    exec(code, namespace)  # noqa: S102
    made: MakeRows = namespace["make_rows"]
    return made


def _expression(number: int, inline: Inline) -> str:
    names = {"v": f"v{number}", "e": f"e{number}", "n": f"n{number}"}
    leaf, value = inline.column.leaf, f"v{number}"
    slowly = f"s{number}({value}, odd)"
    if inline.column.nullable:
        slowly = f"None if {value} is None else {slowly}"
    if leaf.test is None:
        return slowly
    return f"{leaf.result.format(**names)} if {leaf.test.format(**names)} else {slowly}"


# Everything is read once, whatever happens, and closed if that ends the whole answer.
READ = """\
            try:
                {value} = {expression}
            except Exception as error:
                {value} = Failure(error)
"""
MAKING = """
def make_rows(run, batch, odd):
    rows = []
    append = rows.append
    {before}
    try:
        for n, o in enumerate(batch.objects):
{reads}\
            append({{{row}}})
    except BaseException:
        close([*odd, {values}])
        raise
    return rows
"""
FILLING = """
def make_rows(run, batch, odd):
    return [{{{row}}} for o in batch.objects]
"""
