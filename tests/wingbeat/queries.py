"""Valid queries, made up: any selection of a schema, with fragments, aliases and directives."""

from collections.abc import Mapping
from random import Random
from typing import Any, NamedTuple

from graphql import (
    GraphQLEnumType,
    GraphQLField,
    GraphQLInputObjectType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLSchema,
    get_named_type,
    is_abstract_type,
    is_composite_type,
    is_leaf_type,
)
from hypothesis import strategies as st

DEEPEST = 4
LITERALS: Mapping[str, list[str]] = {
    "Int": ["0", "2", "-5", "$number"],
    "String": ['"x"', '""', "$text"],
    "ID": ['"U3RvbmU6NA=="', '"nonsense"'],
    "GlobalID": ['"U3RvbmU6NA=="', '"nonsense"'],
    "Boolean": ["true", "$yes"],
}
HEAD = 'query Made($number: Int! = 3, $text: String = "given", $yes: Boolean!, $no: Boolean!)'


class Made(NamedTuple):
    """A document and values of its variables."""

    text: str
    variables: dict[str, Any]


class _Maker:
    def __init__(self, schema: GraphQLSchema, random: Random) -> None:
        self.schema = schema
        self.random = random
        self.fragments: dict[str, tuple[str, str]] = {}

    def one(self, choices: list[Any]) -> Any:
        return self.random.choice(choices)

    def chance(self, percent: int) -> bool:
        return self.random.randrange(100) < percent

    def selection(self, type_: Any, depth: int) -> str:
        parts = [self.part(type_, depth) for _ in range(self.random.randint(1, 3))]
        return "{ " + " ".join(parts) + " }"

    def part(self, type_: Any, depth: int) -> str:
        if self.chance(5):
            return "__typename"
        if is_abstract_type(type_) and (not hasattr(type_, "fields") or self.chance(60)):
            return self.fragment(self.one(list(self.schema.get_possible_types(type_))), depth)
        if self.chance(8):
            return self.fragment(type_, depth)
        return self.field(type_, depth)

    def fragment(self, type_: Any, depth: int) -> str:
        if self.fragments and self.chance(25):
            name, (on, _) = self.one(list(self.fragments.items()))
            if on == type_.name:
                return f"...{name}{self.directive()}"
        body = self.selection(type_, depth + 1)
        if self.chance(25):
            name = f"F{len(self.fragments)}"
            self.fragments[name] = (type_.name, body)
            return f"...{name}{self.directive()}"
        return f"... on {type_.name}{self.directive()} {body}"

    def field(self, type_: Any, depth: int) -> str:
        fields: list[tuple[str, GraphQLField]] = list(type_.fields.items())
        if depth >= DEEPEST:
            fields = [f for f in fields if is_leaf_type(get_named_type(f[1].type))]
        if not fields:
            return "__typename"
        name, field = self.one(fields)
        given = self.arguments(field)
        alias = ""
        if given or is_abstract_type(type_) or self.chance(20):
            # Two fields of one name must ask for the same, whatever type they are on.
            alias = f"{type_.name}_{name}_{len(given)}_{sum(map(ord, given))}: "
        text = f"{alias}{name}{given}{self.directive()}"
        named = get_named_type(field.type)
        return f"{text} {self.selection(named, depth + 1)}" if is_composite_type(named) else text

    def arguments(self, field: GraphQLField) -> str:
        given = []
        for name, argument in field.args.items():
            required = isinstance(argument.type, GraphQLNonNull)
            has_default = argument.default is not None
            if (required and not has_default) or self.chance(40):
                given.append(f"{name}: {self.literal(argument.type)}")
        return f"({', '.join(given)})" if given else ""

    def literal(self, type_: Any) -> str:
        if isinstance(type_, GraphQLNonNull):
            return self.literal(type_.of_type)
        if isinstance(type_, GraphQLList):
            return "[" + ", ".join(self.literal(type_.of_type) for _ in range(2)) + "]"
        if isinstance(type_, GraphQLEnumType):
            return str(self.one(list(type_.values)))
        if isinstance(type_, GraphQLInputObjectType):
            return (
                "{"
                + ", ".join(f"{n}: {self.literal(f.type)}" for n, f in type_.fields.items())
                + "}"
            )
        return str(self.one(LITERALS[type_.name]))

    def directive(self) -> str:
        if not self.chance(12):
            return ""
        name = self.one(["skip", "include"])
        return f" @{name}(if: {self.one(['true', 'false', '$yes', '$no'])})"


def made_up(schema: GraphQLSchema, random: Random) -> Made:
    """A document that is nearly always valid, with values for its variables."""
    maker = _Maker(schema, random)
    query = schema.query_type
    assert isinstance(query, GraphQLObjectType)
    body = maker.selection(query, 0)
    # Every variable has to be used.
    uses = "v1: flowers(first: $number) @skip(if: $yes) { a: doubled(text: $text) } "
    text = f"{HEAD} {body[:-1]} v: __typename @include(if: $no) {uses} }}"
    for name, (on, fragment) in maker.fragments.items():
        text += f" fragment {name} on {on} {fragment}"
    yes, no = maker.chance(50), maker.chance(50)
    return Made(text, {"number": random.randrange(5), "yes": yes, "no": no})


def queries(schema: GraphQLSchema) -> st.SearchStrategy[Made]:
    """Made-up documents, each from a number: drawing every choice would take most of the time."""
    return st.integers(0, 2**32 - 1).map(lambda number: made_up(schema, Random(number)))
