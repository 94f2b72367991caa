"""Cases: the values of all arguments of a problem, and of the functions among them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from grader.problems.language import Algebra, Expression, function_of

T = TypeVar("T")
Array = Any
"""An array of doubles: of numpy's, or exact in balls where there is no numpy."""


@dataclass(frozen=True, slots=True, eq=False)
class Formula:
    """A function that students are given: an expression over its argument and over the case's own inputs."""

    argument: str
    expression: Expression
    bound: Mapping[str, Array | float | complex | str]

    def over(self, algebra: Algebra[T]) -> Callable[[T], T]:
        """The function in an algebra."""
        bound = {name: lift(value, algebra) for name, value in self.bound.items()}
        return function_of(self.argument, self.expression, bound, algebra)

    def __str__(self) -> str:
        return f"{self.argument} ↦ {self.expression.text}"


Value = Array | float | complex | str | Formula


def lift(value: Any, algebra: Algebra[Any]) -> Any:
    """A value in an algebra; words and functions stay what they are."""
    return value if isinstance(value, str | Formula) else algebra.number(value)


@dataclass(frozen=True, slots=True, eq=False)
class Case:
    """One draw of all arguments of a problem.

    Args:
        values: by argument name, in the order of the signature.
        combination_of: where the linear arguments are 2V − 3W, the indices of the cases that have V and W.
        of_integers: the arrays have the dtype of integers; it is the case of that index, asked in another way.
    """

    index: int
    family: str
    sizes: Mapping[str, int]
    values: Mapping[str, Value]
    combination_of: tuple[int, int] | None = None
    of_integers: bool = False

    def lift(self, algebra: Algebra[Any]) -> dict[str, Any]:
        """Sizes and values, in an algebra."""
        return {name: lift(value, algebra) for name, value in {**self.sizes, **self.values}.items()}

    @property
    def weight(self) -> tuple[bool, int, int]:
        """Sorts cases from the easiest to look at (small integers, but not 1×1) to the hardest."""
        size = max(self.sizes.values(), default=1)
        return (self.family not in ("integer", "corank_1", "corank_2") or size < 2, size, self.index)
