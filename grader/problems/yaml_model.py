"""Make a pydantic model of a YAML file, or report all of its faults at once, in sentences and with their lines."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic_core import ErrorDetails

from grader.core.errors import AuthorError, Fault, suggest
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
        faults = [(detail["loc"], _sentence(detail, model)) for detail in error.errors()]
        faults += early_faults(data) if early_faults else []
        raise AuthorError(path, _located(_one_per_field(faults), data, lines)) from None

    faults = list(find_faults(value)) if find_faults else []
    if faults:
        raise AuthorError(path, _located(faults, data, lines))
    return value


def _one_per_field(faults: Iterable[FieldFault]) -> list[FieldFault]:
    """Keep the first message about each place: a union reports every branch that did not fit."""
    kept: dict[str, FieldFault] = {}
    for path, message in faults:
        kept.setdefault(show_field(path), (path, message))
    return list(kept.values())


def _located(faults: Iterable[FieldFault], data: Any, lines: Lines) -> list[Fault]:
    """Faults with the lines of their fields, or of what holds them; None where the data is not in a file."""
    located = []
    for path, message in faults:
        path = _real_path(path, data)
        known = path
        while known and known not in lines:
            known = known[:-1]
        located.append(Fault(message, show_field(path), lines.get(known)))
    return list(dict.fromkeys(located))  # branches of a union may say the same


def _real_path(path: FieldPath, data: Any) -> FieldPath:
    """Leave out the words that pydantic adds to a location for unions, so that it names fields of the file."""
    real: list[str | int] = []
    for position, step in enumerate(path):
        is_last = position == len(path) - 1
        if _has(data, step):
            data = data[step]
            real.append(step)
        elif is_last and isinstance(data, dict) and isinstance(step, str) and step.isidentifier():
            real.append(step)  # a key that is missing
    return tuple(real)


def _has(data: Any, step: str | int) -> bool:
    if isinstance(data, list):
        return isinstance(step, int)
    return isinstance(data, dict) and step in data


# Sentences.

_MAPPING, _LIST = "must be a mapping, such as {key: value}", "must be a list, such as [a, b]"
_TEXT, _WHOLE, _NUMBER = "must be text; put it in quotes", "must be a whole number", "must be a number"
_DATE = "must be a date, such as 2026-10-01, or a time, such as 2026-10-01T18:00:00+02:00"
_KINDS: Mapping[str, str] = {
    **dict.fromkeys(("model_type", "model_attributes_type", "dict_type"), _MAPPING),
    **dict.fromkeys(("int_type", "int_parsing", "int_from_float"), _WHOLE),
    **dict.fromkeys(("float_type", "float_parsing", "decimal_type", "decimal_parsing"), _NUMBER),
    **dict.fromkeys(("date_type", "date_parsing", "date_from_datetime_parsing"), _DATE),
    **dict.fromkeys(("datetime_type", "datetime_parsing", "datetime_from_date_parsing"), _DATE),
    "list_type": _LIST,
    "string_type": _TEXT,
}
"""Pydantic's types of errors → what a value of the wrong type must be."""
_LIMITS: Mapping[str, str] = {
    "greater_than_equal": "must be {ge:g} or more",
    "less_than_equal": "must be {le:g} or less",
    "greater_than": "must be more than {gt:g}",
    "less_than": "must be less than {lt:g}",
    "too_short": "must have {min_length} entries or more",
    "too_long": "must have {max_length} entries or fewer",
    "string_too_short": "must have {min_length} letters or more",
    "string_too_long": "must have {max_length} letters or fewer",
}


def _sentence(detail: ErrorDetails, model: type[BaseModel]) -> str:
    """Say what was found, what is allowed, and the nearest right spelling."""
    error, value, context, path = detail["type"], detail["input"], detail.get("ctx", {}), detail["loc"]
    if error in _LIMITS:
        return f"{_short(value)} {_LIMITS[error].format(**context)}"
    if error in _KINDS and value is not None:
        return f"{_short(value)} {_KINDS[error]}"
    if error in _KINDS:
        return f"is empty, and {_KINDS[error]}" if path else "the file is empty"

    if error == "missing":
        return "is missing"
    if error == "extra_forbidden":
        return f"unknown key; {suggest(str(path[-1]), _keys_at(model, path[:-1]))}"
    if error == "literal_error":
        allowed = [word.strip(" '") for word in context["expected"].replace(" or ", ", ").split(",")]
        return f"unknown {_noun(path)} '{value}'; {suggest(str(value), allowed)}"
    if error == "string_pattern_mismatch":
        return f"'{value}' does not have the form {context['pattern']}"
    if error == "value_error":
        return str(context["error"])
    return f"{_short(value)}: {detail['msg'][0].lower()}{detail['msg'][1:]}"


def _noun(path: FieldPath) -> str:
    names = (step for step in reversed(path) if isinstance(step, str) and step.isidentifier())
    return next(names, "value")


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "..."


def _keys_at(model: type[BaseModel], path: FieldPath) -> set[str]:
    """The keys that a mapping may have, found by walking the model's JSON Schema along a location."""
    schema = model.model_json_schema()
    definitions = schema.get("$defs", {})
    branches = _branches([schema], definitions)
    for step in path:
        inner = [_step(branch, step) for branch in branches]
        # A word that pydantic adds for a union leads nowhere.
        branches = _branches([schema for schema in inner if schema], definitions) or branches
    return {key for branch in branches for key in branch.get("properties", {})}


def _branches(schemas: list[dict[str, Any]], definitions: dict[str, Any]) -> list[dict[str, Any]]:
    """The schemas themselves, where they are references to others or a choice of them."""
    flat: list[dict[str, Any]] = []
    for schema in schemas:
        if "$ref" in schema:
            flat += _branches([definitions[schema["$ref"].rsplit("/", 1)[-1]]], definitions)
        elif alternatives := schema.get("anyOf") or schema.get("oneOf"):
            flat += _branches(alternatives, definitions)
        else:
            flat.append(schema)
    return flat


def _step(schema: dict[str, Any], step: str | int) -> dict[str, Any] | None:
    """The schema of an item or a key."""
    if isinstance(step, int):
        return schema.get("items")
    extra = schema.get("additionalProperties")
    return schema.get("properties", {}).get(step) or (extra if isinstance(extra, dict) else None)
