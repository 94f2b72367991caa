"""The gallery has a problem for every feature, whose own function is right there, and zeros are not."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, get_args

import numpy as np
import pytest
import yaml

from grader.answers.sandbox import Limits, Sandbox
from grader.answers.submission import Submission
from grader.grading.grade import Grader
from grader.grading.judge import judge_answers
from grader.grading.prepare import PreparedAssignment, PreparedProblem, prepare_problem
from grader.problems.asks import Ask, Convention
from grader.problems.budget import Counted
from grader.problems.family_names import FAMILIES
from grader.problems.load import make_problem
from grader.problems.problem import CheckName
from grader.problems.problem_yaml import ProblemFile
from grader.problems.relation import Freedom, RelationKind
from grader.problems.spaces import Space
from grader.reports.code import CodeCell
from grader.reports.report import ProblemReport
from tests.conftest import ROOT
from tests.judging import answers

pytestmark = pytest.mark.slow

PAGE = (ROOT / "docs/gallery.md").read_text(encoding="utf-8")
SEED, CASES = 1, 4
CHEAP = {"larger": False, "sizes": {"n": [2, 3]}}
"""What an entry leaves to its default, so that its truths take a tenth of the time."""
LIMITS = Limits(seconds=20, cpu_seconds=20, total_seconds=60)
MATRIX_FUNCTIONS = (
    *("inv", "det", "logdet", "solve", "expm", "logm", "sqrtm", "funm", "sylvester", "root", "ode"),
    *("cholesky", "qr", "lu", "eigh", "eigvalsh", "eig", "eigvals", "svd", "svdvals"),
    *("pinv", "lstsq", "null_space"),
)


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry of the gallery: a problem, a right function, and functions that are wrong or cost too much."""

    heading: str
    fields: dict[str, Any]
    right: str
    wrong: tuple[str, ...]


def read_entries(page: str) -> Iterator[Entry]:
    for section in re.split(r"^### ", page, flags=re.M)[1:]:
        blocks = re.findall(r"^```(\w+)\n(.*?)^```", section, re.M | re.S)
        (problem,) = (text for language, text in blocks if language == "yaml")
        right, *wrong = (text for language, text in blocks if language == "python")
        yield Entry(section.partition("\n")[0], yaml.safe_load(problem), right, tuple(wrong))


ENTRIES = list(read_entries(PAGE))
COUNTED = [entry for entry in ENTRIES if entry.wrong]


def run(source: str, name: str) -> Callable[..., Any]:
    names: dict[str, Any] = {"np": np}
    exec(source, names)
    function: Callable[..., Any] = names[name]
    return function


def zeros_like(function: Callable[..., Any]) -> Callable[..., Any]:
    def zeros(*arguments: Any) -> Any:
        answer = function(*arguments)
        parts = tuple(np.zeros_like(part) for part in (answer if isinstance(answer, tuple) else (answer,)))
        return parts if isinstance(answer, tuple) else parts[0]

    return zeros


@cache
def prepared(heading: str) -> PreparedProblem:
    (entry,) = (entry for entry in ENTRIES if entry.heading == heading)
    return prepare_problem(make_problem({**CHEAP, **entry.fields}, "some-example"), SEED, CASES)


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.heading)
def test_an_entry_accepts_its_function_and_no_zeros(entry: Entry) -> None:
    asked = prepared(entry.heading)
    assert {solved.cause for solved in asked.cases if solved.truth is None} == set()
    right = run(entry.right, asked.problem.function)
    assert judge_answers(asked, answers(asked, right)).verdict == "right"
    assert judge_answers(asked, answers(asked, zeros_like(right))).verdict == "wrong"


def graded(sandbox: Sandbox, asked: PreparedProblem, source: str) -> ProblemReport:
    exam = PreparedAssignment("gallery", SEED, LIMITS, ("numpy",), (asked,))
    cell = CodeCell("ann.py", f"import numpy as np\n{source}")
    return Grader(exam, sandbox).grade(Submission("ann", "ann.py", (cell,), None)).problems[0]


def test_what_the_page_calls_wrong_loses_points_in_the_sandbox_and_the_right_function_does_not() -> None:
    with Sandbox(LIMITS, ("numpy",)) as sandbox:
        for entry in COUNTED:
            asked = prepared(entry.heading)
            assert graded(sandbox, asked, entry.right).verdict == "right", entry.heading
            for source in entry.wrong:
                assert graded(sandbox, asked, source).verdict != "right", entry.heading


def test_headings_and_functions_are_told_apart() -> None:
    assert len({entry.heading for entry in ENTRIES}) == len(ENTRIES)
    assert len({entry.fields["signature"] for entry in ENTRIES}) == len(ENTRIES)


def mentions(value: Any) -> Iterator[tuple[str, Any]]:
    """Every key of a problem with what stands there, at any depth; items of a list stand there one by one."""
    for key, item in value.items() if isinstance(value, Mapping) else ():
        for found in item if isinstance(item, list) else [item]:
            yield key, found
            yield from mentions(found)


MENTIONS = [pair for entry in ENTRIES for pair in mentions(entry.fields)]


def words(key: str) -> set[str]:
    """The words at a key anywhere in the gallery, and the names of mappings there."""
    found = [item for name, item in MENTIONS if name == key]
    return {word for item in found for word in (item if isinstance(item, Mapping) else [item])}


def keys_of_the_format() -> set[str]:
    schema = ProblemFile.model_json_schema()
    models = (schema, *schema.get("$defs", {}).values())
    return {key for model in models for key in model.get("properties", {})}


def test_every_key_of_a_problem_has_an_example() -> None:
    assert keys_of_the_format() <= {key for key, _ in MENTIONS}


WORDS = {
    "ask": Ask, "convention": Convention, "space": Space, "check": CheckName, "up_to": Freedom, "cost": Counted
}  # fmt: skip


@pytest.mark.parametrize(("key", "allowed"), WORDS.items())
def test_every_word_of_a_key_has_an_example(key: str, allowed: Any) -> None:
    assert {*get_args(allowed)} <= words(key)


def test_every_family_has_an_example() -> None:
    listed = {name for name, definition in FAMILIES.items() if definition.fits != "direction"}
    assert listed <= words("family")


def test_every_kind_of_relation_has_an_example() -> None:
    assert {*get_args(RelationKind)} <= words("relations")


@pytest.mark.parametrize("statement", ["for ", "if ", "else", "def ", "return ", "where(", "lambda "])
def test_every_kind_of_statement_has_an_example(statement: str) -> None:
    assert any(statement in entry.fields.get("f", "") for entry in ENTRIES)


@pytest.mark.parametrize("function", MATRIX_FUNCTIONS)
def test_every_function_of_matrices_has_an_example(function: str) -> None:
    assert any(re.search(rf"\b{function}\(", entry.fields.get("f", "")) for entry in ENTRIES)
