"""Fields: calling what resolves one field, for every object of a batch."""

from collections.abc import Callable
from inspect import iscoroutinefunction
from operator import attrgetter
from typing import TYPE_CHECKING, Any

from graphql import FieldNode, GraphQLField, GraphQLObjectType, GraphQLResolveInfo
from graphql.execution.collect_fields import FieldDetails
from graphql.execution.values import get_argument_values

from wingbeat.columns import Column, close
from wingbeat.kinds import Failure
from wingbeat.places import Batch, FieldPlace, Place
from wingbeat.plainness import PlainClasses
from wingbeat.signatures import Signature
from wingbeat.waves import Run

if TYPE_CHECKING:
    from wingbeat.executor import CompilingExecutor


class Field:
    """One field of one type as a document asks for it."""

    column: Column

    def __init__(
        self,
        parent_type: GraphQLObjectType,
        definition: GraphQLField,
        key: str,
        rank: int,
        details: list[FieldDetails],
    ) -> None:
        self.parent_type = parent_type
        self.definition = definition
        self.key = key
        self.rank = rank
        self.details = details
        self.nodes: list[FieldNode] = [detail.node for detail in details]
        self.name = self.nodes[0].name.value

    def execute(self, run: Run, batch: Batch) -> None:
        """Resolve and complete the field, and write it into the rows of a batch."""
        key, values = self.key, self.call(run, batch)
        results = self.column.complete(run, values, self.place(batch))
        for row, result in zip(batch.rows, results, strict=True):
            row[key] = result

    def call(self, run: Run, batch: Batch) -> list[Any]:
        """What the resolver returns for every object, errors as markers."""
        raise NotImplementedError

    def place(self, batch: Batch) -> FieldPlace:
        return FieldPlace(batch, self.key, self.rank, self.parent_type.name, self.column.nullable)

    def null_error(self) -> Exception:
        """What the reference reports if there is null where there must not be."""
        field = f"{self.parent_type}.{self.name}"
        return TypeError(f"Cannot return null for non-nullable field {field}.")

    def reference_info(self, run: Run, place: Place, number: int) -> "GraphQLResolveInfo[Any]":
        """The reference's own info; `number` may be of an item of the field's lists."""
        path = place.path(number)
        while isinstance(path.key, int):
            assert path.prev is not None
            path = path.prev
        return run.executor.build_resolve_info(
            self.definition, list(self.nodes), self.parent_type, path
        )


class AttributeField(Field):
    """An attribute of the object."""

    def __init__(self, attribute: str, *given: Any) -> None:
        super().__init__(*given)
        self.attribute = attribute
        # Not made for attributes that selections read themselves: those are many.
        self._plain: PlainClasses | None = None

    def call(self, run: Run, batch: Batch) -> list[Any]:
        objects = batch.objects
        if self._plain is None:
            self._plain = PlainClasses([self.attribute])
        if self._plain.include(objects):
            try:
                return list(map(attrgetter(self.attribute), objects))
            except Exception:
                # Nobody's code has run: they can be read again, one by one.
                return [self._read(thing) for thing in objects]
        return [self._read(thing) for thing in objects]

    def source(self, number: int) -> tuple[str, dict[str, Any]]:
        """How generated source reads it of object `o`; and the names in that, of which there are
        none.
        """
        return f"o.{self.attribute}", {}

    def _read(self, thing: Any) -> Any:
        try:
            return getattr(thing, self.attribute)
        except Exception as error:
            return Failure(error)


class WrappedField(Field):
    """A field resolved by whatever function the schema has, exactly as the reference calls it."""

    def __init__(self, resolve: Callable[..., Any], *given: Any) -> None:
        super().__init__(*given)
        self._resolve = resolve
        self._takes_arguments = bool(self.definition.args or self.nodes[0].arguments)

    def call(self, run: Run, batch: Batch) -> list[Any]:
        place = self.place(batch)
        results: list[Any] = []
        try:
            for number, thing in enumerate(batch.objects):
                results.append(self._resolved(run, thing, place, number))
        except BaseException:
            close(results)
            raise
        return results

    def _resolved(self, run: Run, thing: Any, place: Place, number: int) -> Any:
        info = self.reference_info(run, place, number)
        try:
            arguments = self._arguments(run) if self._takes_arguments else {}
            return self._resolve(thing, info, **arguments)
        except Exception as error:
            return Failure(error)

    def _arguments(self, run: Run) -> dict[str, Any]:
        executor = run.executor
        return get_argument_values(
            self.definition,
            self.nodes[0],
            executor.variable_values,
            None,
            executor.hide_suggestions,
        )


class DirectField(Field):
    """A field whose resolver is called without anything in between."""

    def __init__(self, function: Callable[..., Any], signature: Signature, *given: Any) -> None:
        super().__init__(*given)
        self._function = function
        self._signature = signature
        self._constant: dict[str, Any] | None = None

    def know_arguments(self, run_executor: "CompilingExecutor") -> None:
        """Coerce the arguments now if no request can change them."""
        if self._signature.are_constant(self.nodes[0]):
            self._constant = self._signature.shared(run_executor, self)

    @property
    def is_inlined(self) -> bool:
        """Whether generated source may call it: always alike, and for a value rather than for a
        promise of one.
        """
        is_always_alike = self._signature.is_usual and self._constant is not None
        return is_always_alike and not iscoroutinefunction(self._function)

    def source(self, number: int) -> tuple[str, dict[str, Any]]:
        """How generated source calls it for object `o`, the `n`th of a batch; and the names in it,
        which end with `number`.
        """
        given = ["o"]
        names: dict[str, Any] = {f"f{number}": self._function}
        if self._signature.info is not None:
            given.append(f"i{number}(run, d{number}, batch, n)")
            names |= {f"i{number}": self._signature.make_info, f"d{number}": self}
        if self._constant:
            given.append(f"**k{number}")
            names[f"k{number}"] = self._constant
        return f"f{number}({', '.join(given)})", names

    def call(self, run: Run, batch: Batch) -> list[Any]:
        results: list[Any] = []
        try:
            self._call(run, batch, results)
        except BaseException:
            close(results)
            raise
        return results

    def _call(self, run: Run, batch: Batch, results: list[Any]) -> None:
        shared = self._constant
        if shared is None:
            shared = self._shared(run)
        if shared is None or not self._signature.is_usual:
            self._call_each(run, batch, results, shared)
        elif self._signature.info is None:
            self._call_without_info(batch, results, shared)
        else:
            self._call_with_info(run, batch, results, shared)

    def _shared(self, run: Run) -> dict[str, Any] | None:
        if self not in run.arguments:
            run.arguments[self] = self._signature.shared(run.executor, self)
        return run.arguments[self]

    def _call_without_info(self, batch: Batch, results: list[Any], shared: dict[str, Any]) -> None:
        function, append = self._function, results.append
        if not shared:
            for thing in batch.objects:
                try:
                    append(function(thing))
                except Exception as error:
                    append(Failure(error))
            return
        for thing in batch.objects:
            try:
                append(function(thing, **shared))
            except Exception as error:
                append(Failure(error))

    def _call_with_info(
        self, run: Run, batch: Batch, results: list[Any], shared: dict[str, Any]
    ) -> None:
        function, append, make = self._function, results.append, self._signature.make_info
        if not shared:
            for number, thing in enumerate(batch.objects):
                try:
                    append(function(thing, make(run, self, batch, number)))
                except Exception as error:
                    append(Failure(error))
            return
        for number, thing in enumerate(batch.objects):
            try:
                append(function(thing, make(run, self, batch, number), **shared))
            except Exception as error:
                append(Failure(error))

    def _call_each(
        self, run: Run, batch: Batch, results: list[Any], shared: dict[str, Any] | None
    ) -> None:
        """For any signature, and for arguments that each object must have for itself."""
        signature = self._signature
        for number, thing in enumerate(batch.objects):
            try:
                info = signature.make_info(run, self, batch, number)
                given = shared
                if given is None:
                    given = signature.converted(run.executor, self, info)
                positional = (thing,) if signature.takes_self else ()
                reserved = signature.reserved(thing, info)
                results.append(self._function(*positional, **given, **reserved))
            except Exception as error:
                results.append(Failure(error))
