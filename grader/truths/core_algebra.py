"""The part of the ball algebra that FLINT alone evaluates, without numpy: matrices, entries, indices and reductions."""

from __future__ import annotations

from grader.problems.language import Algebra
from grader.truths.ball_arrays import ARRAYS, constant, matmul_stacks
from grader.truths.ball_entrywise import ENTRIES
from grader.truths.ball_matrices import MATRICES, matmul, multiply, transpose
from grader.truths.ball_moves import MOVES
from grader.truths.balls import Ball, from_array
from grader.truths.functions.core_table import CORE_MATRIX_BALLS


def _matmul(A: Ball, B: Ball) -> Ball:
    has_stack = max(len(A.shape), len(B.shape)) > 2
    return matmul_stacks(matmul, A, B) if has_stack else matmul(A, B)


def _dot(A: Ball, B: Ball) -> Ball:
    """The product; a multiple where one is a scalar."""
    return _matmul(A, B) if A.shape and B.shape else multiply(A, B)


def _inner(A: Ball, B: Ball) -> Ball:
    """The products of rows with rows; a multiple where one is a scalar."""
    return _matmul(A, transpose(B)) if A.shape and B.shape else multiply(A, B)


CORE: Algebra[Ball] = Algebra(
    from_array,
    {
        **MATRICES,
        "@": _matmul,
        "inner": _inner,
        "dot": _dot,
        **ARRAYS,
        **MOVES,
        **ENTRIES,
        **CORE_MATRIX_BALLS,
    },
    constant,
)
"""Exact evaluation: every result contains the true value."""
