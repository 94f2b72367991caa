"""Autograders for Gradescope and PrairieLearn, run as in their containers, in a folder in place of their root."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from grader.core.errors import GraderError
from grader.platforms.gradescope import make_scripts, read_visibility, zip_files
from grader.platforms.packed_course import find_submitted_file, pack_program
from tests.cli.test_cli import RIGHT, run
from tests.conftest import ROOT
from tests.formats.test_formats import read_schema
from tests.running import PATIENCE

pytestmark = [pytest.mark.slow, pytest.mark.side_by_side]

TWO = """\
course: Matrix calculus
seed: {env: GRADER_SEED, default: 5}
assignments:
  ps1: {title: "First & <last>", problems: [{id: inv-differential, points: 4}]}
  ps2: {problems: [adjugate, det-gradient]}
"""


@pytest.fixture
def course(tmp_path: Path) -> Path:
    folder = tmp_path / "course"
    folder.mkdir()
    (folder / "config.yaml").write_text(TWO)
    for name in ("exercises", "solutions"):
        (folder / name).symlink_to(ROOT / name)
    return folder


def build(course: Path, *options: str) -> Path:
    result = run("gradescope", "build", "ps1", "-o", "autograder.zip", *options, cwd=course)
    assert result.returncode == 0, result.stderr
    root = course.parent / "autograder"
    with zipfile.ZipFile(course / "autograder.zip") as archive:
        for entry in archive.infolist():
            path = Path(archive.extract(entry, root / "source"))
            path.chmod(entry.external_attr >> 16)
    (root / "submission").mkdir()
    (root / "submission_metadata.json").write_text('{"users": [{"name": "Ada <b>"}, {"name": "Li"}]}')
    return root


def autograde(root: Path) -> subprocess.CompletedProcess[str]:
    """As Gradescope does, but with this Python in place of the one that setup.sh installs."""
    environment = {**os.environ, "AUTOGRADER_ROOT": str(root), "AUTOGRADER_PYTHON": sys.executable}
    return subprocess.run(
        [root / "source" / "run_autograder"], cwd=root, capture_output=True, text=True, timeout=PATIENCE, check=False,
        env=environment,
    )  # fmt: skip


def results(root: Path) -> Any:
    return json.loads((root / "results" / "results.json").read_text("utf-8"))


def test_the_zip_grades_a_submission_as_gradescope_would_run_it(course: Path) -> None:
    root = build(course, "--seed", "12", "--visibility", "after_due_date", "--visibility", "shape=visible")
    (root / "submission" / "mine.py").write_text(RIGHT.replace("-X", "X"))
    done = autograde(root)
    assert done.returncode == 0, done.stderr
    data = results(root)
    jsonschema.validate(data, read_schema("gradescope"))
    assert (data["extra_data"]["seed"], data["extra_data"]["max_score"], data["score"]) == (12, 4, 1.2)
    assert data["extra_data"]["verdicts"] == {"inv-differential": "wrong"}
    assert "exactly minus" in json.dumps(data) or "the sign" in json.dumps(data)  # the solutions came along
    seen = {test["name"]: test["visibility"] for test in data["tests"]}
    assert (
        seen["inv_differential: shape"] == "visible"
        and seen["inv_differential: reference"] == "after_due_date"
    )
    assert "inv_differential is wrong" in done.stdout  # for the instructor


def test_the_zip_holds_one_assignment_the_program_and_no_more(course: Path) -> None:
    root = build(course)
    names = {
        path.relative_to(root / "source").as_posix()
        for path in (root / "source").rglob("*")
        if path.is_file()
    }
    assert {"setup.sh", "run_autograder", "requirements.txt", "settings.json", "course/config.yaml"} <= names
    assert (
        "package/grader/cli/app.py" in names and "package/grader/formats/html/templates/student.html" in names
    )
    assert "course/solutions/inv-differential/reference.py" in names
    assert not any("adjugate" in name or "__pycache__" in name or "sample_class" in name for name in names)
    config = yaml.safe_load((root / "source" / "course" / "config.yaml").read_text())
    assert list(config["assignments"]) == ["ps1"] and config["seed"] == 5
    for script in ("setup.sh", "run_autograder"):
        assert os.access(root / "source" / script, os.X_OK)
        subprocess.run(["bash", "-n", root / "source" / script], check=True)


def test_a_seed_is_drawn_once_and_kept_in_the_zip(course: Path) -> None:
    root = build(course)
    seed = json.loads((root / "source" / "settings.json").read_text())["seed"]
    (root / "submission" / "mine.py").write_text(RIGHT)
    for _ in range(2):
        assert autograde(root).returncode == 0
        assert results(root)["extra_data"]["seed"] == seed != 5


def test_where_code_is_not_confined_the_solutions_stay_at_home(course: Path) -> None:
    root = build(course, "--trust-submissions")
    assert not (root / "source" / "course" / "solutions").exists()
    (root / "submission" / "mine.py").write_text(RIGHT)
    assert autograde(root).returncode == 0
    assert results(root)["score"] == 4


@pytest.mark.parametrize("damage", ["settings.json", "course/config.yaml"])
def test_without_a_score_there_is_no_file_of_results(course: Path, damage: str) -> None:
    root = build(course)
    (root / "submission" / "mine.py").write_text(RIGHT)
    (root / "source" / damage).write_text("{")
    done = autograde(root)
    assert done.returncode == 2 and done.stderr.startswith("Error: ")
    assert not (root / "results").exists()


@pytest.mark.parametrize(
    ("files", "said"),
    [
        ({}, "holds no .py or .ipynb file"),
        ({"a.py": RIGHT, "b.py": RIGHT}, "several files to choose from"),
        ({"a.py": "def ("}, "is not valid Python"),
    ],
)
def test_what_cannot_be_graded_gets_a_sentence_and_no_points(
    course: Path, files: dict[str, str], said: str
) -> None:
    root = build(course)
    for name, text in files.items():
        (root / "submission" / name).write_text(text)
    assert autograde(root).returncode == 0
    data = results(root)
    jsonschema.validate(data, read_schema("gradescope"))
    assert data["score"] == 0 and said in data["output"]


def test_of_several_files_the_one_named_after_the_assignment_is_taken(tmp_path: Path) -> None:
    (tmp_path / "inner").mkdir()
    (tmp_path / "inner" / "ps1.py").write_text(RIGHT)
    (tmp_path / "helper.py").write_text("x = 1")
    (tmp_path / ".hidden.py").write_text("x = 1")
    assert find_submitted_file(tmp_path, "ps1", "ada").data.decode() == RIGHT
    assert find_submitted_file(tmp_path, "ps2", "ada").fault is not None


def test_a_link_out_of_the_submission_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "submission").mkdir()
    (tmp_path / "secret.py").write_text("secret = 1")
    (tmp_path / "submission" / "answers.py").symlink_to(tmp_path / "secret.py")
    found = find_submitted_file(tmp_path / "submission", "ps1", "ada")
    assert found.data == b"" and found.fault is not None and "is a link" in found.fault.message


def test_the_zip_depends_on_its_files_alone() -> None:
    files = {**make_scripts(), "a/b.txt": b"text"}
    assert zip_files(files) == zip_files(dict(reversed(files.items())))
    with zipfile.ZipFile(io.BytesIO(zip_files(files))) as archive:
        modes = {entry.filename: entry.external_attr >> 16 for entry in archive.infolist()}
    assert modes == {"a/b.txt": 0o644, "run_autograder": 0o755, "setup.sh": 0o755}


def test_what_the_program_needs_is_pinned() -> None:
    lines = pack_program()["requirements.txt"].decode().splitlines()
    assert lines and all("==" in line or ">=" in line for line in lines)
    assert not any("nbgrader" in line or "distributed" in line for line in lines)


def test_visibility_is_for_all_or_for_one_check() -> None:
    assert read_visibility(["hidden", "shape=visible"], ["shape"]) == {"all": "hidden", "shape": "visible"}
    for text, words in (("hiden", "did you mean 'hidden'?"), ("shap=visible", "did you mean 'shape'?")):
        with pytest.raises(GraderError, match=words.replace("?", r"\?")):
            read_visibility([text], ["shape", "reference"])


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["gradescope", "build", "ps3"], "There is no assignment 'ps3'"),
        (["gradescope", "build", "ps1", "-o", "config.yaml/x.zip"], "Cannot write config.yaml/x.zip"),
        (["gradescope", "build", "ps1", "--visibility", "seen"], "There is no visibility 'seen'"),
        (["gradescope", "run", "--root", "nowhere"], "cannot be read"),
        (["prairielearn", "build", "ps1", "-o", "."], "already exists"),
    ],
)
def test_a_mistake_is_told_in_words(course: Path, arguments: list[str], words: str) -> None:
    result = run(*arguments, cwd=course)
    assert result.returncode == 2
    assert words in " ".join(result.stderr.split()) and "Traceback" not in result.stderr


def prairielearn(course: Path, *options: str) -> Path:
    result = run("prairielearn", "build", "ps1", "-o", "question", "--seed", "3", *options, cwd=course)
    assert result.returncode == 0, result.stderr
    root = course.parent / "grade"
    root.mkdir()
    (course / "question" / "tests").rename(root / "tests")
    (root / "student").mkdir()
    return root


def test_a_question_of_prairielearn_grades_what_was_handed_in(course: Path) -> None:
    root = prairielearn(course)
    (root / "student" / "answers.py").write_text(RIGHT.replace("-X", "X"))
    done = run("prairielearn", "run", "--root", root, cwd=root)
    assert done.returncode == 0, done.stderr
    data = results(root)
    jsonschema.validate(data, read_schema("prairielearn"))
    assert data["score"] == 0.3 and data["gradable"] is True
    assert {test["name"] for test in data["tests"]} >= {
        "inv_differential: shape",
        "inv_differential: reference",
    }
    (root / "student" / "answers.py").write_text("def (")
    run("prairielearn", "run", "--root", root, cwd=root)
    assert results(root)["gradable"] is False


def test_trouble_of_the_graders_own_costs_no_attempt_in_prairielearn(course: Path) -> None:
    root = prairielearn(course)
    (root / "tests" / "settings.json").unlink()
    done = run("prairielearn", "run", "--root", root, cwd=root)
    assert done.returncode == 0
    data = results(root)
    jsonschema.validate(data, read_schema("prairielearn"))
    assert data["gradable"] is False and "not your answer" in data["format_errors"][0]


def test_a_question_names_its_image_and_entry_point(course: Path) -> None:
    prairielearn(course, "--image", "example/grader:1")
    info = json.loads((course / "question" / "info.json").read_text())
    options = info["externalGradingOptions"]
    assert (options["image"], options["entrypoint"]) == ("example/grader:1", "/grade/tests/run.sh")
    assert info["title"] == "First & <last>"
    assert "First &amp; &lt;last&gt;" in (course / "question" / "question.html").read_text()
    assert os.access(course.parent / "grade" / "tests" / "run.sh", os.X_OK)
