"""The sentences on what is wrong with a field of a YAML file: an unknown key, a wrong type, a number out of range."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel
from pydantic_core import ErrorDetails

from grader.core.errors import suggest
from grader.problems.yaml_reader import FieldPath

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


def say_fault(detail: ErrorDetails, model: type[BaseModel]) -> str:
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
        if "properties" in schema:
            flat.append(schema)  # beside them `anyOf` says which of them belong together
        elif "$ref" in schema:
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
