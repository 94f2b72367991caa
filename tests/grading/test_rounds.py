"""Functions are asked in one round or two: the second is for those that are wrong, and takes nothing back."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from grader.answers.in_process import call_here
from grader.answers.sandbox import Limits, Sandbox
from grader.answers.submission import read_submission
from grader.grading.grade import Grader
from grader.grading.judge import judge_in_rounds
from grader.grading.prepare import PreparedAssignment, PreparedProblem, add_second_round, prepare
from grader.problems.course import Course
from grader.reports.report import ProblemReport, Report
from grader.truths.cache import user_cache
from grader.truths.solve import SolvedCase

IDS = ["inv-differential", "inv-pullback"]
RIGHT = "    X = np.linalg.inv(A)\n    return -X @ dA @ X\n"
PULLBACK = "def inv_pullback(A, G):\n    X = np.linalg.inv(A).conj().T\n    return -X @ G @ X\n"


@pytest.fixture(scope="module")
def exam(course: Course) -> PreparedAssignment:
    return prepare(course, course.assignment("lecture05"), 3, IDS, store=user_cache())


@pytest.fixture(scope="module")
def sandbox(exam: PreparedAssignment) -> Iterator[Sandbox]:
    with Sandbox(exam.limits, exam.libraries) as opened:
        yield opened


@pytest.fixture(scope="module")
def grader(exam: PreparedAssignment, sandbox: Sandbox) -> Grader:
    return Grader(exam, sandbox)


def grade(grader: Grader, folder: Path, source: str) -> tuple[Report, ProblemReport]:
    path = folder / "answers.py"
    path.write_text(f"import numpy as np\n{source}", encoding="utf-8")
    report = grader.grade(read_submission(path))
    return report, report.problems[0]


def differential(body: str, before: str = "") -> str:
    return f"{before}def inv_differential(A, dA):\n{body}{PULLBACK}"


def repeats(asked: Iterable[SolvedCase]) -> Counter[int]:
    """How often each case is asked, by its index, other than in integers."""
    return Counter(solved.case.index for solved in asked if not solved.case.of_integers)


def test_the_first_round_asks_each_case_once_and_a_sixth_of_them_twice(course: Course) -> None:
    twice: list[set[int]] = []
    for seed in (3, 4):
        assignment = course.assignment("lecture05")
        (problem,) = prepare(course, assignment, seed, IDS[:1], store=user_cache()).problems
        often = repeats(problem.asked)
        twice.append({index for index, times in often.items() if times == 2})

        assert set(often.values()) == {1, 2}
        assert len(twice[-1]) == math.ceil(len(often) / 6)
        assert {solved.case.index for solved in problem.asked_once} == often.keys() - twice[-1]
    assert twice[0] != twice[1]


def test_the_second_round_asks_a_few_wrong_and_a_few_right_cases_again(exam: PreparedAssignment) -> None:
    problem = exam.problems[0]
    once = [solved.case.index for solved in problem.asked_once]
    for wrong in (set[int](), set(once[:3]), set(once[::2]), set(once)):
        both = add_second_round(problem, wrong)
        second = both.asked[len(problem.asked) :]
        indices = [solved.case.index for solved in second]

        assert both.asked[: len(problem.asked)] == problem.asked
        assert both.calls[: len(problem.calls)] == problem.calls and len(both.calls) == len(both.asked)
        assert len(wrong & {*indices}) == min(8, len(wrong))
        assert len({*indices} - wrong) == min(8, len({*once} - wrong))
        assert indices == [index for index in once if index in indices]
        assert {both.calls[k] for k in range(len(problem.calls), len(both.calls))} <= {*problem.calls}


@pytest.mark.parametrize(("sign", "verdict", "rounds"), [("-", "right", 1), ("+", "wrong", 2)])
def test_only_a_wrong_function_is_asked_the_second_round(
    grader: Grader, tmp_path: Path, sign: str, verdict: str, rounds: int
) -> None:
    source = differential(f"    print('called')\n    X = np.linalg.inv(A)\n    return {sign}X @ dA @ X\n")
    report, problem = grade(grader, tmp_path, source)
    first_round = len(grader.assignment.problems[0].calls)
    assert [found.verdict for found in report.problems] == [verdict, "right"]
    second_round = report.output.count("called") - first_round
    assert second_round == 0 if rounds == 1 else 8 <= second_round <= 16
    assert problem.diagnosis is None or problem.diagnosis.id == "sign"


def test_a_function_without_any_answer_is_not_asked_again(grader: Grader, tmp_path: Path) -> None:
    report, problem = grade(grader, tmp_path, differential("    print('called')\n    return X\n"))
    assert problem.verdict == "error" and problem.error is not None and problem.error.kind == "raised"
    assert report.output.count("called") == len(grader.assignment.problems[0].calls)


def test_a_function_that_had_no_time_for_the_first_round_is_not_asked_the_second(
    grader: Grader, tmp_path: Path
) -> None:
    body = (
        "    global calls\n    calls += 1\n    print('called')\n    while calls == 3: pass\n"
        "    X = np.linalg.inv(A)\n    return -X @ dA @ X\n"
    )
    report, problem = grade(grader, tmp_path, differential(body, "calls = 0\n"))
    assert problem.error is not None and problem.error.kind == "too_slow"
    assert problem.error.what.startswith(f"answered 2 of {len(grader.assignment.problems[0].calls)} calls")
    assert report.output.count("called") == 3


@pytest.mark.parametrize(
    ("source", "id", "words"),
    [
        (
            differential(
                "    global calls\n    calls += 1\n    X = np.linalg.inv(A)\n"
                "    return X if calls == 1 else -X @ dA @ X\n",
                "calls = 0\n",
            ),
            "state",
            "wrong at the first call only",
        ),
        (
            differential(
                "    X = np.linalg.inv(A)\n    return -X @ dA @ X * (1 + 1e-3 * np.random.rand())\n"
            ),
            "noise",
            "differ at random",
        ),
    ],
)
def test_what_depends_on_the_call_is_named_as_in_two_full_rounds(
    grader: Grader, tmp_path: Path, source: str, id: str, words: str
) -> None:
    _, problem = grade(grader, tmp_path, source)
    assert problem.diagnosis is not None and problem.diagnosis.id == id
    assert words in problem.diagnosis.message


@pytest.mark.slow
def test_a_function_that_errs_whenever_it_is_asked_again_is_wrong_at_every_seed(
    course: Course, sandbox: Sandbox, tmp_path: Path
) -> None:
    body = (
        "    key = A.tobytes() + dA.tobytes()\n    X = np.linalg.inv(A)\n    again = key in seen\n"
        "    seen.add(key)\n    return -X @ dA @ X * (2 if again else 1)\n"
    )
    for seed in range(3):
        exam = prepare(course, course.assignment("lecture05"), seed, IDS, store=user_cache())
        _, problem = grade(Grader(exam, sandbox), tmp_path, differential(body, "seen = set()\n"))
        assert problem.verdict == "wrong" and problem.score < problem.max_score
        assert problem.diagnosis is not None and problem.diagnosis.id == "state"


def test_arguments_that_are_changed_are_found_in_the_first_round(grader: Grader, tmp_path: Path) -> None:
    body = (
        "    X = np.linalg.inv(A)\n    answer = -X @ dA @ X\n    dA *= 1.0\n    dA += 1\n    return answer\n"
    )
    _, problem = grade(grader, tmp_path, differential(body))
    pure = next(finding for finding in problem.findings if finding.name == "pure")
    assert (pure.outcome, pure.what) == ("failed", "it modifies its inputs")
    assert pure.failed == pure.cases


def test_here_and_in_the_sandbox_the_same_is_asked(exam: PreparedAssignment) -> None:
    problem = exam.problems[0]
    assert _times_called(problem, -1.0) == ("right", len(problem.calls))

    verdict, calls = _times_called(problem, 1.0)
    assert verdict == "wrong" and len(problem.calls) + 8 <= calls <= len(problem.calls) + 16


def _times_called(problem: PreparedProblem, factor: float) -> tuple[str, int]:
    calls = 0

    def inv_differential(A: Any, dA: Any) -> Any:
        nonlocal calls
        calls += 1
        X = np.linalg.inv(A)
        return factor * (X @ dA @ X)

    report = judge_in_rounds(
        problem, lambda calls: call_here("inv_differential", inv_differential, calls, Limits())
    )
    return report.verdict, calls
