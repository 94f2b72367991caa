"""What a page knows of an assignment, as JSON: problems and cases, without truths, references and mistakes' formulas.

Arrays of doubles are written so that they come back exactly, as balls. Nothing here needs numpy.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

from grader.cases.case import Case, Formula
from grader.formulas.judge import JudgedProblem
from grader.formulas.sealed import SealedMistake
from grader.problems.axes import nested
from grader.problems.language import Expression, names_read, parse
from grader.problems.problem import GivenFunction, Input, Parameter, Problem
from grader.truths.balls import Ball, from_array

_PLAIN = ("id", "title", "function", "ask", "cotangent", "norm", "weight", "outputs", "convention")
_TUPLES = ("arguments", "wrt", "output", "hints")


def write_course(problems: Sequence[JudgedProblem]) -> str:
    """Problems as JSON."""
    return json.dumps([_write(judged) for judged in problems], ensure_ascii=False, separators=(",", ":"))


def read_course(text: str) -> tuple[JudgedProblem, ...]:
    """The problems that were written."""
    return tuple(map(_read, json.loads(text)))


def _write(judged: JudgedProblem) -> dict[str, Any]:
    problem = judged.problem
    return {
        **{name: getattr(problem, name) for name in (*_PLAIN, *_TUPLES)},
        "f": problem.f.text,
        "inputs": [[given.name, given.shape, given.space, given.index] for given in problem.inputs],
        "directions": dict(problem.directions),
        "sizes": dict(problem.sizes),
        "parameters": [parameter.name for parameter in problem.parameters],
        "functions": list(map(_write_function, problem.functions)),
        "points": str(judged.points),
        "cases": list(map(_write_case, judged.cases)),
        "mistakes": list(map(_write_mistake, judged.mistakes)),
        "drawn_at": None if judged.drawn_at is None else judged.drawn_at.index,
        "direction": {name: _write_value(V) for name, V in judged.direction.items()},
    }


def _read(written: Mapping[str, Any]) -> JudgedProblem:
    cases = tuple(map(_read_case, written["cases"]))
    drawn_at = next((case for case in cases if case.index == written["drawn_at"]), None)
    return JudgedProblem(
        _read_problem(written),
        Fraction(written["points"]),
        cases,
        tuple(map(_read_mistake, written["mistakes"])),
        drawn_at,
        {name: _read_value(V) for name, V in written["direction"].items()},
    )


def _read_problem(written: Mapping[str, Any]) -> Problem:
    functions = [name for name, _, _ in written["functions"]]
    plain: dict[str, Any] = {name: written[name] for name in _PLAIN}
    plain |= {name: tuple(written[name]) for name in _TUPLES}
    return Problem(
        **plain,
        statement="",
        f=_read_expression(written["f"], functions),
        inputs=tuple(map(_read_input, written["inputs"])),
        directions=written["directions"],
        sizes={letter: tuple(values) for letter, values in written["sizes"].items()},
        checks=(),
        parameters=tuple(Parameter(name, ()) for name in written["parameters"]),
        functions=tuple(map(_read_function, written["functions"])),
    )


def _read_input(written: Sequence[Any]) -> Input:
    name, shape, space, index = written
    return Input(name, tuple(shape), (), space, index)


def _write_function(given: GivenFunction) -> list[Any]:
    return [given.name, given.argument, [choice.text for choice in given.choices]]


def _read_function(written: Sequence[Any]) -> GivenFunction:
    name, argument, choices = written
    return GivenFunction(name, argument, tuple(map(_read_expression, choices)))


def _write_mistake(mistake: SealedMistake) -> list[Any]:
    return [mistake.cases, mistake.salt, base64.b64encode(mistake.data).decode()]


def _read_mistake(written: Sequence[Any]) -> SealedMistake:
    cases, salt, data = written
    return SealedMistake(tuple(cases), salt, base64.b64decode(data))


def _read_expression(text: str, functions: Sequence[str] = ()) -> Expression:
    return parse(text, names_read(text), functions)


def _write_case(case: Case) -> list[Any]:
    values = {name: _write_value(value) for name, value in case.values.items()}
    return [case.index, case.family, dict(case.sizes), values]


def _read_case(written: Sequence[Any]) -> Case:
    index, family, sizes, values = written
    return Case(index, family, sizes, {name: _read_value(value) for name, value in values.items()})


def _write_value(value: Any) -> Any:
    """Numbers of Python's and words as they are; arrays with their shape, functions with what they know."""
    if isinstance(value, Formula):
        bound = {name: _write_value(inner) for name, inner in value.bound.items()}
        return {"argument": value.argument, "text": value.expression.text, "bound": bound}
    if isinstance(value, complex):
        return {"shape": (), "real": [value.real], "imag": [value.imag]}
    if not hasattr(value, "shape"):
        return value

    entries = [complex(entry) for entry in value.ravel().tolist()]
    written = {"shape": value.shape, "real": [entry.real for entry in entries]}
    if value.dtype.kind == "c":
        written["imag"] = [entry.imag for entry in entries]
    return written


def _read_value(written: Any) -> Any:
    if not isinstance(written, dict):
        return written
    if "text" in written:
        bound = {name: _read_value(inner) for name, inner in written["bound"].items()}
        return Formula(written["argument"], _read_expression(written["text"]), bound)
    entries: list[complex] = written["real"]
    if "imag" in written:
        entries = [complex(*parts) for parts in zip(written["real"], written["imag"], strict=True)]
    return _exact(entries, tuple(written["shape"]))


def _exact(entries: Sequence[complex], shape: tuple[int, ...]) -> Ball:
    """The balls of these doubles, which are points; of no entries, an empty array."""
    listed = nested(entries, shape) if entries else []
    return Ball(from_array(listed).mat, shape)
