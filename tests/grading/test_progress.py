"""What is told of a class while it is graded."""

from __future__ import annotations

import io
from fractions import Fraction

from rich.console import Console

from grader.grading.progress import RunCount, show_progress
from grader.reports.report import Report
from grader.reports.serialize import to_exact_json
from tests.report_factory import make_report


def scored(student: str, score: int, **changes: str) -> Report:
    return make_report(student=student, score=Fraction(score), max_score=Fraction(10), **changes)


def said(reports: list[Report], terminal: bool) -> str:
    out = io.StringIO()
    console = Console(file=out, width=120, force_terminal=terminal)
    with show_progress(console, len(reports), names=True) as shown:
        for report in reports:
            shown.add(to_exact_json(report))
    return out.getvalue()


def test_the_worst_so_far_is_the_lowest_share_of_the_points_and_never_the_graders_failure() -> None:
    tally = RunCount(4, names=True)
    for student, score, status in (
        ("a", 7, "graded"),
        ("b", 0, "grader_error"),
        ("c", 5, "graded"),
        ("d", 9, "graded"),
    ):
        tally.add(scored(student, score, status=status))
    assert tally.done == 4 and tally.worst == "worst so far 5/10 (c)"


def test_rate_and_time_left_are_those_of_the_clock() -> None:
    now = [100.0]
    tally = RunCount(1000, names=True, clock=lambda: now[0])
    for _ in range(10):
        tally.add(scored("a", 1))
    now[0] += 5
    assert tally.words() == "2.0 a second, 8 min 15 s left; worst so far 1/10 (a)"
    now[0] += 495
    assert tally.words() == "1.2 a minute, 13 h 45 min left; worst so far 1/10 (a)"


def test_students_are_named_only_if_asked_and_few_of_those_who_are_slow() -> None:
    said = {}
    for names in (False, True):
        tally = RunCount(9, names, lambda: 0.0)
        tally.add(scored("ann", 1))
        for student in ("bob", "eve\x1b[31m", "zoe", "kim"):
            tally.postpone(student)
        said[names] = tally.words().partition("; ")[2]
    assert said[False] == "worst so far 1/10; 4 slow"
    assert said[True] == "worst so far 1/10 (ann); 4 slow (bob, eve, zoe, …)"


def test_a_log_has_a_plain_line_now_and_then_and_one_at_the_end() -> None:
    text = said([scored(f"s{k}\x1b[31m", k % 7 + 1) for k in range(205)], terminal=False)
    lines = text.splitlines()
    assert (
        len(lines) == 11
        and lines[0].startswith("graded 20 of 205; ")
        and " left; worst so far 1/10 (s0)" in lines[0]
    )
    assert lines[-1].startswith("graded 205 of 205; ") and "\x1b" not in text


def test_a_terminal_has_a_bar_with_the_same() -> None:
    text = said([scored("a", 3), scored("b", 4)], terminal=True)
    assert "Grading" in text and "2/2" in text and "worst so far 3/10 (a)" in text and "a second" in text
