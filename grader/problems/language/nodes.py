"""The syntax tree of the language: expressions, and the statements of programs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import islice
from types import EllipsisType
from typing import TypeGuard


@dataclass(frozen=True, slots=True)
class Number:
    """A literal."""

    value: float | complex
    column: int
    line: int = 1


@dataclass(frozen=True, slots=True)
class Name:
    """One of the names that the expression was given, or that a statement before it has set."""

    name: str
    column: int
    line: int = 1


@dataclass(frozen=True, slots=True)
class Word:
    """A constant that is no number: a text to compare with, `None` or `...` in an index."""

    value: str | EllipsisType | None
    column: int
    line: int = 1


@dataclass(frozen=True, slots=True)
class Function:
    """A function of a program, by `lambda` or `def`: its arguments and what it does."""

    names: tuple[str, ...]
    body: tuple[Statement, ...]
    column: int
    line: int = 1

    @property
    def roots(self) -> Iterator[Argument]:
        """All expressions in it."""
        return _roots(self.body)


@dataclass(frozen=True, slots=True)
class Operation:
    """An operation on sub-expressions: a sign such as `+` or `@`, `neg`, `.T`, `[]`, or a function's name.

    `[]` is an array and what stands between the brackets, where `slice` has three arguments; `[]=` has the new entries
    as its second argument.

    Args:
        kind: the norm that is meant; for `apply` the name of the function that is called.
        options: further constants by name, such as an axis.
    """

    name: str
    arguments: tuple[Node, ...]
    column: int
    kind: str = ""
    options: tuple[tuple[str, int | bool | str | tuple[int, ...] | None], ...] = ()
    line: int = 1


Node = Number | Name | Operation
"""A value."""
Argument = Node | Word | Function
"""What stands among the arguments of an operation; where it is no value, a formula has no rule for it."""


@dataclass(frozen=True, slots=True)
class Assign:
    """`x = value`, or `a, b = value` of a function that returns several."""

    names: tuple[str, ...]
    value: Argument
    column: int
    line: int


@dataclass(frozen=True, slots=True)
class For:
    """`for name in range(start, stop, step)`."""

    name: str
    bounds: tuple[Node, ...]
    body: tuple[Statement, ...]
    column: int
    line: int


@dataclass(frozen=True, slots=True)
class If:
    """`if condition … else …`; an `elif` is an `if` in the `else`."""

    condition: Node
    body: tuple[Statement, ...]
    otherwise: tuple[Statement, ...]
    column: int
    line: int


@dataclass(frozen=True, slots=True)
class Return:
    """`return value`, or several values."""

    values: tuple[Node, ...]
    column: int
    line: int


Statement = Assign | For | If | Return


@dataclass(frozen=True, slots=True)
class Expression:
    """A checked map: its text, and its syntax tree.

    Args:
        tree: of an expression, or of a program that is one, written in several lines; None for other programs.
        body: the statements of a program, empty for an expression.
    """

    text: str
    tree: Node | None
    body: tuple[Statement, ...] = ()

    @property
    def roots(self) -> Iterator[Argument]:
        """All expressions in it, in the order of the text."""
        if self.body:
            return _roots(self.body)
        return iter(() if self.tree is None else (self.tree,))


def is_operation(node: Argument, *names: str) -> TypeGuard[Operation]:
    """Is it an operation of one of these names?"""
    return isinstance(node, Operation) and node.name in names


def walk(nodes: Iterable[Argument]) -> Iterator[Argument]:
    """All nodes of some trees."""
    for node in nodes:
        yield node
        if isinstance(node, Operation):
            yield from walk(node.arguments)
        elif isinstance(node, Function):
            yield from walk(node.roots)


def names_set(expression: Expression) -> Iterator[str]:
    """The names that a program sets, the arguments of its own functions included."""
    yield from names_set_by(expression.body)
    for node in walk(expression.roots):
        if isinstance(node, Function):
            yield from (*node.names, *names_set_by(node.body))


def names_set_by(body: Iterable[Statement]) -> Iterator[str]:
    """The names that statements set, outside of functions."""
    for statement in body:
        match statement:
            case Assign(names=names):
                yield from names
            case For(name=name, body=inner):
                yield from (name, *names_set_by(inner))
            case If(body=inner, otherwise=otherwise):
                yield from names_set_by((*inner, *otherwise))


def _roots(body: Iterable[Statement]) -> Iterator[Argument]:
    for statement in body:
        match statement:
            case Assign(value=value):
                yield value
            case For(bounds=bounds, body=inner):
                yield from bounds
                yield from _roots(inner)
            case If(condition=condition, body=inner, otherwise=otherwise):
                yield condition
                yield from _roots((*inner, *otherwise))
            case Return(values=values):
                yield from values


_MOST_NODES = 400
"""A program of more operations is not written as one expression."""


def as_tree(body: tuple[Statement, ...]) -> Node | None:
    """The expression that a program without loops and branches computes, each name replaced by what it stands for."""
    values: dict[str, Node] = {}
    for statement in body:
        match statement:
            case Assign(names=(name,), value=(Number() | Name() | Operation()) as value):
                values[name] = _replaced(value, values)
                if not _is_formula(values[name]):
                    return None
            case Return(values=(value,)):
                tree = _replaced(value, values)
                return tree if _is_formula(tree) else None
            case _:
                return None
    return None


def _is_formula(tree: Node) -> bool:
    """Is it short, and are all of its parts values?"""
    nodes = list(islice(walk([tree]), _MOST_NODES))
    return len(nodes) < _MOST_NODES and not any(isinstance(node, Word | Function) for node in nodes)


def _replaced(node: Node, values: dict[str, Node]) -> Node:
    if isinstance(node, Name):
        return values.get(node.name, node)
    if isinstance(node, Operation):
        return replace(node, arguments=tuple(_replaced(argument, values) for argument in node.arguments))
    return node
