"""The right answer as formulas: `f` differentiated by the rules of calculus, as students do it.

No verdict depends on this. A formula is used only where its values are the truth's, and only to say what a wrong
answer may be instead.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce

from grader.findings.diagnosis.candidates.differential_rules import move_argument
from grader.findings.diagnosis.candidates.formulas import ALONG, UNIT
from grader.findings.diagnosis.candidates.notation import NoRule, Notation, Style
from grader.findings.diagnosis.candidates.pullback_rules import pull_back
from grader.findings.diagnosis.candidates.trees import depends_on, name, number, op
from grader.findings.diagnosis.candidates.written_sums import ONE, is_eye, plus
from grader.problems.language import APPLY, ExpressionError, Name, Node, Number, Operation
from grader.problems.problem import Input, Problem

_PROJECTIONS = {
    "symmetric": "symmetric part",
    "positive_definite": "symmetric part",
    "lower_triangular": "tril",
}
"""Spaces onto which a gradient is projected by one operation."""

_BY_INVERSE: Mapping[str, Callable[..., Node]] = {
    "solve": lambda A, b: op("@", op("inv", A), b),
    "adj": lambda A: op("*", op("det", A), op("inv", A)),
}
"""Operations as they are written by an inverse."""


def right_formulas(problem: Problem, part: int) -> tuple[Node, ...]:
    """The right answer in one or two styles; none if there is no rule for some operation in `f`."""
    is_real = not any(map(_may_be_complex, problem.inputs))
    found: list[Node] = []

    for by_inverse in (False, True):
        try:
            formula = Calculus(problem, Style(by_inverse, is_real)).answer(part)
        except (NoRule, ExpressionError, ValueError, KeyError):
            continue

        if formula not in found:
            found.append(formula)
    return tuple(found)


def _may_be_complex(argument: Input) -> bool:
    return any(family.name == "complex" for family in argument.families)


@dataclass(frozen=True, slots=True)
class Calculus(Notation):
    """The rules of calculus for one problem, in one style."""

    def answer(self, part: int) -> Node:
        """The right answer, or a part of it.

        Raises:
            NoRule: there is none for some operation in `f`.
        """
        problem = self.problem
        if problem.f.tree is None:
            raise NoRule

        f = self._styled(problem.f.tree)
        if problem.order == 0:
            return f

        if self._sums_pairs_of_rows(f):
            return op("pairs of rows", name(problem.wrt[0]), *map(name, problem.directions))

        match problem.form:
            case "along":
                return self._along(f, reversed(range(problem.order)))
            case "matrix":
                return self._jacobian(f, problem.wrt[part])
            case "gradient":
                return self._gradient(f, problem.wrt[part])
        raise NoRule

    def _sums_pairs_of_rows(self, f: Node) -> bool:
        """Is it det″(A)[V, W], which is a sum over pairs of rows where no inverse is wanted?"""
        is_determinant = f == op("det", name(self.problem.wrt[0]))
        has_two_directions = self.problem.order == len(self.problem.directions) == 2
        return is_determinant and has_two_directions and not self.style.by_inverse

    def _along(self, f: Node, orders: Iterable[int]) -> Node:
        """Differentiate along the directions of each order."""
        for order in orders:
            words = self.problem.directions_of_order(order)
            f = self.differential(f, {key: name(word) for key, word in words.items()}) or number(0.0)
        return f

    def _jacobian(self, f: Node, wrt: str) -> Node:
        if not self.problem.is_plain_jacobian:
            raise NoRule
        differential = self.differential(f, {wrt: name(UNIT)})
        if differential is None:
            raise NoRule
        return op(ALONG, differential, name(wrt))

    def _gradient(self, f: Node, wrt: str) -> Node:
        problem = self.problem
        if problem.definition.reduced == "f′[V]":
            f = self._along(f, [0])
        G = name(problem.cotangent) if problem.cotangent is not None else ONE
        return self._in_space(wrt, self.pulled_back(f, G, wrt))

    def _styled(self, node: Node) -> Node:
        """The same in the style, and without the places in an author's text."""
        if isinstance(node, Name):
            return name(node.name)
        if isinstance(node, Number):
            return Number(node.value, 0)

        arguments = tuple(map(self._styled, node.arguments))
        x = _inside_squared_norm(node.name, arguments)
        if x is not None and self.style.is_real:
            return op("sum", op("*", x, x))
        if self.style.by_inverse and node.name in _BY_INVERSE:
            return _BY_INVERSE[node.name](*arguments)
        return Operation(node.name, arguments, 0, node.kind, node.options)

    def _in_space(self, wrt: str, gradients: Sequence[Node]) -> Node:
        """The gradient: the sum of its terms, in the space of the input and the inner product of the problem."""
        problem, argument = self.problem, self.problem.input(wrt)
        projection = _PROJECTIONS.get(argument.space)
        has_rule = argument.is_free or projection is not None
        if not gradients or not has_rule or problem.convention != "real":
            raise NoRule

        G = reduce(plus, gradients)
        if projection is not None:
            G = op(projection, G)
        if problem.weight is not None:
            G = op("solve", name(problem.weight), G)
        return G

    def differential(self, node: Node, along: Mapping[str, Node]) -> Node | None:
        """The differential of a formula along directions, by input; None if it does not move."""
        if isinstance(node, Name):
            return along.get(node.name)
        if isinstance(node, Number) or not any(depends_on(node, key) for key in along):
            return None
        if node.name == APPLY:
            raise NoRule

        moves = [self.differential(argument, along) for argument in node.arguments]
        terms = [move_argument(self, node, k, move) for k, move in enumerate(moves) if move is not None]
        if node.name == "solve":
            return op("solve", node.arguments[0], reduce(plus, reversed(terms)))
        return reduce(plus, terms)

    def pulled_back(self, node: Node, G: Node, wrt: str) -> list[Node]:
        """The terms of the gradient with respect to an input, given the gradient with respect to a formula."""
        if isinstance(node, Name):
            return [G] if node.name == wrt else []
        if isinstance(node, Number) or not depends_on(node, wrt):
            return []
        if node.name == APPLY:
            raise NoRule

        terms: list[Node] = []
        for k, argument in enumerate(node.arguments):
            if depends_on(argument, wrt):
                back = pull_back(self, node, k, G)
                terms += self.pulled_back(argument, self._summed(node, argument, back), wrt)
        return terms

    def _summed(self, node: Operation, argument: Node, G: Node) -> Node:
        """Sum over entries where a number stood for all of them."""
        is_entrywise = node.name in "+-*/"
        is_spread = is_entrywise and self.shape(argument) == () and self.shape(node) != ()
        if not is_spread:
            return G
        if isinstance(G, Operation) and G.name == "*" and is_eye(G.arguments[1]):
            return op("trace", self.adjoint(G.arguments[0]))
        return op("sum", G)


def _inside_squared_norm(operation: str, arguments: Sequence[Node]) -> Node | None:
    """The x of ‖x‖², the sum of the squares of all entries, which is smooth at 0 as well; None for anything else."""
    match operation, arguments:
        case "**", [Operation(name="norm", kind="fro", arguments=[x, *_]), power] if power == number(2.0):
            return x
    return None
