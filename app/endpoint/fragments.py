"""The fragments of a document, ordered so that each can be judged once, before whoever uses it."""

from collections.abc import Iterator

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    InlineFragmentNode,
    SelectionSetNode,
)


def in_order(document: DocumentNode) -> list[FragmentDefinitionNode]:
    """Every fragment after those that it spreads; of a cycle, in some order.

    Takes one step per fragment and spread, and no recursion from fragment to fragment: a chain
    may be as long as the document.
    """
    fragments = {
        node.name.value: node
        for node in document.definitions
        if isinstance(node, FragmentDefinitionNode)
    }
    ordered: list[FragmentDefinitionNode] = []
    seen: set[str] = set()
    for root in fragments:
        if root in seen:
            continue
        seen.add(root)
        open_: list[tuple[str, Iterator[str]]] = [(root, _spreads(fragments[root].selection_set))]
        while open_:
            name, spreads = open_[-1]
            target = next((t for t in spreads if t in fragments and t not in seen), None)
            if target is None:
                ordered.append(fragments[name])
                open_.pop()
            else:
                seen.add(target)
                open_.append((target, _spreads(fragments[target].selection_set)))
    return ordered


def _spreads(selection_set: SelectionSetNode) -> Iterator[str]:
    """The names of the fragments spread anywhere in a selection set."""
    waiting = [selection_set]
    while waiting:
        for node in waiting.pop().selections:
            if isinstance(node, FragmentSpreadNode):
                yield node.name.value
            elif isinstance(node, FieldNode | InlineFragmentNode) and node.selection_set:
                waiting.append(node.selection_set)
