"""Validation at several seeds: what fails at one of them fails, and says where; margins, constants, equal mutants."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest
from rich.console import Console
from typer.testing import CliRunner

from grader.authoring.new_problem import new_problem
from grader.authoring.several_seeds import join_certificates
from grader.authoring.validate import validate_all
from grader.cases.draw import draw_cases
from grader.cli.app import app
from grader.formats.terminal.certificate import print_certificates
from grader.problems.course import load_course
from grader.reports.certificate import Certificate, LargestError, Margins, Trial
from tests.judging import matrix

pytestmark = [pytest.mark.slow, pytest.mark.side_by_side]

ID = "trace-square"


@pytest.fixture
def home(tmp_path: Path) -> Path:
    new_problem(tmp_path, ID)
    limits = "limits: {seconds: 30}"  # a mutant that is cut counts as killed, and a busy machine is slow
    (tmp_path / "config.yaml").write_text(
        f"course: Test\n{limits}\nassignments: {{week1: {{problems: [{ID}]}}}}\n"
    )
    return tmp_path


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def prove(home: Path, seed: int = 4, seeds: int = 1) -> Certificate:
    ((_, proof),) = validate_all(load_course(home), [ID], seed, 1, seeds)
    assert isinstance(proof, Certificate)
    return proof


def shown(certificate: Certificate) -> str:
    console = Console(file=io.StringIO(), width=100)
    print_certificates(console, [certificate])
    return " ".join(console.file.getvalue().split())  # type: ignore[attr-defined]


def test_all_seeds_are_one_certificate_with_each_formula_once(home: Path) -> None:
    one, three = prove(home), prove(home, seeds=3)
    assert three.passed and three.seeds == (4, 5, 6) and one.seeds == (4,)
    assert [(trial.kind, trial.id) for trial in three.trials] == [
        (trial.kind, trial.id) for trial in one.trials
    ]
    assert three.mutants == one.mutants
    assert three.margins.worst_right is not None and one.margins.worst_right is not None
    assert three.margins.worst_right.error >= one.margins.worst_right.error


def test_a_formula_that_fails_at_the_third_seed_only_fails_and_says_so(home: Path) -> None:
    # Right, but for the inputs that seed 6 alone draws.
    drawn = next(
        case for case in draw_cases(load_course(home).problems[ID], 6, 24) if case.family == "generic"
    )
    corner = repr(float(matrix(drawn, "A")[0, 0]))
    edit(
        home / "solutions" / ID / "reference.py",
        "return 2 * A.T",
        f"return 2 * A.T if A.size == 0 or A[0, 0] != {corner} else 3 * A.T",
    )
    found = prove(home, 4, 3)
    (failed,) = found.failed
    assert (failed.kind, failed.failed_at) == ("reference", (6,)) and not found.passed
    assert "reference reference: expected 'right', found" in shown(found)
    assert "at seed 6." in shown(found)


def test_of_equal_trials_that_all_fail_no_seed_is_told() -> None:
    failed = [Trial("p", "mistake", "m", "named m", "right", "right", failed_at=(k,)) for k in (1, 2)]
    joined = join_certificates([Certificate("p", (trial,), {}, seeds=trial.failed_at) for trial in failed])
    assert joined.failed[0].failed_at == (1, 2) == joined.seeds
    assert "at seed" not in shown(joined)


def test_margins_are_the_worst_of_all_seeds() -> None:
    def certificate(right: float, wrong: float) -> Certificate:
        right_one, wrong_one = (
            LargestError("reference", "generic", right),
            LargestError("mutant", "generic", wrong),
        )
        return Certificate("p", (), {}, Margins(right_one, wrong_one, right_one, wrong_one))

    margins = join_certificates([certificate(0.1, 1e5), certificate(0.3, 1e4), certificate(0.2, 1e6)]).margins
    assert margins.worst_right is not None and margins.reference is not None
    assert margins.nearest_wrong is not None and margins.nearest_mutant is not None
    assert (margins.worst_right.error, margins.reference.error) == (0.3, 0.3)
    assert (margins.nearest_wrong.error, margins.nearest_mutant.error) == (1e4, 1e4)


@pytest.mark.parametrize(
    ("f", "found"),
    [
        ("trace(A - A)", "the derivative of f is 0 everywhere"),
        ("trace(eye(n))", "the derivative of f is 0 everywhere"),
    ],
)
def test_a_constant_map_fails(home: Path, f: str, found: str) -> None:
    edit(home / "exercises" / ID / "problem.yaml", "f: trace(A @ A)", f"f: {f}")
    trials = {trial.kind: trial for trial in prove(home).failed}
    assert trials["constant"].found == found
    assert "0 would get all points" in shown(prove(home))


def test_a_constant_value_fails_and_another_does_not(home: Path) -> None:
    path = home / "exercises" / ID / "problem.yaml"
    edit(path, "ask: gradient", "ask: value")
    kept = [
        line for line in path.read_text().splitlines() if "taylor" not in line and "inner_product" not in line
    ]
    path.write_text("\n".join(kept))
    assert "constant" not in {trial.kind for trial in prove(home).trials}
    edit(path, "f: trace(A @ A)", "f: trace(eye(n))")
    constant = next(trial for trial in prove(home).failed if trial.kind == "constant")
    assert constant.found == "f has the same value for all inputs of a size"


def test_mutants_that_answer_alike_are_one_gap(home: Path) -> None:
    edit(
        home / "exercises" / ID / "problem.yaml",
        "statement: |",
        "sizes: {n: [1]}\nlarger: false\nstatement: |",
    )
    (home / "solutions" / ID / "variants.yaml").unlink()
    edit(home / "solutions" / ID / "reference.py", "return 2 * A.T", "return A.T + 1.0 * A.T")
    found = prove(home)
    groups = [gap.group for gap in found.mutants.gaps]
    assert len(set(groups)) < len(groups)
    assert shown(found).count("gap: line") == len(set(groups)) and "The same function: line" in shown(found)


def test_the_command_tries_three_seeds_or_as_many_as_it_is_told(home: Path) -> None:
    def seeds(*options: str) -> list[int]:
        result = CliRunner().invoke(app, ["validate", "--json", "--course", str(home), *options])
        assert result.exit_code == 0, result.output
        (problem,) = json.loads(result.stdout)["problems"]
        assert {"worst_right", "nearest_wrong", "reference", "nearest_mutant"} == set(problem["margins"])
        return list(problem["seeds"])

    assert seeds() == [0, 1, 2]
    assert seeds("--seed", "7", "--seeds", "1") == [7]
    assert seeds("--seed", str(2**63 - 1), "--seeds", "2") == [2**63 - 2, 2**63 - 1]


def test_a_reference_of_another_map_is_shown_with_what_f_says(home: Path) -> None:
    edit(home / "exercises" / ID / "problem.yaml", "f: trace(A @ A)", "f: trace(A ** 2)")
    found = prove(home)
    assert not found.passed and len(found.notes) == 1
    assert "note on f: column 7: ** raises each entry to the power" in shown(found)


def test_undecided_cases_are_told_by_their_causes(home: Path) -> None:
    edit(home / "exercises" / ID / "problem.yaml", "f: trace(A @ A)", "f: log(trace(A - A))")
    (home / "solutions" / ID / "variants.yaml").unlink()
    one, two = prove(home), prove(home, seeds=2)
    assert sum(one.undecided.values()) == sum(one.families.values()) and sum(one.redrawn.values()) > 0
    assert sum(two.undecided.values()) > sum(one.undecided.values())
    for cause, number in two.undecided.items():
        assert cause and f"undecided: {number} cases, since {cause}" in shown(two)
