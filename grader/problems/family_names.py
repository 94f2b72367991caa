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
]
Fits = Literal["any", "matrix", "square", "eigenvalue"]
"""Any shape; any matrix; square matrices only; a scalar beside one square matrix, whose eigenvalue it is."""


@dataclass(frozen=True, slots=True)
class FamilyDefinition:
    """The inputs that a family fits.

    Args:
        fits: the shapes. in_space: its matrices can be symmetric, lower triangular or positive definite.
        size: what all letters stand for, where the family is about a size.
        has_parameter: a number can be given, a condition number or a factor.
        is_whole: it consists of whole numbers, and so do its directions.
    """

    fits: Fits
    in_space: bool = False
    size: int | None = None
    has_parameter: bool = False
    is_whole: bool = False


FAMILIES: Mapping[FamilyName, FamilyDefinition] = {
    "integer": FamilyDefinition("any", in_space=True, is_whole=True),
    "generic": FamilyDefinition("any", in_space=True),
    "ill_conditioned": FamilyDefinition("square", in_space=True, has_parameter=True),
    "scaled": FamilyDefinition("any", in_space=True, has_parameter=True),
    "symmetric": FamilyDefinition("square"),
    "orthogonal": FamilyDefinition("square"),
    "triangular": FamilyDefinition("square"),
    "diagonal": FamilyDefinition("square", in_space=True),
    "corank_1": FamilyDefinition("matrix", is_whole=True),
    "corank_2": FamilyDefinition("matrix", is_whole=True),
    "one_by_one": FamilyDefinition("any", in_space=True, size=1),
    "empty": FamilyDefinition("any", in_space=True, size=0),
    "eigenvalue": FamilyDefinition("eigenvalue", is_whole=True),
    "complex": FamilyDefinition("any"),
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
