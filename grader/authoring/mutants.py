"""Mutants: an author's formula with one thing changed, as a tired hand would change it.

Everything here is about matrix formulas: transposes, conjugates, the order of factors, signs, inverses. General
mutation testers change operators, numbers and conditions, and know nothing of these.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import combinations, pairwise
from typing import Any

_PLAIN_VIEWS = ("T", "mT", "real")
_TRANSPOSES = ("T", "mT")
_CONJUGATES = ("conj", "conjugate")
_INVERSES = ("inv", "pinv")
_DROPPED_CALLS = (
    *_CONJUGATES, *_INVERSES, "transpose", "real", "abs", "absolute", "sqrt", "sign", "diag", "tril", "triu",
)  # fmt: skip
"""Functions of one argument that are forgotten easily."""
_COUNTING = ("len", "range", "enumerate", "zip", "isinstance", "int", "slice")
"""Functions whose arguments are no matrices to transpose."""
_NUMBERS = ("det", "trace", "norm")
"""Functions that return a number, which has no transpose."""
_OPPOSITE: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Eq: ast.NotEq, ast.NotEq: ast.Eq, ast.Lt: ast.GtE, ast.GtE: ast.Lt, ast.Gt: ast.LtE, ast.LtE: ast.Gt,
    ast.Is: ast.IsNot, ast.IsNot: ast.Is, ast.In: ast.NotIn, ast.NotIn: ast.In,
}  # fmt: skip
_EXCHANGED: dict[type[ast.operator], type[ast.operator]] = {
    ast.MatMult: ast.Mult, ast.Mult: ast.MatMult, ast.Div: ast.Mult, ast.Add: ast.Sub, ast.Sub: ast.Add,
}  # fmt: skip
_SYMBOL: dict[type[ast.operator], str] = {
    ast.MatMult: "@", ast.Mult: "*", ast.Div: "/", ast.Add: "+", ast.Sub: "-",
}  # fmt: skip
_SHOWN = 60
_UNCHANGED = ("annotation", "returns", "decorator_list")


@dataclass(frozen=True, slots=True)
class Mutant:
    """A module's source with one change.

    Args:
        line, column: where, in the author's own text, counted from 1.
        what: the change in words, such as `dropped .T`; before, after: the changed piece of code.
        source: the whole module.
    """

    line: int
    column: int
    what: str
    before: str
    after: str
    source: str


@dataclass(frozen=True, slots=True, eq=False)
class _Spot:
    """A node in its place.

    Args:
        owner, field, index: where it hangs; index is None outside of lists.
        is_value: whether a matrix may stand here: an operand, an argument, what is returned or assigned.
        bound: the names that have a value before this statement.
    """

    node: ast.AST
    owner: ast.AST
    field: str
    index: int | None
    is_value: bool
    bound: frozenset[str]


Change = tuple[ast.AST, str]
"""What is put in the place of a node, and what that did, in words."""


def mutate(source: str, function: str) -> Iterator[Mutant]:
    """All mutants of a function and of what it uses of its module, each of them once, in the order of the text.

    Raises:
        SyntaxError: the source is not Python.
    """
    tree = ast.parse(source)
    lines = source.splitlines()
    numpy = _name_of_numpy(tree)
    made = {ast.unparse(tree)}
    for definition in _used(tree, function):
        for spot in _spots(definition):
            for replacement, what in _changes(spot, numpy):
                text = _with(tree, spot, replacement)
                if text in made:
                    continue
                made.add(text)
                line, offset = getattr(spot.node, "lineno", 1), getattr(spot.node, "col_offset", 0)
                column = len(lines[line - 1].encode()[:offset].decode()) + 1  # ast counts bytes
                yield Mutant(line, column, what, _show(spot.node), _show(replacement), text)


def _with(tree: ast.Module, spot: _Spot, replacement: ast.AST) -> str:
    """The module's text with the node replaced; the tree is left as it was."""
    _put(spot, replacement)
    try:
        return ast.unparse(tree)
    finally:
        _put(spot, spot.node)


def _put(spot: _Spot, node: ast.AST) -> None:
    if spot.index is None:
        setattr(spot.owner, spot.field, node)
    else:
        getattr(spot.owner, spot.field)[spot.index] = node


def _show(node: ast.AST) -> str:
    text = "(nothing)" if isinstance(node, ast.Pass) else " ".join(ast.unparse(node).split())
    return text if len(text) <= _SHOWN else text[: _SHOWN - 1] + "…"


def _name_of_numpy(tree: ast.Module) -> str | None:
    imports = [alias for node in tree.body if isinstance(node, ast.Import) for alias in node.names]
    return next((alias.asname or alias.name for alias in imports if alias.name == "numpy"), None)


def _used(tree: ast.Module, function: str) -> list[ast.stmt]:
    """The function's definition, and the module's functions and constants that it reaches, in their order."""
    named: dict[str, ast.stmt] = {}
    for statement in tree.body:
        if isinstance(statement, ast.FunctionDef):
            named[statement.name] = statement
        elif isinstance(statement, ast.Assign):
            named |= {target.id: statement for target in statement.targets if isinstance(target, ast.Name)}
    reached: dict[str, ast.stmt] = {}
    waiting = [function]
    while waiting:
        name = waiting.pop()
        if name in named and name not in reached:
            reached[name] = named[name]
            waiting += [node.id for node in ast.walk(named[name]) if isinstance(node, ast.Name)]
    return sorted(set(reached.values()), key=lambda statement: statement.lineno)


def _spots(owner: ast.AST, bound: frozenset[str] = frozenset(), in_index: bool = False) -> Iterator[_Spot]:
    """Every node below, in the order of the text; not docstrings, annotations, nor what is raised."""
    if isinstance(owner, (ast.FunctionDef, ast.Lambda)):
        bound |= {node.arg for node in ast.walk(owner.args) if isinstance(node, ast.arg)}
    for field, value in ast.iter_fields(owner):
        if field in _UNCHANGED:
            continue
        nodes = value if isinstance(value, list) else [value]
        within = in_index or (isinstance(owner, ast.Subscript) and field == "slice")
        for k, node in enumerate(nodes):
            if not isinstance(node, ast.AST) or _is_text(node):
                continue
            index = k if isinstance(value, list) else None
            is_value = isinstance(node, ast.expr) and not within and _takes_matrices(owner, field, node)
            yield _Spot(node, owner, field, index, is_value, bound)
            yield from _spots(node, bound, within)
            bound |= _names_bound(node)


def _is_text(node: ast.AST) -> bool:
    """A docstring, a message, or what raises one."""
    is_docstring = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    return is_docstring or isinstance(node, (ast.Raise, ast.Assert, ast.JoinedStr))


def _takes_matrices(owner: ast.AST, field: str, node: ast.expr) -> bool:
    if isinstance(
        node, (ast.Constant, ast.Tuple, ast.List, ast.Compare, ast.Starred, ast.Lambda, ast.ListComp)
    ):
        return False
    if isinstance(owner, ast.Call):
        return field == "args" and _called(owner) not in _COUNTING
    if isinstance(owner, ast.Assign):
        return field == "value" and not any(isinstance(target, ast.Tuple) for target in owner.targets)
    if isinstance(owner, ast.Tuple):
        return isinstance(owner.ctx, ast.Load)
    return isinstance(owner, (ast.BinOp, ast.UnaryOp, ast.Return)) or (
        isinstance(owner, ast.AugAssign) and field == "value"
    )


def _names_bound(node: ast.AST) -> frozenset[str]:
    if not isinstance(node, ast.stmt):
        return frozenset()
    return frozenset(
        item.id for item in ast.walk(node) if isinstance(item, ast.Name) and isinstance(item.ctx, ast.Store)
    )


def _changes(spot: _Spot, numpy: str | None) -> Iterator[Change]:
    for operator in OPERATORS:
        yield from operator(spot)
    if numpy is not None:
        yield from _invert_transposed(spot, numpy)


def drop_views(spot: _Spot) -> Iterator[Change]:
    """X.T → X, X.conj() → X, np.conj(X) → X; X.conj().T → X in one step, as it is one thought."""
    inner, what = _unwrapped(spot.node)
    if inner is None:
        return
    yield inner, f"dropped {what}"
    further, more = _unwrapped(inner)
    if further is not None and (what[1:] in _TRANSPOSES) != (more[1:] in _TRANSPOSES):
        yield further, f"dropped {more}{what}"


def _unwrapped(node: ast.AST) -> tuple[ast.expr | None, str]:
    """What a transpose, a conjugate or another function of one argument is applied to, and how it is written."""
    if isinstance(node, ast.Attribute) and node.attr in _PLAIN_VIEWS:
        return node.value, f".{node.attr}"
    if isinstance(node, ast.Call) and not node.keywords and _called(node) in _DROPPED_CALLS:
        if len(node.args) == 1:
            return node.args[0], f"{_called(node)}(…)"
        if not node.args and isinstance(node.func, ast.Attribute):
            return node.func.value, f".{node.func.attr}()"
    return None, ""


def add_views(spot: _Spot) -> Iterator[Change]:
    """X → X.T and X → X.conjugate() where a matrix may stand; numbers of Python's own have no `conj`."""
    node = spot.node
    if not spot.is_value or not isinstance(node, ast.expr):
        return
    is_transposed = isinstance(node, ast.Attribute) and node.attr in _TRANSPOSES
    inner = node.value if isinstance(node, ast.Attribute) and is_transposed else node
    if not is_transposed and not _is_number(node):
        yield ast.Attribute(node, "T", ast.Load()), "added .T"
    if _called(inner) not in _CONJUGATES:
        yield ast.Call(ast.Attribute(node, "conjugate", ast.Load()), [], []), "added .conjugate()"


def _is_number(node: ast.expr) -> bool:
    """Evidently a number: det(…), or an entry such as V[i, j]."""
    if isinstance(node, ast.Subscript):
        return isinstance(node.slice, ast.Tuple) and not any(
            isinstance(item, ast.Slice) for item in node.slice.elts
        )
    return _called(node) in _NUMBERS


def swap_factors(spot: _Spot) -> Iterator[Change]:
    """A @ B @ C → B @ A @ C, C @ B @ A, A @ C @ B; and a / b → b / a."""
    node, owner = spot.node, spot.owner
    if not isinstance(node, ast.BinOp):
        return
    if isinstance(node.op, ast.Div):
        yield ast.BinOp(node.right, node.op, node.left), "swapped the operands of /"
    inside = isinstance(owner, ast.BinOp) and isinstance(owner.op, ast.MatMult) and spot.field == "left"
    if not isinstance(node.op, ast.MatMult) or inside:
        return
    factors = _chain(node)
    for i, j in combinations(range(len(factors)), 2):
        order = list(factors)
        order[i], order[j] = factors[j], factors[i]
        product = order[0]
        for factor in order[1:]:
            product = ast.BinOp(product, ast.MatMult(), factor)
        yield product, f"swapped {_show(factors[i])} and {_show(factors[j])}"


def _chain(node: ast.expr) -> list[ast.expr]:
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.MatMult):
        return [*_chain(node.left), node.right]
    return [node]


def exchange_operators(spot: _Spot) -> Iterator[Change]:
    """@ ↔ *, + ↔ -, / → *."""
    node = spot.node
    if isinstance(node, (ast.BinOp, ast.AugAssign)) and type(node.op) in _EXCHANGED:
        new = _EXCHANGED[type(node.op)]
        what = f"{_SYMBOL[type(node.op)]} became {_SYMBOL[new]}"
        if isinstance(node, ast.BinOp):
            yield ast.BinOp(node.left, new(), node.right), what
        else:
            yield ast.AugAssign(node.target, new(), node.value), what


def flip_signs(spot: _Spot) -> Iterator[Change]:
    """-X → X; what is returned or assigned gets a minus."""
    node = spot.node
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        yield node.operand, "dropped the minus"
    elif spot.is_value and isinstance(node, ast.expr) and not isinstance(spot.owner, (ast.BinOp, ast.Call)):
        yield ast.UnaryOp(ast.USub(), node), "added a minus"


def drop_operands(spot: _Spot) -> Iterator[Change]:
    """A factor or a term is lost: A @ B → A, B; a / b → a; a - b → a, -b; a ** k → a."""
    node = spot.node
    if not isinstance(node, ast.BinOp):
        return
    left, right = f"dropped {_show(node.left)}", f"dropped {_show(node.right)}"
    if isinstance(node.op, (ast.MatMult, ast.Mult, ast.Div, ast.Add, ast.Sub, ast.Pow)):
        yield node.left, right
    if isinstance(node.op, (ast.MatMult, ast.Mult, ast.Add)):
        yield node.right, left
    if isinstance(node.op, ast.Sub):
        yield ast.UnaryOp(ast.USub(), node.right), left


def exchange_inverses(spot: _Spot) -> Iterator[Change]:
    """inv(A) → A.T; solve(A, b) → A @ b."""
    node = spot.node
    if not isinstance(node, ast.Call):
        return
    if _called(node) in _INVERSES and len(node.args) == 1:
        yield ast.Attribute(node.args[0], "T", ast.Load()), f"{_called(node)} became .T"
    if _called(node) == "solve" and len(node.args) == 2:
        yield ast.BinOp(node.args[0], ast.MatMult(), node.args[1]), "solve became @"


def _invert_transposed(spot: _Spot, numpy: str) -> Iterator[Change]:
    """A.T → inv(A)."""
    if isinstance(spot.node, ast.Attribute) and spot.node.attr in _TRANSPOSES:
        inv = ast.Attribute(
            ast.Attribute(ast.Name(numpy, ast.Load()), "linalg", ast.Load()), "inv", ast.Load()
        )
        yield ast.Call(inv, [spot.node.value], []), ".T became inv"


def change_constants(spot: _Spot) -> Iterator[Change]:
    """Numbers by one, axis 0 ↔ 1, order F ↔ C, True ↔ False."""
    node = spot.node
    if not isinstance(node, ast.Constant):
        return
    value: Any = node.value
    others: list[Any] = []
    if isinstance(value, bool):
        others = [not value]
    elif isinstance(value, str):
        others = {"F": ["C"], "C": ["F"]}.get(value, [])
    elif isinstance(value, (int, float, complex)):
        is_axis = isinstance(spot.owner, ast.keyword) and spot.owner.arg == "axis" and value in (0, 1)
        others = [1 - value] if is_axis else [value + 1, value - 1]
    for other in others:
        yield ast.parse(repr(other), mode="eval").body, f"{value!r} became {other!r}"


def swap_arguments(spot: _Spot) -> Iterator[Change]:
    """solve(A, b) → solve(b, A)."""
    node = spot.node
    if not isinstance(node, ast.Call) or _called(node) == "isinstance":
        return
    for i, j in pairwise(range(len(node.args))):
        arguments = list(node.args)
        arguments[i], arguments[j] = arguments[j], arguments[i]
        yield ast.Call(node.func, arguments, node.keywords), f"swapped arguments of {_called(node)}"


def drop_statements(spot: _Spot) -> Iterator[Change]:
    """A statement is lost, where the names it sets have a value all the same."""
    node = spot.node
    stores = isinstance(node, ast.Assign) and _names_bound(node) <= spot.bound
    if stores or isinstance(node, (ast.Expr, ast.AugAssign)):
        yield ast.Pass(), "dropped the statement"


def reverse_conditions(spot: _Spot) -> Iterator[Change]:
    """From i != j to i == j, and from any other condition to its `not`."""
    node = spot.node
    if isinstance(node, ast.Compare) and len(node.ops) == 1:
        yield (
            ast.Compare(node.left, [_OPPOSITE[type(node.ops[0])]()], node.comparators),
            "reversed a condition",
        )
    elif isinstance(node, ast.expr) and spot.field == "test":
        yield ast.UnaryOp(ast.Not(), node), "reversed a condition"


def _called(node: ast.AST) -> str:
    """`inv` for np.linalg.inv(A) and inv(A), `conj` for A.conj(); empty for what is no call of a name."""
    function = node.func if isinstance(node, ast.Call) else None
    return getattr(function, "attr", getattr(function, "id", ""))


OPERATORS: tuple[Callable[[_Spot], Iterator[Change]], ...] = (
    drop_views,
    add_views,
    swap_factors,
    exchange_operators,
    flip_signs,
    drop_operands,
    exchange_inverses,
    change_constants,
    swap_arguments,
    drop_statements,
    reverse_conditions,
)
