"""The spaces that inputs lie in, one row each: shape, families, and what a derivative means there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import prod
from typing import Literal

from grader.problems.family_names import FAMILIES, FamilyName

Space = Literal[
    "general",
    "symmetric",
    "lower_triangular",
    "positive_definite",
    "positive",
    "probability",
    "skew",
    "hermitian",
    "toeplitz",
    "upper_triangular",
    "unit_lower_triangular",
    "unit",
    "orthogonal",
    "stiefel",
    "integer",
]
Fitting = Literal["any", "array", "square", "tall"]
"""Any shape; anything but a scalar; square matrices; matrices with at least as many rows as columns."""
Tangent = Literal["free", "linear", "curved"]
"""Derivatives are those of all arrays; lie in a linear space; or lie in the tangent space at the point."""


@dataclass(frozen=True, slots=True)
class SpaceDefinition:
    """A space.

    Args:
        families: those that its elements are drawn from.
        fits: the shapes; tangent: where directions and gradients lie.
        noun, gradient: for people, what an element is, and what a gradient at {0} is if that needs saying.
        is_discrete: its elements are whole numbers, given as integers, and are not differentiated.
        is_complex: its elements are complex; is_cone: positive multiples of them lie in it too.
    """

    families: tuple[FamilyName, ...]
    fits: Fitting = "square"
    tangent: Tangent = "linear"
    noun: str = ""
    gradient: str = ""
    is_complex: bool = False
    is_cone: bool = True
    is_discrete: bool = False


_DEFINITE: tuple[FamilyName, ...] = (
    "integer", "generic", "ill_conditioned", "scaled", "diagonal", "one_by_one", "empty", "multiple_of_identity"
)  # fmt: skip
_ENTRIES: tuple[FamilyName, ...] = ("integer", "generic", "scaled", "one_by_one", "empty", "zero")
_STIEFEL = (
    "Riemannian: the projection G − {0}({0}ᵀG + Gᵀ{0})/2 of the gradient G of f as a map of all matrices"
)
_UNIT = "Riemannian: the projection G − ⟨{0}, G⟩{0} of the gradient G of f as a map of all arrays"

SPACES: Mapping[Space, SpaceDefinition] = {
    "general": SpaceDefinition(tuple(FAMILIES), "any", "free"),
    "positive": SpaceDefinition(
        ("integer", "generic", "scaled", "one_by_one", "empty", "thin"), "any", "free", "positive"
    ),
    "probability": SpaceDefinition(
        ("integer", "generic", "one_by_one", "thin"), "any", "free", "positive with sum 1"
    ),
    "integer": SpaceDefinition(
        ("integer", "generic", "one_by_one", "empty", "thin"), "any", "free", "of integers", is_discrete=True
    ),
    "symmetric": SpaceDefinition((*_DEFINITE, "zero"), noun="symmetric"),
    "lower_triangular": SpaceDefinition((*_DEFINITE, "zero"), noun="lower triangular"),
    "upper_triangular": SpaceDefinition((*_DEFINITE, "zero"), noun="upper triangular"),
    "positive_definite": SpaceDefinition(_DEFINITE, noun="positive definite"),
    "hermitian": SpaceDefinition((*_DEFINITE, "zero"), noun="Hermitian", is_complex=True),
    "skew": SpaceDefinition(_ENTRIES, noun="skew-symmetric"),
    "toeplitz": SpaceDefinition((*_ENTRIES, "multiple_of_identity"), noun="Toeplitz"),
    "unit_lower_triangular": SpaceDefinition(
        ("integer", "generic", "one_by_one", "empty"), noun="unit lower triangular",
        gradient="strictly lower triangular, as directions are", is_cone=False,
    ),
    "unit": SpaceDefinition(
        ("integer", "generic", "one_by_one", "thin"), "array", "curved", "of norm 1", _UNIT, is_cone=False
    ),
    "orthogonal": SpaceDefinition(
        ("integer", "generic", "one_by_one", "empty"), "square", "curved", "orthogonal", _STIEFEL, is_cone=False
    ),
    "stiefel": SpaceDefinition(
        ("integer", "generic", "one_by_one", "thin"), "tall", "curved", "with orthonormal columns", _STIEFEL,
        is_cone=False,
    ),
}  # fmt: skip


def dimension(space: Space, shape: tuple[int, ...]) -> int:
    """The number of independent entries of an array in a space."""
    n = shape[0] if shape else 1
    if space in ("symmetric", "positive_definite", "lower_triangular", "upper_triangular"):
        return n * (n + 1) // 2
    if space in ("skew", "unit_lower_triangular"):
        return n * (n - 1) // 2
    return max(2 * n - 1, 0) if space == "toeplitz" else prod(shape)
