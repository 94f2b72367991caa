"""Formulas are read and evaluated where there is no numpy, as in a browser."""

from __future__ import annotations

import itertools
import subprocess
import sys
from typing import Any

import numpy as np
import pytest

from grader.problems.axes import common_shape
from grader.truths.ball_matrices import spread_to, transpose
from grader.truths.balls import from_array
from grader.truths.doubles import split
from tests.conftest import ROOT

PROGRAM = """
import sys
sys.modules["numpy"] = None
from grader.formulas.answers_file import Signature, read_formula
from grader.problems.language import Algebra, evaluate
from grader.truths.ball_matrices import MATRICES
from grader.truths.balls import from_array

answer = read_formula("X = inv(A)\\n-X dA Xᵀ + 2 * A", Signature("f", ("A", "dA"), ("n",)))
algebra = Algebra(from_array, MATRICES)
names = {"A": from_array([[1.0, 2.0], [3.0, 4.0]]), "dA": from_array([[1.0, 0.0], [0.0, 0.0]])}
print([float(entry.mid()) for entry in evaluate(answer.expression, names, algebra).entries()])
"""


def test_a_formula_is_read_and_evaluated_without_numpy() -> None:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM], capture_output=True, text=True, cwd=ROOT, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr
    A, dA = np.array([[1.0, 2.0], [3.0, 4.0]]), np.array([[1.0, 0.0], [0.0, 0.0]])
    X = np.linalg.inv(A)
    found = np.array(eval(done.stdout)).reshape(2, 2)
    assert found == pytest.approx(-X @ dA @ X.T + 2 * A)


SHAPES = [(), (1,), (3,), (2, 3), (2, 1), (1, 3), (4, 2, 3), (4, 1, 1), (0,), (2, 0)]


@pytest.mark.parametrize(("one", "other"), list(itertools.product(SHAPES, repeat=2)))
def test_shapes_are_broadcast_as_numpy_does(one: tuple[int, ...], other: tuple[int, ...]) -> None:
    try:
        wanted = np.broadcast_shapes(one, other)
    except ValueError:
        assert common_shape([one, other]) is None
        return
    assert common_shape([one, other]) == wanted
    x = np.arange(np.prod(one, dtype=int), dtype=float).reshape(one)
    assert np.array_equal(split(spread_to(from_array(x), wanted))[0], np.broadcast_to(x, wanted))


@pytest.mark.parametrize("shape", SHAPES)
def test_axes_are_reversed_as_numpy_does(shape: tuple[int, ...]) -> None:
    x = np.arange(np.prod(shape, dtype=int), dtype=float).reshape(shape)
    assert np.array_equal(split(transpose(from_array(x)))[0], x.T)


@pytest.mark.parametrize("x", [2, 2.5, 1 + 2j, [1, 2], [[1, 2j], [3, 4]], [], np.float64(3), np.arange(4)])
def test_numbers_lists_and_arrays_become_balls_of_their_shape(x: Any) -> None:
    ball = from_array(x)
    assert ball.shape == np.shape(np.asarray(x))
    assert np.array_equal(split(ball)[0], np.asarray(x))
    assert ball.is_complex == np.iscomplexobj(x)


LAZY = """
import sys
from grader.platforms.page.lazy_flint import install
install()
from flint import acb_mat, arb, ctx
ctx.prec = 100
assert float(arb(2).sqrt().mid()) > 1.4142
assert "flint.types.fq_default" not in sys.modules and "flint.types.acb_mat" in sys.modules
try:
    from flint import bananas
except ImportError:
    print("none")
"""


def test_only_the_types_of_flint_that_are_used_are_loaded() -> None:
    done = subprocess.run(
        [sys.executable, "-c", LAZY], capture_output=True, text=True, cwd=ROOT, timeout=60, check=False
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "none\n", "")
