"""Reports as JSON for programs, and as exact JSON for our own stores.

How a value becomes JSON stands in converters of cattrs, apart from the values.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from functools import cache, partial
from itertools import groupby
from typing import TYPE_CHECKING, Any, TypeVar

from grader.core.memo import Memo
from grader.core.text import INVISIBLE
from grader.reports.assignment import NO_ASSIGNMENT, PublishedAssignment
from grader.reports.earlier_versions import upgrade_assignment, upgrade_problem, upgrade_report
from grader.reports.report import (
    Counterexample,
    Diagnosis,
    Failure,
    Finding,
    Plain,
    ProblemReport,
    Report,
    as_number,
)

if TYPE_CHECKING:
    from cattrs import Converter

SCHEMA = 1
MOST_TEXT, MOST_OUTPUT = 10_000, 70_000
"""No text in `to_json` has more characters, nor what was printed; the sandbox lets through less."""
LEFT_OUT = ("code",)
"""The fields of a report that `to_json` leaves out: whoever asks for it has the file."""
_MOST_ENTRIES = 36
"""Of a counterexample in a shortened report: room for a 3×3 matrix and a vector, the answer and the right one."""
_INVISIBLE = re.compile(f"[{INVISIBLE}]")
_encode = json.JSONEncoder(ensure_ascii=False, allow_nan=False).encode  # `dumps` would make one each time
_encode_exact = json.JSONEncoder(separators=(",", ":")).encode
T = TypeVar("T")

UPGRADES: Mapping[type, Callable[[dict[str, Any]], dict[str, Any]]] = {
    ProblemReport: upgrade_problem,
    Report: upgrade_report,
    PublishedAssignment: upgrade_assignment,
}
"""Makes of exact JSON of earlier versions that of today; leaves alone what is of today."""
OWN = ("reproduce", "seconds")
"""The fields of a problem's report that differ even for those who answer the same."""
_FIELDS = [(is_own, tuple(names)) for is_own, names in groupby(ProblemReport.__slots__, OWN.__contains__)]
"""(whether it is their own, names) for the fields of a problem's report, in order."""
WITH_MESSAGE: tuple[type, ...] = (Diagnosis, Failure, Finding)
"""Beside the parts of a message `to_json` writes the whole."""


def to_json(report: Report, memo: Memo | None = None) -> str:
    """The report as JSON text, schema 1, a line for each field and each problem.

    Points are printed as numbers, exact up to four decimals, and numbers that JSON lacks as "nan", "inf" and "-inf".

    Args:
        memo: of what reports of the same class have in common.
    """
    write = partial(_write_problem, _plain_converter().unstructure, _dump, memo or Memo())
    fields = _plain_converter().unstructure(replace(report, output="", problems=(), code=()))
    fields = {"schema": SCHEMA, **fields, "output": _cut(report.output, MOST_OUTPUT)}
    for name in LEFT_OUT:
        del fields[name]
    texts = {name: _dump(value) for name, value in fields.items()}

    # Not with `indent`, for which Python has no encoder in C: it would take a fifth of all time of grading.
    texts["problems"] = "[\n  " + ",\n  ".join(map(write, report.problems)) + "\n ]"
    return "{\n " + ",\n ".join(f'"{name}": {text}' for name, text in texts.items()) + "\n}"


def _write_problem(
    unstructure: Callable[[Any], Any], dump: Callable[[Any], str], memo: Memo, problem: ProblemReport
) -> str:
    """A problem as JSON; what a class shares of it, which is nearly all, is written once.

    Args:
        unstructure, dump: make plain values, and of these text.
    """
    pieces = []
    for is_own, names in _FIELDS:
        values = [getattr(problem, name) for name in names]
        write = partial(_write_fields, unstructure, dump, names, values)
        pieces.append(write() if is_own else memo.once(write, names[0], dump, *values))
    return "{" + ", ".join(pieces) + "}"


def _write_fields(
    unstructure: Callable[[Any], Any], dump: Callable[[Any], str], names: Sequence[str], values: Sequence[Any]
) -> str:
    texts = [dump(unstructure(value)) for value in values]
    return ", ".join(f'"{name}": {text}' for name, text in zip(names, texts, strict=True))


def to_exact_json(value: Any) -> str:
    """A report, or another of our values, as JSON from which `read_exact` makes it again.

    Points are texts such as `"7/3"`. Fields left as they are by default would be most of a class's summary, so they
    are left out.
    """
    return _encode_exact(_exact_converter().unstructure(value))


def write_report(report: Report, memo: Memo | None = None) -> str:
    """Do for a report what `to_exact_json` does.

    Args:
        memo: of what reports of the same class have in common.
    """
    unstructure = _exact_converter().unstructure
    write = partial(_write_problem, unstructure, _encode_exact, memo or Memo())
    fields = unstructure(replace(report, problems=()))
    texts = {name: _encode_exact(value) for name, value in fields.items()}
    texts["problems"] = "[" + ",".join(map(write, report.problems)) + "]"
    return "{" + ",".join(f'"{name}":{text}' for name, text in texts.items()) + "}"


def read_exact(kind: type[T], text: str | bytes) -> T:
    """The value that `to_exact_json` was given.

    What later versions add is left out, what they lack is as usual, and what earlier ones wrote otherwise is upgraded.

    Raises:
        ValueError: the text is something else.
    """
    try:
        node = json.loads(text)
        if not isinstance(node, dict):
            raise TypeError("it is not an object")
        return _exact_converter().structure(node, kind)
    except Exception as error:  # whatever cattrs or a field's own type raises
        raise ValueError(f"not the JSON of a {kind.__name__}: {error}") from None


def write_assignment(published: PublishedAssignment) -> str:
    """A published assignment as JSON, from which `read_assignment` makes it again."""
    return to_exact_json(published)


def read_assignment(text: str) -> PublishedAssignment:
    """The assignment that `write_assignment` was given; an empty one for an empty text.

    Raises:
        ValueError: the text is something else.
    """
    return read_exact(PublishedAssignment, text) if text else NO_ASSIGNMENT


def shorten(report: Report) -> Report:
    """What the views of a class need of a report, a few kilobytes.

    Of the findings only the first that says what is wrong is kept, without its numbers, and of the counterexamples
    the first that is small.
    """
    problems = tuple(
        replace(
            problem,
            findings=_first_failed(problem),
            hints=(),
            reproduce="",
            remainder=None,
            error=_without_excerpt(problem.error),
        )
        for problem in report.problems
    )
    return replace(report, problems=problems, error=_without_excerpt(report.error), output="", code=())


def _without_excerpt(failure: Failure | None) -> Failure | None:
    return failure and replace(failure, excerpt=None)


def _first_failed(problem: ProblemReport) -> tuple[Finding, ...]:
    """The first finding that says what is wrong, with the first small counterexample of any."""
    failed = problem.failed
    if not problem.has_wrong_answers or not failed:
        return ()

    telling = next((finding for finding in failed if finding.message), failed[0])
    shown = next(filter(_is_small, (finding.counterexample for finding in failed)), None)
    return (replace(telling, counterexample=shown, numbers={}),)


def _is_small(case: Counterexample | None) -> bool:
    """Are its values few enough for the views of a class?"""
    return case is not None and case.size <= _MOST_ENTRIES


@cache
def _plain_converter() -> Converter:
    """How `to_json` writes values."""
    from cattrs import Converter  # a check that prints text needs none
    from cattrs.gen import make_dict_unstructure_fn

    converter = Converter()
    converter.register_unstructure_hook(Fraction, as_number)
    converter.register_unstructure_hook(float, _finite_or_text)
    converter.register_unstructure_hook(str, _cut)

    for kind in WITH_MESSAGE:
        write: Callable[[Any], dict[str, Plain]] = make_dict_unstructure_fn(kind, converter)
        converter.register_unstructure_hook(kind, partial(_write_message, write))
    return converter


def _write_message(write: Callable[[Any], dict[str, Plain]], value: Any) -> dict[str, Plain]:
    return write(value) | {"message": _cut(value.message)}


def _finite_or_text(number: float) -> float | str:
    return number if number - number == 0 else str(number)


def _cut(text: str, most: int = MOST_TEXT) -> str:
    return text if len(text) <= most else text[:most] + "…"


def _dump(value: Plain) -> str:
    text = _encode(value)
    if text.isascii():
        return text
    return _INVISIBLE.sub(lambda match: json.dumps(match[0])[1:-1], text)


@cache
def _exact_converter() -> Converter:
    """How `to_exact_json` writes values and `read_exact` makes them."""
    from cattrs import Converter
    from cattrs.gen import make_dict_structure_fn

    converter = Converter(omit_if_default=True, detailed_validation=False)
    converter.register_unstructure_hook(Fraction, str)
    converter.register_structure_hook(Fraction, lambda text, _: Fraction(text))
    # Values of arrays, by the thousand, are plain already.
    converter.register_unstructure_hook_func(
        lambda kind: kind == dict[str, Any] or kind is Any, lambda value: value
    )

    for kind, upgrade in UPGRADES.items():
        read: Callable[[Any, type], Any] = make_dict_structure_fn(kind, converter)
        converter.register_structure_hook(kind, partial(_read_upgraded, read, upgrade))
    return converter


def _read_upgraded(
    read: Callable[[Any, type], Any], upgrade: Callable[[Any], Any], node: Any, kind: type
) -> Any:
    return read(upgrade(node), kind)
