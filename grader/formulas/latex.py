"""A formula of the language as mathematics writes it: A⁻¹, Aᵀ, products side by side."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

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
    blocks_of,
    called,
    index,
    is_number,
    kinds_of,
    rows_of,
)
from grader.problems.language.nodes import Argument, Name, Number, Operation, Word, is_operation

_SIGNS: Mapping[str, str] = {">=": r"\ge", "<=": r"\le", "==": "=", "!=": r"\ne"}
_NORMS: Mapping[str, str] = {"": "", "fro": "_F", "nuc": "_*", "inf": r"_{\infty}", "max": r"_{\max}"}
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
        case Word(value=value):
            return _word(value), ATOM
        case Operation():
            return _WRITERS.get(node.name, _call)(node)
    return as_text(node).replace("_", r"\_"), ATOM


def _word(value: object) -> str:
    return r"\dots" if value is ... else rf"\text{{{value}}}"


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
    if text == "pi":
        return r"\pi", ATOM
    if text == "1j":
        return "i", ATOM
    if text.endswith("j"):
        return f"{text.removesuffix('j').removeprefix('1')}i", ATOM

    digits, _, exponent = text.partition("e")
    if not exponent.lstrip("+-").isdigit():
        return text, ATOM
    return rf"{digits} \cdot 10^{{{int(exponent)}}}", PRODUCT


def _mark(node: Operation) -> Written:
    inner, mark = node.arguments[0], node.name[1]
    if is_operation(inner, "inv"):
        return f"{_around(inner.arguments[0], ATOM)}^{{-{mark}}}", RAISED
    return f"{_around(inner, ATOM)}^{{{mark}}}", RAISED


def _inverse(node: Operation) -> Written:
    return f"{_around(node.arguments[0], ATOM)}^{{-1}}", RAISED


def _power(node: Operation) -> Written:
    base, exponent = node.arguments
    return f"{_around(base, ATOM)}^{{{as_latex(exponent)}}}", RAISED


def _entrywise_power(node: Operation) -> Written:
    base, exponent = node.arguments
    if is_number(base):
        return _power(node)
    return rf"{_around(base, ATOM)}^{{\circ {_around(exponent, NEGATIVE)}}}", RAISED


def _entry(node: Operation) -> Written:
    array, *indices = node.arguments
    places = [index(place, as_latex) for place in indices]
    return f"{_around(array, ATOM)}_{{{', '.join(places)}}}", RAISED


def _negative(node: Operation) -> Written:
    inner = node.arguments[0]
    binding = KRON if is_operation(inner, "kron") else NEGATIVE
    return f"-{_after(inner, binding)}", binding


def _sum(node: Operation) -> Written:
    left, right = node.arguments
    return f"{_around(left, SUM)} {node.name} {_after(right, KRON)}", SUM


def _product(node: Operation) -> Written:
    left, right = node.arguments
    sign = r"\ast" if _is_of_arrays(node, "*") else r"\,"
    after = _after(right, NEGATIVE)
    if isinstance(right, Number) and after[0].isdigit():
        sign = r"\cdot"
    return f"{_factor(left, node)} {sign} {after}", PRODUCT


def _factor(node: Argument, outer: Operation) -> str:
    """A factor of a product: in brackets if it is a product of another kind, as nobody could tell which is first."""
    is_in_kron, is_in_entrywise = outer.name == "kron", _is_of_arrays(outer, "*")
    is_other = _is_of_arrays(node, "*") and not is_in_entrywise
    if is_in_kron or is_in_entrywise:
        is_other = is_other or _is_of_arrays(node, "@")

    least = KRON if is_in_kron else PRODUCT
    return _around(node, NEGATIVE if is_other else least)


def _is_of_arrays(node: Argument, sign: str) -> bool:
    """Is it a product with this sign, and not a multiple?"""
    return is_operation(node, sign) and not any(map(is_number, node.arguments))


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
    after = _factor(right, node)
    if is_operation(right, "kron") or after.startswith("-"):
        after = rf"\left({after}\right)"
    return rf"{_factor(left, node)} \otimes {after}", KRON


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
    return rf"\log\left|\det {_around(node.arguments[0], RAISED)}\right|", NEGATIVE


def _norm(node: Operation) -> Written:
    of, *kind = node.arguments
    index = _NORMS.get(node.kind, f"_{{{node.kind}}}")
    index = "".join(f"_{{{as_latex(word)}}}" for word in kind) or index
    return rf"\left\|{as_latex(of)}\right\|{index}", ATOM


def _abs(node: Operation) -> Written:
    return rf"\left|{as_latex(node.arguments[0])}\right|", ATOM


def _root(node: Operation) -> Written:
    return rf"\sqrt{{{as_latex(node.arguments[0])}}}", ATOM


def _identity(node: Operation) -> Written:
    if len(node.arguments) != 1:
        return _call(node)
    return f"I_{{{as_latex(node.arguments[0])}}}", ATOM


def _array(node: Operation) -> Written:
    """A list of numbers, or a matrix by its rows."""
    if node.options:
        return _call(node)
    if rows := rows_of(node):
        return _matrix(rows), ATOM
    return rf"\left[{', '.join(map(as_latex, node.arguments))}\right]", ATOM


def _joined_arrays(node: Operation) -> Written:
    blocks = blocks_of(node)
    if not blocks:
        return _call(node)
    return _matrix(blocks), ATOM


def _matrix(rows: Sequence[Sequence[Argument]]) -> str:
    lines = r" \\ ".join(" & ".join(map(as_latex, row)) for row in rows)
    return rf"\begin{{pmatrix}} {lines} \end{{pmatrix}}"


def _call(node: Operation) -> Written:
    options = [rf"\text{{{key}}} = {_option(value)}" for key, value in node.options]
    arguments = [*map(as_latex, node.arguments), *map(_word, kinds_of(node)), *options]
    return rf"{_function(called(node))}\left({', '.join(arguments)}\right)", ATOM


def _function(name: str) -> str:
    if name in _CALLS:
        return _CALLS[name]
    # The library that makes MathML of it sets the letters of other names apart.
    return rf"\operatorname{{{name}}}" if name.isalpha() else rf"\text{{{name}}}"


def _option(value: object) -> str:
    return _word(value) if isinstance(value, str) else str(value)


_WRITERS: Mapping[str, Callable[[Operation], Written]] = {
    ".T": _mark,
    ".H": _mark,
    "inv": _inverse,
    "power": _power,
    "**": _entrywise_power,
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
    "abs": _abs,
    "sqrt": _root,
    "eye": _identity,
    "stack": _array,
    "concatenate": _joined_arrays,
}
"""How each operation is typeset; all others are calls."""
