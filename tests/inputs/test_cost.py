"""Cost as a property: counted in the sandbox, and neither faked nor lost by the style of a function."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from grader.answers.sandbox import Limits, Sandbox
from grader.answers.submission import Submission
from grader.core.errors import AuthorError
from grader.grading.grade import Grader
from grader.grading.prepare import PreparedAssignment, prepare_problem
from grader.problems.load import make_problem
from grader.reports.code import CodeCell
from grader.reports.feedback import explain
from grader.reports.report import Finding, ProblemReport

pytestmark = pytest.mark.sampled

FIELDS: dict[str, Any] = {
    "title": "t", "statement": "s", "signature": "answer(A, x)", "f": "A @ A @ x", "ask": "value",
    "inputs": {"A": {"shape": ["n", "n"]}, "x": {"shape": ["n"]}}, "larger": False,
    "checks": [{"check": "reference", "points": 1}, {"check": "cost", "points": 2}],
}  # fmt: skip
SOLVE = {**FIELDS, "f": "solve(A, x)"}
# Counting takes a hundred times as long as computing, on a busy machine much longer; no claim here is about time.
LIMITS = Limits(seconds=300, cpu_seconds=300, total_seconds=600)


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(LIMITS, ("numpy",)) as opened:
        yield opened


def graded(sandbox: Sandbox, source: str, fields: dict[str, Any]) -> ProblemReport:
    prepared = prepare_problem(make_problem(fields, "cost"), 3, 6)
    exam = PreparedAssignment("exam", 3, LIMITS, ("numpy",), (prepared,))
    submission = Submission("ann", "ann.py", (CodeCell("ann.py", f"import numpy as np\n{source}"),), None)
    return Grader(exam, sandbox).grade(submission).problems[0]


def cost(sandbox: Sandbox, source: str, fields: dict[str, Any]) -> Finding:
    return next(finding for finding in graded(sandbox, source, fields).findings if finding.name == "cost")


QUADRATIC = [
    "answer = lambda A, x: A @ (A @ x)",
    "def answer(A, x):\n    B = np.asarray(A, dtype=float)\n    return np.dot(B, np.dot(B, x))",
    "def answer(A, x):\n    return np.einsum('ij,j->i', A, np.einsum('ij,j->i', A, x))",
    "def answer(A, x):\n    return A.dot(A.dot(x))",
    "def times(A, x):\n    return np.array([sum(a * b for a, b in zip(row, x)) for row in A.tolist()])\n"
    "answer = lambda A, x: times(A, times(A, x.tolist()))",
    "from functools import reduce\nanswer = lambda A, x: reduce(lambda y, M: M @ y, [A, A], x)",
]
CUBIC = [
    "answer = lambda A, x: (A @ A) @ x",
    "answer = lambda A, x: np.linalg.matrix_power(np.asarray(A), 2) @ x",
    "answer = lambda A, x: np.einsum('ij,jk,k->i', A, A, x)",
    "def answer(A, x):\n    B = A.tolist()\n    n = len(B)\n    y = np.zeros(n)\n"
    "    for i in range(n):\n        for j in range(n):\n            for k in range(n):\n"
    "                y[i] += B[i][j] * B[j][k] * x[k]\n    return y",
    "from functools import reduce\nanswer = lambda A, x: reduce(np.matmul, [A, A, x])",
]


@pytest.mark.parametrize("source", QUADRATIC)
def test_n_squared_operations_pass_in_every_style(sandbox: Sandbox, source: str) -> None:
    found = cost(sandbox, source, {**FIELDS, "order": "n^2"})
    assert found.outcome == "passed" and found.score == 2, found.what


@pytest.mark.parametrize("source", CUBIC)
def test_n_cubed_operations_fail_in_every_style(sandbox: Sandbox, source: str) -> None:
    found = cost(sandbox, source, {**FIELDS, "order": "n^2"})
    assert found.outcome == "failed" and found.score == 0, found.what


def test_an_explicit_inverse_is_named_with_its_line(sandbox: Sandbox) -> None:
    budget = {**SOLVE, "cost": {"inverses": 0}}
    found = cost(sandbox, "def answer(A, x):\n    return np.linalg.inv(A) @ x\n", budget)
    assert found.outcome == "failed" and "numpy.linalg.inv (line 3)" in found.what
    imported = "from numpy.linalg import inv as f\ndef answer(A, x):\n    return f(A) @ x\n"
    assert cost(sandbox, imported, budget).outcome == "failed"
    assert cost(sandbox, "answer = lambda A, x: np.linalg.solve(A, x)", budget).outcome == "passed"
    for other in (
        "answer = lambda A, x: np.linalg.solve(A, np.eye(len(A))) @ x",
        "answer = lambda A, x: np.linalg.matrix_power(A, -1) @ x",
        "answer = lambda A, x: list(map(np.linalg.pinv, [A]))[0] @ x",
    ):
        assert cost(sandbox, other, budget).outcome == "failed", other


def test_who_pays_too_much_is_told_what_to_do(sandbox: Sandbox) -> None:
    report = graded(sandbox, CUBIC[0], {**FIELDS, "order": "n^2"})
    found = next(finding for finding in report.findings if finding.name == "cost")
    assert "@ (line 2)" in found.what and report.score == 1
    assert "look at the lines named" in explain(report).step


def test_products_and_solves_are_counted(sandbox: Sandbox) -> None:
    one = {**SOLVE, "cost": {"solves": 1, "products": 0}}
    assert cost(sandbox, "answer = lambda A, x: np.linalg.solve(A, x)", one).outcome == "passed"
    twice = "def answer(A, x):\n    np.linalg.solve(A, x)\n    return np.linalg.solve(A, x)"
    assert cost(sandbox, twice, one).outcome == "failed"
    normal = "answer = lambda A, x: np.linalg.solve(A.T @ A, A.T @ x)"
    assert "2 are" not in cost(sandbox, normal, one).what and cost(sandbox, normal, one).outcome == "failed"
    # An inverse is a system too: it is no way around a bound on these.
    none = {**SOLVE, "cost": {"solves": 0}}
    assert cost(sandbox, "answer = lambda A, x: np.linalg.inv(A) @ x", none).outcome == "failed"


def test_what_cannot_be_counted_is_undecided_and_earns_nothing(sandbox: Sandbox) -> None:
    for source in (
        "answer = lambda A, x: eval('A @ (A @ x)')",
        "answer = lambda A, x: np.polynomial.polynomial.polyval(0, [A @ (A @ x)])",
        "answer = lambda A, x: np.asarray(np.matrix(A) * np.matrix(A @ x[:, None])).ravel()",
    ):
        found = cost(sandbox, source, {**FIELDS, "order": "n^2"})
        assert (found.outcome, found.score) == ("inconclusive", Fraction(0)), found.what
        assert "undecided" in found.what


def test_an_answer_that_is_wrong_at_the_sizes_counted_earns_nothing(sandbox: Sandbox) -> None:
    source = "answer = lambda A, x: A @ (A @ x) if len(A) < 9 else x.copy()"
    assert cost(sandbox, source, {**FIELDS, "order": "n^2"}).outcome == "failed"


def test_a_forbidden_function_is_named_with_its_line(sandbox: Sandbox) -> None:
    fields = {**SOLVE, "forbid": ["numpy.linalg.inv"], "checks": [{"check": "reference", "points": 1}]}
    for source in (
        "def answer(A, x):\n    return np.linalg.inv(A) @ x",
        "from numpy.linalg import inv\ndef answer(A, x):\n    return inv(A) @ x",
        "import numpy.linalg as la\ndef answer(A, x):\n    return la.inv(A) @ x",
    ):
        report = graded(sandbox, source, fields)
        assert report.score == 0 and report.error is not None
        assert "numpy.linalg.inv is not allowed" in report.error.what and "line" in report.error.place
    assert graded(sandbox, "answer = lambda A, x: np.linalg.solve(A, x)", fields).verdict == "right"


def test_without_libraries_a_submission_cannot_import_numpy() -> None:
    fields = {**FIELDS, "checks": [{"check": "reference", "points": 1}]}
    prepared = prepare_problem(make_problem(fields, "cost"), 3, 6)
    exam = PreparedAssignment("exam", 3, LIMITS, (), (prepared,))
    sources = {
        "import numpy as np\nanswer = lambda A, x: A @ (A @ x)": "error",
        "from numpy.linalg import inv\nanswer = lambda A, x: A @ (A @ x)": "error",
        "np = __import__('numpy')\nanswer = lambda A, x: A @ (A @ x)": "error",
        "import importlib\nnp = importlib.import_module('numpy')\nanswer = lambda A, x: A @ (A @ x)": "error",
        "import math\nanswer = lambda A, x: A @ (A @ x)": "right",
    }
    with Sandbox(LIMITS, ()) as closed:
        for source, verdict in sources.items():
            submission = Submission("ann", "ann.py", (CodeCell("ann.py", source),), None)
            report = Grader(exam, closed).grade(submission)
            broken = report.error is not None and "No module named 'numpy" in report.error.what
            assert broken == (verdict == "error"), report.error


FAULTS: list[tuple[dict[str, Any], str]] = [
    ({"order": "k^2"}, "unknown size 'k'"),
    ({"order": "n^^2"}, "not of the form"),
    ({}, "a cost check needs"),
    ({"cost": {"products": 1}, "checks": [{"check": "reference", "points": 1}]}, "no check uses it"),
    ({"cost": {"prodcuts": 1}}, "products"),
    ({"order": "n", "forbid": ["numpy.linalg.slove"]}, "did you mean 'solve'"),
    ({"order": "n", "forbid": ["numpy.linlag.inv"]}, "numpy has no module"),
]


@pytest.mark.parametrize(("fields", "message"), FAULTS)
def test_faults_of_a_budget_are_told(fields: dict[str, Any], message: str) -> None:
    with pytest.raises(AuthorError, match=message.replace("^", r"\^")):
        make_problem({**FIELDS, **fields}, "cost")


CORE = "_core" if hasattr(np, "_core") else "core"
LINALG = "_linalg" if hasattr(np.linalg, "_linalg") else "linalg"
PRODUCTS = [
    "np.ndarray.dot(A, A) @ x",
    "np.ndarray.__matmul__(A, A) @ x",
    "A.__matmul__(A) @ x",
    "A.__rmatmul__(A) @ x",
    "list(map(np.ndarray.dot, [A], [A]))[0] @ x",
    "operator.imatmul(A.copy(), A) @ x",
    "operator.methodcaller('dot', A)(A) @ x",
    "list(map(operator.methodcaller('dot', A), [A]))[0] @ x",
    "np.dot.__call__(A, A) @ x",
    "functools.partial(np.dot, A)(A) @ x",
    "functools.partial(functools.partial(np.ndarray.dot), A)(A) @ x",
    "list(map(functools.partial(np.dot, b=A), [A]))[0] @ x",
    "np.dot(b=A, a=A) @ x",
    "np.vectorize(np.dot, signature='(n,n),(n,n)->(n,n)')(A, A) @ x",
    "np.matmul.__call__(A, A) @ x",
    "np.dot.__wrapped__(A, A) @ x",
    "np.einsum('ij,jk', A, A) @ x",
    "np.tensordot(A, A, 1) @ x",
    "np.linalg.multi_dot([A, A, A]) @ np.linalg.solve(A, x)",
]
if hasattr(np, "matvec"):  # numpy 2.2
    PRODUCTS += ["np.matvec(A, A.T).T @ x", "np.vecmat(A, A) @ x", "np.vecdot(A[:, None, :], A.T[None]) @ x"]
NO_PRODUCTS = [
    "np.linalg.multi_dot([A, A, x])",
    "A.__matmul__(A.__matmul__(x))",
    "np.ndarray.dot(A, np.ndarray.dot(A, x))",
    "A @ (A @ x) + 0 * np.tensordot(A, A)",
    "A @ (A @ x) + 0 * len(np.triu_indices_from(A) + np.tril_indices_from(A) + np.diag_indices_from(A))",
    "A @ (A @ x) + 0 * np.einsum('ij,ij', A, A)",
    "[A @ (A @ x)].pop()",
    "(lambda times: times(times(x)))(functools.partial(np.dot, A))",
    "np.dot(b=np.dot(A, b=x), a=A)",
    "np.vectorize(lambda t: t + 0.0)(A @ (A @ x))",
    "A @ np.apply_along_axis(np.dot, 1, A, x)",
    "A @ (A @ (np.asarray(x) if isinstance(x, np.matrix) else x))",
]
if hasattr(np, "matvec"):
    NO_PRODUCTS += ["np.matvec(A, np.matvec(A, x))"]
UNDECIDED = [
    "np.asarray(A.view(np.matrix) * A) @ x",
    "np.asarray(list(map(np.matrix, [A]))[0] * A) @ x",
    "np.asarray((np.linalg.inv(A).view(np.matrix) ** -1) @ A) @ x",
    "np.asarray(np.linalg.inv(A).view(np.matrix).I @ A) @ x",
    f"np.{CORE}.multiarray.c_einsum('ij,jk->ik', A, A) @ x",
]


@pytest.mark.parametrize("expression", PRODUCTS)
def test_a_product_is_counted_however_it_is_spelled(sandbox: Sandbox, expression: str) -> None:
    source = f"import functools, operator\nanswer = lambda A, x: {expression}"
    found = cost(sandbox, source, {**FIELDS, "cost": {"products": 0}})
    assert found.outcome == "failed", found.what


@pytest.mark.parametrize("expression", NO_PRODUCTS)
def test_what_is_no_product_of_matrices_is_none_however_it_is_spelled(
    sandbox: Sandbox, expression: str
) -> None:
    found = cost(
        sandbox,
        f"import functools\nanswer = lambda A, x: {expression}",
        {**FIELDS, "order": "n^2", "cost": {"products": 0}},
    )
    assert found.outcome == "passed", found.what


@pytest.mark.parametrize("expression", UNDECIDED)
def test_other_kinds_of_arrays_and_private_functions_are_undecided(sandbox: Sandbox, expression: str) -> None:
    found = cost(sandbox, f"answer = lambda A, x: {expression}", {**FIELDS, "cost": {"products": 0}})
    assert (found.outcome, found.score) == ("inconclusive", Fraction(0)), found.what


LOOPS = [
    "[[sum(Decimal(a) * Decimal(b) for a, b in zip(r, c)) for c in zip(*B)] for r in B]",
    "[[sum(Fraction(a) * Fraction(b) for a, b in zip(r, c)) for c in zip(*B)] for r in B]",
    "[[sum(map(Fraction.__mul__, map(Fraction, r), map(Fraction, c))) for c in zip(*B)] for r in B]",
    "[[math.fsum(map(float.__mul__, r, c)) for c in zip(*B)] for r in B]",
    "[[len(r) * statistics.fmean(map(lambda p, q: p * q, r, c)) for c in zip(*B)] for r in B]",
    "[[sum(c) * statistics.fmean(r, c) if sum(c) else 0.0 for c in zip(*B)] for r in B]",
]


@pytest.mark.slow
@pytest.mark.parametrize("loop", LOOPS)
def test_loops_over_numbers_of_any_kind_are_counted(sandbox: Sandbox, loop: str) -> None:
    source = (
        "import math, statistics\nfrom decimal import Decimal\nfrom fractions import Fraction\n"
        f"def answer(A, x):\n    B = A.tolist()\n    return np.array({loop}, float) @ x"
    )
    found = cost(sandbox, source, {**FIELDS, "order": "n^2"})
    assert found.outcome == "failed" and "grow like n^" in found.what, found.what


def test_an_update_is_counted_though_its_target_calls_something_once(sandbox: Sandbox) -> None:
    source = (
        "seen = []\ndef place(i):\n    seen.append(i)\n    return int(i)\n"
        "def answer(A, x):\n    seen.clear()\n    y = [A.copy(), x]\n    y[place(0)] @= A\n"
        "    assert len(seen) == 1\n    return y[0] @ x"
    )
    found = cost(sandbox, source, {**FIELDS, "cost": {"products": 0}})
    assert found.outcome == "failed" and "@ (line 9)" in found.what, found.what


@pytest.mark.parametrize("name", ["solve", "inv"])
def test_numpy_s_own_ufuncs_are_counted_as_what_they_compute(sandbox: Sandbox, name: str) -> None:
    call = {"solve": "solve1(A, x)", "inv": "inv(A) @ x"}[name]
    found = cost(
        sandbox, f"answer = lambda A, x: np.linalg._umath_linalg.{call}", {**SOLVE, "cost": {"solves": 0}}
    )
    assert found.outcome == "failed", found.what


@pytest.mark.parametrize(
    "body",
    [
        f"from numpy.linalg import {LINALG} as la; return la.solve(A, x)",
        "return np.linalg._umath_linalg.solve1(A, x)",
        "return getattr(np.linalg.solve, '__wrapped__', np.linalg.solve)(A, x)",
        "import importlib; importlib.reload(np.linalg); return np.linalg.solve(A, x)",
        f"import importlib; importlib.reload(np.linalg.{LINALG}); return np.linalg.{LINALG}.solve(A, x)",
    ],
)
@pytest.mark.parametrize("forbidden", ["numpy.linalg.solve", "numpy.linalg"])
def test_a_forbidden_function_stays_forbidden_by_its_private_names(
    sandbox: Sandbox, body: str, forbidden: str
) -> None:
    fields = {**SOLVE, "forbid": [forbidden], "checks": [{"check": "reference", "points": 1}]}
    report = graded(sandbox, f"def answer(A, x):\n    {body}", fields)
    assert report.score == 0 and report.error is not None and "is not allowed" in report.error.what


def test_other_functions_of_a_library_may_use_what_is_forbidden(sandbox: Sandbox) -> None:
    fields = {**SOLVE, "forbid": ["numpy.linalg.solve"], "checks": [{"check": "reference", "points": 1}]}
    assert graded(sandbox, "answer = lambda A, x: np.linalg.tensorsolve(A, x)", fields).verdict == "right"


@pytest.mark.parametrize("name", ["numpy.matrix", "numpy.add", "numpy.dot"])
def test_numpy_works_when_its_types_and_ufuncs_are_forbidden(sandbox: Sandbox, name: str) -> None:
    fields = {**SOLVE, "forbid": [name], "checks": [{"check": "reference", "points": 1}]}
    source = "answer = lambda A, x: np.linalg.solve(A, x) + 0 * np.linalg.norm(A, 1) * np.linalg.cond(A)"
    assert graded(sandbox, source, fields).verdict == "right"
