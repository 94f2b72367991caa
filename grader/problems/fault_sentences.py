"""The sentences on what is wrong with a field of a YAML file: an unknown key, a wrong type, a number out of range."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from itertools import chain
from typing import Any

from pydantic import BaseModel
from pydantic_core import ErrorDetails

from grader.core.errors import find_nearest, suggest
from grader.problems.budget import FUNCTION
from grader.problems.everyday_words import suggest_word
from grader.problems.problem import PROBLEM_ID
from grader.problems.relation import SIDE
from grader.problems.sides import split_joined
from grader.problems.yaml_reader import FieldPath

_MAPPING, _LIST = "must be a mapping", "must be a list"
_TEXT, _WHOLE, _NUMBER = "must be text; put it in quotes", "must be a whole number", "must be a number"
_DATE = "must be a date, such as 2026-10-01, or a time, such as 2026-10-01T18:00:00+02:00"
MAPPING_TYPES = ("model_type", "model_attributes_type", "dict_type")
"""Pydantic's types of errors where a mapping is wanted."""
_KINDS: Mapping[str, str] = {
    **dict.fromkeys(MAPPING_TYPES, _MAPPING),
    **dict.fromkeys(("int_type", "int_parsing", "int_from_float"), _WHOLE),
    **dict.fromkeys(("float_type", "float_parsing", "decimal_type", "decimal_parsing"), _NUMBER),
    **dict.fromkeys(("date_type", "date_parsing", "date_from_datetime_parsing"), _DATE),
    **dict.fromkeys(("datetime_type", "datetime_parsing", "datetime_from_date_parsing"), _DATE),
    "list_type": _LIST,
    "string_type": _TEXT,
}
"""Pydantic's types of errors → what a value of the wrong type must be."""
_EXAMPLES: Mapping[str, str] = {
    "inputs": "{A: {shape: [n, n]}}",
    "inputs.*": "{shape: [n, n]}",
    "returns": "{Q: [m, n], R: [n, n]}",
    "returns.*": "[m, n]",
    "relations": "[{holds: Q.T @ Q - eye(n), points: 3}]",
    "relations.*": "{holds: Q.T @ Q - eye(n), points: 3}",
    "checks": "[{check: reference, points: 3}]",
    "checks.*": "{check: reference, points: 3}",
    "parameters": "{k: [2, -1]}",
    "parameters.*": "[2, -1]",
    "sizes": "{n: [2, 3, 4]}",
    "cost": "{products: 3, solves: 1}",
}
"""Fields → what is written there; for others, what all lists and mappings are like."""
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


_FORMS: Mapping[str, str] = {
    f"^{PROBLEM_ID.pattern}$": "is not an id; use small letters, digits and single hyphens",
    FUNCTION.pattern: "is not a full name of a function, such as numpy.linalg.inv",
    f"^{SIDE.pattern}$": "is not a side; write a letter of `sizes`, a number, or a sum such as m - n",
}
"""Patterns → what is said of words that do not match."""


def say_fault(detail: ErrorDetails, model: type[BaseModel]) -> str:
    """Say what was found, what is allowed, and the nearest right spelling."""
    error, value, path = detail["type"], detail["input"], detail["loc"]
    if place := _say_place(path, model):
        return place

    context = detail.get("ctx", {})
    if error in _LIMITS:
        return f"{_short(value)} {_LIMITS[error].format(**context)}"
    if error in _KINDS:
        return _say_kind(_KINDS[error], value, path)

    match error:
        case "missing":
            return "is missing"
        case "extra_forbidden":
            return _say_unknown_key(path, model)
        case "literal_error":
            return _say_unknown_word(path, value, context["expected"])
        case "string_pattern_mismatch":
            pattern = context["pattern"]
            return f"'{value}' {_FORMS.get(pattern, f'does not have the form {pattern}')}"
        case "value_error":
            return str(context["error"])
    return f"{_short(value)}: {detail['msg'][0].lower()}{detail['msg'][1:]}"


def _say_place(path: FieldPath, model: type[BaseModel]) -> str:
    """Say where a key belongs that is indented too little or too much; empty for others."""
    *outer, key = path or ("",)
    if not outer or not isinstance(key, str):
        return ""
    # Sizes and parameters are called what an author likes: `f` may be one of them.
    is_free = len(key) == 1 or outer[0] in ("sizes", "parameters")
    if is_free or key in _keys_at(model, tuple(outer)):
        return ""

    if key in _keys_at(model, (*outer, "[entry]")):
        return f"'{key}' is a key of one of the {outer[-1]}; indent it below that"
    for depth, around in enumerate(outer):
        if isinstance(around, str) and key in _keys_at(model, tuple(outer[:depth])):
            return f"'{key}' stands beside '{around}', not below it; move it to the left"
    return ""


def _say_kind(kind: str, value: Any, path: FieldPath) -> str:
    """Say what a value of the wrong type must be."""
    if value is None and not path:
        return "the file is empty"
    if kind == _MAPPING and example_of(path).startswith("["):
        kind = _LIST
    found = "is empty, and" if value is None else _short(value)
    return f"{found} {kind}{_how(kind, value, path)}"


def _say_unknown_key(path: FieldPath, model: type[BaseModel]) -> str:
    """Say how a key is spelt; if none is like it, where the mapping around it belongs, or what is written there."""
    around, key = path[:-1], str(path[-1])
    keys = _keys_at(model, around)
    words = f"unknown key; {suggest(key, keys)}"
    if find_nearest(key, keys):
        return words
    if place := _say_place(around, model):
        return place
    if example := example_of(around):
        return f"{words}, as in {example}"
    return words


def _say_unknown_word(path: FieldPath, value: Any, expected: str) -> str:
    """Say which words are allowed; `expected` lists them as pydantic does."""
    allowed = [word.strip(" '") for word in expected.replace(" or ", ", ").split(",")]
    noun = _noun(path)
    word = value[0] if isinstance(value, list) and value else value
    return f"unknown {noun} {_quoted(value)}; {suggest_word(noun, str(word), allowed)}"


def example_of(path: FieldPath) -> str:
    """What is written at a field, where examples of it are listed."""
    steps = [str(step) for step in path if step != "[key]"]
    if not steps:
        return ""
    return _EXAMPLES.get(steps[0] + ".*" * (len(steps) - 1), "")


def _how(kind: str, value: Any, path: FieldPath) -> str:
    """How a value of the wrong type is written."""
    if kind == _LIST and isinstance(value, str | int | float):
        is_shape = path[-1:] == ("shape",)
        words = ", ".join(split_joined(str(value))) if is_shape else str(value)
        return f"; write {_as_list(words)}"
    if kind in _LIKE:
        example = example_of(path) or _LIKE[kind]
        indent = "; indent what belongs to it" if value is None else ""
        return f", such as {example}{indent}"
    if kind == _TEXT:
        return _how_text(value, path)
    return ""


_LIKE: Mapping[str, str] = {_LIST: "[a, b]", _MAPPING: "{key: value}"}
"""What all lists and mappings are like."""


def _how_text(value: Any, path: FieldPath) -> str:
    if isinstance(value, bool):
        return "; YAML reads yes, no, on and off as true and false"
    if isinstance(value, list | dict) and path:
        return f", or below `{path[-1]}: |` and indented"
    return ""


def _as_list(text: str) -> str:
    """A list of what was written without brackets, or in parentheses."""
    inner = text.strip().strip("()[]").strip()
    words = [word.strip() for word in re.split(r"\s*(?:,|;|×|\*|\bx\b)\s*", inner)]
    if all(re.fullmatch(r"[\w.+-]+", word) for word in words):
        return f"[{', '.join(words)}]"
    return f'["{inner}"]'


def _quoted(value: Any) -> str:
    return str(value) if isinstance(value, list | dict) else f"'{value}'"


def _noun(path: FieldPath) -> str:
    """What a value is called: as the innermost field around it."""
    if path[-1:] == ("[key]",):
        return "key"
    for step in reversed(path):
        if isinstance(step, str) and step.isidentifier():
            return step
    return "value"


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "..."


def _keys_at(model: type[BaseModel], path: FieldPath) -> set[str]:
    """The keys that a mapping may have, found by walking the model's JSON Schema along a location."""
    schema = model.model_json_schema()
    definitions = schema.get("$defs", {})
    branches = _branches([schema], definitions)
    for step in path:
        inner = filter(None, [_step(branch, step) for branch in branches])
        # A word that pydantic adds for a union leads nowhere.
        branches = _branches(inner, definitions) or branches
    return set(chain.from_iterable(branch.get("properties", {}) for branch in branches))


def _branches(schemas: Iterable[dict[str, Any]], definitions: dict[str, Any]) -> list[dict[str, Any]]:
    """The schemas themselves, where they are references to others or a choice of them."""
    flat: list[dict[str, Any]] = []
    for schema in schemas:
        if "properties" in schema:
            flat.append(schema)  # beside them `anyOf` says which of them belong together
        elif "$ref" in schema:
            name = schema["$ref"].rsplit("/", 1)[-1]
            flat += _branches([definitions[name]], definitions)
        elif alternatives := schema.get("anyOf") or schema.get("oneOf"):
            flat += _branches(alternatives, definitions)
        else:
            flat.append(schema)
    return flat


def _step(schema: dict[str, Any], step: str | int) -> dict[str, Any] | None:
    """The schema of an item or a key."""
    if isinstance(step, int):
        return schema.get("items")
    others = schema.get("additionalProperties")
    known = schema.get("properties", {}).get(step) or others
    return known if isinstance(known, dict) else None
