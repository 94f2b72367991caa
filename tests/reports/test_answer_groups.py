"""Answers of a class to one problem, by what is wrong with them, and the code of each."""

from __future__ import annotations

from dataclasses import replace

from grader.formats.html.problem_page import MOST_CODES, problem_pages
from grader.reports.answer_groups import group_answers, same_code
from grader.reports.code import CodeCell
from grader.reports.report import Failure, ProblemReport, Report
from tests.formats.test_class_page import NUMBERS
from tests.formats.test_pages import Page
from tests.report_factory import make_problem, make_report


def answer(
    student: str, problem: ProblemReport, code: str = "def inv_differential(A, dA):\n    return A"
) -> Report:
    cells = (CodeCell(f"{student}.py", f"import numpy\n{code}\nx = 1"),)
    return replace(make_report(problem, student=student), code=cells)


WRONG, RIGHT = make_problem("wrong"), make_problem("right")
UNKNOWN = make_problem("wrong", diagnosis=None, residual=NUMBERS)
FAILED = make_problem(
    "error", id=WRONG.id, function=WRONG.function, error=Failure("raised", "stopped", place="line 3")
)


def test_groups_stand_in_the_order_in_which_there_is_most_to_say() -> None:
    class_ = [answer("r", RIGHT), answer("m", make_problem("missing")), answer("e", FAILED)]
    class_ += [answer(name, UNKNOWN) for name in ("u", "v")] + [answer(name, WRONG) for name in "abc"]
    (problem,) = group_answers(class_)
    found = [(one.verdict, one.fault, [who.student for who in one.answers]) for one in problem.groups]
    assert found == [
        ("wrong", "minus", ["a", "b", "c"]),
        ("wrong", "", ["u", "v"]),
        ("error", "raised", ["e"]),
        ("missing", "", ["m"]),
        ("right", "", ["r"]),
    ]


def test_the_code_of_an_answer_is_its_function_alone_with_the_line_that_failed() -> None:
    (problem,) = group_answers([answer("e", FAILED)])
    code = problem.groups[0].answers[0].code
    assert (code.place, code.first, code.marked) == ("e.py", 2, 3)
    assert code.lines == ("def inv_differential(A, dA):", "    return A")


def test_equal_code_is_shown_once_and_that_of_most_students_first() -> None:
    other = "def inv_differential(A, dA):\n    return dA"
    class_ = [answer("a", WRONG, other), answer("b", WRONG), answer("c", WRONG)]
    (problem,) = group_answers(class_)
    found = [
        (code.lines[1], [one.student for one in who]) for code, who in same_code(problem.groups[0].answers)
    ]
    assert found == [("    return A", ["b", "c"]), ("    return dA", ["a"])]


def test_a_row_for_each_student_where_no_diagnosis_stands_for_them() -> None:
    page = Page(problem_pages([answer("ann", UNKNOWN), answer("=bob", UNKNOWN)])["inv-differential"])
    assert "ann,inv-differential,,,,,\n'=bob,inv-differential,,,,,\n" in page.text or (
        "'=bob,inv-differential,,,,,\nann,inv-differential,,,,,\n" in page.text
    )


def test_a_large_class_makes_no_endless_page_and_names_everybody() -> None:
    class_ = [
        answer(f"s{k}", WRONG, f"def inv_differential(A, dA):\n    return {k}") for k in range(3 * MOST_CODES)
    ]
    page = Page(problem_pages(class_)["inv-differential"])
    assert [tag for tag, _ in page.tags].count("pre") == MOST_CODES + 1
    links = {attributes.get("href") for tag, attributes in page.tags if tag == "a"}
    assert {f"../feedback/s{k}.html#p1" for k in range(3 * MOST_CODES)} <= links
