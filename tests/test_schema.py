"""The schema is a promise to clients; these tests keep it."""

from pathlib import Path

from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLUnionType,
    build_schema,
)

from app.api import schema

SDL = build_schema(schema.as_str())
TYPES = [type_ for name, type_ in SDL.type_map.items() if not name.startswith("__")]


def test_the_committed_schema_is_current() -> None:
    committed = (Path(__file__).parent.parent / "schema" / "schema.graphql").read_text()
    assert committed == f"{schema.as_str()}\n", "run `make schema`"


def test_every_type_is_described() -> None:
    roots = {"Query", "Mutation", "Subscription"}
    builtin = {"Int", "Float", "String", "Boolean", "ID"}
    bare = [t.name for t in TYPES if not t.description and t.name not in roots | builtin]
    assert not bare


def test_every_field_argument_and_input_is_described() -> None:
    bare = []
    for type_ in TYPES:
        if isinstance(type_, GraphQLObjectType | GraphQLInterfaceType):
            for name, field in type_.fields.items():
                bare += [f"{type_.name}.{name}"] * (not field.description)
                bare += [
                    f"{type_.name}.{name}({argument}:)"
                    for argument, definition in field.args.items()
                    if not definition.description
                ]
        if isinstance(type_, GraphQLInputObjectType):
            bare += [f"{type_.name}.{n}" for n, f in type_.fields.items() if not f.description]
    assert not bare


def test_every_enum_value_is_described() -> None:
    enums = [type_ for type_ in TYPES if isinstance(type_, GraphQLEnumType)]
    assert not [
        f"{enum.name}.{name}"
        for enum in enums
        for name, value in enum.values.items()
        if not value.description
    ]


def test_connections_take_the_same_four_arguments() -> None:
    wrong = []
    for type_ in TYPES:
        if isinstance(type_, GraphQLObjectType | GraphQLInterfaceType):
            for name, field in type_.fields.items():
                if str(field.type).rstrip("!").endswith("Connection"):
                    missing = {"first", "after", "last", "before"} - set(field.args)
                    wrong += [f"{type_.name}.{name}: {sorted(missing)}"] * bool(missing)
    assert not wrong


def test_every_mutation_takes_one_input_and_gives_success_or_any_of_the_errors() -> None:
    mutations = SDL.mutation_type
    assert mutations is not None
    failures = ["NotFound", "NotAllowed", "Invalid", "Conflict", "RateLimited"]
    for name, field in mutations.fields.items():
        named = name[0].upper() + name[1:]
        assert [str(a.type) for a in field.args.values()] == [f"{named}Input!"], name
        assert list(field.args) == ["input"]
        assert isinstance(field.type, GraphQLNonNull)
        result = field.type.of_type
        assert isinstance(result, GraphQLUnionType)
        assert result.name == f"{named}Result"
        assert [member.name for member in result.types] == [f"{named}Success", *failures]


def test_every_error_has_a_message() -> None:
    error = SDL.type_map["Error"]
    assert isinstance(error, GraphQLInterfaceType)
    members = {member.name for member in SDL.get_possible_types(error)}
    assert members == {"NotFound", "NotAllowed", "Invalid", "Conflict", "RateLimited"}
