"""`pytest` in a folder of exercises: our words as failures, points for gradebooks, and nothing anywhere else."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import tomllib
from pathlib import Path
from xml.etree import ElementTree as Xml

import pytest
import yaml

from grader.authoring.release import write_release
from grader.problems.course import Course
from tests.conftest import ROOT
from tests.running import run_module

pytestmark = [pytest.mark.slow, pytest.mark.side_by_side]

IDS = ("inv-differential", "adjugate", "det-gradient")
CONFIG = "course: Matrix calculus\nassignments:\n  ps1: {problems: [" + ", ".join(IDS) + "]}\n"
ANSWERS = """\
import numpy as np

with open("runs.txt", "a") as file:
    file.write("run ")

def inv_differential(A, dA):
    X = np.linalg.inv(A)
    return X @ dA @ X

def adjugate(A):
    return np.linalg.det(A) * np.linalg.inv(A)
"""
SIMPLE = ANSWERS.replace('with open("runs.txt", "a") as file:\n    file.write("run ")\n', 'print("once")\n')


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The shape of a released folder."""
    for id in IDS:
        shutil.copytree(ROOT / "exercises" / id, tmp_path / "exercises" / id)
    (tmp_path / "config.yaml").write_text(CONFIG)
    (tmp_path / "answers.py").write_text(SIMPLE)
    return tmp_path


def run(folder: Path, *options: str, afresh: bool = False) -> subprocess.CompletedProcess[str]:
    given = {"PYTHONPATH": str(ROOT), "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "COLUMNS": "120"}
    plugins = ("-p", "grader.platforms.pytest_plugin", "-p", "no:cacheprovider")
    return run_module(
        "pytest", *plugins, *options, cwd=folder, environment={**os.environ, **given}, afresh=afresh
    )


def test_every_check_is_a_test_and_fails_with_our_words(folder: Path) -> None:
    result = run(folder, "-v")
    assert result.returncode == 1, result.stdout + result.stderr
    for line in (
        "exercises/inv-differential/problem.yaml::shape PASSED",
        "exercises/inv-differential/problem.yaml::reference FAILED",
        "exercises/inv-differential/problem.yaml::finite_difference SKIPPED",
        "exercises/adjugate/problem.yaml::reference (singular A) FAILED",
        "exercises/det-gradient/problem.yaml::shape FAILED",
    ):
        assert line in result.stdout
    assert "inv_differential is wrong: you returned exactly minus the right answer." in result.stdout
    assert "    →   you: ⎡" in result.stdout and "10⁻¹⁶ │" in result.stdout
    assert "det_gradient is missing: there is no function det_gradient." in result.stdout
    assert "frechet-grader: 10 of 30 points" in result.stdout
    for noise in ("Traceback", "pytest_plugin.py", "CheckFailed", ".py:"):
        assert noise not in result.stdout
    assert result.stdout.count("inv_differential is wrong") == 2  # its failure, and pytest's summary
    assert "Again: grader check answers.py --problem inv-differential --seed 0" in result.stdout


def test_each_problem_fails_once_in_the_order_of_the_assignment(folder: Path) -> None:
    lines = run(folder, "-v").stdout.splitlines()
    failed = [line.split("/")[1] for line in lines if line.startswith("exercises/") and " FAILED" in line]
    assert failed == ["inv-differential", "adjugate", "det-gradient"]
    chosen = run(folder, "exercises/inv-differential/problem.yaml::taylor")
    assert chosen.returncode == 1 and "inv_differential is wrong" in chosen.stdout


def test_a_right_problem_is_green_and_alone_when_chosen(folder: Path) -> None:
    (folder / "answers.py").write_text(SIMPLE.replace("X @ dA @ X", "-X @ dA @ X"))
    result = run(folder, "-q", "exercises/inv-differential")
    assert result.returncode == 0, result.stdout
    assert "7 passed" in result.stdout and "10 of 10 points" in result.stdout


def test_points_are_in_the_junit_file(folder: Path) -> None:
    run(folder, "--junitxml=out.xml")
    cases = list(Xml.parse(folder / "out.xml").iter("testcase"))
    points = {
        (case.get("classname"), case.get("name")): {
            p.get("name"): p.get("value") for p in case.iter("property")
        }
        for case in cases
    }
    assert points["exercises.inv-differential.problem.yaml", "reference"] == {
        "verdict": "wrong", "points": "0", "max_points": "5",
    }  # fmt: skip
    assert sum(float(said["max_points"] or 0) for said in points.values()) == 30
    said = [failure.text or "" for case in cases for failure in case.iter("failure")]
    assert any("exactly minus the right answer" in text for text in said)
    assert said and "Traceback" not in "".join(said)


def test_the_names_of_functions_are_written_as_they_are(folder: Path) -> None:
    (folder / "answers.py").write_text(
        "import numpy as np\n\ndef adjugate(A):\n    if np.linalg.matrix_rank(A) < len(A):\n"
        "        raise np.linalg.LinAlgError('Singular matrix')\n    return np.linalg.det(A) * np.linalg.inv(A)\n"
    )
    said = run(folder, "exercises/adjugate").stdout
    assert "\nadjugate " in said and "raised LinAlgError: Singular matrix" in said
    assert "Adjugate" not in said


def test_the_submission_is_run_once_for_all_its_checks(folder: Path) -> None:
    """Counted by the only one who can: the sandbox starts one process for each run of a file."""
    (folder / "conftest.py").write_text(
        "from grader.grading.checker import Checker\n"
        "check, runs = Checker.check, []\n"
        "Checker.check = lambda self, file: runs.append(file) or check(self, file)\n"
        "def pytest_terminal_summary(terminalreporter):\n"
        "    terminalreporter.write_line(f'runs: {len(runs)}')\n"
    )
    assert "runs: 1\n" in run(folder).stdout


def test_the_submission_runs_in_the_sandbox(folder: Path) -> None:
    (folder / "answers.py").write_text(ANSWERS)
    run(folder)
    assert not (folder / "runs.txt").exists()


def test_a_broken_file_fails_every_check_in_a_sentence(folder: Path) -> None:
    (folder / "answers.py").write_text("def inv_differential(A, dA:\n")
    result = run(folder)
    assert result.returncode == 1
    assert "answers.py is not valid Python" in result.stdout and "0 of 30 points" in result.stdout
    assert "Traceback" not in result.stdout and " passed" not in result.stdout


def test_workers_of_xdist_find_the_same(folder: Path) -> None:
    result = run(folder, "-p", "xdist", "-n", "2")
    alone = run(folder)
    assert "10 of 30 points" in result.stdout, result.stdout
    assert _counts(result.stdout) == _counts(alone.stdout)


def _counts(shown: str) -> str:
    return shown.splitlines()[-1].split(" in ")[0].strip("= ")


def test_the_workflow_for_github_writes_the_points_into_its_summary(folder: Path) -> None:
    page = (ROOT / "docs" / "formats.md").read_text("utf-8")
    (block,) = re.findall(r"^```yaml\n(name: Check\n.*?)^```", page, re.M | re.S)
    steps = yaml.safe_load(block)["jobs"]["check"]["steps"]
    (command,) = [step["run"] for step in steps if step.get("run", "").startswith("pytest")]
    summary = folder / "summary.md"
    run(folder, *command.replace('"$GITHUB_STEP_SUMMARY"', str(summary)).split()[1:])
    lines = summary.read_text("utf-8").splitlines()
    assert lines[0] == "### 10 of 30 points"
    assert [line.split(" | ")[0] for line in lines[4:]] == [
        "| adjugate",
        "| det-gradient",
        "| inv-differential",
    ]
    assert (folder / "results.xml").is_file()


def test_another_file_can_be_named(folder: Path) -> None:
    (folder / "answers.py").rename(folder / "mine.py")
    assert "no tests ran" in run(folder).stdout
    assert "10 of 30 points" in run(folder, "--grader-submission", "mine.py").stdout
    (folder / "pytest.ini").write_text("[pytest]\ngrader_submission = mine.py\ngrader_seed = 12\n")
    found = run(folder)
    assert "grader check mine.py --problem adjugate --seed 12" in found.stdout


def test_a_named_file_that_is_not_there_is_told_in_words(folder: Path) -> None:
    result = run(folder, "--grader-submission", "nowhere.py")
    assert result.returncode == 1
    assert "There is no file nowhere.py" in result.stdout and "Traceback" not in result.stdout


def test_a_notebook_is_found_too(folder: Path) -> None:
    cell: dict[str, object] = {
        "cell_type": "code",
        "source": SIMPLE,
        "metadata": {},
        "outputs": [],
        "execution_count": None,
    }
    (folder / "answers.py").unlink()
    notebook = {"cells": [cell], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
    (folder / "answers.ipynb").write_text(json.dumps(notebook))
    assert "10 of 30 points" in run(folder).stdout


def test_in_a_released_folder_the_file_that_is_worked_on_counts(tmp_path: Path, course: Course) -> None:
    write_release(course, course.assignment("lecture05"), tmp_path / "ps")
    folder = tmp_path / "ps"
    assert "of 80 points" in run(folder).stdout
    notebook = folder / "answers.ipynb"
    data = json.loads(notebook.read_text("utf-8"))
    for cell in data["cells"]:
        if cell["cell_type"] == "code" and "def inv_differential" in "".join(cell["source"]):
            cell["source"] = SIMPLE.replace("X @ dA @ X", "-X @ dA @ X")
    notebook.write_text(json.dumps(data), "utf-8")
    found = run(folder, "exercises/inv-differential").stdout
    assert "10 of 10 points" in found
    (folder / "answers.py").write_text(SIMPLE)
    found = run(folder, "exercises/inv-differential").stdout
    assert "3 of 10 points" in found and "grader check answers.py" in found


def test_an_authors_faults_are_told_with_their_lines(folder: Path) -> None:
    path = folder / "exercises" / "adjugate" / "problem.yaml"
    path.write_text(path.read_text("utf-8").replace("ask: ", "ask: x"), "utf-8")
    result = run(folder)
    assert "unknown ask" in result.stdout and "line " in result.stdout
    assert "Traceback" not in result.stdout


def test_a_faulty_problem_fails_and_stops_no_other_test(folder: Path) -> None:
    (folder / "answers.py").write_text(SIMPLE.replace("X @ dA @ X", "-X @ dA @ X"))
    (folder / "exercises" / "adjugate" / "problem.yaml").write_text("title: [")
    result = run(folder, "-v")
    assert "exercises/adjugate/problem.yaml::problem.yaml FAILED" in result.stdout
    assert "exercises/inv-differential/problem.yaml::reference PASSED" in result.stdout


def test_the_courses_own_checkout_is_left_alone(folder: Path) -> None:
    (folder / "answers.py").unlink()
    (folder / "test_own.py").write_text("def test_own():\n    assert True\n")
    result = run(folder, "-v")
    assert "test_own.py::test_own PASSED" in result.stdout and "1 passed" in result.stdout
    assert "points" not in result.stdout


def test_elsewhere_nothing_of_the_grader_is_loaded(tmp_path: Path) -> None:
    (tmp_path / "exercises" / "a").mkdir(parents=True)
    (tmp_path / "exercises" / "a" / "problem.yaml").write_text("not: ours\n")
    (tmp_path / "answers.py").write_text("")
    (tmp_path / "problem.yaml").write_text("not: ours\n")
    (tmp_path / "test_own.py").write_text(
        "import sys\n\ndef test_own():\n"
        "    ours = {name for name in sys.modules if name.split('.')[0] in ('grader', 'numpy', 'rich', 'yaml')}\n"
        "    names = ('grader', 'grader.core', 'grader.core.version', 'grader.platforms')\n"
        "    assert ours == {*names, 'grader.platforms.pytest_plugin'}\n"
    )
    result = run(tmp_path, "-W", "error", afresh=True)
    assert result.returncode == 0, result.stdout
    assert "1 passed" in result.stdout


def test_the_plugin_is_declared_for_everyone_who_installs_the_package() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    assert project["entry-points"]["pytest11"] == {"frechet-grader": "grader.platforms.pytest_plugin"}


@pytest.mark.parametrize("config", ["x: 1\n", "- [\n", "course: ours?\n# assignments: none\n"])
def test_files_of_the_same_names_in_another_project_are_left_alone(tmp_path: Path, config: str) -> None:
    (tmp_path / "exercises" / "x").mkdir(parents=True)
    (tmp_path / "exercises" / "x" / "problem.yaml").write_text("foo: bar\n")
    (tmp_path / "config.yaml").write_text(config)
    (tmp_path / "answers.py").write_text("raise SystemExit\n")
    (tmp_path / "test_theirs.py").write_text("def test_theirs(): pass\n")
    done = run(tmp_path)
    assert done.returncode == 0 and "1 passed" in done.stdout, done.stdout
