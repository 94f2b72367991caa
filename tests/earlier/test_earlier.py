"""What an earlier version wrote is read by this one: stores, gradebooks, notebooks, releases and packed courses."""

from __future__ import annotations

import json
import os
import re
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from html import unescape
from pathlib import Path
from typing import Any

import pytest

from grader.problems.course import load_course
from grader.truths.cache import TruthCache
from tests.conftest import ROOT
from tests.earlier.conftest import Unpack
from tests.earlier.make_files import FORMATS, LISTED, PROBLEMS, RIGHT, SEED, write_code
from tests.running import PATIENCE, run_cells, run_grader

pytestmark = [pytest.mark.slow, pytest.mark.side_by_side]

REWORDED: dict[str, str] = {
    "✓ right · ✗ not": "✓ right · ≈ loses digits · ✗ not",
    "any right not yet right": "any right loses digits not yet right",
    "See it again on your machine": "Check it on your machine",
    "Seed 7; isolation:": "Isolation:",
    "--seed 7": "",
    "not there yet": "not answered yet",
    "commonest": "most common",
    "belong together": "are grouped",
    "if they are off by the same numbers in the same cases": "if they have the same errors in the same cases",
    "whatever the code looks like": "even if the code looks different",
    "Shares and means leave out only what the grader itself failed on or could not decide; a file that": "A file that",
    "What L misses falls faster than ‖dA‖ does": "This remainder falls faster than ‖dA‖",
    "from the start: L is not": "from the start, so L is not",
    "– 0 could not be graded": "– 0 0 of 24 could not be graded",
    "is close, no more": "is close, but not exact",
    "Mend line": "Fix line",
    "repeats itself": "returns the same result each time",
    "leaves its arguments alone": "does not modify its inputs",
}
"""Sentences that formats say otherwise since: earlier → now."""
SCORES = {"ada": 24, "ben": 18.2, "cem": 4.2, "dee": 0, "eva": 0, "fay": 24, "gil": 18.2}
STUDENTS = sorted(SCORES)


_ADDED = re.compile(r"(?:\w+: (?:does|is) [^?]*\? ?)+More: grader explain \w+ |─+")
"""What formats say besides since then: titles of checks in words; and rules, as long as their table is wide."""

_TASK = (
    "Write each answer where `raise NotImplementedError()` stands.",
    "Write each answer in place of `raise NotImplementedError()`.",
)
"""The first sentence of a notebook, earlier and now; nothing else of it may change."""
_LEFT_OUT = " Where the grader failed or could not decide, the student is left out of shares and means."
_OFF = re.compile(r"Off by (\S+) where (\S+) is allowed")
_NEW = (
    '<p class="soft">Mean, median and histogram.*?</p>',
    '<p class="small"><a [^>]*>Go through all answers.*?</p>',
    "<summary>How this was graded</summary>",
    r"<p>seed \d+; isolation.*?</p>",
)
"""Parts of pages that there were not."""


def words(text: str) -> list[str]:
    """The words of a page: without markup, styles and the places where lines break."""
    text = re.sub(r"<details[^>]*><summary>In plain words.*?</details>", " ", text, flags=re.DOTALL)
    text = re.sub("|".join(_NEW), " ", text, flags=re.DOTALL)
    text = re.sub(r"<(style|script|svg)\b.*?</\1>|<[^>]*>", " ", text, flags=re.DOTALL)
    text = " ".join(unescape(text).split()).replace(_LEFT_OUT, "")
    for earlier, now in REWORDED.items():
        text = text.replace(earlier, now)
    text = _OFF.sub(r"The error is \1, and \2 is allowed", text)
    return _ADDED.sub("", text).split()


def lost(earlier: Any, now: Any, path: str = "") -> Iterator[str]:
    """Where JSON of today lacks something that the earlier one says, or says something else."""
    if isinstance(earlier, dict) and isinstance(now, dict):
        for key, value in earlier.items():
            yield from lost(value, now[key], f"{path}.{key}") if key in now else [f"{path}.{key}"]
    elif isinstance(earlier, list) and isinstance(now, list) and len(earlier) == len(now):
        for index, pair in enumerate(zip(earlier, now, strict=True)):
            yield from lost(*pair, f"{path}[{index}]")
    elif isinstance(earlier, str) and isinstance(now, str):
        if words(earlier) != words(now):
            yield f"{path}: {earlier!r}, now {now!r}"
    elif earlier != now or type(earlier) is not type(now):
        yield f"{path}: {earlier!r}, now {now!r}"


def stable(value: Any) -> Any:
    """JSON of a report without times, versions and digits that another processor may compute otherwise."""
    if isinstance(value, dict):
        dropped = {"seconds", "versions", "isolation", "numbers", "residual"}
        dropped |= {"h", "distance", "yours", "right", "bends_at"} if "slope_yours" in value else set()
        return {key: stable(item) for key, item in value.items() if key not in dropped}
    if isinstance(value, list):
        return [stable(item) for item in value]
    return float(f"{value:.3g}") if isinstance(value, float) else value


_DRAWN = {"counterexample", "remainder", "message", "reproduce"}
"""What a report says of the cases that were drawn; other cases are drawn since."""


def decided(value: Any) -> Any:
    """JSON of a report without what depends on the cases drawn, but with the names of its fields."""
    if isinstance(value, dict):
        return {key: key if key in _DRAWN else decided(item) for key, item in value.items()}
    return [decided(item) for item in value] if isinstance(value, list) else value


def read_json(path: Path) -> Any:
    return json.loads(path.read_text("utf-8"))


def scores_in(results: Path) -> dict[str, float]:
    return {student: read_json(results / "results" / f"{student}.json")["score"] for student in STUDENTS}


class TestResultsFolder:
    def test_its_files_are_written_anew_from_the_store_and_say_the_same(self, unpack: Unpack) -> None:
        earlier = unpack("results")
        now = earlier.parent / "now"
        now.mkdir()
        shutil.copy(earlier / "results.sqlite", now)
        formats = [word for name in FORMATS for word in ("-f", name)]
        done = run_grader("report", str(now), *formats, cwd=now)
        assert done.returncode == 0, done.stderr

        paths = [path for path in earlier.rglob("*.*") if path.suffix != ".sqlite" and path.name != ".lock"]
        assert len(paths) == 7 * 7 + 3
        for path in paths:
            again = now / path.relative_to(earlier)
            if path.suffix == ".json":
                assert not list(lost(read_json(path), read_json(again))), path
            else:
                assert words(path.read_text("utf-8")) == words(again.read_text("utf-8")), path

    def test_grading_goes_on_with_its_seed_and_solutions_and_grades_everything_once(
        self, unpack: Unpack
    ) -> None:
        results = unpack("course", "class", "results")
        command = ("grade", "class", "-o", "results", "--course", "course", "-j", "1")
        earlier = {student: read_json(results / "results" / f"{student}.json") for student in STUDENTS}

        done = run_grader(*command, cwd=results.parent)
        assert done.returncode == 0, done.stderr
        assert scores_in(results) == SCORES
        for student in STUDENTS:
            report = read_json(results / "results" / f"{student}.json")
            assert report["seed"] == int(SEED)
            assert not list(lost(decided(stable(earlier[student])), decided(stable(report))))
        assert "Worked solution" in (results / "feedback" / "ben.html").read_text("utf-8")

        done = run_grader(*command, cwd=results.parent)
        assert "7 graded already, 0 to grade" in done.stdout + done.stderr

    @pytest.mark.parametrize("name", ["cem.py", "dee.py", "gil.ipynb"])
    def test_a_check_says_as_json_what_it_said(self, unpack: Unpack, name: str) -> None:
        folder = unpack("course", "class", "checks").parent
        options = ("--course", "course", "--seed", SEED, "--json")
        done = run_grader("check", f"class/{name}", *options, cwd=folder)
        earlier = read_json(folder / "checks" / f"{Path(name).stem}.json")
        assert not list(lost(decided(stable(earlier)), decided(stable(json.loads(done.stdout)))))


class TestReleasedFolder:
    @pytest.fixture
    def folder(self, unpack: Unpack) -> Path:
        folder = unpack("course", "released")
        (folder / "answers.py").write_text(write_code(LISTED), "utf-8")
        return folder

    def test_answers_are_checked_in_it(self, folder: Path) -> None:
        done = run_grader("check", "answers.py", "--json", cwd=folder)
        assert done.returncode == 1, done.stderr
        report = json.loads(done.stdout)
        assert (report["assignment"], report["max_score"]) == ("ps1", 24)
        assert [problem["verdict"] for problem in report["problems"]] == ["wrong"] * 3

    def test_pytest_finds_its_problems(self, folder: Path) -> None:
        command = [sys.executable, "-m", "pytest", "-p", "grader.platforms.pytest_plugin", "-q"]
        done = subprocess.run(
            [*command, "-p", "no:cacheprovider"],
            cwd=folder,
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
            env={**os.environ, "PYTHONPATH": str(ROOT), "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},
        )
        assert done.returncode == 1, done.stdout + done.stderr
        assert "of 24 points" in done.stdout

    def test_it_is_released_anew_unless_something_in_it_was_changed(self, folder: Path) -> None:
        command = ("release", "ps1", "--course", "course", "-o", "released")
        assert run_grader(*command, cwd=folder.parent).returncode == 2

        (folder / "answers.py").unlink()
        done = run_grader(*command, cwd=folder.parent)
        assert done.returncode == 0, done.stderr
        assert "raise NotImplementedError" in (folder / "answers.py").read_text("utf-8")


class TestPackedCourse:
    def grade(self, root: Path, place: str, folder: str, command: str) -> Any:
        shutil.move(root, root.parent / "packed")
        place_of_answers = root / folder
        place_of_answers.mkdir(parents=True)
        shutil.move(root.parent / "packed" / ("tests" if place == "tests" else "."), root / place)
        (place_of_answers / "answers.py").write_text(write_code(LISTED), "utf-8")
        done = run_grader(command, "run", "--root", str(root), cwd=root)
        assert done.returncode == 0, done.stderr
        return read_json(root / "results" / "results.json")

    def test_gradescope_grades_with_its_settings(self, unpack: Unpack) -> None:
        results = self.grade(unpack("gradescope"), "source", "submission", "gradescope")
        assert results["score"] == SCORES["ben"]
        assert results["extra_data"]["seed"] == int(SEED)

    def test_prairielearn_grades_with_its_settings(self, unpack: Unpack) -> None:
        results = self.grade(unpack("prairielearn"), "tests", "student", "prairielearn")
        assert results["gradable"] is True
        assert results["score"] == pytest.approx(SCORES["ben"] / 24, abs=1e-4)


class TestNbgraderCourse:
    @pytest.fixture(autouse=True)
    def commands_of_this_python(self, monkeypatch: pytest.MonkeyPatch) -> None:
        pytest.importorskip("nbgrader", reason="the extra nbgrader is not installed")
        monkeypatch.setenv("PATH", f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")

    def test_it_is_graded_again_and_what_a_person_decided_is_kept(self, unpack: Unpack) -> None:
        folder = unpack("course", "nbgrader")
        earlier = gradebook(folder)
        assert len(earlier) == 12
        assert earlier["ben", "inv-differential-check"][1:] == (3, 1, "Only the sign.")

        done = run_grader("nbgrader", "autograde", "ps1", "-j", "1", cwd=folder)
        assert done.returncode == 0, done.stderr
        assert "graded 4 of 4" in done.stdout
        assert gradebook(folder) == earlier

        done = run_grader("nbgrader", "autograde", "ps1", "-j", "1", cwd=folder)
        assert "4 graded already, 0 to grade" in done.stdout
        done = run_grader("nbgrader", "feedback", "ps1", cwd=folder)
        assert done.returncode == 0, done.stderr
        (page,) = (folder / "feedback" / "ben" / "ps1").glob("*.html")
        assert "Only the sign." in page.read_text("utf-8")

    def test_its_notebook_is_written_as_it_was(self, unpack: Unpack) -> None:
        """Other cells, ids or versions would part submissions from the release they were made from."""
        folder = unpack("course", "nbgrader")
        earlier = (folder / "source" / "ps1" / "ps1.ipynb").read_text("utf-8")
        assert _TASK[0] in earlier
        (folder / "source" / "ps1" / "ps1.ipynb").unlink()
        done = run_grader(
            "nbgrader", "source", "ps1", "--course", ".", "--problems", "../course", "--force", cwd=folder
        )
        assert done.returncode == 0, done.stderr
        now = (folder / "source" / "ps1" / "ps1.ipynb").read_text("utf-8")
        assert now == earlier.replace(*_TASK)


def gradebook(folder: Path) -> dict[tuple[str, str], tuple[Any, ...]]:
    """Student and test cell → points by the grader, by a person, extra, and the person's comment on the answer."""
    query = """
        SELECT s.student_id, c.name, g.auto_score, g.manual_score, g.extra_credit, k.manual_comment
        FROM grade g JOIN base_cell c ON c.id = g.cell_id
        JOIN submitted_notebook n ON n.id = g.notebook_id
        JOIN submitted_assignment s ON s.id = n.assignment_id
        LEFT JOIN base_cell a ON a.name || '-check' = c.name
        LEFT JOIN comment k ON k.cell_id = a.id AND k.notebook_id = n.id
    """
    with closing(sqlite3.connect(folder / "gradebook.db")) as database:
        return {(student, cell): tuple(rest) for student, cell, *rest in database.execute(query)}


@pytest.mark.parametrize(("name", "answers"), [("fay", RIGHT), ("gil", LISTED)])
def test_checks_in_a_students_notebook_run(unpack: Unpack, name: str, answers: dict[str, str]) -> None:
    import nbformat

    folder = unpack("class", "course")
    notebook = nbformat.read(folder.parent / "class" / f"{name}.ipynb", as_version=4)
    done = run_cells(notebook, folder)
    shown = [str(cell.outputs) for cell in done.cells if cell.id.endswith("-check")]
    assert len(shown) == len(PROBLEMS)
    for text in shown:
        assert ("is wrong" in text) == (answers is LISTED)


def test_truths_of_the_earlier_version_are_computed_anew(unpack: Unpack) -> None:
    folder = unpack("course", "truths")
    earlier = sorted(folder.glob("*.truths"))
    problem = load_course(folder.parent / "course").problems["inv-differential"]
    cache = TruthCache(folder)
    assert not cache.holds(problem, int(SEED), 12)

    expected = cache.find(problem, int(SEED), 12)
    (written,) = set(folder.glob("*.truths")) - set(earlier)
    for path in earlier:  # as if it had the name of today
        shutil.copy(path, written)
        assert repr(cache.find(problem, int(SEED), 12)) == repr(expected)
