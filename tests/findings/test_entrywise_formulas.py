"""Formulas of derivatives exist for functions of entries, and are those of the truth."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from grader.findings.diagnosis.candidates.derived import right_formulas
from grader.findings.diagnosis.candidates.formulas import FORMULAS
from grader.findings.diagnosis.candidates.terms import NumberFactor, scalars_of
from grader.findings.diagnosis.candidates.written import write
from grader.problems.algebras import NUMPY
from grader.problems.language import Expression, evaluate
from grader.problems.load import make_problem
from grader.problems.problem import Problem


def problem(f: str, ask: str) -> Problem:
    fields: dict[str, Any] = {
        "title": "t",
        "statement": "s",
        "signature": "g(x)",
        "f": f,
        "ask": ask,
        "inputs": {"x": {"shape": ["n"]}},
        "checks": [{"check": "reference", "points": 1}],
    }
    return make_problem(fields, "p")


@pytest.mark.parametrize(
    "name",
    [
        "sin",
        "cos",
        "tan",
        "sinh",
        "cosh",
        "tanh",
        "arctan",
        "expm1",
        "log1p",
        "sigmoid",
        "softplus",
        "square",
    ],
)
def test_the_slope_of_a_function_of_entries_is_known(name: str) -> None:
    x, h = np.array([0.25, 0.5, -0.75]), 1e-5
    formula, *_ = right_formulas(problem(f"sum({name}(x))", "gradient"), 0)
    slope = evaluate(Expression("", formula), {"x": x}, replace(NUMPY, operations=FORMULAS))
    function = NUMPY.operations[name]
    assert np.allclose(slope, (function(x + h) - function(x - h)) / (2 * h), rtol=1e-8)


def test_a_program_is_called_f_where_a_formula_contains_it() -> None:
    program = problem("y = sin(x)\nreturn y @ y", "gradient")
    assert NumberFactor("f", "f") in {
        number for scalar in scalars_of(program, {"x": ("n",)}) for number in scalar
    }
    text = problem("sin(x) @ x", "gradient")
    assert (NumberFactor("f", "sin(x) @ x"),) in scalars_of(text, {"x": ("n",)})


def test_a_program_without_loops_has_formulas_and_others_have_none() -> None:
    (formula, *_) = right_formulas(problem("y = sin(x)\nreturn y @ y", "gradient"), 0)
    assert write(formula) == "2 * (sin(x) * cos(x))"
    assert right_formulas(problem("s = 0\nfor k in range(n):\n    s += x[k]\nreturn s", "gradient"), 0) == ()
    assert right_formulas(problem("x[1:] - x[:-1]", "jacobian"), 0) == ()
