"""A student's code in a page: text whatever it is, the lines numbered, the right ones marked, nobody else's there."""

from __future__ import annotations

import re
from dataclasses import replace
from html import unescape

import pytest

from grader.core.memo import Memo
from grader.core.text import clean
from grader.formats.html.code import Note, show_code
from grader.formats.html.student import student_page
from grader.reports.assignment import NO_ASSIGNMENT
from grader.reports.code import MOST_CODE, CodeCell, Lines, fit_code
from grader.reports.report import Failure, Report
from grader.reports.serialize import read_exact, shorten, to_json, write_report
from tests.formats.test_injection import ATTACKS
from tests.formats.test_pages import Page
from tests.report_factory import make_full_report, make_problem, make_report

FILE = "import numpy as np\n\n\ndef inv_differential(A, dA):\n    '''A\n    B'''\n    return A  # right\n"
TAG = re.compile(r"<[^>]*>")
OURS = re.compile(r"</?(span|i|mark|a)( (class=\w+|id=C?\d*L?\d+|href=\"#\w*\"))*>")


def report_of(*cells: CodeCell, **changes: object) -> Report:
    return replace(make_report(make_problem("wrong")), code=cells, **changes)  # type: ignore[arg-type]


@pytest.mark.parametrize("attack", [*ATTACKS.values(), *(f"'''{text}\n'''" for text in ATTACKS.values())])
def test_whatever_is_in_it_is_text(attack: str) -> None:
    code = show_code([CodeCell("a.py", attack.replace("\r", "\n"))])
    ((_, shown),) = code.whole({"L1": Note(attack, "p1")})
    without_note = re.sub(r"<a .*?</a>", "", shown, flags=re.S)
    assert all(OURS.fullmatch(tag) for tag in TAG.findall(without_note)), shown
    text = unescape(TAG.sub("", re.sub(r"<i>\d+</i>", "", without_note)))
    lines = [clean(line[:400]).expandtabs(4).rstrip() for line in attack.replace("\r", "\n").split("\n")]
    assert [line for line in text.split("\n") if line] == [line for line in lines if line]


def test_words_are_highlighted_by_kind_on_every_line_they_reach() -> None:
    lines = show_code([CodeCell("a.py", FILE)]).shown[0]
    assert lines[3] == "<span class=k>def</span> <span class=f>inv_differential</span>(A, dA):"
    assert lines[4].count("<span class=s>") == lines[5].count("<span class=s>") == 1
    assert lines[6].endswith("<span class=c># right</span>")
    assert len(lines) == FILE.count("\n") + 1


@pytest.mark.parametrize("piece", ["\n ", "'\\N{", "a.", "(", "f'{", "1 ", "\U0001f600 = '<' \n", "\n"])
def test_a_hostile_file_makes_no_large_listing(piece: str) -> None:
    code = show_code(fit_code([CodeCell("a.py", piece * 100_000)]))
    assert sum(len(text.encode()) for _, text in code.whole({})) < 200_000
    assert len(code.part(Lines(0, 1, len(code.shown[0]))).encode()) < 200_000


def test_the_page_has_the_function_beside_its_feedback_and_links_the_whole_file_back() -> None:
    page = Page(student_page(report_of(CodeCell("answers.py", FILE))))
    assert "Your code: answers.py, lines 4 to 7" in page.text
    ids = {attributes.get("id") for _, attributes in page.tags}
    links = {attributes.get("href") for tag, attributes in page.tags if tag == "a"}
    assert {"L1", "L4", "L8", "p1"} <= ids and {"#L4", "#p1"} <= links
    assert all(link[1:] in ids for link in links if link)


def test_the_line_of_an_error_is_marked_and_linked_from_the_feedback() -> None:
    failure = Failure("raised", "stopped", place="cell 3 (In [7]), line 2", text="return A")
    cells = (CodeCell("cell 1", "x = 1"), CodeCell("cell 3 (In [7])", "def trace_gradient(A):\n    return A"))
    problem = make_problem("error", function="trace_gradient", error=failure)
    text = student_page(replace(make_report(problem), code=cells))
    assert '<a href="#C3L2">Cell 3 (In [7]), line 2</a>' in text
    assert "<mark id=C3L2><i>2</i>" in text and "<mark><i>2</i>" in text
    Page(text)


def test_the_line_that_stopped_the_file_is_marked_and_linked_both_ways() -> None:
    failure = Failure("syntax", "the brackets do not close", place="line 3", text="x = (")
    text = student_page(report_of(CodeCell("answers.py", FILE), error=failure, status="ungradable"))
    assert '<a href="#L3">Line 3</a>' in text and "<mark id=L3>" in text
    assert '<a class=note href="#file">About the file</a>' in text
    Page(text)


def test_students_who_share_feedback_see_their_own_code_alone() -> None:
    memo = Memo()
    problem = make_problem("wrong")
    pages = [
        student_page(
            replace(make_report(problem), code=(CodeCell("a.py", f"{word} = 1\n{FILE}"),)),
            NO_ASSIGNMENT,
            memo,
        )
        for word in ("anns_own", "bens_own")
    ]
    assert "anns_own" in pages[0] and "bens_own" not in pages[0]
    assert "bens_own" in pages[1] and "anns_own" not in pages[1]


def test_a_report_without_code_has_a_page_without_it() -> None:
    assert "Your code" not in student_page(make_full_report())


def test_code_is_kept_with_a_report_and_left_out_of_its_json_and_of_the_class() -> None:
    report = report_of(CodeCell("a.py", FILE))
    assert read_exact(Report, write_report(report)) == report
    assert "inv_differential(A, dA):" not in to_json(report) and '"code"' not in to_json(report)
    assert shorten(report).code == ()


def test_code_that_has_no_room_in_a_report_goes_first() -> None:
    from grader.reports.fit_report import MOST_BYTES, fit_report

    report = replace(report_of(CodeCell("a.py", "\U0001f600" * MOST_CODE)), output="x" * 30_000)
    fitted = fit_report(report)
    assert (fitted.code, fitted.output) == ((), report.output)
    assert len(write_report(fitted)) <= MOST_BYTES
