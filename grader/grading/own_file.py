"""One's own file: what of it is to be checked, and what cannot be one."""

from __future__ import annotations

import shlex
from dataclasses import dataclass
from pathlib import Path

from grader.answers.submission import SUFFIXES
from grader.core.errors import GraderError, find_nearest
from grader.reports.code import FORMULAS

_KINDS = "a .py file, a notebook or a .txt file of formulas"


@dataclass(frozen=True, slots=True)
class CheckOptions:
    """The subject of a check.

    Args:
        problems: ids of the only ones to check, also of other assignments; empty for all of the assignment.
        assignment: its id; None for the one whose functions the file defines, else the first of the course.
        seed: of the random inputs; None for the course's.
        repeat_options: options to repeat in the command that shows a result again.
    """

    problems: tuple[str, ...] = ()
    assignment: str | None = None
    seed: int | None = None
    repeat_options: str = ""


def require_file(file: Path) -> None:
    """Refuse a folder or a file that is not there, and suggest what to do.

    Raises:
        GraderError: it cannot be a submission.
    """
    if file.is_dir():
        inside = _answers_in(file)
        such = f", such as {inside[0]}" if inside else ""
        raise GraderError(
            f"{file} is a folder; give the path of one file{such}. A class is graded with: "
            f"grader grade {shlex.quote(str(file))} -o results"
        )

    if not file.exists():
        near = find_near_file(file)
        step = f"did you mean {near}?" if near else f"give the path of your answers, {_KINDS}"
        raise GraderError(f"There is no file {file}; {step}")


def require_suffix(file: Path) -> None:
    """Refuse a file that is something else by its name; where a class is graded, it gets a report.

    Raises:
        GraderError: its name does not end in .py, .ipynb or .txt.
    """
    if file.suffix.lower() not in (*SUFFIXES, FORMULAS):
        what = "neither a .py file nor a notebook nor a .txt file of formulas"
        raise GraderError(f"{file} is {what}; give the path of your answers")


def find_near_file(file: Path) -> str | None:
    """Find the file beside it that may be meant, where there is none of its name."""
    return find_nearest(str(file), map(str, _answers_in(file.parent)))


def _answers_in(folder: Path) -> list[Path]:
    """List the files of a folder that may hold answers."""
    if not folder.is_dir():
        return []
    suffixes = (*SUFFIXES, FORMULAS)
    return sorted(path for path in folder.iterdir() if path.suffix.lower() in suffixes and path.is_file())
