"""A formula of the language as text again: what a student reads of it, node by node."""

from __future__ import annotations

from collections.abc import Mapping

from grader.problems.language.nodes import Argument, Function, Name, Number, Operation, Word

_BINDING: Mapping[str, int] = {"+": 1, "-": 1, "*": 2, "/": 2, "@": 2, "neg": 3, "**": 4}
_ATOM = 9


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
        return f"{_inside(left, binding)} {node.name} {_inside(right, binding + 1)}", binding
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
