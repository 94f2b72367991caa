"""The families that inputs are drawn from: which inputs each of them fits. How they are drawn is in `grader.cases`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

FamilyName = Literal[
    "integer",
    "generic",
    "ill_conditioned",
    "scaled",
    "symmetric",
    "orthogonal",
    "triangular",
    "diagonal",
    "corank_1",
    "corank_2",
    "one_by_one",
    "empty",
    "eigenvalue",
    "complex",
    "dense_singular",
    "multiple_eigenvalue",
    "multiple_of_identity",
    "zero",
    "thin",
    "zero_direction",
    "graded",
    "clustered",
    "repeated_singular_values",
    "nearly_defective",
    "hilbert",
    "toeplitz",
    "companion",
    "badly_scaled_rows",
]
Fits = Literal["any", "matrix", "square", "eigenvalue", "direction"]
"""Any shape; any matrix; square matrices; a scalar beside one square matrix, whose eigenvalue it is; directions."""
Group = Literal["integer", "complex", "singular", "scaled", "one_by_one", "other", "generic"]
"""Families that are alike in what they show."""


@dataclass(frozen=True, slots=True)
class FamilyDefinition:
    """The inputs that a family fits.

    Args:
        fits: the shapes. group: the families that it is alike.
        size: what all letters stand for, where the family is about a size. smallest: the smallest size of its own.
        has_parameter: a number can be given, a condition number or a factor.
        is_whole: it consists of whole numbers, and so do its directions.
        is_one_sided: the transposed matrices are another family, which is drawn in turn.
    """

    fits: Fits
    group: Group = "other"
    size: int | None = None
    smallest: int = 0
    has_parameter: bool = False
    is_whole: bool = False
    is_one_sided: bool = False

    @property
    def can_be_larger(self) -> bool:
        """Whether it makes sense at sizes beyond those listed; the condition of determinants grows with the size."""
        return self.size is None and self.fits != "direction" and self.group != "scaled"


FAMILIES: Mapping[FamilyName, FamilyDefinition] = {
    "integer": FamilyDefinition("any", "integer", is_whole=True),
    "generic": FamilyDefinition("any", "generic"),
    "ill_conditioned": FamilyDefinition("square", "scaled", smallest=2, has_parameter=True),
    "scaled": FamilyDefinition("any", "scaled", has_parameter=True),
    "symmetric": FamilyDefinition("square"),
    "orthogonal": FamilyDefinition("square"),
    "triangular": FamilyDefinition("square", is_one_sided=True),
    "diagonal": FamilyDefinition("square"),
    "corank_1": FamilyDefinition("matrix", "singular", is_whole=True),
    "corank_2": FamilyDefinition("matrix", "singular", smallest=2, is_whole=True),
    "one_by_one": FamilyDefinition("any", "one_by_one", size=1),
    "empty": FamilyDefinition("any", size=0),
    "eigenvalue": FamilyDefinition("eigenvalue", "singular", is_whole=True),
    "complex": FamilyDefinition("any", "complex"),
    "dense_singular": FamilyDefinition("matrix", "singular", smallest=2, is_whole=True),
    "multiple_eigenvalue": FamilyDefinition("eigenvalue", "singular", smallest=2, is_whole=True),
    "multiple_of_identity": FamilyDefinition("square", is_whole=True),
    "zero": FamilyDefinition("any", "singular", is_whole=True),
    "thin": FamilyDefinition("any"),
    "zero_direction": FamilyDefinition("direction"),
    "graded": FamilyDefinition("square", "scaled", smallest=2),
    "clustered": FamilyDefinition("square", "scaled", smallest=2, has_parameter=True),
    "repeated_singular_values": FamilyDefinition("square", smallest=2),
    "nearly_defective": FamilyDefinition("square", smallest=2),
    "hilbert": FamilyDefinition("square", "scaled", smallest=2),
    "toeplitz": FamilyDefinition("square", smallest=2),
    "companion": FamilyDefinition("square", smallest=2, is_whole=True),
    "badly_scaled_rows": FamilyDefinition("matrix", "scaled", smallest=2),
}
WITH_PARAMETER = tuple(name for name, definition in FAMILIES.items() if definition.has_parameter)


@dataclass(frozen=True, slots=True)
class Family:
    """A family that an input is drawn from; the parameter is a condition number, or the factor of a scaled one."""

    name: FamilyName
    parameter: float | None = None

    @property
    def definition(self) -> FamilyDefinition:
        """The inputs that the family fits."""
        return FAMILIES[self.name]
