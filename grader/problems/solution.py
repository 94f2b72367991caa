"""Solutions, which students must not see: reference, other right formulas and known mistakes of `solutions/<id>/`."""

from __future__ import annotations

import ast
import inspect
import runpy
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import Field

from grader.core.errors import AuthorError, Fault, find_nearest, suggest
from grader.core.text import split_sentence
from grader.problems.algebras import NUMPY
from grader.problems.language import ExpressionError, evaluate, parse
from grader.problems.problem import PROBLEM_ID, Problem
from grader.problems.uses import expression_faults
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

    id: str = Field(pattern=f"^{PROBLEM_ID.pattern}$", description="appears once in the file")
    formula: str | list[str] | None = Field(
        default=None, description="an expression over the arguments and sizes; a list of them for a tuple"
    )
    python: str | None = Field(
        default=None, description="a function of variants.py, called with the arguments of the signature"
    )

    @property
    def formulas(self) -> list[str]:
        """The formula of each part."""
        return [self.formula] if isinstance(self.formula, str) else self.formula or []


class MistakeFile(AlternativeFile):
    """A known wrong formula, the inputs at which it hides, what to tell a student who made it, and what to do next."""

    hides: list[str] = Field(
        default=[], description="inputs at which it gives the right answer, for the author's own use"
    )
    message: str = Field(min_length=1, description="a sentence: what the student did")
    step: str = Field(default="", description="what to do next; default: a general step")


class VariantsFile(StrictModel):
    """The format of `solutions/<id>/variants.yaml`."""

    alternatives: list[AlternativeFile] = Field(
        default=[], description="other right formulas; each must get all points"
    )
    mistakes: list[MistakeFile] = Field(
        default=[], description="known wrong formulas; each must fail, and the first that fits is named"
    )


def load_solution(folder: Path, problem: Problem) -> Solution:
    """Read `solutions/<id>/`.

    Raises:
        AuthorError: with every fault of the file it was found in.
    """
    reference, derivation = _load_reference(folder / "reference.py", problem)
    path, python = folder / "variants.yaml", folder / "variants.py"
    if not path.exists():
        return Solution(reference, derivation, (), ())

    functions = _run(python) if python.exists() else {}
    file = read_model(path, VariantsFile, lambda file: _variant_faults(file, problem, functions))
    alternatives = (
        Variant(variant.id, _answer(variant, problem, functions)) for variant in file.alternatives
    )
    mistakes = (_make_mistake(variant, _answer(variant, problem, functions)) for variant in file.mistakes)
    return Solution(reference, derivation, tuple(alternatives), tuple(mistakes))


def _make_mistake(variant: MistakeFile, answer: Function) -> Variant:
    """A listed mistake; without a step of its own, what follows the first sentence of its message is the step."""
    message, step = variant.message.strip(), variant.step.strip()
    if not step:
        message, step = split_sentence(message)
    return Variant(variant.id, answer, message, tuple(variant.hides), step)


def read_reference(folder: Path) -> str:
    """The text of `solutions/<id>/reference.py`.

    Raises:
        AuthorError: it cannot be read.
    """
    path = folder / "reference.py"
    try:
        return path.read_text(encoding="utf-8")
    except OSError as error:
        raise AuthorError(path, [Fault(f"cannot be read: {error.strerror}")]) from None
    except UnicodeDecodeError as error:
        raise AuthorError(path, [Fault(f"is not UTF-8 (byte {error.start})")]) from None


def read_worked(folder: Path, function: str) -> WorkedSolution:
    """The reference for people: its derivation, and its code without that; nothing is run.

    The derivation is the docstring of the function, or else of the module, as in `Solution`.

    Raises:
        AuthorError: it is no Python.
    """
    text = read_reference(folder)
    module = _parse(folder / "reference.py", text)
    defined = [node for node in module.body if isinstance(node, ast.FunctionDef) and node.name == function]
    places: list[ast.FunctionDef | ast.Module] = [*defined, module]
    documented = next((node for node in places if ast.get_docstring(node)), None)
    if documented is None:
        return WorkedSolution("", text.strip("\n"))

    lines, docstring = text.split("\n"), documented.body[0]
    del lines[docstring.lineno - 1 : docstring.end_lineno]
    return WorkedSolution(ast.get_docstring(documented) or "", "\n".join(lines).strip("\n"))


def _parse(path: Path, text: str) -> ast.Module:
    try:
        return ast.parse(text)
    except SyntaxError as error:
        raise AuthorError(path, [Fault(f"is not Python: {error.msg}", line=error.lineno)]) from None
    except ValueError as error:  # null bytes
        raise AuthorError(path, [Fault(f"is not Python: {error}")]) from None


def _load_reference(path: Path, problem: Problem) -> tuple[Function, str]:
    names = _run(path)
    function: Any = names.get(problem.function)
    if message := _misfit(function, names, problem):
        raise AuthorError(path, [Fault(message)])
    docstring = function.__doc__ or names.get("__doc__") or ""
    return function, docstring.strip()


def _misfit(function: Any, names: Mapping[str, Any], problem: Problem) -> str:
    """Say why a reference cannot be called as the signature says; nothing if it can."""
    if not callable(function):
        others = [name for name, value in names.items() if inspect.isfunction(value)]
        near = find_nearest(problem.function, others) or next(iter(others), "")
        hint = f"; it defines {near}, which must have the name of the signature" if near else ""
        return f"must define {problem.signature}{hint}"

    try:
        inspect.signature(function).bind(*problem.arguments)
    except TypeError:
        found = f"{problem.function}{inspect.signature(function)}"
        return f"defines {found}, and the signature is {problem.signature}; change one of them"
    except ValueError:
        return ""  # what is compiled has no signature
    return ""


def _run(path: Path) -> dict[str, Any]:
    try:
        return runpy.run_path(str(path), run_name=path.stem)
    except OSError as error:
        raise AuthorError(path, [Fault(f"cannot be read: {error.strerror}")]) from None
    except SyntaxError as error:
        raise AuthorError(path, [Fault(f"is not Python: {error.msg}", line=error.lineno)]) from None
    except (Exception, SystemExit) as error:
        raise AuthorError(path, [Fault(f"fails when imported: {type(error).__name__}: {error}")]) from error


def _variant_faults(
    file: VariantsFile, problem: Problem, functions: Mapping[str, Any]
) -> Iterator[FieldFault]:
    used: set[str] = set()
    for group, variants in (("alternatives", file.alternatives), ("mistakes", file.mistakes)):
        for position, variant in enumerate(variants):
            at: FieldPath = (group, position)
            if variant.id in used:
                yield (*at, "id"), f"'{variant.id}' appears twice"
            used.add(variant.id)

            if (variant.formula is None) == (variant.python is None):
                found = "found none" if variant.formula is None else "found both"
                words = f"needs formula, an expression, or python, a function of variants.py; {found}"
                yield at, words
                continue
            yield from _formula_faults(variant, problem, (*at, "formula"))
            yield from _python_faults(variant, functions, (*at, "python"))


def _formula_faults(variant: AlternativeFile, problem: Problem, at: FieldPath) -> Iterator[FieldFault]:
    if isinstance(variant.formula, list) and len(variant.formula) != problem.parts:
        yield at, f"has {len(variant.formula)} parts, and an answer to {problem.id} has {problem.parts}"
    for text in variant.formulas:
        try:
            parse(text, _names(problem))
        except ExpressionError as error:
            yield from expression_faults(at, error)


def _python_faults(
    variant: AlternativeFile, functions: Mapping[str, Any], at: FieldPath
) -> Iterator[FieldFault]:
    if variant.python is None or callable(functions.get(variant.python)):
        return
    public = {name: value for name, value in functions.items() if name[0] != "_"}
    known = [name for name, value in public.items() if callable(value)]
    hint = suggest(variant.python, known) if known else "write it there"
    yield at, f"variants.py has no function '{variant.python}'; {hint}"


def _names(problem: Problem) -> list[str]:
    """The names that a formula may mention."""
    return [*problem.arguments, *problem.sizes]


def _answer(variant: AlternativeFile, problem: Problem, functions: Mapping[str, Any]) -> Function:
    if variant.python is not None:
        function: Function = functions[variant.python]
        return function

    expressions = [parse(text, _names(problem)) for text in variant.formulas]

    def answer(*values: Any) -> Any:
        names = dict(zip(problem.arguments, values, strict=True))
        names |= _sizes(problem, names)
        results = [evaluate(expression, names, NUMPY) for expression in expressions]
        return tuple(results) if isinstance(variant.formula, list) else results[0]

    return answer


def _sizes(problem: Problem, values: Mapping[str, Any]) -> dict[str, int]:
    """The letters of the inputs' shapes, read off arrays."""
    sizes: dict[str, int] = {}
    for argument in problem.inputs:
        sides = getattr(values[argument.name], "shape", ())
        pairs = zip(argument.shape, sides, strict=True)
        sizes |= {letter: side for letter, side in pairs if isinstance(letter, str)}
    return sizes
