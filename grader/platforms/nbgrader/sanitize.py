"""Keep of a stranger's notebook what the format has a place for, so that nothing that reads it later stumbles.

nbgrader's steps, nbconvert and Jupyter each stop at something else: a `tags` that is no list, half of a character,
a thousand nested lists. None of that is worth a student's mark.

Not by nbformat's own `normalize`: importing it takes a second, it raises for a minor version that is no number and for
nested lists, and it leaves attachments that are no objects. A test holds what is made here against nbformat's schema.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

_DEEPEST = 32
"""Values nested deeper are left out."""
_NEWEST_MINOR = 5
_TEXT_KINDS = ("markdown", "raw")


class _Fields(BaseModel):
    """Fields that the format knows; a default says that one may be missing. Others may stand beside them."""

    model_config = ConfigDict(strict=True, regex_engine="python-re")


class _Kernel(_Fields):
    name: str
    display_name: str


class _Language(_Fields):
    name: str
    codemirror_mode: str | dict[str, Any] = ""
    file_extension: str = ""
    mimetype: str = ""
    pygments_lexer: str = ""
    version: str = ""


class _NotebookFields(_Fields):
    kernelspec: _Kernel = _Kernel(name="", display_name="")
    language_info: _Language = _Language(name="")
    title: str = ""
    authors: list[Any] = []
    orig_nbformat: int = Field(default=1, ge=1)


def _require_different(tags: list[str]) -> list[str]:
    if len(set(tags)) < len(tags):
        raise ValueError("a tag appears twice")
    return tags


class _CellFields(_Fields):
    tags: Annotated[list[Annotated[str, Field(pattern="^[^,]+$")]], AfterValidator(_require_different)] = []
    name: str = Field(default="-", pattern="^.+$")
    format: str = ""
    jupyter: dict[str, Any] = {}
    collapsed: bool = False
    scrolled: bool | Literal["auto"] = False
    execution: dict[str, str] = {}


def sanitize(notebook: Mapping[str, Any]) -> dict[str, Any]:
    """Make a notebook of format 4 valid; outputs and the state of widgets go."""
    cells = notebook.get("cells")
    if not isinstance(cells, list):
        cells = []

    metadata = _sanitize_metadata(notebook.get("metadata"), _NotebookFields)
    metadata.pop("widgets", None)

    minor = notebook.get("nbformat_minor")
    if type(minor) is not int or not 0 <= minor <= _NEWEST_MINOR:
        minor = _NEWEST_MINOR

    return {
        "cells": [_sanitize_cell(cell) for cell in cells if isinstance(cell, Mapping)],
        "metadata": metadata,
        "nbformat": 4,
        "nbformat_minor": minor,
    }


def _sanitize_cell(cell: Mapping[str, Any]) -> dict[str, Any]:
    kind = cell.get("cell_type")
    clean: dict[str, Any] = {
        "cell_type": "raw",
        "metadata": _sanitize_metadata(cell.get("metadata"), _CellFields),
        "source": _join(cell.get("source")),
    }

    if kind == "code":
        clean |= {"cell_type": kind, "outputs": [], "execution_count": None}
    elif kind in _TEXT_KINDS:
        clean["cell_type"] = kind
        if attachments := _sanitize_attachments(cell.get("attachments")):
            clean["attachments"] = attachments

    if isinstance(cell.get("id"), str):
        clean["id"] = cell["id"]
    return clean


def _join(source: Any) -> str:
    """A cell's source as one text; files hold it as a text or as a list of lines."""
    if isinstance(source, list):
        source = "".join(line for line in source if isinstance(line, str))
    return _whole_characters(source) if isinstance(source, str) else ""


def _sanitize_metadata(metadata: Any, fields: type[_Fields]) -> dict[str, Any]:
    """Drop the fields whose values the format forbids; fields that it does not mention stay."""
    plain: dict[str, Any] = _plain(metadata) if isinstance(metadata, Mapping) else {}
    try:
        fields.model_validate(plain)
    except ValidationError as error:
        for detail in error.errors():
            plain.pop(str(detail["loc"][0]), None)
    return plain


def _sanitize_attachments(attachments: Any) -> dict[str, dict[str, str]]:
    plain = _plain(attachments) if isinstance(attachments, Mapping) else {}
    clean = {}
    for name, forms in plain.items():
        if isinstance(forms, dict):
            clean[name] = {mime: text for mime, text in forms.items() if isinstance(text, str)}
    return clean


def _plain(value: Any, depth: int = 0) -> Any:
    """JSON of bounded depth, whole characters and finite numbers."""
    if isinstance(value, str):
        return _whole_characters(value)
    if isinstance(value, float):
        return value if math.isfinite(value) else None

    is_deep = depth >= _DEEPEST
    if isinstance(value, Mapping):
        members = () if is_deep else value.items()
        return {_whole_characters(name): _plain(member, depth + 1) for name, member in members}
    if isinstance(value, list):
        return [] if is_deep else [_plain(member, depth + 1) for member in value]
    return value


def _whole_characters(text: str) -> str:
    return text.encode("utf-8", "replace").decode()
