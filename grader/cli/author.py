"""The commands of an author: `grader validate`, `grader new`, `grader release` and `grader schema`."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.live import Live
from rich.text import Text

from grader.authoring.json_schemas import schema_text
from grader.authoring.new_problem import new_problem
from grader.authoring.release import write_release
from grader.authoring.validate import validate_all
from grader.core.errors import AuthorError, AuthorErrors, cannot_write
from grader.core.seeds import LARGEST_SEED
from grader.core.text import count
from grader.core.worker_pool import count_cores
from grader.formats.terminal.certificate import print_certificates
from grader.formats.terminal.left_out import print_left_out
from grader.problems.course import Course, find_course, open_course
from grader.reports.certificate import Certificate, certificates_json


def validate_problems(
    console: Console,
    ids: Sequence[str],
    seed: int | None,
    course_folder: Path | None,
    as_json: bool,
    seeds: int = 1,
) -> bool:
    """Try every variant and mutant of the problems; return True if all came out as they should.

    Args:
        seed: the first; the course's if None. seeds: how many are tried, upward from it.

    Raises:
        AuthorErrors: files of problems or solutions have faults; the other problems are proven first.
    """
    course = open_course(course_folder)
    for problem_id in ids:
        course.problem(problem_id)
    if ids:
        print_left_out(course.faulty.values())
    chosen = list(dict.fromkeys(ids or course.problems))
    first = course.seed if seed is None else seed
    proofs = _prove(course, chosen, min(first, LARGEST_SEED - seeds + 1), seeds)
    certificates = [proof for proof in proofs if isinstance(proof, Certificate)]
    errors = [proof for proof in proofs if isinstance(proof, AuthorError)]
    if not ids:
        errors += course.faulty.values()

    if certificates and not as_json:
        print_certificates(console, certificates)
    if errors:
        raise AuthorErrors(errors)
    if as_json:
        text = json.dumps(certificates_json(certificates), indent=1, ensure_ascii=False, allow_nan=False)
        console.out(text, highlight=False)
    return all(certificate.passed for certificate in certificates)


def _prove(course: Course, ids: Sequence[str], seed: int, seeds: int) -> list[Certificate | AuthorError]:
    proofs: dict[str, Certificate | AuthorError] = {}
    # Without a thread of its own for refreshing: the workers are forked.
    with Live(console=Console(stderr=True), auto_refresh=False, transient=True) as live:
        for problem_id, proof in validate_all(course, ids, seed, count_cores(), seeds):
            proofs[problem_id] = proof
            live.update(Text(f"validated {len(proofs)} of {count(len(ids), 'problem')}"), refresh=True)
    return [proofs[problem_id] for problem_id in ids]


def create_problem(console: Console, problem_id: str) -> None:
    """Write a new problem in the course found upward from here, else in a new one in this folder."""
    here, nearest = Path.cwd(), find_course(Path.cwd())
    folder = nearest if nearest == here or nearest in here.parents else here
    written = new_problem(folder, problem_id)
    _print_written(console, written)

    assign = (
        "" if folder / "config.yaml" in written else f" add {problem_id} to an assignment in config.yaml,"
    )
    console.print(Text(f"Next: edit them,{assign} and run: grader validate {problem_id}"))


def release_assignment(console: Console, assignment: str, out: Path, course_folder: Path | None) -> None:
    """Write what students get of an assignment, in a folder of its own."""
    course = open_course(course_folder)
    try:
        written = write_release(course, course.assignment(assignment), out)
        print_left_out(course.faulty.values())
    except OSError as error:
        raise cannot_write(out, error) from None

    _print_written(console, written)
    console.print(Text(f"Nothing of solutions/ is in it. Give students the folder {out}."))


def write_schema(name: str, out: Path | None) -> None:
    """Print the JSON Schema of a format, or write it to a file."""
    text = schema_text(name)
    if out is None:
        print(text, end="")
    else:
        out.write_text(text, encoding="utf-8")


def _print_written(console: Console, paths: Sequence[Path]) -> None:
    for path in paths:
        console.print(Text(f"wrote {os.path.relpath(path)}"))
