"""The files of a page of formulas: what any web server can serve, and a browser needs nothing else.

`page.json` is what the worker loads, `course.json` what the checker knows: problems and cases, and no truth,
reference or listed mistake's formula.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

from markupsafe import Markup

from grader.core.errors import GraderError
from grader.core.hashing import hash_text
from grader.core.worker_pool import count_cores
from grader.formats.html.prose import statement_html
from grader.formats.html.student import hints_html
from grader.formats.html.template_engine import environment
from grader.formulas.judge import JudgedProblem
from grader.grading.prepare import prepare
from grader.platforms.page.checker_archive import Checker, pack_checker, prepare_checker
from grader.platforms.page.choose_problems import choose, find_obstacle
from grader.platforms.page.course_json import write_course
from grader.platforms.page.runtime import FLINT, PYODIDE, find_flint, find_pyodide
from grader.problems.course import Assignment, Course
from grader.problems.language import FUNCTIONS
from grader.problems.problem import Problem
from grader.truths.core_algebra import CORE

ASSETS = ("page.css", "page.js", "editor.js", "worker.js", "from_disk.js", "licences.txt")
SETTINGS = "page.json"
"""What the worker loads; no other folder has such a file beside an index."""
MEMORY = "memory.bin"
"""Compressed, under a name by which no web server takes it for a text that it has compressed itself."""
LIMIT_SECONDS = 20
"""For one formula; then the worker is ended."""

_COLOPHON = (
    f"Checked by frechet-grader with python-flint {FLINT} in Pyodide {PYODIDE}, all inside your browser."
)
_COMMON = (
    ("@", "@", "matrix product"),
    (".T", "ᵀ", "transpose"),
    ("inv()", "( )⁻¹", "inverse"),
    ("det()", "det", ""),
    ("trace()", "tr", ""),
    ("adj()", "adj", ""),
    ("kron()", "⊗", "Kronecker product"),
)


@dataclass(frozen=True, slots=True)
class Symbol:
    """A button of the palette: what it inserts, what it shows, and its name if that cannot be read out."""

    insert: str
    shown: str
    name: str = ""


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A problem that is not on the page, and why."""

    id: str
    reason: str


@dataclass(frozen=True, slots=True)
class Page:
    """All files of a page by their paths below its folder, and the problems that it lacks."""

    files: Mapping[str, bytes | Path]
    left_out: tuple[LeftOut, ...]


def build_page(
    course: Course, assignment: Assignment, seed: int, pyodide: str | None = None, flint: Path | None = None
) -> Page:
    """Build the page of an assignment.

    Args:
        seed: of the inputs.
        pyodide: a folder with Pyodide, or an address from which the page loads it; by default it is fetched by npm.
        flint: the wheel of python-flint for Pyodide; by default it is fetched by pip.

    Raises:
        GraderError: Pyodide or python-flint is not there, or no problem can be judged in a browser.
    """
    obstacles = {id: find_obstacle(course.problems[id]) for id in assignment.points}
    left_out = tuple(LeftOut(id, reason) for id, reason in obstacles.items() if reason)
    chosen = [id for id, reason in obstacles.items() if not reason]
    if not chosen:
        reasons = "\n".join(f"  {item.id}: {item.reason}" for item in left_out)
        raise GraderError(f"No problem of {assignment.id} can be judged in a browser:\n{reasons}")

    wheel = find_flint(flint)
    address, runtime = _find_runtime(pyodide)

    course_json = write_course(_choose(course, assignment, chosen, seed))
    checker = _pack(course_json, runtime)
    memory = {} if checker.memory is None else {MEMORY: checker.memory}
    settings = {
        "pyodide": address,
        "archives": [wheel.name, "checker.zip"],
        "memory": next(iter(memory), None),
    }

    assets = resources.files("grader.platforms.page") / "assets"
    files: dict[str, bytes | Path] = {
        "index.html": _index(course, assignment, chosen).encode(),
        SETTINGS: json.dumps(settings).encode(),
        "course.json": course_json.encode(),
        "checker.zip": checker.archive,
        **memory,
        wheel.name: wheel,
        **{name: (assets / name).read_bytes() for name in ASSETS},
        **{f"pyodide/{name}": path for name, path in runtime.items()},
    }
    return Page(files, left_out)


def _find_runtime(pyodide: str | None) -> tuple[str, Mapping[str, Path]]:
    """The address from which the page loads Pyodide, and the files of it that the page brings."""
    if pyodide is not None and pyodide.startswith(("https://", "http://")):
        return f"{pyodide.rstrip('/')}/", {}
    return "pyodide/", find_pyodide(Path(pyodide) if pyodide else None)


def _pack(course_json: str, runtime: Mapping[str, Path]) -> Checker:
    """The checker, compiled and loaded if Pyodide is at hand."""
    archive = pack_checker(course_json)
    return prepare_checker(archive, runtime["pyodide.mjs"].parent) if runtime else Checker(archive)


def _choose(course: Course, assignment: Assignment, chosen: Sequence[str], seed: int) -> list[JudgedProblem]:
    prepared = prepare(course, assignment, seed, chosen, count_cores())
    judged = []
    for one in prepared.problems:
        solution = course.solution(one.problem.id)
        judged.append(choose(one, solution.mistakes if solution else ()))
    return judged


def _index(course: Course, assignment: Assignment, chosen: Sequence[str]) -> str:
    problems = [course.problems[id] for id in chosen]
    title = assignment.title or assignment.id
    data = {
        "id": hash_text(f"{course.title}/{assignment.id}".encode())[:16],
        "title": title,
        "limit": LIMIT_SECONDS,
        "problems": [
            {
                "id": problem.id,
                "title": problem.title,
                "signature": problem.signature,
                "hint": "",
                "words": list(
                    map(_word, [*problem.arguments, *sorted(FUNCTIONS.keys() & CORE.operations.keys())])
                ),
            }
            for problem in problems
        ],
    }
    # What ends a script in HTML must not stand in one.
    written = Markup(json.dumps(data, ensure_ascii=False).replace("<", "\\u003c"))
    return (
        environment()
        .get_template("page.html")
        .render(
            title=title,
            over=course.title,
            data=written,
            problems=tuple(map(_shown, problems)),
            colophon=_COLOPHON,
        )
    )


@dataclass(frozen=True, slots=True)
class _Shown:
    """One problem as the page shows it; what is Markup is harmless already."""

    id: str
    title: str
    signature: str
    statement: Markup
    hints: Markup
    symbols: tuple[Symbol, ...]


def _shown(problem: Problem) -> _Shown:
    names = tuple(Symbol(name, name) for name in problem.arguments)
    common = tuple(Symbol(*words) for words in _COMMON)
    statement, hints = statement_html(problem.statement), hints_html(problem.hints)
    return _Shown(problem.id, problem.title, problem.signature, statement, hints, names + common)


def _word(name: str) -> Mapping[str, str]:
    return {"label": name, "type": "function" if name in FUNCTIONS else "variable"}
