"""Make a pydantic model of a YAML file, or report all of its faults at once, in sentences and with their lines."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic_core import ErrorDetails

from grader.core.errors import AuthorError, Fault, find_nearest
from grader.problems.fault_sentences import MAPPING_TYPES, example_of, say_fault
from grader.problems.yaml_reader import FieldPath, Lines, read_yaml, show_field

FieldFault = tuple[FieldPath, str]
"""A field and what is wrong with it."""
M = TypeVar("M", bound=BaseModel)


class StrictModel(BaseModel):
    """The format of a mapping in a file: frozen, and with no other keys than its fields."""

    model_config = ConfigDict(extra="forbid", frozen=True)


def read_model(
    path: Path,
    model: type[M],
    find_faults: Callable[[M], Iterable[FieldFault]] | None = None,
    early_faults: Callable[[Any], Iterable[FieldFault]] | None = None,
) -> M:
    """Read one YAML file into a model.

    Args:
        find_faults: further checks of a valid model.
        early_faults: further checks of the data of a file that is no valid model.

    Raises:
        AuthorError: with every fault of the file.
    """
    data, lines = read_yaml(path)
    return check_model(path, data, lines, model, find_faults, early_faults)


def check_model(
    path: Path | str,
    data: Any,
    lines: Lines,
    model: type[M],
    find_faults: Callable[[M], Iterable[FieldFault]] | None = None,
    early_faults: Callable[[Any], Iterable[FieldFault]] | None = None,
) -> M:
    """Make a model of plain data, such as a YAML file's.

    Args:
        path: what the data is called in messages; lines: the line of each field that has one.
        find_faults, early_faults: as in `read_model`.

    Raises:
        AuthorError: with every fault of the data.
    """
    try:
        value = model.model_validate(data)
    except ValidationError as error:
        details = _without_consequences(error.errors())
        faults = [(detail["loc"], say_fault(detail, model)) for detail in details]
        faults += early_faults(data) if early_faults else []
        raise AuthorError(path, _located(_one_per_field(faults), data, lines)) from None

    faults = list(find_faults(value)) if find_faults else []
    if faults:
        raise AuthorError(path, _located(faults, data, lines))
    return value


def _without_consequences(details: list[ErrorDetails]) -> list[ErrorDetails]:
    """Leave out what another fault explains: a missing key that is misspelt, and what should belong to an empty one."""
    strange: dict[FieldPath, list[str]] = {}
    with_empty = set()
    for detail in details:
        parent = detail["loc"][:-1]
        if detail["type"] == "extra_forbidden":
            strange.setdefault(parent, []).append(str(detail["loc"][-1]))
        if detail["type"] in MAPPING_TYPES and detail["input"] is None:
            with_empty.add(parent)

    def is_consequence(detail: ErrorDetails) -> bool:
        parent = detail["loc"][:-1]
        if detail["type"] == "extra_forbidden":
            return parent in with_empty
        if detail["type"] != "missing" or parent not in strange:
            return False
        is_misspelt = find_nearest(str(detail["loc"][-1]), strange[parent]) is not None
        return is_misspelt or bool(example_of(parent))

    return [detail for detail in details if not is_consequence(detail)]


def _one_per_field(faults: Iterable[FieldFault]) -> list[FieldFault]:
    """Keep the first message about each place: a union reports every branch that did not fit."""
    kept: dict[str, FieldFault] = {}
    for path, message in faults:
        kept.setdefault(show_field(path), (path, message))
    return list(kept.values())


def _located(faults: Iterable[FieldFault], data: Any, lines: Lines) -> list[Fault]:
    """Faults with the lines of their fields, or of what holds them; None where the data is not in a file."""
    located = []
    found = [(_real_path(path, data), message) for path, message in faults]
    # Of a union, the branch that reaches deeper was meant.
    within = {path[:end] for path, _ in found for end in range(1, len(path))}
    for path, message in found:
        if path not in within:
            located.append(Fault(message, show_field(path), _line_of(path, lines)))
    return list(dict.fromkeys(located))  # branches of a union may say the same


def _line_of(path: FieldPath, lines: Lines) -> int | None:
    """The line of a field, or of the nearest around it that has one."""
    while path and path not in lines:
        path = path[:-1]
    return lines.get(path)


def _real_path(path: FieldPath, data: Any) -> FieldPath:
    """Leave out the words that pydantic adds to a location for unions, so that it names fields of the file."""
    real: list[str | int] = []
    for position, step in enumerate(path):
        is_last = position == len(path) - 1
        if _has(data, step):
            data = data[step]
            real.append(step)
        elif is_last and isinstance(data, dict) and _may_be_missing(step):
            real.append(step)
    return tuple(real)


def _may_be_missing(step: str | int) -> bool:
    """Is it a key? `str` is pydantic's word for a branch of a union."""
    return isinstance(step, str) and step.isidentifier() and step != "str"


def _has(data: Any, step: str | int) -> bool:
    if isinstance(data, list):
        return isinstance(step, int)
    return isinstance(data, dict) and step in data
