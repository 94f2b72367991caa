"""A reference that differences `f`, for its author to replace by a formula."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Mapping, Sequence

import numpy as np

from grader.problems.asks import Form
from grader.problems.language import FUNCTIONS, Operation, walk
from grader.problems.problem import Problem

_HEAD = '''\
"""Reference: the {noun} of

{f}

A difference quotient: replace it with your formula, and these lines with its derivation.
"""

import numpy as np
{imports}
STEP = {step}


def _f({arguments}):
{body}


'''
_OTHER_NAMES: Mapping[str, str] = {
    "power": "from numpy.linalg import matrix_power as power",
    "logdet": "def logdet(A):\n    return np.log(np.linalg.det(A) ** 2) / 2",
    "vec": 'def vec(A):\n    return np.ravel(A, order="F")',
    "zeros": "def zeros(*shape):\n    return np.zeros(shape, complex)",
}
"""Functions that numpy has under another name or not at all, or that must hold complex numbers here."""

_IMAGINARY, _REAL = "1e-100", "1e-5"
"""An imaginary step costs no digits; second differences need a real one."""


_UNWRITTEN = '''\
"""Reference: the {noun} of

{f}
"""

import numpy as np


'''


def unwritten_reference(problem: Problem) -> str:
    """The text of a module whose function is still to be written."""
    text = textwrap.dedent(problem.f.text).strip()
    head = _UNWRITTEN.format(noun=problem.definition.noun, f=textwrap.indent(text, "    "))
    return head + _unwritten(problem)


def functions_without_code(problem: Problem) -> tuple[str, ...]:
    """The functions of f that numpy does not have."""
    return tuple(name for name in _called(problem) if _import(name) is None)


def difference_quotient(problem: Problem, sizes: Mapping[str, str]) -> str:
    """The text of a module whose function differences f, of which numpy has all functions.

    Args:
        sizes: letter → the code that tells it.
    """
    step = _REAL if problem.order == 2 else _IMAGINARY
    write = _BY_FORM.get(problem.form, _unwritten)
    if problem.order == 2 and problem.form == "along":
        write = _second
    return _head(problem, sizes, step) + write(problem)


def _head(problem: Problem, sizes: Mapping[str, str], step: str) -> str:
    text = textwrap.dedent(problem.f.text).strip()
    lines = [f"{letter} = {code}" for letter, code in sizes.items()]
    lines += text.splitlines() if problem.f.body else [f"return {text}"]
    return _HEAD.format(
        noun=problem.definition.noun,
        f=textwrap.indent(text, "    "),
        imports="\n".join(filter(None, map(_import, _called(problem)))) + "\n",
        step=step,
        arguments=", ".join(problem.arguments),
        body=textwrap.indent("\n".join(lines), "    "),
    )


def _called(problem: Problem) -> list[str]:
    """The functions that f calls."""
    names = {node.name for node in walk(problem.f.roots) if isinstance(node, Operation)}
    return sorted(names & FUNCTIONS.keys())


def _import(name: str) -> str | None:
    """The line that gives f a function; None if numpy has none."""
    if name in _OTHER_NAMES:
        return _OTHER_NAMES[name]
    if hasattr(np.linalg, name):
        return f"from numpy.linalg import {name}"
    if hasattr(np, name):
        return f"from numpy import {name}"
    return None


def _call(problem: Problem, moved: Mapping[str, str]) -> str:
    return f"_f({', '.join(moved.get(name, name) for name in problem.arguments)})"


def _slope(problem: Problem, along: Mapping[str, str]) -> str:
    moved = {name: f"{name} + 1j * STEP * {direction}" for name, direction in along.items()}
    return f"np.imag({_call(problem, moved)}) / STEP"


def _define(problem: Problem, lines: Sequence[str]) -> str:
    return textwrap.indent("\n".join(lines), "    ").join([f"def {problem.signature}:\n", "\n"])


def _value(problem: Problem) -> str:
    return _define(problem, [f"return {_call(problem, {})}"])


def _along(problem: Problem) -> str:
    return _define(problem, [f"return {_slope(problem, problem.directions_of_order(0))}"])


def _second(problem: Problem) -> str:
    first, second = problem.directions_of_order(0), problem.directions_of_order(1)
    corners = []
    for a, b in ((1, 1), (1, -1), (-1, 1), (-1, -1)):
        moved = {name: f"{name} + STEP * ({a} * {first[name]} + {b} * {second[name]})" for name in first}
        corners.append(_call(problem, moved))
    plus, right, left, minus = corners
    return _define(problem, [f"return ({plus} - {right} - {left} + {minus}) / (4 * STEP**2)"])


def _gradient(problem: Problem) -> str:
    read = "{}" if problem.cotangent is None else f"np.sum({problem.cotangent} * ({{}}))"
    lines = []
    for name in problem.wrt:
        G = f"G_{name}"
        lines += [
            f"{G} = np.zeros(np.shape({name}))",
            f"for place in np.ndindex({G}.shape):",
            f"    E = np.zeros({G}.shape)",
            "    E[place] = 1",
            f"    {G}[place] = {read.format(_slope(problem, {name: 'E'}))}",
        ]
    return _define(problem, [*lines, f"return {', '.join(f'G_{name}' for name in problem.wrt)}"])


def _jacobian(problem: Problem) -> str:
    lines = ["columns = []"]
    for name in problem.wrt:
        lines += [
            f"for k in range(np.size({name})):",
            f"    E = np.zeros(np.size({name}))",
            "    E[k] = 1",
            f'    E = E.reshape(np.shape({name}), order="F")',
            f'    columns.append(np.ravel({_slope(problem, {name: "E"})}, order="F"))',
        ]
    return _define(problem, [*lines, "return np.stack(columns, axis=1)"])


def _unwritten(problem: Problem) -> str:
    return _define(problem, ["raise NotImplementedError  # write it"])


_BY_FORM: Mapping[Form, Callable[[Problem], str]] = {
    "value": _value,
    "along": _along,
    "gradient": _gradient,
    "matrix": _jacobian,
}
