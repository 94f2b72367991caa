from __future__ import annotations

import ast
import inspect
from pathlib import Path
from typing import Any

import pytest

from grader.answers.sandbox.guest import guest as protocol
from grader.answers.sandbox.guest import run_notebook, run_submission
from grader.answers.sandbox.guest.guest import Guest
from grader.answers.sandbox.guest.notebook_wire import Setting
from grader.answers.sandbox.guest.request import Request

FOLDER = Path(protocol.__file__).parent
SUBMISSIONS: Guest[Request] = run_submission
NOTEBOOKS: Guest[Setting] = run_notebook
"""That these are guests is checked by mypy as well."""


@pytest.mark.parametrize("guest", [SUBMISSIONS, NOTEBOOKS])
def test_a_guest_has_every_function_of_the_protocol(guest: Guest[Any]) -> None:
    functions = [name for name, value in vars(Guest).items() if inspect.isfunction(value) and name[0] != "_"]
    assert sorted(functions) == ["answer", "prepare", "read_request", "read_shared", "say_started", "warm_up"]
    for name in functions:
        expected = list(inspect.signature(getattr(Guest, name)).parameters)[1:]
        given = list(inspect.signature(getattr(guest, name)).parameters)
        assert len(given) == len(expected)


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.py")), ids=lambda path: path.stem)
def test_a_guests_file_imports_nothing_of_ours_but_its_neighbours(path: Path) -> None:
    neighbours = {other.stem for other in FOLDER.glob("*.py")}
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            assert not any(name.name.partition(".")[0] == "grader" for name in node.names)
        if isinstance(node, ast.ImportFrom):
            names = [node.module] if node.module else [name.name for name in node.names]
            assert node.level == 0 or set(names) <= neighbours
            assert node.level <= 1 and not (node.module or "").startswith("grader")
    assert [entry.name for entry in FOLDER.iterdir() if entry.is_dir()] in ([], ["__pycache__"])
