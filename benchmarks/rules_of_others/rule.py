"""A derivative rule of another library: the operation, and a problem of ours that it is an answer to."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

NONSINGULAR = (
    *("integer", "generic", "ill_conditioned", "scaled", "symmetric", "orthogonal", "triangular", "diagonal"),
    *("multiple_of_identity", "one_by_one", "complex", "graded", "clustered", "repeated_singular_values"),
    *("nearly_defective", "hilbert", "toeplitz", "companion", "badly_scaled_rows"),
)
SINGULAR = ("corank_1", "corank_2", "dense_singular", "zero")
SQUARE = (*NONSINGULAR, *SINGULAR)
RECTANGULAR = (
    *("integer", "generic", "scaled", "one_by_one", "thin", "complex", "badly_scaled_rows"),
    *("corank_1", "corank_2", "dense_singular", "zero"),
)
VECTOR = ("integer", "generic", "scaled", "zero", "one_by_one", "complex")
SYMMETRIC = (
    *("integer", "generic", "ill_conditioned", "scaled", "diagonal", "one_by_one", "multiple_of_identity"),
    "zero",
)
DEFINITE = tuple(family for family in SYMMETRIC if family != "zero")
"""The families that are drawn of each kind of input."""

N_BY_N: Mapping[str, Any] = {"shape": ["n", "n"], "family": SQUARE}
M_BY_N: Mapping[str, Any] = {"shape": ["m", "n"], "family": RECTANGULAR}
LENGTH_N: Mapping[str, Any] = {"shape": ["n"], "family": VECTOR}


@dataclass(frozen=True, slots=True)
class Rule:
    """An operation and what it computes.

    Args:
        operation: its name, with what is chosen or done around it in brackets.
        f: what it computes, in our language.
        call: it, on arrays of the library in the order of the inputs.
        inputs: of `f`; all are differentiated. families: those of the first input, in which it is tried.
        fields: further fields of a problem.
    """

    operation: str
    f: str
    call: Callable[..., Any]
    inputs: Mapping[str, Any] = field(default_factory=lambda: {"A": N_BY_N})
    fields: Mapping[str, Any] = field(default_factory=dict)

    @property
    def families(self) -> tuple[str, ...]:
        """Those of the first input."""
        return tuple(next(iter(self.inputs.values()))["family"])

    @property
    def problem(self) -> dict[str, Any]:
        """The fields of the problem beside `f`, ask and inputs."""
        is_rectangular = any("m" in given["shape"] for given in self.inputs.values())
        sizes = {"m": [3, 2, 4], "n": [2, 3, 4]} if is_rectangular else {"n": [2, 3, 4]}
        return {"sizes": sizes, "larger": False, **self.fields}

    @property
    def spaces(self) -> list[str]:
        """The space of each input."""
        return [given.get("space", "general") for given in self.inputs.values()]


def in_space(space: str, given: Any) -> Any:
    """Project a gradient to the space of its input: libraries give one of all matrices that agree on the space."""
    if space in ("symmetric", "positive_definite"):
        return (given + given.T) / 2
    return given
