"""What names and numbers of an expression are used as: to compute with, as an exponent, or as the name of a norm."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from grader.problems.language.functions import COMPARISONS
from grader.problems.language.nodes import Argument, Function, Name, Number, Operation

_SECOND: Mapping[str, str] = {"norm": "norm", "power": "exponent"}
"""The use of a function's second argument."""


def find_uses(node: Argument, use: str = "number") -> Iterator[tuple[str, Name | Number]]:
    """Find the names and numbers in an expression, each with its use; what is compared may be a word.

    Uses are `number`, `exponent` and `norm`.
    """
    if isinstance(node, Function):
        for root in node.roots:
            yield from find_uses(root)
        return
    if isinstance(node, Name | Number):
        yield use, node
    if not isinstance(node, Operation) or node.name in COMPARISONS:
        return

    second = _SECOND.get(node.name, use)
    for position, argument in enumerate(node.arguments):
        its_use = second if position == 1 else use
        yield from find_uses(argument, its_use)
