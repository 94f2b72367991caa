"""Right formulas written in another way: identities of matrix algebra at random places of a function's text.

An identity is tried wherever its pattern stands. Whether it holds there, for vectors say, is found out by calling both.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator, Mapping
from functools import partial

import numpy as np

from grader.authoring.syntax_spots import Spot, find_spots

Identity = Callable[[ast.expr], Callable[[], ast.expr] | None]
"""From a piece of text to what makes another of it, or None where it does not fit."""

HELPERS = """
def _inv_by_svd(A):
    U, s, Vh = np.linalg.svd(A)
    return (Vh.conj().T / s) @ U.conj().T

def _solve_by_qr(A, B):
    Q, R = np.linalg.qr(A)
    return np.linalg.solve(R, Q.conj().T @ B)
"""


def _same(pattern: str, replacement: str) -> Identity:
    """An identity in words of Python: capital letters X, Y, Z stand for any expression."""
    before = ast.parse(pattern, mode="eval").body
    after = ast.parse(replacement, mode="eval").body

    def apply(node: ast.expr) -> Callable[[], ast.expr] | None:
        found: dict[str, ast.expr] = {}
        return partial(_fill, after, found) if _fits(before, node, found) else None

    return apply


def _fits(pattern: ast.AST, node: ast.AST, found: dict[str, ast.expr]) -> bool:
    """Does a piece of text have the form of a pattern? What its letters stand for is noted."""
    if isinstance(pattern, ast.Name) and pattern.id in ("X", "Y", "Z") and isinstance(node, ast.expr):
        other = found.setdefault(pattern.id, node)
        return other is node or ast.dump(other) == ast.dump(node)
    if isinstance(pattern, ast.Name) and isinstance(node, ast.Attribute):  # inv, of np.linalg.inv
        return node.attr == pattern.id and ast.unparse(node).startswith(("np.", "numpy."))
    if type(pattern) is not type(node):
        return False

    for name in pattern._fields:
        left, right = getattr(pattern, name), getattr(node, name)
        if name == "ctx":
            continue
        if isinstance(left, list):
            if len(left) != len(right) or not all(map(_fits, left, right, [found] * len(left))):
                return False
        elif isinstance(left, ast.AST):
            if not isinstance(right, ast.AST) or not _fits(left, right, found):
                return False
        elif left != right:
            return False
    return True


class _Filler(ast.NodeTransformer):
    def __init__(self, found: Mapping[str, ast.expr]) -> None:
        self.found = found

    def visit_Name(self, node: ast.Name) -> ast.expr:
        return self.found.get(node.id, node)


def _fill(replacement: ast.expr, found: Mapping[str, ast.expr]) -> ast.expr:
    copy = ast.parse(ast.unparse(replacement), mode="eval").body
    filled: ast.expr = _Filler(found).visit(copy)
    return ast.parse(ast.unparse(filled), mode="eval").body


IDENTITIES: tuple[Identity, ...] = tuple(
    _same(before, after)
    for before, after in (
        ("X + Y", "Y + X"),
        ("(X + Y) + Z", "X + (Y + Z)"),
        ("X - Y", "X + (-Y)"),
        ("X - Y", "-(Y - X)"),
        ("X + Y", "X - (-Y)"),
        ("X * Y", "Y * X"),
        ("(X * Y) * Z", "X * (Y * Z)"),
        ("X * (Y + Z)", "X * Y + X * Z"),
        ("X @ (Y + Z)", "X @ Y + X @ Z"),
        ("(X + Y) @ Z", "X @ Z + Y @ Z"),
        ("X @ Y @ Z", "X @ (Y @ Z)"),
        ("X @ (Y @ Z)", "(X @ Y) @ Z"),
        ("X @ Y", "(Y.T @ X.T).T"),
        ("X @ Y", "np.dot(X, Y)"),
        ("X @ Y", "np.einsum('ij,jk', X, Y)"),
        ("X @ Y", "3 * X @ Y / 3"),
        ("X @ Y", "(X @ (Y * 0.7)) / 0.7"),
        ("-(X @ Y)", "X @ (-Y)"),
        ("-X @ Y", "-(X @ Y)"),
        ("X.T", "np.transpose(X)"),
        ("X / Y", "X * (1 / Y)"),
        ("X ** 2", "X * X"),
        ("inv(X)", "np.linalg.inv(X.T).T"),
        ("inv(X)", "np.linalg.solve(X, np.eye(len(X)))"),
        ("inv(X)", "np.linalg.solve(X.T, np.eye(len(X))).T"),
        ("inv(X)", "_inv_by_svd(X)"),
        ("inv(X)", "np.linalg.inv(3 * X) * 3"),
        ("inv(X) @ Y", "np.linalg.solve(X, Y)"),
        ("X @ inv(Y)", "np.linalg.solve(Y.T, X.T).T"),
        ("inv(X) @ inv(Y)", "np.linalg.inv(Y @ X)"),
        ("solve(X, Y)", "np.linalg.inv(X) @ Y"),
        ("solve(X, Y)", "_solve_by_qr(X, Y)"),
        ("solve(X, Y)", "np.linalg.solve(3 * X, Y) * 3"),
        ("trace(X @ Y)", "np.trace(Y @ X)"),
        ("trace(X @ Y)", "np.sum(X * Y.T)"),
        ("trace(X)", "np.sum(np.diag(X))"),
        ("trace(X)", "np.sum(np.linalg.eigvals(X))"),
        ("sum(X)", "np.sum(X.T)"),
        ("det(X)", "np.linalg.det(X.T)"),
        ("det(X)", "np.prod(np.linalg.eigvals(X))"),
        ("det(X)", "np.prod(np.linalg.slogdet(X)[0:1]) * np.exp(np.linalg.slogdet(X)[1])"),
        ("outer(X, Y)", "np.outer(Y, X).T"),
        ("exp(X)", "1 / np.exp(-X)"),
        ("kron(X, Y)", "np.kron(X.T, Y.T).T"),
    )
)
"""The replacement is in numpy's words; a pattern's function is numpy's of that name."""


def rewrite(source: str, function: str, rng: np.random.Generator, steps: int) -> str:
    """The text of a module in which identities have been applied at random places of a function.

    Args:
        steps: how many, where so many fit.
    """
    for _ in range(steps):
        tree = ast.parse(source)
        found = list(_rewritings(tree, function))
        if not found:
            break
        spot, make = found[rng.integers(len(found))]
        spot.put(make())
        source = ast.unparse(ast.fix_missing_locations(tree))
    return source if HELPERS.strip() in source else source + HELPERS


def _rewritings(tree: ast.Module, function: str) -> Iterator[tuple[Spot, Callable[[], ast.expr]]]:
    """Where identities fit, and what they make of it; only the one that is drawn is made."""
    for definition in tree.body:
        if not isinstance(definition, ast.FunctionDef) or definition.name != function:
            continue
        for spot in find_spots(definition):
            if not isinstance(spot.node, ast.expr):
                continue
            for identity in IDENTITIES:
                make = identity(spot.node)
                if make is not None:
                    yield spot, make
