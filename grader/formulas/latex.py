"""A formula of the language as mathematics writes it: A⁻¹, Aᵀ, products side by side."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeGuard

from grader.formulas.show import (
    ATOM,
    COMPARED,
    COMPARISONS,
    JOINED,
    KRON,
    NEGATIVE,
    PRODUCT,
    RAISED,
    SUM,
    Written,
    as_text,
    called,
    index,
)
from grader.problems.language.nodes import Argument, Name, Number, Operation

_SIGNS: Mapping[str, str] = {">=": r"\ge", "<=": r"\le", "==": "=", "!=": r"\ne"}
_NORMS: Mapping[str, str] = {"": "", "fro": "_F", "nuc": "_*"}
_CALLS: Mapping[str, str] = {
    "trace": r"\operatorname{tr}",
    "det": r"\det",
    "adj": r"\operatorname{adj}",
    "exp": r"\exp",
    "log": r"\log",
}


def as_latex(node: Argument) -> str:
    """A node as LaTeX."""
    return _typeset(node)[0]


def _typeset(node: Argument) -> Written:
    match node:
        case Name(name=name):
            return _name(name), ATOM
        case Number():
            return _number(as_text(node))
        case Operation():
            return _WRITERS.get(node.name, _call)(node)
    return as_text(node).replace("_", r"\_"), ATOM


def _around(node: Argument, least: int) -> str:
    """A part, in brackets if it holds together less than that."""
    text, binding = _typeset(node)
    return text if binding >= least else rf"\left({text}\right)"


def _after(node: Argument, least: int) -> str:
    """A part that stands behind another, where a minus would be read as a difference."""
    text = _around(node, least)
    return rf"\left({text}\right)" if text.startswith("-") else text


def _name(name: str) -> str:
    return name if len(name) == 1 else rf"\mathit{{{name}}}".replace("_", r"\_")


def _number(text: str) -> Written:
    """A number, with its power of ten as in print."""
    digits, e, exponent = text.partition("e")
    if not e or not exponent.lstrip("+-").isdigit():
        return text, ATOM
    return rf"{digits} \cdot 10^{{{int(exponent)}}}", PRODUCT


def _mark(node: Operation) -> Written:
    inner, mark = node.arguments[0], node.name[1]
    if _is_inverse(inner):
        return f"{_around(inner.arguments[0], ATOM)}^{{-{mark}}}", RAISED
    return f"{_around(inner, ATOM)}^{{{mark}}}", RAISED


def _is_inverse(node: Argument) -> TypeGuard[Operation]:
    return isinstance(node, Operation) and node.name == "inv"


def _inverse(node: Operation) -> Written:
    return f"{_around(node.arguments[0], ATOM)}^{{-1}}", RAISED


def _power(node: Operation) -> Written:
    base, exponent = node.arguments
    return f"{_around(base, ATOM)}^{{{as_latex(exponent)}}}", RAISED


def _entry(node: Operation) -> Written:
    array, *indices = node.arguments
    places = [index(place, as_latex) for place in indices]
    return f"{_around(array, ATOM)}_{{{', '.join(places)}}}", RAISED


def _negative(node: Operation) -> Written:
    inner = node.arguments[0]
    is_kron = isinstance(inner, Operation) and inner.name == "kron"
    return f"-{_after(inner, KRON if is_kron else NEGATIVE)}", KRON if is_kron else NEGATIVE


def _sum(node: Operation) -> Written:
    left, right = node.arguments
    return f"{_around(left, SUM)} {node.name} {_after(right, KRON)}", SUM


def _product(node: Operation) -> Written:
    left, right = node.arguments
    is_entrywise = node.name == "*" and not any(isinstance(item, Number) for item in node.arguments)
    sign = r"\ast" if is_entrywise else r"\,"
    if isinstance(right, Number):
        sign = r"\cdot"
    return f"{_around(left, PRODUCT)} {sign} {_after(right, NEGATIVE)}", PRODUCT


def _quotient(node: Operation) -> Written:
    above, below = map(as_latex, node.arguments)
    return rf"\frac{{{above}}}{{{below}}}", ATOM


def _remainder(node: Operation) -> Written:
    left, right = node.arguments
    return rf"{_around(left, PRODUCT)} \bmod {_after(right, NEGATIVE)}", SUM


def _floor(node: Operation) -> Written:
    left, right = node.arguments
    return rf"\left\lfloor {_around(left, PRODUCT)} / {_after(right, NEGATIVE)} \right\rfloor", ATOM


def _kron(node: Operation) -> Written:
    left, right = node.arguments
    return rf"{_around(left, KRON)} \otimes {_after(right, PRODUCT)}", KRON


def _comparison(node: Operation) -> Written:
    sign = _SIGNS.get(node.name, node.name)
    return f" {sign} ".join(_around(item, SUM) for item in node.arguments), COMPARED


def _joined(node: Operation) -> Written:
    return rf" \text{{ {node.name} }} ".join(_around(item, COMPARED) for item in node.arguments), JOINED


def _not(node: Operation) -> Written:
    return rf"\text{{not }} {_around(node.arguments[0], COMPARED)}", COMPARED


def _choice(node: Operation) -> Written:
    condition, value, otherwise = map(as_latex, node.arguments)
    rows = rf"{value} & \text{{if }} {condition} \\ {otherwise} & \text{{otherwise}}"
    return rf"\begin{{cases}} {rows} \end{{cases}}", JOINED


def _logdet(node: Operation) -> Written:
    return rf"\log\left|\det {as_latex(node.arguments[0])}\right|", ATOM


def _norm(node: Operation) -> Written:
    kind = _NORMS.get(node.kind, f"_{{{node.kind}}}")
    return rf"\left\|{', '.join(map(as_latex, node.arguments))}\right\|{kind}", ATOM


def _call(node: Operation) -> Written:
    name = _CALLS.get(called(node)) or rf"\operatorname{{{called(node)}}}".replace("_", r"\_")
    options = [rf"\text{{{key}}} = {value}" for key, value in node.options]
    return rf"{name}\left({', '.join([*map(as_latex, node.arguments), *options])}\right)", ATOM


_WRITERS: Mapping[str, Callable[[Operation], Written]] = {
    ".T": _mark,
    ".H": _mark,
    "inv": _inverse,
    "power": _power,
    "**": _power,
    "[]": _entry,
    "neg": _negative,
    "+": _sum,
    "-": _sum,
    "*": _product,
    "@": _product,
    "/": _quotient,
    "%": _remainder,
    "//": _floor,
    "kron": _kron,
    **dict.fromkeys(COMPARISONS, _comparison),
    "and": _joined,
    "or": _joined,
    "not": _not,
    "if": _choice,
    "logdet": _logdet,
    "norm": _norm,
}
"""How each operation is typeset; all others are calls."""
