"""A new problem's files: a small problem that already passes validation, to be changed line by line."""

from __future__ import annotations

from pathlib import Path

from grader.authoring.json_schemas import SCHEMA_FILES, schema_text
from grader.core.errors import GraderError
from grader.core.files import write_file
from grader.problems.problem import PROBLEM_ID

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


def new_problem(folder: Path, problem_id: str) -> list[Path]:
    """Write the files of a new problem into a course folder; `config.yaml` and the schemas too if there are none.

    Returns:
        The files written.

    Raises:
        GraderError: the id is not allowed or taken; nothing is written.
    """
    function = _function_name(problem_id)
    templates = {
        folder / "exercises" / problem_id / "problem.yaml": _PROBLEM,
        folder / "solutions" / problem_id / "reference.py": _REFERENCE,
        folder / "solutions" / problem_id / "variants.yaml": _VARIANTS,
    }
    taken = [path for path in templates if path.exists()]
    if taken:
        raise GraderError(f"{taken[0]} exists already; choose another id or remove it")

    shared = {folder / "config.yaml": _CONFIG.format(id=problem_id)}
    for schema, place in SCHEMA_FILES.items():
        shared[folder / place] = schema_text(schema)

    texts = {path: template.format(function=function) for path, template in templates.items()}
    texts |= {path: text for path, text in shared.items() if not path.exists()}
    for path, text in texts.items():
        write_file(path, text)
    return list(texts)


def _function_name(problem_id: str) -> str:
    if not PROBLEM_ID.fullmatch(problem_id):
        raise GraderError(
            f"'{problem_id}' is no problem id; use small letters, digits and single hyphens, as in trace-square"
        )
    function = problem_id.replace("-", "_")
    if function[0].isdigit():
        raise GraderError(f"'{problem_id}' gives the function name '{function}'; start with a letter")
    return function
