"""Renderings of reports: they say what was found, and nothing in a submission can make them say more."""

from __future__ import annotations

import base64
import csv
import hashlib
import io
import json
import re
from dataclasses import replace
from fractions import Fraction
from html.parser import HTMLParser
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from grader.answers.sandbox import Sandbox
from grader.answers.submission import read_submission
from grader.core.errors import GraderError
from grader.core.student_names import safe_name
from grader.core.text import clean, clip_lines, one_line
from grader.formats import CLASS_FORMATS, STUDENT_FORMATS
from grader.formats.grades_csv import grades_csv, neutralise
from grader.formats.html.class_page import class_page
from grader.formats.html.student import student_page
from grader.formats.terminal.class_table import print_class_summary
from grader.formats.terminal.student import print_report, student_text
from grader.grading.grade import Grader
from grader.grading.prepare import PreparedAssignment
from grader.problems.problem import CheckName
from grader.reports.assignment import NO_ASSIGNMENT, PublishedAssignment
from grader.reports.feedback import VERDICTS, explain, find_case
from grader.reports.glossary import WORDS
from grader.reports.report import Counterexample, Diagnosis, Failure, Finding, Report
from grader.reports.shown_matrices import elide, make_grids, make_pair
from grader.reports.shown_numbers import format_number
from tests.conftest import ROOT
from tests.report_factory import MINUS, SMALLEST, make_finding, make_full_report, make_problem, make_report

VOID = {"meta", "rect", "line", "input", "wbr"}
EVIL = "</style></title><script>alert(1)</script><img src=x onerror=alert(1)>"
EVIL += "\" ' {{ 7*7 }} [bold red]x[/] \x1b[2J\x1b]0;t\x07\u202e"


class Page(HTMLParser):
    """A page's tags, texts and ids; fails on tags that do not nest."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(text)
        self.close()
        assert self.open == []
        ids = [attributes["id"] for _, attributes in self.tags if "id" in attributes]
        assert len(ids) == len(set(ids))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data if self.open and self.open[-1] not in ("style", "script") else ""


def terminal(report: Report, width: int = 80) -> str:
    out = io.StringIO()
    print_report(Console(file=out, width=width, force_terminal=True, color_system="truecolor"), report)
    return out.getvalue()


def class_text(reports: list[Report], width: int = 80) -> str:
    out = io.StringIO()
    print_class_summary(Console(file=out, width=width), reports)
    return out.getvalue()


def evil_report() -> Report:
    case = Counterexample(0, EVIL, {EVIL: [[1.0, EVIL]]}, EVIL, [[1.0, {"real": EVIL, "imag": 1}]], 1.0, 1.0)
    wrong = make_problem(
        "wrong",
        id=EVIL,
        function=EVIL,
        title=EVIL,
        diagnosis=Diagnosis("mistake", EVIL, EVIL, EVIL),
        findings=(make_finding(EVIL, "failed", what=EVIL, counterexample=case),),
        hints=(EVIL,),
        reproduce=EVIL,
    )
    error = make_problem("error", id="b", error=Failure(EVIL, EVIL, EVIL, EVIL, EVIL, EVIL, subject=EVIL))
    return make_report(
        wrong,
        error,
        student=EVIL,
        assignment=EVIL,
        file=EVIL,
        output=EVIL,
        isolation=EVIL,
        versions={EVIL: EVIL},
        error=Failure(EVIL, EVIL, EVIL, EVIL, EVIL, EVIL, subject=EVIL),
    )


GOLDEN = """\
det_gradient is right: 6 of 6 points.

inv_differential is wrong: you returned exactly minus the right answer.
  Differentiate A·A⁻¹ = I and keep the sign.

  Smallest case:
    A = ⎡ 1  2 ⎤   dA = ⎡ 1  0 ⎤   →   you: ⎡  4   -2 ⎤   right: ⎡ -4     2 ⎤
        ⎣ 3  4 ⎦        ⎣ 0  0 ⎦            ⎣ -3  1.5 ⎦          ⎣  3  -1.5 ⎦
  The error is 11.2, and 3e-13 is allowed.

  ✓  shape      2/2  Agrees on 24 cases
  ✗  reference  0/2  Differs on 24 of 24 cases
  –  taylor     0/2  Not tried

  Again: grader check answers.py --problem inv-differential --seed 7

trace_gradient stopped at line 7: ValueError: sizes; 2 and 3.
  line 7:  return A @ b
  Fix line 7, then check again.

  Again: grader check answers.py --problem inv-differential --seed 7


    problem           verdict          points
 ────────────────────────────────────────────
 ✓  det-gradient      right            6 of 6
 ✗  inv-differential  not yet right    2 of 6
 !  trace-gradient    gave no answer   0 of 6

    total                             8 of 18

"""


def test_the_terminal_reads_as_agreed_at_80_columns() -> None:
    report = make_report(
        make_problem(id="det-gradient", function="det_gradient"),
        make_problem("wrong"),
        make_problem("error", id="trace-gradient", function="trace_gradient"),
    )
    assert student_text(report) == GOLDEN


@pytest.mark.parametrize("width", [40, 50, 60, 80, 120, 200])
def test_no_line_but_the_command_is_wider_than_the_terminal(width: int) -> None:
    out = io.StringIO()
    print_report(Console(file=out, width=width), make_full_report(), 1)
    long = [line for line in out.getvalue().splitlines() if len(line) > width]
    assert all("Again:" in line for line in long)


def test_what_is_narrow_is_stacked_and_what_is_wide_stands_beside() -> None:
    def shown(width: int) -> str:
        out = io.StringIO()
        two = make_report(make_problem("wrong"), make_problem(id="adjugate"))
        print_report(Console(file=out, width=width), two, 0)
        return out.getvalue()

    one_row = next(line for line in shown(200).splitlines() if "A = ⎡" in line)
    assert "dA = ⎡" in one_row and "you: ⎡" in one_row and "right: ⎡" in one_row
    lines = shown(40).splitlines()
    you = next(line for line in lines if "you: ⎡" in line)
    right = next(line for line in lines if "right: ⎡" in line)
    assert you.index("⎡") == right.index("⎡") and "A =" not in you
    assert "  ✗  reference  0/2\n     Differs on 24 of 24 cases\n" in shown(40)
    assert "not yet right" in shown(80) and "not yet right" not in shown(40)


def test_prose_is_no_wider_than_a_page() -> None:
    diagnosis = Diagnosis("mistake", "x", "This is wrong in many ways.", "And it goes on and on. " * 20)
    problem = make_problem("wrong", diagnosis=diagnosis)
    out = io.StringIO()
    print_report(Console(file=out, width=200), make_report(problem))
    assert max(len(line) for line in out.getvalue().splitlines()) <= 100


def test_a_terminal_without_unicode_gets_plain_brackets_and_marks() -> None:
    written = io.BytesIO()
    out = io.TextIOWrapper(written, encoding="ascii", errors="strict")
    problem = make_problem("wrong", diagnosis=Diagnosis("mistake", "x", "The sign is wrong."))
    print_report(Console(file=out, width=80), make_report(problem))
    out.flush()
    assert "A = [ 1  2 ]" in written.getvalue().decode("ascii")


def test_a_right_problem_takes_a_single_line() -> None:
    assert (
        student_text(make_report(make_problem())).splitlines()[0]
        == "inv_differential is right: 6 of 6 points."
    )


def test_a_hint_shows_only_where_no_diagnosis_does() -> None:
    assert "Hint:" not in student_text(make_report(make_problem("wrong")))
    assert "Hint: Start from" in student_text(make_report(make_problem("wrong", diagnosis=None)))
    assert "Hint" not in student_text(make_report(make_problem("error")))


def test_the_advice_in_a_failure_is_the_next_step() -> None:
    slow = Failure("too_slow", "did not finish within 2 s", "look for a loop that never ends", subject="f")
    text = student_text(make_report(make_problem("error", function="f", error=slow)))
    assert text.startswith("f did not finish within 2 s.\n  Look for a loop that never ends.\n")
    case = replace(SMALLEST, answer=None)
    late = make_finding("reference", "failed", counterexample=case, what=slow.what, subject="f")
    text = student_text(
        make_report(make_problem("wrong", diagnosis=None, function="f", error=slow, findings=(late,)))
    )
    assert text.startswith("f did not finish within 2 s.\n") and "you: no answer" not in text
    gone = Failure("missing", "there is no function f", "write one with exactly that name")
    text = student_text(make_report(make_problem("missing", function="f", error=gone)))
    assert text.startswith("f is missing: there is no function f.\n  Write one with exactly that name.\n")


def test_a_diagnosis_outranks_a_failure_of_some_calls() -> None:
    some = Failure("raised", "stopped at line 7: LinAlgError", place="line 7", text="inv(A)", subject="f")
    text = student_text(make_report(make_problem("wrong", error=some)))
    assert text.startswith("inv_differential is wrong: you returned exactly minus")
    assert "line 7" not in text


def test_a_failure_of_some_calls_leads_only_if_the_first_failed_check_is_about_it() -> None:
    what = "raised LinAlgError: Singular matrix"
    some = Failure("raised", what, place="line 7", text="inv(A)", subject="f")
    about = (make_finding("reference", "failed", what=what, subject="f", failed=2, unanswered=2, cases=9),)
    problem = make_problem("wrong", function="f", diagnosis=None, error=some, findings=about)
    assert student_text(make_report(problem)).startswith(
        "f is wrong: it raised LinAlgError: Singular matrix.\n  line 7:  inv(A)\n  Fix line 7"
    )
    other = make_problem("wrong", function="f", diagnosis=None, error=some)
    assert student_text(make_report(other)).startswith("f is wrong: differs on 24 of 24 cases.\n  Hint:")


@pytest.mark.parametrize("verdict", ["inconclusive", "grader_error"])
def test_the_graders_trouble_is_never_the_students(verdict: str) -> None:
    report = make_report(make_problem(verdict))
    for text in (student_text(report), student_page(report)):
        assert "the grader's problem, not yours" in " ".join(text.split()).replace("&#39;", "'")


@pytest.mark.parametrize("verdict", list(VERDICTS))
def test_every_format_shows_the_verdict(verdict: str) -> None:
    report = make_report(make_problem(verdict))
    badge = VERDICTS[verdict].badge  # type: ignore[index]
    assert badge in student_text(report)
    assert badge in Page(student_page(report)).text
    assert badge in Page(class_page([report])).text
    assert (
        json.loads(str(STUDENT_FORMATS["json"].render(report, PublishedAssignment())))["problems"][0][
            "verdict"
        ]
        == verdict
    )


def test_pages_show_diagnosis_counterexample_checks_hints_and_command() -> None:
    text = Page(student_page(make_report(make_problem("wrong")))).text
    for part in (
        "exactly minus",
        "keep the sign",
        "−3/2",
        "Differs on 24",
        "Hint 2 of 2",
        "--seed 7",
    ):
        assert part in text


def test_a_wrong_entry_is_marked_by_more_than_colour() -> None:
    page = student_page(make_full_report())
    assert '<span class="off">5</span><span class="hidden"> (differs)</span>' in page
    assert re.search(r"\.off \{[^}]*underline", page)
    assert "‹5›" in student_text(make_full_report())


def test_an_empty_class_is_a_page_and_a_table_all_the_same() -> None:
    assert "0" in Page(class_page([])).text
    assert "No submissions" in class_text([])
    assert grades_csv([]) == "student,assignment,score,max_score,status\r\n"


@pytest.mark.parametrize("render", [student_page, lambda report: class_page([report])])
def test_nothing_in_a_submission_becomes_markup(render) -> None:  # type: ignore[no-untyped-def]
    text = render(evil_report())
    page = Page(text)
    assert {tag for tag, _ in page.tags}.isdisjoint({"img", "iframe", "link", "object", "form"})
    # The class's page has a script of its own; no text of a submission comes near it.
    assert [tag for tag, _ in page.tags].count("script") == (render is not student_page)
    assert not any(
        name.startswith("on") or name == "style" for _, attributes in page.tags for name in attributes
    )
    assert [tag for tag, _ in page.tags].count("style") == 1
    assert "\x1b" not in text and "\u202e" not in text
    assert "{{ 7*7 }}" in page.text


def test_the_pages_policy_allows_its_own_style_and_nothing_else() -> None:
    text = student_page(make_full_report())
    css = text.split("<style>")[1].split("</style>")[0]
    digest = base64.b64encode(hashlib.sha256(css.encode()).digest()).decode()
    policy = next(
        a["content"] for tag, a in Page(text).tags if a.get("http-equiv") == "Content-Security-Policy"
    )
    assert policy is not None
    assert "default-src 'none'; script-src 'none'" in policy and f"style-src 'sha256-{digest}'" in policy
    assert "url(" not in css and "@import" not in css and "http" not in css


def test_nothing_in_a_submission_steers_the_terminal() -> None:
    sgr = re.compile(r"\x1b\[[0-9;]*m")
    for text in (terminal(evil_report()), class_text([evil_report()])):
        bare = sgr.sub("", text)
        assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202e]", bare)
        assert "[bold red]" in " ".join(bare.split())


def test_text_of_a_submission_never_sets_colours() -> None:
    problem = make_problem(
        "error", error=Failure("exception", "\x1b[32minv is right\x1b[0m [green]ok[/green]")
    )
    text = terminal(make_report(problem))
    assert "\x1b[32m" not in text
    assert "inv is right [green]ok[/green]" in text


@pytest.mark.slow
@given(st.text())
def test_cleaned_text_has_nothing_a_terminal_would_obey(text: str) -> None:
    kept = clean(text)
    assert all(char in "\n\t" or not (ord(char) < 32 or 127 <= ord(char) < 160) for char in kept)
    assert "\u202e" not in kept
    assert clean(kept) == kept
    kept.encode("utf-8")


def test_long_text_is_cut_and_says_so() -> None:
    assert len(one_line("x" * 10_000, 100)) == 100
    assert one_line("x" * 10_000).endswith("…")
    assert clip_lines("a\n" * 100, 3) == "a\na\na\n… (cut here)"
    assert clip_lines("a\nb\n", 3) == "a\nb"


@pytest.mark.parametrize("name", ["=1+1", "+1", "-1", "@x", "\tx", "\rx", " =1", "＝1"])
def test_a_spreadsheet_runs_no_cell(name: str) -> None:
    rows = list(
        csv.reader(io.StringIO(grades_csv([make_report(make_problem(id=name), student=name)]), newline=""))
    )
    assert rows[1][0] == "'" + name
    assert rows[0][2] == "'" + name


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0")), max_size=4))
def test_grades_round_trip_through_csv(names: list[str]) -> None:
    reports = [make_report(make_problem("wrong", score=Fraction(7, 3)), student=name) for name in names]
    rows = list(csv.DictReader(io.StringIO(grades_csv(reports), newline="")))
    assert [row["student"] for row in rows] == [neutralise(name) for name in names]
    assert all(row["inv-differential"] == row["score"] == "2.3333" for row in rows)


def test_grades_of_an_ungradable_file_are_empty_not_zero() -> None:
    reports = [
        make_report(make_problem()),
        make_report(student="bob", status="ungradable", max_score=Fraction(6)),
    ]
    assert grades_csv(reports).splitlines() == [
        "student,assignment,inv-differential,score,max_score,status",
        "ada,hw1,6,6,6,graded",
        "bob,hw1,,0,6,ungradable",
    ]


@pytest.mark.parametrize(
    "name",
    ["", " ", ".", "..", "a/b", "../a", "/a", "a\\b", "C:x", "a\0b", "a\nb", "\x1b[2J", "é" * 101, "\udcff"],
)
def test_a_name_that_could_leave_the_folder_is_refused(name: str) -> None:
    with pytest.raises(GraderError, match="cannot be used as a student's name") as caught:
        STUDENT_FORMATS["html"].locate(name)
    str(caught.value).encode("utf-8")
    assert "\x1b" not in str(caught.value)


@pytest.mark.parametrize("name", ["ada", "José Núñez", "王小明", "a.b-c_d@e.org", "..a", "x" * 200])
def test_an_ordinary_name_is_kept(name: str) -> None:
    assert safe_name(name) == name


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (3.0, "3"),
        (-0.0, "0"),
        (-1.5, "-1.5"),
        (1 / 3, "0.333333"),
        (1e-7, "1e-7"),
        (12345678.0, "12345678"),
        (1e300, "1e300"),
        (float("nan"), "nan"),
        (-float("inf"), "-inf"),
        (1 + 2j, "1+2i"),
        (1 - 2.5j, "1-2.5i"),
        (-1j, "-i"),
        (complex(2, 0), "2"),
        (complex(float("nan"), float("inf")), "nan+inf·i"),
        ("<b>", "<b>"),
    ],
)
def test_numbers_are_short(value: object, text: str) -> None:
    assert format_number(value) == text


def test_plain_values_of_every_kind_become_grids() -> None:
    def texts(value: object) -> list[tuple[str, list[list[str]]]]:
        return [
            (grid.index, [[cell.text for cell in row] for row in grid.rows]) for grid in make_grids(value)
        ]

    assert texts(2) == [("", [["2"]])]
    assert texts(10**400) == [("", [["inf"]])]
    assert texts(None) == [("", [["no answer"]])]
    assert texts([1, "nan"]) == [("", [["1", "nan"]])]
    assert texts({"real": [[1, 0]], "imag": [[0, "inf"]]}) == [("", [["1", "inf·i"]])]
    assert texts([{"real": 1, "imag": 1}, 2]) == [("", [["1+i", "2"]])]
    assert texts([[[1, 2]], 3]) == [("[0]", [["1", "2"]]), ("[1]", [["3"]])]
    assert [index for index, _ in texts([[[1], [2]], [[3], [4]]])] == ["[0]", "[1]"]
    assert texts([]) == [("", [[]])]


@pytest.mark.parametrize("value", [[], [[]], [[], [1.0]], [[[1.0]] * 2] * 20, None, "text", {"a": 1}, True])
def test_no_answer_however_odd_stops_a_rendering(value: object) -> None:
    case = Counterexample(0, "", {"A": value}, value, value)
    problem = make_problem("wrong", findings=(make_finding("x", "failed", counterexample=case),))
    for width in (20, 80):
        assert terminal(make_report(problem), width)
    Page(student_page(make_report(problem)))


def test_entries_that_differ_get_digits_that_show_it() -> None:
    (mine,), (truth,) = make_pair([[1.0, 2.0]], [[1.0, 2.00000001]], 1e-12)
    assert [(cell.text, cell.off) for cell in mine.rows[0]] == [("1", False), ("2", True)]
    assert truth.rows[0][1].text == "2.00000001"


def test_an_answer_within_the_tolerance_or_of_another_shape_is_not_marked() -> None:
    assert not make_pair([1.0, 2.0], [1.0, 2.0 + 1e-13], 1e-12)[0][0].rows[0][1].off
    assert not any(cell.off for cell in make_pair([1.0], [1.0, 2.0], 1e-12)[0][0].rows[0])
    assert make_pair("nan", 1.0, None)[0][0].rows[0][0].off
    assert not make_pair("inf", "inf", None)[0][0].rows[0][0].off


def test_a_large_matrix_loses_its_middle() -> None:
    (grid,) = make_grids([[float(10 * i + j) for j in range(30)] for i in range(30)])
    assert (len(grid.rows), len(grid.rows[0])) == (10, 10)
    assert grid.rows[5][5].text == "…" and grid.rows[9][9].text == "319"
    assert [cell.text for cell in elide(grid, 2, 2).rows[0]] == ["0", "…"]


def test_the_smallest_case_is_shown_when_checks_have_several() -> None:
    big = Counterexample(1, "", {"A": [[9.0] * 3] * 3}, 1.0, 2.0)
    small = Counterexample(0, "", {"A": [[7.0]]}, 1.0, 2.0)
    findings = (
        make_finding("a", "failed", counterexample=big),
        make_finding("b", "failed", counterexample=small),
    )
    text = student_text(make_report(make_problem("wrong", findings=findings)))
    assert "A = [ 7 ]" in text and "9" not in text.split("Smallest case:")[1].split("→")[0]


@pytest.mark.parametrize(
    ("diagnosis", "lead", "step"),
    [
        (MINUS, MINUS.lead, MINUS.step),
        (
            Diagnosis("mistake", "m", "Two. Sentences"),
            "Two. Sentences.",
            "Fix that in your formula, then try the smallest case again.",
        ),
    ],
)
def test_a_diagnosis_leads_and_has_its_own_next_step_or_a_general_one(
    diagnosis: Diagnosis, lead: str, step: str
) -> None:
    found = explain(make_problem("wrong", diagnosis=diagnosis))
    assert (found.lead, found.step) == (lead, step)


def test_a_file_that_cannot_be_graded_says_why_on_top() -> None:
    failure = Failure("syntax", "The brackets do not close", place="line 3", text="x = (1")
    report = make_report(status="ungradable", error=failure)
    assert student_text(report).startswith(
        "answers.py could not be graded: the brackets do not close.\n  line 3:  x = (1\n"
    )
    page = Page(student_page(report)).text
    assert "the brackets do not close." in page and "x = (1" in page


def test_one_problem_alone_has_a_line_of_points_and_no_table() -> None:
    wrong, right = (student_text(make_report(make_problem(verdict))) for verdict in ("wrong", "right"))
    assert wrong.endswith("--seed 7\n\n✗ not yet right: 2 of 6 points.\n\n") and "total" not in wrong
    assert right.count("points") == 1 and "total" not in right


def test_a_file_that_cannot_be_graded_is_explained_once() -> None:
    what = "is not valid Python: '(' was never closed"
    failure = Failure("syntax", what, place="line 3", text="x = (1", subject="answers.py")
    report = make_report(make_problem("error", error=failure), status="ungradable", error=failure)
    for text in (student_text(report), Page(student_page(report)).text):
        assert text.count("never closed") == 1
    assert "gave no answer" in text
    assert student_text(report) == (
        "answers.py is not valid Python: '(' was never closed.\n  line 3:  x = (1\n\n0 of 6 points.\n\n"
    )


def test_a_class_of_more_than_40_shows_the_first_by_score_and_counts_the_rest() -> None:
    reports = [make_report(make_problem(score=Fraction(i, 10)), student=f"s{i:02}") for i in range(60)]
    text = class_text(reports)
    assert "s59" in text and "s20" in text and "s19" not in text
    assert "and 20 more students" in text


@pytest.mark.parametrize("width", [50, 80, 120])
def test_the_class_table_fits_the_terminal(width: int) -> None:
    reports = [make_full_report(student=f"student{i}") for i in range(3)]
    text = class_text(reports, width)
    assert max(map(len, text.splitlines())) <= width
    assert "most common (3 students): You returned exactly" in " ".join(text.split())
    assert ("✓ 6" in text) == (width >= 80)


def test_every_format_renders_a_full_report() -> None:
    report = make_full_report()
    assert all(format_.render(report, PublishedAssignment()) for format_ in STUDENT_FORMATS.values())
    assert all(format_.render(iter([report]), PublishedAssignment()) for format_ in CLASS_FORMATS.values())
    places = [format_.locate("ada") for format_ in STUDENT_FORMATS.values()]
    assert places[:3] == ["results/ada.json", "feedback/ada.html", "feedback/ada.txt"]
    assert len(set(places)) == len(places)


@pytest.mark.parametrize(
    "mark", ["\x00", "\x7f", "\u061c", "\u180e", "\u202e", "\u2066", "\u206f", "\ufff9", "\U000e0041"]
)
def test_marks_that_hide_or_reorder_text_are_never_shown(mark: str) -> None:
    assert clean(f"é{mark}a") == "éa"


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t=", "\r=", "\n=", " =", "＝", "＠"])
def test_no_cell_of_the_gradebook_is_run_as_a_formula(start: str) -> None:
    assert neutralise(f"{start}1+1") == f"'{start}1+1"
    assert neutralise(f"a{start}1") == f"a{start}1"


def test_what_a_function_does_besides_is_no_matter_of_numbers() -> None:
    alike = replace(SMALLEST, answer=SMALLEST.right, error=0.0)
    spoilt = make_finding("pure", "failed", what="it modifies its inputs", counterexample=alike)
    problem = make_problem("wrong", diagnosis=None, findings=(make_finding(), spoilt))
    assert explain(problem).step == "The numbers are right: fix only that."
    assert find_case(problem) is None
    both = replace(problem, findings=(make_finding(outcome="failed", counterexample=SMALLEST), spoilt))
    assert find_case(both) == SMALLEST and explain(both).step.startswith("Hint")


def test_who_reads_of_an_exception_sees_where_it_was_raised() -> None:
    nowhere = replace(SMALLEST, inputs={"A": [[1.0, 2.0]]}, answer=None, error=None)
    failure = Failure("raised", "f raised ValueError: sizes", place="line 7", text="A @ A")
    findings = (
        make_finding("shape", "failed", what="f raised ValueError: sizes", counterexample=nowhere),
        make_finding("reference", "failed", counterexample=SMALLEST),
    )
    problem = make_problem("wrong", diagnosis=None, error=failure, findings=findings)
    assert explain(problem).failure == failure and find_case(problem) == nowhere
    assert find_case(replace(problem, error=None)) == SMALLEST


def test_nothing_that_students_get_tells_a_seed_that_the_next_round_may_use(
    exam: PreparedAssignment,
) -> None:
    secret = replace(exam, seed=876543210987)
    with Sandbox(exam.limits, exam.libraries) as sandbox:
        report = Grader(secret, sandbox).grade(
            read_submission(ROOT / "grader" / "sample_class" / "transposes.py")
        )
    shown = {
        name: str(file_format.render(report, NO_ASSIGNMENT)) for name, file_format in STUDENT_FORMATS.items()
    }
    assert {name for name, text in shown.items() if str(secret.seed) in text} == {"json", "gradescope"}


def test_words_of_the_field_are_explained_where_they_stand() -> None:
    taylor = Finding("taylor", "failed", Fraction(0), Fraction(2), "falls with slope 1.00")
    report = make_report(make_problem("wrong", findings=(taylor,)))
    text, page = student_text(report), student_page(report)
    assert "  taylor: does the remainder shrink fast enough?\n  More: grader explain taylor\n" in text
    assert "In plain words: taylor" in page and "falls with slope 2" in page
    right = make_report(make_problem())
    assert "explain" not in student_text(right) and "plain words" not in student_page(right)


def test_every_check_with_a_word_of_the_field_is_explained() -> None:
    plain = {"shape", "reference"}
    assert set(get_args(CheckName)) - plain <= WORDS.keys()
