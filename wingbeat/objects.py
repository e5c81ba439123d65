"""Objects: finding out which type each value is of, and executing that type's selection."""

from itertools import repeat
from operator import is_not
from typing import TYPE_CHECKING, Any, NamedTuple

from graphql import GraphQLAbstractType, GraphQLObjectType
from graphql.execution.executor import default_type_resolver, invalid_return_type_error
from strawberry.types.base import StrawberryObjectDefinition
from strawberry.types.cast import TYPE_CAST_ATTRIBUTE

from wingbeat.columns import Column
from wingbeat.kinds import Failure
from wingbeat.places import Place, SomePlaces
from wingbeat.waves import Run

if TYPE_CHECKING:
    from wingbeat.fields import Field
    from wingbeat.selections import Selection

# Classes that are remembered for each place of a document.
MOST_CLASSES = 100
OWN_TYPE_CHECKS = {"GraphQLCoreConverter.from_object.<locals>._get_is_type_of.<locals>.is_type_of"}
OWN_TYPE_RESOLVERS = {
    "StrawberryUnion.get_type_resolver.<locals>._resolve_union_type",
    "GraphQLCoreConverter.from_interface.<locals>._get_resolve_type.<locals>.resolve_type",
}


class Judged(NamedTuple):
    """A value, and what the schema said of its type: yes or no, or a name."""

    value: Any
    verdict: Any


def _is_own(function: Any, names: set[str]) -> bool:
    module = str(getattr(function, "__module__", ""))
    return module.startswith("strawberry.") and getattr(function, "__qualname__", "") in names


def _are_cast(values: list[Any]) -> bool:
    """Whether `strawberry.cast` was used on any of them: then a class says nothing."""
    marks = map(getattr, values, repeat(TYPE_CAST_ATTRIBUTE), repeat(None))
    return any(map(is_not, marks, repeat(None)))


async def _judged_later(value: Any, verdict: Any) -> Judged:
    return Judged(value, await verdict)


class ObjectColumn(Column):
    """Objects of one type."""

    selection: "Selection"

    def __init__(self, field: "Field", type_: GraphQLObjectType, *, nullable: bool) -> None:
        super().__init__(field, nullable=nullable)
        self.type = type_
        self._learns = _is_own(type_.is_type_of, OWN_TYPE_CHECKS)
        self._accepted: set[type] = set()

    def known(self, run: Run, values: list[Any], place: Place, types: set[type]) -> list[Any]:
        if self.type.is_type_of is None or (types <= self._accepted and not _are_cast(values)):
            return self.selection.execute(run, values, place)
        judged = [self._judge(run, place, n, value) for n, value in enumerate(values)]
        return JudgedObjects(self).complete(run, judged, place)

    def _judge(self, run: Run, place: Place, number: int, value: Any) -> Any:
        assert self.type.is_type_of is not None
        info = self.field.reference_info(run, place, number)
        try:
            verdict: Any = self.type.is_type_of(value, info)
        except Exception as error:
            failure = Failure(error)
        else:
            if run.executor.is_awaitable(verdict):
                return _judged_later(value, verdict)
            if verdict and self._learns and len(self._accepted) < MOST_CLASSES:
                self._learn(value)
            return Judged(value, verdict)
        return failure

    def _learn(self, value: Any) -> None:
        if not _are_cast([value]):
            self._accepted.add(type(value))


class JudgedObjects(Column):
    """Objects of which it has been found out whether they are of the type expected."""

    def __init__(self, column: ObjectColumn) -> None:
        super().__init__(column.field, nullable=column.nullable)
        self._column = column

    def known(self, run: Run, values: list[Any], place: Place, types: set[type]) -> list[Any]:
        picks = [number for number, judged in enumerate(values) if judged.verdict]
        accepted = [values[number].value for number in picks]
        results: list[Any] = [None] * len(values)
        for number, judged in enumerate(values):
            if not judged.verdict:
                details = self.field.details
                error = invalid_return_type_error(self._column.type, judged.value, details)
                self.fail(run, place, number, error)
        rows = self._column.selection.execute(run, accepted, SomePlaces(place, picks))
        for number, row in zip(picks, rows, strict=True):
            results[number] = row
        return results


class AbstractColumn(Column):
    """Objects of an interface or a union; `objects` completes those of each possible type."""

    def __init__(self, field: "Field", type_: GraphQLAbstractType, *, nullable: bool) -> None:
        super().__init__(field, nullable=nullable)
        self.type = type_
        self.objects: dict[str, ObjectColumn] = {}
        self._resolve = type_.resolve_type or default_type_resolver
        self._learns = _is_own(type_.resolve_type, OWN_TYPE_RESOLVERS)
        self._names: dict[type, str] = {}

    def known(self, run: Run, values: list[Any], place: Place, types: set[type]) -> list[Any]:
        names = self._names
        if types <= names.keys() and not _are_cast(values):
            if len(types) == 1:
                return self.objects[names[type(values[0])]].known(run, values, place, types)
            return self.parted(run, values, place, [names[type(value)] for value in values])
        judged = [self._judge(run, place, n, value) for n, value in enumerate(values)]
        return JudgedAbstracts(self).complete(run, judged, place)

    def parted(
        self, run: Run, values: list[Any], place: Place, names: list[str | None]
    ) -> list[Any]:
        """Complete values by the names of their types; those without one are left null."""
        results: list[Any] = [None] * len(values)
        for name in dict.fromkeys(names):
            if name is None:
                continue
            picks = [number for number, found in enumerate(names) if found == name]
            some = [values[number] for number in picks]
            there = SomePlaces(place, picks)
            done = self.objects[name].known(run, some, there, set(map(type, some)))
            for number, result in zip(picks, done, strict=True):
                results[number] = result
        return results

    def _judge(self, run: Run, place: Place, number: int, value: Any) -> Any:
        info = self.field.reference_info(run, place, number)
        try:
            verdict: Any = self._resolve(value, info, self.type)
        except Exception as error:
            failure = Failure(error)
        else:
            if run.executor.is_awaitable(verdict):
                return _judged_later(value, verdict)
            return Judged(value, verdict)
        return failure

    def learn(self, value: Any, name: str) -> None:
        """Remember the type of a class's instances, if nothing else decides on it."""
        if not self._learns or len(self._names) >= MOST_CLASSES or _are_cast([value]):
            return
        definition = type(value).__dict__.get("__strawberry_definition__")
        if not isinstance(definition, StrawberryObjectDefinition):
            return
        if not definition.is_graphql_generic and definition.is_type_of is None:
            self._names[type(value)] = name


class JudgedAbstracts(Column):
    """Objects of which the names of their types have been found out."""

    def __init__(self, column: AbstractColumn) -> None:
        super().__init__(column.field, nullable=column.nullable)
        self._column = column

    def known(self, run: Run, values: list[Any], place: Place, types: set[type]) -> list[Any]:
        names = [self._valid(run, place, n, judged) for n, judged in enumerate(values)]
        return self._column.parted(run, [judged.value for judged in values], place, names)

    def _valid(self, run: Run, place: Place, number: int, judged: Judged) -> str | None:
        info = self.field.reference_info(run, place, number)
        try:
            type_ = run.executor.ensure_valid_runtime_type(
                judged.verdict, self._column.type, self.field.details, info, judged.value
            )
        except Exception as error:
            failed = error
        else:
            self._column.learn(judged.value, type_.name)
            return type_.name
        self.fail(run, place, number, failed)
        return None
