"""How a formula was read: shown back, so that a student sees what is judged."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from grader.formulas.answers_file import FormulaAnswer
from grader.formulas.fit import Fit
from grader.formulas.latex import as_latex
from grader.problems.language import Name, Node, Number, Operation
from grader.problems.language.nodes import Argument, Assign, Return, Statement
from grader.reports.report import FormulaReading

_MOST_NODES = 2000
"""Of a formula with the helpers in place: a few lines of X = X + X make a million."""


def read_back(answer: FormulaAnswer, fit: Fit) -> FormulaReading:
    """A formula as it was read: its text and its mathematics."""
    roots = find_roots(answer) or ()
    return FormulaReading(_say(answer, fit), latex=", ".join(map(as_latex, roots)))


def _say(answer: FormulaAnswer, fit: Fit) -> str:
    """Its text, in which a product with a number has the sign of one."""
    lines = [list(line) for line in answer.text.split("\n")]
    for operation, shapes in fit.operations:
        is_multiple = operation.name == "@" and not all(shapes)
        if not is_multiple:
            continue

        right = operation.arguments[1]
        line, at = lines[right.line - 1], right.column - 2
        while at > 0 and line[at] in " (":
            at -= 1
        if line[at] == "@":
            line[at] = "*"
    return "\n".join("".join(line) for line in lines)


def find_roots(answer: FormulaAnswer) -> tuple[Node, ...] | None:
    """The formulas of the values that are returned, with the helpers in place; None for other programs."""
    expression = answer.expression
    if expression is None:
        return None
    if expression.tree is not None:
        return (expression.tree,)

    return _inline_helpers(expression.body)


def _inline_helpers(body: Sequence[Statement]) -> tuple[Node, ...] | None:
    """What helpers followed by a return give back, with the helpers in place; None for other programs."""
    known: dict[str, Node] = {}
    sizes: dict[str, int] = {}
    for statement in body:
        values = _values(statement)
        size = sum(_size(value, sizes) for value in values)
        if not values or size > _MOST_NODES:
            return None

        inlined = tuple(_inlined(value, known) for value in values)
        if not isinstance(statement, Assign):
            return inlined
        (name,) = statement.names
        known[name], sizes[name] = inlined[0], size
    return None


def _values(statement: Statement) -> tuple[Node, ...]:
    """What a return gives back, or the value that an assignment gives to one name; nothing for other statements."""
    match statement:
        case Return(values=values):
            return values
        case Assign(names=(_,), value=Number() | Name() | Operation() as value):
            return (value,)
    return ()


def _size(node: Argument, sizes: Mapping[str, int]) -> int:
    """The number of nodes with the helpers in place."""
    if isinstance(node, Name):
        return sizes.get(node.name, 1)
    if isinstance(node, Operation):
        return 1 + sum(_size(item, sizes) for item in node.arguments)
    return 1


def _inlined(node: Node, known: Mapping[str, Node]) -> Node:
    """A node with values in the place of their names."""
    if isinstance(node, Name):
        return known.get(node.name, node)
    if not isinstance(node, Operation):
        return node

    return replace(node, arguments=tuple(_inlined(item, known) for item in node.arguments))
