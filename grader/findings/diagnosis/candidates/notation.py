"""How the formulas of one problem are written: their shapes, adjoints and slopes, in one style."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from grader.findings.diagnosis.candidates.trees import number, op
from grader.findings.diagnosis.candidates.written_sums import ONE, matmul, minus, times
from grader.problems.language import Name, Node, Number, Operation, UndeterminedError
from grader.problems.problem import Problem
from grader.problems.shapes import SHAPES, Shape, Size


class NoRule(Exception):
    """There is no rule for an operation here."""


@dataclass(frozen=True, slots=True)
class Style:
    """One way to write a derivative.

    Args:
        by_inverse: `det(A)·A⁻¹` for the adjugate and `A⁻¹·b` for the solution of a system.
        is_real: no input is complex, so that nothing has to be conjugated.
    """

    by_inverse: bool
    is_real: bool


@dataclass(frozen=True, slots=True)
class Notation:
    """The problem and the style in which its formulas are written."""

    problem: Problem
    style: Style

    def shape(self, node: Node) -> Shape:
        """The symbolic shape of a part of `f`, or of a formula."""
        if isinstance(node, Number):
            return ()
        if isinstance(node, Name):
            return self._shape_of_name(node.name)
        if node.name == "norm":
            return ()
        if node.name == "[]":
            raise NoRule

        arguments = [self.shape(argument) for argument in node.arguments]
        try:
            return SHAPES.operations[node.name](*arguments, **dict(node.options))
        except UndeterminedError:
            raise NoRule from None

    def _shape_of_name(self, text: str) -> Shape:
        """The shape of an input, of a direction, or of a size."""
        if text in self.problem.sizes:
            return Size.of(text)
        shapes = {argument.name: argument.shape for argument in self.problem.inputs}
        of = self.problem.directions.get(text, text)
        return tuple(shapes.get(of, ()))

    def conj(self, node: Node) -> Node:
        """The conjugate, where something is complex."""
        is_real = self.style.is_real or isinstance(node, Number)
        return node if is_real else op(".C", node)

    def adjoint(self, node: Node) -> Node:
        """The transpose, conjugated where something is complex."""
        if self.style.is_real and self._is_symmetric(node):
            return node

        if isinstance(node, Operation):
            match node.name:
                case ".T" if self.style.is_real:
                    return node.arguments[0]
                case ".H":
                    return node.arguments[0]
                case "@" if len(self.shape(node)) == 2:
                    A, B = node.arguments
                    return matmul(self.adjoint(B), self.adjoint(A))
                case "*" if self.shape(node.arguments[0]) == ():
                    return times("*", self.conj(node.arguments[0]), self.adjoint(node.arguments[1]))
                case "neg":
                    return minus(self.adjoint(node.arguments[0]))

        operation = ".T" if self.style.is_real else ".H"
        return op(operation, node)

    def _is_symmetric(self, node: Node) -> bool:
        """Is a matrix symmetric by the way in which it is written?"""
        if isinstance(node, Name):
            spaces = {argument.name: argument.space for argument in self.problem.inputs}
            return spaces.get(node.name) in ("symmetric", "positive_definite")
        if not isinstance(node, Operation):
            return False

        match node.name:
            case "inv" | "adj" | "neg":
                return self._is_symmetric(node.arguments[0])
            case "+" | "-":
                return all(map(self._is_symmetric, node.arguments))
            case "@":
                A, B = node.arguments
                return op(".T", A) == B or op(".T", B) == A

        return node.name == "eye"

    def norm_gradient(self, node: Operation) -> Node:
        """The gradient of a norm with respect to its argument."""
        A, *kind = node.arguments
        return op("norm gradient", A, *kind) if kind else op("norm gradient", A, kind=node.kind)

    def slope(self, node: Operation) -> Node:
        """The derivative of a function of entries."""
        A = node.arguments[0]
        if node.name == "**":
            return _slope_of_power(A, node.arguments[1])
        if node.name not in _SLOPES:
            raise NoRule
        return _SLOPES[node.name](A, node)


def _slope_of_power(A: Node, k: Node) -> Node:
    if not isinstance(k, Number):
        return times("*", k, op("**", A, op("-", k, ONE)))
    lower = A if k.value == 2 else op("**", A, number(float(k.value.real) - 1))
    return times("*", k, lower)


_SLOPES: Mapping[str, Callable[[Node, Node], Node]] = {
    "sqrt": lambda A, y: op("/", number(0.5), y),
    "log": lambda A, y: op("/", ONE, A),
    "exp": lambda A, y: y,
    "abs": lambda A, y: op("sign", A),
    "sin": lambda A, y: op("cos", A),
    "cos": lambda A, y: op("neg", op("sin", A)),
    "tan": lambda A, y: op("+", ONE, op("square", y)),
    "sinh": lambda A, y: op("cosh", A),
    "cosh": lambda A, y: op("sinh", A),
    "tanh": lambda A, y: op("-", ONE, op("square", y)),
    "arctan": lambda A, y: op("/", ONE, op("+", ONE, op("square", A))),
    "expm1": lambda A, y: op("exp", A),
    "log1p": lambda A, y: op("/", ONE, op("+", ONE, A)),
    "sigmoid": lambda A, y: op("*", y, op("-", ONE, y)),
    "softplus": lambda A, y: op("sigmoid", A),
    "square": lambda A, y: op("*", number(2.0), A),
}
"""Function of entries → its derivative at A, where its value is y."""
