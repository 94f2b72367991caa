"""Points that a person decides on are shown as that, kept through regrades, and exported everywhere."""

from __future__ import annotations

import csv
import json
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest

from grader.core.errors import GraderError
from grader.formats.html.student import student_page
from grader.grading.overrides_file import read_overrides
from grader.reports.overrides import Override, override, say_unreached
from grader.reports.report import ProblemReport, Report
from grader.reports.roster import NO_ROSTER, Person, Roster
from tests.report_factory import make_problem, make_report
from tests.running import run_grader

CHECKS = {"p": {"shape", "reference (singular A)"}, "q": set[str]()}
STUDENTS = ("ann", "bob")
MOST = {("p", ""): Fraction(5), ("p", "shape"): Fraction(1)}


HEAD = "student,problem,check,points,comment,by"


def write(folder: Path, *rows: str, head: str = HEAD) -> Path:
    path = folder / "overrides.csv"
    path.write_text("\n".join([head, *rows]) + "\n", encoding="utf-8")
    return path


def test_rows_mean_students_problems_and_checks(tmp_path: Path) -> None:
    path = write(tmp_path, "ann,p,shape,0.5,half,Ms Lee", "*,q,,full,a waiver,", "123,p,,2,,")
    roster = Roster((Person(id="123", name="Bob Bo", login="bob"),))
    first, second, third = read_overrides(path, STUDENTS, roster, CHECKS)
    assert first == Override("ann", "p", "shape", Fraction(1, 2), "half", "Ms Lee")
    assert (second.student, second.problem, second.points) == ("", "q", None)
    assert (third.student, third.check) == ("bob", "")


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ("amn,p,,1,,", "ann"),
        ("ann,r,,1,,", "no problem 'r'"),
        ("ann,p,shap,1,,", "shape"),
        ("ann,p,,many,,", "number of points"),
        ("ann,p,,-1,,", "number of points"),
        ("ann,p,,1e999999999,,", "number of points"),
        ("ann,,,1,,", "one problem"),
        (",p,,1,,", "* for the whole class"),
        ("ann,p,,5.5,,", "more than the 5 points"),
        ("ann,p,shape,2,,", "more than the 1 points"),
    ],
)
def test_a_row_that_means_nothing_is_told_with_its_line(tmp_path: Path, row: str, words: str) -> None:
    with pytest.raises(GraderError, match="line 2") as error:
        read_overrides(write(tmp_path, row), STUDENTS, NO_ROSTER, CHECKS, MOST)
    assert words in str(error.value)


def test_a_table_without_students_is_told_so_once(tmp_path: Path) -> None:
    path = tmp_path / "overrides.csv"
    path.write_text("who,problem,points\nann,p,1\nbob,p,1\n")
    with pytest.raises(GraderError) as error:
        read_overrides(path, STUDENTS, NO_ROSTER, CHECKS, MOST)
    assert "no column for students" in str(error.value) and "line" not in str(error.value)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_a_table_is_read_as_excel_writes_it(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "overrides.csv"
    text = 'Student;Problem;Check;Points;Comment;By\r\nann;p;;2,5;"für ""Mühe""; gut";Lee\r\n;;;;;\r\n'
    path.write_bytes(text.encode(encoding))
    (one,) = read_overrides(path, STUDENTS, NO_ROSTER, CHECKS, MOST)
    assert (one.points, one.comment) == (Fraction(5, 2), 'für "Mühe"; gut')


def test_who_is_on_the_roster_can_be_named_without_a_submission(tmp_path: Path) -> None:
    roster = Roster((Person(id="7", name="Cyd C", login="cyd"),))
    (one,) = read_overrides(write(tmp_path, "Cyd C,p,,2,,"), STUDENTS, roster, CHECKS)
    assert one.student == "cyd"


def test_a_row_may_be_about_all_with_one_diagnosis_and_may_be_a_comment_alone(tmp_path: Path) -> None:
    rows = ("*,p,,,look at the sign,,minus", "*,p,,,and at the order,,minus", "ann,p,,2,,,minus")
    comment, other, points = read_overrides(
        write(tmp_path, *rows, head=f"{HEAD},diagnosis"), STUDENTS, NO_ROSTER, CHECKS
    )
    assert (comment.diagnosis, comment.keep, other.comment) == ("minus", True, "and at the order")
    assert (points.student, points.keep, points.points) == ("ann", False, Fraction(2))


def test_a_decision_about_a_diagnosis_reaches_those_who_have_it_and_nobody_else() -> None:
    wrong, right = make_problem("wrong"), make_problem("right")
    failed = make_problem("error")
    for_all = Override("", wrong.id, points=Fraction(3), comment="half right", diagnosis="minus")
    raised = Override("", wrong.id, comment="read the traceback", diagnosis="raised", keep=True)

    def decided(problem: ProblemReport, *more: Override) -> ProblemReport:
        (found,) = override(make_report(problem), (for_all, raised, *more)).problems
        return found

    assert decided(wrong).score == 3 and [one.comment for one in decided(wrong).decisions] == ["half right"]
    assert decided(right) is right
    assert decided(failed).score == failed.score
    assert [one.keep for one in decided(failed).decisions] == [True]
    own, everybody = Override("ada", wrong.id, points=Fraction(1)), Override("", wrong.id)
    assert decided(wrong, own, everybody).score == 1
    assert decided(wrong, everybody).score == 3
    assert decided(wrong, everybody).decisions[0].before == wrong.score


def test_a_diagnosis_that_nobody_has_is_told_with_the_nearest_that_somebody_has() -> None:
    report = make_report(make_problem("wrong"))
    reached = Override("", "inv-differential", diagnosis="minus")
    (told,) = say_unreached([reached, replace(reached, diagnosis="minos"), Override("", "x")], [report])
    assert "'minos'" in told and "'minus'" in told and "inv-differential" in told


def test_a_comment_changes_no_points_and_stands_on_the_page() -> None:
    report = make_report(make_problem("wrong"))
    comment = Override("", "inv-differential", comment="see <lecture 5>", by="Ms Lee", keep=True)
    commented = override(report, [comment])
    assert (commented.score, commented.problems[0].score) == (report.score, report.problems[0].score)
    page = student_page(commented)
    assert "Comment</strong> by Ms Lee: see &lt;lecture 5&gt;" in page and "in place of" not in page


def test_rows_that_contradict_each_other_are_told(tmp_path: Path) -> None:
    path = write(tmp_path, "ann,p,,1,,", "ann,p,,2,,", "bob,p,,1,,", "bob,p,,1,,")
    with pytest.raises(GraderError, match="contradicts line 2"):
        read_overrides(path, STUDENTS, NO_ROSTER, CHECKS)


@pytest.mark.slow
def test_decisions_change_points_and_are_kept_through_regrades(tmp_path: Path) -> None:
    """The whole way: grade, decide, report, grade again."""
    classes, out = tmp_path / "class", tmp_path / "results"
    classes.mkdir()
    right = "def inv_differential(A, dA):\n    X = np.linalg.inv(A)\n    return -X @ dA @ X\n"
    (classes / "ann.py").write_text(f"import numpy as np\n{right.replace('-X', 'X')}")
    (classes / "bob.py").write_text(f"import numpy as np\n{right}")
    (tmp_path / "config.yaml").write_text(
        "course: C\nseed: 1\nassignments:\n  w: {title: W, problems: [inv-differential]}\n"
    )
    exercises = tmp_path / "exercises/inv-differential"
    exercises.mkdir(parents=True)
    (exercises / "problem.yaml").write_text(
        "title: T\nstatement: S\nsignature: inv_differential(A, dA)\nf: inv(A)\nask: differential\n"
        "inputs: {A: {shape: [n, n], family: [integer, generic]}}\n"
        "checks: [{check: shape, points: 1}, {check: reference, points: 5}, {check: taylor, points: 1}]\n"
    )
    grade = ("grade", str(classes), "-o", str(out), "--seed", "3")

    def scores() -> dict[str, float]:
        with (out / "grades.csv").open(encoding="utf-8") as file:
            return {row["student"]: float(row["score"]) for row in csv.DictReader(file)}

    assert run_grader(*grade, cwd=tmp_path).returncode == 0
    assert scores() == {"ann": 1, "bob": 7}

    write(
        out,
        "ann,inv-differential,reference,2,the idea is right,Ms Lee",
        "*,inv-differential,taylor,full,waived,",
    )
    reported = run_grader("report", str(out), cwd=tmp_path)
    assert reported.returncode == 0, reported.stderr
    assert scores() == {"ann": 4, "bob": 7}
    page = (out / "feedback/ann.html").read_text(encoding="utf-8")
    assert "the idea is right" in page
    assert "Ms Lee" in page

    again = run_grader(*grade, cwd=tmp_path)
    assert again.returncode == 0, again.stderr
    assert scores() == {"ann": 4, "bob": 7}
    (problem,) = json.loads((out / "results/ann.json").read_text(encoding="utf-8"))["problems"]
    assert {decision["check"] for decision in problem["decisions"]} == {"reference", "taylor"}

    write(out, "ann,inv-differential,,8,,")
    refused = run_grader("report", str(out), cwd=tmp_path)
    assert refused.returncode == 2
    assert "7 points" in refused.stderr

    (out / "overrides.csv").unlink()
    assert run_grader("report", str(out), cwd=tmp_path).returncode == 0
    assert scores() == {"ann": 1, "bob": 7}

    (tmp_path / "roster.csv").write_text("id,name,login\n1,Ann,ann\n2,Bob,bob\n3,Cyd C,cyd\n4,Dan,dan\n")
    write(out, "Cyd C,inv-differential,,5,on paper,Ms Lee")
    for command in (grade, ("report", str(out))):
        done = run_grader(*command, cwd=tmp_path)
        assert done.returncode == 0, done.stderr
        with (out / "grades.csv").open(encoding="utf-8") as file:
            rows = {row["student"]: row for row in csv.DictReader(file)}
        assert (rows["cyd"]["score"], rows["cyd"]["name"]) == ("5", "Cyd C")
        assert rows["dan"]["status"] == "not_submitted"
        assert "on paper" in (out / "feedback/cyd.html").read_text(encoding="utf-8")

    (out / "overrides.csv").unlink()
    assert run_grader("report", str(out), cwd=tmp_path).returncode == 0
    with (out / "grades.csv").open(encoding="utf-8") as file:
        assert {row["student"]: row["status"] for row in csv.DictReader(file)}["cyd"] == "not_submitted"


def test_a_report_without_decisions_is_left_alone() -> None:
    report = Report("ann", "w", "graded", 0, 0, "none", 1, {}, ())  # type: ignore[arg-type]
    assert override(report, ()) is report
