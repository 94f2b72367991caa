"""A new problem's files: a small problem that already passes validation, to be changed line by line."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from grader.authoring.assign_problem import assign_problem, with_problem
from grader.authoring.json_schemas import SCHEMA_FILES, schema_text
from grader.authoring.problem_text import problem_yaml, variants_yaml
from grader.authoring.propose_inputs import CASES, SEED, Wish, draft_problems, propose_problem
from grader.authoring.propose_solution import propose_solution
from grader.core.errors import GraderError, attempt, refuse
from grader.core.files import write_file
from grader.grading.prepare import prepare_problem
from grader.problems.problem import PROBLEM_ID

_LONGEST_ID = 40

_PROBLEM = """\
# yaml-language-server: $schema=../problem.schema.json
title: Gradient of tr(A²)
statement: |
  Return the gradient of $f(A) = \\operatorname{{tr}}(A^2)$ at a real $n\\times n$ matrix `A`: the matrix $G$ with
  $df = \\langle G, dA\\rangle = \\operatorname{{tr}}(G^T dA)$, of the shape of `A`.
signature: {function}(A)
f: trace(A @ A)
ask: gradient
inputs:
  A: {{shape: [n, n], family: [integer, generic, scaled, symmetric, one_by_one]}}
checks:
  - {{check: shape, points: 1}}
  - {{check: reference, points: 3}}
  - {{check: taylor, points: 1}}
hints:
  - The differential of a product has two terms.
"""

_REFERENCE = '''\
"""Reference solution; students never see this file."""


def {function}(A):
    """Gradient of tr(A²).

    d tr(A²) = tr(dA·A + A·dA) = 2 tr(A dA) = ⟨2Aᵀ, dA⟩.
    """
    return 2 * A.T
'''

_VARIANTS = """\
# yaml-language-server: $schema=../variants.schema.json
alternatives:
  - {{id: two-terms, formula: A.T + A.T}}
mistakes:
  - id: transposed
    formula: 2 * A
    hides: [A symmetric]
    message: You returned the transpose of the gradient.
    step: Compare ⟨G, dA⟩ = tr(Gᵀ dA) with what you have, index by index.
"""

_CONFIG = """\
# yaml-language-server: $schema=exercises/config.schema.json
course: My course
seed: {{env: GRADER_SEED, default: 1}}
assignments:
  week1:
    problems: [{id}]
"""


@dataclass(frozen=True, slots=True)
class NewProblem:
    """What was written of a new problem.

    Args:
        written: the files; assignment: the one that the problem was added to, None for a new course.
        is_right: whether the reference gets all points; is_formula: whether it is more than a difference quotient;
        without_code: the functions of f that numpy does not have, for which the reference is a stub.
    """

    id: str
    written: tuple[Path, ...]
    assignment: str | None = None
    is_right: bool = True
    is_formula: bool = True
    without_code: tuple[str, ...] = ()


def new_problem(folder: Path, problem_id: str, assignment: str | None = None) -> NewProblem:
    """Write a small problem into a course folder, to be changed; `config.yaml` and the schemas too if there are none.

    Args:
        assignment: the one that it is added to; the last of config.yaml if None.

    Raises:
        GraderError: the id is not allowed or taken, or it cannot be written there; nothing is written.
    """
    refuse(find_obstacles(folder, problem_id, assignment))
    function = function_name(problem_id)
    texts = [template.format(function=function) for template in (_PROBLEM, _REFERENCE, _VARIANTS)]
    return _write(folder, problem_id, texts, assignment)


def _keep_silent(words: str) -> None:
    """Nobody listens."""


def propose(
    folder: Path,
    problem_id: str | None,
    wish: Wish,
    assignment: str | None = None,
    say: Callable[[str], None] = _keep_silent,
) -> NewProblem:
    """Write a complete problem about a map: all that can be proposed, and tried.

    Args:
        problem_id: made of the map if None.
        say: is told what is being done, which may take a minute.

    Raises:
        GraderError: the id is taken, it cannot be written there, or f has faults; nothing is written.
    """
    chosen = problem_id or id_of(wish)
    faults = find_obstacles(folder, chosen, assignment)
    function = chosen.replace("-", "_") if PROBLEM_ID.fullmatch(chosen) else "f"
    drafts = attempt(faults, lambda: draft_problems(wish, chosen, function)) or []
    refuse(faults)

    proposal = propose_problem(drafts, SEED, say)
    prepared = prepare_problem(proposal.problem, SEED, CASES, solve=lambda *_: (proposal.cases, None))
    solution = propose_solution(prepared, say)
    texts = [
        problem_yaml(proposal.problem, proposal.fields),
        solution.reference,
        variants_yaml(solution.mistakes),
    ]
    new = _write(folder, chosen, texts, assignment)
    return replace(
        new,
        is_right=solution.is_right,
        is_formula=solution.is_formula,
        without_code=solution.without_code,
    )


def id_of(wish: Wish) -> str:
    """`trace-inv-a-b-gradient`, or one without the ask where that is left to guess."""
    words = re.findall(r"[a-z0-9]+", wish.f.lower())
    text = "-".join(words)[:_LONGEST_ID].strip("-")
    if not text[:1].isalpha():
        text = f"f-{text}"
    if not wish.ask:
        return text
    return f"{text}-{wish.ask.replace('_', '-')}"


def find_obstacles(folder: Path, problem_id: str, assignment: str | None) -> list[str]:
    """Find everything for which a problem cannot be written, before any work is done."""
    faults: list[str] = []
    if attempt(faults, lambda: function_name(problem_id)) is None:
        return [*faults, *_of_config(folder, problem_id, assignment)]

    files = _files(folder, problem_id)
    existing = [str(path) for path in files if path.exists()]
    if existing:
        verb = "exists" if len(existing) == 1 else "exist"
        faults.append(f"{', '.join(existing)} already {verb}; choose another id, or remove what is there")
    faults += _of_config(folder, problem_id, assignment)
    nearest = dict.fromkeys(_nearest_folder(path) for path in (folder / "config.yaml", *files))
    return [*faults, *filter(None, map(_why_not_written, nearest))]


def _of_config(folder: Path, problem_id: str, assignment: str | None) -> list[str]:
    """What is in the way of adding it to an assignment."""
    config, faults = folder / "config.yaml", list[str]()
    if config.exists():
        attempt(faults, lambda: with_problem(config, problem_id, assignment))
    elif assignment is not None:
        faults.append(f"there is no {config} with an assignment '{assignment}'")
    return faults


def _nearest_folder(path: Path) -> Path:
    """What exists of the folders above a file."""
    return next(above for above in path.absolute().parents if above.exists())


def _why_not_written(folder: Path) -> str:
    """Say why nothing can be written in a folder; nothing if it can."""
    try:
        with tempfile.TemporaryFile(dir=folder):
            return ""
    except OSError as error:
        return f"Cannot write to {folder}: {error.strerror or type(error).__name__}; fix that, or go to another folder"


def _files(folder: Path, problem_id: str) -> tuple[Path, Path, Path]:
    solution = folder / "solutions" / problem_id
    return (
        folder / "exercises" / problem_id / "problem.yaml",
        solution / "reference.py",
        solution / "variants.yaml",
    )


def _write(folder: Path, problem_id: str, texts: Sequence[str], assignment: str | None) -> NewProblem:
    files = dict(zip(_files(folder, problem_id), texts, strict=True))
    shared = {folder / place: schema_text(schema) for schema, place in SCHEMA_FILES.items()}
    config, added = folder / "config.yaml", None
    is_new = not config.exists()
    if is_new:
        shared[config] = _CONFIG.format(id=problem_id)

    files |= {path: text for path, text in shared.items() if not path.exists()}
    for path, text in files.items():
        write_file(path, text)
    if not is_new:
        added = assign_problem(config, problem_id, assignment)
    return NewProblem(problem_id, tuple(files), added)


def function_name(problem_id: str) -> str:
    """The function of a problem, by its id.

    Raises:
        GraderError: the id is not allowed.
    """
    if not PROBLEM_ID.fullmatch(problem_id):
        raise GraderError(
            f"'{problem_id}' is not a problem id; use small letters, digits and single hyphens, as in trace-square"
        )
    function = problem_id.replace("-", "_")
    if function[0].isdigit():
        raise GraderError(f"'{problem_id}' gives the function name '{function}'; start with a letter")
    return function
