"""Notebooks as the dictionaries that their JSON holds: read from strangers' files, written as Jupyter writes them."""

from __future__ import annotations

import json
from itertools import chain
from pathlib import Path
from typing import Any

from grader.answers.submission import read_submitted_file
from grader.authoring.question_notebook import notebook_text
from grader.platforms.nbgrader.sanitize import sanitize
from grader.reports.report import Failure

Notebook = dict[str, Any]
Cell = dict[str, Any]

_MOST_BYTES = 1 << 26
"""A longer file, outputs included, is not read."""
_DEEPEST = 920
"""Depth of lists and objects. Python's own limit depends on who reads, and a worker must read what was planned."""


def read_file(path: Path) -> Notebook | Failure:
    """Read a student's file, without following links."""
    submitted = read_submitted_file(path, "", _MOST_BYTES)
    return submitted.fault or read_json(submitted.data, path.name)


def read_json(data: bytes, name: str) -> Notebook | Failure:
    """Read a notebook and sanitize it; one of an older format is converted.

    Args:
        name: of the file, for the message.
    """
    try:
        notebook = _parse(data)
    except Exception as error:  # whatever a converter of formats makes of a stranger's file
        line = f" (line {error.lineno} is not JSON)" if isinstance(error, json.JSONDecodeError) else ""
        what = f"is not a Jupyter notebook{line}"
        return Failure("not_a_notebook", what, "save it again in Jupyter", subject=name)
    return sanitize(notebook)


def _parse(data: bytes) -> Notebook:
    text = data.decode("utf-8-sig")
    notebook = json.loads(text)
    if _is_deeper(notebook, _DEEPEST):
        raise RecursionError

    match notebook:
        case {"nbformat": 4, "cells": list()}:
            current: Notebook = notebook
        case _:
            import nbformat  # takes a second, and is hardly ever needed

            current = nbformat.reads(text, as_version=4)
    return current


def _is_deeper(value: Any, most: int) -> bool:
    """Are lists and objects nested deeper than that?"""
    level: list[Any] = [[value]]
    for _ in range(most + 1):
        members = chain.from_iterable(node.values() if isinstance(node, dict) else node for node in level)
        level = [member for member in members if isinstance(member, (dict, list))]
        if not level:
            return False
    return True


def write_json(notebook: Notebook) -> bytes:
    """The notebook as Jupyter writes it, with texts as lists of lines."""
    cells = [_split_cell(cell) for cell in notebook["cells"]]
    return notebook_text({**notebook, "cells": cells}).encode("utf-8", "replace")


def _split_cell(cell: Cell) -> Cell:
    split = {**cell, "source": cell["source"].splitlines(keepends=True)}
    if cell.get("outputs"):
        split["outputs"] = [_split_output(output) for output in cell["outputs"]]
    return split


def _split_output(output: dict[str, Any]) -> dict[str, Any]:
    if "data" not in output:
        return output
    lines = {mime: text.splitlines(keepends=True) for mime, text in output["data"].items()}
    return {**output, "data": lines}
