"""A formula of the language as text again: what a student reads of it, node by node."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from grader.problems.language.functions import NUMBERS
from grader.problems.language.nodes import (
    Argument,
    Function,
    Name,
    Node,
    Number,
    Operation,
    Word,
    is_operation,
)

Written = tuple[str, int]
"""The text of a node, and how strongly it holds together."""

CHOSEN, JOINED, COMPARED, SUM, KRON, PRODUCT, NEGATIVE, POWER, RAISED, ATOM = range(-2, 8)
"""How strongly: a choice by sizes the least, then conditions, sums, products, …, and names the most."""
_NAMES: Mapping[complex, str] = {value: name for name, value in NUMBERS.items()}
COMPARISONS = (">", "<", ">=", "<=", "==", "!=")
_BINARY: Mapping[str, int] = {
    **dict.fromkeys(("+", "-"), SUM),
    **dict.fromkeys(("*", "/", "@", "//", "%"), PRODUCT),
    "**": POWER,
}
_NUMBERS = frozenset({"det", "trace", "logdet", "norm", "inner", "dot"})
"""Functions whose values are numbers."""
_KEEPS_NUMBERS = frozenset({"+", "-", "*", "/", "@", "neg", "sqrt", "exp", "log", "abs", "sign"})
"""Operations that make a number of numbers."""


def as_text(node: Argument) -> str:
    """A node as the language writes it."""
    return _write(node)[0]


def _write(node: Argument) -> Written:
    match node:
        case Number(value=value):
            return _number(value), ATOM
        case Name(name=name):
            return name, ATOM
        case Word(value=value):
            return ("…" if value is ... else repr(value)), ATOM
        case Function():
            return "…", ATOM
    return _WRITERS.get(node.name, _call)(node)


def is_number(node: Argument) -> bool:
    """Is it a number, whatever its names stand for?"""
    if not isinstance(node, Operation):
        return isinstance(node, Number)
    if node.name in ("power", "**"):
        return is_number(node.arguments[0])
    if node.name in _KEEPS_NUMBERS:
        return all(map(is_number, node.arguments))
    return node.name in _NUMBERS


def _inside(node: Argument, least: int) -> str:
    """The text of a part, in brackets if it holds together less than that."""
    text, binding = _write(node)
    return text if binding >= least else f"({text})"


def _number(value: complex) -> str:
    if value in _NAMES:
        return _NAMES[value]
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    return str(value)


def _negative(node: Operation) -> Written:
    return f"-{_inside(node.arguments[0], NEGATIVE)}", NEGATIVE


def _mark(node: Operation) -> Written:
    return f"{_inside(node.arguments[0], ATOM)}{node.name}", ATOM


def _binary(node: Operation) -> Written:
    left, right = node.arguments
    # A product that is not written is `@`, also of a number and a matrix.
    is_multiple = node.name == "@" and any(map(is_number, node.arguments))
    sign = "*" if is_multiple else node.name

    binding = _BINARY[node.name]
    return f"{_inside(left, binding)} {sign} {_inside(right, binding + 1)}", binding


def _comparison(node: Operation) -> Written:
    return f" {node.name} ".join(_inside(item, SUM) for item in node.arguments), COMPARED


def _joined(node: Operation) -> Written:
    return f" {node.name} ".join(_inside(item, COMPARED) for item in node.arguments), JOINED


def _not(node: Operation) -> Written:
    return f"not {_inside(node.arguments[0], COMPARED)}", COMPARED


def _choice(node: Operation) -> Written:
    condition, value, otherwise = (_inside(item, JOINED) for item in node.arguments)
    return f"{value} if {condition} else {otherwise}", CHOSEN


def _entry(node: Operation) -> Written:
    array, *indices = node.arguments
    places = [index(place, as_text) for place in indices]
    return f"{_inside(array, ATOM)}[{', '.join(places)}]", ATOM


def index(node: Argument, write: Callable[[Argument], str]) -> str:
    """A part of an index: a slice as `1:3`, or what `write` makes of it."""
    if not is_operation(node, "slice"):
        return write(node)

    begin, end, step = ("" if _is_none(bound) else write(bound) for bound in node.arguments)
    return f"{begin}:{end}:{step}" if step else f"{begin}:{end}"


def _is_none(node: Argument) -> bool:
    return isinstance(node, Word) and node.value is None


def _array(node: Operation) -> Written:
    if node.options:
        return _call(node)
    return f"[{', '.join(map(as_text, node.arguments))}]", ATOM


def _joined_arrays(node: Operation) -> Written:
    rows = [f"[{', '.join(map(as_text, row))}]" for row in blocks_of(node)]
    if not rows:
        return _call(node)
    return f"block([{', '.join(rows)}])", ATOM


def rows_of(node: Operation) -> list[tuple[Node, ...]]:
    """The rows of a matrix that is written entry by entry, as in [[1, 2], [3, 4]]; empty if it is none."""
    rows = [row.arguments for row in node.arguments if is_operation(row, "stack") and not row.options]
    lengths = set(map(len, rows))
    is_matrix = len(rows) == len(node.arguments) and len(lengths) == 1
    return rows if is_matrix else []


def blocks_of(node: Operation) -> list[tuple[Node, ...]]:
    """The rows of a matrix of matrices, as in block([[A, B], [C, D]]); empty if it is none."""
    rows = [row.arguments for row in node.arguments if is_operation(row, "row of blocks")]
    return rows if len(rows) == len(node.arguments) else []


def _call(node: Operation) -> Written:
    options = [f"{name}={value!r}" for name, value in node.options]
    kinds = [repr(kind) for kind in kinds_of(node)]
    arguments = [*map(as_text, node.arguments), *kinds, *options]
    return f"{called(node)}({', '.join(arguments)})", ATOM


def kinds_of(node: Operation) -> list[str]:
    """The word that is an argument of a call, such as the name of a norm, if there is one."""
    return [node.kind] if node.kind and node.name != "apply" else []


def called(node: Operation) -> str:
    """The name of what an operation calls."""
    return node.kind if node.name == "apply" else node.name


_WRITERS: Mapping[str, Callable[[Operation], Written]] = {
    "neg": _negative,
    ".T": _mark,
    ".H": _mark,
    **dict.fromkeys(_BINARY, _binary),
    **dict.fromkeys(COMPARISONS, _comparison),
    "and": _joined,
    "or": _joined,
    "not": _not,
    "if": _choice,
    "[]": _entry,
    "stack": _array,
    "concatenate": _joined_arrays,
}
"""How each operation is written; all others are calls."""
