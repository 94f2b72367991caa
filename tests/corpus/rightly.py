"""Ways to change a right function that leave it right: other layouts, other types, an error in the last bit."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from grader.problems.problem import Problem
from tests.corpus.variant import Array, Function
from tests.corpus.wrappers import on_inputs, on_parts


@dataclass(frozen=True, slots=True)
class Rearranged:
    """A way to change a right function, and the problems for which it stays right."""

    wrap: Callable[[Problem, Function], Function]
    fits: Callable[[Problem], bool] = lambda problem: True


def last_bits(x: Array) -> Any:
    """Every number moved to a neighbour, up or down in turn; zeros stay."""
    if x.dtype.kind == "c":
        return last_bits(x.real.copy()) + 1j * last_bits(x.imag.copy())
    signs = np.where(np.arange(x.size) % 2, 2.0, -2.0).reshape(x.shape)
    return np.where(x == 0, x, np.nextafter(x, signs * np.inf))


def as_numbers(problem: Problem, right: Function) -> Function:
    """A scalar as a Python number."""
    return lambda *arguments: np.asarray(right(*arguments)).item()


def has_free_entries(problem: Problem) -> bool:
    """Whether a matrix stays in its space when single entries move, and an eigenvalue may stop being one."""
    return all(item.space == "general" for item in problem.inputs)


REARRANGED: Mapping[str, Rearranged] = {
    "last-bits-of-answer": Rearranged(on_parts(last_bits)),
    "last-bits-of-inputs": Rearranged(on_inputs(last_bits), has_free_entries),
    "column-major-answer": Rearranged(on_parts(lambda x: np.array(x, order="F"))),
    "column-major-inputs": Rearranged(on_inputs(lambda x: np.array(x, order="F"))),
    "strided-answer": Rearranged(on_parts(lambda x: np.repeat(x, 2, axis=0)[::2] if x.ndim else x)),
    "python-number": Rearranged(as_numbers, lambda p: p.form == "along" and not p.output),
}  # fmt: skip
