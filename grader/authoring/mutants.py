"""Mutants: an author's formula with one thing changed."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain

from grader.authoring.mutation_operators import find_changes, write_code
from grader.authoring.syntax_spots import Spot, find_spots


@dataclass(frozen=True, slots=True)
class Mutant:
    """A module's source with one change.

    Args:
        line, column: where, in the author's own text, counted from 1.
        what: the change in words, such as `dropped .T`.
        before, after: the changed piece of code.
        source: the whole module.
    """

    line: int
    column: int
    what: str
    before: str
    after: str
    source: str


def mutate(source: str, function: str) -> Iterator[Mutant]:
    """All mutants of a function and of what it uses of its module, each of them once, in the order of the text.

    Raises:
        SyntaxError: the source is not Python.
    """
    tree = ast.parse(source)
    lines = source.splitlines()
    numpy = _name_of_numpy(tree)
    made = {ast.unparse(tree)}

    for spot in chain.from_iterable(map(find_spots, used_by(tree, function))):
        for replacement, what in find_changes(spot, numpy):
            text = _replace(tree, spot, replacement)
            if text in made:
                continue

            made.add(text)
            line, column = _place(spot.node, lines)
            yield Mutant(line, column, what, write_code(spot.node), write_code(replacement), text)


def _replace(tree: ast.Module, spot: Spot, replacement: ast.AST) -> str:
    """The module's text with the node replaced; the tree is left as it was."""
    spot.put(replacement)
    try:
        return ast.unparse(tree)
    finally:
        spot.put(spot.node)


def _place(node: ast.AST, lines: list[str]) -> tuple[int, int]:
    """Line and column of a node, counted from 1."""
    line, offset = getattr(node, "lineno", 1), getattr(node, "col_offset", 0)
    before = lines[line - 1].encode()[:offset]  # ast counts bytes
    return line, len(before.decode()) + 1


def _name_of_numpy(tree: ast.Module) -> str | None:
    name = None
    for statement in tree.body:
        if isinstance(statement, ast.Import):
            names = {alias.name: alias.asname or alias.name for alias in statement.names}
            name = names.get("numpy", name)
    return name


def used_by(tree: ast.Module, function: str) -> list[ast.stmt]:
    """The function's definition, and the module's functions and constants that it reaches, in their order."""
    named: dict[str, ast.stmt] = {}
    for statement in tree.body:
        if isinstance(statement, ast.FunctionDef):
            named[statement.name] = statement
        elif isinstance(statement, ast.Assign):
            targets = [target for target in statement.targets if isinstance(target, ast.Name)]
            named |= {target.id: statement for target in targets}

    reached: dict[str, ast.stmt] = {}
    waiting = [function]
    while waiting:
        name = waiting.pop()
        if name in named and name not in reached:
            reached[name] = named[name]
            waiting += [node.id for node in ast.walk(named[name]) if isinstance(node, ast.Name)]
    return sorted(set(reached.values()), key=lambda statement: statement.lineno)
