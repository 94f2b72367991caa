"""Functions are asked in one round or two: the second is for those that are wrong, and takes nothing back."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from grader.answers.in_process import call_here
from grader.answers.sandbox import Limits, Sandbox
from grader.answers.submission import read_submission
from grader.grading.grade import Grader
from grader.grading.judge import judge_in_rounds
from grader.grading.prepare import PreparedAssignment, PreparedProblem, prepare
from grader.problems.course import Course
from grader.reports.report import ProblemReport, Report
from grader.truths.cache import user_cache

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


def test_the_first_round_asks_each_case_once_and_a_sixth_of_them_twice(course: Course) -> None:
    drawn = {
        seed: prepare(course, course.assignment("lecture05"), seed, IDS[:1], store=user_cache()).problems[0]
        for seed in (3, 4)
    }
    for problem in drawn.values():
        first, second = problem.asked[: problem.first], problem.asked[problem.first :]
        first = tuple(solved for solved in first if not solved.case.of_integers)
        count = len({solved.case.index for solved in problem.asked})
        often = Counter(solved.case.index for solved in first)
        assert Counter(often.values()) == {2: math.ceil(count / 6), 1: count - math.ceil(count / 6)}
        assert set(Counter(solved.case.index for solved in (*first, *second)).values()) == {2}
        assert len(second) == len({solved.case.index for solved in second})
    repeated = [
        {
            index
            for index, times in Counter(
                s.case.index for s in p.asked[: p.first] if not s.case.of_integers
            ).items()
            if times == 2
        }
        for p in drawn.values()
    ]
    assert repeated[0] != repeated[1]


@pytest.mark.parametrize(("sign", "verdict", "rounds"), [("-", "right", 1), ("+", "wrong", 2)])
def test_only_a_wrong_function_is_asked_the_second_round(
    grader: Grader, tmp_path: Path, sign: str, verdict: str, rounds: int
) -> None:
    source = differential(f"    print('called')\n    X = np.linalg.inv(A)\n    return {sign}X @ dA @ X\n")
    report, problem = grade(grader, tmp_path, source)
    prepared = grader.assignment.problems[0]
    assert [found.verdict for found in report.problems] == [verdict, "right"]
    assert report.output.count("called") == (prepared.first if rounds == 1 else len(prepared.calls))
    assert problem.diagnosis is None or problem.diagnosis.id == "sign"


def test_a_function_without_any_answer_is_not_asked_again(grader: Grader, tmp_path: Path) -> None:
    report, problem = grade(grader, tmp_path, differential("    print('called')\n    return X\n"))
    assert problem.verdict == "error" and problem.error is not None and problem.error.kind == "raised"
    assert report.output.count("called") == grader.assignment.problems[0].first


def test_a_function_that_had_no_time_for_the_first_round_is_not_asked_the_second(
    grader: Grader, tmp_path: Path
) -> None:
    body = (
        "    global calls\n    calls += 1\n    print('called')\n    while calls == 3: pass\n"
        "    X = np.linalg.inv(A)\n    return -X @ dA @ X\n"
    )
    report, problem = grade(grader, tmp_path, differential(body, "calls = 0\n"))
    assert problem.error is not None and problem.error.kind == "too_slow"
    assert problem.error.what.startswith(f"answered 2 of {grader.assignment.problems[0].first} calls")
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
            "at random, in every case",
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
    assert _times_called(problem, -1.0) == ("right", problem.first)
    assert _times_called(problem, 1.0) == ("wrong", len(problem.calls))


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
