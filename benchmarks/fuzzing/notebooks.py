"""Notebooks, as a class hands them in, and as nbgrader courses do."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

from benchmarks.fuzzing.json_values import mutate_json
from benchmarks.fuzzing.kind import Read, mutate
from benchmarks.many import SAMPLE
from grader.answers.submission import SubmittedFile, parse_submission
from grader.platforms.nbgrader.notebook_json import read_json, write_json
from grader.platforms.nbgrader.released_notebook import ReleasedCell, ReleasedNotebook, claimed_versions
from grader.platforms.nbgrader.restore_cells import restore
from grader.platforms.nbgrader.submitted_notebook import code_to_run, store_notices
from grader.reports.report import Failure

OUTPUTS: dict[str, Any] = {
    "cells": [
        {
            "cell_type": "markdown",
            "metadata": {},
            "source": ["# One\n"],
            "attachments": {"a.png": {"image/png": "AA"}},
        },
        {
            "cell_type": "code",
            "execution_count": 2,
            "id": "a1",
            "metadata": {"nbgrader": {"grade_id": "f", "schema_version": 3, "solution": True}, "tags": ["x"]},
            "source": ["def f(A):\n", "    return A\n"],
            "outputs": [
                {"output_type": "stream", "name": "stdout", "text": ["1\n"]},
                {
                    "output_type": "display_data",
                    "data": {"text/html": ["<b>"], "image/png": "AA"},
                    "metadata": {},
                },
                {"output_type": "error", "ename": "E", "evalue": "", "traceback": ["a"]},
            ],
        },
        {
            "cell_type": "code",
            "metadata": {"nbgrader": {"grade_id": "f-check"}},
            "source": "assert 1",
            "outputs": [],
        },
    ],
    "metadata": {
        "kernelspec": {"name": "python3", "display_name": "Python 3"},
        "frechet_grader": {"versions": {"f": "1"}},
    },
    "nbformat": 4,
    "nbformat_minor": 5,
}
OLD: dict[str, Any] = {
    "worksheets": [{"cells": [{"cell_type": "code", "input": "x = 1", "language": "python", "outputs": []}]}],
    "metadata": {"name": "old"},
    "nbformat": 3,
    "nbformat_minor": 0,
}
"""As it was before 2015: cells lie in worksheets."""


def _cell(grade_id: str, source: str, points: float | None) -> ReleasedCell:
    return ReleasedCell(
        grade_id, "code", source, source, None, points is None, points is not None, False, points
    )


RELEASED = ReleasedNotebook(
    assignment="ps1",
    notebook="ps1",
    cells=(_cell("f", "def f(A):\n    ...", None), _cell("f-check", "check('f')", 2.0)),
    kernelspec={"name": "python3"},
    problem_versions={"f": "1"},
)


def read_notebooks(folder: Path) -> Read:
    """Read each as a submission, and with nbgrader's cells put back."""
    originals = [json.loads(path.read_bytes()) for path in sorted(SAMPLE.glob("*.ipynb"))]
    originals += [OUTPUTS, OLD]

    def read(draw: random.Random) -> bool:
        data = mutate_json(draw, draw.choice(originals))
        if draw.random() < 0.3:
            data = mutate(draw, data)

        submission = parse_submission(SubmittedFile("somebody", "ps1.ipynb", data))
        notebook = read_json(data, "ps1.ipynb")
        if not isinstance(notebook, Failure):
            _put_back(notebook)
        return submission.fault is None

    return read


def _put_back(notebook: dict[str, Any]) -> None:
    claimed_versions(notebook)
    restored, notices = restore(notebook, RELEASED)
    store_notices(restored, notices, None)
    write_json(restored)
    parse_submission(code_to_run(restored, RELEASED, "somebody"))
