"""A name that a program gives a text to is answered by that formula."""

from __future__ import annotations

from grader.answers.sandbox import Sandbox
from grader.answers.submission import SubmittedFile, parse_submission
from grader.formulas.in_source import find_formulas
from grader.grading.course_limits import limits_of
from grader.grading.grade import Grader
from grader.grading.prepare import prepare
from grader.platforms.prairielearn import make_question
from grader.problems.course import Course
from grader.reports.code import CodeCell
from grader.truths.cache import user_cache


def test_the_last_text_counts_and_has_its_place() -> None:
    cells = [
        CodeCell("cell 1", "%pip install x\nf = 'A'\n"),
        CodeCell("cell 2", "def f(:\n"),
        CodeCell("cell 3", "\nf = g = 'inv(A)'\nn = 3"),
    ]
    formulas = find_formulas(cells)
    assert {name: tuple(formula) for name, formula in formulas.items()} == {
        "f": ("inv(A)", "cell 3, line 2"),
        "g": ("inv(A)", "cell 3, line 2"),
    }


def test_programs_and_formulas_may_stand_in_one_file(course: Course) -> None:
    source = (
        "import numpy as np\n"
        "inv_differential = 'X = inv(A)\\n-X dA X'\n"
        "logdet_gradient = 'inw(A).T'\n"
        "def det_differential(A, dA):\n    return 0.0\n"
    )
    only = ["inv-differential", "logdet-gradient", "det-differential"]
    assignment = prepare(course, course.assignment("lecture05"), 5, only, store=user_cache())
    submission = parse_submission(SubmittedFile("eve", "answers.py", source.encode()))
    with Sandbox(limits_of(course), course.libraries) as sandbox:
        report = Grader(assignment, sandbox).grade(submission)
    by_id = {problem.id: problem for problem in report.problems}
    assert by_id["inv-differential"].verdict == "right"
    assert by_id["det-differential"].verdict == "wrong"
    fault = by_id["logdet-gradient"].error
    assert fault is not None
    assert (fault.kind, fault.place) == ("formula", "line 3")


def test_a_question_for_formulas_has_an_editor_with_the_signatures(course: Course) -> None:
    files = make_question(course, course.assignment("lecture05"), "image", formulas=True)
    page = files["question.html"].decode()
    assert 'pl-file-editor file-name="answers.txt"' in page
    assert "inv_differential(A, dA) = " in page
