"""Of a stranger's notebook, what the format has a place for, so that nothing that reads it later stumbles.

nbgrader's steps, nbconvert and Jupyter each stop at something else: a `tags` that is no list, half of a character,
a thousand nested lists. None of that is worth a student's mark.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

DEEPEST = 32
"""What is nested deeper is left out."""
_NEWEST_MINOR = 5
_KINDS = ("code", "markdown", "raw")


def sanitize(notebook: Mapping[str, Any]) -> dict[str, Any]:
    """A notebook of format 4 in the form that Jupyter gives it; without outputs, and without the state of widgets."""
    cells, minor = notebook.get("cells"), notebook.get("nbformat_minor")
    return {
        "cells": [_tidy_cell(cell) for cell in cells if isinstance(cell, Mapping)]
        if isinstance(cells, list)
        else [],
        "metadata": _tidy_metadata(notebook.get("metadata"), _ABOUT_NOTEBOOK),
        "nbformat": 4,
        "nbformat_minor": min(minor, _NEWEST_MINOR)
        if isinstance(minor, int) and minor >= 0
        else _NEWEST_MINOR,
    }


def _tidy_cell(cell: Mapping[str, Any]) -> dict[str, Any]:
    kind, source, id = (cell.get(key) for key in ("cell_type", "source", "id"))
    if isinstance(source, list):
        source = "".join(part for part in source if isinstance(part, str))
    found: dict[str, Any] = {
        "cell_type": kind if kind in _KINDS else "raw",
        "metadata": _tidy_metadata(cell.get("metadata"), _ABOUT_CELL),
        "source": _text(source) if isinstance(source, str) else "",
    }
    if kind == "code":
        found |= {"outputs": [], "execution_count": None}
    elif kind in _KINDS and (files := _tidy_attachments(cell.get("attachments"))):
        found["attachments"] = files
    return found | {"id": id} if isinstance(id, str) else found


def _tidy_metadata(value: Any, checks: Mapping[str, Callable[[Any], bool]]) -> dict[str, Any]:
    """Metadata without what the format says is something else; whatever it says nothing of stays."""
    found = _plain(value) if isinstance(value, Mapping) else {}
    return {name: item for name, item in found.items() if name not in checks or checks[name](item)}


def _tidy_attachments(value: Any) -> dict[str, dict[str, str]]:
    files = _plain(value) if isinstance(value, Mapping) else {}
    return {
        name: {kind: text for kind, text in forms.items() if isinstance(text, str)}
        for name, forms in files.items()
        if isinstance(forms, dict)
    }


def _plain(value: Any, depth: int = 0) -> Any:
    """JSON of bounded depth, of whole characters and finite numbers."""
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, Mapping):
        items = value.items() if depth < DEEPEST else ()
        return {_text(name): _plain(item, depth + 1) for name, item in items}
    if isinstance(value, list):
        return [_plain(item, depth + 1) for item in value] if depth < DEEPEST else []
    return value


def _text(text: str) -> str:
    return text.encode("utf-8", "replace").decode()


def _is_text(value: Any) -> bool:
    return isinstance(value, str)


def _is_object(value: Any) -> bool:
    return isinstance(value, dict)


def _are_tags(value: Any) -> bool:
    texts = isinstance(value, list) and all(isinstance(item, str) for item in value)
    return texts and len({*value}) == len(value) and not any("," in item for item in value)


def _is_kernel(value: Any) -> bool:
    return _is_object(value) and all(_is_text(value.get(key)) for key in ("name", "display_name"))


def _is_language(value: Any) -> bool:
    if not _is_object(value) or not _is_text(value.get("name")):
        return False
    mode = value.get("codemirror_mode", "")
    others = (value.get(key, "") for key in ("file_extension", "mimetype", "pygments_lexer", "version"))
    return (_is_text(mode) or _is_object(mode)) and all(map(_is_text, others))


_ABOUT_CELL: Mapping[str, Callable[[Any], bool]] = {
    "tags": _are_tags,
    "name": _is_text,
    "format": _is_text,
    "jupyter": _is_object,
    "collapsed": lambda value: isinstance(value, bool),
    "scrolled": lambda value: value is True or value is False or value == "auto",
    "execution": lambda value: _is_object(value) and all(map(_is_text, value.values())),
}
_ABOUT_NOTEBOOK: Mapping[str, Callable[[Any], bool]] = {
    "kernelspec": _is_kernel,
    "language_info": _is_language,
    "title": _is_text,
    "authors": lambda value: isinstance(value, list),
    "orig_nbformat": lambda value: isinstance(value, int) and value >= 1,
    "widgets": lambda value: False,
}
