"""One change of a matrix formula, as a tired hand would make it.

Everything here is about matrix formulas: transposes, conjugates, the order of factors, signs, inverses. General
mutation testers change operators, numbers and conditions, and know nothing of these.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from functools import reduce
from itertools import combinations, pairwise
from typing import Any, TypeGuard

from grader.authoring.syntax_spots import Spot, called_name, names_bound

Change = tuple[ast.AST, str]
"""The node to put in the place of another, and in words what that did."""

_TRANSPOSES = ("T", "mT")
_PLAIN_VIEWS = (*_TRANSPOSES, "real")
_CONJUGATES = ("conj", "conjugate")
_INVERSES = ("inv", "pinv")
_PARTS = ("real", "abs", "absolute", "sign", "diag", "tril", "triu")
_DROPPED_CALLS = (*_CONJUGATES, *_INVERSES, *_PARTS, "transpose", "sqrt")
"""Functions of one argument that are forgotten easily."""
_NUMBERS = ("det", "trace", "norm")
"""Functions that return a number, which has no transpose."""

_OPPOSITES: tuple[tuple[type[ast.cmpop], type[ast.cmpop]], ...] = (
    (ast.Eq, ast.NotEq),
    (ast.Lt, ast.GtE),
    (ast.Gt, ast.LtE),
    (ast.Is, ast.IsNot),
    (ast.In, ast.NotIn),
)
_OPPOSITE = {one: other for pair in _OPPOSITES for one, other in (pair, pair[::-1])}
_EXCHANGED: dict[type[ast.operator], type[ast.operator]] = {
    ast.MatMult: ast.Mult,
    ast.Mult: ast.MatMult,
    ast.Div: ast.Mult,
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
}
_HAS_LEFT = ast.MatMult | ast.Mult | ast.Div | ast.Add | ast.Sub | ast.Pow
_HAS_RIGHT = ast.MatMult | ast.Mult | ast.Add
"""The operations whose left operand can stand alone, and those whose right one can."""
_SHOWN = 60


def write_code(node: ast.AST) -> str:
    """A piece of code on one line, cut if it is long."""
    if isinstance(node, ast.Pass):
        return "(nothing)"
    text = " ".join(ast.unparse(node).split())
    return text if len(text) <= _SHOWN else f"{text[: _SHOWN - 1]}…"


def drop_views(node: ast.expr, spot: Spot) -> Iterator[Change]:
    """X.T → X, X.conj() → X, np.conj(X) → X; X.conj().T → X in one step, as it is one thought."""
    inner, view = _unwrap(node)
    if inner is None:
        return
    yield inner, f"dropped {view}"

    innermost, inner_view = _unwrap(inner)
    has_one_transpose = (view[1:] in _TRANSPOSES) != (inner_view[1:] in _TRANSPOSES)
    if innermost is not None and has_one_transpose:
        yield innermost, f"dropped {inner_view}{view}"


def _unwrap(node: ast.expr) -> tuple[ast.expr | None, str]:
    """The argument of a transpose, a conjugate or another function of one argument, and how that is written."""
    match node:
        case ast.Attribute(attr=name) if name in _PLAIN_VIEWS:
            return node.value, f".{name}"
        case ast.Call(args=[argument], keywords=[]) if called_name(node) in _DROPPED_CALLS:
            return argument, f"{called_name(node)}(…)"
        case ast.Call(func=ast.Attribute(value=matrix, attr=name), args=[], keywords=[]):
            if name in _DROPPED_CALLS:
                return matrix, f".{name}()"
    return None, ""


def add_views(node: ast.expr, spot: Spot) -> Iterator[Change]:
    """X → X.T and X → X.conjugate() where a matrix may stand; numbers of Python's own have no `conj`."""
    if not spot.is_value:
        return

    inner = node
    if isinstance(node, ast.Attribute) and node.attr in _TRANSPOSES:
        inner = node.value
    elif not _is_number(node):
        yield _view(node, "T"), "added .T"
    if called_name(inner) not in _CONJUGATES:
        yield ast.Call(_view(node, "conjugate"), [], []), "added .conjugate()"


def _view(node: ast.expr, name: str) -> ast.Attribute:
    return ast.Attribute(node, name, ast.Load())


def _is_number(node: ast.expr) -> bool:
    """Is it evidently a number: det(…), or an entry such as V[i, j]?"""
    if not isinstance(node, ast.Subscript):
        return called_name(node) in _NUMBERS
    if not isinstance(node.slice, ast.Tuple):
        return False
    return not any(isinstance(index, ast.Slice) for index in node.slice.elts)


def swap_factors(node: ast.BinOp, spot: Spot) -> Iterator[Change]:
    """A @ B @ C → B @ A @ C, C @ B @ A, A @ C @ B; and a / b → b / a."""
    if isinstance(node.op, ast.Div):
        yield ast.BinOp(node.right, node.op, node.left), "swapped the operands of /"
    is_part = spot.field == "left" and _is_product(spot.owner)
    if is_part or not _is_product(node):
        return

    factors = _factors(node)
    for i, j in combinations(range(len(factors)), 2):
        order = list(factors)
        order[i], order[j] = factors[j], factors[i]
        yield reduce(_multiply, order), f"swapped {write_code(factors[i])} and {write_code(factors[j])}"


def _factors(node: ast.expr) -> list[ast.expr]:
    """The factors of A @ B @ C, from left to right."""
    if _is_product(node):
        return [*_factors(node.left), node.right]
    return [node]


def _is_product(node: ast.AST) -> TypeGuard[ast.BinOp]:
    return isinstance(node, ast.BinOp) and isinstance(node.op, ast.MatMult)


def _multiply(left: ast.expr, right: ast.expr) -> ast.expr:
    return ast.BinOp(left, ast.MatMult(), right)


def exchange_operators(node: ast.BinOp | ast.AugAssign, spot: Spot) -> Iterator[Change]:
    """@ ↔ *, + ↔ -, / → *."""
    old = type(node.op)
    if old not in _EXCHANGED:
        return

    new = _EXCHANGED[old]
    what = f"{_symbol(old)} became {_symbol(new)}"
    if isinstance(node, ast.BinOp):
        yield ast.BinOp(node.left, new(), node.right), what
    else:
        yield ast.AugAssign(node.target, new(), node.value), what


def _symbol(operation: type[ast.operator]) -> str:
    return ast.unparse(ast.BinOp(ast.Name("a"), operation(), ast.Name("b"))).split()[1]


def flip_signs(node: ast.expr, spot: Spot) -> Iterator[Change]:
    """-X → X; a value that is returned or assigned gets a minus."""
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        yield node.operand, "dropped the minus"
    elif spot.is_value and not isinstance(spot.owner, ast.BinOp | ast.Call):
        yield ast.UnaryOp(ast.USub(), node), "added a minus"


def drop_operands(node: ast.BinOp, spot: Spot) -> Iterator[Change]:
    """A factor or a term is lost: A @ B → A, B; a / b → a; a - b → a, -b; a ** k → a."""
    if isinstance(node.op, _HAS_LEFT):
        yield node.left, f"dropped {write_code(node.right)}"
    if isinstance(node.op, _HAS_RIGHT):
        yield node.right, f"dropped {write_code(node.left)}"
    if isinstance(node.op, ast.Sub):
        yield ast.UnaryOp(ast.USub(), node.right), f"dropped {write_code(node.left)}"


def exchange_inverses(node: ast.Call, spot: Spot) -> Iterator[Change]:
    """inv(A) → A.T; solve(A, b) → A @ b."""
    name = called_name(node)
    if name in _INVERSES and len(node.args) == 1:
        yield _view(node.args[0], "T"), f"{name} became .T"
    if name == "solve" and len(node.args) == 2:
        yield _multiply(*node.args), "solve became @"


def change_constants(node: ast.Constant, spot: Spot) -> Iterator[Change]:
    """Numbers by one, axis 0 ↔ 1, order F ↔ C, True ↔ False."""
    is_axis = isinstance(spot.owner, ast.keyword) and spot.owner.arg == "axis"
    for other in _other_constants(node.value, is_axis):
        yield ast.parse(repr(other), mode="eval").body, f"{node.value!r} became {other!r}"


def _other_constants(value: Any, is_axis: bool) -> list[Any]:
    match value:
        case bool():
            return [not value]
        case "F":
            return ["C"]
        case "C":
            return ["F"]
        case 0 | 1 if is_axis:
            return [1 - value]
        case int() | float() | complex():
            return [value + 1, value - 1]
    return []


def swap_arguments(node: ast.Call, spot: Spot) -> Iterator[Change]:
    """solve(A, b) → solve(b, A)."""
    if called_name(node) == "isinstance":
        return
    for i, j in pairwise(range(len(node.args))):
        arguments = list(node.args)
        arguments[i], arguments[j] = arguments[j], arguments[i]
        yield ast.Call(node.func, arguments, node.keywords), f"swapped arguments of {called_name(node)}"


def drop_statements(node: ast.stmt, spot: Spot) -> Iterator[Change]:
    """A statement is lost, where the names it sets have a value all the same."""
    is_set_before = isinstance(node, ast.Assign) and names_bound(node) <= spot.bound
    if is_set_before or isinstance(node, ast.Expr | ast.AugAssign):
        yield ast.Pass(), "dropped the statement"


def reverse_conditions(node: ast.expr, spot: Spot) -> Iterator[Change]:
    """From i != j to i == j, and from any other condition to its `not`."""
    if isinstance(node, ast.Compare) and len(node.ops) == 1:
        opposite = _OPPOSITE[type(node.ops[0])]()
        yield ast.Compare(node.left, [opposite], node.comparators), "reversed a condition"
    elif spot.field == "test":
        yield ast.UnaryOp(ast.Not(), node), "reversed a condition"


def invert_transposes(node: ast.Attribute, numpy: str) -> Iterator[Change]:
    """A.T → inv(A).

    Args:
        numpy: its name in the module.
    """
    if node.attr in _TRANSPOSES:
        inv = _view(_view(ast.Name(numpy, ast.Load()), "linalg"), "inv")
        yield ast.Call(inv, [node.value], []), ".T became inv"


OPERATORS: tuple[tuple[Any, Callable[[Any, Spot], Iterator[Change]]], ...] = (
    (ast.expr, drop_views),
    (ast.expr, add_views),
    (ast.BinOp, swap_factors),
    (ast.BinOp | ast.AugAssign, exchange_operators),
    (ast.expr, flip_signs),
    (ast.BinOp, drop_operands),
    (ast.Call, exchange_inverses),
    (ast.Constant, change_constants),
    (ast.Call, swap_arguments),
    (ast.stmt, drop_statements),
    (ast.expr, reverse_conditions),
)
"""The nodes that an operator changes, and the operator."""


def find_changes(spot: Spot, numpy: str | None) -> Iterator[Change]:
    """All changes of a node.

    Args:
        numpy: its name in the module, if it is imported.
    """
    for kind, operator in OPERATORS:
        if isinstance(spot.node, kind):
            yield from operator(spot.node, spot)
    if numpy is not None and isinstance(spot.node, ast.Attribute):
        yield from invert_transposes(spot.node, numpy)
