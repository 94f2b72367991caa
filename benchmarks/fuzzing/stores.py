"""Stores of results: bytes of the file, and values in its tables."""

from __future__ import annotations

import random
import shutil
import sqlite3
from contextlib import closing
from fractions import Fraction
from pathlib import Path
from typing import Any

from benchmarks.fuzzing.kind import Allowed, Read, mutate
from grader.core.files import RESULTS_FILE
from grader.grading.class_run import reopen_files
from grader.grading.packed_result import pack_result, unpack_report
from grader.grading.result_store import RunRecord, open_results
from grader.reports.report import Failure, ProblemReport, Report

RUN = RunRecord("hw1", "Homework", 7)
STUDENTS = 8
ODD: tuple[Any, ...] = (
    None,
    0,
    -1,
    2**62,
    1.5,
    float("nan"),
    "",
    "x",
    "\x00",
    "{",
    "[]",
    "é",
    "../../x",
    b"",
    b"\xff\x80",
    b"x" * 9000,
)
COLUMNS = {
    "run": ("assignment", "title", "seed", "sheet"),
    "seeds": ("assignment", "seed"),
    "roster": ("student", "key"),
    "results": ("key", "done", "summary", "report", "digest"),
    "files": ("path", "stamp", "size", "modified"),
}
STATEMENTS = (
    "DROP TABLE {table}",
    "DELETE FROM {table}",
    "ALTER TABLE {table} RENAME TO other",
    "CREATE TRIGGER t BEFORE INSERT ON {table} BEGIN SELECT RAISE(ABORT, 'no'); END",
    "PRAGMA user_version = 99",
    "PRAGMA user_version = 0",
    "PRAGMA application_id = 1",
    "PRAGMA journal_mode = DELETE",
    "ALTER TABLE {table} ADD COLUMN more",
    "INSERT OR REPLACE INTO {table} SELECT * FROM {table}",
)


def read_stores(folder: Path) -> Read:
    """Open each, make its class anew, read all reports, and write the files that are made from it alone."""
    whole = folder / "whole"
    _fill(whole)
    data = (whole / RESULTS_FILE).read_bytes()
    out = folder / "out"

    def read(draw: random.Random) -> bool:
        shutil.rmtree(out, ignore_errors=True)
        out.mkdir()
        path = out / RESULTS_FILE
        path.write_bytes(data)
        if draw.random() < 0.5:
            _change_values(draw, path)
        else:
            path.write_bytes(_mutate(draw, data))

        try:
            with open_results(out) as results:
                reports = [
                    unpack_report(results.packed_report(key)) for key in results.graded_students().values()
                ]
                assert len(reports) == len(list(results.summaries()))
                _, files = reopen_files(results, ("csv", "text"), None)
                files.refresh_students(1)
                files.write_class()
        except Allowed:
            return False
        with open_results(out) as results:
            results.begin(RUN, [(f"s{number}", f"k{number}") for number in range(STUDENTS)])
        return True

    return read


def _fill(folder: Path) -> None:
    with open_results(folder) as results:
        results.begin(RUN, [(f"s{number}", f"k{number}") for number in range(STUDENTS)])
        for number in range(STUDENTS):
            results.add(pack_result(f"k{number}", _report(f"s{number}")))


def _report(student: str) -> Report:
    wrong = Failure("raised", "f raised ValueError", "look at line 1", place="line 1", subject="f")
    problem = ProblemReport("p1", "f", "A problem", Fraction(1, 3), Fraction(2), "error", error=wrong)
    return Report(
        student, "hw1", "graded", problem.score, problem.max_score, "strong", 7, {"grader": "0"}, (problem,)
    )


def _mutate(draw: random.Random, data: bytes) -> bytes:
    """Change bytes in place, as a failing disk does, or as any file may be changed."""
    if draw.random() < 0.5:
        return mutate(draw, data)
    changed = bytearray(data)
    for _ in range(draw.choice((1, 3, 40, 2000))):
        changed[draw.randrange(len(changed))] = draw.randrange(256)
    return bytes(changed)


def _change_values(draw: random.Random, path: Path) -> None:
    with closing(sqlite3.connect(path)) as store, store:
        for _ in range(draw.choice((1, 1, 3))):
            table = draw.choice(list(COLUMNS))
            statement = draw.choice(STATEMENTS).format(table=table)
            values: tuple[Any, ...] = ()
            if draw.random() < 0.7:
                column = draw.choice(COLUMNS[table])
                some = f"SELECT rowid FROM {table} LIMIT 1 OFFSET {draw.randrange(3)}"
                statement = f"UPDATE {table} SET {column} = ? WHERE rowid IN ({some})"
                values = (draw.choice(ODD),)
            try:
                store.execute(statement, values)
            except (sqlite3.Error, UnicodeError):
                continue
