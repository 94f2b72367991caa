"""Relations: what an answer that is not unique must satisfy, and the freedom that it may have beside `f`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from grader.problems.language import Expression, Name, Number, walk
from grader.problems.sides import Dimension, Labels, Shape

RelationKind = Literal["holds", "at_least", "is_not", "span_of"]
"""An expression is 0; is 0 or more in each entry; is clearly not 0; has columns that span what an answer's span."""

Freedom = Literal["sign", "phase", "column_signs", "permutation", "scale"]
"""What may be chosen: ±x; e^{iφ}x; a sign for each column; the order of columns or of a vector's entries; cx, c ≠ 0."""

NO_MAP = Expression("", Number(0.0, 1))
"""The `f` of a problem whose answers are judged by relations alone."""

SIDE = re.compile(r"[A-Za-z_]\w*(?:\s*[-+]\s*\w+)*")
"""A side of a returned array: a size, or sizes and numbers added up, such as `m - n`."""
_TERM = re.compile(r"([-+]?)\s*(\w+)")


@dataclass(frozen=True, slots=True)
class ReturnedArray:
    """An array of the answer.

    Args:
        shape: in letters and numbers, or such as `m - n`.
        is_complex: whether it may be complex where all inputs are real.
    """

    name: str
    shape: Shape
    is_complex: bool = False


@dataclass(frozen=True, slots=True)
class Relation:
    """One property of an answer.

    Args:
        expression: over the inputs, parameters, sizes and the names of what is returned.
        of: for `span_of`, the returned array whose columns span the same.
        strict: for `at_least`, 0 is not enough.
        backward_stable: only the rounding of inputs may be left, not that of the answer.
    """

    kind: RelationKind
    expression: Expression
    of: str = ""
    strict: bool = False
    backward_stable: bool = False

    @property
    def names(self) -> frozenset[str]:
        """The names that occur in it."""
        nodes = walk(self.expression.roots)
        return frozenset({self.of, *(node.name for node in nodes if isinstance(node, Name))})


def letters_of(side: Dimension) -> list[str]:
    """The sizes that a side of a returned array is made of."""
    words = [word for _, word in _TERM.findall(str(side))]
    return [word for word in words if not word.isdigit()]


def measure(shape: Shape, sizes: Mapping[str, int]) -> tuple[int, ...]:
    """The shape in numbers; a side may come out negative."""
    sides = tuple(_measure_side(side, sizes) for side in shape)
    if isinstance(shape, Labels):
        return Labels.of(sides, _measure_side(shape.number, sizes))
    return sides


def _measure_side(side: Dimension, sizes: Mapping[str, int]) -> int:
    if isinstance(side, int):
        return side
    total = 0
    for sign, word in _TERM.findall(side):
        value = int(word) if word.isdigit() else sizes[word]
        total += -value if sign == "-" else value
    return total
