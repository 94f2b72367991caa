"""Every way a submission can be bad has a verdict and a plain sentence, and costs nobody else anything."""

from __future__ import annotations

import json
import weakref
from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from grader.answers.sandbox import Answer, Failed, Limits, Returned, Sandbox
from grader.answers.submission import read_submission
from grader.grading.course_limits import limits_of
from grader.grading.grade import Grader
from grader.grading.prepare import PreparedAssignment, prepare
from grader.problems.config_yaml import LimitsFile
from grader.problems.course import Course
from grader.reports.report import Failure, Finding, Report, points
from grader.reports.serialize import to_json
from grader.truths.cache import user_cache

pytestmark = pytest.mark.sampled

GOOD = """
import numpy as np

def inv_differential(A, dA):
    X = np.linalg.inv(A)
    return -X @ dA @ X
"""
OTHER = """
def inv_pullback(A, G):
    import numpy as np
    X = np.linalg.inv(A).conj().T
    return -X @ G @ X
"""


def test_a_course_that_names_no_limits_has_those_of_a_sandbox(course: Course) -> None:
    assert limits_of(replace(course, limits=LimitsFile())) == Limits()


@pytest.fixture(scope="module")
def small(course: Course) -> PreparedAssignment:
    exam = prepare(
        course, course.assignment("lecture05"), 3, ["inv-differential", "inv-pullback"], store=user_cache()
    )
    limits = Limits(seconds=4.0, cpu_seconds=0.5, memory_mb=256, output_kb=64)
    return PreparedAssignment(exam.assignment, exam.seed, limits, exam.libraries, exam.problems)


@pytest.fixture(scope="module")
def grader(small: PreparedAssignment) -> Iterator[Grader]:
    with Sandbox(small.limits) as sandbox:
        yield Grader(small, sandbox)


def grade_text(grader: Grader, folder: Path, text: str | bytes, name: str = "answers.py") -> Report:
    path = folder / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return grader.grade(read_submission(path))


def returns(expression: str) -> str:
    return (
        f"import os, sys, time\nimport numpy as np\ndef inv_differential(A, dA):\n    {expression}\n" + OTHER
    )


def test_answers_alike_are_judged_once_and_others_by_themselves(grader: Grader, tmp_path: Path) -> None:
    def findings(text: str) -> tuple[Finding, ...]:
        return grade_text(grader, tmp_path, text).problems[0].findings

    mine = findings(GOOD)
    assert findings(f"# mine\n{GOOD}") is mine
    last_bit = findings(GOOD.replace("dA @ X", "dA @ X * (1 + 2**-52)"))
    assert last_bit is not mine and {item.outcome for item in last_bit} == {"passed"}
    cleared = findings(GOOD.replace("return -X @ dA @ X", "R = -X @ dA @ X\n    A[:] = 0\n    return R"))
    assert "failed" in {item.outcome for item in cleared}
    assert findings(GOOD) is mine


@pytest.mark.parametrize(
    ("answer", "is_kept"),
    [
        (Failed(Failure("raised", "it raised ValueError", place="line 3", text="raise ValueError")), True),
        (Failed(Failure("raised", "x" * 2000, place="y" * 2000)), False),
        (Returned((np.ones(4096, np.float16),), False, False), False),
    ],
)
def test_answers_that_would_fill_the_memory_are_not_kept(
    grader: Grader, answer: Answer, is_kept: bool
) -> None:
    problem = grader.assignment.problems[0]
    others = [Failed(Failure("missing", "there is none"))] * (len(problem.asked) - 1)
    first, again = (grader.judge(problem, [answer, *others]) for _ in range(2))
    assert first == again
    assert (first is again) == is_kept


def test_what_is_kept_goes_with_the_grader(grader: Grader) -> None:
    own = Grader(grader.assignment, grader.sandbox)
    problem = replace(own.assignment.problems[0])
    array = np.ones(1)
    answers = [Returned((array,), False, False)] * len(problem.calls)
    judgement = own.judge(problem, answers)
    assert own.judge(problem, answers) is judgement
    left = weakref.ref(array)
    del array, answers
    assert left() is not None
    del own
    assert left() is None


def test_answers_are_equal_when_all_of_their_bytes_are() -> None:
    def answer(number: float, dtype: str = "<f8", changed: bool = False) -> Returned:
        return Returned((np.array([number], dtype),), changed, False)

    assert answer(np.nan) == answer(np.nan) and hash(answer(1.0)) == hash(answer(1.0))
    assert answer(0.0) != answer(-0.0) and answer(1.0) != answer(1.0, "<f4")
    assert answer(1.0) != answer(1.0, changed=True) and answer(1.0) != Returned((np.ones(()),), False, False)


BAD_FUNCTIONS = [
    ("pass", "missing", "missing", "not written yet"),
    ("return None", "error", "returned_nothing", "returned None"),
    ("return A[", "error", "syntax", "line 4"),
    ("return B @ dA", "error", "raised", "NameError"),
    ("return 'text'", "error", "not_numeric", "str"),
    ("return {}", "error", "not_numeric", "dict"),
    ("while True: pass", "error", "too_slow", "loop"),
    ("while True: print('x' * 10**4)", "error", "too_slow", "print less"),
    ("time.sleep(60)", "error", "too_slow", "did not finish"),
    ("return np.ones(2**28)", "error", "memory", "memory"),
    ("print('x' * 10**6); return A", "wrong", None, "relative error"),
    ("os._exit(3)", "error", "died", "ended Python"),
    ("sys.exit()", "error", "raised", "exit()"),
    ("return A[0]", "wrong", None, "of shape"),
    ("return A * np.nan", "wrong", None, "NaN"),
    ("return 0.0", "wrong", None, "of shape"),
]


@pytest.mark.parametrize(("body", "verdict", "kind", "words"), BAD_FUNCTIONS)
def test_a_bad_function_has_a_verdict_a_sentence_and_costs_only_itself(
    grader: Grader,
    tmp_path: Path,
    body: str,
    verdict: str,
    kind: str | None,
    words: str,
) -> None:
    report = grade_text(grader, tmp_path, returns(body))
    bad, other = report.problems
    assert bad.verdict == verdict
    assert (bad.error.kind if bad.error else None) == kind
    said = " ".join(
        [bad.error.message, bad.error.place] if bad.error else [item.message for item in bad.findings]
    )
    assert words in said
    assert "Traceback" not in to_json(report) and "/grader/" not in to_json(report)
    if kind != "syntax":
        assert (other.verdict, other.score) == ("right", other.max_score)


BAD_FILES = [
    (b"\xff\xfe\x00d", "answers.py", "not_utf8", "UTF-8"),
    (b"", "answers.py", "empty", "no code"),
    (b"def f(:\n  pass", "answers.py", "syntax", "line 1"),
    (b"{}", "answers.ipynb", "not_a_notebook", "notebook"),
    (b"not json", "answers.ipynb", "not_a_notebook", "notebook"),
    (b"[" * 100_000, "answers.ipynb", "not_a_notebook", "notebook"),
    (b"hello", "answers.txt", "unknown_type", ".py"),
    (b"#" * 2_000_000, "answers.py", "too_large", "bytes"),
    (b"while True: pass", "answers.py", "too_slow", "outside of functions"),
]


@pytest.mark.parametrize(("content", "name", "kind", "words"), BAD_FILES)
def test_a_bad_file_is_ungradable_with_a_plain_sentence(
    grader: Grader,
    tmp_path: Path,
    content: bytes,
    name: str,
    kind: str,
    words: str,
) -> None:
    report = grade_text(grader, tmp_path, content, name)
    assert report.status == "ungradable"
    assert report.score == 0
    assert report.error is not None and report.error.kind == kind
    assert words in f"{report.error.message} {report.error.place}"


@pytest.mark.parametrize(
    ("text", "status"),
    [
        (
            "from scipy.linalg import inv\n\ndef inv_differential(A, dA):\n    return -inv(A) @ dA @ inv(A)\n",
            "graded",
        ),
        ("def inv_differential(A, dA):\n    raise ValueError\n\n1 / 0\n", "graded"),
        ("import scipy\n\ndef inv_differential(A, dA):\n    raise NotImplementedError\n", "graded"),
        ("1 / 0\n\ndef inv_differential(A, dA):\n    return dA\n", "ungradable"),
        ("def inv_differential(A, dA)\n    return dA\n", "ungradable"),
    ],
)
def test_a_file_of_which_a_function_was_read_is_graded(
    grader: Grader, tmp_path: Path, text: str, status: str
) -> None:
    report = grade_text(grader, tmp_path, text)
    assert report.status == status
    assert report.score == 0
    assert report.error is not None


def test_missing_and_misspelt_functions_are_told_apart(grader: Grader, tmp_path: Path) -> None:
    report = grade_text(grader, tmp_path, GOOD.replace("inv_differential", "inv_diferential"))
    first, second = report.problems
    assert first.verdict == second.verdict == "missing"
    assert first.error is not None and "inv_diferential" in first.error.message
    assert second.error is not None and "rename" not in second.error.message


def test_a_wrong_signature_is_said_as_such(grader: Grader, tmp_path: Path) -> None:
    report = grade_text(grader, tmp_path, "def inv_differential(A):\n    return A\n")
    error = report.problems[0].error
    assert error is not None and error.kind == "signature"
    assert "takes 1 argument (A)" in error.message and "inv_differential(A, dA)" in error.message


def test_the_function_named_in_a_suggestion_is_not_one_that_is_asked_for(
    grader: Grader, tmp_path: Path
) -> None:
    report = grade_text(grader, tmp_path, OTHER.replace("inv_pullback", "inv_differentials") + OTHER)
    assert report.problems[1].verdict == "right"
    report = grade_text(grader, tmp_path, OTHER)
    assert report.problems[0].error is not None and "inv_pullback" not in report.problems[0].error.message


def test_a_notebook_loses_only_the_cell_that_fails(grader: Grader, tmp_path: Path) -> None:
    sources = [GOOD, "1 / 0", "%matplotlib inline\n!ls\nx = 1", "def broken(:", OTHER]
    cells = [{"cell_type": "code", "source": source.splitlines(True), "outputs": []} for source in sources]
    text = json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": cells})
    report = grade_text(grader, tmp_path, text, "answers.ipynb")
    assert [item.verdict for item in report.problems] == ["right", "right"]
    assert report.status == "graded"


def test_a_function_that_errs_on_a_later_call_is_wrong(grader: Grader, tmp_path: Path) -> None:
    text = GOOD.replace(
        "    return", "    global calls\n    calls += 1\n    return dA if calls == 27 else"
    ).replace("import numpy as np", "import numpy as np\ncalls = 0")
    assert grade_text(grader, tmp_path, text).problems[0].verdict == "wrong"


def test_warnings_and_prints_cost_nothing(grader: Grader, tmp_path: Path) -> None:
    noisy = GOOD.replace("    return", "    print(A)\n    np.float64(1) / np.float64(0)\n    return")
    report = grade_text(grader, tmp_path, noisy)
    assert report.problems[0].verdict == "right"
    assert report.output


def test_parts_add_up_exactly_and_print_shortly(grader: Grader, tmp_path: Path) -> None:
    report = grade_text(grader, tmp_path, GOOD + OTHER)
    assert report.score == sum((item.score for item in report.problems), Fraction(0)) == 20
    for item in report.problems:
        assert item.score == sum((finding.score for finding in item.findings), Fraction(0))
    assert (
        points(Fraction(10, 3)) == "3.3333"
        and points(Fraction(20)) == "20"
        and points(Fraction(5, 2)) == "2.5"
    )


def test_the_json_report_has_the_fields_that_others_rely_on(grader: Grader, tmp_path: Path) -> None:
    data = json.loads(to_json(grade_text(grader, tmp_path, GOOD.replace("-X", "X"))))
    assert data["schema"] == 1
    assert {
        "student",
        "assignment",
        "score",
        "max_score",
        "status",
        "isolation",
        "seed",
        "versions",
        "problems",
    } <= set(data)
    first, second = data["problems"]
    assert {"id", "function", "score", "max_score", "verdict", "diagnosis", "error", "findings"} <= set(first)
    assert first["verdict"] == "wrong" and set(first["diagnosis"]) == {
        "kind",
        "id",
        "message",
        "lead",
        "step",
    }
    assert set(first["findings"][0]) == {
        "check",
        "outcome",
        "score",
        "max_score",
        "message",
        "counterexample",
        "numbers",
        "name",
        "subject",
        "what",
        "advice",
        "failed",
        "unanswered",
        "cases",
    }
    assert second["verdict"] == "missing" and {"kind", "message"} <= set(second["error"])


def test_the_same_submission_and_seed_give_the_same_report(grader: Grader, tmp_path: Path) -> None:
    def stable() -> str:
        data = json.loads(to_json(grade_text(grader, tmp_path, GOOD.replace("-X", "X"))))
        for problem in data["problems"]:
            del problem["seconds"]
        return json.dumps(data)

    assert stable() == stable()


def test_parameters_in_another_order_than_the_call_are_told_as_such(grader: Grader, tmp_path: Path) -> None:
    source = GOOD.replace("(A, dA)", "(dA, A)") + OTHER
    mixed, right = grade_text(grader, tmp_path, source).problems
    assert mixed.diagnosis is not None and mixed.diagnosis.id == "argument-order"
    assert (mixed.verdict, right.verdict) == ("wrong", "right")

    raising = source.replace("np.linalg.inv(A)\n    return -X @ dA", "dA.nothing\n    return -X @ dA")
    failure = grade_text(grader, tmp_path, raising).problems[0].error
    assert failure is not None and failure.kind == "raised" and "(dA, A)" in failure.advice


@pytest.mark.parametrize("signature", ["(A, dA)", "(B, V)", "(A, dA, k=1)"])
def test_other_names_of_parameters_mean_nothing(grader: Grader, tmp_path: Path, signature: str) -> None:
    first, second = signature.strip("()").split(", ")[:2]
    source = f"import numpy as np\ndef inv_differential{signature}:\n    return {first} + {second}\n"
    report = grade_text(grader, tmp_path, source + OTHER).problems[0]
    assert report.verdict == "wrong"
    assert report.diagnosis is None or report.diagnosis.id != "argument-order"
