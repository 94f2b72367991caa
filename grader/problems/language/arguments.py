"""The arguments of a call, sorted by what the function's signature says."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from grader.core.errors import suggest
from grader.core.text import count
from grader.problems.language.functions import CONSTANTS, REDUCTIONS, Signature


@dataclass(frozen=True, slots=True)
class Bound:
    """The arguments of a call: values in the order of the signature, and constants by name."""

    values: tuple[ast.expr, ...]
    options: tuple[tuple[str, Any], ...]


def bind(name: str, takes: Signature, call: ast.Call) -> Bound | str:
    """Sort the arguments of a call, or say what is wrong with them."""
    if any(isinstance(argument, ast.Starred) for argument in call.args) or not all(
        k.arg for k in call.keywords
    ):
        return f"{name} takes plain arguments only"

    values: dict[str, ast.expr] = {}
    positions = takes.arguments if takes.spread else takes.positions
    spread = _spread(call.args[len(positions) :]) if takes.spread else []
    if not takes.spread and len(call.args) > len(positions):
        return f"{name} takes {_count(takes)}, found {len(call.args)}"
    if name in _BESIDE and len(call.args) > 1:
        return f"{name} of two is {_BESIDE[name]}(x, y); along an axis it is {name}(x, axis=0)"
    values.update(zip(positions, call.args, strict=False))

    for keyword in call.keywords:
        word = str(keyword.arg)
        if word not in takes.optional:
            return f"{name} takes plain arguments only, not {word}=…; {suggest(word, takes.optional)}"
        if word in values:
            return f"{name} has two values for '{word}'"
        values[word] = keyword.value

    given = [word for word in takes.arguments if word in values]
    missing = [word for word in takes.arguments[: takes.required] if word not in values]
    if missing or (takes.spread and not spread):
        return f"{name} takes {_count(takes)}, found {len(given) + len(spread)}"
    last = max((k + 1 for k, word in enumerate(takes.arguments) if word in values), default=0)
    ordered = [values.get(word, ast.Constant(None)) for word in takes.arguments[:last]]

    options = []
    for word in takes.constants:
        if word not in values:
            continue
        constant = _axes(values[word]) if word == "axis" and name in REDUCTIONS else _constant(values[word])
        if constant is _NO_CONSTANT:
            return f"'{word}' of {name} is a constant, such as {word}=0"
        options.append((word, constant))
    return Bound((*ordered, *spread), tuple(options))


_BESIDE = {"max": "maximum", "min": "minimum"}
"""Functions whose second argument is an axis in numpy, and something to compare with in Python."""


def _spread(arguments: Sequence[ast.expr]) -> list[ast.expr]:
    """Any number of arguments, or one list of them."""
    if len(arguments) == 1 and isinstance(arguments[0], ast.List | ast.Tuple):
        return list(arguments[0].elts)
    return list(arguments)


_NO_CONSTANT = object()


def _constant(node: ast.expr) -> Any:
    try:
        value = ast.literal_eval(node)
    except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
        return _NO_CONSTANT
    return value if value is None or isinstance(value, bool | int | str) else _NO_CONSTANT


def _axes(node: ast.expr) -> Any:
    """One axis, or a tuple of them."""
    if not isinstance(node, ast.Tuple):
        return _constant(node)
    axes = tuple(_constant(part) for part in node.elts)
    return axes if all(type(axis) is int for axis in axes) else _NO_CONSTANT


def _count(takes: Signature) -> str:
    if takes.spread:
        return f"{takes.spread}, such as [a, b]"
    values = [word for word in takes.arguments if word not in CONSTANTS]
    if takes.required < len(values):
        return f"{takes.required} to {len(values)} arguments ({takes.text})"
    return count(takes.required, "argument")
