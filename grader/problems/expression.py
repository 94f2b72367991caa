"""The expression language of problems: text → checked syntax tree → value in any algebra.

The text is parsed by Python's own parser and then copied, node by node, into the few node types below.
Whatever is not copied does not exist: no attribute but `.T` and `.H`, no call but the listed functions and
those that the expression was given, no name but the given ones. The same tree is evaluated with numpy
arrays, with exact balls, and with shapes alone, by giving `evaluate` another table of operations.
"""

from __future__ import annotations

import ast
import cmath
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from grader.core.errors import suggest

MAX_LENGTH = 2000
MAX_DEPTH = 60
MAX_POWER = 64
NORMS = ("fro", "2", "nuc", "1", "inf", "max")

FUNCTIONS: Mapping[str, int] = {
    **dict.fromkeys(("det", "inv", "trace", "logdet", "adj", "vec", "eye", "diag", "sum"), 1),
    **dict.fromkeys(("sqrt", "log", "exp", "abs"), 1),
    **dict.fromkeys(("solve", "norm", "kron", "power"), 2),
}
"""Name → number of arguments; the second argument of `norm` is one of `NORMS` in quotes, or a name for one."""

INTERNAL = ("real", "⟨,⟩")
"""Operations that no expression can name; asks need them: the real part, and ⟨P, Q⟩ = Re tr(PᴴQ)."""

APPLY = "apply"
"""The operation that calls a function which the expression was given by name."""

_BINARY = {ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/", ast.MatMult: "@", ast.Pow: "**"}


@dataclass(frozen=True, slots=True)
class Number:
    """A literal."""

    value: float | complex
    column: int


@dataclass(frozen=True, slots=True)
class Name:
    """One of the names that the expression was given."""

    name: str
    column: int


@dataclass(frozen=True, slots=True)
class Operation:
    """An operation on sub-expressions: `+ - * / @ **`, `neg`, `.T`, `.H`, or a function's name.

    Args:
        kind: the norm that is meant; for `apply` the name of the function that is called.
    """

    name: str
    arguments: tuple[Node, ...]
    column: int
    kind: str = ""


Node = Number | Name | Operation


@dataclass(frozen=True, slots=True)
class Expression:
    """A checked expression: its text and its syntax tree."""

    text: str
    tree: Node


class ExpressionError(ValueError):
    """All the faults of an expression, as (column counted from 1, message)."""

    def __init__(self, faults: Collection[tuple[int, str]]) -> None:
        self.faults = tuple(sorted(faults))
        super().__init__("; ".join(f"column {column}: {message}" for column, message in self.faults))


class ShapeError(ValueError):
    """An operation does not fit its operands' shapes."""


T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Algebra(Generic[T]):
    """A way to evaluate expressions: it makes numbers, and has operations by name."""

    number: Callable[[float | complex], T]
    operations: Mapping[str, Callable[..., T]]


def parse(text: str, names: Collection[str], functions: Collection[str] = ()) -> Expression:
    """Parse an expression over the given names and functions of one argument.

    Raises:
        ExpressionError: with every fault and its column.
    """
    if len(text) > MAX_LENGTH:
        raise ExpressionError([(MAX_LENGTH, f"longer than {MAX_LENGTH} characters")])
    try:
        body = ast.parse(text.strip(), mode="eval").body
    except SyntaxError as error:
        raise ExpressionError([(max(error.offset or 1, 1), f"not an expression: {error.msg}")]) from None
    except (ValueError, RecursionError, MemoryError) as error:
        raise ExpressionError([(1, f"not an expression: {error or 'nested too deeply'}")]) from None

    reader = _Reader(text.strip(), frozenset(names), frozenset(functions), [])
    tree = reader.read(body, 0)
    if reader.faults:
        raise ExpressionError(reader.faults)
    return Expression(text, tree)


def evaluate(expression: Expression, names: Mapping[str, Any], algebra: Algebra[T]) -> T:
    """The value of an expression in an algebra.

    Args:
        names: what each name stands for: an element of the algebra, a function on it, or the name of a norm.

    Raises:
        ExpressionError: an operation raised ShapeError; the column is the operation's.
    """
    return _evaluate(expression.tree, names, algebra)


def _evaluate(node: Node, names: Mapping[str, Any], algebra: Algebra[T]) -> T:
    if isinstance(node, Name):
        value: T = names[node.name]
        return value
    if isinstance(node, Number):
        return algebra.number(node.value)

    arguments: list[Any] = [_evaluate(argument, names, algebra) for argument in node.arguments]
    function = names[node.kind] if node.name == APPLY else algebra.operations[node.name]
    if node.kind and node.name != APPLY:
        arguments.append(node.kind)
    try:
        result: T = function(*arguments)
        return result
    except ShapeError as error:
        raise ExpressionError([(node.column, str(error))]) from None


@dataclass(frozen=True, slots=True)
class _Reader:
    """Copies Python's syntax tree into ours, collecting faults; a faulty part becomes the number 0."""

    text: str
    names: frozenset[str]
    functions: frozenset[str]
    faults: list[tuple[int, str]]

    def read(self, node: ast.expr, depth: int) -> Node:
        column = self.column(node)
        if depth > MAX_DEPTH:
            return self.fault(column, f"nested deeper than {MAX_DEPTH} levels")

        match node:
            case ast.Constant(value=int() | float() | complex() as value) if not isinstance(value, bool):
                return self.number(value, column)
            case ast.Name(id=name):
                return self.name(name, column)
            case ast.UnaryOp(op=ast.USub(), operand=operand):
                return Operation("neg", (self.read(operand, depth + 1),), column)
            case ast.UnaryOp(op=ast.UAdd(), operand=operand):
                return self.read(operand, depth + 1)
            case ast.BinOp(op=op) if type(op) in _BINARY:
                return self.binary(node, depth, column)
            case ast.Attribute(value=of, attr=("T" | "H") as attribute):
                return Operation(f".{attribute}", (self.read(of, depth + 1),), column)
            case ast.Call():
                return self.call(node, depth, column)

            case ast.Attribute(attr=attribute):
                return self.fault(column, f"unknown attribute '.{attribute}'; allowed: .T, .H")
            case ast.BinOp(op=ast.BitXor()):
                words = "'^' is no power here; write A @ A, or x ** 2 for entries and scalars"
                return self.fault(column, words)
        return self.fault(column, f"{_describe(node)} is not part of the expression language")

    def binary(self, node: ast.BinOp, depth: int, column: int) -> Node:
        if isinstance(node.op, ast.Pow):
            self.check_exponent(node.right)
        operands = (self.read(node.left, depth + 1), self.read(node.right, depth + 1))
        return Operation(_BINARY[type(node.op)], operands, column)

    def call(self, node: ast.Call, depth: int, column: int) -> Node:
        if not isinstance(node.func, ast.Name):
            return self.fault(column, "only the listed functions can be called")
        name = node.func.id
        is_given = name in self.functions
        if not is_given and name not in FUNCTIONS:
            hint = suggest(name, [*FUNCTIONS, *self.functions])
            return self.fault(column, f"unknown function '{name}'; {hint}")
        if node.keywords or any(isinstance(argument, ast.Starred) for argument in node.args):
            return self.fault(column, f"{name} takes plain arguments only")
        wanted = 1 if is_given else FUNCTIONS[name]
        if len(node.args) != wanted:
            plural = "s" if wanted > 1 else ""
            return self.fault(column, f"{name} takes {wanted} argument{plural}, found {len(node.args)}")

        if is_given:
            return Operation(APPLY, (self.read(node.args[0], depth + 1),), column, name)
        if name == "norm" and not isinstance(node.args[1], ast.Name):
            return self.norm(node, depth, column)
        return Operation(name, tuple(self.read(argument, depth + 1) for argument in node.args), column)

    def norm(self, node: ast.Call, depth: int, column: int) -> Node:
        of, kind = node.args
        if not isinstance(kind, ast.Constant) or kind.value not in NORMS:
            allowed = ", ".join(map(repr, NORMS))
            return self.fault(column, f"the second argument of norm is one of {allowed}")
        return Operation("norm", (self.read(of, depth + 1),), column, str(kind.value))

    def check_exponent(self, node: ast.expr) -> None:
        inner = node.operand if isinstance(node, ast.UnaryOp) else node
        if isinstance(inner, ast.Name):
            return
        value = inner.value if isinstance(inner, ast.Constant) else None
        if not isinstance(value, int | float) or not -MAX_POWER <= value <= MAX_POWER:
            words = f"an exponent is a name or a number from -{MAX_POWER} to {MAX_POWER}"
            self.fault(self.column(node), words)

    def number(self, value: float | complex, column: int) -> Node:
        try:
            converted = value if isinstance(value, complex) else float(value)
        except OverflowError:
            return self.fault(column, "number too large")
        if not cmath.isfinite(converted):
            return self.fault(column, "number too large")
        return Number(converted, column)

    def name(self, name: str, column: int) -> Node:
        if name in self.names:
            return Name(name, column)
        if name in FUNCTIONS or name in self.functions:
            return self.fault(column, f"'{name}' is a function and needs arguments")
        return self.fault(column, f"unknown name '{name}'; {suggest(name, self.names)}")

    def column(self, node: ast.expr) -> int:
        line = self.text.splitlines()[node.lineno - 1] if self.text else ""
        return len(line.encode()[: node.col_offset].decode(errors="ignore")) + 1

    def fault(self, column: int, message: str) -> Node:
        self.faults.append((column, message))
        return Number(0.0, column)


_WORDS: Mapping[type[ast.expr], str] = {
    ast.Compare: "a comparison",
    ast.Subscript: "indexing",
    ast.Lambda: "a lambda",
    ast.BoolOp: "and/or",
    ast.IfExp: "if/else",
    ast.List: "a list",
    ast.Tuple: "a tuple",
    ast.Dict: "a dictionary",
    ast.JoinedStr: "an f-string",
    ast.NamedExpr: "an assignment",
    ast.Constant: "a string or constant",
    **dict.fromkeys((ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp), "a comprehension"),
    **dict.fromkeys((ast.BinOp, ast.UnaryOp), "this operator"),
}


def _describe(node: ast.expr) -> str:
    return _WORDS.get(type(node), type(node).__name__)
