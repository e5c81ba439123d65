"""How deep and how repetitive a document is, measured in one walk before it is validated."""

from typing import NamedTuple

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentSpreadNode,
    OperationDefinitionNode,
    SelectionNode,
    SelectionSetNode,
)

from app.endpoint.errors import TooMuch
from app.endpoint.fragments import in_order

MAX_ALIASES = 100
MAX_ROOT_FIELDS = 50
MAX_DIRECTIVES = 100
# Selection sets within one another, those of fragments included: what executes and validates
# a document calls itself once or twice for each.
MAX_LEVELS = 100


class Shape(NamedTuple):
    """A selection set, with its fragments written out wherever they are spread.

    `depth` counts fields within fields, `levels` selection sets within selection sets, `roots`
    the fields at the top.
    """

    depth: int = 0
    levels: int = 0
    aliases: int = 0
    roots: int = 0


NOTHING = Shape()


def check_shape(document: DocumentNode, *, max_depth: int) -> None:
    """Refuse a document that is out of proportion, in time linear in its length.

    :raises TooMuch: naming what there is too much of
    """
    known: dict[str, Shape] = {}
    for fragment in in_order(document):
        known[fragment.name.value] = _shape(fragment.selection_set, known)
        _refuse_levels(known[fragment.name.value])

    for node in document.definitions:
        if isinstance(node, OperationDefinitionNode):
            _check_operation(_shape(node.selection_set, known), max_depth=max_depth)

    directives = sum(_directives(node) for node in document.definitions)
    if directives > MAX_DIRECTIVES:
        raise TooMuch("directives", directives, MAX_DIRECTIVES)


def _check_operation(shape: Shape, *, max_depth: int) -> None:
    _refuse_levels(shape)
    if shape.depth > max_depth:
        raise TooMuch("depth", shape.depth, max_depth)
    if shape.aliases > MAX_ALIASES:
        raise TooMuch("aliases", shape.aliases, MAX_ALIASES)
    if shape.roots > MAX_ROOT_FIELDS:
        raise TooMuch("root fields", shape.roots, MAX_ROOT_FIELDS)


def _refuse_levels(shape: Shape) -> None:
    if shape.levels > MAX_LEVELS:
        raise TooMuch("levels", shape.levels, MAX_LEVELS)


def _shape(selection_set: SelectionSetNode | None, known: dict[str, Shape]) -> Shape:
    depth = levels = aliases = roots = 0
    for node in selection_set.selections if selection_set else ():
        inner = _inner(node, known)
        if isinstance(node, FieldNode):
            depth = max(depth, 1 + inner.depth)
            aliases += (node.alias is not None) + inner.aliases
            roots += 1
        else:
            depth = max(depth, inner.depth)
            aliases += inner.aliases
            roots += inner.roots
        levels = max(levels, 1 + inner.levels)
    return Shape(depth, levels, aliases, roots)


def _inner(node: SelectionNode, known: dict[str, Shape]) -> Shape:
    if isinstance(node, FragmentSpreadNode):
        # A fragment not known yet is part of a cycle, or missing: validation says so.
        return known.get(node.name.value, NOTHING)
    return _shape(getattr(node, "selection_set", None), known)


def _directives(root: object) -> int:
    """The directives in a definition, whatever they stand on."""
    count = 0
    waiting = [root]
    while waiting:
        node = waiting.pop()
        count += len(getattr(node, "directives", None) or ())
        waiting.extend(getattr(node, "variable_definitions", None) or ())
        selection_set = getattr(node, "selection_set", None)
        waiting.extend(selection_set.selections if selection_set else ())
    return count
