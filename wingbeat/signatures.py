"""Signatures: what a resolver is called with, and which arguments many calls may share."""

import inspect
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, TypeAlias

from graphql import (
    FieldNode,
    GraphQLEnumType,
    GraphQLField,
    GraphQLScalarType,
    VariableNode,
    get_nullable_type,
    is_specified_scalar_type,
)
from graphql.execution.values import get_argument_values
from strawberry.relay import GlobalID
from strawberry.types import Info
from strawberry.types.arguments import convert_arguments
from strawberry.types.base import StrawberryMaybe, StrawberryOptional
from strawberry.types.field import StrawberryField

from wingbeat.info import LightInfo, ResolveInfo

if TYPE_CHECKING:
    from strawberry.schema import Schema

    from wingbeat.executor import CompilingExecutor
    from wingbeat.fields import Field
    from wingbeat.places import Batch
    from wingbeat.waves import Run

BY_PLACE = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
MakeInfo: TypeAlias = "Callable[[Run, Field, Batch, int], Any]"


class Signature:
    """How Strawberry calls the resolver of one of its fields.

    :ivar info: the name of the parameter that takes the info, if any
    :ivar make_info: makes one for a call
    :ivar is_usual: it takes the object first, then the info if it takes one, and nothing unusual
    """

    def __init__(self, field: StrawberryField, definition: GraphQLField, schema: "Schema") -> None:
        resolver = field.base_resolver
        assert resolver is not None
        self.field = field
        self.takes_self = resolver.self_parameter is not None
        self.info = resolver.info_parameter.name if resolver.info_parameter else None
        self._sources = [
            parameter.name
            for parameter in (resolver.parent_parameter, resolver.root_parameter)
            if parameter
        ]
        is_second = resolver.info_parameter in (None, *_second(resolver.signature))
        self.is_usual = self.takes_self and is_second and not self._sources
        self.make_info = self._maker(schema.config.info_class)
        self._config = schema.config
        self._scalars: Mapping[object, Any] = schema.schema_converter.scalar_registry
        self._can_share = all(_is_immutable(arg.type) for arg in definition.args.values())
        # The names of parameters by those of arguments, if Strawberry passes on all as they are.
        self._names: dict[str, str] | None = None
        if self._can_share and all(_is_passed_on(argument.type) for argument in field.arguments):
            name_of = schema.config.name_converter.from_argument
            self._names = {name_of(a): a.python_name for a in field.arguments}

    def _maker(self, info_class: Callable[..., Any]) -> "MakeInfo":
        if info_class is Info:
            return LightInfo

        def make(run: "Run", field: "Field", batch: "Batch", number: int) -> Any:
            raw = ResolveInfo(run, field, batch, number)
            return info_class(_raw_info=raw, _field=self.field)

        return make

    def are_constant(self, node: FieldNode) -> bool:
        """Whether every request has the same arguments."""
        given = node.arguments or ()
        return self._can_share and not any(isinstance(a.value, VariableNode) for a in given)

    def shared(self, executor: "CompilingExecutor", field: "Field") -> dict[str, Any] | None:
        """Arguments for all objects; None if each must have its own, or its own error."""
        if not self._can_share:
            return None
        try:
            return self.converted(executor, field, None)
        except Exception:
            return None

    def converted(self, executor: "CompilingExecutor", field: "Field", info: Any) -> dict[str, Any]:
        """Arguments by the names of the resolver's parameters.

        :raises Exception: whatever coercing them raises
        """
        if not field.definition.args and not field.nodes[0].arguments:
            return {}
        values = get_argument_values(
            field.definition,
            field.nodes[0],
            executor.variable_values,
            None,
            executor.hide_suggestions,
        )
        if self._names is not None:
            names = self._names
            return {names[name]: value for name, value in values.items()}
        return convert_arguments(values, self.field.arguments, self._scalars, self._config, info)

    def reserved(self, thing: Any, info: Any) -> dict[str, Any]:
        """What the parameters take that are not arguments."""
        given = dict.fromkeys(self._sources, thing)
        if self.info is not None:
            given[self.info] = info
        return given


def _second(signature: inspect.Signature) -> list[inspect.Parameter]:
    """What the second value of a call is for, if it can be given without a name."""
    given = list(signature.parameters.values())[1:2]
    return [parameter for parameter in given if parameter.kind in BY_PLACE]


def _is_passed_on(type_: Any) -> bool:
    """Whether Strawberry leaves a value of a type that is immutable as it was coerced."""
    if isinstance(type_, StrawberryMaybe):
        return False
    inner = type_.of_type if isinstance(type_, StrawberryOptional) else type_
    return inner is not GlobalID


def _is_immutable(type_: Any) -> bool:
    """Whether values of an input type can be neither changed nor made by anybody's code."""
    inner = get_nullable_type(type_)
    if isinstance(inner, GraphQLScalarType):
        return is_specified_scalar_type(inner)
    return isinstance(inner, GraphQLEnumType)
