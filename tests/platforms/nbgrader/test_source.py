"""`grader nbgrader source`: what nbgrader itself makes of it, with its own commands and in real kernels."""

from __future__ import annotations

import ast
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import nbformat
import pytest
import yaml

pytest.importorskip("nbgrader", reason="the extra nbgrader is not installed")

from grader.answers.sandbox import Limits, Sandbox
from grader.answers.submission import SubmittedFile, parse_submission
from grader.authoring.question_notebook import problem_version
from grader.core.errors import GraderError
from grader.grading.grade import Grader
from grader.grading.prepare import prepare
from grader.platforms.nbgrader.kept_seed import choose_assignment_seed
from grader.platforms.nbgrader.solution_cell import BEGIN, END, solution_cell
from grader.platforms.nbgrader.source import source_notebook, write_source
from grader.problems.course import Course, load_course
from grader.truths.cache import user_cache
from tests.conftest import ROOT
from tests.running import run_cells, run_grader, run_module

pytestmark = pytest.mark.nbgrader

# A reference of one function, one with a constant beside it, and one that calls itself and imports more.
PROBLEMS = ("inv-differential", "frechet-ratio", "matrix-power-differential")


def run_nbgrader(*arguments: str, course: Path) -> subprocess.CompletedProcess[str]:
    """nbgrader's own command, with no configuration but the course's."""
    own = {
        name: str(course.parent / "jupyter" / name.lower()) for name in ("JUPYTER_CONFIG_DIR", "IPYTHONDIR")
    }
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "JUPYTER_PLATFORM_DIRS": "1", **own}
    return run_module("nbgrader", *arguments, cwd=course, environment=environment)


@pytest.fixture(scope="module")
def problems(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A course of a few problems, with points of its own."""
    folder = tmp_path_factory.mktemp("problems")
    for part in ("exercises", "solutions"):
        for id in PROBLEMS:
            shutil.copytree(ROOT / part / id, folder / part / id)
    listed = [{"id": PROBLEMS[0], "points": 2.5}, *PROBLEMS[1:]]
    config = {"course": "Calculus of 'matrices'", "seed": 3, "assignments": {"week1": {"problems": listed}}}
    (folder / "config.yaml").write_text(yaml.safe_dump(config))
    return folder


@pytest.fixture(scope="module")
def released(problems: Path) -> Path:
    """An nbgrader course inside the folder of the problems, after `nbgrader generate_assignment`."""
    course = problems / "nb"
    written = run_grader("nbgrader", "source", "week1", "--course", "nb", cwd=problems)
    assert written.returncode == 0, written.stderr
    made = run_nbgrader("generate_assignment", "week1", course=course)
    assert made.returncode == 0, made.stderr
    return course


def read(path: Path) -> Any:
    notebook = nbformat.read(path, as_version=4)
    nbformat.validate(notebook)
    return notebook


def source_of(course: Path) -> Any:
    return read(course / "source" / "week1" / "week1.ipynb")


def release_of(course: Path) -> Any:
    return read(course / "release" / "week1" / "week1.ipynb")


def test_cells_have_nbgraders_metadata_and_nothing_else(released: Path) -> None:
    from nbgrader.nbgraderformat import MetadataValidator

    notebook = source_of(released)
    MetadataValidator().validate_nb(notebook)
    marked = [cell.metadata.get("nbgrader") for cell in notebook.cells]
    assert marked[:2] == [None, None]
    for id, points, (nothing, answer, test) in zip(
        PROBLEMS, (2.5, 10, 10), zip(marked[2::3], marked[3::3], marked[4::3], strict=True), strict=True
    ):
        usual = {"schema_version": 3, "task": False}
        assert nothing is None
        assert answer == {**usual, "grade_id": id, "solution": True, "grade": False, "locked": False}
        assert test == {
            **usual, "grade_id": f"{id}-check", "solution": False, "grade": True, "locked": True, "points": points
        }  # fmt: skip


def test_the_notebook_says_what_it_was_made_from(released: Path, problems: Path) -> None:
    known = load_course(problems).problems
    versions = {id: problem_version(known[id]) for id in PROBLEMS}
    for notebook in (source_of(released), release_of(released)):
        assert notebook.metadata["frechet_grader"] == {"assignment": "week1", "problems": versions}


def test_students_get_the_stub_and_nothing_between_the_marks(released: Path) -> None:
    cells = {cell.id: cell.source for cell in release_of(released).cells}
    assert cells["inv-differential"].endswith('"""\n    # YOUR CODE HERE\n    raise NotImplementedError()')
    assert cells["inv-differential-check"] == (
        'from grader import check\n\ncheck("inv-differential", inv_differential).show().points'
    )
    shown = "\n".join(path.read_text() for path in (released / "release").rglob("*") if path.is_file())
    for id in PROBLEMS:
        for line in (ROOT / "solutions" / id / "reference.py").read_text(encoding="utf-8").splitlines():
            line = line.strip()
            if len(line) > 20 and not line.startswith(("def ", "import ", "from ", '"""')):
                assert line not in shown
    assert BEGIN not in shown and END not in shown


def test_ids_of_cells_stay_what_they_are(released: Path) -> None:
    wanted = ["opening", "setup"]
    wanted += [name for id in PROBLEMS for name in (f"{id}-statement", id, f"{id}-check")]
    assert [cell.id for cell in source_of(released).cells] == wanted
    assert [cell.id for cell in release_of(released).cells] == wanted


def test_students_get_the_public_files_and_can_check_with_them(released: Path) -> None:
    folder = released / "release" / "week1"
    course = load_course(folder)
    assert course.seed == 3 and tuple(course.assignment("week1").points) == PROBLEMS
    result = run_grader("check", "week1.ipynb", "--json", cwd=folder)
    report = json.loads(result.stdout)
    assert report["error"] is None
    assert {item["verdict"] for item in report["problems"]} == {"missing"}


def test_the_source_passes_nbgraders_validation_and_the_stubs_fail_it(released: Path) -> None:
    passed = run_nbgrader("validate", "source/week1/week1.ipynb", course=released)
    assert "Success! Your notebook passes all the tests." in passed.stdout + passed.stderr, passed.stderr
    failed = run_nbgrader("validate", "release/week1/week1.ipynb", course=released)
    assert "VALIDATION FAILED ON 3 CELL(S)!" in failed.stdout + failed.stderr


@pytest.fixture(scope="module")
def answered(released: Path) -> Any:
    """What students gave, run in a kernel: right; noisy and wrong; nothing."""
    notebook = release_of(released)
    cells = {cell.id: cell for cell in notebook.cells}
    cells[PROBLEMS[0]].source = source_cell(released, PROBLEMS[0])
    noisy = "    print('k is', k)\n    np.log(-np.ones(1))\n    return k * dA"
    cells[PROBLEMS[2]].source = f"def matrix_power_differential(A, k, dA):\n{noisy}"
    return run_cells(notebook, released / "release" / "week1")


def source_cell(course: Path, id: str) -> str:
    source: str = next(cell.source for cell in source_of(course).cells if cell.id == id)
    return source


def test_in_a_kernel_a_test_cell_shows_a_card_and_ends_in_a_number(answered: Any) -> None:
    outputs = {cell.id: cell.outputs for cell in answered.cells if cell.cell_type == "code"}
    for id, words, low, high in (
        (PROBLEMS[0], "right", 2.5, 2.5),
        (PROBLEMS[1], "not answered yet", 0.0, 0.0),
        (PROBLEMS[2], "not yet right", 0.0, 9.0),
    ):
        card, number = outputs[f"{id}-check"]
        assert card.output_type == "display_data" and number.output_type == "execute_result"
        assert words in card.data["text/html"] and card.data["text/plain"]
        assert low <= float(number.data["text/plain"]) <= high
        assert number.data.keys() == {"text/plain"}


def test_in_a_kernel_prints_and_warnings_are_on_the_card_alone(answered: Any) -> None:
    (cell,) = [cell for cell in answered.cells if cell.id == f"{PROBLEMS[2]}-check"]
    assert not [output for output in cell.outputs if output.output_type == "stream"]
    assert "k is 3" in cell.outputs[0].data["text/html"]
    assert "RuntimeWarning: invalid value" in cell.outputs[0].data["text/html"]


def test_nbgrader_counts_exactly_the_points_of_the_test_cells(answered: Any) -> None:
    import logging

    from nbgrader.utils import determine_grade

    for cell in answered.cells:
        if cell.metadata.get("nbgrader", {}).get("grade"):
            scored, most = determine_grade(cell, logging.getLogger("nbgrader"))
            assert scored == float(cell.outputs[-1].data["text/plain"])
            assert most == cell.metadata.nbgrader.points


def test_a_second_run_writes_the_same_bytes(problems: Path, tmp_path: Path) -> None:
    course = load_course(problems)
    first = {
        path: path.read_bytes() for path in write_source(course, course.assignment(None), tmp_path).files
    }
    again = write_source(course, course.assignment(None), tmp_path).files
    assert {path: path.read_bytes() for path in first} == first
    assert set(first) - set(again) == {tmp_path / "nbgrader_config.py"}


def test_a_notebook_that_says_something_else_is_overwritten_only_if_told(
    problems: Path, tmp_path: Path
) -> None:
    course = load_course(problems)
    write_source(course, course.assignment(None), tmp_path)
    notebook = tmp_path / "source" / "week1" / "week1.ipynb"
    text = notebook.read_text()
    notebook.write_text(text.replace("Write each answer", "Please write each answer"))
    with pytest.raises(GraderError, match=r"week1\.ipynb .* lose changes; .* --force"):
        write_source(course, course.assignment(None), tmp_path)
    assert "Please" in notebook.read_text()
    write_source(course, course.assignment(None), tmp_path, force=True)
    assert notebook.read_text() == text


def test_a_configuration_that_is_there_is_left_alone_and_told_what_to_add(
    problems: Path, tmp_path: Path
) -> None:
    config = tmp_path / "nbgrader_config.py"
    config.write_text("c = get_config()\nc.CourseDirectory.course_id = 'mine'\n")
    before = config.read_text()
    told = run_grader("nbgrader", "source", "week1", "--course", str(tmp_path), cwd=problems)
    lines = [line.strip() for line in told.stdout.splitlines()]
    at = lines.index("from grader.nbgrader import configure")
    assert lines[at + 2].startswith("configure(c, problems='") and config.read_text() == before
    config.write_text(before + "\n".join(lines[at : at + 3]))
    told = run_grader("nbgrader", "source", "week1", "--course", str(tmp_path), cwd=problems)
    assert "configure" not in told.stdout
    listed = run_nbgrader("list", course=tmp_path)
    assert "Traceback" not in listed.stderr, listed.stderr


@pytest.fixture(scope="module")
def bundled() -> Course:
    """The course that ships with the package."""
    return load_course(ROOT)


@pytest.mark.parametrize("assignment", ["lecture05", "lecture05-neighbours", "inner-products-and-norms"])
def test_every_reference_of_the_course_is_right_inside_the_marks(bundled: Course, assignment: str) -> None:
    chosen = bundled.assignment(assignment)
    exam = prepare(bundled, chosen, 5, store=user_cache())
    data = source_notebook(bundled, chosen).encode()
    with Sandbox(Limits(seconds=10, cpu_seconds=5)) as sandbox:
        report = Grader(exam, sandbox).grade(
            parse_submission(SubmittedFile("instructor", "source.ipynb", data))
        )
    assert report.score == report.max_score and report.error is None


REFERENCES = {
    "a helper": "def half(A):\n    return A / 2\n\n\ndef f(A, dA):\n    return half(A) + dA\n",
    "a constant": "TWO = 2\n\n\ndef f(A, dA):\n    return A / TWO + dA\n",
    "other names": "def f(X, V):\n    return X / 2 + V\n",
    "one line": "def f(A, dA): return A / 2 + dA\n",
    "two spaces": "def f(A, dA):\n  B = A / 2\n  return B + dA\n",
    "a docstring of its own": 'def f(A, dA):\n    """Half.\n\n    The derivation.\n    """\n    return A / 2 + dA\n',
    "a comment first": "import math as m\n\n\ndef f(A, dA):\n    # half\n    return A / m.sqrt(4) + dA\n",
    "a string over lines": 'def f(A, dA):\n    text = """\n  x"""\n    return A / 2 + dA + len(text) - 4\n',
    "a string over lines, and more": 'X = """\n  x"""\n\n\ndef f(A, dA):\n    return A / 2 + dA + len(X) - 4\n',
    "a decorator": "import functools\n\n\n@functools.cache\ndef f(A, dA):\n    return A / 2 + dA\n",
}


@pytest.mark.parametrize("reference", REFERENCES.values(), ids=REFERENCES)
def test_any_reference_means_the_same_inside_the_marks(bundled: Course, reference: str) -> None:
    reference = reference.replace("def f(", "def inv_differential(")
    cell = solution_cell(bundled.problem("inv-differential"), reference)
    before: dict[str, Any] = {}
    within: dict[str, Any] = {}
    exec(reference, before)
    exec(cell, within)
    assert within["inv_differential"](6, 1) == before["inv_differential"](6, 1) == 4
    head, _, rest = cell.partition(f"    {BEGIN}\n")
    (function,) = ast.parse(head).body
    assert isinstance(function, ast.FunctionDef)
    assert (ast.get_docstring(function) or "").startswith("Differential of the inverse")
    assert "Half" not in head and rest.endswith(f"    {END}")


def test_a_reference_that_cannot_stand_in_a_function_is_told(bundled: Course) -> None:
    with pytest.raises(GraderError, match=r"reference\.py cannot be put into a function: import \* only"):
        solution_cell(
            bundled.problem("inv-differential"),
            "from math import *\nx = 1\ndef inv_differential(A, dA): return A\n",
        )


def test_without_solutions_there_is_no_source(problems: Path, tmp_path: Path) -> None:
    shutil.copytree(problems / "exercises", tmp_path / "exercises")
    shutil.copy(problems / "config.yaml", tmp_path)
    result = run_grader("nbgrader", "source", "week1", "--course", "nb", cwd=tmp_path)
    assert result.returncode == 2 and "reference.py" in result.stderr and not (tmp_path / "nb").exists()


def test_a_leak_is_refused_and_nothing_is_written(problems: Path, tmp_path: Path) -> None:
    for part in ("exercises", "solutions"):
        shutil.copytree(problems / part, tmp_path / part)
    shutil.copy(problems / "config.yaml", tmp_path)
    with (tmp_path / "exercises" / PROBLEMS[0] / "problem.yaml").open("a", encoding="utf-8") as file:
        file.write("  - Begin with X = np.linalg.inv(A).\n")
    result = run_grader("nbgrader", "source", "week1", "--course", "nb", cwd=tmp_path)
    assert (
        result.returncode == 2 and "Nothing was written" in result.stderr and not (tmp_path / "nb").exists()
    )


def test_without_nbgrader_the_extra_is_named(tmp_path: Path) -> None:
    code = (
        "import importlib.util, sys\nfound = importlib.util.find_spec\n"
        "importlib.util.find_spec = lambda name, package=None: None if name == 'nbgrader' else found(name, package)\n"
        "from grader.cli.app import main\nsys.argv = ['grader', 'nbgrader', 'source', 'lecture05']\nmain()"
    )
    result = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=False,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    assert result.returncode == 2
    assert "pip install 'frechet-grader[nbgrader]'" in result.stderr and "Traceback" not in result.stderr


@pytest.mark.parametrize("seed", [-3, 2**63])
def test_a_seed_that_no_store_can_hold_is_refused(course: Course, tmp_path: Path, seed: int) -> None:
    with pytest.raises(GraderError, match=f"The seed is {seed}; it must be a whole number"):
        choose_assignment_seed(tmp_path, "lecture05", course, seed)
    assert choose_assignment_seed(tmp_path, "lecture05", course, 3) == 3
