"""`grader release`: students get all they need, and nothing that is private."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
import yaml

from grader.authoring.question_notebook import problem_version
from grader.authoring.release import MARKER, release_files, write_release
from grader.core.errors import GraderError
from grader.core.files import UNFINISHED
from grader.problems.course import Course, load_course
from grader.problems.load import load_problem
from tests.conftest import ROOT
from tests.running import run_cells, run_grader

pytestmark = pytest.mark.slow

ASSIGNMENTS = tuple(yaml.safe_load((ROOT / "config.yaml").read_text(encoding="utf-8"))["assignments"])
INV = "inv-differential"


def texts_of(data: bytes, name: str) -> list[str]:
    """What a reader sees of a file: its text, and that of a notebook's cells."""
    text = data.decode()
    cells = json.loads(text)["cells"] if name.endswith(".ipynb") else []
    return [text, *("".join(cell["source"]) for cell in cells)]


def private_lines() -> dict[str, Path]:
    """Every line of every file of every solution, but for imports, the signature and what has no letter or sign."""
    lines: dict[str, Path] = {}
    for path in sorted((ROOT / "solutions").glob("*/*.*")):
        if path.suffix == ".pyc":  # of the wheel's build, if it was tested before
            continue
        for line in path.read_text(encoding="utf-8").splitlines():
            line = line.strip()
            if len(line) >= 12 and not line.startswith(("import ", "from ", "# yaml-language-server")):
                lines[line] = path
    return lines


@pytest.fixture(scope="module", params=ASSIGNMENTS)
def shown(request: pytest.FixtureRequest, course: Course) -> list[str]:
    """All texts that students get of an assignment."""
    files = release_files(course, course.assignment(request.param))
    return [text for name, data in files.items() for text in texts_of(data, name)]


def test_no_line_of_any_solution_or_mistake_is_in_what_students_get(course: Course, shown: list[str]) -> None:
    lines = private_lines()
    assert len(lines) > 1500
    found = {line for line in lines if any(line in text for text in shown)}
    heads = [f'def {problem.signature}: """{problem.title}."""' for problem in course.problems.values()]
    assert {line for line in found if not any(line in head for head in heads)} <= {"with a minus."}


def test_no_formula_of_any_mistake_is_in_what_students_get(course: Course, shown: list[str]) -> None:
    given = {problem.f.text for problem in course.problems.values()}
    for path in (ROOT / "solutions").glob("*/variants.yaml"):
        listed = yaml.safe_load(path.read_text(encoding="utf-8"))
        for item in [*listed["alternatives"], *listed["mistakes"]]:
            formulas = item.get("formula", [])
            for formula in [formulas] if isinstance(formulas, str) else formulas:
                if len(formula) >= 12 and formula not in given:
                    assert not any(formula in text for text in shown), formula


@pytest.fixture
def own(tmp_path: Path) -> Path:
    """A course of one problem, to be changed."""
    folder = tmp_path / "course"
    for part in ("exercises", "solutions"):
        shutil.copytree(ROOT / part / INV, folder / part / INV)
    (folder / "config.yaml").write_text(
        "course: Mine\nseed: {env: GRADER_SEED, default: 31}\nassignments:\n  week1:\n"
        f"    title: Week one\n    due: 2030-01-31\n    problems: [{{id: {INV}, points: 2.5}}]\n"
    )
    return folder


def release(folder: Path, out: Path) -> tuple[Path, ...]:
    course = load_course(folder)
    return write_release(course, course.assignment("week1"), out)


LEAKS = {
    "a line of the reference": "    X = np.linalg.inv(A)",
    "what it returns, as code": "  Think of `-X @ dA @ X` again.",
    "what it returns, as a line": "  -X@dA@X",
    "what it returns, in a list": "  * -X @ dA @ X.",
    "what it returns, quoted": "  > return -X @ dA @ X",
    "what it returns, as a formula": "  Think of $-X @ dA @ X$ again.",
    "a line of the derivation": "  d(A⁻¹) A + A⁻¹ dA = 0   ⟹   d(A⁻¹) = −A⁻¹ dA A⁻¹.",
    "a formula, spaced otherwise": "  Not `-inv( A )@inv( A )@dA`.",
    "a message": "  A message: you used the transpose of dA. Check with A = I, where the answer must be −dA.",
    "a line broken in two": "  return np.linalg.inv(np.block([[A, dA],\n  [np.zeros((n, n)), A]]))[:n, n:]",
}


@pytest.mark.parametrize("leak", LEAKS.values(), ids=LEAKS)
def test_a_planted_leak_is_refused_and_nothing_is_written(own: Path, tmp_path: Path, leak: str) -> None:
    path = own / "exercises" / INV / "problem.yaml"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("\nsignature:", f"\n{leak}\n\nsignature:"), encoding="utf-8")
    with pytest.raises(GraderError, match="Nothing was written") as caught:
        release(own, tmp_path / "out")
    assert f"solutions/{INV}/" in str(caught.value) and "README.md holds" in str(caught.value)
    assert not (tmp_path / "out").exists()


def test_a_leak_hidden_by_the_quoting_of_yaml_is_refused(own: Path, tmp_path: Path) -> None:
    path = own / "exercises" / INV / "problem.yaml"
    with path.open("a", encoding="utf-8") as file:
        file.write('  - "\\u0058 = np.linalg.inv\\x28A)"\n')
    with pytest.raises(GraderError, match=r"problem\.yaml holds 'X = np"):
        release(own, tmp_path / "out")


def test_leaks_of_problems_of_other_assignments_are_refused(own: Path, tmp_path: Path) -> None:
    other = own / "solutions" / "later"
    other.mkdir()
    (other / "notes.txt").write_text("The second term is the transpose of the first.\n", encoding="utf-8")
    path = own / "exercises" / INV / "problem.yaml"
    with path.open("a", encoding="utf-8") as file:
        file.write("  - The second term is the transpose of the first.\n")
    with pytest.raises(GraderError, match=r"a line of solutions/later/notes\.txt"):
        release(own, tmp_path / "out")


def test_what_a_question_says_itself_is_no_leak(own: Path, tmp_path: Path) -> None:
    with (own / "solutions" / INV / "variants.yaml").open("a", encoding="utf-8") as file:
        file.write(
            '  - {id: value, formula: "inv(A)", message: "This is the inverse itself, not its change."}\n'
        )
    release(own, tmp_path / "out")


def test_a_release_holds_the_question_the_stub_and_how_to_check(own: Path, tmp_path: Path) -> None:
    written = release(own, tmp_path / "out")
    names = sorted(path.relative_to(tmp_path / "out").as_posix() for path in written)
    assert names == [
        "README.md", "answers.ipynb", "answers.py", "config.yaml", "exercises/config.schema.json",
        f"exercises/{INV}/mistakes.json", f"exercises/{INV}/problem.yaml", "exercises/problem.schema.json",
    ]  # fmt: skip
    readme = (tmp_path / "out" / "README.md").read_text(encoding="utf-8")
    for words in (
        "# Week one",
        "Due 2030-01-31",
        "2.5 points",
        "$d(A^{-1})[dA]$",
        f"grader check answers.py --problem {INV}",
    ):
        assert words in readme
    answers = (tmp_path / "out" / "answers.py").read_text(encoding="utf-8")
    assert (
        "def inv_differential(A, dA):" in answers
        and "a direction, like A an array of shape (n, n)" in answers
    )


def test_a_release_says_how_to_install_and_what_may_be_imported_in_this_course(
    own: Path, tmp_path: Path
) -> None:
    def said(out: str) -> tuple[str, str]:
        release(own, tmp_path / out)
        readme, notebook = (
            " ".join((tmp_path / out / name).read_text(encoding="utf-8").split())
            for name in ("README.md", "answers.ipynb")
        )
        return readme, notebook

    for text in said("usual"):
        assert "pip install frechet-grader" in text
    config = own / "config.yaml"
    config.write_text(
        config.read_text() + "install: pip install https://x.org/g.whl\nlibraries: [numpy, scipy]\n"
    )
    readme, notebook = said("own")
    assert "numpy, scipy and Python's standard library may be imported" in readme
    for text in (readme, notebook):
        assert "pip install https://x.org/g.whl" in text and "pip install frechet-grader" not in text


def test_the_notebook_is_one_by_jupyters_own_schema(own: Path, tmp_path: Path) -> None:
    nbformat = pytest.importorskip("nbformat", reason="it comes with the extra nbgrader")
    release(own, tmp_path / "out")
    notebook = nbformat.read(tmp_path / "out" / "answers.ipynb", as_version=4)
    nbformat.validate(notebook)
    assert [cell.id for cell in notebook.cells] == [
        "opening",
        "setup",
        f"{INV}-statement",
        INV,
        f"{INV}-check",
    ]
    assert notebook.cells[-1].source == f'check("{INV}", inv_differential)'
    problem = load_course(own).problem(INV)
    assert notebook.metadata.frechet_grader == {
        "assignment": "week1",
        "problems": {INV: problem_version(problem)},
    }


@pytest.mark.kernel
def test_every_cell_of_the_notebook_runs_and_its_checks_show_cards(own: Path, tmp_path: Path) -> None:
    nbformat = pytest.importorskip("nbformat", reason="it comes with the extra nbgrader")
    release(own, tmp_path / "out")
    notebook = nbformat.read(tmp_path / "out" / "answers.ipynb", as_version=4)
    run_cells(notebook, tmp_path / "out")  # raises where a cell does
    stub = notebook.cells[-1].outputs
    notebook.cells[
        3
    ].source = "def inv_differential(A, dA):\n    X = np.linalg.inv(A)\n    return -X @ dA @ X\n"
    answer = run_cells(notebook, tmp_path / "out").cells[-1].outputs
    for outputs, words, points in (
        (stub, "not answered yet", "0 of 2.5 points"),
        (answer, "right", "2.5 of 2.5 points"),
    ):
        (output,) = outputs
        assert output.output_type == "execute_result"
        assert words in output.data["text/html"] and points in output.data["text/html"]


def test_students_get_the_public_seed_whatever_the_environment_says(
    own: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GRADER_SEED", "987654321")
    written = release(own, tmp_path / "out")
    assert yaml.safe_load((tmp_path / "out" / "config.yaml").read_text())["seed"] == 31
    assert not any(b"987654321" in path.read_bytes() for path in written)


def test_in_the_released_folder_everything_is_there_but_the_answers(own: Path, tmp_path: Path) -> None:
    release(own, tmp_path / "out")
    for name in ("answers.py", "answers.ipynb"):
        result = run_grader("check", name, "--json", cwd=tmp_path / "out")
        report = json.loads(result.stdout)
        assert result.returncode == 1 and result.stderr == ""
        assert (report["assignment"], report["seed"], report["error"]) == ("week1", 31, None)
        assert [(item["verdict"], item["max_score"]) for item in report["problems"]] == [("missing", 2.5)]


def test_a_release_can_be_repeated_and_is_the_same_bytes(own: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    before = {path: path.read_bytes() for path in release(own, out)}
    (out / "__pycache__").mkdir()
    (out / "__pycache__" / "answers.pyc").write_bytes(b"x")
    assert {path: path.read_bytes() for path in release(own, out)} == before


def test_a_changed_course_is_released_over_the_old_one(own: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    release(own, out)
    for part in ("exercises", "solutions"):
        shutil.move(own / part / INV, own / part / "inverse")
    config = own / "config.yaml"
    config.write_text(config.read_text().replace(INV, "inverse"))
    release(own, out)
    assert (out / "exercises" / "inverse" / "problem.yaml").exists()
    assert not (out / "exercises" / INV).exists()
    assert load_course(out).assignment("week1").points.keys() == {"inverse"}


@pytest.mark.parametrize("name", ["notes.txt", "exercises/mine/problem.yaml", "answers.py"])
def test_a_folder_with_other_files_is_refused(own: Path, tmp_path: Path, name: str) -> None:
    path = tmp_path / "out" / name
    path.parent.mkdir(parents=True)
    path.write_text("my own work")
    with pytest.raises(GraderError, match=r"was not put there by grader release; move it away"):
        release(own, tmp_path / "out")
    assert [item for item in (tmp_path / "out").rglob("*") if item.is_file()] == [path]


def test_work_in_a_released_folder_is_not_overwritten(own: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    release(own, out)
    (out / "answers.py").write_text("def inv_differential(A, dA): return 0 * A\n")
    with pytest.raises(GraderError, match=r"answers\.py was changed since it was released there"):
        release(own, out)
    assert (out / "answers.py").read_text().endswith("return 0 * A\n")


def test_a_release_that_fails_half_way_leaves_nothing(
    own: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_bytes = Path.write_bytes

    def fail(path: Path, data: bytes) -> int:
        if path.name == MARKER:
            raise OSError("disk full")
        return write_bytes(path, data)

    monkeypatch.setattr(Path, "write_bytes", fail)
    with pytest.raises(OSError, match="disk full"):
        release(own, tmp_path / "out")
    assert sorted(path.name for path in tmp_path.iterdir() if path.name != "cache") == ["course"]


def test_what_a_killed_release_left_behind_is_in_nobodys_way(own: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    release(own, out)
    (out / UNFINISHED.replace("*", "0")).write_bytes(b"half")
    release(own, out)


def test_the_command_says_what_it_wrote_and_what_is_wrong(own: Path, tmp_path: Path) -> None:
    done = run_grader("release", "week1", "-o", "out", "--course", str(own), cwd=tmp_path)
    assert done.returncode == 0 and "wrote out/answers.ipynb" in done.stdout
    (tmp_path / "out" / "notes.txt").write_text("x")
    refused = run_grader("release", "week1", "-o", "out", "--course", str(own), cwd=tmp_path)
    unknown = run_grader("release", "week2", "-o", "new", "--course", str(own), cwd=tmp_path)
    assert refused.returncode == unknown.returncode == 2
    assert "out/notes.txt was not put there" in refused.stderr and "did you mean 'week1'" in unknown.stderr


def test_a_version_changes_with_the_question_and_not_with_its_words(own: Path) -> None:
    path = own / "exercises" / INV / "problem.yaml"
    text = path.read_text(encoding="utf-8")

    def version(changed: str) -> str:
        path.write_text(changed, encoding="utf-8")
        return problem_version(load_problem(path))

    first = version(text)
    assert version(text.replace("For $n=1$ you know it", "For numbers you know it")) == first
    assert version(text.replace("title: Differential", "title: The differential")) == first
    assert version(text.replace("reference, points: 5", "reference, points: 6")) != first
    assert version(text.replace("f: inv(A)", "f: inv(A) @ A")) != first
    assert version(text.replace("orthogonal, triangular", "triangular")) != first
