"""Problems: one function to implement, as a checked value, and the words that it is described in."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

from grader.core.grouping import group_pairs
from grader.problems.asks import ASKS, DERIVATIVES, LINEAR, Ask, AskDefinition, Convention, Form
from grader.problems.budget import NO_BUDGET, Budget
from grader.problems.family_names import Family, FamilyName
from grader.problems.language import Expression, Operation, walk
from grader.problems.relation import Freedom, Relation, ReturnedArray
from grader.problems.sides import Dimension, Shape, labelled
from grader.problems.spaces import SPACES, Space, SpaceDefinition

CheckName = Literal[
    "shape",
    "reference",
    "taylor",
    "finite_difference",
    "linear",
    "adjoint",
    "inner_product",
    "symmetric",
    "pure",
    "cost",
]
NormKind = Literal["fro", "2", "nuc", "1", "inf", "max"]

RELATION = "relation"
"""The name of a check that a relation holds, of which there are as many as relations."""

APPLIES: Mapping[CheckName, frozenset[Ask]] = {
    "taylor": DERIVATIVES,
    "finite_difference": DERIVATIVES,
    "linear": LINEAR,
    "adjoint": DERIVATIVES - {"gradient", "hessian", "hvp"},
    "inner_product": frozenset({"gradient", "hvp"}),
    "symmetric": frozenset({"hessian"}),
}
"""The asks that a check makes sense for; all of them if not listed."""

SLOW = frozenset({"ode"})
"""Functions that take long to evaluate in balls with many bits."""
MAX_PARTS = 8
"""The most arrays that an answer may consist of."""
PROBLEM_ID = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


@dataclass(frozen=True, slots=True)
class Input:
    """An argument of the map.

    Args:
        shape: in letters and numbers; families: what it is drawn from.
        index: its entries are labels, from 0 to one less than this.
        space: where it lies. Directions and gradients with respect to it lie there too, or in its tangent space.
        is_closed: whether it is drawn from these families alone, as relations may have an answer there only.
    """

    name: str
    shape: Shape
    families: tuple[Family, ...]
    space: Space = "general"
    index: Dimension | None = None
    is_closed: bool = False

    @property
    def definition(self) -> SpaceDefinition:
        """What its space means."""
        return SPACES[self.space]

    @property
    def labelled_shape(self) -> Shape:
        """Its shape; that of labels knows how many there are."""
        return labelled(self.shape, self.index)

    @property
    def is_free(self) -> bool:
        """Are derivatives with respect to it those of all arrays?"""
        return self.definition.tangent == "free"

    @property
    def is_curved(self) -> bool:
        """Do gradients with respect to it lie in a space that depends on the point?"""
        return self.definition.tangent == "curved"

    @property
    def ambient(self) -> Space:
        """The linear space along a basis of which f is differentiated."""
        return self.space if self.definition.tangent == "linear" else "general"


@dataclass(frozen=True, slots=True)
class SizeOrder:
    """Two sizes, one of which is at least as large as the other, or larger by a number, or equal to that."""

    larger: str
    smaller: str
    is_strict: bool = False
    more: int = 0
    is_equal: bool = False

    def holds(self, sizes: Mapping[str, int]) -> bool:
        """Whether sizes are in this order."""
        least = sizes[self.smaller] + self.more + self.is_strict
        return sizes[self.larger] == least if self.is_equal else sizes[self.larger] >= least

    @property
    def excludes_equal(self) -> bool:
        """Can the two sizes not be the same?"""
        if self.is_equal:
            return self.more != 0
        return self.is_strict or self.more > 0

    def __str__(self) -> str:
        sign = ">" if self.is_strict else ">="
        if self.is_equal:
            sign = "=="

        order = f"{self.larger} {sign} {self.smaller}"
        if self.more == 0:
            return order
        plus_or_minus = "+" if self.more > 0 else "-"
        return f"{order} {plus_or_minus} {abs(self.more)}"


def are_in_order(sizes: Mapping[str, int], orders: Iterable[SizeOrder]) -> bool:
    """Whether sizes are in all of these orders."""
    return all(order.holds(sizes) for order in orders)


@dataclass(frozen=True, slots=True)
class Parameter:
    """An argument that is not differentiated: the numbers or words it takes, one for each case.

    Args:
        between: bounds of further values, some of which are drawn by each seed.
    """

    name: str
    values: tuple[int | float | str, ...]
    between: tuple[float, float] | None = None

    @property
    def is_whole(self) -> bool:
        """Are all of its values integers?"""
        return all(isinstance(value, int) for value in self.values)

    @property
    def has_words(self) -> bool:
        """Is some value a word, such as the name of a norm?"""
        return any(isinstance(value, str) for value in self.values)


@dataclass(frozen=True, slots=True)
class GivenFunction:
    """An argument that is a function of one argument; the k-th choices of all functions belong together."""

    name: str
    argument: str
    choices: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class Check:
    """A check with its points; with `families` it claims their cases, without it judges the unclaimed ones.

    Args:
        relation: which of the problem's relations a check of one is about.
    """

    name: CheckName | Literal["relation"]
    points: Fraction
    families: tuple[FamilyName, ...] = ()
    label: str = ""
    relation: int = 0

    @property
    def title(self) -> str:
        """`reference`, or `reference (singular A)` where it is about some families only; a relation's own name."""
        if self.name == RELATION:
            return self.label
        about = self.label or ", ".join(family.replace("_", " ") for family in self.families)
        return f"{self.name} ({about})" if about else self.name


@dataclass(frozen=True, slots=True)
class Problem:
    """One function to implement, checked and ready to use.

    Args:
        arguments: all names of the signature, in order: inputs of `f`, directions, a cotangent.
        wrt: the inputs that are differentiated.
        directions: argument name → the input whose direction it is (`dA` → `A`); for a second differential each
            input has two, the first of which belong together.
        cotangent: the argument that a pullback is applied to.
        output: the shape of `f`, in letters; of all that it returns in one vector, if it returns several arrays.
        outputs: how many it returns. convention: what a gradient at complex inputs is.
        parameters, functions: arguments that are no arrays of real or complex numbers.
        size_orders: how sizes must be ordered; larger: whether two cases are larger than the sizes
            listed, or how large they are.
        weight: the input W of the inner product ⟨P, Q⟩ = tr(PᵀWQ) that gradients refer to, else Frobenius'.
        budget: what it may cost; forbid: the functions that it may not call, such as `numpy.linalg.qr`.
        up_to: what an answer may choose beside f.
        returns, relations: the arrays of an answer by name, and what they must satisfy.
    """

    id: str
    title: str
    statement: str
    function: str
    arguments: tuple[str, ...]
    f: Expression
    ask: Ask
    inputs: tuple[Input, ...]
    wrt: tuple[str, ...]
    directions: Mapping[str, str]
    cotangent: str | None
    output: Shape
    sizes: Mapping[str, tuple[int, ...]]
    norm: NormKind
    checks: tuple[Check, ...]
    hints: tuple[str, ...]
    parameters: tuple[Parameter, ...] = ()
    functions: tuple[GivenFunction, ...] = ()
    weight: str | None = None
    size_orders: tuple[SizeOrder, ...] = ()
    larger: bool | int = True
    outputs: int = 1
    convention: Convention = "real"
    budget: Budget = NO_BUDGET
    forbid: tuple[str, ...] = ()
    up_to: Freedom | None = None
    returns: tuple[ReturnedArray, ...] = ()
    relations: tuple[Relation, ...] = ()

    @property
    def is_slow(self) -> bool:
        """Whether f takes so long to evaluate exactly that fewer cases are drawn, none of them larger."""
        return any(isinstance(node, Operation) and node.name in SLOW for node in walk(self.f.roots))

    @property
    def has_map(self) -> bool:
        """Whether there is an f that says what is right; else relations alone do."""
        return bool(self.f.text)

    @property
    def signature(self) -> str:
        """`inv_differential(A, dA)`."""
        return f"{self.function}({', '.join(self.arguments)})"

    @property
    def definition(self) -> AskDefinition:
        """The meaning of the ask."""
        return ASKS[self.ask]

    @property
    def form(self) -> Form:
        """The form of an answer."""
        return self.definition.form

    @property
    def order(self) -> int:
        """The number of times that f is differentiated."""
        return self.definition.order

    def directions_of_order(self, order: int) -> dict[str, str]:
        """Input → the argument that is its first (0) or second (1) direction."""
        words = group_pairs((name, word) for word, name in self.directions.items())
        return {name: listed[order] for name, listed in words.items()}

    @property
    def points(self) -> Fraction:
        """The sum of the checks' points."""
        return sum((check.points for check in self.checks), Fraction(0))

    @property
    def is_plain_jacobian(self) -> bool:
        """Is it the matrix of a map of all entries of its inputs?"""
        return self.form == "matrix" and all(self.input(name).is_free for name in self.wrt)

    @property
    def parts(self) -> int:
        """The number of arrays in an answer; more than one is a tuple."""
        if not self.has_map:
            return len(self.returns)
        if self.form in ("gradient", "matrix"):
            return len(self.wrt)
        return self.outputs if self.has_tuple else 1

    @property
    def has_tuple(self) -> bool:
        """Are answers tuples, with an array for each that f returns?"""
        is_like_f = self.order == 0 or self.form == "along"
        return is_like_f and self.outputs > 1

    def part_name(self, part: int) -> str:
        """What a part of an answer that has several is, for people."""
        if self.form in ("gradient", "matrix"):
            return f"the part with respect to {self.wrt[part]}"
        if self.returns:
            return self.returns[part].name
        return f"part {part + 1}"

    @property
    def continuous(self) -> tuple[str, ...]:
        """The arguments that are numbers or arrays and that rounding can change: inputs, directions, cotangent."""
        others = {parameter.name for parameter in self.parameters}
        others |= {argument.name for argument in self.inputs if argument.definition.is_discrete}
        others |= {function.name for function in self.functions}
        return tuple(name for name in self.arguments if name not in others)

    @property
    def linear_arguments(self) -> tuple[str, ...]:
        """The directions, and the cotangent: an answer is linear in each of them."""
        return tuple(self.directions) if self.cotangent is None else (*self.directions, self.cotangent)

    @property
    def linear_groups(self) -> tuple[tuple[str, ...], ...]:
        """The arguments in which an answer is linear, in groups: first directions, second ones, the cotangent."""
        of_each_input = group_pairs((name, word) for word, name in self.directions.items()).values()
        groups = tuple(zip(*of_each_input, strict=True))
        return groups if self.cotangent is None else (*groups, (self.cotangent,))

    @property
    def first_choices(self) -> dict[str, tuple[str, Expression]]:
        """The functions that students are given, each as its argument and its first expression."""
        return {function.name: (function.argument, function.choices[0]) for function in self.functions}

    def allows(self, sizes: Mapping[str, int]) -> bool:
        """Whether sizes are ordered as they must be."""
        return are_in_order(sizes, self.size_orders)

    def input(self, name: str) -> Input:
        """The input of that name."""
        return next(argument for argument in self.inputs if argument.name == name)
