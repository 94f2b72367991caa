"""What students must not see: `solutions/<id>/` with the reference, other right formulas and known mistakes."""

from __future__ import annotations

import ast
import runpy
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import Field

from grader.core.errors import AuthorError, Fault, suggest
from grader.core.text import split_sentence
from grader.problems.algebras import NUMPY
from grader.problems.expression import Expression, ExpressionError, evaluate, parse
from grader.problems.problem import PROBLEM_ID, Problem
from grader.problems.yaml_model import FieldFault, StrictModel, read_model
from grader.problems.yaml_reader import FieldPath
from grader.reports.assignment import WorkedSolution

Function = Callable[..., Any]


@dataclass(frozen=True, slots=True)
class Variant:
    """A way to answer a problem: right if it is an alternative, wrong if it is a mistake.

    Args:
        answer: takes the arguments of the signature and returns what a student's function would.
        message: for a mistake, the sentence that a student who made it should read; step: what to do next.
    """

    id: str
    answer: Function
    message: str = ""
    hides: tuple[str, ...] = ()
    step: str = ""


@dataclass(frozen=True, slots=True)
class Solution:
    """The reference solution of a problem, its alternatives and its mistakes."""

    reference: Function
    derivation: str
    alternatives: tuple[Variant, ...]
    mistakes: tuple[Variant, ...]


class AlternativeFile(StrictModel):
    """Another right formula: an expression (a list of them for a tuple), or a function of variants.py."""

    id: str = Field(pattern=f"^{PROBLEM_ID.pattern}$")
    formula: str | list[str] | None = None
    python: str | None = None


class MistakeFile(AlternativeFile):
    """A known wrong formula, the inputs at which it hides, what to tell a student who made it, and what to do next."""

    hides: list[str] = Field(default=[])
    message: str = Field(min_length=1)
    step: str = ""


class VariantsFile(StrictModel):
    """The format of `solutions/<id>/variants.yaml`."""

    alternatives: list[AlternativeFile] = Field(default=[])
    mistakes: list[MistakeFile] = Field(default=[])


def load_solution(folder: Path, problem: Problem) -> Solution:
    """Read `solutions/<id>/`.

    Raises:
        AuthorError: with every fault of the file it was found in.
    """
    reference, derivation = _load_reference(folder / "reference.py", problem)
    path = folder / "variants.yaml"
    if not path.exists():
        return Solution(reference, derivation, (), ())
    functions = _run(folder / "variants.py") if (folder / "variants.py").exists() else {}
    file = read_model(path, VariantsFile, lambda file: _examine(file, problem, functions))
    return Solution(
        reference,
        derivation,
        tuple(Variant(item.id, _answer(item, problem, functions)) for item in file.alternatives),
        tuple(_make_mistake(item, _answer(item, problem, functions)) for item in file.mistakes),
    )


def _make_mistake(item: MistakeFile, answer: Function) -> Variant:
    """A listed mistake; without a step of its own, what follows the first sentence of its message is the step."""
    message, step = item.message.strip(), item.step.strip()
    if not step:
        message, step = split_sentence(message)
    return Variant(item.id, answer, message, tuple(item.hides), step)


def read_reference(folder: Path) -> str:
    """The text of `solutions/<id>/reference.py`."""
    return (folder / "reference.py").read_text(encoding="utf-8")


def read_worked(folder: Path, function: str) -> WorkedSolution:
    """The reference for people: its derivation, and its code without that; nothing is run.

    The derivation is the docstring of the function, or else of the module, as in `Solution`.
    """
    text = read_reference(folder)
    module = ast.parse(text)
    defined = [node for node in module.body if isinstance(node, ast.FunctionDef) and node.name == function]
    places: list[ast.FunctionDef | ast.Module] = [*defined, module]
    told = next((node for node in places if ast.get_docstring(node)), None)
    if told is None:
        return WorkedSolution("", text.strip("\n"))
    lines = text.split("\n")
    docstring = told.body[0]
    del lines[docstring.lineno - 1 : docstring.end_lineno]
    return WorkedSolution(ast.get_docstring(told) or "", "\n".join(lines).strip("\n"))


def _load_reference(path: Path, problem: Problem) -> tuple[Function, str]:
    names = _run(path)
    function = names.get(problem.function)
    if not callable(function):
        raise AuthorError(path, [Fault(f"must define {problem.signature}")])
    return function, (function.__doc__ or names.get("__doc__") or "").strip()


def _run(path: Path) -> dict[str, Any]:
    try:
        return runpy.run_path(str(path), run_name=path.stem)
    except OSError as error:
        raise AuthorError(path, [Fault(f"cannot be read: {error.strerror}")]) from None
    except SyntaxError as error:
        raise AuthorError(path, [Fault(f"is not Python: {error.msg}", line=error.lineno)]) from None
    except (Exception, SystemExit) as error:
        raise AuthorError(path, [Fault(f"fails when imported: {type(error).__name__}: {error}")]) from error


def _examine(file: VariantsFile, problem: Problem, functions: Mapping[str, Any]) -> list[FieldFault]:
    found: list[FieldFault] = []
    names = [*problem.arguments, *problem.sizes]
    seen: set[str] = set()
    for group, items in (("alternatives", file.alternatives), ("mistakes", file.mistakes)):
        for position, item in enumerate(items):
            at: FieldPath = (group, position)
            if item.id in seen:
                found.append(((*at, "id"), f"'{item.id}' stands twice"))
            seen.add(item.id)
            if (item.formula is None) == (item.python is None):
                found.append((at, "needs either formula or python"))
            if isinstance(item.formula, list) and len(item.formula) != problem.parts:
                message = f"has {len(item.formula)} parts, and an answer to {problem.id} has {problem.parts}"
                found.append(((*at, "formula"), message))
            for text in _formulas(item):
                try:
                    parse(text, names)
                except ExpressionError as error:
                    found += [
                        ((*at, "formula"), f"column {column}: {words}") for column, words in error.faults
                    ]
            if item.python is not None and not callable(functions.get(item.python)):
                known = [name for name, value in functions.items() if callable(value) and name[0] != "_"]
                hint = suggest(item.python, known) if known else "write it there"
                message = f"variants.py has no function '{item.python}'; {hint}"
                found.append(((*at, "python"), message))
    return found


def _formulas(item: AlternativeFile) -> list[str]:
    return [item.formula] if isinstance(item.formula, str) else item.formula or []


def _answer(item: AlternativeFile, problem: Problem, functions: Mapping[str, Any]) -> Function:
    if item.python is not None:
        function: Function = functions[item.python]
        return function
    expressions = [parse(text, [*problem.arguments, *problem.sizes]) for text in _formulas(item)]
    return _formula_function(expressions, problem, isinstance(item.formula, list))


def _formula_function(expressions: list[Expression], problem: Problem, is_tuple: bool) -> Function:
    def answer(*values: Any) -> Any:
        names = dict(zip(problem.arguments, values, strict=True))
        for item in problem.inputs:
            sides = getattr(names[item.name], "shape", ())
            names |= {
                letter: side
                for letter, side in zip(item.shape, sides, strict=True)
                if isinstance(letter, str)
            }
        results = [evaluate(expression, names, NUMPY) for expression in expressions]
        return tuple(results) if is_tuple else results[0]

    return answer
