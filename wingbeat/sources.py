"""Source text: compiled once for all selections that are alike, and never too much at once."""

from collections import OrderedDict
from types import CodeType

# Of all source text that is kept: a few thousand selections, and some MB with the code.
MOST_CHARACTERS = 1_000_000


class Budget:
    """How much may still be compiled for one plan, in leaves; some 50 microseconds each."""

    __slots__ = ("left",)

    def __init__(self, leaves: int) -> None:
        self.left = leaves


_known: OrderedDict[str, CodeType] = OrderedDict()
_characters = 0


def code_of(source: str, leaves: int, budget: Budget) -> CodeType | None:
    """The code of a source text that reads so many leaves; None if that is too much."""
    global _characters
    code = _known.get(source)
    if code is not None:
        _known.move_to_end(source)
        return code
    if leaves > budget.left:
        return None
    budget.left -= leaves
    code = _known[source] = compile(source, "<wingbeat>", "exec")
    _characters += len(source)
    while _characters > MOST_CHARACTERS:
        oldest, _ = _known.popitem(last=False)
        _characters -= len(oldest)
    return code


def forget() -> None:
    """Forget all code; what uses it keeps it."""
    global _characters
    _known.clear()
    _characters = 0
