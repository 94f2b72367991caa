"""The command line end to end, as a user has it: other folders, wrong words, exit codes."""

from __future__ import annotations

import csv
import io
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from grader.answers.submission import Submission
from grader.formats import ARCHIVE_FORMATS, CLASS_FORMATS, PROBLEM_FORMATS, STUDENT_FORMATS, list_formats
from grader.grading.checker import choose_assignment
from grader.grading.own_file import CheckOptions
from grader.problems.course import load_course
from grader.reports.code import CodeCell
from tests.conftest import MINIMAL, ROOT
from tests.running import run_grader

pytestmark = [pytest.mark.slow, pytest.mark.side_by_side]

RIGHT = """\
import numpy as np

def inv_differential(A, dA):
    X = np.linalg.inv(A)
    return -X @ dA @ X
"""


def run(*arguments: str | Path, cwd: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    return run_grader(*arguments, cwd=cwd, **{"COLUMNS": "100", **environment})


@pytest.fixture(scope="module")
def short_course(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two assignments of one problem each, for claims that do not depend on how many there are."""
    folder = tmp_path_factory.mktemp("short-course")
    problems = {"lecture05": "inv-differential", "lecture05-neighbours": "trace-inverse-gradient"}
    for id in problems.values():
        for part in ("exercises", "solutions"):
            shutil.copytree(ROOT / part / id, folder / part / id)
    lines = [f"  {name}: {{problems: [{id}]}}" for name, id in problems.items()]
    (folder / "config.yaml").write_text(
        "\n".join(["course: Short", "seed: {env: GRADER_SEED, default: 5}", "assignments:", *lines, ""])
    )
    return folder


@pytest.fixture
def answers(tmp_path: Path) -> Path:
    path = tmp_path / "here" / "answers.py"
    path.parent.mkdir()
    path.write_text(RIGHT)
    path.with_name("notes.md").write_text("midnight")
    return path


def test_check_says_right_with_exit_code_0(answers: Path) -> None:
    result = run("check", "answers.py", "--problem", "inv-differential", cwd=answers.parent)
    assert result.returncode == 0, result.stderr
    assert "inv_differential is right: 10 of 10 points." in result.stdout


def test_check_says_what_is_wrong_with_exit_code_1(answers: Path) -> None:
    answers.write_text(RIGHT.replace("-X", "X"))
    result = run("check", "answers.py", "-p", "inv-differential", "--seed", "7", cwd=answers.parent)
    assert result.returncode == 1
    assert result.stdout.startswith("inv_differential is wrong: ")
    assert "Smallest case:" in result.stdout and "right:" in result.stdout
    assert "grader check answers.py --problem inv-differential --seed 7" in result.stdout


def test_check_of_a_broken_file_has_exit_code_2(answers: Path) -> None:
    answers.write_text("def inv_differential(A, dA:\n    pass\n")
    result = run("check", "answers.py", cwd=answers.parent)
    assert result.returncode == 2
    assert "line 1" in result.stdout
    assert "Traceback" not in result.stdout + result.stderr


def test_check_prints_json_that_is_nothing_else(answers: Path) -> None:
    result = run("check", "answers.py", "--problem", "inv-differential", "--json", cwd=answers.parent)
    data = json.loads(result.stdout)
    assert data["schema"] == 1 and data["problems"][0]["verdict"] == "right"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["check", "nothing.py"], "There is no file nothing.py"),
        (["check", "answers.py", "--problem", "inv-diferential"], "did you mean 'inv-differential'?"),
        (["check", "answers.py", "--assignment", "lecture5"], "did you mean 'lecture05'?"),
        (["check", "answers.py", "--course", "."], "is not a course"),
        (["check", "."], ". is a folder; give the path of one file, such as answers.py."),
        (["check", "answers.py", "-a", "inner-products-and-norms"], "use --assignment lecture05"),
        (["grade", "nowhere", "-o", "out"], "nowhere"),
        (["grade", ".", "-o", "out", "--format", "htm"], "did you mean 'html'?"),
        (["grade", ".", "-o", "answers.py"], "Cannot write"),
        (["validate", "inv-differentail"], "did you mean 'inv-differential'?"),
        (["schema", "problme"], "did you mean 'problem'?"),
        (["new", "Not An Id"], "is not a problem id"),
        (["check"], "Missing argument"),
        (["chekc", "answers.py"], "No such command"),
        (["check", "answers.py", "--sead", "3"], "--seed"),
        (["check", "answers.py", "--seed", "-1"], "-1 must be 0 or more"),
        (["check", "answers.py", "--seed", str(2**63)], "below 2**63"),
        (["report", "answers.py"], "answers.py is a file; give the folder that grader grade wrote"),
        (["check", "answer.py"], "did you mean answers.py?"),
        (["check", "notes.md"], "neither a .py file nor a notebook"),
        (["watch", "notes.md"], "neither a .py file nor a notebook"),
        (
            ["release", "lecture05", "-o", "answers.py/here"],
            "Cannot write to answers.py/here: Not a directory",
        ),
        (["schema", "problem", "-o", "answers.py/here"], "Not a directory"),
        (["grade", ".", "-o", "../here"], "holds the submissions; give the results a folder of their own"),
    ],
)
def test_a_wrong_word_is_told_in_words_with_exit_code_2(
    answers: Path, arguments: list[str], words: str
) -> None:
    result = run(*arguments, cwd=answers.parent)
    said = " ".join(result.stderr.split())
    assert result.returncode == 2, result.stdout
    assert words in said
    assert "Traceback" not in said


@pytest.mark.parametrize(
    "command", ["check", "watch", "grade", "validate", "new", "schema", "demo", "doctor"]
)
def test_every_commands_help_has_an_example(tmp_path: Path, command: str) -> None:
    result = run(command, "--help", cwd=tmp_path)
    assert result.returncode == 0 and f"grader {command}" in result.stdout and "Example" in result.stdout


def test_grade_writes_results_feedback_and_grades(tmp_path: Path, short_course: Path) -> None:
    folder = tmp_path / "submitted"
    (folder / "nested" / "lecture05").mkdir(parents=True)
    (folder / "good.py").write_text(RIGHT)
    (folder / "sign.py").write_text(RIGHT.replace("-X", "X"))
    (folder / "broken.py").write_text("def (")
    (folder / "O'Neil, Jr.py").write_text(RIGHT)
    (folder / "nested" / "lecture05" / "mine.py").write_text(RIGHT)
    options = ("--jobs", "2", "--seed", "3", "--course", short_course)
    result = run("grade", "submitted", "-o", "out", *options, cwd=tmp_path)
    assert result.returncode == 0, result.stderr
    rows = list(csv.DictReader(io.StringIO((tmp_path / "out/grades.csv").read_text())))
    assert [row["student"] for row in rows] == ["O'Neil, Jr", "broken", "good", "nested", "sign"]
    assert {row["student"]: row["inv-differential"] for row in rows}["good"] == "10"
    assert {row["student"]: row["status"] for row in rows}["broken"] == "ungradable"
    for row in rows:
        data = json.loads((tmp_path / f"out/results/{row['student']}.json").read_text())
        assert data["student"] == row["student"] and data["seed"] == 3
        assert (tmp_path / f"out/feedback/{row['student']}.html").read_text().startswith("<!doctype html>")
    assert "sign" in (tmp_path / "out/class.html").read_text()


def test_grading_twice_gives_the_same_grades(tmp_path: Path, short_course: Path) -> None:
    (tmp_path / "submitted").mkdir()
    (tmp_path / "submitted" / "a.py").write_text(RIGHT.replace("@ X", "@ X.T"))
    for out in ("one", "two"):
        options = ("-f", "csv", "--course", short_course)
        assert run("grade", "submitted", "-o", out, *options, cwd=tmp_path).returncode == 0
    assert (tmp_path / "one/grades.csv").read_bytes() == (tmp_path / "two/grades.csv").read_bytes()
    assert not (tmp_path / "one/feedback").exists()


def test_a_course_is_found_upward_from_where_one_is(tmp_path: Path) -> None:
    assert run("new", "trace-square", cwd=tmp_path).returncode == 0
    below = tmp_path / "a" / "b"
    below.mkdir(parents=True)
    (below / "answers.py").write_text("def trace_square(A):\n    return 2 * A.T\n")
    result = run("check", "answers.py", cwd=below)
    assert result.returncode == 0, result.stdout + result.stderr
    assert "trace_square is right" in result.stdout
    assert run("validate", cwd=below).returncode == 0
    assert run("new", "trace-square", cwd=below).returncode == 2


def test_from_elsewhere_the_course_is_the_one_that_the_file_is_in(tmp_path: Path) -> None:
    course, elsewhere = tmp_path / "course", tmp_path / "elsewhere"
    course.mkdir()
    elsewhere.mkdir()
    assert run("new", "trace-square", cwd=course).returncode == 0
    (course / "answers.py").write_text("def trace_square(A):\n    return 2 * A.T\n")
    assert "trace_square is right" in run("check", "../course/answers.py", cwd=elsewhere).stdout


def test_the_files_of_every_format_are_named_when_they_are_written(answers: Path, short_course: Path) -> None:
    formats = ("csv", "canvas", "text", "markdown", "junit", "gradescope", "prairielearn")
    chosen = [word for name in formats for word in ("-f", name)]
    for command in (("grade", "answers.py", "-o", "out", "--course", short_course), ("report", "out")):
        result = run(*command, *chosen, cwd=answers.parent)
        assert result.returncode == 0, result.stderr
        named = [Path(line.strip()).name for line in result.stdout.splitlines() if "out/" in line]
        assert named == ["canvas.csv", "grades.csv", "feedback", "gradescope", "junit", "prairielearn"]


def test_a_terminal_that_lacks_letters_is_shown_their_numbers(answers: Path) -> None:
    answers.write_text(RIGHT.replace("-X @ dA @ X", "-X @ X @ dA"))
    result = run(
        "check", "answers.py", "-p", "inv-differential", cwd=answers.parent, PYTHONIOENCODING="ascii"
    )
    assert result.returncode == 1 and not result.stderr
    assert r"Apply the product rule again to A\u207b" in result.stdout and "3 of 10 points" in result.stdout


def test_results_beside_the_submissions_are_not_taken_for_a_student(
    answers: Path, short_course: Path
) -> None:
    def grade(assignment: str) -> str:
        options = ("-a", assignment, "-f", "csv", "--course", short_course)
        result = run("grade", ".", "-o", "results", *options, cwd=answers.parent)
        assert result.returncode == 0, result.stderr
        return " ".join(result.stdout.split())

    assert "replaced" not in grade("lecture05")
    again = grade("lecture05")
    assert "1 graded already" in again and "Left out" not in again and "replaced" not in again
    assert "files here were about lecture05. They are replaced" in grade("lecture05-neighbours")
    assert "1 graded already" in grade("lecture05")


def test_a_course_without_solutions_still_judges(tmp_path: Path) -> None:
    assert run("new", "trace-square", cwd=tmp_path).returncode == 0
    shutil.rmtree(tmp_path / "solutions")
    (tmp_path / "answers.py").write_text("def trace_square(A):\n    return 2 * A\n")
    assert run("check", "answers.py", cwd=tmp_path).returncode == 1


def test_an_authors_faults_are_listed_without_a_traceback(tmp_path: Path) -> None:
    folder = tmp_path / "exercises" / "my-problem"
    folder.mkdir(parents=True)
    (folder / "problem.yaml").write_text(
        MINIMAL.replace("ask: gradient", "ask: gradeint").replace("points: 2", "points: -2")
    )
    (tmp_path / "config.yaml").write_text("course: x\nassignments: {a: {problems: [my-problem]}}\n")
    result = run("validate", cwd=tmp_path)
    assert result.returncode == 2
    assert "has 2 faults:" in result.stderr
    assert "line 5, ask: unknown ask 'gradeint'; did you mean 'gradient'?" in result.stderr
    assert "Traceback" not in result.stderr


def test_validate_has_exit_code_1_on_a_wrong_reference(tmp_path: Path) -> None:
    assert run("new", "trace-square", cwd=tmp_path).returncode == 0
    path = tmp_path / "solutions/trace-square/reference.py"
    path.write_text(path.read_text().replace("2 * A.T", "2 * A"))
    result = run("validate", "--json", cwd=tmp_path)
    data = json.loads(result.stdout)
    assert result.returncode == 1
    assert [trial["kind"] for trial in data["trials"] if not trial["passed"]] == ["reference"]


def test_validate_has_exit_code_1_on_a_gap(tmp_path: Path) -> None:
    assert run("new", "trace-square", cwd=tmp_path).returncode == 0
    (tmp_path / "solutions/trace-square/variants.yaml").unlink()
    assert run("validate", cwd=tmp_path).returncode == 0
    path = tmp_path / "exercises/trace-square/problem.yaml"
    path.write_text(path.read_text(encoding="utf-8") + "sizes: {n: [1]}\nlarger: false\n", encoding="utf-8")
    result = run("validate", cwd=tmp_path)
    assert result.returncode == 1
    assert "gap: line 9, dropped .T, A.T → A: all points, but wrong at" in " ".join(result.stdout.split())
    data = json.loads(run("validate", "--json", cwd=tmp_path).stdout)
    assert data["passed"] is False and all(trial["passed"] for trial in data["trials"])
    assert data["problems"][0]["mutants"]["gaps"][0]["family"]


def test_doctor_says_what_there_is(tmp_path: Path) -> None:
    result = run("doctor", cwd=tmp_path)
    assert result.returncode == 0
    for word in ("numpy", "flint", "isolation", "Matrix calculus"):
        assert word in result.stdout


def test_the_seed_of_the_environment_is_used(answers: Path) -> None:
    result = run(
        "check", "answers.py", "-p", "inv-differential", "--json", cwd=answers.parent, GRADER_SEED="99"
    )
    assert json.loads(result.stdout)["seed"] == 99


def graded_with(folder: Path, out: str, *options: str | Path, **environment: str) -> int:
    assert run("grade", "submitted", "-o", out, *options, cwd=folder, **environment).returncode == 0
    seed = json.loads((folder / out / "results" / "a.json").read_text())["seed"]
    assert isinstance(seed, int)
    return seed


def test_a_class_is_graded_with_inputs_that_nobody_could_know_unless_told_otherwise(
    tmp_path: Path, short_course: Path
) -> None:
    (tmp_path / "submitted").mkdir()
    (tmp_path / "submitted" / "a.py").write_text(RIGHT)
    known = ("--course", short_course)
    drawn = {graded_with(tmp_path, "one", *known), graded_with(tmp_path, "two", *known)}
    assert len({*drawn, load_course(short_course).seed}) == 3
    assert graded_with(tmp_path, "three", "--seed", "8", *known) == 8
    assert graded_with(tmp_path, "four", *known, GRADER_SEED="9") == 9


def test_output_without_a_terminal_has_no_colours(answers: Path) -> None:
    answers.write_text(RIGHT.replace("-X", "X"))
    assert "\x1b" not in run("check", "answers.py", cwd=answers.parent).stdout


NEIGHBOUR = "def trace_inverse_gradient(A, B):\n    return A\n"


def test_check_finds_the_assignment_that_a_file_answers(answers: Path) -> None:
    answers.write_text(NEIGHBOUR)
    result = run("check", "answers.py", "--json", cwd=answers.parent)
    data = json.loads(result.stdout)
    assert data["assignment"] == "lecture05-neighbours"
    assert "answers.py answers assignment lecture05-neighbours" in result.stderr
    answers.write_text(RIGHT + NEIGHBOUR)  # as much of both: the first
    data = json.loads(run("check", "answers.py", "--json", cwd=answers.parent).stdout)
    assert data["assignment"] == "lecture05"


def test_functions_are_found_in_any_file_that_says_so_at_the_left_margin() -> None:
    def found(source: str, label: str = "answers.py") -> list[str]:
        submission = Submission("ada", label, (CodeCell(label, source),), None)
        chosen = choose_assignment(load_course(ROOT), submission, CheckOptions())
        return [chosen.id] if chosen.id != "lecture05" else []

    there = ["lecture05-neighbours"]
    assert found("%matplotlib inline\n!ls\ndef solve_pullback(A, b, g):\n  (") == there  # not even Python
    assert found("solve_pullback = lambda A, b, g: (A, b)") == there
    assert found("solve_pullback: object = print") == there
    assert (
        found("class X:\n    def solve_pullback(self): pass\n# def solve_pullback\nsolve_pullback == 1") == []
    )


def test_the_command_shown_names_the_file_as_it_was_typed(answers: Path) -> None:
    folder = answers.parent / "my work"
    folder.mkdir()
    answers.rename(folder / "answers.py")
    (folder / "answers.py").write_text(RIGHT.replace("-X", "X"))
    result = run(
        "check",
        "my work/answers.py",
        "-p",
        "inv-differential",
        "--course",
        ROOT,
        "--json",
        cwd=answers.parent,
    )
    command = json.loads(result.stdout)["problems"][0]["reproduce"]
    assert command == f"grader check 'my work/answers.py' --course {ROOT} --problem inv-differential --seed 5"
    again = run(*shlex.split(command)[1:], "--json", cwd=answers.parent)
    assert json.loads(again.stdout)["problems"][0]["verdict"] == "wrong"


def test_hints_are_shown_on_request_one_after_the_other(answers: Path) -> None:
    answers.write_text(RIGHT.replace("-X", "X"))

    def check(*options: str) -> str:
        return run("check", "answers.py", "-p", "inv-differential", *options, cwd=answers.parent).stdout

    assert "Hint" not in check()
    once, twice = check("--hint"), check("--hint", "--hint")
    assert "Hint 1 of" in once and "Hint 2 of" not in once and "The next one: --hint --hint" in once
    assert "Hint 1 of" in twice and "Hint 2 of" in twice


def test_functions_that_are_not_there_are_listed_once(answers: Path) -> None:
    text = run("check", "answers.py", cwd=answers.parent).stdout
    assert "Not answered yet: det_gradient, adjugate, det_differential," in text
    assert len(re.findall(r"\bdet_gradient\b", text)) == 1 and "is missing" not in text
    assert text.index("inv_differential is right") < text.index("Not answered yet")


def test_functions_below_the_line_that_stopped_a_file_are_not_asked_for_as_if_unwritten(
    answers: Path,
) -> None:
    below = "\nprint(1 / 0)\ndef adjugate(A):\n    return A\ndef det_gradient(A):\n    return A\n"
    answers.write_text(RIGHT + below)
    text = " ".join(run("check", "answers.py", cwd=answers.parent).stdout.split())
    unread, unwritten = text.index("Not read yet: det_gradient and adjugate."), text.index("Not answered yet")
    assert unread < unwritten and "adjugate" not in text[unwritten:]


def test_a_name_that_is_nearly_right_is_still_told(answers: Path) -> None:
    answers.write_text(RIGHT.replace("inv_differential", "inv_diferential"))
    text = " ".join(run("check", "answers.py", cwd=answers.parent).stdout.split())
    assert "Did you mean to rename inv_diferential to inv_differential?" in text


@pytest.mark.parametrize(
    ("environment", "coloured"),
    [
        ({}, False),
        ({"FORCE_COLOR": "1"}, True),
        ({"FORCE_COLOR": "0"}, False),
        ({"FORCE_COLOR": "1", "NO_COLOR": "1"}, False),
        ({"TERM": "dumb"}, False),
    ],
)
def test_colours_are_for_those_who_want_them(
    answers: Path, environment: dict[str, str], coloured: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers.write_text(RIGHT.replace("-X", "X"))
    given = {"NO_COLOR": "", "TERM": "xterm"} | environment
    text = run("check", "answers.py", "-p", "inv-differential", cwd=answers.parent, **given).stdout
    assert bool(re.search(r"\x1b\[[0-9;]*3[0-7]", text)) == coloured


def test_the_help_of_grade_says_what_each_format_is(tmp_path: Path) -> None:
    places = {name: format.locate("<student>") for name, format in STUDENT_FORMATS.items()}
    places |= {name: format.name for name, format in CLASS_FORMATS.items()}
    places |= {name: format.name for name, format in ARCHIVE_FORMATS.items()}
    places |= {name: format.locate("<problem>") for name, format in PROBLEM_FORMATS.items()}
    about = {name: format.about for name, format in STUDENT_FORMATS.items()}
    about |= {name: format.about for name, format in CLASS_FORMATS.items()}
    about |= {name: format.about for name, format in ARCHIVE_FORMATS.items()}
    about |= {name: format.about for name, format in PROBLEM_FORMATS.items()}
    told = [re.split("  +", line) for line in list_formats().splitlines()]
    assert told == [[name, places[name], about[name]] for name in places]
    shown = run("grade", "--help", cwd=tmp_path).stdout
    assert all(" ".join(line) in " ".join(shown.split()) for line in told)


def test_every_format_at_once_is_written(tmp_path: Path, short_course: Path) -> None:
    (tmp_path / "submitted").mkdir()
    (tmp_path / "submitted" / "ada.py").write_text(RIGHT)
    options = [
        word for name in (*STUDENT_FORMATS, *CLASS_FORMATS, *PROBLEM_FORMATS) for word in ("--format", name)
    ]
    where = ("-o", "out", "--course", short_course)
    assert run("grade", "submitted", *where, *options, cwd=tmp_path).returncode == 0
    places = [format.locate("ada") for format in STUDENT_FORMATS.values()]
    places += [format.name for format in CLASS_FORMATS.values()]
    places += [format.locate("inv-differential") for format in PROBLEM_FORMATS.values()]
    assert all((tmp_path / "out" / place).stat().st_size for place in places)
    assert not list((tmp_path / "out").rglob("*.tmp"))


def test_a_user_without_a_home_and_a_terminal_without_a_width_are_served(tmp_path: Path) -> None:
    (tmp_path / "answers.py").write_text(RIGHT)
    code = (
        "import os; os.path.expanduser = lambda path: path  # as where no user has that number\n"
        "from grader.cli.app import main; main()"
    )
    kept = {name: value for name, value in os.environ.items() if name not in ("HOME", "XDG_CACHE_HOME")}
    result = subprocess.run(
        [sys.executable, "-c", code, "check", "answers.py", "--problem", "inv-differential"],
        cwd=tmp_path, capture_output=True, text=True, check=False,
        env={**kept, "PYTHONPATH": str(ROOT), "COLUMNS": "0"},
    )  # fmt: skip
    assert (result.returncode, result.stderr) == (0, "")
    assert "inv_differential is right" in result.stdout


def test_of_several_problems_the_first_unfinished_is_shown_in_full_and_the_others_in_two_lines(
    tmp_path: Path,
) -> None:
    shutil.copy(ROOT / "grader" / "sample_class" / "row-major.py", tmp_path / "answers.py")
    lines = run("check", "answers.py", cwd=tmp_path).stdout.splitlines()
    start = lines.index("Start with det_gradient:")
    assert [line.split()[:2] for line in lines[:start]].count(["✗", "det-gradient"]) == 1
    assert sum("Smallest case" in line for line in lines) == 1
    assert not any("●" in line for line in lines)

    pullback = next(k for k, line in enumerate(lines) if line.startswith("det_pullback is"))
    assert lines[pullback + 1].startswith("  ") and lines[pullback + 2] == ""
    assert "inv_pullback is right: 10 of 10 points." in lines
    assert lines[-2].startswith("All of them in full: --all")

    everything = run("check", "answers.py", "--all", "--plot", cwd=tmp_path).stdout
    assert everything.count("Smallest case") == 5 and "●" in everything


def test_one_problem_is_shown_in_full_and_drawn_if_asked(tmp_path: Path) -> None:
    shutil.copy(ROOT / "grader" / "sample_class" / "row-major.py", tmp_path / "answers.py")
    plain, drawn = (
        run("check", "answers.py", "--problem", "det-gradient", *more, cwd=tmp_path).stdout
        for more in ([], ["--plot"])
    )
    assert "--plot draws both." in plain and "●" not in plain
    assert "●" in drawn and "taylor" in drawn


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("check a.py --seed abc", "--seed takes a whole number, found 'abc'. See grader check --help"),
        ("check a.py --seed=1.5", "--seed takes a whole number, found '1.5'."),
        ("check a.py --seed -1", "--seed: -1 must be 0 or more, and below 2**63."),
        ("check a.py --sed 1", "There is no option --sed; did you mean '--seed'?"),
        ("check a.py --problem", "--problem needs a value after it."),
        ("check a.py --hint=3", "--hint takes no value."),
        ("check", "Missing argument FILE. See grader check --help"),
        ("chek a.py", "No such command 'chek'; did you mean 'check'? See"),
        ("grade x -o y --jobs 0", "--jobs must be 1 or more, found '0'."),
        ("grade x -o y --jobs two", "--jobs takes a whole number, found 'two'."),
        ("validate --seeds 0", "--seeds must be 1 or more, found '0'."),
        ("grade x -o y --engine cloud", "--engine: 'cloud' is not one of 'local', 'dask'."),
        ("watch a.py --problem inv-diferential", "did you mean 'inv-differential'?"),
    ],
)
def test_a_fault_of_a_command_line_is_a_sentence(tmp_path: Path, line: str, words: str) -> None:
    (tmp_path / "a.py").write_text(RIGHT)
    result = run(*line.split(), cwd=tmp_path, COLUMNS="200")
    assert (result.returncode, result.stdout) == (2, "")
    assert result.stderr.startswith("Error: ") and words in result.stderr
    assert "Usage" not in result.stderr and "╭" not in result.stderr


def test_a_word_of_the_feedback_is_explained(tmp_path: Path) -> None:
    result = run("explain", "taylor", cwd=tmp_path)
    assert result.returncode == 0
    assert result.stdout.startswith("taylor: does the remainder shrink fast enough?\n  f(A + hV)")
    assert run("explain", cwd=tmp_path).stdout.count("\n\n") >= 8
    wrong = run("explain", "tailor", cwd=tmp_path)
    assert wrong.returncode == 2 and "did you mean 'taylor'?" in wrong.stderr
