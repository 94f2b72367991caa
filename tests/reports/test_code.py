"""The lines of a function in what a student wrote, and the places that failures name."""

from __future__ import annotations

import pytest

from grader.reports.code import MOST_CODE, MOST_LINES, CodeCell, Lines, find_function, find_place, fit_code

FILE = """\
import numpy as np

@show
@twice(1, 2)
def f(
    A, B,
):
    # at the margin below there is a comment
# like this one
    return A


def g(A): return A
f.note = 1
h = lambda A: (
    A.T
)
def f(A):

    return A.T

x = f(1)
"""
FORMULAS = """\
X = inv(A)
f(A, dA) = -inv(A) @
dA @ inv(A)
g(A) = A
"""


def lines(source: str, name: str, label: str = "a.py") -> tuple[int, int] | None:
    found = find_function([CodeCell(label, source)], name)
    return (found.first, found.last) if found else None


def test_the_last_definition_of_a_function_counts_without_blank_lines_after_it() -> None:
    assert lines(FILE, "f") == (18, 20)
    assert lines(FILE[: FILE.rindex("def f")], "f") == (3, 10)
    assert lines(FILE, "g") == (13, 13)
    assert lines(FILE, "h") == (15, 17)


@pytest.mark.parametrize("name", ["x", "y", "ff", "f(", "", "note"])
def test_names_are_whole_and_never_patterns(name: str) -> None:
    assert lines(FILE, name) == ((22, 22) if name == "x" else None)


def test_formulas_go_on_after_an_operator() -> None:
    assert lines(FORMULAS, "f", "answers.txt") == (2, 3)
    assert lines(FORMULAS, "g", "answers.txt") == (4, 4)


def test_a_function_is_found_in_the_last_cell_that_defines_it() -> None:
    cells = [
        CodeCell("cell 1 (In [3])", "def f(A): pass"),
        CodeCell("cell 4", "%time x\ndef f(A):\n  return A"),
    ]
    assert find_function(cells, "f") == Lines(1, 2, 3)


def test_places_are_found_in_their_cell_and_nowhere_else() -> None:
    cells = [CodeCell("cell 1 (In [3])", "a\nb"), CodeCell("cell 4", "c")]
    assert find_place("cell 1 (In [3]), line 2", cells) == Lines(0, 2, 2)
    assert find_place("cell 4, line 1", cells) == Lines(1, 1, 1)
    for place in ("line 1", "cell 1, line 2", "cell 4, line 2", "cell 4, line 0", "", "line x"):
        assert find_place(place, cells) is None, place
    assert find_place("line 2", [CodeCell("a.py", "a\nb")]) == Lines(0, 2, 2)


def test_code_that_fits_is_kept_as_it_is_and_the_rest_is_cut() -> None:
    cells = (CodeCell("cell 1", "a\nb"), CodeCell("cell 2", "c"))
    assert fit_code(cells) == cells
    for source in ("x" * 1_000_000, "\n" * 1_000_000, "é = 1\n" * 100_000):
        (kept,) = fit_code([CodeCell("a.py", source), CodeCell("b.py", "x")])
        assert len(kept.source) < MOST_CODE + 100 and len(kept.lines) <= MOST_LINES + 1
        assert source.startswith(kept.source.rpartition("\n")[0])
