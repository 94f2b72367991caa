"""`grader gradebook`: the marks of several assignments in one table."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path

from rich.console import Console
from rich.text import Text

from grader.core.errors import GraderError, suggest
from grader.core.files import write_file
from grader.core.text import count, one_line
from grader.formats.gradebook import gradebook_csv, gradebook_html
from grader.grading.class_run import reopen_files
from grader.grading.class_table import read_number
from grader.grading.overrides_file import find_overrides
from grader.grading.result_files import DEFAULT_FORMATS
from grader.grading.result_store import open_results
from grader.reports.gradebook import GradedClass, make_gradebook

_MOST_NAMED = 30


def write_gradebook(
    console: Console, folders: Sequence[Path], out: Path, weights: Sequence[str], dropped: int
) -> None:
    """Join the stores of several assignments, with what people have decided, and write the table and the page.

    Args:
        weights: `ASSIGNMENT=NUMBER`. dropped: so many of the lowest marks of each student do not count.
    """
    classes = [_read_class(folder) for folder in folders]
    ids = [one.assignment for one in classes]
    for id in ids:
        others = [str(other) for other, its in zip(folders, ids, strict=True) if its == id]
        if len(others) > 1:
            raise GraderError(f"{' and '.join(others)} hold results of {id}; give each assignment once")
    read = _read_weights(weights, ids)
    counting = [id for id in ids if read.get(id, 1)]
    if not counting:
        raise GraderError("All weights are 0, so no mark would count; give at least one assignment a weight")
    if dropped >= len(counting):
        some = count(len(counting), "assignment")
        raise GraderError(
            f"--drop {dropped} would leave no mark: {some} count; drop {len(counting) - 1} at most"
        )

    book = make_gradebook(classes, read, dropped)
    for name, text in {"gradebook.csv": gradebook_csv(book), "gradebook.html": gradebook_html(book)}.items():
        write_file(out / name, text)
    console.print(
        Text(f"{count(len(book.rows), 'student')}, {count(len(ids), 'assignment')}: {', '.join(ids)}")
    )
    _print_listed(console, "Not on the roster", book.strangers)
    _print_listed(console, "Several marks", book.repeated)
    console.print(Text(f"  {out / 'gradebook.csv'}\n  {out / 'gradebook.html'}"))


def _print_listed(console: Console, title: str, lines: Sequence[str]) -> None:
    if lines:
        shown = "; ".join(one_line(line, 100) for line in lines[:_MOST_NAMED])
        more = f"; and {len(lines) - _MOST_NAMED} more" if len(lines) > _MOST_NAMED else ""
        console.print(Text(f"{title} ({len(lines)}): {shown}{more}", "yellow"))


def _read_class(folder: Path) -> GradedClass:
    with open_results(folder, create=False) as results:
        run, files = reopen_files(results, DEFAULT_FORMATS, None, find_overrides(folder))
        return GradedClass(run.assignment, run.title, tuple(files.reports()), files.class_list)


def _read_weights(texts: Sequence[str], ids: Sequence[str]) -> dict[str, Fraction]:
    weights: dict[str, Fraction] = {}
    for text in texts:
        id, sign, number = text.partition("=")
        if not sign:
            raise GraderError(f"--weight {text}: write an assignment and a number, as in --weight {ids[0]}=2")
        if id not in ids:
            raise GraderError(f"--weight {text}: there is no assignment {id!r}; {suggest(id, ids)}")

        weight = read_number(number)
        if weight is None:
            raise GraderError(f"--weight {text}: {number!r} must be 0 or more, as in --weight {id}=2")
        weights[id] = weight
    return weights
