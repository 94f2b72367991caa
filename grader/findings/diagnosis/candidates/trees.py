"""Syntax trees of formulas: built, searched and changed."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import reduce

from grader.problems.language import Name, Node, Number, Operation


def op(name: str, *arguments: Node, kind: str = "") -> Operation:
    """An operation that stands in no author's text."""
    return Operation(name, arguments, 0, kind)


def name(text: str) -> Name:
    """A name that stands in no author's text."""
    return Name(text, 0)


def number(value: float) -> Number:
    """A number that stands in no author's text."""
    return Number(value, 0)


def depends_on(node: Node, text: str) -> bool:
    """Does a name occur in a formula?"""
    if isinstance(node, Name):
        return node.name == text
    return isinstance(node, Operation) and any(depends_on(argument, text) for argument in node.arguments)


def with_argument(node: Operation, k: int, argument: Node) -> Operation:
    """An operation with another k-th argument."""
    arguments = (*node.arguments[:k], argument, *node.arguments[k + 1 :])
    return replace(node, arguments=arguments)


def replace_all(node: Node, change: Callable[[Node], Node | None]) -> Node:
    """A formula with every sub-formula replaced for which there is a change."""
    if isinstance(node, Operation):
        arguments = tuple(replace_all(argument, change) for argument in node.arguments)
        if any(new is not old for new, old in zip(arguments, node.arguments, strict=True)):
            node = replace(node, arguments=arguments)
    changed = change(node)
    return node if changed is None else changed


class EqualFormulas:
    """Makes equal formulas one object, so that what is known of one is known of all."""

    def __init__(self) -> None:
        self._known: dict[object, Node] = {}

    def merge(self, node: Node) -> Node:
        """The first formula that was equal to this one, wherever in a text they stood."""
        if isinstance(node, Name):
            return self._known.setdefault(node.name, node)
        if isinstance(node, Number):
            return self._known.setdefault((type(node.value), repr(node.value)), node)
        if not isinstance(node, Operation):
            return node

        arguments = tuple(self.merge(argument) for argument in node.arguments)
        key = (node.name, node.kind, node.options, *map(id, arguments))
        return self._known.setdefault(key, replace(node, arguments=arguments))


def size_of(node: Node) -> int:
    """How many operations a formula has."""
    return sum(1 for _ in operations(node))


def operations(node: Node) -> Iterator[Operation]:
    """All operations of a formula."""
    if isinstance(node, Operation):
        yield node
        for argument in node.arguments:
            yield from operations(argument)


def chain(node: Node) -> list[Node]:
    """The factors of a matrix product."""
    if isinstance(node, Operation) and node.name == "@":
        return [*chain(node.arguments[0]), *chain(node.arguments[1])]
    return [node]


def joined(factors: Sequence[Node]) -> Node:
    """The matrix product of some factors."""
    return reduce(lambda A, B: op("@", A, B), factors)
