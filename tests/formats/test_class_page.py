"""The class's page: what an instructor reads there, and that it is safe to open."""

from __future__ import annotations

import base64
import hashlib
import re
from dataclasses import replace
from fractions import Fraction

import pytest

from grader.formats.html.class_page import class_page
from grader.reports.class_summary import summarise
from grader.reports.report import Diagnosis, Failure, ProblemReport, Report
from grader.reports.serialize import read_exact, shorten, to_exact_json
from tests.formats.test_pages import Page
from tests.report_factory import SMALLEST, make_finding, make_full_report, make_problem, make_report

NUMBERS = "0.52 0.0071 = 1.9 ! ~ 12 0.33"
NEARLY = "0.519 0.00711 = 1.9 ! ~ 12.1 0.33"
OTHER = "0.52 0.0071 = 1.9 ! ~ 12 0.66"


def wrong(residual: str = NUMBERS, **changes: object) -> ProblemReport:
    return make_problem("wrong", **({"diagnosis": None, "residual": residual} | changes))


def pupils(*problems: ProblemReport, first: int = 0) -> list[Report]:
    """A student for each problem."""
    return [make_report(p, student=f"s{k:03}") for k, p in enumerate(problems, start=first)]


def text_of(reports: list[Report]) -> str:
    return " ".join(Page(class_page(iter(reports))).text.split())


def test_students_with_a_diagnosis_are_counted_with_one_as_an_example() -> None:
    text = text_of([*pupils(*[make_problem("wrong")] * 3), *pupils(make_problem(), first=3)])
    assert "3 students You returned exactly minus the right answer. recognised minus" in text
    assert "for example s000" in text
    assert "A = [[1, 2], [3, 4]], dA = [[1, 0], [0, 0]]: returned [[4, −2], [−3, 1.5]]; right is" in text
    assert "30 % to under 40 %: 3" in text


def test_code_in_the_authors_words_is_code_and_nothing_in_a_students_is() -> None:
    known = Diagnosis("mistake", "entrywise", "You inverted each entry, as `1 / A` does, not $A^{-1}$.")
    theirs = wrong("", findings=(make_finding("pure", "failed", what="It changed `A` and <b>"),))
    page = class_page(iter(pupils(make_problem("wrong", diagnosis=known), theirs)))
    assert "as <code>1 / A</code> does" in page and "<math" in page
    assert "`A`" in page and "<b>" not in page


def test_the_same_wrong_numbers_are_one_unexplained_mistake() -> None:
    summary = summarise(pupils(wrong(), wrong(NEARLY), wrong(OTHER), wrong(NUMBERS)))
    assert [(m.kind, m.students, m.example) for m in summary.misconceptions] == [
        ("numbers", 3, "s000"),
        ("alone", 1, "s002"),
    ]
    assert [row.mistakes for row in summary.rows] == [(1,), (1,), (2,), (1,)]
    assert "unexplained, same wrong answers" in text_of(pupils(wrong(), wrong(NEARLY), wrong()))


def test_the_same_numbers_in_two_problems_are_two_mistakes() -> None:
    summary = summarise(pupils(wrong(), wrong(), wrong(id="other"), wrong(id="other")))
    assert [(m.problem, m.students) for m in summary.misconceptions] == [
        ("inv-differential", 2),
        ("other", 2),
    ]


def test_right_numbers_with_another_fault_are_told_by_it_however_often_it_came() -> None:
    def impure(failed: int, unanswered: int = 0) -> ProblemReport:
        what, advice = "it modifies its inputs", "work on a copy"
        often = {"failed": failed, "unanswered": unanswered, "cases": 24}
        return wrong("", findings=(make_finding("pure", "failed", what=what, advice=advice, **often),))

    summary = summarise(pupils(impure(24), impure(5, unanswered=2)))
    (found,) = summary.misconceptions
    assert (found.kind, found.students) == ("contract", 2)
    assert found.message == "it modifies its inputs; work on a copy."
    text = text_of(pupils(impure(24)))
    assert "1 student It modifies its inputs; work on a copy. not the numbers" in text


def test_many_who_are_wrong_alone_are_one_line() -> None:
    text = text_of(pupils(*[wrong(f"{k / 7:.3g} 1") for k in range(1, 6)]))
    assert "5 students Wrong in ways that nobody else shares. unexplained, each on their own" in text


def test_a_shortened_report_says_as_much_on_the_class_page() -> None:
    reports = [*pupils(wrong(), wrong(), make_problem("wrong")), make_full_report(student="zed")]
    kept = [read_exact(Report, to_exact_json(shorten(report))) for report in reports]
    assert class_page(kept) == class_page(reports)


def test_large_counterexamples_are_not_kept() -> None:
    finding = make_full_report().problems[1].findings[1]
    assert finding.counterexample is not None
    large = replace(finding.counterexample, inputs={"A": [[1.0] * 6] * 6})
    problem = wrong(findings=(replace(finding, counterexample=large), finding, finding))
    kept = shorten(make_report(problem)).problems[0].findings
    assert [item.counterexample for item in kept] == [finding.counterexample]
    assert shorten(make_report(replace(problem, verdict="error"))).problems[0].findings == ()


def test_discrimination_and_median_time_stand_beside_each_problem() -> None:
    def report(k: int, first: bool, second: int) -> Report:
        problems = (
            make_problem("right" if first else "wrong", id="a", seconds=0.5 * k),
            make_problem("wrong", id="b", score=Fraction(second)),
        )
        return make_report(*problems, student=f"s{k}")

    summary = summarise([report(k, k > 2, k) for k in range(6)])
    a, b = summary.problems
    assert a.discrimination == pytest.approx(0.878, abs=1e-3)  # √(9/35)·√3, by hand
    assert b.discrimination == "nobody is right"
    assert a.seconds == 1.25
    text = text_of([report(k, k > 2, k) for k in range(6)])
    assert "0.88" in text and "nobody is right" in text and "1.2 s" in text


def test_a_file_that_did_not_run_says_nothing_about_a_problem() -> None:
    graded = [
        make_report(
            make_problem("right" if k % 2 else "wrong", id="a"), make_problem(id="b"), student=f"s{k}"
        )
        for k in range(8)
    ]
    broken = [
        make_report(
            make_problem("error", id="a"), make_problem("error", id="b"), student=f"t{k}", status="ungradable"
        )
        for k in range(8)
    ]
    assert summarise(graded + broken).problems[0].discrimination == "all students score the same on the rest"


def test_who_to_look_at_is_listed() -> None:
    slow = make_problem(
        "error", error=Failure("too_slow", "inv_differential did not finish within 2 s", "look for a loop")
    )
    reports = [
        make_report(make_problem(), student="fine"),
        make_report(slow, student="slow"),
        make_report(student="torn", status="ungradable", error=Failure("syntax", "Unclosed bracket")),
        make_report(make_problem("inconclusive"), student="odd"),
    ]
    part = class_page(reports).split('id="attention"')[1].split("</section>")[0]
    assert all(name in part for name in ("slow", "torn", "odd", "Unclosed bracket"))
    assert "fine" not in part


def shared(k: int, *residuals: str, **changes: object) -> Report:
    problems = [
        wrong(residual, id=f"p{i}", title=f"Problem {i}", **changes) for i, residual in enumerate(residuals)
    ]
    return make_report(*problems, student=f"s{k:03}")


A, B, C = ("1 2 3 4 5", "2 3 4 5 6", "7 5 3 2 1")


def test_rare_wrong_numbers_shared_in_several_problems_are_told_with_care() -> None:
    reports = [shared(k, f"{k + 2} 1 1 1", f"{k + 30} 1 1 1") for k in range(20)]
    reports += [shared(50, A, B), shared(51, A, B)]
    (group,) = summarise(reports).shared
    assert (group.students, group.problems) == (("s050", "s051"), ("p0", "p1"))
    part = text_of(reports).split("same rare wrong numbers in several")[1]
    assert "honest reasons" in part and "s050, s051: Problem 0; Problem 1." in part


def test_sharing_is_not_told_of_one_problem_common_mistakes_or_known_ones() -> None:
    alone = [shared(k, f"{k + 2} 1 1 1", f"{k + 30} 1 1 1") for k in range(20)]
    one = [shared(50, A, B), shared(51, A, C)]
    common = [shared(k, A, B) for k in range(50, 60)]
    known = [shared(k, A, B, diagnosis=Diagnosis("mistake", "m", "A known one.")) for k in (50, 51)]
    few = [shared(k, "1 = = = =", "2 = = = =") for k in (50, 51)]
    for reports in (one, common, known, few):
        assert summarise(alone + reports).shared == ()


def test_sharing_a_placeholder_is_no_sharing() -> None:
    alone = [shared(k, f"{k + 2} 1 1 1", f"{k + 30} 1 1 1") for k in range(20)]
    ones = replace(SMALLEST, answer=[[1.0, 1.0], [1.0, 1.0]])
    findings = (make_finding("reference", "failed", counterexample=ones),)
    assert summarise(alone + [shared(k, A, B, findings=findings) for k in (50, 51)]).shared == ()
    findings = (make_finding("reference", "failed", counterexample=SMALLEST),)
    assert len(summarise(alone + [shared(k, A, B, findings=findings) for k in (50, 51)]).shared) == 1


def test_the_grader_failing_on_a_file_does_not_count_as_a_score() -> None:
    broken = make_report(
        status="grader_error", max_score=Fraction(6), error=Failure("sandbox", "no namespaces")
    )
    assert "mean score100 %" in text_of([make_report(make_problem()), broken])


def test_links_to_feedback_are_quoted() -> None:
    page = Page(class_page([make_report(make_problem(), student="a b?#%&é")]))
    assert {"href": "feedback/a%20b%3F%23%25%26%C3%A9.html"} in [attributes for _, attributes in page.tags]


def test_every_mark_is_explained_once() -> None:
    legend = class_page([make_full_report()]).split('id="students"')[1].split("</p>")[0]
    marks = re.findall(r'class="key">(.) ', legend)
    assert len(marks) == len(set(marks)) == 6
    assert "? grader unsure or grader failed" in legend


def test_the_policy_allows_the_pages_own_style_and_script_and_nothing_else() -> None:
    text = class_page([make_full_report()])
    policy = next(
        a["content"] for tag, a in Page(text).tags if a.get("http-equiv") == "Content-Security-Policy"
    )
    assert policy is not None and "default-src 'none'" in policy and "unsafe" not in policy
    for directive, tag in (("style-src", "style"), ("script-src", "script")):
        (inline,) = re.findall(f"<{tag}>(.*?)</{tag}>", text, re.DOTALL)
        digest = base64.b64encode(hashlib.sha256(inline.encode()).digest()).decode()
        assert f"{directive} 'sha256-{digest}';" in policy
        assert not re.search(r"url\(|@import|http|eval|innerHTML|fetch", inline)


def test_all_that_the_script_shows_is_there_without_it() -> None:
    page = Page(class_page(pupils(*[make_problem("wrong")] * 150)))
    rows = [tag for tag, attributes in page.tags if tag == "tr" and attributes.get("data-m") == "1"]
    assert len(rows) == 150
