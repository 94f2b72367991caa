"""Author's YAML files: read safely, validated by a pydantic model, all faults reported at once with their lines."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic_core import ErrorDetails

from grader.core.errors import AuthorError, Fault, suggest

MAX_BYTES = 256 * 1024
MAX_DEPTH = 20

_PARSER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""The same language; where PyYAML has been built with libyaml it takes a tenth of the time."""

Path_ = tuple[str | int, ...]
Lines = dict[Path_, int]
M = TypeVar("M", bound=BaseModel)


class StrictModel(BaseModel):
    """The format of a mapping in a file: frozen, and with no other keys than its fields."""

    model_config = ConfigDict(extra="forbid", frozen=True)


def read_model(
    path: Path,
    model: type[M],
    examine: Callable[[M], list[tuple[Path_, str]]] | None = None,
    glance: Callable[[Any], list[tuple[Path_, str]]] | None = None,
) -> M:
    """Read one YAML file into a model.

    Args:
        examine: further checks on a valid model; returns (path of the field, message) pairs.
        glance: the same for the data of a file that is no valid model.

    Raises:
        AuthorError: with every fault of the file.
    """
    data, lines = read_yaml(path)
    return check_model(path, data, lines, model, examine, glance)


def check_model(
    path: Path | str,
    data: Any,
    lines: Lines,
    model: type[M],
    examine: Callable[[M], list[tuple[Path_, str]]] | None = None,
    glance: Callable[[Any], list[tuple[Path_, str]]] | None = None,
) -> M:
    """Make a model of plain data, such as a YAML file's.

    Args:
        path: what the data is called in messages; lines: the line of each field that has one.
        examine, glance: as in `read_model`.

    Raises:
        AuthorError: with every fault of the data.
    """
    try:
        value = model.model_validate(data)
    except ValidationError as error:
        found = [(detail["loc"], _sentence(detail, model)) for detail in error.errors()]
        found += glance(data) if glance else []
        raise AuthorError(path, _located(_one_per_field(found), data, lines)) from None

    if examine and (found := examine(value)):
        raise AuthorError(path, _located(found, data, lines))
    return value


def read_yaml(path: Path) -> tuple[Any, Lines]:
    """The plain data of a YAML file and the line of each field.

    Only what `yaml.safe_load` knows; anchors, aliases, merges and duplicate keys are refused, because
    they hide what a file says (and an alias bomb fills the memory).

    Raises:
        AuthorError: the file cannot be read, is not YAML, or uses what is refused.
    """
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise AuthorError(path, [Fault(f"cannot be read: {error.strerror}")]) from None
    if len(raw) > MAX_BYTES:
        raise AuthorError(path, [Fault(f"has {len(raw)} bytes; at most {MAX_BYTES} are allowed")])
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise AuthorError(path, [Fault(f"is not UTF-8 (byte {error.start})")]) from None
    try:
        for event in yaml.parse(text, Loader=_PARSER):
            if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
                line = event.start_mark.line + 1 if event.start_mark else None
                raise AuthorError(path, [Fault("anchors and aliases (& and *) are not allowed", line=line)])
        node = yaml.compose(text, Loader=_PARSER)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise AuthorError(
            path, [Fault(f"is not YAML: {error.problem}", line=mark.line + 1 if mark else None)]
        ) from None
    except (yaml.YAMLError, RecursionError) as error:
        first = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise AuthorError(path, [Fault(f"is not YAML: {first}")]) from None
    lines: Lines = {(): 1}
    faults: list[Fault] = []
    data = _construct(node, (), lines, faults) if node is not None else None
    if faults:
        raise AuthorError(path, faults)
    return data, lines


_PLAIN_COLLECTIONS = ("tag:yaml.org,2002:seq", "tag:yaml.org,2002:map")


def _construct(node: yaml.Node, at: Path_, lines: Lines, faults: list[Fault]) -> Any:
    lines.setdefault(at, node.start_mark.line + 1)
    if len(at) > MAX_DEPTH:
        faults.append(Fault(f"nested deeper than {MAX_DEPTH} levels", line=lines[at]))
        return None
    if isinstance(node, yaml.CollectionNode) and node.tag not in _PLAIN_COLLECTIONS:
        faults.append(Fault(f"tag {node.tag} is not plain data", _dotted(at), lines[at]))
        return None
    if isinstance(node, yaml.SequenceNode):
        return [_construct(item, (*at, i), lines, faults) for i, item in enumerate(node.value)]
    if isinstance(node, yaml.MappingNode):
        return _construct_mapping(node, at, lines, faults)
    try:
        return yaml.SafeLoader("").construct_object(node)
    except (yaml.YAMLError, ValueError):
        faults.append(Fault(f"{node.value!r} with tag {node.tag} is not plain data", _dotted(at), lines[at]))
        return None


def _construct_mapping(
    node: yaml.MappingNode, at: Path_, lines: Lines, faults: list[Fault]
) -> dict[Hashable, Any]:
    mapping: dict[Hashable, Any] = {}
    for key_node, value_node in node.value:
        key = key_node.value if isinstance(key_node, yaml.ScalarNode) else None
        line = key_node.start_mark.line + 1
        if key is None or key_node.tag == "tag:yaml.org,2002:merge":
            faults.append(Fault("keys must be plain words", _dotted(at), line))
            continue
        here = (*at, key)
        if key in mapping:
            faults.append(
                Fault(f"key '{key}' stands twice (first on line {lines[here]})", _dotted(here), line)
            )
            continue
        lines[here] = line
        mapping[key] = _construct(value_node, here, lines, faults)
    return mapping


def _located(found: list[tuple[Path_, str]], data: Any, lines: Lines) -> list[Fault]:
    faults = []
    for path, message in found:
        real = _real(path, data)
        known = real
        while known and known not in lines:
            known = known[:-1]
        faults.append(Fault(message, _dotted(real), lines.get(known)))
    return list(dict.fromkeys(faults))  # branches of a union may say the same


def _real(path: Path_, data: Any) -> Path_:
    """A pydantic location without the words it adds for unions, so that it names fields of the file."""
    real: list[str | int] = []
    for position, step in enumerate(path):
        last = position == len(path) - 1
        inside = (isinstance(data, list) and isinstance(step, int)) or (
            isinstance(data, dict) and step in data
        )
        if inside:
            data = data[step]
        elif not (last and isinstance(data, dict) and isinstance(step, str) and step.isidentifier()):
            continue
        real.append(step)
    return tuple(real)


def _one_per_field(found: list[tuple[Path_, str]]) -> list[tuple[Path_, str]]:
    """Keep the first message about each place: a union reports every branch that did not fit."""
    kept: dict[str, tuple[Path_, str]] = {}
    for path, message in found:
        kept.setdefault(_dotted(path), (path, message))
    return list(kept.values())


def _dotted(path: Path_) -> str:
    text = ""
    for step in path:
        text += f"[{step}]" if isinstance(step, int) else f".{step}" if text else step
    return text


_LIMITS = {
    "greater_than_equal": "must be {ge:g} or more",
    "less_than_equal": "must be {le:g} or less",
    "greater_than": "must be more than {gt:g}",
    "less_than": "must be less than {lt:g}",
    "too_short": "must have {min_length} entries or more",
    "too_long": "must have {max_length} entries or fewer",
    "string_too_short": "must have {min_length} letters or more",
    "string_too_long": "must have {max_length} letters or fewer",
}
_MAPPING, _LIST = "must be a mapping, such as {key: value}", "must be a list, such as [a, b]"
_TEXT, _WHOLE, _NUMBER = "must be text; put it in quotes", "must be a whole number", "must be a number"
_DATE = "must be a date, such as 2026-10-01, or a time, such as 2026-10-01T18:00:00+02:00"
_KINDS = {
    "date_from_datetime_parsing": _DATE, "date_parsing": _DATE, "date_type": _DATE,
    "datetime_from_date_parsing": _DATE, "datetime_parsing": _DATE, "datetime_type": _DATE,
    "model_type": _MAPPING, "model_attributes_type": _MAPPING, "dict_type": _MAPPING, "list_type": _LIST,
    "string_type": _TEXT, "int_type": _WHOLE, "int_parsing": _WHOLE, "int_from_float": _WHOLE,
    "float_type": _NUMBER, "float_parsing": _NUMBER, "decimal_type": _NUMBER, "decimal_parsing": _NUMBER,
}  # fmt: skip


def _sentence(detail: ErrorDetails, model: type[BaseModel]) -> str:
    """What was found, what is allowed, and the nearest right spelling."""
    kind, found, context = detail["type"], detail["input"], detail.get("ctx", {})
    last = detail["loc"][-1] if detail["loc"] else ""
    if kind == "extra_forbidden":
        return f"unknown key; {suggest(str(last), _keys_at(model, detail['loc'][:-1]))}"
    if kind == "missing":
        return "is missing"
    if kind == "literal_error":
        allowed = [word.strip(" '") for word in context["expected"].replace(" or ", ", ").split(",")]
        return f"unknown {_noun(detail['loc'])} '{found}'; {suggest(str(found), allowed)}"
    if kind in _LIMITS:
        return f"{_short(found)} {_LIMITS[kind].format(**context)}"
    if kind in _KINDS and found is None:
        return f"is empty, and {_KINDS[kind]}" if detail["loc"] else "the file is empty"
    if kind in _KINDS:
        return f"{_short(found)} {_KINDS[kind]}"
    if kind == "string_pattern_mismatch":
        return f"'{found}' does not have the form {context['pattern']}"
    if kind == "value_error":
        return str(context["error"])
    return f"{_short(found)}: {detail['msg'][0].lower()}{detail['msg'][1:]}"


def _noun(path: Path_) -> str:
    return next(
        (str(step) for step in reversed(path) if isinstance(step, str) and step.isidentifier()), "value"
    )


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "..."


def _keys_at(model: type[BaseModel], path: Path_) -> list[str]:
    """The keys a mapping may have, found by walking the model's JSON Schema along a location."""
    schema = model.model_json_schema()
    definitions = schema.get("$defs", {})
    candidates = [schema]
    for step in path:
        nexts = [_step(branch, step) for branch in _branches(candidates, definitions)]
        found = [branch for branch in nexts if branch is not None]
        candidates = found or candidates
    return sorted(
        {key for branch in _branches(candidates, definitions) for key in branch.get("properties", {})}
    )


def _branches(schemas: list[dict[str, Any]], definitions: dict[str, Any]) -> list[dict[str, Any]]:
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
    if isinstance(step, int):
        return schema.get("items")
    extra = schema.get("additionalProperties")
    return schema.get("properties", {}).get(step) or (extra if isinstance(extra, dict) else None)
