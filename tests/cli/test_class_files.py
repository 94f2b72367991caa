"""`grader grade` with what lies beside a class: a roster and extensions; guesses are said, or refused."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest

from tests.answers.packing import as_folder, as_zip
from tests.conftest import MINIMAL
from tests.grading.class_of_25 import RIGHT
from tests.running import run_grader

pytestmark = [pytest.mark.slow, pytest.mark.side_by_side]

CLASS = {
    "lovelaceada_LATE_11_1_answers.py": RIGHT,
    "byteroberta_LATE_12_2_answers.py": RIGHT,
    "cellcyd_13_3_answers.py": RIGHT,
    "cellcyd_13_4_notes.py": "x = 1",
    "strangr_15_5_answers.py": RIGHT,
}
CANVAS = """\
Student,ID,SIS User ID,SIS Login ID,Section,hw1 (7)
    Points Possible,,,,,2
"Lovelace, Ada",11,u11,ada,A,
"Byte, Roberta",12,u12,bob,A,
"Cell, Cyd",13,u13,cyd,A,
"Stranger, Eve",14,u14,eve,A,
"Student, Test",99,,test,A,
"""


@pytest.fixture
def home(tmp_path: Path) -> Path:
    folder = tmp_path / "course" / "exercises" / "square-gradient"
    folder.mkdir(parents=True)
    (folder / "problem.yaml").write_text(MINIMAL)
    assignment = "{due: 2026-10-02, penalty: 25% per day, problems: [square-gradient]}"
    (tmp_path / "course" / "config.yaml").write_text(f"course: C\nassignments: {{hw1: {assignment}}}\n")
    as_zip(tmp_path / "download", CLASS)
    (tmp_path / "roster.csv").write_text(CANVAS)
    (tmp_path / "course" / "extensions.csv").write_text("student,due\nRoberta Byte,2026-10-09\n")
    return tmp_path


def test_strict_refuses_guesses_and_lists_them(home: Path) -> None:
    done = run_grader("grade", "download.zip", "--course", "course", "-o", "out", "--strict", cwd=home)
    assert done.returncode == 2 and not (home / "out" / "grades.csv").exists()
    assert "cellcyd_13_3_answers.py is graded, not cellcyd_13_4_notes.py" in done.stderr


def test_files_beside_a_class_are_found_and_what_they_say_is_in_every_export(home: Path) -> None:
    formats = [word for name in ("json", "csv", "canvas", "class") for word in ("-f", name)]
    command = ("grade", "download.zip", "--course", "course", "-o", "out", "--trust-submissions", *formats)
    done = run_grader(*command, cwd=home)
    assert done.returncode == 0, done.stderr
    (guessed,) = (line for line in done.stdout.splitlines() if line.startswith("Guessed (2;"))
    assert "cellcyd_13_3_answers.py is graded, not cellcyd_13_4_notes.py" in guessed
    assert "Late (1): Lovelace, Ada (ada): 1 day late" in done.stdout
    assert "Did not submit (1): Stranger, Eve (eve)" in done.stdout
    assert "Not on the roster (1): strangr_15; is it Stranger, Eve (eve)?" in done.stdout

    table = (home / "out" / "grades.csv").read_text().splitlines()
    rows = {row["login"]: row for row in csv.DictReader(table)}
    assert {login: row["score"] for login, row in rows.items()} == {
        "ada": "1.5",
        "bob": "2",
        "cyd": "2",
        "eve": "",
        "": "2",
    }
    canvas = (home / "out" / "canvas.csv").read_text().splitlines()
    assert '"Lovelace, Ada",11,,ada,A,1.5' in canvas
    report = json.loads((home / "out" / "results" / "lovelaceada_11.json").read_text())
    assert (report["score"], report["raw_score"], report["lateness"]["days"]) == (1.5, 2, 1)

    again = run_grader("report", home / "out", "-f", "csv", cwd=home)
    assert again.returncode == 0 and (home / "out" / "grades.csv").read_text().splitlines() == table


def test_two_files_of_one_person_are_told_with_what_the_tables_hold_and_what_to_do(home: Path) -> None:
    folder = as_folder(home / "files", {"ada.py": RIGHT, "Lovelace Ada.py": RIGHT, "bob.py": RIGHT})
    formats = ("-f", "csv", "-f", "class")
    command = ("grade", folder, "--course", "course", "-o", "out", "--trust-submissions", *formats)
    done = run_grader(*command, cwd=home)
    told = done.stdout.split("One person, several submissions (1): ")[1].splitlines()
    assert told[0] == "Lovelace, Ada (ada): Lovelace Ada, ada"
    assert "has a row of its own in every table" in told[1] and "keep one file of each person" in told[1]

    rows = list(csv.DictReader((home / "out" / "grades.csv").read_text().splitlines()))
    assert [row["student"] for row in rows if row["login"] == "ada"] == ["Lovelace Ada", "ada"]
    assert (home / "out" / "class.html").read_text().count("keep one file of each person") == 1

    (folder / "Lovelace Ada.py").unlink()
    again = run_grader(*command, cwd=home)
    assert "several submissions" not in again.stdout
    rows = list(csv.DictReader((home / "out" / "grades.csv").read_text().splitlines()))
    assert [row["student"] for row in rows if row["login"] == "ada"] == ["ada"]
