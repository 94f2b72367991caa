"""JSON Schemas of the YAML formats, made from the models that validate them."""

from __future__ import annotations

import json
from typing import Any

from pydantic import BaseModel

from grader.course import ConfigFile
from grader.errors import GraderError, suggest
from grader.problemformat import ProblemFile
from grader.solution import VariantsFile

MODELS: dict[str, type[BaseModel]] = {"problem": ProblemFile, "variants": VariantsFile, "config": ConfigFile}

SCHEMA_FILES = {
    "problem": "exercises/problem.schema.json",
    "variants": "solutions/variants.schema.json",
    "config": "exercises/config.schema.json",
}
"""Where a course keeps them, for the files that point at them."""


def schema_text(what: str) -> str:
    """The JSON Schema as text, ready for a file."""
    return json.dumps(json_schema(what), indent=2, ensure_ascii=False) + "\n"


def json_schema(what: str) -> dict[str, Any]:
    """The JSON Schema (draft 2020-12) of `problem`, `variants` or `config`.

    Raises:
        GraderError: there is no such format.
    """
    if what not in MODELS:
        raise GraderError(f"There is no format '{what}'; {suggest(what, MODELS)}")
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **MODELS[what].model_json_schema()}
