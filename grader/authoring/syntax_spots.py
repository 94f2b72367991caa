"""The places of a function's syntax tree that a mutation may change."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass

_UNCHANGED = ("annotation", "returns", "decorator_list")
_COUNTING = ("len", "range", "enumerate", "zip", "isinstance", "int", "slice")
"""Functions whose arguments are no matrices to transpose."""
_NO_MATRICES = ast.Constant | ast.Tuple | ast.List | ast.Compare | ast.Starred | ast.Lambda | ast.ListComp
_OPERANDS: dict[type[ast.AST], tuple[str, ...]] = {
    ast.BinOp: ("left", "right"),
    ast.UnaryOp: ("operand",),
    ast.Call: ("args",),
    ast.Tuple: ("elts",),
    ast.Return: ("value",),
    ast.Assign: ("value",),
    ast.AugAssign: ("value",),
}
"""The fields in which a matrix may stand."""


@dataclass(frozen=True, slots=True, eq=False)
class Spot:
    """A node in its place.

    Args:
        owner, field, index: where it hangs; index is None outside of lists.
        is_value: a matrix may stand here: an operand, an argument, a value that is returned or assigned.
        bound: the names that have a value before this statement.
    """

    node: ast.AST
    owner: ast.AST
    field: str
    index: int | None
    is_value: bool
    bound: frozenset[str]

    def put(self, node: ast.AST) -> None:
        """Put a node in this place of the tree."""
        if self.index is None:
            setattr(self.owner, self.field, node)
        else:
            getattr(self.owner, self.field)[self.index] = node


def find_spots(owner: ast.AST, bound: frozenset[str] = frozenset(), in_index: bool = False) -> Iterator[Spot]:
    """Every node below, in the order of the text; not docstrings, annotations, nor what is raised.

    Args:
        bound: the names that have a value before.
        in_index: below a subscript, where no matrix stands.
    """
    if isinstance(owner, ast.FunctionDef | ast.Lambda):
        bound |= {node.arg for node in ast.walk(owner.args) if isinstance(node, ast.arg)}

    for field, index, node in _children(owner):
        is_index = in_index or (isinstance(owner, ast.Subscript) and field == "slice")
        is_value = not is_index and _takes_matrices(owner, field, node)
        yield Spot(node, owner, field, index, is_value, bound)
        yield from find_spots(node, bound, is_index)
        bound |= names_bound(node)


def _children(owner: ast.AST) -> Iterator[tuple[str, int | None, ast.AST]]:
    """The nodes right below one that may be changed, with their fields and their places in lists."""
    for field, value in ast.iter_fields(owner):
        if field in _UNCHANGED:
            continue
        listed = enumerate(value) if isinstance(value, list) else [(None, value)]
        for index, node in listed:
            if isinstance(node, ast.AST) and not _is_text(node):
                yield field, index, node


def _is_text(node: ast.AST) -> bool:
    """Is it a docstring, a message, or the statement that raises one?"""
    if isinstance(node, ast.Expr):
        return isinstance(node.value, ast.Constant)
    return isinstance(node, ast.Raise | ast.Assert | ast.JoinedStr)


def _takes_matrices(owner: ast.AST, field: str, node: ast.AST) -> bool:
    if not isinstance(node, ast.expr) or isinstance(node, _NO_MATRICES):
        return False
    if field not in _OPERANDS.get(type(owner), ()):
        return False

    match owner:
        case ast.Call():
            return called_name(owner) not in _COUNTING
        case ast.Assign(targets=targets):
            return not any(isinstance(target, ast.Tuple) for target in targets)
        case ast.Tuple(ctx=context):
            return isinstance(context, ast.Load)
    return True


def names_bound(node: ast.AST) -> frozenset[str]:
    """The names that a statement gives a value; none for expressions."""
    if not isinstance(node, ast.stmt):
        return frozenset()
    names = (name for name in ast.walk(node) if isinstance(name, ast.Name))
    return frozenset(name.id for name in names if isinstance(name.ctx, ast.Store))


def called_name(node: ast.AST) -> str:
    """`inv` for np.linalg.inv(A) and inv(A), `conj` for A.conj(); empty for what is no call of a name."""
    function = node.func if isinstance(node, ast.Call) else None
    return getattr(function, "attr", getattr(function, "id", ""))
