"""The arguments of a call, sorted by what the function's signature says."""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from grader.core.errors import suggest
from grader.core.text import count
from grader.problems.entry_functions import REDUCTIONS
from grader.problems.language.functions import CONSTANTS, Signature


@dataclass(frozen=True, slots=True)
class Bound:
    """The arguments of a call: values in the order of the signature, and constants by name."""

    values: tuple[ast.expr, ...]
    options: tuple[tuple[str, Any], ...]


def bind(name: str, takes: Signature, call: ast.Call) -> Bound | str:
    """Sort the arguments of a call, or say what is wrong with them."""
    positions = takes.arguments if takes.spread else takes.positions
    fault = _misplaced(name, takes, positions, call)
    if fault:
        return fault

    values = dict(zip(positions, call.args, strict=False))
    values |= {str(keyword.arg): keyword.value for keyword in call.keywords}
    spread = _spread(call.args[len(positions) :])
    has_required = values.keys() >= {*takes.arguments[: takes.required]}
    lacks_spread = takes.spread and not spread
    if lacks_spread or not has_required:
        given = values.keys() & {*takes.arguments}
        return f"{name} takes {_count(takes)}, found {len(given) + len(spread)}"

    options = []
    for word in [word for word in takes.constants if word in values]:
        value = _literal(values[word])
        may_be_axes = word == "axis" and name in REDUCTIONS
        if not _is_constant(value, may_be_axes=may_be_axes):
            return f"'{word}' of {name} is a constant, such as {word}=0"
        options.append((word, value))

    return Bound((*_in_order(takes.arguments, values), *spread), tuple(options))


def _in_order(words: Sequence[str], values: Mapping[str, ast.expr]) -> list[ast.expr]:
    """The values up to the last that is given; what is left out before it is None."""
    until_last = list(words)
    while until_last and until_last[-1] not in values:
        until_last.pop()
    return [values.get(word, ast.Constant(None)) for word in until_last]


def has_stars(call: ast.Call) -> bool:
    """Does a call have `*x` or `**x` among its arguments?"""
    is_starred = any(isinstance(argument, ast.Starred) for argument in call.args)
    return is_starred or any(keyword.arg is None for keyword in call.keywords)


def _misplaced(name: str, takes: Signature, positions: Sequence[str], call: ast.Call) -> str:
    """Say which argument is not given as the signature wants it."""
    if has_stars(call):
        return f"{name} takes plain arguments only"
    if not takes.spread and len(call.args) > len(positions):
        return f"{name} takes {_count(takes)}, found {len(call.args)}"
    if name in _BESIDE and len(call.args) > 1:
        return f"{name} of two is {_BESIDE[name]}(x, y); along an axis it is {name}(x, axis=0)"

    given = {*positions[: len(call.args)]}
    for keyword in call.keywords:
        word = str(keyword.arg)
        if word not in takes.optional:
            return f"{name} takes plain arguments only, not {word}=…; {suggest(word, takes.optional)}"
        if word in given:
            return f"{name} has two values for '{word}'"
        given.add(word)
    return ""


_BESIDE = {"max": "maximum", "min": "minimum"}
"""Functions whose second argument is an axis in numpy, and something to compare with in Python."""


def _spread(arguments: Sequence[ast.expr]) -> list[ast.expr]:
    """Any number of arguments, or one list of them."""
    if len(arguments) == 1 and isinstance(arguments[0], ast.List | ast.Tuple):
        return list(arguments[0].elts)
    return list(arguments)


_NO_LITERAL = object()


def _literal(node: ast.expr) -> Any:
    try:
        return ast.literal_eval(node)
    except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
        return _NO_LITERAL


def _is_constant(value: Any, *, may_be_axes: bool) -> bool:
    """Is it a whole number, a word, a truth value or None? Where several axes can be given, a tuple of them is, too."""
    if isinstance(value, tuple):
        return may_be_axes and all(type(axis) is int for axis in value)
    return isinstance(value, int | str | None)


def _count(takes: Signature) -> str:
    if takes.spread:
        return f"{takes.spread}, such as [a, b]"
    values = [word for word in takes.arguments if word not in CONSTANTS]
    if takes.required < len(values):
        return f"{takes.required} to {len(values)} arguments ({takes.text})"
    return count(takes.required, "argument")
