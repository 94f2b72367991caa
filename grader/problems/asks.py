"""The asks: everything that distinguishes a gradient from a pullback, one row each.

The formulas that the words `Form` and `Reduced` stand for are in `grader.cases.asked_map`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

Ask = Literal["value", "differential", "gradient", "jacobian", "pullback", "second_differential"]

Form = Literal["value", "along", "gradient", "matrix"]
"""The form of an answer, for a map φ: its value; its derivative along the given direction, in the shape of φ; a
gradient for each input, in the shape of that input; or the matrix of its derivative."""

Reduced = Literal["f", "Re f", "vec f", "⟨G, f⟩", "f′[W]"]
"""The map φ that is evaluated, or differentiated once: G is the cotangent, W the second direction."""


@dataclass(frozen=True, slots=True)
class AskDefinition:
    """The meaning of an ask for a map f, in terms of a map φ that is made of it.

    Args:
        noun: for people.
        order: how often f is differentiated.
        form, reduced: the answer and φ.
        directions: how many directions each input has; has_cotangent: there is one.
        scalar_only: f must be a scalar; weighted: another inner product may be chosen.
    """

    noun: str
    order: int
    form: Form
    reduced: Reduced
    directions: int = 0
    has_cotangent: bool = False
    scalar_only: bool = False
    weighted: bool = False

    @property
    def is_linear(self) -> bool:
        """True if the answer is a linear function of an argument: the first direction, or the cotangent."""
        return self.directions > 0 or self.has_cotangent


ASKS: Mapping[Ask, AskDefinition] = {
    "value": AskDefinition("value", 0, "value", "f"),
    "differential": AskDefinition("differential", 1, "along", "f", directions=1),
    "gradient": AskDefinition("gradient", 1, "gradient", "Re f", scalar_only=True, weighted=True),
    "jacobian": AskDefinition("Jacobian", 1, "matrix", "vec f"),
    "pullback": AskDefinition("pullback", 1, "gradient", "⟨G, f⟩", has_cotangent=True),
    "second_differential": AskDefinition("second differential", 2, "along", "f′[W]", directions=2),
}

DERIVATIVES: frozenset[Ask] = frozenset(ask for ask, asked in ASKS.items() if asked.order > 0)
LINEAR: frozenset[Ask] = frozenset(ask for ask, asked in ASKS.items() if asked.is_linear)
