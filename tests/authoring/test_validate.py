"""Validation passes what is fair and finds each way in which a problem is not."""

from __future__ import annotations

import dataclasses
import io
import json
import math
import shutil
from pathlib import Path

import pytest
from rich.console import Console

from grader.authoring.mutation_testing import FURTHER_SEEDS, LARGER
from grader.authoring.new_problem import new_problem
from grader.authoring.validate import validate_all, validate_problem
from grader.core.errors import AuthorError
from grader.formats.terminal.certificate import print_certificates
from grader.problems.course import Course, load_course
from grader.reports.certificate import (
    Certificate,
    GradingCost,
    LargestError,
    Margins,
    Mutants,
    Survivor,
    Trial,
    certificates_json,
)
from tests.conftest import ROOT

pytestmark = [pytest.mark.slow, pytest.mark.side_by_side]


def failures(certificate: Certificate) -> dict[str, str]:
    return {f"{trial.kind} {trial.id}": trial.found for trial in certificate.failed}


@pytest.fixture
def new_course(tmp_path: Path) -> Path:
    new_problem(tmp_path, "trace-square")
    (tmp_path / "config.yaml").write_text(
        "course: Test\nassignments: {week1: {problems: [trace-square]}}\n", encoding="utf-8"
    )
    return tmp_path


def certify(folder: Path) -> Certificate:
    return validate_problem(load_course(folder), "trace-square", 4)


def check(folder: Path) -> dict[str, str]:
    return failures(certify(folder))


@pytest.mark.parametrize(
    ("body", "found"),
    [
        ("return 2 * A.foo", "error: trace_square raised AttributeError: 'numpy.ndarray' object has no"),
        ("pass", "missing: trace_square is not written yet; write its body"),
        ("return 'x'", "error: trace_square returned a str; return a number or an array of numbers"),
        ("return A[0]", "wrong, not named: it must return an array of shape (2, 2), but"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_a_reference_is_told(new_course: Path, body: str, found: str) -> None:
    reference = new_course / "solutions" / "trace-square" / "reference.py"
    reference.write_text(f"def trace_square(A):\n    {body}\n", encoding="utf-8")
    assert check(new_course)["reference reference"].startswith(found)


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


@pytest.mark.parametrize("id", sorted(path.name for path in (ROOT / "exercises").iterdir() if path.is_dir()))
def test_all_shipped_problems_pass(course: Course, id: str) -> None:
    """At two seeds, as `grader validate` tries them: the mutants at the first, all formulas at both."""
    ((_, certificate),) = validate_all(course, [id], 5, 1, seeds=2)
    assert isinstance(certificate, Certificate) and certificate.seeds == (5, 6)
    assert failures(certificate) == {}
    assert certificate.mutants.gaps == ()
    assert certificate.passed
    kinds = {trial.kind for trial in certificate.trials}
    assert kinds == {"oracle", "starter", "reference", "alternative", "mistake"}
    families = {family.name for item in course.problems[id].inputs for family in item.families}
    assert families <= set(certificate.families)
    margins = certificate.margins
    assert margins.worst_right is not None and margins.nearest_wrong is not None
    assert margins.worst_right.error <= 0.5
    assert margins.nearest_wrong.error >= 1e3
    assert certificate.mutants.killed >= 5


def test_the_shipped_problems_are_those_of_the_folders(course: Course) -> None:
    assert set(course.problems) == {path.parent.name for path in (ROOT / "exercises").glob("*/problem.yaml")}


def test_a_new_problem_passes_as_it_is(new_course: Path) -> None:
    certificate = certify(new_course)
    assert certificate.passed and failures(certificate) == {}
    assert certificate.mutants.killed > 0
    assert certificate.families["symmetric"] == 4


def test_a_wrong_reference_is_found(new_course: Path) -> None:
    edit(new_course / "solutions/trace-square/reference.py", "2 * A.T", "2 * A")
    assert check(new_course) == {"reference reference": "named transposed"}


def test_a_wrong_alternative_is_found(new_course: Path) -> None:
    edit(new_course / "solutions/trace-square/variants.yaml", "A.T + A.T", "A.T + A")
    assert check(new_course) == {"alternative two-terms": "named transposed-factor"}


def test_a_mistake_that_is_right_is_found(new_course: Path) -> None:
    edit(new_course / "solutions/trace-square/variants.yaml", "formula: 2 * A\n", "formula: 2 * A.T\n")
    assert check(new_course) == {"mistake transposed": "right"}


def test_two_mistakes_that_are_the_same_are_found(new_course: Path) -> None:
    path = new_course / "solutions/trace-square/variants.yaml"
    path.write_text(path.read_text() + "  - {id: twice, formula: A + A, message: The same.}\n")
    assert check(new_course) == {"mistake twice": "named transposed"}


def test_a_mistake_that_hides_at_all_inputs_drawn_is_found(new_course: Path) -> None:
    edit(
        new_course / "exercises/trace-square/problem.yaml",
        "[integer, generic, scaled, symmetric, one_by_one]",
        "[symmetric]",
    )
    edit(
        new_course / "exercises/trace-square/problem.yaml",
        "statement: |",
        "sizes: {n: [1]}\nlarger: false\nstatement: |",
    )
    assert check(new_course) == {"mistake transposed": "right"}


def test_a_map_without_a_derivative_is_undecided(new_course: Path) -> None:
    path = new_course / "exercises/trace-square/problem.yaml"
    edit(path, "f: trace(A @ A)", "f: log(trace(A - A))")
    (found,) = (outcome for trial, outcome in check(new_course).items() if trial.startswith("oracle"))
    assert found.startswith("undecided") and "f is not finite there" in found


def test_validation_is_not_a_constant() -> None:
    assert not Trial("p", "mistake", "m", "named m", "right").passed
    assert dataclasses.replace(Trial("p", "mistake", "m", "named m", "right"), found="named m").passed


def only_one_by_one(folder: Path) -> None:
    edit(
        folder / "exercises/trace-square/problem.yaml",
        "statement: |",
        "sizes: {n: [1]}\nlarger: false\nstatement: |",
    )


def test_cases_that_let_a_wrong_formula_pass_are_a_gap(new_course: Path) -> None:
    only_one_by_one(new_course)
    (new_course / "solutions/trace-square/variants.yaml").unlink()
    certificate = certify(new_course)
    assert failures(certificate) == {}
    assert not certificate.passed
    gap = next(gap for gap in certificate.mutants.gaps if gap.what == "dropped .T")
    assert (gap.line, gap.before, gap.after) == (9, "A.T", "A")
    assert gap.error > 1e6 and gap.sizes["n"] in {1 + k for k in LARGER}
    assert 0 < gap.wrong <= gap.points and gap.family in certificate.families
    assert f"in the family {gap.family}, n = {gap.sizes['n']}" in gap.note


def test_a_mutant_that_is_right_is_shown_to_be_equivalent(new_course: Path) -> None:
    reference = new_course / "solutions/trace-square/reference.py"
    edit(reference, "return 2 * A.T", "two = 1 + 1\n    return two * A.conj().T")
    mutants = certify(new_course).mutants
    assert mutants.gaps == ()
    notes = {(item.before, item.after): item for item in mutants.equivalents}
    same = notes["A.conj()", "A"]
    assert same.note == "it returns the very same numbers (all inputs are real)"
    assert same.points >= FURTHER_SEEDS * 24 and same.wrong == 0
    assert mutants.killed == mutants.made - len(mutants.equivalents)


def test_a_mutant_that_only_rounds_otherwise_is_equivalent(new_course: Path) -> None:
    (new_course / "solutions/trace-square/reference.py").write_text(
        "import numpy as np\n\n\ndef trace_square(A):\n"
        "    Q = np.linalg.qr(A + A.T)[0]\n    return 2 * (Q @ Q.T @ A).T\n",
        encoding="utf-8",
    )
    certificate = certify(new_course)
    assert certificate.passed
    swapped = next(item for item in certificate.mutants.equivalents if item.what == "swapped Q and Q.T")
    assert swapped.note.startswith("it agrees with the truth to 0.") and 0 < swapped.error < 1


def test_a_mutant_that_never_ends_is_cut_and_counts_as_killed(new_course: Path) -> None:
    edit(
        new_course / "solutions/trace-square/reference.py",
        "return 2 * A.T",
        "k = 0\n    while k != 2:\n        k += 1\n    return k * A.T",
    )
    edit(
        new_course / "config.yaml",
        "course: Test\n",
        "course: Test\nlimits: {seconds: 2, cpu_seconds: 0.2}\n",
    )
    certificate = certify(new_course)
    assert certificate.passed
    assert certificate.mutants.made >= 15


def test_a_wrong_reference_is_not_mutated(new_course: Path) -> None:
    edit(new_course / "solutions/trace-square/reference.py", "2 * A.T", "2 * A")
    assert certify(new_course).mutants == Mutants()


def test_without_solutions_there_are_only_the_oracle_and_the_starter(new_course: Path) -> None:
    shutil.rmtree(new_course / "solutions")
    certificate = certify(new_course)
    assert certificate.passed and certificate.margins == Margins()
    assert [trial.kind for trial in certificate.trials] == ["oracle", "starter"]


def test_margins_are_those_of_the_worst_right_and_the_nearest_wrong_formula(new_course: Path) -> None:
    path = new_course / "solutions/trace-square/variants.yaml"
    edit(path, "A.T + A.T}", "A.T + A.T}\n  - {id: sloppy, formula: 2 * A.T * (1 + 1e-15)}")
    path.write_text(path.read_text() + "  - {id: almost, formula: 2 * A.T * (1 + 1e-9), message: Nearly.}\n")
    worst, nearest = (getattr(certify(new_course).margins, name) for name in ("worst_right", "nearest_wrong"))
    assert worst.by == "alternative sloppy" and 1e-3 < worst.error <= 1
    assert nearest.by == "mistake almost" and 1e2 < nearest.error < 1e7


def test_faults_of_one_problem_do_not_stop_the_others(new_course: Path) -> None:
    new_problem(new_course, "trace-cube")
    edit(new_course / "solutions/trace-cube/variants.yaml", "A.T + A.T", "A.T + Q")
    for jobs in (1, 2):
        found = dict(validate_all(load_course(new_course), ["trace-cube", "trace-square"], 4, jobs))
        assert isinstance(found["trace-cube"], AuthorError) and found["trace-cube"].faults
        assert isinstance(found["trace-square"], Certificate) and found["trace-square"].passed


def a_certificate(passed: bool) -> Certificate:
    found = ("named transposed", "wrong", "transposed") if passed else ("right", "right")
    survivor = Survivor(9, 12, "dropped .T", "A.T", "A", 72, 0, "", {}, 0.5, "it agrees")
    gap = dataclasses.replace(
        survivor, wrong=5, family="integer", sizes={"n": 2}, error=math.inf, note="it is off"
    )
    return Certificate(
        "trace-square",
        (
            Trial("trace-square", "reference", "reference", "right", "right", "right"),
            Trial("trace-square", "mistake", "transposed", "named transposed", *found),
        ),
        {"integer": 2, "generic": 9},
        Margins(
            LargestError("reference", "generic", 0.12), LargestError("mistake transposed", "integer", 3e5)
        ),
        Mutants(7, (survivor,), () if passed else (gap,)),
        GradingCost(truths=12.34, calls=28, seconds=0.0042),
    )


def test_the_json_has_trials_margins_and_mutants_and_no_infinity() -> None:
    data = json.loads(json.dumps(certificates_json([a_certificate(False)]), allow_nan=False))
    assert data["passed"] is False
    assert [trial["passed"] for trial in data["trials"]] == [True, False]
    (problem,) = data["problems"]
    assert problem["id"] == "trace-square" and problem["passed"] is False
    assert problem["families"] == {"integer": 2, "generic": 9}
    assert problem["margins"]["worst_right"] == {"by": "reference", "family": "generic", "error": 0.12}
    assert problem["cost"] == {"truths": 12.34, "calls": 28, "seconds": 0.0042}
    mutants = problem["mutants"]
    assert (mutants["made"], mutants["killed"], mutants["equivalent"]) == (9, 7, 1)
    assert mutants["gaps"][0]["error"] == "inf" and mutants["gaps"][0]["sizes"] == {"n": 2}
    assert certificates_json([a_certificate(True)])["passed"] is True


def test_a_single_problem_says_what_a_check_costs() -> None:
    console = Console(file=io.StringIO(), width=120)
    print_certificates(console, [a_certificate(True)])
    text = console.file.getvalue()  # type: ignore[attr-defined]
    cost = "cost: exact answers 12.3 s of processor time, once for each seed; 28 calls of the reference 4 ms"
    assert cost in text.splitlines()


@pytest.mark.parametrize("width", [80, 120])
def test_the_table_fits_and_failures_say_what_to_do(width: int) -> None:
    console = Console(file=io.StringIO(), width=width)
    print_certificates(console, [a_certificate(False), a_certificate(True)])
    text = console.file.getvalue()  # type: ignore[attr-defined]
    assert max(map(len, text.splitlines())) <= width
    row = next(line for line in text.splitlines() if "✗ trace-square" in line)
    assert row.split()[2:9] == ["1/1", "0/1", "7/9", "1", "1", "0.12", "3e+05"]
    assert ("mistake transposed" in row) == (width == 120)
    words = " ".join(text.split())
    assert "found 'right'. Add a family or a size at which it is wrong." in words
    assert (
        "gap: line 9, dropped .T, A.T → A: all points, but wrong at 5 of 72 further points: it is off."
        in words
    )
    assert "1 of 4 trials failed, 1 of 17 mutants are gaps" in words


def test_one_problem_is_shown_with_its_families_and_survivors() -> None:
    console = Console(file=io.StringIO(), width=80)
    print_certificates(console, [a_certificate(True)])
    words = " ".join(console.file.getvalue().split())  # type: ignore[attr-defined]
    assert "cases: integer 2, generic 9" in words
    assert "equal, as it agrees at all 72 further points: line 9, A.T → A" in words
    assert words.endswith("all 2 trials passed, no gap among 8 mutants")


def test_of_many_mutants_that_agree_some_are_shown_and_the_json_has_all() -> None:
    one = a_certificate(True)
    survivors = tuple(dataclasses.replace(one.mutants.equivalents[0], line=line) for line in range(1, 41))
    many = dataclasses.replace(one, mutants=dataclasses.replace(one.mutants, equivalents=survivors))

    console = Console(file=io.StringIO(), width=80)
    print_certificates(console, [many])
    words = " ".join(console.file.getvalue().split())  # type: ignore[attr-defined]
    assert "line 1, A.T → A" in words and "line 40" not in words and "34 more" in words

    (problem,) = certificates_json([many])["problems"]
    assert [mutant["line"] for mutant in problem["mutants"]["equivalents"]] == list(range(1, 41))
