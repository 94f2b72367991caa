"""`grader gradebook`: the marks of several assignments in one table."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path

from rich.console import Console
from rich.text import Text

from grader.core.errors import GraderError, suggest
from grader.core.files import write_file
from grader.core.text import count
from grader.formats.gradebook import gradebook_csv, gradebook_html
from grader.grading.class_run import reopen_files
from grader.grading.overrides_file import find_overrides
from grader.grading.result_files import DEFAULT_FORMATS
from grader.grading.result_store import open_results
from grader.reports.gradebook import GradedClass, make_gradebook


def write_gradebook(
    console: Console, folders: Sequence[Path], out: Path, weights: Sequence[str], dropped: int
) -> None:
    """Join the stores of several assignments, with what people have decided, and write the table and the page.

    Args:
        weights: `ASSIGNMENT=NUMBER`. dropped: so many of the lowest marks of each student do not count.
    """
    classes = [_read_class(folder) for folder in folders]
    ids = [one.assignment for one in classes]
    for folder, id in zip(folders, ids, strict=True):
        if ids.count(id) > 1:
            raise GraderError(
                f"{folder} holds results of {id}, and another folder too; give each assignment once"
            )
    if not 0 <= dropped < len(ids):
        raise GraderError(f"--drop {dropped} leaves none of {count(len(ids), 'assignment')}")

    book = make_gradebook(classes, _read_weights(weights, ids), dropped)
    for name, text in {"gradebook.csv": gradebook_csv(book), "gradebook.html": gradebook_html(book)}.items():
        write_file(out / name, text)
    console.print(
        Text(f"{count(len(book.rows), 'student')}, {count(len(ids), 'assignment')}: {', '.join(ids)}")
    )
    console.print(Text(f"  {out / 'gradebook.csv'}\n  {out / 'gradebook.html'}"))


def _read_class(folder: Path) -> GradedClass:
    with open_results(folder, create=False) as results:
        run, files = reopen_files(results, DEFAULT_FORMATS, None, find_overrides(folder))
        return GradedClass(run.assignment, run.title, tuple(files.reports()), files.class_list)


def _read_weights(texts: Sequence[str], ids: Sequence[str]) -> dict[str, Fraction]:
    weights: dict[str, Fraction] = {}
    for text in texts:
        id, _, number = text.partition("=")
        if id not in ids:
            raise GraderError(f"--weight {text}: there is no assignment {id!r}; {suggest(id, ids)}")
        try:
            weights[id] = Fraction(number)
        except (ValueError, ZeroDivisionError):
            weights[id] = Fraction(-1)
        if weights[id] < 0:
            raise GraderError(f"--weight {text}: {number!r} must be a number, as in --weight {id}=2")
    return weights
