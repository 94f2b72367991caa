"""Shapes of inputs and values, in letters and numbers, and the algebra that evaluates expressions on shapes alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import chain
from math import prod
from typing import Any

from grader.problems.arranged_shapes import ARRANGED_SHAPES
from grader.problems.core_shapes import CORE_SHAPES
from grader.problems.language import Algebra, Expression, UndeterminedError, evaluate, function_of
from grader.problems.matrix_shapes import MATRIX_SHAPES
from grader.problems.sides import Dimension, Shape, Size, is_square, letters_among, show_shape

__all__ = ["SHAPES", "Dimension", "Shape", "Size", "evaluate_shape", "is_square", "show_shape"]


SHAPES: Algebra[Shape] = replace(
    CORE_SHAPES, operations={**CORE_SHAPES.operations, **ARRANGED_SHAPES, **MATRIX_SHAPES}
)
"""Shapes alone, with sizes by name: finds an author's mistake before any number is drawn."""


def evaluate_shape(
    f: Expression,
    shapes: Mapping[str, Any],
    functions: Mapping[str, tuple[str, Expression]],
    algebra: Algebra[Shape] = SHAPES,
) -> Shape:
    """The shape of an expression.

    Args:
        shapes: those of its names; functions: argument and expression of each function that it calls.

    Raises:
        ExpressionError: operations do not fit the shapes of their operands.
    """
    calls = {name: function_of(*function, shapes, algebra) for name, function in functions.items()}
    return evaluate(f, {**shapes, **calls}, algebra)


def stacked_shape(shapes: Sequence[Shape]) -> Shape:
    """The shape of several arrays in one vector, one after the other.

    Raises:
        UndeterminedError: their sizes are letters.
    """
    if letters_among(chain.from_iterable(shapes)):
        raise UndeterminedError("the length of several arrays")
    lengths = [prod(map(int, shape)) for shape in shapes]
    return (sum(lengths),)
