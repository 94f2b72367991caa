"""Release an assignment to students: its questions and files to answer in, and nothing of its solutions."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import yaml

from grader.authoring.embedded_problems import pack_problems
from grader.authoring.installing import find_installation, find_wheel
from grader.authoring.json_schemas import SCHEMA_FILES, schema_text
from grader.authoring.question_notebook import NotebookStyle, opening, question_notebook, statement
from grader.authoring.solution_leaks import find_leaks
from grader.authoring.stub import make_stub
from grader.core.errors import GraderError
from grader.core.files import is_unfinished, write_file, write_folder
from grader.core.hashing import hash_text
from grader.findings.diagnosis import seal_mistakes
from grader.problems.course import Assignment, Course
from grader.problems.sealed_mistakes import FILE, write_sealed
from grader.problems.yaml_reader import read_yaml
from grader.truths.cache import find_truths

Files = Mapping[str, bytes]
"""Path below the folder, with forward slashes → content."""

MARKER = ".released.json"
"""Lists the files written, so that the folder can be written anew without taking a student's work for ours."""
_LEFT_ALONE = frozenset({"__pycache__", ".ipynb_checkpoints", ".DS_Store", MARKER})
_FOREIGN = "was not put there by grader release"
_MOST_LEAKS = 10
_CHECKING = """\
Answer in `answers.py` or in the notebook `answers.ipynb`, whichever you prefer, and submit one of them. Each function
must keep its name and its arguments. {libraries} may be imported.

Once, in a terminal in this folder, with Python 3.11 or newer on Linux, macOS or Windows:

```sh
{install}
```

To check your answers:

```sh
grader check answers.py
grader check answers.py --problem {first}
grader check answers.py --hint
grader check answers.py --seed 7
grader watch answers.py
```

The first checks all answers, the second one of them. `--hint` shows the first hint for each, `--hint --hint` the
second too; `--seed 7` draws other inputs. `watch` checks again whenever you save the file, until you press Ctrl-C.
`pytest` runs the same checks as tests, in an editor too (`pip install pytest`).

You may also write formulas instead of programs: put them into a file `answers.txt`, one on each line, as in
`f(A) = inv(A)`, and run `grader check answers.txt`.

In the notebook, run the first cell, then the cell below each answer. The notebook also works without this folder, for
example on Colab.

Your answers will be graded with different inputs."""
_IN_NOTEBOOK = (
    "Run the first cell. Write each answer in place of `raise NotImplementedError`, then run the cell below it: it "
    'says whether the answer is right, and what is wrong. An answer may also be a formula, as text: `f = "2 A + B"`. '
    "Your answers will be graded with different inputs."
)
_SETUP = """\
try:
    import grader
except ImportError:  # where it is not installed yet, such as on Colab
    %{install}

import numpy as np

from grader import check, unpack_problems

# The questions, for where this notebook is alone:
unpack_problems("{problems}")"""


def release_files(course: Course, assignment: Assignment) -> Files:
    """All files of a release: README, answers as a file and as a notebook, and the public problem files."""
    installation = find_installation(course)
    public = {**public_files(course, assignment), **sealed_files(course, assignment, public_seed(course))}
    needed = {name: data for name, data in public.items() if name not in SCHEMA_FILES.values()}

    style = NotebookStyle(
        introduction=(_IN_NOTEBOOK,),
        setup=_SETUP.format(install=_in_cell(installation.command), problems=pack_problems(needed)),
        answer=make_stub,
        check=lambda problem: f'check("{problem.id}", {problem.function})',
    )

    return {
        "README.md": _readme(course, assignment, installation.command).encode(),
        "answers.py": _answers(course, assignment).encode(),
        "answers.ipynb": question_notebook(course, assignment, style).encode(),
        **installation.wheel,
        **public,
    }


def _in_cell(command: str) -> str:
    """A command for a notebook's cell: `%pip` installs where its kernel runs."""
    return command if command.startswith("pip ") else f"sx {command}"


def public_files(course: Course, assignment: Assignment) -> Files:
    """A course of this assignment alone, without solutions, that checks with the public seed."""
    files = {"config.yaml": _public_config(course, assignment).encode()}
    for problem in assignment.points:
        name = f"exercises/{problem}/problem.yaml"
        files[name] = (course.folder / name).read_bytes()
    for schema in ("problem", "config"):
        files[SCHEMA_FILES[schema]] = schema_text(schema).encode()
    return files


def sealed_files(course: Course, assignment: Assignment, seed: int) -> Files:
    """What students may be told of listed mistakes without `solutions/`: sentences, sealed with the wrong numbers.

    Args:
        seed: of the inputs that they will be checked with.
    """
    files = {}
    for problem_id in assignment.points:
        name = f"exercises/{problem_id}/{FILE}"
        solution, problem = course.solution(problem_id), course.problems[problem_id]
        if solution is None:
            if (course.folder / name).is_file():  # sealed before, where the solutions were
                files[name] = (course.folder / name).read_bytes()
            continue
        if not solution.mistakes:
            continue

        cases, _ = find_truths(problem, seed, course.cases)
        sealed = list(seal_mistakes(problem, solution.mistakes, cases))
        files[name] = write_sealed(sealed, seed, course.cases)
    return files


def public_seed(course: Course) -> int:
    """The seed in `config.yaml`, whatever the environment says: where it tells one, answers are graded with that."""
    data, _ = read_yaml(course.folder / "config.yaml")
    seed = data.get("seed", 0)
    if isinstance(seed, dict):
        seed = seed["default"]
    return int(seed)


def _public_config(course: Course, assignment: Assignment) -> str:
    data, _ = read_yaml(course.folder / "config.yaml")
    data["seed"] = public_seed(course)
    data["assignments"] = {assignment.id: data["assignments"][assignment.id]}
    wheel = find_wheel(course)
    if wheel is not None:
        data["install"] = wheel.name  # where the release puts it
    text: str = yaml.safe_dump(data, sort_keys=False, allow_unicode=True, width=100)
    return f"# yaml-language-server: $schema={SCHEMA_FILES['config']}\n{text}"


def _readme(course: Course, assignment: Assignment, install: str) -> str:
    libraries = [", ".join(course.libraries)] if course.libraries else []
    checking = _CHECKING.format(
        first=next(iter(assignment.points)),
        install=install,
        libraries=" and ".join([*libraries, "Python's standard library"]),
    )
    questions = [
        statement(course.problems[problem], number, points)
        for number, (problem, points) in enumerate(assignment.points.items(), start=1)
    ]
    return opening(course, assignment, [checking, *questions]) + "\n"


def _answers(course: Course, assignment: Assignment) -> str:
    title = assignment.title.replace("\\", "\\\\").replace('"', "'")
    head = f'"""Answers to {title}; the questions are in README.md."""\n\nimport numpy as np'
    stubs = [make_stub(course.problems[problem]).rstrip("\n") for problem in assignment.points]
    return "\n\n\n".join([head, *stubs]) + "\n"


def refuse_leaks(course: Course, files: Files) -> None:
    """Refuse files for students that hold a line of a solution.

    Raises:
        GraderError: with every such line, where it stands and where it is from.
    """
    leaks = find_leaks(course, files)
    if not leaks:
        return

    shown = [f"  {leak}" for leak in leaks[:_MOST_LEAKS]]
    if len(leaks) > _MOST_LEAKS:
        shown.append(f"  … and {len(leaks) - _MOST_LEAKS} more")
    raise GraderError(
        "Nothing was written, because students would see lines of the solutions:\n"
        + "\n".join(shown)
        + "\nChange those files or those lines."
    )


def write_release(course: Course, assignment: Assignment, folder: Path) -> tuple[Path, ...]:
    """Write students' files into a folder that is new, empty, or as this command left it.

    Returns:
        The files written.

    Raises:
        GraderError: something private would leak, or the folder holds other files; nothing is written.
    """
    files = release_files(course, assignment)
    refuse_leaks(course, files)
    before = _read_marker(folder)
    _refuse_others(folder, files, before)

    digests = {name: hash_text(data) for name, data in files.items()}
    marker = json.dumps({"assignment": assignment.id, "files": digests}, indent=1, sort_keys=True) + "\n"
    everything = {**files, MARKER: marker.encode()}
    if folder.exists():
        for name, data in everything.items():
            write_file(folder / name, data)
        _remove(folder, before.keys() - files.keys())
    else:
        write_folder(folder, everything)
    return tuple(folder / name for name in files)


def _remove(folder: Path, names: Iterable[str]) -> None:
    """Remove files of an earlier release, and the folders that they leave empty."""
    for name in names:
        (folder / name).unlink(missing_ok=True)
        with contextlib.suppress(OSError):  # other files are in it
            (folder / name).parent.rmdir()


def _read_marker(folder: Path) -> dict[str, str]:
    """The files written here before, each with its digest; none if there is no readable marker."""
    try:
        files: Any = json.loads((folder / MARKER).read_text(encoding="utf-8"))["files"]
        return {str(name): str(digest) for name, digest in files.items()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return {}


def _refuse_others(folder: Path, files: Files, before: Mapping[str, str]) -> None:
    """Refuse a folder with files that were not written here before, or have changed since."""
    if folder.is_symlink() or (folder.exists() and not folder.is_dir()):
        raise GraderError(f"{folder} is not a folder; choose another place")

    for path in sorted(folder.rglob("*")):
        is_left_alone = _LEFT_ALONE & set(path.relative_to(folder).parts)
        if is_left_alone or path.is_dir() or is_unfinished(path):
            continue
        name = path.relative_to(folder).as_posix()
        data = path.read_bytes()
        if data == files.get(name) or hash_text(data) == before.get(name):
            continue

        reason = "was changed since it was released there" if name in before else _FOREIGN
        raise GraderError(f"{path} {reason}; move it away, or give another folder")
