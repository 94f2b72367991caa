"""Whatever a stranger's notebook holds, nbformat's own schema accepts what is made of it."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.platforms.nbgrader.notebook_json import Notebook
from grader.platforms.nbgrader.released_notebook import ReleasedCell, ReleasedNotebook
from grader.platforms.nbgrader.restore_cells import restore
from grader.platforms.nbgrader.sanitize import sanitize

pytestmark = pytest.mark.nbgrader

RELEASED = ReleasedNotebook(
    "ps1",
    "ps1",
    (
        ReleasedCell("f", "code", "def f(A):\n", "def f(A):\n", None, True, False, False, None),
        ReleasedCell("f-check", "code", "check()\n", "check()\n", None, False, True, False, 3.0),
    ),
    {"name": "python3", "display_name": "Python 3"},
    {"f": "0"},
)
FIELDS = (
    "tags", "name", "format", "jupyter", "collapsed", "scrolled", "execution", "kernelspec", "language_info",
    "title", "authors", "orig_nbformat", "widgets", "attachments", "nbgrader", "codemirror_mode", "x",
)  # fmt: skip

scalars = (
    st.none() | st.booleans() | st.integers(-2, 7) | st.floats() | st.text(max_size=3) | st.just("\ud800")
)
values = st.recursive(
    scalars,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(FIELDS) | st.text(max_size=3), inner, max_size=3)
    ),
    max_leaves=8,
)
metadata = st.dictionaries(st.sampled_from(FIELDS), values, max_size=4) | values
cells = values | st.fixed_dictionaries(
    {},
    optional={
        "cell_type": st.sampled_from(["code", "markdown", "raw"]) | values,
        "source": st.text(max_size=5) | values,
        "metadata": metadata,
        "attachments": values,
        "outputs": values,
        "id": st.sampled_from(["a", "b", "", "ä"]) | values,
    },
)
notebooks = st.fixed_dictionaries(
    {},
    optional={"cells": st.lists(cells, max_size=4) | values, "metadata": metadata, "nbformat_minor": values},
)


@settings(max_examples=200)
@given(notebook=notebooks)
def test_every_restored_notebook_is_valid(notebook: Notebook) -> None:
    import nbformat

    before = copy.deepcopy(notebook)
    restored, _ = restore(sanitize(notebook), RELEASED)
    assert repr(notebook) == repr(before)
    nbformat.validate(nbformat.from_dict(restored))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("tags", ["a"]),
        ("scrolled", "auto"),
        ("execution", {"iopub.status.busy": "2026"}),
        ("mine", [1, {"b": None}]),
    ],
)
def test_valid_metadata_stays(name: str, value: Any) -> None:
    cell = {"cell_type": "markdown", "source": ["a\n", "b"], "metadata": {name: value}}
    (kept,) = sanitize({"cells": [cell]})["cells"]
    assert kept == {"cell_type": "markdown", "source": "a\nb", "metadata": {name: value}}
