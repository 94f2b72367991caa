"""`grader page`: the web page of an assignment."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from rich.console import Console
from rich.text import Text

from grader.authoring.release import public_seed
from grader.core.errors import GraderError, cannot_write
from grader.core.files import write_folder
from grader.core.text import count
from grader.formats.terminal.left_out import print_left_out
from grader.platforms.page.build import SETTINGS, LeftOut, build_page
from grader.problems.course import open_course


def write_page(
    console: Console,
    assignment: str,
    out: Path,
    seed: int | None,
    pyodide: str | None,
    flint: Path | None,
    course_folder: Path | None,
) -> None:
    """Write the page of an assignment into a folder of its own, or anew into that of an earlier page.

    Args:
        seed: of the inputs, which are public; that of config.yaml if None, whatever the environment says.
        pyodide, flint: see `build_page`.

    Raises:
        GraderError: the folder holds something else, or the page cannot be built.
    """
    course = open_course(course_folder)
    chosen = course.assignment(assignment)
    print_left_out(course.faulty.values())
    if _has_something_else(out):
        raise GraderError(
            f"{out} already exists and is not a page; choose another folder with -o, or remove it"
        )

    page = build_page(course, chosen, public_seed(course) if seed is None else seed, pyodide, flint)
    try:
        write_folder(out, page.files)
    except OSError as error:
        raise cannot_write(out, error) from None

    _print_result(console, out, page.left_out, len(chosen.points) - len(page.left_out))


def _has_something_else(out: Path) -> bool:
    """Is there anything at this place but an empty folder or a page?"""
    if not out.exists():
        return False
    if not out.is_dir():
        return True
    return any(out.iterdir()) and not (out / SETTINGS).is_file()


def _print_result(console: Console, out: Path, left_out: Iterable[LeftOut], written: int) -> None:
    for item in left_out:
        console.print(Text(f"left out {item.id}: {item.reason}", "yellow"))
    size = sum(path.stat().st_size for path in out.rglob("*") if path.is_file())
    console.print(Text(f"wrote {out}: {count(written, 'problem')}, {size / 1e6:.0f} MB"))
    console.print(
        Text(f"Put the folder on any web server. To try it here, run: python3 -m http.server -d {out}")
    )
    console.print(Text("Then open http://localhost:8000"))
