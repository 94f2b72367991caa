"""The commands of an author: `grader validate`, `grader new`, `grader release` and `grader schema`."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import cast

from rich.console import Console
from rich.live import Live
from rich.text import Text

from grader.authoring.installing import NOT_SAID
from grader.authoring.json_schemas import schema_text
from grader.authoring.new_problem import NewProblem, find_obstacles, id_of, new_problem, propose
from grader.authoring.propose_inputs import Wish, read_map
from grader.authoring.release import write_release
from grader.authoring.validate import validate_all
from grader.core.errors import (
    AuthorError,
    AuthorErrors,
    GraderError,
    attempt,
    cannot_write,
    refuse,
    suggest,
)
from grader.core.seeds import LARGEST_SEED
from grader.core.text import count
from grader.core.worker_pool import count_cores
from grader.formats.terminal.certificate import print_certificates
from grader.formats.terminal.left_out import print_left_out
from grader.problems.asks import ASKS, Ask
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
    with _progress() as say:
        say(f"validating {count(len(ids), 'problem')} …")
        for problem_id, proof in validate_all(course, ids, seed, count_cores(), seeds):
            proofs[problem_id] = proof
            say(f"validated {len(proofs)} of {count(len(ids), 'problem')}")
    return [proofs[problem_id] for problem_id in ids]


@contextmanager
def _progress() -> Iterator[Callable[[str], None]]:
    """A line at the foot of a terminal that says what is being done."""
    # Without a thread of its own for refreshing: the workers are forked.
    with Live(console=Console(stderr=True), auto_refresh=False, transient=True) as live:
        yield lambda words: live.update(Text(words), refresh=True)


@dataclass(frozen=True, slots=True)
class NewRequest:
    """What was asked of `grader new`.

    Args:
        problem_id, f: at least one of them is given. shapes: as typed, such as `A=m,n`.
    """

    problem_id: str | None
    f: str | None = None
    wrt: Sequence[str] = ()
    ask: str | None = None
    shapes: Sequence[str] = ()
    assignment: str | None = None


def create_problem(console: Console, request: NewRequest) -> None:
    """Write a new problem in the course found upward from here, else in a new one in this folder."""
    here, nearest = Path.cwd(), find_course(Path.cwd())
    folder = nearest if nearest == here or nearest in here.parents else here
    new = _create(folder, request)

    if folder != here:
        console.print(Text(f"In the course {folder}:"))
    _print_written(console, new.written)
    if new.assignment is not None:
        console.print(Text(f"added {new.id} to the assignment {new.assignment} in config.yaml"))
    if new.without_code:
        names = " and ".join(new.without_code)
        console.print(Text(f"The reference is still to be written: numpy has no function for {names}."))
    elif not new.is_formula:
        state = "gets all points" if new.is_right else "does not get all points"
        quotient = f"The reference is a difference quotient that {state}: replace it with a formula."
        console.print(Text(quotient))
    look, run = f"`grader show {new.id}`", f"grader validate {new.id}"
    console.print(Text(f"Next: edit them, look at a case with {look}, and run: {run}"))


def _create(folder: Path, request: NewRequest) -> NewProblem:
    if request.f is not None:
        wish = _wish(folder, request, request.f)
        with _progress() as say:
            return propose(folder, request.problem_id, wish, request.assignment, say)

    faults: list[str] = []
    if request.problem_id is None:
        faults.append(
            'give an id, as in `grader new trace-square`, or a map, as in `grader new --f "trace(A @ A)"`'
        )
    if request.wrt or request.ask or request.shapes:
        faults.append("--wrt, --ask and --shape go together with --f")
    if request.problem_id is not None and faults:
        faults += find_obstacles(folder, request.problem_id, request.assignment)
    refuse(faults)
    return new_problem(folder, request.problem_id or "", request.assignment)


def _wish(folder: Path, request: NewRequest, f: str) -> Wish:
    """What is wished for; if it cannot be read, all that is wrong."""
    faults: list[str] = []
    wrt = tuple(name.strip() for names in request.wrt for name in names.split(","))
    ask = attempt(faults, lambda: _ask(request.ask))
    shapes = [attempt(faults, partial(_shape, text)) for text in request.shapes]
    wish = Wish(f, wrt, ask, dict(filter(None, shapes)))

    if faults:
        attempt(faults, lambda: read_map(f))
        faults += find_obstacles(folder, request.problem_id or id_of(wish), request.assignment)
    refuse(faults)
    return wish


def _ask(word: str | None) -> Ask | None:
    if word is None:
        return None
    if word not in ASKS:
        raise GraderError(f"unknown ask '{word}'; {suggest(word, ASKS)}")
    return cast(Ask, word)


def _shape(text: str) -> tuple[str, tuple[str | int, ...]]:
    """Read `A=m,n`, `b=n`, or `t=` for a number."""
    name, equals, sides = text.partition("=")
    words = list(filter(None, map(str.strip, re.split(r"[,×]", sides))))
    if not equals or not all(word.isalnum() for word in words):
        raise GraderError(f"'{text}' is not a shape; write A=m,n, or b=n, or t= for a number")
    return name.strip(), tuple(int(word) if word.isdecimal() else word for word in words)


def release_assignment(console: Console, assignment: str, out: Path, course_folder: Path | None) -> None:
    """Write what students get of an assignment, in a folder of its own."""
    course = open_course(course_folder)
    try:
        written = write_release(course, course.assignment(assignment), out)
        print_left_out(course.faulty.values())
    except OSError as error:
        raise cannot_write(out, error) from None

    _print_written(console, written)
    console.print(Text(f"It contains nothing from solutions/. Give students the folder {out}."))
    if not course.install:
        Console(stderr=True, soft_wrap=True, highlight=False).print(Text(NOT_SAID, "yellow"))


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
