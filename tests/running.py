"""Run the command line in a process of its own, and notebooks in real kernels, as a user does."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import ROOT

PATIENCE = 900
"""Seconds after which a test that hangs is ended; none is ended for being slow on a busy machine."""


def run_grader(*arguments: str, cwd: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """`grader …` in a folder; nothing of the environment tells a seed."""
    kept = {name: value for name, value in os.environ.items() if name != "GRADER_SEED"}
    return subprocess.run(
        [sys.executable, "-m", "grader", *arguments],
        cwd=cwd, capture_output=True, text=True, timeout=PATIENCE, check=False,
        env={**kept, "PYTHONPATH": str(ROOT), "NO_COLOR": "1", "COLUMNS": "200", **environment},
    )  # fmt: skip


def run_cells(notebook: Any, folder: Path) -> Any:
    """The notebook after every cell was run in a real kernel that was started in a folder."""
    from nbclient import NotebookClient

    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", str(ROOT))
        patch.delenv("GRADER_SEED", raising=False)
        where = {"metadata": {"path": folder}}
        NotebookClient(notebook, timeout=120, kernel_name="python3", resources=where).execute()
    return notebook
