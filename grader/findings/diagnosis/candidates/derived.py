"""The right answer as formulas: `f` differentiated by the rules of calculus, as students do it.

No verdict depends on this. A formula is used only where its values are the truth's, and only to say what a wrong
answer may be instead.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import reduce

from grader.findings.diagnosis.candidates.formulas import ALONG, UNIT
from grader.findings.diagnosis.candidates.trees import depends_on, name, number, op
from grader.problems.expression import APPLY, ExpressionError, Name, Node, Number, Operation
from grader.problems.problem import Problem
from grader.problems.shapes import SHAPES, Shape, Size

ONE = number(1.0)


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


def right_formulas(problem: Problem, part: int) -> tuple[Node, ...]:
    """The right answer in one or two styles; none if there is no rule for some operation in `f`."""
    is_real = all(family.name != "complex" for argument in problem.inputs for family in argument.families)
    found: list[Node] = []
    for by_inverse in (False, True):
        try:
            formula = _Calculus(problem, Style(by_inverse, is_real)).answer(part)
        except (NoRule, ExpressionError, ValueError, KeyError):
            continue
        if formula not in found:
            found.append(formula)
    return tuple(found)


@dataclass(frozen=True, slots=True)
class _Calculus:
    problem: Problem
    style: Style

    def answer(self, part: int) -> Node:
        problem = self.problem
        f = self._styled(problem.f.tree)
        if problem.order == 0:
            return f
        if problem.order == 2 and self._is_determinant(f) and not self.style.by_inverse:
            return op("pairs of rows", name(problem.wrt[0]), *map(name, problem.directions))
        if problem.form == "along":
            for order in reversed(range(problem.order)):
                words = problem.directions_of_order(order)
                f = self.differential(f, {key: name(word) for key, word in words.items()}) or number(0.0)
            return f

        wrt = problem.wrt[part]
        if problem.form == "matrix":
            differential = self.differential(f, {wrt: name(UNIT)})
            if differential is None:
                raise NoRule
            return op(ALONG, differential, name(wrt))
        G = name(problem.cotangent) if problem.cotangent is not None else ONE
        return self._in_space(wrt, self.pulled_back(f, G, wrt))

    def _is_determinant(self, f: Node) -> bool:
        return f == op("det", name(self.problem.wrt[0])) and len(self.problem.directions) == 2

    def _styled(self, node: Node) -> Node:
        """The same in the style, and without the places in an author's text."""
        if isinstance(node, Name):
            return name(node.name)
        if isinstance(node, Number):
            return Number(node.value, 0)
        arguments = tuple(map(self._styled, node.arguments))
        if self.style.by_inverse and node.name == "solve":
            return op("@", op("inv", arguments[0]), arguments[1])
        if self.style.by_inverse and node.name == "adj":
            return op("*", op("det", arguments[0]), op("inv", arguments[0]))
        return Operation(node.name, arguments, 0, node.kind)

    def _in_space(self, wrt: str, gradients: Sequence[Node]) -> Node:
        if not gradients:
            raise NoRule
        G = reduce(plus, gradients)
        space = self.problem.input(wrt).space
        if space in ("symmetric", "positive_definite"):
            G = op("symmetric part", G)
        if space == "lower_triangular":
            G = op("tril", G)
        return G if self.problem.weight is None else op("solve", name(self.problem.weight), G)

    def shape(self, node: Node) -> Shape:
        """The symbolic shape of a part of `f`, or of a formula."""
        if isinstance(node, Number):
            return ()
        if isinstance(node, Name):
            shapes = {argument.name: argument.shape for argument in self.problem.inputs}
            if node.name in self.problem.sizes:
                return Size.of(node.name)
            for word, of in self.problem.directions.items():
                shapes[word] = shapes[of]
            return tuple(shapes.get(node.name, ()))
        arguments = [self.shape(argument) for argument in node.arguments]
        if node.name == "norm":
            return ()
        return SHAPES.operations[node.name](*arguments)

    def differential(self, node: Node, along: Mapping[str, Node]) -> Node | None:
        """The differential of a formula along directions, by input; None if it does not move."""
        if isinstance(node, Name):
            return along.get(node.name)
        if isinstance(node, Number) or not any(depends_on(node, key) for key in along):
            return None
        if node.name == APPLY:
            raise NoRule
        moves = [self.differential(argument, along) for argument in node.arguments]
        terms = [self._move(node, k, move) for k, move in enumerate(moves) if move is not None]
        if node.name == "solve":
            return op("solve", node.arguments[0], reduce(plus, reversed(terms)))
        return reduce(plus, terms)

    def _move(self, node: Operation, k: int, V: Node) -> Node:
        """The term that the k-th argument brings in by moving along V."""
        A = node.arguments[0]
        match node.name:
            case "+":
                return V
            case "-":
                return minus(V) if k else V
            case "neg" | ".T" | ".H" | "vec" | "diag" | "trace" | "sum" | "real":
                return minus(V) if node.name == "neg" else _linear(node.name, V)
            case "@" if len(self.shape(node)) == 2:
                return matmul(V, node.arguments[1]) if k == 0 else matmul(A, V)
            case "*" | "@" | "kron":
                arguments = [*node.arguments]
                arguments[k] = V
                return times(node.name, *arguments)
            case "/":
                B = node.arguments[1]
                return op("/", V, B) if k == 0 else minus(op("/", times("*", op("/", A, B), V), B))
            case "inv":
                return minus(matmul(node, V, node))
            case "solve":
                return minus(op("@", V, node)) if k == 0 else V
            case "det":
                if self.style.by_inverse or self.problem.order > 1:
                    return times("*", node, _linear("trace", matmul(op("inv", A), V)))
                return _linear("trace", matmul(op("adj", A), V))
            case "logdet":
                trace = _linear("trace", matmul(op("inv", A), V))
                return trace if self.style.is_real else op("real", trace)
            case "power":
                return op("power rule", A, node.arguments[1], V)
            case "norm":
                kind = node.arguments[1] if len(node.arguments) > 1 else None
                return op("⟨,⟩", self._norm_gradient(A, node.kind, kind), V)
            case _:
                return times("*", self._slope(node), V)

    def _norm_gradient(self, A: Node, kind: str, argument: Node | None) -> Node:
        return op("norm gradient", A, kind=kind) if argument is None else op("norm gradient", A, argument)

    def _slope(self, node: Operation) -> Node:
        """The derivative of a function of entries."""
        A = node.arguments[0]
        match node.name:
            case "sqrt":
                return op("/", number(0.5), node)
            case "log":
                return op("/", ONE, A)
            case "exp":
                return node
            case "abs":
                return op("sign", A)
            case "**":
                k = node.arguments[1]
                if isinstance(k, Number):
                    lower = A if k.value == 2 else op("**", A, number(float(k.value.real) - 1))
                    return times("*", k, lower)
                return times("*", k, op("**", A, op("-", k, ONE)))
        raise NoRule

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
                back = self._back(node, k, G)
                terms += self.pulled_back(argument, self._summed(node, argument, back), wrt)
        return terms

    def _summed(self, node: Operation, argument: Node, G: Node) -> Node:
        """Sum over entries where a number stood for all of them."""
        is_spread = node.name in "+-*/" and self.shape(argument) == () and self.shape(node) != ()
        if not is_spread:
            return G
        if isinstance(G, Operation) and G.name == "*" and _is_eye(G.arguments[1]):
            return op("trace", self.adjoint(G.arguments[0]))
        return op("sum", G)

    def _back(self, node: Operation, k: int, G: Node) -> Node:
        """What the gradient with respect to the k-th argument is, by that with respect to the operation."""
        A = node.arguments[0]
        match node.name:
            case "+" | "real":
                return G
            case "-":
                return minus(G) if k else G
            case "neg":
                return minus(G)
            case ".T" | ".H" if self.style.is_real or node.name == ".H":
                return self.adjoint(G)
            case ".T" | "diag":
                return op(node.name, G)
            case "vec":
                return op("unvec", G, A)
            case "trace":
                return times("*", G, op("eye", name(str(self.shape(A)[0]))))
            case "sum":
                return times("*", G, op("ones", A))
            case "*":
                return times("*", G, self.conj(node.arguments[1 - k]))
            case "/":
                B = self.conj(node.arguments[1])
                quotient = op("/", G, B)
                return quotient if k == 0 else minus(times("*", quotient, op("/", self.conj(A), B)))
            case "@":
                return self._back_product(node, k, G)
            case "inv":
                X = self.adjoint(node)
                return minus(matmul(X, G, X))
            case "solve":
                lam = op("inv", self.adjoint(A)) if _is_eye(G) else op("solve", self.adjoint(A), G)
                if k == 1:
                    return lam
                is_vector = len(self.shape(node)) == 1
                x = op("outer", lam, self.conj(node)) if is_vector else op("@", lam, self.adjoint(node))
                return minus(x)
            case "det":
                if self.style.by_inverse:
                    return times("*", times("*", G, self.conj(node)), self.adjoint(op("inv", A)))
                return times("*", G, self.adjoint(op("adj", A)))
            case "logdet":
                return times("*", G, self.adjoint(op("inv", A)))
            case "power":
                return op("power rule", self.adjoint(A), node.arguments[1], G)
            case "norm":
                kind = node.arguments[1] if len(node.arguments) > 1 else None
                return times("*", G, self._norm_gradient(A, node.kind, kind))
            case "kron":
                raise NoRule
            case _:
                return times("*", G, self.conj(self._slope(node)))

    def _back_product(self, node: Operation, k: int, G: Node) -> Node:
        A, B = node.arguments
        ranks = (len(self.shape(A)), len(self.shape(B)))
        if ranks == (2, 2):
            return matmul(G, self.adjoint(B)) if k == 0 else matmul(self.adjoint(A), G)
        if ranks == (2, 1):
            return op("outer", G, self.conj(B)) if k == 0 else op("@", self.adjoint(A), G)
        if ranks == (1, 2):
            return op("@", self.conj(B), G) if k == 0 else op("outer", self.conj(A), G)
        return times("*", G, self.conj(node.arguments[1 - k]))

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
        return op(".T" if self.style.is_real else ".H", node)

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


def plus(A: Node, B: Node) -> Node:
    """A + B, or A − B where B is negative, or 2A."""
    if A == B:
        return op("*", number(2.0), A)
    if isinstance(A, Operation) and A.name == "neg":
        positive = A.arguments[0]
        is_negative = isinstance(B, Operation) and B.name == "neg"
        return minus(plus(positive, minus(B))) if is_negative else op("-", B, positive)
    if isinstance(B, Operation) and B.name == "neg":
        return op("-", A, B.arguments[0])
    return op("+", A, B)


def minus(A: Node) -> Node:
    """−A."""
    return A.arguments[0] if isinstance(A, Operation) and A.name == "neg" else op("neg", A)


def _linear(operation: str, V: Node) -> Node:
    """A linear operation, with a sign in front."""
    is_negative = isinstance(V, Operation) and V.name == "neg"
    return minus(op(operation, V.arguments[0])) if is_negative else op(operation, V)  # type: ignore[union-attr]


def times(sign: str, A: Node, B: Node) -> Node:
    """A product, without factors 1, and with its sign in front."""
    if sign == "@":
        return matmul(A, B)
    if sign == "*" and ONE in (A, B):
        return B if A == ONE else A
    for factor, other, is_left in ((A, B, True), (B, A, False)):
        if isinstance(factor, Operation) and factor.name == "neg":
            bare = factor.arguments[0]
            return minus(op(sign, bare, other) if is_left else op(sign, other, bare))
    return op(sign, A, B)


def matmul(*factors: Node) -> Node:
    """A matrix product from the left, without identities, and with its sign and its numbers in front."""
    is_negative, scales, matrices = False, [], []
    waiting = list(factors)
    while waiting:
        factor = waiting.pop(0)
        if isinstance(factor, Operation) and factor.name == "neg":
            is_negative = not is_negative
            waiting.insert(0, factor.arguments[0])
        elif isinstance(factor, Operation) and factor.name == "*" and _is_eye(factor.arguments[1]):
            scales.append(factor.arguments[0])
            waiting.insert(0, factor.arguments[1])
        elif isinstance(factor, Operation) and factor.name == "@":
            waiting[:0] = factor.arguments
        elif not _is_eye(factor):
            matrices.append(factor)

    product = reduce(lambda A, B: op("@", A, B), matrices or [factors[0]])
    for scale in scales:
        product = op("*", scale, product)
    return minus(product) if is_negative else product


def _is_eye(node: Node) -> bool:
    return isinstance(node, Operation) and node.name == "eye"
