"""The notebooks of nbgrader's own tests, which are installed with it: the same marks from a kernel and from us."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import nbformat
import nbgrader
import pytest
from nbgrader.preprocessors import Execute as KernelExecute
from nbgrader.utils import determine_grade, is_grade

from grader.platforms.nbgrader.execute import Execute
from tests.platforms.nbgrader.foreign import outputs

pytestmark = [pytest.mark.filterwarnings("ignore"), pytest.mark.nbgrader, pytest.mark.side_by_side]

FOLDER = Path(nbgrader.__file__).parent / "tests"
LEFT_OUT = {
    "infinite-loop-with-output.ipynb": "fills all memory with a kernel, so that nbgrader skips it too",
    "infinite-loop.ipynb": "its marks are none; test_foreign_scores.py has the loop",
    "timeout.ipynb": "its marks are those of the timeout, in test_foreign_scores.py",
    "warning-pattern.ipynb": "imports torch",
    "too-new.ipynb": "refused before it is run",
}
"""Why some of them say nothing about marks."""
NOTEBOOKS = sorted(
    path
    for folder in ("apps", "preprocessors")
    for path in (FOLDER / folder / "files").glob("*.ipynb")
    if path.name not in LEFT_OUT and '"cell_type": "code"' in path.read_text("utf-8")
)


def _marks(nb: Any) -> list[Any]:
    marks = []
    for cell in nb.cells:
        if is_grade(cell):
            try:
                marks.append(determine_grade(cell))
            except Exception as error:  # no marks, as they are not in order
                marks.append(type(error).__name__)
    return marks


def _names(nb: Any) -> list[Any]:
    return [
        [(o["output_type"], o.get("ename") or o.get("text") or o.get("data")) for o in cell]
        for cell in outputs(nb)
    ]


@pytest.mark.skipif(not NOTEBOOKS, reason="this nbgrader was installed without its tests")
def test_nearly_all_of_nbgraders_own_notebooks_with_code_are_tried() -> None:
    assert len(NOTEBOOKS) >= 45


@pytest.mark.skipif(not NOTEBOOKS, reason="this nbgrader was installed without its tests")
@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: f"{path.parts[-3]}/{path.name}")
def test_marks_are_those_with_a_kernel(path: Path, tmp_path: Path) -> None:
    source = nbformat.read(path, 4)
    if (path.parent / "data.txt").exists():
        shutil.copy(path.parent / "data.txt", tmp_path)
    ran = []
    for step in (KernelExecute, Execute):
        copy = nbformat.from_dict(source)
        nb, _ = step(timeout=10).preprocess(copy, {"metadata": {"path": str(tmp_path)}})
        ran.append(nb)
    assert _marks(ran[1]) == _marks(ran[0])
    if path.name != "infinite-recursion.ipynb":  # a traceback as long as the stack is deep
        assert _names(ran[1]) == _names(ran[0])
