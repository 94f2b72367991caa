"""The asks: everything that distinguishes a gradient from a pullback, one row each.

The formulas that the words `Form` and `Reduced` stand for are in `grader.cases.asked_map`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

Ask = Literal[
    "value",
    "differential",
    "gradient",
    "jacobian",
    "pullback",
    "second_differential",
    "hessian",
    "hvp",
    "jacobian_determinant",
]

Form = Literal["value", "along", "gradient", "matrix", "stacked"]
"""The form of an answer, for a map φ: its value; its derivative along the given direction, in the shape of φ; a
gradient for each input, in the shape of that input; the matrix of its derivative for each input; or one for all."""

Reduced = Literal["f", "Re f", "vec f", "⟨G, f⟩", "f′[V]", "f′[W]", "∇f", "det f′"]
"""The map φ that is evaluated, or differentiated once: G is the cotangent, V the first and W the second direction, and
∇f the vector of the derivatives in all entries of all inputs."""


Convention = Literal["real", "conjugate", "wirtinger", "holomorphic"]
"""What a gradient at complex inputs is: df = Re tr(GᴴdA); df = Re tr(GᵀdA); half of the first, ∂f/∂Ā; or, of a map that
is complex differentiable, df = tr(GᵀdA)."""


@dataclass(frozen=True, slots=True)
class AskDefinition:
    """The meaning of an ask for a map f, in terms of a map φ that is made of it.

    Args:
        noun: for people.
        order: how often f is differentiated.
        form, reduced: the answer and φ.
        directions: how many directions each input has; has_cotangent: there is one.
        scalar_only: f must be a scalar; weighted: another inner product may be chosen.
        in_entries: derivatives are taken in independent entries of the inputs.
    """

    noun: str
    order: int
    form: Form
    reduced: Reduced
    directions: int = 0
    has_cotangent: bool = False
    scalar_only: bool = False
    weighted: bool = False
    in_entries: bool = False

    @property
    def is_derivative(self) -> bool:
        """True if the answer tells the derivative of φ along a direction."""
        return self.form != "value"

    @property
    def is_linear(self) -> bool:
        """True if the answer is a linear function of an argument: the first direction, or the cotangent."""
        return self.directions > 0 or self.has_cotangent


ASKS: Mapping[Ask, AskDefinition] = {
    "value": AskDefinition("value", 0, "value", "f"),
    "differential": AskDefinition("differential", 1, "along", "f", directions=1),
    "gradient": AskDefinition("gradient", 1, "gradient", "Re f", scalar_only=True, weighted=True),
    "jacobian": AskDefinition("Jacobian", 1, "matrix", "vec f", in_entries=True),
    "pullback": AskDefinition("pullback", 1, "gradient", "⟨G, f⟩", has_cotangent=True),
    "second_differential": AskDefinition("second differential", 2, "along", "f′[W]", directions=2),
    "hessian": AskDefinition("Hessian", 2, "stacked", "∇f", scalar_only=True, in_entries=True),
    "hvp": AskDefinition("Hessian times a direction", 2, "gradient", "f′[V]", directions=1, scalar_only=True),
    "jacobian_determinant": AskDefinition(
        "determinant of the Jacobian", 1, "value", "det f′", in_entries=True
    ),
}

DERIVATIVES: frozenset[Ask] = frozenset(ask for ask, asked in ASKS.items() if asked.is_derivative)
LINEAR: frozenset[Ask] = frozenset(ask for ask, asked in ASKS.items() if asked.is_linear)
