"""Slips of authors in a problem.yaml: each is told in one sentence, with its line and what to write instead."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from grader.cli.app import app
from grader.core.errors import AuthorError, Fault, GraderError
from grader.problems.load import load_problem
from grader.problems.solution import load_solution

GRADIENT = """\
title: Gradient
statement: |
  Return it.
signature: grad(A)
f: trace(A @ A)
ask: gradient
inputs:
  A: {shape: [n, n], family: [integer, generic]}
checks:
  - {check: shape, points: 1}
  - {check: reference, points: 3}
"""
DIFFERENTIAL = (
    GRADIENT.replace("grad(A)", "dif(A, dA)")
    .replace("ask: gradient", "ask: differential")
    .replace("trace(A @ A)", "A @ A")
)
QR = """\
title: QR
statement: |
  Return it.
signature: qr_factors(A)
returns: {Q: [m, n], R: [n, n]}
relations:
  - {holds: Q @ R - A, points: 4, name: Q R = A}
  - {holds: Q.T @ Q - eye(n), points: 3, name: orthonormal columns}
inputs:
  A: {shape: [m, n], family: [integer, generic]}
sizes: {m: [3, 4], n: [2, 3]}
"""


def faults(base: str, old: str, new: str, folder: Path) -> tuple[Fault, ...]:
    assert old in base or not old
    path = folder / "slip" / "problem.yaml"
    path.parent.mkdir()
    path.write_text(base.replace(old, new) if old else base + new)
    with pytest.raises(AuthorError) as caught:
        load_problem(path)
    return caught.value.faults


F = "f: trace(A @ A)"
CHECKS = "  - {check: shape, points: 1}\n  - {check: reference, points: 3}\n"
LOOP = "  s = 0\n  for i in range(n):\n    s = s + A[i, i]\n  return s"
IN_YAML = [
    (GRADIENT, F, f"f:\n{LOOP}", 7, "is written below `f: |`"),
    (GRADIENT, F, "f: s = 0\n  for i in range(n):\n    s = s + 1\n  return s", 6, "is written below `f: |`"),
    (GRADIENT, "  A: {shape", "\tA: {shape", 8, "a tab comes before the text; indent with spaces"),
    (GRADIENT, F, "f: |\n\tB = A @ A\n\treturn trace(B)", 6, "a tab comes before the text"),
    (GRADIENT, "title: G", "title: The: g", 1, 'write `title: "The: gradient"`'),
    (GRADIENT, "title: Gradient", "title: [n, n] matrix", 1, 'write `title: "[n, n] matrix"`'),
    (GRADIENT, "title: Gradient", "title: 'Euler's formula'", 1, 'write `title: "Euler\'s formula"`'),
    (GRADIENT, "title: Gradient", "title: %A", 1, "cannot begin with %"),
    (GRADIENT, "title: Gradient", "title: `A`", 1, "cannot begin with `"),
    (
        GRADIENT,
        "statement: |\n  Return",
        "statement: Note: return",
        2,
        'write `statement: "Note: return it."`',
    ),
    (GRADIENT, "  Return it.", "Return it.", 4, "'Return it.' is not a key"),
    (GRADIENT, "grad(A)", "def grad(A):", 4, "write `signature: grad(A)`, without def"),
    (GRADIENT, F, "f: trace(A[: , 0: 1])", 5, 'write `f: "trace(A[: , 0: 1])"`'),
    (GRADIENT, F, "f: |A|", 5, "cannot begin with |"),
    (GRADIENT, F, "f: *A", 5, "put a text that begins so in quotes"),
    (GRADIENT, "ask: gradient", "ask:gradient", 7, "write `ask: gradient`"),
    (GRADIENT, "generic]}", "generic]", 9, "a `}` is missing"),
    (GRADIENT, "generic]}", "generic}", 8, "a `]` is missing"),
    (GRADIENT, "  - {check: shape", "  {check: shape", 11, "begins with `- `"),
    (
        GRADIENT,
        "checks:",
        " checks:",
        9,
        "`checks` is indented by 1 space, keys above by 0, 2; indent it like",
    ),
    (QR, "name: Q R = A", "name: QR: A", 7, 'write "QR: A"'),
    (QR, "holds: Q @ R - A", "at_least: R[0, 0] - 1", 7, 'write "R[0, 0] - 1"'),
    (GRADIENT, "[n, n]", "(n, n)", 8, "inputs.A.shape: a comma ends the value '(n'; write [n, n]"),
    (GRADIENT, "[integer, generic]", "integer, generic", 8, "write [integer, generic]"),
    (GRADIENT, "", "sizes: {n: (2, 5)}\n", 12, "write [2, 5]"),
    (QR, "[m, n], R: [n, n]", "m, n", 5, "returns.Q: a comma ends the value 'm'; write [m, n]"),
    (QR, "Q @ R - A", "tril(R, -1)", 7, 'write "tril(R, -1)"'),
    (GRADIENT, "", "ask: value\n", 12, "key 'ask' appears twice (first on line 6)"),
    (GRADIENT, "shape: [n, n],", "shape: [n, n], shape: [n, n],", 8, "key 'shape' appears twice"),
]
IN_FIELDS = [
    (GRADIENT, "[n, n]", "n x n", 8, "must be a list; write [n, n]"),
    (GRADIENT, "[n, n]", "nxn", 8, "must be a list; write [n, n]"),
    (GRADIENT, "[n, n]", "n*n", 8, "must be a list; write [n, n]"),
    (GRADIENT, "[n, n]", "[nxn]", 8, "unknown size 'nxn'; write n, n (or add it to sizes)"),
    (GRADIENT, "[n, n]", '"(n, n)"', 8, "must be a list; write [n, n]"),
    (GRADIENT, "[integer, generic]", "generic", 8, "must be a list; write [generic]"),
    (GRADIENT, "", "sizes: {n: 3}\n", 12, "must be a list; write [3]"),
    (GRADIENT.replace("[n, n]", "[f, f]"), "", "sizes: {f: 3}\n", 12, "must be a list; write [3]"),
    (GRADIENT.replace("grad(A)", "grad(A, norm)"), "", "parameters: {norm: 3}\n", 12, "write [3]"),
    (GRADIENT, "", "wrt: A\n", 12, "must be a list; write [A]"),
    (GRADIENT, "", "where: n > 2\n", 12, 'write ["n > 2"]'),
    (GRADIENT, "[n, n]", "[m, n]", 8, "unknown size 'm'; allowed: n (or add it to sizes)"),
    (GRADIENT, "  A: {", "A: {", 7, "indent what belongs to it"),
    (GRADIENT, "checks:", "  shape: [n, n]\nchecks:", 9, "'shape' is a key of one of the inputs"),
    (GRADIENT, "checks:", "  sizes: {n: [2]}\nchecks:", 9, "'sizes' stands beside 'inputs', not below it"),
    (GRADIENT, "inputs:\n  A: {shape: [n, n], family: [integer, generic]}", "inputs: [A]", 7, "{A: {shape: [n, n]}}"),
    (GRADIENT, "{shape: [n, n], family: [integer, generic]}", "[n, n]", 8, "such as {shape: [n, n]}"),
    (GRADIENT, "title: Gradient", "title: 5", 1, "5 must be text; put it in quotes"),
    (GRADIENT, "title: Gradient", "title: no", 1, "YAML reads yes, no, on and off as true and false"),
    (GRADIENT, "|\n  Return it.", "\n  Return: it", 2, "or below `statement: |` and indented"),
    (GRADIENT, "points: 3", "points: three", 11, "checks[1].points: 'three' must be a number"),
    (GRADIENT, "points: 3", "points: -3", 11, "-3 must be 0 or more"),
    (GRADIENT, ", points: 3", "", 11, "checks[1].points: is missing"),
    (GRADIENT, CHECKS, "  - reference: 3\n", 10, "as in {check: reference, points: 3}"),
    (GRADIENT, CHECKS, "  reference: 3\n", 9, "such as [{check: reference, points: 3}]"),
    (GRADIENT, CHECKS, "  - reference\n", 10, "such as {check: reference, points: 3}"),
    (GRADIENT, "check: reference", "check: refrence", 11, "did you mean 'reference'?"),
    (GRADIENT, "", "hint: [Think]\n", 12, "did you mean 'hints'?"),
    (GRADIENT, "", "norm: frobenius\n", 12, "unknown norm 'frobenius'; write fro"),
    (GRADIENT, "", "cost: {product: 3}\n", 12, "unknown key 'product'; did you mean 'products'?"),
    (GRADIENT, "", "order: O(n^2)\n", 12, "'O(n^2)' is not of the form n^2"),
    (GRADIENT, "", "forbid: [np.linalg.inv]\n", 12, "write the full name, numpy.linalg.inv"),
    (GRADIENT, "", "forbid: [inv]\n", 12, "such as numpy.linalg.inv"),
    (GRADIENT.replace("grad(A)", "grad(A, k)"), "", "parameters: {k: 3}\n", 12, "write [3]"),
    (GRADIENT.replace("grad(A)", "grad(A, k)"), "", "parameters: {k: {value: [3]}}\n", 12, "'values'"),
    (GRADIENT, "ask: gradient", "ask: gradiant", 6, "did you mean 'gradient'?"),
    (GRADIENT, "ask: gradient", "ask: derivative", 6, "write differential"),
    (GRADIENT, "ask: gradient", "ask: vjp", 6, "write pullback"),
    (GRADIENT, "generic]", "singular]", 8, "write corank_1, dense_singular or zero"),
    (GRADIENT, "generic]", "spd]", 8, "write space: positive_definite"),
    (GRADIENT, "generic]", "identity]", 8, "write multiple_of_identity"),
    (GRADIENT, "generic]", "Gaussian]", 8, "write generic"),
    (GRADIENT, "generic]", "ill_conditoned]", 8, "did you mean 'ill_conditioned'?"),
    (GRADIENT, "family: [integer, generic]", "space: spd", 8, "unknown space 'spd'; write positive_definite"),
    (GRADIENT, "family: [integer, generic]", "space: sphere", 8, "write unit"),
    (GRADIENT, "family: [integer, generic]", "space: skew-symmetric", 8, "write skew"),
    (GRADIENT, "family: [integer, generic]", "space: diagonal", 8, "write family: [diagonal]"),
    (DIFFERENTIAL, "dif(A, dA)", "dif(A)", 4, "a differential needs a direction, such as dA"),
    (DIFFERENTIAL, "dif(A, dA)", "dif(A, dA, k)", 4, "argument 'k' is neither an input"),
    (DIFFERENTIAL, "dif(A, dA)", "dif(dA)", 8, "'A' is not an argument of dif(dA)"),
    (DIFFERENTIAL, "dif(A, dA)", "dif(A, dA=None)", 4, "the plain names of its arguments"),
    (DIFFERENTIAL.replace("dif(A, dA)", "dif(A)"), "differential", "pullback", 4, "the cotangent, such as G"),
    (QR, "{Q: [m, n], R: [n, n]}", "[Q, R]", 5, "such as {Q: [m, n], R: [n, n]}"),
    (QR, "Q @ R - A", "Q @ R == A", 7, "without ==; write holds: Q @ R - A"),
    (QR, "Q @ R - A", "Q @ R = A + 0 * A", 7, "without =; write holds: Q @ R - (A + 0 * A)"),
    (QR, "holds: Q @ R - A", "at_least: diag(R) > 0", 7, "write at_least: diag(R), strict: true"),
    (QR, "holds: Q @ R - A", "holds: 0 <= diag(R)", 7, "write at_least: diag(R)"),
    (QR, "holds: Q @ R - A", "is_not: Q @ R != A", 7, "write is_not: Q @ R - A"),
    (QR, "holds: Q @ R - A", "hold: Q @ R - A", 7, "did you mean 'holds'?"),
    (QR, "  - {holds: Q @ R - A, points: 4, name: Q R = A}\n", "  - Q @ R - A\n", 7, "such as {holds:"),
]  # fmt: skip
IN_F = [
    (f"f: >\n{LOOP}", "YAML has joined its lines; write f: |"),
    ("f: >\n  B = A @ A\n  return trace(B)", "YAML has joined its lines; write f: |"),
    ("f:\n  B = A @ A\n  return trace(B)", "YAML has joined its lines; write f: |"),
    ('f: "B = A @ A\n  return trace(B)"', "YAML has joined its lines; write f: |"),
    (f"f: |\n{LOOP.replace('n):', 'n)')}", "line 2, column 18: not an expression: expected ':'"),
    ("f: |\n  B = (A @ A\n  return trace(B)", "'(' was never closed"),
    ("f: |\n  B = A @ A\n  trace(B)", "write return before trace(B)"),
    ("f: f = trace(A @ A)", "write the value alone, without f ="),
    ("f: f(A) = trace(A @ A)", "write the value alone"),
    ("f: |\n  def f(A):\n    return trace(A)", "write its lines alone, without def f(A):"),
    ("f: |\n  from numpy.linalg import inv\n  return trace(inv(A))", "imports are not needed"),
    ("f: trace(A.T() @ A)", "write A.T without ()"),
    ("f: trace(A.transpose() @ A)", "write A.T"),
    ("f: (A @ A).sum()", "write sum(A @ A)"),
    ("f: trace(A.dot(A))", "write dot(A, A)"),
    ("f: trace(A.inv @ A)", "write inv(A)"),
    ("f: trace(A) / A.shape[0]", "a size has its own letter"),
    ("f: trace(A^T @ A)", "'^' is not a transpose here; write A.T"),
    ("f: trace(A^-1)", "write inv(A), or 1 / x"),
    ("f: trace(A^2)", "write A @ A, or x ** 2"),
    ("f: trace(A' @ A)", "write A.T for A'"),
    ("f: trace(A'A)", "write A.T for A'"),
    ("f: trace(A \\ A)", "write solve(A, b) for A \\ b"),
    ("f: \\operatorname{tr}(A)", "LaTeX is for the statement"),
    ("f: trace(A A)", "write A @ B for the matrix product"),
    ("f: trace(AA)", "write A @ A for the matrix product"),
    ("f: trace(2A)", "write 2 * A for 2A"),
    ("f: trace(A**T)", "write A.T for the transpose"),
    ("f: trace(Aᵀ @ A)", ".T"),
    ("f: trace(A²)", "write A @ A, or x ** 2 for entries"),
    ("f: trace(A · A)", "write @ for a matrix product, * for entries"),
    ("f: trace(A − A)", "write - for minus"),
    ("f: trace(A @ X + X)", "unknown name 'X'; allowed: A, n"),
    ("f: trace(A + I)", "write eye(n) for the identity"),
    ("f: trace(np.linalg.inv(A))", "write inv(…) without np.linalg"),
    ("f: numpy.trace(A)", "write trace(…) without numpy"),
    ("f: trace(scipy.linalg.expm(A))", "write expm(…) without scipy.linalg"),
    ("f: trace(A) * np.pi", "write pi without np"),
    ("f: np.slogdet(A)", "write logdet(A)"),
    ("f: A @ A", "a gradient needs a scalar f, found shape n×n"),
    ("f: 3", "3 must be text; put it in quotes"),
    ("f:", "is empty, and must be text"),
]


@pytest.mark.parametrize(("base", "old", "new", "line", "words"), [*IN_YAML, *IN_FIELDS])
def test_a_slip_in_a_field_is_told_once(
    base: str, old: str, new: str, line: int, words: str, tmp_path: Path
) -> None:
    (fault,) = faults(base, old, new, tmp_path)
    assert words in str(fault)
    assert fault.line == line


@pytest.mark.parametrize(("f", "words"), IN_F)
def test_a_slip_in_f_is_told_once(f: str, words: str, tmp_path: Path) -> None:
    (fault,) = faults(GRADIENT, F, f, tmp_path)
    assert words in str(fault)
    assert fault.line == 5


@pytest.mark.parametrize(
    ("mistake", "words"),
    [
        ("{id: twice, message: You.}", "mistakes[0]: needs formula, an expression, or python"),
        ("{id: twice, formula: A, python: g, message: You.}", "found both"),
        ("{id: twice, formula: 2 * A}", "mistakes[0].message: is missing"),
        ("{id: twice, formula: 2 * B, message: You.}", "unknown name 'B'; allowed: A, n"),
        ("{id: twice, formula: np.tril(A), message: You.}", "write tril(…) without np"),
        ("{id: Twice_it, formula: A, message: You.}", "use small letters, digits and single hyphens"),
        ("{id: no, formula: A, message: You.}", "YAML reads yes, no, on and off as true and false"),
        ("{id: twice, formula: kron(A, tril(A, 1)), message: You.}", 'write "kron(A, tril(A, 1))"'),
        ("{id: twice, formula: A, message: You did: that.}", 'write "You did: that."'),
    ],
)
def test_a_slip_in_a_mistake_is_told_once(mistake: str, words: str, tmp_path: Path) -> None:
    path = tmp_path / "slip" / "problem.yaml"
    path.parent.mkdir()
    path.write_text(GRADIENT)
    (tmp_path / "reference.py").write_text("def grad(A):\n    return 2 * A.T\n")
    (tmp_path / "variants.yaml").write_text(f"mistakes:\n  - {mistake}\n")
    with pytest.raises(AuthorError) as caught:
        load_solution(tmp_path, load_problem(path))
    (fault,) = caught.value.faults
    assert words in str(fault)
    assert fault.line == 2


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("def grads(A):\n    return A\n", "must define grad(A); it defines grads"),
        ("def grad(A, B):\n    return A\n", "defines grad(A, B), and the signature is grad(A)"),
        ("grad = 3\n", "must define grad(A)"),
        ("import nowhere\n", "fails when imported: ModuleNotFoundError"),
        ("def grad(A):\nreturn A\n", "is not Python"),
    ],
)
def test_a_reference_that_cannot_be_called_is_told(code: str, words: str, tmp_path: Path) -> None:
    path = tmp_path / "slip" / "problem.yaml"
    path.parent.mkdir()
    path.write_text(GRADIENT)
    (tmp_path / "reference.py").write_text(code)
    with pytest.raises(AuthorError) as caught:
        load_solution(tmp_path, load_problem(path))
    (fault,) = caught.value.faults
    assert words in str(fault)


def test_validate_tells_a_slip_once_and_without_a_traceback(tmp_path: Path) -> None:
    (tmp_path / "exercises" / "slip").mkdir(parents=True)
    (tmp_path / "exercises" / "slip" / "problem.yaml").write_text(GRADIENT.replace("[n, n]", "(n, n)"))
    (tmp_path / "config.yaml").write_text("course: C\nassignments: {a: {problems: [slip]}}\n")
    result = CliRunner().invoke(app, ["validate", "--course", str(tmp_path)])
    assert isinstance(result.exception, GraderError)  # which the program tells, with exit code 2
    assert str(result.exception).count("write [n, n]") == 1
    assert "write [n, n]" not in result.output
