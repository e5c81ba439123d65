"""Plans that are kept: the latest used, within bounds, and counts of what became of operations."""

import logging
from collections import Counter, OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from graphql import (
    FieldNode,
    GraphQLSchema,
    InlineFragmentNode,
    SelectionNode,
    SelectionSetNode,
    VariableNode,
)

from wingbeat.plan import NotCompiled, Plan, compile_plan

if TYPE_CHECKING:
    from wingbeat.executor import CompilingExecutor

logger = logging.getLogger("wingbeat")
# Stands for a variable that has no value.
MISSING = object()
# A document's text weighs as much as a field for each so many of its characters.
CHARACTERS_OF_A_FIELD = 4_000


@dataclass(frozen=True)
class Limits:
    """Bounds of what is compiled and kept.

    :ivar plan_fields: the most fields of one plan; larger documents are not compiled
    :ivar fields: the most fields of all plans together, some 4 kB each, the documents' texts
        included; operations used least recently go first
    :ivar variants: the most plans of one operation, for different values in its directives
    :ivar sightings: how many operations that were met once are remembered
    :ivar at_once: whether an operation is compiled already when it is met for the first time
    """

    plan_fields: int = 3_000
    fields: int = 20_000
    variants: int = 16
    sightings: int = 10_000
    at_once: bool = False


class Key(NamedTuple):
    """An operation of a document, by the document's text; the schema by its identity."""

    schema: int
    text: str
    operation: str | None


class Known:
    """An operation met more than once: its plans, or why it has none."""

    __slots__ = ("directive_variables", "plans", "refusal", "schema", "text_weight")

    def __init__(
        self, schema: GraphQLSchema, directive_variables: tuple[str, ...], *, characters: int
    ) -> None:
        # Kept, so that no other schema gets its identity.
        self.schema = schema
        # Comments and long arguments make texts of any size around a few fields.
        self.text_weight = characters // CHARACTERS_OF_A_FIELD
        self.directive_variables = directive_variables
        self.plans: dict[tuple[Any, ...], Plan] = {}
        self.refusal: str | None = None

    @property
    def weight(self) -> int:
        return 1 + self.text_weight + sum(plan.fields for plan in self.plans.values())


class Plans:
    """Compiles operations when they are met for the second time, and keeps their plans.

    :ivar enabled: set it to False, and everything is left to the reference
    :ivar compiled: how many operations were executed by a plan
    :ivar stock: how many were left to the reference, by reason
    :ivar weight: fields of all plans that are kept, 1 for each operation, and its text's part
    """

    def __init__(self, limits: Limits | None = None, *, enabled: bool = True) -> None:
        self.limits = limits or Limits()
        self.enabled = enabled
        self.compiled = 0
        self.stock: Counter[str] = Counter()
        self.weight = 0
        self._known: OrderedDict[Key, Known] = OrderedDict()
        self._sightings: OrderedDict[int, None] = OrderedDict()

    def __len__(self) -> int:
        return len(self._known)

    def find(self, executor: "CompilingExecutor") -> Plan:
        """The plan of the operation that an executor is about to execute.

        :raises NotCompiled: if it has none
        """
        known = self._operation(executor)
        coerced = executor.variable_values.coerced
        values = tuple(coerced.get(name, MISSING) for name in known.directive_variables)
        plan = known.plans.get(values)
        if plan is None:
            plan = self._compile(known, values, executor)
        if not plan.fits(executor.operation, executor.fragment_definitions):
            raise NotCompiled("not the document of its text")
        return plan

    def clear(self) -> None:
        """Forget all plans and sightings; the counts stay."""
        self._known.clear()
        self._sightings.clear()
        self.weight = 0

    def _operation(self, executor: "CompilingExecutor") -> Known:
        operation = executor.operation
        if operation.loc is None:
            raise NotCompiled("a document without its text")
        name = operation.name.value if operation.name else None
        key = Key(id(executor.schema), operation.loc.source.body, name)
        known = self._known.get(key)
        if known is not None:
            self._known.move_to_end(key)
            return known
        if not self.limits.at_once and not self._was_seen(hash(key)):
            raise NotCompiled("met for the first time")
        variables, characters = _directive_variables(executor), len(key.text)
        known = self._known[key] = Known(executor.schema, variables, characters=characters)
        self.weight += known.weight
        self._shrink()
        return known

    def _was_seen(self, sighting: int) -> bool:
        if self._sightings.pop(sighting, MISSING) is not MISSING:
            return True
        self._sightings[sighting] = None
        if len(self._sightings) > self.limits.sightings:
            self._sightings.popitem(last=False)
        return False

    def _compile(
        self, known: Known, values: tuple[Any, ...], executor: "CompilingExecutor"
    ) -> Plan:
        if known.refusal is not None:
            raise NotCompiled(known.refusal)
        if len(known.plans) >= self.limits.variants:
            raise NotCompiled("too many variants")
        try:
            plan = compile_plan(executor, most_fields=self.limits.plan_fields)
        except NotCompiled as refusal:
            known.refusal = str(refusal)
            raise
        except Exception as error:
            known.refusal = "it cannot be compiled"
            logger.warning("An operation could not be compiled.", exc_info=error)
            raise NotCompiled(known.refusal) from error
        known.plans[values] = plan
        self.weight += plan.fields
        self._shrink()
        return plan

    def _shrink(self) -> None:
        while self.weight > self.limits.fields and len(self._known) > 1:
            _, oldest = self._known.popitem(last=False)
            self.weight -= oldest.weight


def _directive_variables(executor: "CompilingExecutor") -> tuple[str, ...]:
    """The variables that decide what is included."""
    sets = [executor.operation.selection_set]
    sets += [fragment.selection_set for fragment in executor.fragment_definitions.values()]
    names = {
        argument.value.name.value
        for selection_set in sets
        for node in _selections(selection_set)
        for directive in node.directives or ()
        for argument in directive.arguments or ()
        if isinstance(argument.value, VariableNode)
    }
    return tuple(sorted(names))


def _selections(selection_set: SelectionSetNode) -> Iterator[SelectionNode]:
    waiting = list(selection_set.selections)
    while waiting:
        node = waiting.pop()
        yield node
        if isinstance(node, FieldNode | InlineFragmentNode) and node.selection_set:
            waiting += node.selection_set.selections
