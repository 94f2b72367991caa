"""A formula of the language as text again: what a student reads of it, node by node."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeGuard

from grader.problems.language.nodes import Argument, Function, Name, Number, Operation, Word

_BINDING: Mapping[str, int] = {"+": 1, "-": 1, "*": 2, "/": 2, "@": 2, "neg": 3, "**": 4}
_COMPARISONS: Mapping[str, str] = {
    ">": ">",
    "<": "<",
    ">=": r"\ge",
    "<=": r"\le",
    "==": "=",
    "!=": r"\ne",
}
"""As the language writes them, and as LaTeX does."""
_COMPARED, _JOINED, _CHOSEN = 0, -1, -2
_ATOM = 9
_RAISED = 8


def as_text(node: Argument) -> str:
    """A node as the language writes it."""
    return _write(node)[0]


def _write(node: Argument) -> tuple[str, int]:
    """The text of a node, and how strongly it holds together."""
    if isinstance(node, Number):
        return _number(node.value), _ATOM
    if isinstance(node, Name):
        return node.name, _ATOM
    if isinstance(node, Word):
        return ("…" if node.value is ... else repr(node.value)), _ATOM
    if isinstance(node, Function):
        return "…", _ATOM
    return _operation(node)


def _operation(node: Operation) -> tuple[str, int]:
    binding = _BINDING.get(node.name, _ATOM)
    if node.name == "neg":
        return f"-{_inside(node.arguments[0], binding)}", binding
    if node.name in (".T", ".H"):
        return f"{_inside(node.arguments[0], _ATOM)}{node.name}", _ATOM
    if node.name in _BINDING:
        left, right = node.arguments
        # A product that is not written is `@`, also of a number and a matrix.
        is_multiple = node.name == "@" and any(isinstance(item, Number) for item in node.arguments)
        sign = "*" if is_multiple else node.name
        return f"{_inside(left, binding)} {sign} {_inside(right, binding + 1)}", binding
    if node.name in _COMPARISONS:
        return f" {node.name} ".join(_inside(item, 1) for item in node.arguments), _COMPARED
    if node.name in ("and", "or"):
        return f" {node.name} ".join(_inside(item, _COMPARED) for item in node.arguments), _JOINED
    if node.name == "not":
        return f"not {_inside(node.arguments[0], _COMPARED)}", _COMPARED
    if node.name == "if":
        condition, value, otherwise = (_inside(item, _JOINED) for item in node.arguments)
        return f"{value} if {condition} else {otherwise}", _CHOSEN
    if node.name == "[]":
        array, *indices = map(as_text, node.arguments)
        return f"{array}[{', '.join(indices)}]", _ATOM
    options = [f"{name}={value!r}" for name, value in node.options]
    kind = [repr(node.kind)] if node.kind and node.name != "apply" else []
    name = node.kind if node.name == "apply" else node.name
    return f"{name}({', '.join([*map(as_text, node.arguments), *kind, *options])})", _ATOM


def _inside(node: Argument, least: int) -> str:
    text, binding = _write(node)
    return text if binding >= least else f"({text})"


def _number(value: complex) -> str:
    whole = isinstance(value, float) and value.is_integer() and abs(value) < 1e15
    return str(int(value.real)) if whole else str(value)


_CALLS: Mapping[str, str] = {
    "trace": r"\operatorname{tr}",
    "det": r"\det",
    "adj": r"\operatorname{adj}",
    "exp": r"\exp",
    "log": r"\log",
}


def as_latex(node: Argument) -> str:
    """A node as mathematics writes it: A⁻¹, Aᵀ, products side by side."""
    return _typeset(node)[0]


def _typeset(node: Argument) -> tuple[str, int]:
    """The LaTeX of a node, and how strongly it holds together."""
    if isinstance(node, Name):
        return _latex_name(node.name), _ATOM
    if isinstance(node, Number):
        return _latex_number(as_text(node))
    if not isinstance(node, Operation):
        return as_text(node).replace("_", r"\_"), _ATOM

    name, arguments = node.name, node.arguments
    if name == "if" or name in _COMPARISONS or name in ("and", "or", "not"):
        return _typeset_choice(node)
    if name in (".T", ".H") and _is_inverse(arguments[0]):
        return f"{_around(arguments[0].arguments[0], _ATOM)}^{{-{name[1]}}}", _RAISED
    if name == "[]":
        array, *indices = arguments
        return f"{_around(array, _ATOM)}_{{{', '.join(map(as_latex, indices))}}}", _RAISED
    if name in (".T", ".H"):
        return f"{_around(arguments[0], _ATOM)}^{{{name[1]}}}", _RAISED
    if name == "inv":
        return f"{_around(arguments[0], _ATOM)}^{{-1}}", _RAISED
    if name in ("power", "**"):
        return f"{_around(arguments[0], _ATOM)}^{{{as_latex(arguments[1])}}}", _RAISED
    if name == "neg":
        return f"-{_around(arguments[0], 3)}", 3
    if name in ("+", "-"):
        return f"{_around(arguments[0], 1)} {name} {_around(arguments[1], 2)}", 1
    if name == "/":
        return rf"\frac{{{as_latex(arguments[0])}}}{{{as_latex(arguments[1])}}}", _ATOM
    if name in ("*", "@"):
        sign = r"\," if name == "@" or any(isinstance(item, Number) for item in arguments) else r"\ast "
        return f"{_around(arguments[0], 2)} {sign} {_around(arguments[1], 3)}", 2
    if name == "kron":
        return rf"{_around(arguments[0], 3)} \otimes {_around(arguments[1], 3)}", 2
    return _latex_call(node), _ATOM


def _latex_number(text: str) -> tuple[str, int]:
    """A number, with its power of ten as in print."""
    digits, e, exponent = text.partition("e")
    if not e or not exponent.lstrip("+-").isdigit():
        return text, _ATOM
    return rf"{digits} \cdot 10^{{{int(exponent)}}}", 2


def _typeset_choice(node: Operation) -> tuple[str, int]:
    """A choice by sizes, or a condition in one."""
    if node.name == "if":
        condition, value, otherwise = map(as_latex, node.arguments)
        rows = rf"{value} & \text{{if }} {condition} \\ {otherwise} & \text{{otherwise}}"
        return rf"\begin{{cases}} {rows} \end{{cases}}", _JOINED
    if node.name == "not":
        return rf"\text{{not }} {_around(node.arguments[0], _COMPARED)}", _COMPARED
    if node.name in _COMPARISONS:
        return f" {_COMPARISONS[node.name]} ".join(_around(item, 1) for item in node.arguments), _COMPARED
    return rf" \text{{ {node.name} }} ".join(_around(item, _COMPARED) for item in node.arguments), _JOINED


def _is_inverse(node: Argument) -> TypeGuard[Operation]:
    return isinstance(node, Operation) and node.name == "inv"


def _latex_call(node: Operation) -> str:
    inner = ", ".join(map(as_latex, node.arguments))
    if node.name == "logdet":
        return rf"\log\left|\det {inner}\right|"
    if node.name == "norm":
        kind = f"_{{{node.kind}}}" if node.kind else ""
        return rf"\left\|{inner}\right\|{kind}"
    called = node.kind if node.name == "apply" else node.name
    name = _CALLS.get(called) or rf"\operatorname{{{called}}}".replace("_", r"\_")
    return rf"{name}\left({inner}\right)"


def _latex_name(name: str) -> str:
    return name if len(name) == 1 else rf"\mathit{{{name}}}".replace("_", r"\_")


def _around(node: Argument, least: int) -> str:
    text, binding = _typeset(node)
    return text if binding >= least else rf"\left({text}\right)"
