"""JSON Schemas of the YAML formats and of the report, made from the models and dataclasses that define them."""

from __future__ import annotations

import inspect
import json
import re
from collections.abc import Collection
from fractions import Fraction
from types import NoneType, UnionType
from typing import Any, Literal, get_args, get_origin, get_type_hints

from pydantic import BaseModel

from grader.core.errors import GraderError, suggest
from grader.problems.config_yaml import ConfigFile
from grader.problems.problem_yaml import ProblemFile
from grader.problems.solution import VariantsFile
from grader.reports.report import Report
from grader.reports.serialize import LEFT_OUT, SCHEMA, WITH_MESSAGE

MODELS: dict[str, type[BaseModel]] = {"problem": ProblemFile, "variants": VariantsFile, "config": ConfigFile}

SCHEMA_FILES = {
    "problem": "exercises/problem.schema.json",
    "variants": "solutions/variants.schema.json",
    "config": "exercises/config.schema.json",
}
"""Where a course keeps them, for the files that point at them."""
REPORT_FILE = "docs/report.schema.json"
"""Where that of reports is published."""

_DIALECT = "https://json-schema.org/draft/2020-12/schema"
_VALUE: dict[str, Any] = {
    "description": "A number; rows of numbers; a complex value; or a list of values. "
    "Numbers that JSON lacks are the texts nan, inf and -inf.",
    "anyOf": [
        {"type": ["number", "string", "boolean", "null"]},
        {"type": "array", "items": {"$ref": "#/$defs/Value"}},
        {
            "type": "object",
            "properties": {"real": {"$ref": "#/$defs/Value"}, "imag": {"$ref": "#/$defs/Value"}},
            "required": ["real", "imag"],
            "additionalProperties": False,
        },
    ],
}
_FLOAT: dict[str, Any] = {"anyOf": [{"type": "number"}, {"enum": ["nan", "inf", "-inf"]}]}
_SCALARS: dict[Any, dict[str, Any]] = {
    str: {"type": "string"},
    int: {"type": "integer"},
    bool: {"type": "boolean"},
    float: _FLOAT,
    Fraction: {"type": "number", "minimum": 0},
    NoneType: {"type": "null"},
    Any: {"$ref": "#/$defs/Value"},
}


def schema_text(name: str) -> str:
    """Write a JSON Schema as text, ready for a file."""
    return json.dumps(json_schema(name), indent=2, ensure_ascii=False) + "\n"


def json_schema(name: str) -> dict[str, Any]:
    """Make the JSON Schema (draft 2020-12) of `problem`, `variants`, `config` or `report`.

    Raises:
        GraderError: there is no such format.
    """
    if name == "report":
        return {"$schema": _DIALECT, **report_schema()}
    if name not in MODELS:
        raise GraderError(f"There is no format '{name}'; {suggest(name, [*MODELS, 'report'])}")
    return {"$schema": _DIALECT, **MODELS[name].model_json_schema()}


def report_schema() -> dict[str, Any]:
    """Describe what `to_json` writes; keys may be added to a report within a version, so unknown ones are allowed."""
    defs: dict[str, Any] = {"Value": _VALUE}
    whole = _describe_class(Report, defs, LEFT_OUT)
    version = {"const": SCHEMA, "description": "The version of this format."}
    whole["properties"] = {"schema": version, **whole["properties"]}
    whole["required"] = list(whole["properties"])
    return {"title": "Report of a submission", **whole, "$defs": defs}


def _describe_class(kind: type, defs: dict[str, Any], left_out: Collection[str] = ()) -> dict[str, Any]:
    fields = get_type_hints(kind)
    if kind in WITH_MESSAGE:
        fields["message"] = str
    summary, _, more = (inspect.getdoc(kind) or "").partition("\n")
    texts = _read_arguments(more, fields)

    properties = {
        name: {**_describe(field, defs), "description": texts.get(name, "")}
        for name, field in fields.items()
        if name not in left_out
    }
    return {
        "description": summary,
        "type": "object",
        "properties": properties,
        "required": list(properties),
    }


def _read_arguments(docstring: str, names: Collection[str]) -> dict[str, str]:
    """What a docstring says of each field below `Args:`, where several may share a line: `score: …; max_score: …`."""
    entries = docstring.partition("Args:")[2].split("\n    ")
    marked = [f"; {entry}" if entry[:1].strip() else entry for entry in entries]
    text = " ".join(" ".join(marked).split())
    name = "|".join(map(re.escape, names))
    _, *parts = re.split(rf"(?<=[.;] )((?:{name})(?:, (?:{name}))*): ", text)
    said = zip(parts[::2], parts[1::2], strict=True)
    return {word: part.strip(" ;.") for together, part in said for word in together.split(", ")}


def _describe(kind: Any, defs: dict[str, Any]) -> dict[str, Any]:
    """Describe a field's type; dataclasses go into `defs`, each once."""
    if kind in _SCALARS:
        return _SCALARS[kind]

    origin, parts = get_origin(kind), get_args(kind)
    if origin is Literal:
        return {"enum": list(parts)}
    if origin is UnionType:
        return {"anyOf": [_describe(part, defs) for part in parts]}
    if origin is tuple:
        return {"type": "array", "items": _describe(parts[0], defs)}
    if origin is dict:
        return {"type": "object", "additionalProperties": _describe(parts[1], defs)}

    if kind.__name__ not in defs:
        defs[kind.__name__] = {}  # holds its place while it is described
        defs[kind.__name__] = _describe_class(kind, defs)
    return {"$ref": f"#/$defs/{kind.__name__}"}
