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
    return matmul_stacks(matmul, A, B) if max(len(A.shape), len(B.shape)) > 2 else matmul(A, B)


CORE: Algebra[Ball] = Algebra(
    from_array,
    {
        **MATRICES,
        "@": _matmul,
        "inner": lambda A, B: _matmul(A, transpose(B)) if A.shape and B.shape else multiply(A, B),
        "dot": lambda A, B: _matmul(A, B) if A.shape and B.shape else multiply(A, B),
        **ARRAYS,
        **MOVES,
        **ENTRIES,
        **CORE_MATRIX_BALLS,
    },
    constant,
)
"""Exact evaluation: every result contains the true value."""
