"""Read expressions: copy Python's syntax tree into ours, collecting faults."""

from __future__ import annotations

import ast
import cmath
import math
import operator
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from types import EllipsisType
from typing import Any

from grader.core.errors import suggest
from grader.problems.language.arguments import bind, has_stars
from grader.problems.language.errors import ExpressionFault
from grader.problems.language.functions import APPLY, FUNCTIONS, NUMBERS, Signature
from grader.problems.language.nodes import Argument, Function, Name, Node, Number, Operation, Return, Word
from grader.problems.language.sharing import NOTHING, Sharing
from grader.problems.language.spelling import help_with
from grader.problems.language.typing_slips import explain_attribute, explain_call, explain_name

MAX_DEPTH = 60
MAX_POWER = 64

_BINARY = {
    **{ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/", ast.MatMult: "@", ast.Pow: "**"},
    **{ast.FloorDiv: "//", ast.Mod: "%"},
}
_COMPARISON = {
    **{ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">=", ast.Eq: "==", ast.NotEq: "!="},
}


@dataclass(frozen=True, slots=True)
class Reader:
    """Reads expressions; a faulty part becomes the number 0.

    Args:
        names, functions: what is known at one place; sharing: which arrays are the program's own there.
        loops: the number of loops around it.
    """

    lines: Sequence[str]
    names: frozenset[str]
    functions: frozenset[str]
    faults: list[ExpressionFault]
    sharing: Sharing = NOTHING
    loops: int = 0

    def read(self, node: ast.expr, depth: int) -> Node:
        """Read an expression that is a value."""
        if depth > MAX_DEPTH:
            return self.fault(node, f"nested deeper than {MAX_DEPTH} levels")

        match node:
            case ast.Constant(value=int() | float() | complex() as value) if not isinstance(value, bool):
                return self.number(node, value)
            case ast.Name(id=name):
                return self.name(node, name)
            case ast.UnaryOp(op=ast.USub(), operand=operand):
                return self.operation("neg", node, self.read(operand, depth + 1))
            case ast.UnaryOp(op=ast.UAdd(), operand=operand):
                return self.read(operand, depth + 1)
            case ast.BinOp(op=op) if type(op) in _BINARY:
                return self.binary(node, depth)
            case ast.Attribute(value=of, attr=("T" | "H") as attribute):
                return self.operation(f".{attribute}", node, self.read(of, depth + 1))
            case ast.Subscript(value=of, slice=index):
                return self.operation("[]", node, self.read(of, depth + 1), *self.index(index, depth + 1))
            case ast.List(elts=elements):
                return self.array(node, elements, depth)
            case ast.Call():
                return self.call(node, depth)
            case ast.IfExp(test=test, body=body, orelse=orelse):
                condition = self.condition(test, depth + 1)
                return self.operation("if", node, condition, *self.read_all((body, orelse), depth + 1))
            case ast.Attribute():
                return self.fault(node, explain_attribute(node, self.names))
        return self.fault(node, _say_unknown(node))

    def read_all(self, nodes: Sequence[ast.expr], depth: int) -> list[Node]:
        """Read several expressions that are values."""
        return [self.read(node, depth) for node in nodes]

    def operation(self, name: str, node: ast.AST, *arguments: Any, kind: str = "") -> Operation:
        """An operation at the place of a node of Python's."""
        line, column = self.place(node)
        return Operation(name, arguments, column, kind, (), line)

    def binary(self, node: ast.BinOp, depth: int) -> Node:
        """Read a sum, product, power and the like."""
        left, right = self.read_all((node.left, node.right), depth + 1)
        if isinstance(node.op, ast.Pow):
            self.check_exponent(node.right, right)
        return self.operation(_BINARY[type(node.op)], node, left, right)

    def array(self, node: ast.expr, elements: Sequence[ast.expr], depth: int) -> Node:
        """Read a list, which is an array of its elements."""
        if not elements:
            return self.fault(node, "an empty list is not an array; write zeros(0)")
        return self.operation("stack", node, *self.read_all(elements, depth + 1))

    def index(self, node: ast.expr, depth: int) -> list[Argument]:
        """Read what stands between brackets, one node for each part."""
        for part in ast.walk(node):
            if isinstance(part, ast.Constant) and isinstance(part.value, float):
                self.fault(part, f"an index is a whole number, found {part.value}")
        return [self.index_part(part, depth) for part in elements_of(node, ast.Tuple)]

    def index_part(self, node: ast.expr, depth: int) -> Argument:
        """Read a whole number, a slice, `None` or `...`."""
        line, column = self.place(node)
        match node:
            case ast.Slice(lower=lower, upper=upper, step=step):
                none = Word(None, column, line)
                parts = (lower, upper, step)
                bounds = [none if part is None else self.read(part, depth + 1) for part in parts]
                return self.operation("slice", node, *bounds)
            case ast.Constant(value=(None | EllipsisType()) as value):
                return Word(value, column, line)
        return self.read(node, depth)

    def call(self, node: ast.Call, depth: int) -> Node:
        """Read the call of a listed or given function."""
        if not isinstance(node.func, ast.Name):
            return self.fault(node, explain_call(node, self.names))
        name = node.func.id
        if name in self.functions:
            return self.call_given(node, name, depth)
        if name not in FUNCTIONS:
            hint = help_with(name, [*FUNCTIONS, *self.functions])
            return self.fault(node, f"unknown function '{name}'; {hint}")

        if name == "einsum":
            node = _with_named_subscripts(node)
            if all(keyword.arg != "subscripts" for keyword in node.keywords):
                return self.fault(node, "einsum begins with a constant text, as in einsum('ij,jk->ik', A, B)")
        return self.call_listed(node, name, depth)

    def call_listed(self, node: ast.Call, name: str, depth: int) -> Node:
        """Read the call of a listed function."""
        takes = FUNCTIONS[name]
        bound = bind(name, takes, node)
        if isinstance(bound, str):
            return self.fault(node, bound)

        values = bound.values
        if name == "block":
            return self.block(node, values, depth)
        is_parameter = any(isinstance(kind, ast.Name) for kind in values[1:])
        if takes.kinds and not is_parameter:
            return self.call_with_kind(node, name, values, depth)

        named = zip(takes.name_arguments(len(values)), values, strict=True)
        read = [self.argument(takes, word, value, depth + 1) for word, value in named]
        return replace(self.operation(name, node, *read), options=bound.options)

    def argument(self, takes: Signature, word: str, value: ast.expr, depth: int) -> Argument:
        """Read an argument of a listed function, which may be a function, a condition or None."""
        if isinstance(value, ast.Constant) and value.value is None:
            return Word(None, *reversed(self.place(value)))
        if word in takes.functions:
            return self.function(value, depth)
        if word == "condition":
            return self.comparison(value, depth)
        return self.read(value, depth)

    def call_given(self, node: ast.Call, name: str, depth: int) -> Node:
        """Read the call of a function that the expression was given, or has defined."""
        if node.keywords or has_stars(node):
            return self.fault(node, f"{name} takes plain arguments only")
        if not node.args:
            return self.fault(node, f"{name} takes 1 argument, found 0")
        return self.operation(APPLY, node, *self.read_all(node.args, depth + 1), kind=name)

    def call_with_kind(self, node: ast.Call, name: str, values: Sequence[ast.expr], depth: int) -> Node:
        """Read the call of a function whose second argument is a word: without it, the first that is allowed."""
        kinds = FUNCTIONS[name].kinds
        of, kind = (*values, ast.Constant(kinds[0]))[:2]
        if not isinstance(kind, ast.Constant) or str(kind.value) not in kinds:
            allowed = ", ".join(map(repr, kinds))
            return self.fault(node, f"the second argument of {name} is one of {allowed}")
        return self.operation(name, node, self.read(of, depth + 1), kind=str(kind.value))

    def block(self, node: ast.Call, rows: Sequence[ast.expr], depth: int) -> Node:
        """Read a matrix of matrices: rows beside each other, one above the other."""
        is_one_row = not any(isinstance(row, ast.List | ast.Tuple) for row in rows)
        lines = [rows] if is_one_row else [elements_of(row, ast.List | ast.Tuple) for row in rows]
        joined = [self.operation("row of blocks", node, *self.read_all(line, depth + 2)) for line in lines]
        return replace(self.operation("concatenate", node, *joined), options=(("axis", 0),))

    def function(self, node: ast.expr, depth: int) -> Argument:
        """Read a function that is an argument: a lambda, or the name of one."""
        line, column = self.place(node)
        if isinstance(node, ast.Name) and node.id in self.functions:
            return Name(node.id, column, line)
        if not isinstance(node, ast.Lambda):
            return self.fault(node, "expected a function: its name, or lambda x: …")

        names = argument_names(node.args)
        if names is None:
            return self.fault(node, "a lambda takes plain arguments only")
        inner = replace(self, names=self.names | {*names})
        return Function(names, (Return((inner.read(node.body, depth + 1),), column, line),), column, line)

    def comparison(self, node: ast.expr, depth: int) -> Node:
        """Read a comparison of two values; it may have any value for its parts."""
        match node:
            case ast.Compare(left=left, ops=[sign], comparators=[right]) if type(sign) in _COMPARISON:
                sides = (self.constant(left, depth + 1), self.constant(right, depth + 1))
                return self.operation(_COMPARISON[type(sign)], node, *sides)
        return self.fault(node, "expected one comparison, such as x > 0")

    def condition(self, node: ast.expr, depth: int) -> Node:
        """Read a condition on sizes, parameters and loop variables."""
        match node:
            case ast.BoolOp(op=op, values=values):
                word = "and" if isinstance(op, ast.And) else "or"
                parts = [self.condition(value, depth + 1) for value in values]
                return self.operation(word, node, *parts)
            case ast.UnaryOp(op=ast.Not(), operand=operand):
                return self.operation("not", node, self.condition(operand, depth + 1))
            case ast.Compare(ops=[_]):
                return self.comparison(node, depth)
            case ast.Compare():
                parts = [self.comparison(one, depth + 1) for one in _unchain(node)]
                return self.operation("and", node, *parts)
        return self.fault(node, "a condition compares sizes, parameters and loop variables, as in k > 0")

    def constant(self, node: ast.expr, depth: int) -> Argument:
        """Read one side of a comparison, which may be a word."""
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            line, column = self.place(node)
            return Word(node.value, column, line)
        return self.read(node, depth)

    def check_exponent(self, node: ast.expr, read: Node) -> None:
        """Literal exponents are small, so that nothing grows without bound."""
        value = _fold(read)
        if value is not None and not -MAX_POWER <= value <= MAX_POWER:
            self.fault(node, f"an exponent is a name or a number from -{MAX_POWER} to {MAX_POWER}")

    def number(self, node: ast.expr, value: float | complex) -> Node:
        """Read a finite number."""
        try:
            converted = value if isinstance(value, complex) else float(value)
        except OverflowError:
            converted = math.inf
        if not cmath.isfinite(converted):
            return self.fault(node, "number too large")
        line, column = self.place(node)
        return Number(converted, column, line)

    def name(self, node: ast.expr, name: str) -> Node:
        """Read a name that stands for a value."""
        if name in self.names:
            line, column = self.place(node)
            return Name(name, column, line)
        if name in NUMBERS:
            return self.number(node, NUMBERS[name])
        if name in FUNCTIONS:
            called = f"{name}({FUNCTIONS[name].text})"
            return self.fault(node, f"'{name}' is a function and needs arguments, as in {called}")
        if name in self.functions:
            return self.fault(node, f"'{name}' is a function and needs arguments")
        hint = explain_name(name, self.names) or suggest(name, self.names)
        return self.fault(node, f"unknown name '{name}'; {hint}")

    def place(self, node: ast.AST) -> tuple[int, int]:
        """The line and column of a node, counted from 1."""
        line, offset = getattr(node, "lineno", 1), getattr(node, "col_offset", 0)
        text = self.lines[line - 1] if line <= len(self.lines) else ""
        return line, len(text.encode()[:offset].decode(errors="ignore")) + 1

    def fault(self, node: ast.AST, message: str) -> Node:
        """Note what is wrong; the number 0 stands in its place."""
        line, column = self.place(node)
        # What is said once is not said again, of a name that is used twice or a loop that is read twice.
        if all(fault.message != message for fault in self.faults):
            self.faults.append(ExpressionFault(line, column, message))
        return Number(0.0, column, line)


def _unchain(node: ast.Compare) -> Iterator[ast.Compare]:
    """The comparisons that a chain such as `0 < n < 9` joins."""
    sides = [node.left, *node.comparators]
    for left, sign, right in zip(sides, node.ops, sides[1:], strict=False):
        yield ast.copy_location(ast.Compare(left, [sign], [right]), left)


def _with_named_subscripts(node: ast.Call) -> ast.Call:
    """The call of einsum with its first argument by name."""
    match node.args:
        case [ast.Constant(value=str()) as subscripts, *arrays]:
            named = ast.Call(node.func, arrays, [*node.keywords, ast.keyword("subscripts", subscripts)])
            return ast.copy_location(named, node)
    return node


def elements_of(node: ast.expr, kinds: Any) -> Sequence[ast.expr]:
    """The elements of a tuple or list; anything else is the only element."""
    elements: Sequence[ast.expr] = node.elts if isinstance(node, kinds) else [node]
    return elements


def argument_names(arguments: ast.arguments) -> tuple[str, ...] | None:
    """The names of plain arguments; None if there are others."""
    others = [*arguments.kwonlyargs, *arguments.defaults, *arguments.posonlyargs]
    others += filter(None, (arguments.vararg, arguments.kwarg))
    if others or not arguments.args:
        return None
    return tuple(argument.arg for argument in arguments.args)


_FOLDED: dict[str, Callable[..., float]] = {
    "neg": operator.neg,
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": lambda a, b: a / b if b else math.inf,
    "**": lambda *_: math.inf,
}


def _fold(node: Node) -> float | None:
    """The value of an expression of numbers alone; infinite if it is too large to be an exponent."""
    if isinstance(node, Number):
        return node.value if isinstance(node.value, float) else math.inf
    if not isinstance(node, Operation) or node.name not in _FOLDED:
        return None

    operands = [value for value in map(_fold, node.arguments) if value is not None]
    if len(operands) < len(node.arguments):
        return None
    return _FOLDED[node.name](*operands)


_WORDS = {
    ast.Compare: "a comparison",
    ast.Lambda: "a lambda",
    ast.BoolOp: "and/or",
    ast.Tuple: "a tuple",
    ast.Dict: "a dictionary",
    ast.JoinedStr: "an f-string",
    ast.NamedExpr: "an assignment",
    ast.Constant: "a string or constant",
    **dict.fromkeys((ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp), "a comprehension"),
    **dict.fromkeys((ast.BinOp, ast.UnaryOp), "this operator"),
}
_INSTEAD: dict[type[ast.expr], str] = {
    ast.Compare: "write where(x > 0, a, b) to decide on data",
    **dict.fromkeys((ast.ListComp, ast.GeneratorExp), "write sum(x), or lines with for k in range(n)"),
    ast.Tuple: "write [a, b] for an array",
    ast.Lambda: "write the value alone",
}


def _say_no_power(exponent: ast.expr) -> str:
    while isinstance(exponent, ast.BinOp):
        exponent = exponent.left  # products bind more tightly than ^
    match exponent:
        case ast.Name(id=("T" | "H") as name):
            return f"'^' is not a transpose here; write A.{name}"
        case ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=1)):
            return "'^' is not a power here; write inv(A), or 1 / x for entries and scalars"
    return "'^' is not a power here; write A @ A, or x ** 2 for entries and scalars"


def _say_unknown(node: ast.expr) -> str:
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitXor):
        return _say_no_power(node.right)

    what = f"{_WORDS.get(type(node), type(node).__name__)} is not part of the expression language"
    hint = _INSTEAD.get(type(node), "")
    return f"{what}; {hint}" if hint else what
