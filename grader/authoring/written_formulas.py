"""Formulas of the diagnosis written as code: in numpy, with what numpy lacks, and in the language of `f`."""

from __future__ import annotations

import ast
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass

from grader.findings.diagnosis.candidates.formulas import ALONG, UNIT
from grader.problems.algebras import SOURCE
from grader.problems.language import Algebra, Expression, Node, Operation, evaluate
from grader.problems.language.nodes import is_operation


class NotWrittenError(Exception):
    """A formula has an operation for which there is no code."""


@dataclass(frozen=True, slots=True)
class FunctionCode:
    """Lines of a function's body, and the definitions that they use."""

    body: str
    helpers: tuple[str, ...]


_ADJUGATE = '''\
def _adjugate(A):
    """The adjugate at any rank: adj(UΣVᵀ) = det(U)·det(V) · V diag(∏_{k≠i} σₖ) Uᵀ."""
    U, sigma, Vt = np.linalg.svd(A)
    others = [np.prod(np.delete(sigma, i)) for i in range(len(sigma))]
    return np.linalg.det(U) * np.linalg.det(Vt) * (Vt.T * others) @ U.T
'''
_SYMMETRIC = """\
def _symmetric_part(A):
    return (A + A.T) / 2
"""
_POWER_RULE = '''\
def _power_rule(A, k, V):
    """The differential of Aᵏ along V: Σⱼ Aʲ·V·Aᵏ⁻¹⁻ʲ, and for k < 0 the same of A⁻¹ along −A⁻¹·V·A⁻¹."""
    k = int(k)
    if k < 0:
        X = np.linalg.inv(A)
        A, k, V = X, -k, -X @ V @ X
    powers = [np.linalg.matrix_power(A, j) for j in range(k)]
    return sum((powers[j] @ V @ powers[k - 1 - j] for j in range(k)), np.zeros_like(A @ V))
'''
_PAIRS_OF_ROWS = '''\
def _pairs_of_rows(A, V, W):
    """The second differential of det at any rank: Σ det(A with row i of V and row j of W), for all i ≠ j."""
    total = 0.0
    for i, j in np.ndindex(A.shape):
        if i != j:
            B = A.copy()
            B[i], B[j] = V[i], W[j]
            total += np.linalg.det(B)
    return total
'''
_UNVEC = """\
def _unvec(x, A):
    return np.reshape(x, A.shape, order="F")
"""
_NORM_GRADIENT = """\
def _norm_gradient(A, kind):
    U, _, Vt = np.linalg.svd(A.reshape(len(A), -1), full_matrices=False)
    if kind == "fro":
        return A / np.linalg.norm(A)
    G = np.outer(U[:, 0], Vt[0]) if kind == "2" else U @ Vt
    return G.reshape(A.shape)
"""

_HELPERS: Mapping[str, tuple[str, str]] = {
    "adj": ("_adjugate", _ADJUGATE),
    "symmetric part": ("_symmetric_part", _SYMMETRIC),
    "power rule": ("_power_rule", _POWER_RULE),
    "pairs of rows": ("_pairs_of_rows", _PAIRS_OF_ROWS),
    "unvec": ("_unvec", _UNVEC),
    "norm gradient": ("_norm_gradient", _NORM_GRADIENT),
}
"""Operation → its function, and that function's definition."""
_PYTHON: Mapping[str, str] = {
    "⟨,⟩": "np.sum(({}) * ({}))",
    ".C": "np.conj({})",
    "outer": "np.outer({}, {})",
    "tril": "np.tril({})",
    "sign": "np.sign({})",
    "ones like": "np.ones_like({})",
}
_LANGUAGE: Mapping[str, str] = {
    "ones like": "1",
    "⟨,⟩": "sum(({}) * ({}))",
    "symmetric part": "((({0}) + ({0}).T) / 2)",
    "reciprocal": "(1 / ({}))",
    "square": "(({}) ** 2)",
    "neg": "(-({}))",
    ".T": "({}).T",
    ".H": "({}).H",
    **{sign: f"(({{}}) {sign} ({{}}))" for sign in ("+", "-", "*", "/", "@", "**")},
}


def write_python(formula: Node, sizes: Mapping[str, str]) -> FunctionCode:
    """Write a formula as the body of a function in numpy.

    Args:
        sizes: letter → the code that tells it, such as `A.shape[0]`.

    Raises:
        NotWrittenError: some operation has no code.
    """
    used: dict[str, str] = {}
    inside: Node = formula
    along: Node | None = None
    if is_operation(formula, ALONG):
        inside, along = formula.arguments
    text = _write(inside, Algebra(_number, {**SOURCE.operations, **_templates(_PYTHON), **_helpers(used)}))

    lines = [f"{letter} = {code}" for letter, code in sizes.items() if _occurs(letter, text)]
    if along is not None:
        lines += _columns(text, _write(along, SOURCE))
    else:
        lines.append(f"return {text}")
    return FunctionCode("\n".join(f"    {line}" for line in lines), tuple(used.values()))


def write_formula(formula: Node, functions: Collection[str]) -> str:
    """Write a formula in the language of `f`.

    Args:
        functions: those that the language has.

    Raises:
        NotWrittenError: some operation is not in the language.
    """
    named = {name: _call(name) for name in functions}
    return _write(formula, Algebra(_number, {**named, **_templates(_LANGUAGE)}))


def _write(formula: Node, algebra: Algebra[str]) -> str:
    names = {name: name for name in _names(formula)}
    try:
        text = evaluate(Expression("", formula), names, algebra)
    except (KeyError, IndexError) as error:
        raise NotWrittenError(str(error)) from None
    return ast.unparse(ast.parse(text, mode="eval"))


def _names(node: Node) -> set[str]:
    if isinstance(node, Operation):
        return set().union(*map(_names, node.arguments))
    return {node.name} if hasattr(node, "name") else set()


def _number(value: float | complex) -> str:
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return repr(value)


def _templates(texts: Mapping[str, str]) -> dict[str, Callable[..., str]]:
    return {name: text.format for name, text in texts.items()}


def _call(name: str) -> Callable[..., str]:
    def write(*arguments: str) -> str:
        words = list(arguments)
        if name == "norm":
            words[1:] = map(repr, words[1:])
        return f"{name}({', '.join(words)})"

    return write


def _helpers(used: dict[str, str]) -> dict[str, Callable[..., str]]:
    """Calls of helpers, which are noted when they are written."""

    def helper(name: str) -> Callable[..., str]:
        function, definition = _HELPERS[name]

        def write(*arguments: str) -> str:
            used[name] = definition
            words = [repr(word) if word in ("fro", "2", "nuc") else word for word in arguments]
            return f"{function}({', '.join(words)})"

        return write

    return {name: helper(name) for name in _HELPERS}


def _occurs(letter: str, text: str) -> bool:
    return any(isinstance(node, ast.Name) and node.id == letter for node in ast.walk(ast.parse(text)))


def _columns(differential: str, of: str) -> list[str]:
    """The lines that make a Jacobian of a differential along unit matrices, vec stacking columns."""
    return [
        "columns = []",
        f"for k in range({of}.size):",
        f"    {UNIT} = np.zeros({of}.size)",
        f"    {UNIT}[k] = 1",
        f'    {UNIT} = {UNIT}.reshape({of}.shape, order="F")',
        f'    columns.append(np.ravel({differential}, order="F"))',
        "return np.stack(columns, axis=1)",
    ]
