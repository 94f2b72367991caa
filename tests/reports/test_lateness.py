"""How late a submission is, and what it loses for that."""

from __future__ import annotations

import datetime
from fractions import Fraction

import pytest

from grader.formats.markdown import report_markdown
from grader.formats.terminal.student import student_text
from grader.reports.class_list import ClassList, Submitter
from grader.reports.feedback import say_deduction
from grader.reports.lateness import NO_PENALTY, Lateness, Penalty, find_deadline, measure
from grader.reports.serialize import read_exact, to_exact_json
from tests.report_factory import make_problem, make_report

DUE = "2026-10-01T18:00:00+02:00"
HOUR, DAY = 3600, 86400


def late(submitted: str, due: str = DUE, grace: float = 0) -> Lateness:
    return measure(submitted, "test", due, grace, datetime.UTC)


@pytest.mark.parametrize(
    ("submitted", "grace", "days"),
    [
        ("2026-10-01T18:00:00+02:00", 0, 0),
        ("2026-10-01T16:00:01+00:00", 0, 1),
        ("2026-10-01T16:00:01", 0, 1),
        ("2026-10-01T16:14:59", 15 * 60, 0),
        ("2026-10-01T16:15:01", 15 * 60, 1),
        ("2026-10-02T16:00:00", 0, 1),
        ("2026-10-02T16:00:01", 0, 2),
        ("2026-09-01T00:00:00", 0, 0),
        ("", 0, 0),
    ],
)
def test_a_day_that_has_begun_counts_and_grace_does_not(submitted: str, grace: float, days: int) -> None:
    assert late(submitted, grace=grace).days == days


def test_a_day_is_over_when_it_has_ended_and_nothing_is_late_without_a_date() -> None:
    assert late("2026-10-01T23:59:59", "2026-10-01").days == 0
    assert late("2026-10-02T00:00:01", "2026-10-01").days == 1
    assert late("2026-10-02T00:00:01", "").days == 0
    assert find_deadline("2026-12-31", datetime.UTC) == datetime.datetime(2027, 1, 1, tzinfo=datetime.UTC)


STEPS = Penalty(steps=((0, Fraction(10)), (2 * HOUR, Fraction(25)), (3 * DAY, Fraction(100))))


@pytest.mark.parametrize(
    ("penalty", "seconds", "left"),
    [
        (NO_PENALTY, 9 * DAY, 8),
        (Penalty(percent=Fraction(10)), 0, 8),
        (Penalty(percent=Fraction(10)), 1, Fraction(72, 10)),
        (Penalty(percent=Fraction(10)), DAY + 1, Fraction(64, 10)),
        (Penalty(percent=Fraction(10)), 20 * DAY, 0),
        (Penalty(points=Fraction(1, 2)), DAY + 1, 7),
        (Penalty(points=Fraction(5)), DAY + 1, 0),
        (STEPS, 0, 8),
        (STEPS, 60, Fraction(72, 10)),
        (STEPS, 3 * HOUR, 6),
        (STEPS, 4 * DAY, 0),
    ],
)
def test_what_is_lost_is_exact_and_never_more_than_was_reached(
    penalty: Penalty, seconds: float, left: Fraction
) -> None:
    days = -int(-seconds // DAY)
    assert penalty.deduct(Fraction(8), Lateness(seconds=seconds, days=days)) == left


def test_a_report_keeps_the_points_before_the_deduction_and_is_not_deducted_twice() -> None:
    report = make_report(make_problem(), student="ada")
    people = ClassList(
        (), {"ada": Submitter(None, Lateness(days=2, seconds=DAY + 1))}, penalty=Penalty(Fraction(25))
    )
    assert read_exact(ClassList, to_exact_json(people)) == people
    once = people.complete(report)
    assert (once.score, once.raw_score, once.reached) == (report.score / 2, report.score, report.score)
    assert people.complete(once) == once
    assert people.late == ("ada: 2 days late",)

    said = say_deduction(once)
    assert said == "This was submitted 2 days late: 3 of the 6 points reached are deducted."
    assert said in report_markdown(once) and said in student_text(once)
    assert say_deduction(report) == ""
