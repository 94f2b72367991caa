"""Faults about sizes: Jacobians that are not square where a determinant is asked for, and costs that do not fit."""

from __future__ import annotations

import importlib
from collections.abc import Iterator, Mapping
from math import prod

from grader.core.errors import suggest
from grader.core.text import list_values
from grader.problems.budget import read_order
from grader.problems.output_shape import shape_at
from grader.problems.problem_yaml import ProblemFile, roles_of, sizes_in_order, wrt_of
from grader.problems.relation import measure
from grader.problems.spaces import dimension
from grader.problems.yaml_model import FieldFault


def find_determinant_faults(file: ProblemFile) -> Iterator[FieldFault]:
    """Jacobians that have no determinant."""
    if file.ask != "jacobian_determinant":
        return

    wrt = wrt_of(file, roles_of(file).directions)
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
    if file.order:
        try:
            read_order(file.order, file.sizes)
        except ValueError as error:
            yield ("order",), str(error)
            return

    is_checked = any(check.check == "cost" for check in file.checks)
    budgets = [key for key in ("cost", "order") if getattr(file, key)]
    if is_checked and not budgets:
        words = "a cost check needs `cost`, such as {products: 3, solves: 1}, or `order`, such as n^2"
        yield ("checks",), words
    if budgets and not is_checked:
        yield (budgets[0],), "no check uses it: add one, such as {check: cost, points: 2}"


def find_forbidden_faults(file: ProblemFile) -> Iterator[FieldFault]:
    """Names of numpy's that it does not have, and that so forbid nothing."""
    for position, name in enumerate(file.forbid):
        if message := _misname(name):
            yield ("forbid", position), message


def _misname(name: str) -> str:
    """Say why no function of numpy has a full name; nothing if one has it, or it is another library's."""
    library = name.partition(".")[0]
    if library in _SHORT:
        return f"write the full name, {_SHORT[library]}{name.removeprefix(library)}"
    if library != "numpy":
        return ""

    host, _, last = name.rpartition(".")
    try:
        module = importlib.import_module(host)
    except ImportError:
        return f"numpy has no module '{host}'"
    if hasattr(module, last):
        return ""
    return f"{host} has no function '{last}'; {suggest(last, dir(module))}"


_SHORT = {"np": "numpy", "la": "numpy.linalg", "linalg": "numpy.linalg", "sp": "scipy", "scp": "scipy"}
"""What people call libraries."""


def _count_entries(file: ProblemFile, name: str, sizes: Mapping[str, int]) -> int:
    argument = file.inputs[name]
    return dimension(argument.space, measure(tuple(argument.shape), sizes))
