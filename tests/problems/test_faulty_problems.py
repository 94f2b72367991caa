"""A problem that cannot be read stops only what holds it."""

from __future__ import annotations

import pickle
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner

from grader.authoring.release import write_release
from grader.cli.app import app
from grader.core.errors import AuthorError, GraderError
from grader.grading.result_keys import assignment_key
from grader.problems.course import Course, load_course
from tests.conftest import ROOT

pytestmark = pytest.mark.slow

SOUND, FAULTY = "inv-differential", "det-differential"
RIGHT = (
    "import numpy as np\n\n\ndef inv_differential(A, dA):\n    X = np.linalg.inv(A)\n    return -X @ dA @ X\n"
)
CONFIG = f"""\
course: Test
assignments:
  sound: {{problems: [{SOUND}]}}
  mixed: {{problems: [{SOUND}, {FAULTY}]}}
"""


def unknown_key(folder: Path) -> None:
    with (folder / "problem.yaml").open("a") as file:
        file.write("\ncolour: red\n")


def no_yaml(folder: Path) -> None:
    (folder / "problem.yaml").write_text("title: [\n")


def no_text(folder: Path) -> None:
    (folder / "problem.yaml").write_bytes(b"\xff\xfe\x00title")


def empty(folder: Path) -> None:
    (folder / "problem.yaml").write_text("")


def another_type(folder: Path) -> None:
    (folder / "problem.yaml").write_text("[1, 2]\n")


def twice_the_same_key(folder: Path) -> None:
    path = folder / "problem.yaml"
    path.write_text(path.read_text() + "\nask: gradient\n")


def missing_file(folder: Path) -> None:
    (folder / "problem.yaml").unlink()


def dangling_link(folder: Path) -> None:
    (folder / "problem.yaml").unlink()
    (folder / "problem.yaml").symlink_to("nowhere")


def folder_instead(folder: Path) -> None:
    (folder / "problem.yaml").unlink()
    (folder / "problem.yaml").mkdir()


def deeply_nested(folder: Path) -> None:
    text = (folder / "problem.yaml").read_text()
    (folder / "problem.yaml").write_text(text.replace("f: det(A)", "f: " + "(" * 5000 + "A" + ")" * 5000))


FAULTS = (
    *(unknown_key, no_yaml, no_text, empty, another_type, twice_the_same_key),
    *(missing_file, dangling_link, folder_instead, deeply_nested),
)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    for id in (SOUND, FAULTY):
        for folder in ("exercises", "solutions"):
            shutil.copytree(ROOT / folder / id, tmp_path / "course" / folder / id)
    (tmp_path / "course" / "config.yaml").write_text(CONFIG)
    (tmp_path / "course" / "answers.py").write_text(RIGHT)
    return tmp_path / "course"


@pytest.mark.parametrize("spoil", FAULTS)
def test_other_problems_and_assignments_are_there(home: Path, spoil: Callable[[Path], None]) -> None:
    before = load_course(home)
    spoil(home / "exercises" / FAULTY)
    course = load_course(home)

    assert set(course.problems) == {SOUND} and set(course.faulty) == {FAULTY}
    assert course.assignment("sound") == before.assignment("sound")
    assert assignment_key(course, course.assignment("sound"), 1) == assignment_key(
        before, before.assignment("sound"), 1
    )
    for ask in (lambda: course.assignment("mixed"), lambda: course.problem(FAULTY)):
        with pytest.raises(AuthorError, match=f"exercises/{FAULTY}/problem.yaml has"):
            ask()


def test_faults_are_told_all_at_once(home: Path) -> None:
    unknown_key(home / "exercises" / SOUND)
    no_yaml(home / "exercises" / FAULTY)
    with pytest.raises(GraderError) as caught:
        load_course(home).assignment("mixed")
    assert f"{SOUND}/problem.yaml has" in str(caught.value) and f"{FAULTY}/problem.yaml has" in str(
        caught.value
    )


def test_folders_that_are_no_problems_are_no_faults(home: Path) -> None:
    for name in (".ipynb_checkpoints", "__pycache__", "Notes"):
        (home / "exercises" / name).mkdir()
    (home / "exercises" / "readme").write_text("a file")
    assert not load_course(home).faulty


def test_a_course_with_a_faulty_problem_can_be_sent_to_workers(home: Path) -> None:
    unknown_key(home / "exercises" / FAULTY)
    again: Course = pickle.loads(pickle.dumps(load_course(home)))
    assert str(again.faulty[FAULTY]) == str(load_course(home).faulty[FAULTY])


def test_an_assignment_that_does_not_hold_it_is_released_without_it(home: Path) -> None:
    unknown_key(home / "exercises" / FAULTY)
    course = load_course(home)
    write_release(course, course.assignment("sound"), home / "out")
    assert not load_course(home / "out").faulty


def run(home: Path, *arguments: str) -> tuple[int, str, str]:
    result = CliRunner().invoke(app, [*arguments, "--course", str(home)])
    fault = str(result.exception) if isinstance(result.exception, GraderError) else ""
    return (2 if fault else result.exit_code), result.stdout, result.stderr + fault


@pytest.mark.parametrize(
    "options", [[], ["--problem", SOUND], ["--assignment", "sound"], ["-a", "mixed", "-p", SOUND]]
)
def test_check_grades_what_can_be_read_and_tells_the_rest(home: Path, options: list[str]) -> None:
    unknown_key(home / "exercises" / FAULTY)
    code, out, told = run(home, "check", str(home / "answers.py"), *options)
    assert code == 0 and "inv_differential" in out
    assert "Left out: 1 problem with faults" in told and "colour: unknown key" in told


@pytest.fixture
def mixed(home: Path) -> Path:
    """A course of one assignment, which holds a faulty problem."""
    (home / "config.yaml").write_text(
        f"course: Test\nassignments: {{mixed: {{problems: [{SOUND}, {FAULTY}]}}}}\n"
    )
    unknown_key(home / "exercises" / FAULTY)
    return home


@pytest.mark.parametrize(
    "arguments",
    [
        *(("check", "answers.py", "-p", SOUND), ("check", "answers.py", "-p", SOUND, "-a", "mixed")),
        *(("validate", SOUND, "--seeds", "1"), ("show", SOUND)),
    ],
)
def test_one_problem_is_read_beside_a_faulty_one_of_its_assignment(
    mixed: Path, arguments: tuple[str, ...]
) -> None:
    named = [str(mixed / word) if word.endswith(".py") else word for word in arguments]
    code, out, told = run(mixed, *named)
    assert code == 0 and SOUND in out.replace("_", "-")
    assert told.count("colour: unknown key") == (0 if arguments[0] == "show" else 1)


@pytest.mark.parametrize(
    "arguments",
    [
        *(
            ("check", "answers.py"),
            ("check", "answers.py", "-p", FAULTY),
            ("grade", "answers.py", "-o", "out"),
        ),
        *(("validate",), ("validate", FAULTY), ("show", FAULTY), ("release", "mixed", "-o", "out")),
    ],
)
def test_what_needs_a_faulty_problem_tells_its_fault_once(mixed: Path, arguments: tuple[str, ...]) -> None:
    named = [str(mixed / word) if word in ("answers.py", "out") else word for word in arguments]
    code, _, told = run(mixed, *named)
    assert code == 2 and told.count("colour: unknown key") == 1


def test_what_is_asked_for_and_faulty_is_an_error_told_once(home: Path) -> None:
    unknown_key(home / "exercises" / FAULTY)
    for options in (["-a", "mixed"], ["-p", FAULTY]):
        code, _, told = run(home, "check", str(home / "answers.py"), *options)
        assert code == 2 and told.count("colour: unknown key") == 1


def test_a_class_is_graded_and_an_assignment_that_holds_it_is_not(home: Path, tmp_path: Path) -> None:
    unknown_key(home / "exercises" / FAULTY)
    submission, out = tmp_path / "ann.py", tmp_path / "out"
    submission.write_text(RIGHT)
    code, printed, told = run(home, "grade", str(submission), "-o", str(out), "--seed", "1", "--jobs", "1")
    assert code == 0 and "ann" in printed and "colour: unknown key" in told
    code, _, told = run(home, "grade", str(submission), "-o", str(out), "-a", "mixed")
    assert code == 2 and "colour: unknown key" in told


def test_validate_proves_the_others_and_ends_with_the_faults(home: Path) -> None:
    unknown_key(home / "exercises" / FAULTY)
    code, out, told = run(home, "validate", SOUND)
    assert code == 0 and SOUND in out and "Left out" in told
    code, out, told = run(home, "validate")
    assert code == 2 and SOUND in out and told.count("colour: unknown key") == 1
    assert run(home, "validate", FAULTY)[0] == 2


def test_a_broken_solution_stops_only_what_holds_it(home: Path) -> None:
    reference = home / "solutions" / FAULTY / "reference.py"
    for text in ("def (:\n", "\0"):
        reference.write_text(text)
        assert run(home, "check", str(home / "answers.py"), "-a", "sound")[0] == 0
        code, _, told = run(home, "check", str(home / "answers.py"), "-a", "mixed")
        assert code == 2 and "reference.py has 1 fault" in told
    reference.unlink()
    assert run(home, "check", str(home / "answers.py"), "-a", "sound")[0] == 0
    assert run(home, "check", str(home / "answers.py"), "-a", "mixed")[0] == 2
