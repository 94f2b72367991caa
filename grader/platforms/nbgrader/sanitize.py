"""Keep of a stranger's notebook what the format has a place for, so that nothing that reads it later stumbles.

nbgrader's steps, nbconvert and Jupyter each stop at something else: a `tags` that is no list, half of a character,
a thousand nested lists. None of that is worth a student's mark.

Not by nbformat's own `normalize`: importing it takes a second, it raises for a minor version that is no number and for
nested lists, and it leaves attachments that are no objects. A test holds what is made here against nbformat's schema.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from typing import Any

DEEPEST = 32
"""Values nested deeper are left out."""
_NEWEST_MINOR = 5
_NAME = re.compile(r"^.+$")
_TEXT_KINDS = ("markdown", "raw")

Accepts = Callable[[Any], bool]


def sanitize(notebook: Mapping[str, Any]) -> dict[str, Any]:
    """Make a notebook of format 4 valid; outputs and the state of widgets go."""
    cells = notebook.get("cells")
    if not isinstance(cells, list):
        cells = []

    minor = notebook.get("nbformat_minor")
    if type(minor) is not int or not 0 <= minor <= _NEWEST_MINOR:
        minor = _NEWEST_MINOR

    return {
        "cells": [_sanitize_cell(cell) for cell in cells if isinstance(cell, Mapping)],
        "metadata": _sanitize_metadata(notebook.get("metadata"), _NOTEBOOK_FIELDS),
        "nbformat": 4,
        "nbformat_minor": minor,
    }


def _sanitize_cell(cell: Mapping[str, Any]) -> dict[str, Any]:
    kind = cell.get("cell_type")
    clean: dict[str, Any] = {
        "cell_type": "raw",
        "metadata": _sanitize_metadata(cell.get("metadata"), _CELL_FIELDS),
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
        source = "".join(filter(_is_text, source))
    return _whole_characters(source) if isinstance(source, str) else ""


def _sanitize_metadata(metadata: Any, fields: Mapping[str, Accepts]) -> dict[str, Any]:
    """Drop the fields whose values the format forbids; fields that it does not mention stay."""
    plain = _plain(metadata) if isinstance(metadata, Mapping) else {}
    return {name: value for name, value in plain.items() if fields.get(name, _is_anything)(value)}


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

    is_deep = depth >= DEEPEST
    if isinstance(value, Mapping):
        members = () if is_deep else value.items()
        return {_whole_characters(name): _plain(member, depth + 1) for name, member in members}
    if isinstance(value, list):
        return [] if is_deep else [_plain(member, depth + 1) for member in value]
    return value


def _whole_characters(text: str) -> str:
    return text.encode("utf-8", "replace").decode()


def _is_anything(value: Any) -> bool:
    return True


def _is_text(value: Any) -> bool:
    return isinstance(value, str)


def _is_name(value: Any) -> bool:
    return isinstance(value, str) and _NAME.search(value) is not None


def _is_object(value: Any) -> bool:
    return isinstance(value, dict)


def _are_tags(value: Any) -> bool:
    if not isinstance(value, list) or not all(map(_is_text, value)):
        return False
    return len(set(value)) == len(value) and all(tag and "," not in tag for tag in value)


def _is_scroll_mode(value: Any) -> bool:
    return isinstance(value, bool) or value == "auto"


def _is_timing(value: Any) -> bool:
    return isinstance(value, dict) and all(map(_is_text, value.values()))


def _is_kernel(value: Any) -> bool:
    return isinstance(value, dict) and all(_is_text(value.get(key)) for key in ("name", "display_name"))


def _is_language(value: Any) -> bool:
    if not isinstance(value, dict):
        return False
    optional = [value.get(key, "") for key in ("file_extension", "mimetype", "pygments_lexer", "version")]
    mode = value.get("codemirror_mode", "")
    return isinstance(mode, str | dict) and all(map(_is_text, [value.get("name"), *optional]))


_CELL_FIELDS: Mapping[str, Accepts] = {
    "tags": _are_tags,
    "name": _is_name,
    "format": _is_text,
    "jupyter": _is_object,
    "collapsed": lambda value: isinstance(value, bool),
    "scrolled": _is_scroll_mode,
    "execution": _is_timing,
}
_NOTEBOOK_FIELDS: Mapping[str, Accepts] = {
    "kernelspec": _is_kernel,
    "language_info": _is_language,
    "title": _is_text,
    "authors": lambda value: isinstance(value, list),
    "orig_nbformat": lambda value: type(value) is int and value >= 1,
    "widgets": lambda value: False,
}
