"""Faults about sizes: Jacobians that are not square where a determinant is asked for, and costs that do not fit."""

from __future__ import annotations

import importlib
from collections.abc import Iterator, Mapping
from math import prod
from typing import Any

from grader.core.errors import suggest
from grader.core.text import list_values
from grader.problems.budget import read_order
from grader.problems.output_shape import shape_at
from grader.problems.problem_yaml import ProblemFile, sizes_in_order
from grader.problems.spaces import dimension
from grader.problems.yaml_model import FieldFault


def find_determinant_faults(file: ProblemFile, wrt: tuple[str, ...]) -> Iterator[FieldFault]:
    """Jacobians that have no determinant."""
    if file.ask != "jacobian_determinant":
        return

    for sizes in sizes_in_order(file, file.sizes):
        rows = prod(shape_at(file, sizes))
        columns = sum(_count_entries(file, name, sizes) for name in wrt)
        if rows != columns:
            at = list_values(sizes)
            message = f"the Jacobian is not square: f has {rows} entries at {at}, and what is differentiated {columns}"
            yield ("f",), f"{message}; vech(f) takes those of a symmetric f"
            return


def find_cost_faults(file: ProblemFile) -> Iterator[FieldFault]:
    """Budgets that nobody checks, checks without a budget, and orders that cannot be read."""
    try:
        if file.order:
            read_order(file.order, file.sizes)
    except ValueError as error:
        yield ("order",), str(error)
        return

    checked = any(check.check == "cost" for check in file.checks)
    has_budget = bool(file.cost or file.order)
    if checked and not has_budget:
        yield (
            ("checks",),
            "a cost check needs `cost`, such as {products: 3, solves: 1}, or `order`, such as n^2",
        )
    if has_budget and not checked:
        yield (
            ("cost" if file.cost else "order",),
            "no check uses it: add one, such as {check: cost, points: 2}",
        )


def find_forbidden_faults(file: ProblemFile) -> Iterator[FieldFault]:
    """Names of numpy's that it does not have, and that so forbid nothing."""
    for position, name in enumerate(file.forbid):
        host, _, last = name.rpartition(".")
        library = name.partition(".")[0]
        if library in _SHORT:
            yield ("forbid", position), f"write the full name, {_SHORT[library]}{name.removeprefix(library)}"
        if library != "numpy":
            continue

        try:
            module = importlib.import_module(host)
        except ImportError:
            yield ("forbid", position), f"numpy has no module '{host}'"
            continue
        if not hasattr(module, last):
            yield ("forbid", position), f"{host} has no function '{last}'; {suggest(last, dir(module))}"


_SHORT = {"np": "numpy", "la": "numpy.linalg", "linalg": "numpy.linalg", "sp": "scipy", "scp": "scipy"}
"""What people call libraries."""


def _count_entries(file: ProblemFile, name: str, sizes: Mapping[str, int]) -> int:
    argument = file.inputs[name]
    sides: list[Any] = [sizes.get(str(side), side) for side in argument.shape]
    return dimension(argument.space, tuple(sides))
