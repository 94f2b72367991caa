"""An author's files: problems, lists of wrong formulas, and a course's configuration; and Gradescope's metadata."""

from __future__ import annotations

import random
import re
import shutil
from pathlib import Path

from benchmarks.fuzzing.kind import Read, mutate
from benchmarks.many import ROOT
from grader.answers.collect.gradescope import read_metadata
from grader.problems.course import load_course
from grader.problems.load import load_problem
from grader.problems.solution import load_solution

ODD = (
    "",
    "~",
    "true",
    "no",
    "0",
    "-1",
    "1e400",
    ".inf",
    ".nan",
    "9" * 5000,
    "0x1F",
    "0x" + "F" * 5000,
    "0b" + "1" * 20000,
    "1:" * 900 + "1",
    "+.5e+9999",
    "1_0",
    "0o9",
    "1:30",
    "2026-11-31",
    "2026-11-27T99:00:00Z",
    "!!timestamp 2026-01-01",
    "!!binary AA==",
    "!!set {a}",
    "!!python/object:os.system x",
    "!x y",
    "&a [*a]",
    "*a",
    "<<: {a: 1}",
    "'",
    '"',
    '"\\0"',
    '"\\ud800"',
    '"\\x1b[31m"',
    "|",
    ">-",
    "[",
    "]",
    "{",
    "}",
    "{}",
    "[]",
    "[[], {}]",
    "a: b: c",
    "- - -",
    "? x",
    "%TAG",
    "\t",
    "---",
    "...",
    "# x",
    "n",
    "m",
    "[n, n]",
    "[n, m, p]",
    "A",
    "inv(A)",
    "A @ A.T",
    "A" + " @ A" * 400,
    "(" * 500,
    "A ** 9999999",
    "det(A) ** -0.5",
    "trace(A",
    "A[0]",
    "lambda: 0",
    "__import__('os')",
    "differential",
    "\u202ex",
    "é" * 300,
    "[" * 300,
    "x" * 20000,
)
_TOKEN = re.compile(r"[\w.*+@/()-]+|[\[\]{}:,'\"]|\n *- |\n *")

METADATA = b"""submission_1:
  :submitters:
  - :name: Ann Lee
    :sid: '1'
    :email: a@b
  :created_at: 2026-01-01 00:00:00.000000000 Z
submission_2: {":submitters": [{":name": Bob}]}
"""
COURSE = """course: Fuzzed
seed: {env: FUZZ_SEED, default: 3}
cases: 6
libraries: [numpy]
limits: {seconds: 2, cpu_seconds: 1, memory_mb: 512}
isolation: {at_least: standard}
assignments:
  hw1:
    title: One
    due: 2026-12-01
    problems: [fuzzed, {id: fuzzed, points: 2.5}]
"""


def read_yaml_files(folder: Path) -> Read:
    """Read each as what it is a mutation of."""
    solutions = sorted((ROOT / "solutions").glob("*/variants.yaml"))
    exercise, solution = folder / "exercises" / "fuzzed", folder / "solutions" / "fuzzed"
    for made in (exercise, solution):
        made.mkdir(parents=True)
    config = folder / "config.yaml"

    def read(draw: random.Random) -> bool:
        variants = draw.choice(solutions)
        problem = ROOT / "exercises" / variants.parent.name / "problem.yaml"
        shutil.copyfile(variants.with_name("reference.py"), solution / "reference.py")
        match draw.randrange(4):
            case 0:
                (exercise / "problem.yaml").write_bytes(_mutate(draw, problem.read_bytes()))
                load_problem(exercise / "problem.yaml")
            case 1:
                (exercise / "problem.yaml").write_bytes(problem.read_bytes())
                (solution / "variants.yaml").write_bytes(_mutate(draw, variants.read_bytes()))
                load_solution(solution, load_problem(exercise / "problem.yaml"))
            case 2:
                (exercise / "problem.yaml").write_bytes(problem.read_bytes())
                config.write_bytes(_mutate(draw, COURSE.encode()))
                load_course(folder)
            case _:
                return bool(read_metadata(_mutate(draw, METADATA)))
        return True

    return read


def _mutate(draw: random.Random, data: bytes) -> bytes:
    """Change words and signs, and at times bytes, of a file of YAML."""
    if draw.random() < 0.2:
        return mutate(draw, data)

    text = data.decode()
    for _ in range(draw.choice((1, 1, 2, 4))):
        places = [match.span() for match in _TOKEN.finditer(text)]
        start, end = draw.choice(places)
        chance = draw.random()
        if chance < 0.7:
            text = text[:start] + draw.choice(ODD) + text[end:]
        elif chance < 0.85:
            text = text[:start] + text[end:]
        else:
            other, last = draw.choice(places)
            text = text[:start] + text[other:last] + text[end:]
    return text.encode("utf-8", "replace")
