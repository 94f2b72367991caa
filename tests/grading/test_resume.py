"""Nothing is lost and nothing is done twice: a class that is killed, resumed, changed, or graded by two at once."""

from __future__ import annotations

import io
import json
import os
import random
import re
import signal
import sqlite3
import subprocess
import sys
import time
import webbrowser
from contextlib import closing
from pathlib import Path

import pytest
from rich.console import Console

from grader.cli.instructor import report_class
from grader.core.errors import GraderError
from grader.core.files import RESULTS_FILE
from grader.grading.result_store import open_results
from tests.conftest import MINIMAL, ROOT
from tests.running import PATIENCE, run_grader

pytestmark = [pytest.mark.slow, pytest.mark.side_by_side]

PROBLEM = MINIMAL.replace("checks:\n", "checks:\n  - {check: shape, points: 1}\n")
RIGHT = "def square_gradient(A):\n    return 2 * A.T\n"
WRONG = "def square_gradient(A):\n    return 2 * A\n"
BROKEN = "def square_gradient(A:\n"


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A course with one quick problem, and a class of 12."""
    folder = tmp_path / "exercises" / "square-gradient"
    folder.mkdir(parents=True)
    (folder / "problem.yaml").write_text(PROBLEM)
    (tmp_path / "config.yaml").write_text(
        "course: A course\nassignments: {hw1: {problems: [square-gradient]}}\n"
    )
    (tmp_path / "class").mkdir()
    for number in range(12):
        text = (RIGHT, WRONG, BROKEN, RIGHT)[number % 4]
        (tmp_path / "class" / f"s{number:02}.py").write_text(f"# {number}\n{text}")
    return tmp_path


def command(*arguments: str | Path) -> list[str]:
    return [sys.executable, "-m", "grader", *map(str, arguments)]


def environment() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(ROOT), "COLUMNS": "200", "NO_COLOR": "1"}


def run(home: Path, *arguments: str | Path, code: int = 0) -> str:
    """What a command says, on both streams."""
    done = run_grader(*arguments, cwd=home)
    assert done.returncode == code, done.stdout + done.stderr
    assert "Traceback" not in done.stdout + done.stderr
    return done.stdout + done.stderr


def grade(home: Path, *options: str | Path, out: str = "out", code: int = 0) -> str:
    return run(home, "grade", "class", "-o", out, "--jobs", "1", *options, code=code)


def files(folder: Path) -> dict[str, str]:
    """All results, without times."""
    found = {}
    for path in sorted(folder.rglob("*")):
        if path.suffix == ".json":
            report = json.loads(path.read_text())
            for problem in report["problems"]:
                problem["seconds"] = 0
            found[str(path.relative_to(folder))] = json.dumps(report)
        elif path.suffix in (".csv", ".html", ".txt"):
            found[str(path.relative_to(folder))] = re.sub(r'data-v="[^"]*">[^<]*<', "<", path.read_text())
    return found


def written(folder: Path) -> dict[str, int]:
    return {
        str(path): path.stat().st_mtime_ns
        for path in folder.rglob("*.*")
        if path.suffix in (".json", ".html", ".csv")
    }


def test_a_second_run_grades_and_writes_nothing_and_says_so(home: Path) -> None:
    first = grade(home)
    before, at = files(home / "out"), written(home / "out")
    second = grade(home)
    assert "graded 12 of 12" in first and "drawn for this run" in first
    assert (
        "12 graded already, 0 to grade" in second
        and "as before" in second
        and "graded 12 of 12" not in second
    )
    assert files(home / "out") == before and written(home / "out") == at
    assert len(before) == 2 * 12 + 3


def test_only_what_changed_is_graded_again(home: Path) -> None:
    grade(home)
    (home / "class" / "s01.py").write_text(RIGHT)
    (home / "class" / "new.py").write_text(WRONG)
    assert "11 graded already, 2 to grade" in grade(home)
    report = json.loads((home / "out/results/s01.json").read_text())
    assert report["score"] == report["max_score"] == 3


def test_a_changed_problem_makes_all_graded_again(home: Path) -> None:
    grade(home)
    path = home / "exercises/square-gradient/problem.yaml"
    path.write_text(path.read_text().replace("points: 2", "points: 5"))
    said = grade(home)
    assert "graded 12 of 12" in said and "graded already" not in said and "as before" in said
    assert json.loads((home / "out/results/s00.json").read_text())["max_score"] == 6


def test_another_seed_grades_again_and_going_back_does_not(home: Path) -> None:
    grade(home, "--seed", "1")
    one = files(home / "out")
    assert "graded 12 of 12" in grade(home, "--seed", "2")
    assert "seed 2, as before" in grade(home)
    assert "12 graded already" in grade(home, "--seed", "1")
    assert files(home / "out") == one


def test_files_that_are_missing_or_stale_are_written_again_from_the_store(home: Path) -> None:
    grade(home)
    before = files(home / "out")
    (home / "out/results/s00.json").unlink()
    (home / "out/feedback/s01.html").write_text("scribbled")
    (home / "out/grades.csv").unlink()
    assert "0 to grade" in grade(home)
    assert files(home / "out") == before


def test_report_writes_every_file_anew_without_course_or_submissions(home: Path) -> None:
    grade(home, "--format", "csv")
    assert set(files(home / "out")) == {"grades.csv"}
    (home / "class").rename(home / "elsewhere")
    (home / "config.yaml").unlink()
    (home / "out/grades.csv").unlink()
    said = run(home, "report", "out")
    assert "12 results" in said and "s00" in said
    assert len(files(home / "out")) == 2 * 12 + 3
    page = home / "out/results/s00.json"
    right, at = page.read_text(), page.stat()
    page.write_text(right.replace('"score": 3', '"score": 9'))
    os.utime(page, ns=(at.st_atime_ns, at.st_mtime_ns))
    run(home, "report", "out")
    assert page.read_text() == right
    run(home, "report", "out", "--format", "text")
    assert (home / "out/feedback/s00.txt").is_file()


def test_the_class_page_is_opened_in_the_browser_even_if_another_format_was_asked_for(home: Path) -> None:
    grade(home, "--format", "csv")
    (home / "browser").write_text('#!/bin/sh\nprintf %s "$1" > "$(dirname "$0")/opened"\n')
    (home / "browser").chmod(0o755)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("BROWSER", f"{home / 'browser'} %s")
        run(home, "report", "out", "--format", "csv", "--open")
    assert (home / "opened").read_text() == (home / "out/class.html").resolve().as_uri()
    assert (home / "out/class.html").is_file() and not (home / "out/feedback").exists()


def test_where_there_is_no_browser_the_page_is_written_and_named(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    grade(home, "--format", "csv")
    monkeypatch.setattr(webbrowser, "open", lambda url: False)
    with pytest.raises(
        GraderError, match=r"Everything is written, but no browser .* open .*class.html yourself"
    ):
        report_class(Console(file=io.StringIO()), home / "out", None, show=True)
    assert (home / "out/class.html").is_file()


def test_report_of_nothing_is_told_in_words(home: Path) -> None:
    assert "There are no results in out" in run(home, "report", "out", code=2)
    assert not (home / "out").exists()
    assert "did you mean" in run(home, "report", "out", "--format", "htm", code=2)


def test_who_is_no_longer_in_the_class_is_left_out_but_not_forgotten(home: Path) -> None:
    grade(home)
    (home / "class" / "s03.py").rename(home / "s03.py")
    assert "11 graded already, 0 to grade" in grade(home)
    assert "s03" not in (home / "out/grades.csv").read_text() + (home / "out/class.html").read_text()
    assert (home / "out/results/s03.json").exists()
    (home / "s03.py").rename(home / "class" / "s03.py")
    assert "12 graded already, 0 to grade" in grade(home)
    assert "s03" in (home / "out/grades.csv").read_text()


def test_what_the_grader_failed_on_is_tried_again(home: Path) -> None:
    grade(home)
    with closing(sqlite3.connect(home / "out" / RESULTS_FILE)) as store, store:
        store.execute(
            "UPDATE results SET done = 0 WHERE key = (SELECT key FROM roster WHERE student = 's05')"
        )
    assert "11 graded already, 1 to grade" in grade(home)
    assert "12 graded already" in grade(home)


def kill_after(home: Path, out: str, seconds: float, results: int) -> None:
    """Start grading and kill it so many seconds after there are so many results."""
    with subprocess.Popen(
        command("grade", "class", "-o", out, "--seed", "7", "--jobs", "2"),
        cwd=home, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=environment(),
    ) as process:  # fmt: skip
        while process.poll() is None and count_results(home / out) < results:
            time.sleep(0.005)
        time.sleep(seconds)
        process.kill()


def count_results(out: Path) -> int:
    try:
        with closing(sqlite3.connect(f"file:{out / RESULTS_FILE}?mode=ro", uri=True)) as store, store:
            return int(store.execute("SELECT count(*) FROM results").fetchone()[0])
    except sqlite3.Error:
        return 0


def test_a_class_killed_at_any_moment_comes_out_as_if_it_had_not_been(home: Path) -> None:
    grade(home, "--seed", "7", out="undisturbed")
    draw = random.Random(4)
    for wanted in (0, 1, 4, 7, 10):
        kill_after(home, "out", draw.uniform(0, 0.05), wanted)
        kept = count_results(home / "out")
        assert kept >= wanted
    assert f"{kept} graded already" in grade(home, "--seed", "7") or kept == 0
    assert files(home / "out") == files(home / "undisturbed")
    assert not list((home / "out").rglob("*.tmp"))


def test_ctrl_c_keeps_what_is_done_and_leaves_a_table_of_it(home: Path) -> None:
    endless = [home / "class" / f"zz{number}.py" for number in range(20)]
    for path in endless:  # each takes a second, so that the class is not done before it is interrupted
        path.write_text(f"# {path.stem}\ndef square_gradient(A):\n    while True: pass\n")
    process = subprocess.Popen(
        command("grade", "class", "-o", "out", "--seed", "7", "--jobs", "1"),
        cwd=home, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=environment(),
    )  # fmt: skip
    while process.poll() is None and count_results(home / "out") < 2:
        time.sleep(0.005)
    process.send_signal(signal.SIGINT)
    said, _ = process.communicate(timeout=PATIENCE)
    assert process.returncode == 130
    assert "are graded and kept; the same command grades the rest" in said and "Traceback" not in said
    assert "not graded yet" in said and "s00" in (home / "out/grades.csv").read_text()
    for path in endless:
        path.unlink()
    assert "graded already" in grade(home, "--seed", "7")
    assert len((home / "out/grades.csv").read_text().splitlines()) == 13


def test_a_second_grader_in_the_same_folder_is_refused_and_told_who_is_there(home: Path) -> None:
    with open_results(home / "out"):
        for said in (grade(home, code=2), run(home, "report", "out", code=2)):
            assert f"Another grader (process {os.getpid()} on " in said
    grade(home)


def test_of_two_graders_started_at_once_one_is_refused_and_the_other_unharmed(home: Path) -> None:
    both = [
        subprocess.Popen(
            command("grade", "class", "-o", "out", "--seed", "7"),
            cwd=home, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=environment(),
        )
        for _ in range(2)
    ]  # fmt: skip
    said = [process.communicate(timeout=PATIENCE)[0] for process in both]
    codes = sorted(process.returncode for process in both)
    assert codes in ([0, 2], [0, 0]), said
    assert codes == [0, 0] or any("Another grader" in text for text in said)
    grade(home, "--seed", "7", out="undisturbed")
    assert files(home / "out") == files(home / "undisturbed")
