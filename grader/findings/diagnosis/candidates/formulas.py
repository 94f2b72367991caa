"""Formulas as syntax trees: the operations that they consist of, beyond those of an author's `f`, and their values."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from grader.cases.case import Formula as GivenFunction
from grader.core.norms import ORDERS, Array
from grader.findings.diagnosis.candidates.trees import depends_on
from grader.findings.diagnosis.part_case import PartCase
from grader.problems.algebras import NUMPY
from grader.problems.language import APPLY, Name, Node, Number, Operation

TRUTH = "the right answer"
"""The name that stands for the truth in a formula."""
ALONG = "along"
"""The operation whose value is a Jacobian: column k is its argument along the k-th unit matrix."""
UNIT = "E"
"""The name of that unit matrix in a formula for the differential."""


def _cofactors(A: Array, sign: Callable[[Any, Any], Any]) -> Array:
    n = len(A)
    minors = np.array([_minor(A, i, j) for i, j in np.ndindex(n, n)])
    return np.asarray(np.fromfunction(sign, (n, n)) * minors.reshape(n, n))


def _minor(A: Array, i: int, j: int) -> Any:
    """The determinant without row i and column j."""
    return np.linalg.det(np.delete(np.delete(A, i, 0), j, 1))


def _power_rule(exponents: Callable[[int], list[tuple[int, int]]]) -> Callable[[Array, Any, Array], Array]:
    """Σ Aⁱ·V·Aʲ; for k < 0 the same for A⁻¹ and −A⁻¹VA⁻¹."""

    def apply(A: Array, k: Any, V: Array) -> Array:
        k = int(k)
        if k < 0:
            X = np.linalg.inv(A)
            A, k, V = X, -k, -X @ V @ X
        powers = [np.linalg.matrix_power(A, i) for i in range(k + 1)]
        return np.asarray(sum((powers[i] @ V @ powers[j] for i, j in exponents(k)), np.zeros_like(A @ V)))

    return apply


POWER_RULES: Mapping[str, Callable[[int], list[tuple[int, int]]]] = {
    "power rule": lambda k: [(j, k - 1 - j) for j in range(k)],
    "power rule without first": lambda k: [(j, k - 1 - j) for j in range(1, k)],
    "power rule without last": lambda k: [(j, k - 1 - j) for j in range(k - 1)],
    "power rule with one more": lambda k: [(j, k - j) for j in range(k + 1)],
    "power rule with higher powers": lambda k: [(j, k - j) for j in range(k)],
    "power rule with equal powers": lambda k: [(j, j) for j in range(k)],
    "power rule on the left": lambda k: [(k - 1, 0) for j in range(k)],
    "power rule on the right": lambda k: [(0, k - 1) for j in range(k)],
    "power rule at the ends": lambda k: [(k - 1, 0), (0, k - 1)] if k > 1 else [(0, 0)] * k,
    "power rule with one term": lambda k: [(k - 1, 0)] if k else [],
    "power rule with one term on the right": lambda k: [(0, k - 1)] if k else [],
}
"""The exponents of A on either side of the direction, for k ≥ 0: the right ones first."""


def _pairs_of_rows(pairs: Callable[[int, int, int], bool]) -> Callable[[Array, Array, Array], Any]:
    """Σ det(A with row i of V and row j of W), over the pairs that are in the range."""

    def apply(A: Array, V: Array, W: Array) -> Any:
        n, total = len(A), 0.0
        for i, j in np.ndindex(n, n):
            if pairs(i, j, n):
                B = A.copy()
                B[i], B[j] = V[i], W[j]
                total = total + np.linalg.det(B)
        return total

    return apply


PAIRS_OF_ROWS: Mapping[str, Callable[[int, int, int], bool]] = {
    "pairs of rows": lambda i, j, n: i != j,
    "pairs of rows with i < j": lambda i, j, n: i < j,
    "pairs of rows with i > j": lambda i, j, n: i > j,
    "pairs of rows with i = j": lambda i, j, n: True,
    "pairs of rows without i = n": lambda i, j, n: i != j and i < n - 1,
    "pairs of rows without j = n": lambda i, j, n: i != j and j < n - 1,
    "pairs of rows without i = 1": lambda i, j, n: i != j and i > 0,
    "pairs of rows without j = 1": lambda i, j, n: i != j and j > 0,
    "pairs of rows without n": lambda i, j, n: i != j and max(i, j) < n - 1,
    "pairs of neighbouring rows": lambda i, j, n: abs(i - j) == 1,
}
"""Which pairs of rows are summed: the right ones first."""


def _norm_gradient(A: Array, kind: str) -> Array:
    """The gradient of a norm where it has one."""
    columns = A[:, None] if A.ndim == 1 else A
    U, _, Vh = np.linalg.svd(columns, full_matrices=False)
    gradients: Mapping[str, Callable[[], Array]] = {
        "fro": lambda: columns / np.linalg.norm(columns),
        "2": lambda: np.outer(U[:, 0], Vh[0]),
        "nuc": lambda: np.asarray(U @ Vh),
        "1": lambda: _unit(columns) * (np.arange(columns.shape[1]) == np.argmax(np.abs(columns).sum(0))),
        "inf": lambda: (
            _unit(columns) * (np.arange(len(columns)) == np.argmax(np.abs(columns).sum(1)))[:, None]
        ),
        "max": lambda: _unit(columns) * (np.abs(columns) == np.max(np.abs(columns))),
    }
    return gradients[str(kind)]().reshape(A.shape)


def _unit(x: Any) -> Array:
    """The derivative of |x|: x / |x|."""
    if np.iscomplexobj(x):
        return np.asarray(x / np.abs(x))
    return np.asarray(np.sign(x))


def _entry_norm(A: Array, kind: str) -> Any:
    """The vector norm of the entries, as `np.linalg.norm` has it for a vector."""
    return np.linalg.norm(np.ravel(A), {"fro": 2, "nuc": 1}.get(str(kind), ORDERS.get(str(kind), np.inf)))


def _norm_as(A: Array, word: str, way: str) -> Any:
    """A norm, where one of the words is taken for another norm: `1 as inf`."""
    of, other = way.split(" as ")
    if word != of:
        return FORMULAS["norm"](A, word)
    if other == "square":
        return FORMULAS["norm"](A, word) ** 2
    return FORMULAS[other](A) if other in FORMULAS else FORMULAS["norm"](A, other)


def _norm_gradient_as(A: Array, word: str, way: str) -> Array:
    """The gradient of a norm, where that of one word is another."""
    of, other = way.split(" as ")
    if word != of:
        return _norm_gradient(A, word)

    U, sigma, Vh = np.linalg.svd(A, full_matrices=False)
    right = _norm_gradient(A, word)
    others: Mapping[str, Callable[[], Any]] = {
        "A": lambda: A,
        "sign": lambda: np.sign(A),
        "last": lambda: np.outer(U[:, -1], Vh[-1]),
        "first": lambda: sigma[0] * np.outer(U[:, 0], Vh[0]),
        "squared": lambda: right / FORMULAS["norm"](A, word),
        "by size": lambda: A / FORMULAS["norm"](A, word),
        "by sum": lambda: A / np.sum(np.abs(A)),
    }
    if other in others:
        return np.asarray(others[other]())
    return _norm_gradient(A, other)


def _truncated(x: Any) -> Array:
    """Whole numbers, cut as by `astype(int)`; a complex number loses its imaginary part."""
    return np.asarray(np.trunc(np.real(x)))


def _matrix_trace(A: Array, rows: slice) -> Any:
    return np.sum(np.diagonal(A)[rows])


NORM_CHANGES: tuple[str, ...] = tuple(
    f"{word} as {other}"
    for word in ("fro", "2", "nuc", "1", "inf")
    for other in ("fro", "2", "nuc", "1", "inf", "max", "square", "sum of sizes")
    if word != other
)
"""One of the words of a norm is taken for another norm."""
NORM_GRADIENT_CHANGES: tuple[str, ...] = tuple(
    f"{word} as {other}"
    for word in ("fro", "2", "nuc")
    for other in ("fro", "2", "nuc", "A", "sign", "last", "first", "squared", "by size", "by sum")
    if word != other
)


FORMULAS: Mapping[str, Callable[..., Any]] = {
    **NUMPY.operations,
    "real": np.real,
    ".C": np.conj,
    "·": np.multiply,
    "sign": _unit,
    "outer": np.outer,
    "square": np.square,
    "reciprocal": lambda x: 1 / np.asarray(x),
    "truncated": _truncated,
    "ones like": np.ones_like,
    "identity": lambda A: np.eye(len(A)),
    "unvec": lambda g, A: np.reshape(g, np.shape(A), order="F"),
    "symmetric part": lambda A: (A + A.T) / 2,
    "hermitian part": lambda A: (A + A.conj().T) / 2,
    "with transpose": lambda A: A + A.T,
    "halves off diagonal": lambda A: (A + np.diag(np.diag(A))) / 2,
    "both triangles": lambda A: A + A.T - np.diag(np.diag(A)),
    "tril": np.tril,
    "triu": np.triu,
    "diagonal": lambda A: np.diag(np.diag(A)),
    "norm gradient": _norm_gradient,
    "norm gradient as": _norm_gradient_as,
    "norm as": _norm_as,
    "entry norm": _entry_norm,
    "norm squared": lambda A, kind: FORMULAS["norm"](A, kind) ** 2,
    "largest entry": lambda A: np.max(np.abs(A)),
    "sum of sizes": lambda A: np.sum(np.abs(A)),
    "trace without last": lambda A: _matrix_trace(A, slice(None, -1)),
    "trace without first": lambda A: _matrix_trace(A, slice(1, None)),
    "alternating trace": lambda A: np.sum(np.diagonal(A) * (-1.0) ** np.arange(len(A))),
    "product of diagonal": lambda A: np.prod(np.diagonal(A)),
    "adj without signs": lambda A: _cofactors(A, lambda i, j: (-1.0) ** (0 * i)).T,
    "adj with signs by row": lambda A: _cofactors(A, lambda i, j: (-1.0) ** i).T,
    "adj with signs by column": lambda A: _cofactors(A, lambda i, j: (-1.0) ** j).T,
    "adj with signs of ij": lambda A: _cofactors(A, lambda i, j: (-1.0) ** (i * j)).T,
    **{rule: _power_rule(exponents) for rule, exponents in POWER_RULES.items()},
    **{sum: _pairs_of_rows(pairs) for sum, pairs in PAIRS_OF_ROWS.items()},
    "vdot": np.vdot,
    "everywhere": lambda x, A: np.full(np.shape(A), x),
}
"""What the operations of formulas are in double precision."""


class Scene:
    """The values of formulas at one case; sub-formulas that several formulas share are evaluated once."""

    def __init__(self, at: PartCase) -> None:
        self.at = at
        values = {**at.case.sizes, **at.case.values, TRUTH: at.truth}
        self.names: dict[str, Any] = {key: _usable(value) for key, value in values.items()}
        self._known: dict[int, tuple[Node, Any]] = {}

    def value(self, node: Node) -> Array | None:
        """The value in double precision; None where the formula fails, or has another shape than the truth."""
        with np.errstate(all="ignore"):
            value = self.evaluate(node)
        if value is None or isinstance(value, str):
            return None
        array = np.asarray(value)
        return array if array.shape == self.at.truth.shape and array.dtype.kind in "fciu" else None

    def evaluate(self, node: Node) -> Any:
        """The value of any part of a formula; None where it fails."""
        if isinstance(node, Number):
            return node.value if isinstance(node.value, complex) else np.float64(node.value)
        if isinstance(node, Name):
            return self.names.get(node.name, node.name)
        known = self._known.get(id(node))
        if known is not None:
            return known[1]

        try:
            value = self._along(node) if node.name == ALONG else self._apply(node)
        except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError, np.linalg.LinAlgError):
            value = None
        self._known[id(node)] = (node, value)
        return value

    def _apply(self, node: Operation) -> Any:
        arguments = [self.evaluate(argument) for argument in node.arguments]
        if not all(map(_is_usable, arguments)):
            return None
        if node.name == APPLY:
            return self.names[node.kind](*arguments)
        if node.name == "[]":
            return FORMULAS["[]"](arguments[0], tuple(map(NUMPY.constant, arguments[1:])))
        kind = [node.kind] if node.kind else []
        return FORMULAS[node.name](*arguments, *kind, **dict(node.options))

    def _along(self, node: Operation) -> Any:
        """The matrix of a linear map, given its value along the unit matrix E."""
        differential, of = node.arguments
        A = np.asarray(self.evaluate(of))
        columns = []
        for E in np.eye(A.size):
            moved = _Moved(self, E.reshape(A.shape, order="F"))
            value = moved.evaluate(differential)
            if value is None:
                return None
            columns.append(np.ravel(value, order="F"))
        return np.stack(columns, axis=1)


class _Moved(Scene):
    """The same case with a unit matrix; what does not depend on that is taken from there."""

    def __init__(self, scene: Scene, E: Array) -> None:
        self.at, self.scene = scene.at, scene
        self.names = {**scene.names, UNIT: E}
        self._known = {}

    def evaluate(self, node: Node) -> Any:
        if isinstance(node, Operation) and not depends_on(node, UNIT):
            return self.scene.evaluate(node)
        return super().evaluate(node)


def _is_usable(value: Any) -> bool:
    """Is a value there, and finite? Some decompositions of what is not finite never end."""
    if value is None:
        return False
    is_number = isinstance(value, np.ndarray | np.generic | int | float | complex)
    return not is_number or bool(np.isfinite(value).all())


def _usable(value: Any) -> Any:
    """A number of Python's as one of numpy's; words, functions and whole numbers stay."""
    if isinstance(value, str | GivenFunction | int):
        return value
    return np.asarray(value) if isinstance(value, np.ndarray) else NUMPY.number(value)
