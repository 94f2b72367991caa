"""The store of results: exact, and refused in words where it cannot be used."""

from __future__ import annotations

import errno
import os
import random
import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from datetime import datetime
from fractions import Fraction
from pathlib import Path

import pytest

from grader.answers.sandbox import Sandbox
from grader.answers.submission import read_submission
from grader.core.errors import GraderError
from grader.core.files import RESULTS_FILE
from grader.grading import result_files as outputs
from grader.grading.grade import Grader
from grader.grading.packed_result import pack_result, unpack_report
from grader.grading.prepare import PreparedAssignment
from grader.grading.result_files import DEFAULT_FORMATS, make_result_files
from grader.grading.result_store import RunRecord, Stamp, open_results
from grader.reports.assignment import for_students
from grader.reports.report import Report
from grader.reports.serialize import read_exact, shorten, to_exact_json
from tests.conftest import ROOT
from tests.report_factory import make_finding, make_full_report, make_problem, make_report

RUN = RunRecord("hw1", "Homework", 7)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["transposes.py", "finite-differences.py", "raises.py", "syntax-error.py"])
def test_a_graded_report_comes_back_exactly(exam: PreparedAssignment, name: str) -> None:
    with Sandbox(exam.limits, exam.libraries) as sandbox:
        report = Grader(exam, sandbox).grade(read_submission(ROOT / "grader" / "sample_class" / name))
    assert unpack_report(pack_result("key", report).report) == report


@pytest.mark.parametrize(
    "report",
    [
        make_full_report(),
        make_report(make_problem(score=Fraction(7, 3), max_score=Fraction(10**20, 7))),
        make_report(student="Zoë \ud800 \x1b[31m", output="\x00\u202e"),
        make_report(make_problem(findings=(make_finding(numbers={"error_in_tolerances": float("inf")}),))),
        make_report(),
    ],
)
def test_points_numbers_and_odd_texts_come_back_exactly(report: Report) -> None:
    assert read_exact(Report, to_exact_json(report)) == report


def test_points_are_kept_as_fractions_not_as_rounded_numbers() -> None:
    assert '"score":"7/3"' in to_exact_json(make_report(make_problem(score=Fraction(7, 3))))


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", "null", "7", '{"score": "1/0"}', '{"student": "a"}', "[" * 5000]
)
def test_what_is_no_report_is_a_value_error(text: str) -> None:
    with pytest.raises(ValueError):
        read_exact(Report, text)


def test_a_summary_is_small_and_has_what_the_views_of_a_class_show() -> None:
    report = make_full_report()
    short = shorten(report)
    assert len(to_exact_json(short)) < len(to_exact_json(report)) / 2
    assert [(p.id, p.verdict, p.score, p.diagnosis) for p in short.problems] == [
        (p.id, p.verdict, p.score, p.diagnosis) for p in report.problems
    ]


def test_the_class_is_the_roster_and_its_results_are_sorted(tmp_path: Path) -> None:
    with open_results(tmp_path) as results:
        results.begin(RUN, [("zoe", "k1"), ("ada", "k2"), ("eve", "k3")])
        assert results.waiting() == {"ada", "eve", "zoe"}
        for key, student in (("k1", "zoe"), ("k2", "ada"), ("k9", "old")):
            results.add(pack_result(key, make_report(make_problem(), student=student)))
    with open_results(tmp_path, create=False) as results:
        assert results.run == RUN and results.seed("hw1") == 7 and results.seed("hw2") is None
        assert results.waiting() == {"eve"}
        assert list(results.graded_students().items()) == [("ada", "k2"), ("zoe", "k1")]
        assert [report.student for report in results.summaries()] == ["ada", "zoe"]


def test_a_failure_of_the_grader_is_kept_but_not_done(tmp_path: Path) -> None:
    with open_results(tmp_path) as results:
        results.begin(RUN, [("ada", "k1"), ("bob", "k2")])
        results.add(pack_result("k1", make_report(make_problem(), student="ada", status="grader_error")))
        results.add(pack_result("k2", make_report(make_problem("grader_error"), student="bob")))
        assert results.waiting() == {"ada", "bob"}
        assert set(results.graded_students()) == {"ada", "bob"}


def test_a_roster_that_cannot_be_read_to_its_end_leaves_the_old_one(tmp_path: Path) -> None:
    def breaks_off() -> object:
        yield "bob", "k2"
        raise KeyboardInterrupt

    with open_results(tmp_path) as results:
        results.begin(RUN, [("ada", "k1")])
        with pytest.raises(KeyboardInterrupt):
            results.begin(replace(RUN, seed=8), breaks_off())  # type: ignore[arg-type]
        assert results.waiting() == {"ada"} and results.seed("hw1") == 7


def foreign(path: Path) -> None:
    with closing(sqlite3.connect(path)) as store, store:
        store.execute("CREATE TABLE results (key TEXT)")


def newer(path: Path) -> None:
    with open_results(path.parent):
        pass
    with closing(sqlite3.connect(path)) as store, store:
        store.execute("PRAGMA user_version = 99")


def truncated(path: Path) -> None:
    with open_results(path.parent) as results:
        results.begin(RUN, [("ada", "k")])
        results.add(pack_result("k", make_full_report(student="ada")))
    path.write_bytes(path.read_bytes()[: 3 * 4096])


def scribbled(path: Path) -> None:
    with open_results(path.parent) as results:
        results.begin(RUN, [("ada", "k")])
        results.add(pack_result("k", make_report(make_problem(), student="ada")))
    data = bytearray(path.read_bytes())
    data[4096:] = os.urandom(len(data) - 4096)
    path.write_bytes(data)


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (lambda path: path.write_bytes(b"no database " * 1000), "is damaged, or not a file of results"),
        (foreign, "belongs to another program"),
        (newer, "was written by another version of grader"),
        (lambda path: path.symlink_to("elsewhere"), "is not a regular file"),
        (lambda path: path.mkdir(), "is not a regular file"),
    ],
)
def test_a_file_that_is_no_store_of_ours_is_refused_and_left_alone(
    tmp_path: Path, spoil: Callable[[Path], object], words: str
) -> None:
    spoil(tmp_path / RESULTS_FILE)
    before = (tmp_path / RESULTS_FILE).read_bytes() if (tmp_path / RESULTS_FILE).is_file() else b""
    with pytest.raises(GraderError, match=words), open_results(tmp_path) as results:
        results.begin(RUN, [("ada", "k")])
        list(results.summaries())
        results.packed_report("k")
    assert before == ((tmp_path / RESULTS_FILE).read_bytes() if (tmp_path / RESULTS_FILE).is_file() else b"")


@pytest.mark.parametrize("spoil", [truncated, scribbled])
def test_a_file_that_cannot_be_read_in_part_is_put_aside_and_work_goes_on(
    tmp_path: Path, spoil: Callable[[Path], object]
) -> None:
    spoil(tmp_path / RESULTS_FILE)
    before = (tmp_path / RESULTS_FILE).read_bytes()
    with open_results(tmp_path) as results:
        assert "was damaged" in results.repaired
        results.begin(RUN, [("ada", "k")])
        results.add(pack_result("k", make_report(make_problem(), student="ada")))
    assert (tmp_path / f"{RESULTS_FILE}.damaged-1").read_bytes() == before
    with open_results(tmp_path) as results:
        assert results.repaired == "" and list(results.graded_students()) == ["ada"]


def fill(folder: Path, students: int = 40) -> None:
    with open_results(folder) as results:
        results.begin(RUN, [(f"s{k:02}", f"k{k}") for k in range(students)])
        for k in range(students):
            results.add(pack_result(f"k{k}", make_report(make_problem(), student=f"s{k:02}")))
            results.stamp({f"feedback/s{k:02}.html": Stamp(f"k{k}", 1, 2)})


DAMAGE = (
    "UPDATE results SET report = x'00ff' WHERE key = 'k3'",
    "UPDATE results SET report = 'text' WHERE key = 'k3'",
    "UPDATE results SET summary = '{' WHERE key = 'k3'",
    "UPDATE results SET summary = CAST(x'ff80' AS TEXT) WHERE key = 'k3'",
    "UPDATE results SET done = 'maybe' WHERE key = 'k3'",
    "UPDATE results SET digest = x'00' WHERE key = 'k3'",
)


@pytest.mark.parametrize("damage", DAMAGE)
def test_a_damaged_result_is_dropped_named_and_graded_again_and_the_others_are_kept(
    tmp_path: Path, damage: str
) -> None:
    fill(tmp_path)
    with closing(sqlite3.connect(tmp_path / RESULTS_FILE)) as store, store:
        store.execute(damage)
    with open_results(tmp_path) as results:
        assert "1 result (s03)" in results.repaired
        assert results.waiting() == {"s03"} and len(list(results.summaries())) == 39


@pytest.mark.parametrize(
    "damage",
    [
        "UPDATE run SET seed = 'seven'",
        "UPDATE run SET seed = -1",
        "UPDATE run SET sheet = '{'",
        "UPDATE run SET title = CAST(x'ff' AS TEXT)",
        "UPDATE files SET size = 'large', modified = x'00'",
        "UPDATE seeds SET seed = 1.5",
        "UPDATE roster SET student = x'ff00' WHERE student = 's03'",
        "DELETE FROM run",
        "DELETE FROM files",
    ],
)
def test_other_damage_costs_no_result(tmp_path: Path, damage: str) -> None:
    fill(tmp_path)
    with closing(sqlite3.connect(tmp_path / RESULTS_FILE)) as store, store:
        store.execute(damage)
    with open_results(tmp_path) as results:
        assert results.seed("hw1") in (7, None) and isinstance(results.stamps(), dict)
        assert results.run is None or results.run.seed == 7
        results.begin(RUN, [(f"s{k:02}", f"k{k}") for k in range(40)])
        assert results.waiting() == set()


def test_wherever_bytes_of_a_store_are_changed_it_opens_or_says_in_a_line_why_not(tmp_path: Path) -> None:
    fill(tmp_path / "whole", 12)
    data = (tmp_path / "whole" / RESULTS_FILE).read_bytes()
    rng = random.Random(5)
    kept = refused = 0
    for number in range(60):
        spoiled = bytearray(data)
        for _ in range(rng.choice((1, 3, 40))):
            spoiled[rng.randrange(len(spoiled))] = rng.randrange(256)
        if number % 3 == 0:
            del spoiled[rng.randrange(100, len(spoiled)) :]
        folder = tmp_path / str(number)
        folder.mkdir()
        (folder / RESULTS_FILE).write_bytes(spoiled)
        try:
            with open_results(folder) as results:
                results.begin(RUN, [(f"s{k:02}", f"k{k}") for k in range(12)])
                reports = [
                    unpack_report(results.packed_report(key)) for key in results.graded_students().values()
                ]
                assert len(reports) == len(list(results.summaries()))
                assert len(results.waiting()) == 12 - len(reports)
                kept += len(reports)
        except GraderError as error:
            assert "\n" not in str(error)
            refused += 1
    assert kept > 300 and refused < 20


def test_what_a_killed_run_has_left_of_files_is_removed_by_the_next(tmp_path: Path) -> None:
    fill(tmp_path, 1)
    left = [tmp_path / ".grader-ab12-34.tmp", tmp_path / "feedback" / ".grader-ab12-56.tmp"]
    (tmp_path / "feedback").mkdir()
    for path in left:
        path.write_text("half a fi")
    half_a_folder = tmp_path / ".grader-cd34-78.tmp"
    half_a_folder.mkdir()
    (half_a_folder / "file").write_text("one of many")
    with open_results(tmp_path):
        assert not any(path.exists() for path in (*left, half_a_folder))


def test_a_full_disk_is_told_in_words_and_what_was_kept_is_safe(tmp_path: Path) -> None:
    with pytest.raises(GraderError, match=r"Cannot write to .*full; what is in it is safe"):  # noqa: SIM117
        with open_results(tmp_path) as results:
            results.begin(RUN, [(f"s{k}", f"k{k}") for k in range(100)])
            results.add(pack_result("k0", make_report(student="s0")))
            results._connection.execute("PRAGMA max_page_count = 40")
            for k in range(1, 100):
                noise = os.urandom(20_000).hex()
                results.add(pack_result(f"k{k}", make_report(student=f"s{k}", output=noise)))
    with open_results(tmp_path) as results:
        assert 0 < len(results.graded_students()) < 100


def test_a_folder_that_cannot_be_written_to_is_told_in_words(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(GraderError, match="Cannot write to"), open_results(tmp_path / "file" / "out"):
        pass

    def refuse(*arguments: object, **options: object) -> int:
        raise OSError(errno.EROFS, os.strerror(errno.EROFS))

    monkeypatch.setattr(os, "open", refuse)
    with pytest.raises(GraderError, match="Read-only file system"), open_results(tmp_path / "out"):
        pass


def test_a_full_disk_under_the_files_is_told_in_words(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(path: Path, data: bytes) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(outputs, "write_file", refuse)
    with open_results(tmp_path) as results, pytest.raises(GraderError, match="No space left"):
        make_result_files(results, ("json",)).write({"results/ada.json": b"{}"}, "key")


def test_an_error_of_another_kind_is_not_taken_for_the_stores(tmp_path: Path) -> None:
    for error in (ValueError("a bug"), OSError("a bug"), KeyboardInterrupt()):
        with pytest.raises(type(error)), open_results(tmp_path):
            raise error


def test_a_store_that_version_5d53f95_wrote_is_read_and_gives_the_same_table(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / RESULTS_FILE)) as store:
        store.executescript((Path(__file__).parent / "store_of_5d53f95.sql").read_text("utf-8"))
    with open_results(tmp_path, create=False) as results:
        run = results.run
        assert run is not None and (run.assignment, run.seed, results.seed("hw1")) == ("hw1", 7, 7)
        assert run.published.by_id["square-gradient"].statement == "Return the gradient."
        assert for_students(run.published, datetime.now().astimezone()) == run.published

        assert not results.waiting() and len(results.stamps()) == 10
        reports = {
            student: unpack_report(results.packed_report(key))
            for student, key in results.graded_students().items()
        }
        assert [report.problems[0].verdict for report in reports.values()] == [
            "right",
            "wrong",
            "missing",
            "error",
        ]
        assert [report.score for report in results.summaries()] == [2, 0, 0, 0]
        diagnosis = reports["bob"].problems[0].diagnosis
        assert diagnosis is not None and diagnosis.kind == "relation" and "transpose" in diagnosis.message

        files = make_result_files(results, DEFAULT_FORMATS, run.published)
        files.refresh_students(1)
        files.write_class()
    grades = (tmp_path / "grades.csv").read_text().splitlines()
    assert grades[1:3] == ["ada,hw1,2,2,2,graded", "bob,hw1,0,0,2,graded"]
    assert "transpose" in (tmp_path / "feedback" / "bob.html").read_text()


def test_files_are_fresh_by_what_is_in_a_result_and_not_by_its_key(tmp_path: Path) -> None:
    failed = make_report(make_problem("grader_error"), student="ada")
    with open_results(tmp_path) as results:
        results.begin(RUN, [("ada", "k")])
        results.add(pack_result("k", failed))
        files = make_result_files(results, DEFAULT_FORMATS)
        files.refresh_students(1)
        files.write_class()
        before = {path: (tmp_path / path).read_bytes() for path in results.stamps()}
        results.add(pack_result("k", make_report(make_problem(), student="ada")))
        files.refresh_students(1)
        files.write_class()
        assert before.keys() >= {"grades.csv", "class.html", "results/ada.json"}
        assert {path for path, data in before.items() if (tmp_path / path).read_bytes() == data} == set()
