"""A problem in plain text, as other systems show it: no markup, no alignment that needs a certain font."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from grader.core.text import one_line
from grader.reports.feedback import explain, find_case, say_headline
from grader.reports.report import Counterexample, ProblemReport
from grader.reports.shown_matrices import Grid, elide, make_grids, name_grids
from grader.reports.shown_numbers import say_cut, say_error

_SIDE = 6
"""A matrix of more rows or columns loses its middle: here it stands on one line."""


def problem_text(problem: ProblemReport) -> str:
    """Render the first things to read of a problem: what is wrong, where, the next step, the smallest case."""
    if problem.verdict == "right":
        return ""

    explanation = explain(problem)
    lines = ["".join(say_headline(problem, explanation))]

    failure = explanation.failure
    if failure is not None and failure.text.strip():
        place = one_line(failure.place) or "there"
        lines.append(f"{place}:  {one_line(failure.text, 200)}")
    lines.append(explanation.step)

    case = find_case(problem)
    if case is not None:
        lines += ["", "Smallest case:"]
        lines += [f"  {line}" for line in _say_case(case)]
    return "\n".join(lines)


def _say_case(case: Counterexample) -> Iterator[str]:
    for name, value in case.inputs.items():
        yield from _say_grids(one_line(name), " = ", make_grids(value))
    for name, grids in name_grids(case):
        yield from _say_grids(name, ": ", grids)
    yield from filter(None, (say_error(case), say_cut(case)))


def _say_grids(name: str, sign: str, grids: Sequence[Grid]) -> Iterator[str]:
    for grid in grids:
        yield f"{name}{grid.index}{sign}" + _say_grid(elide(grid, _SIDE, _SIDE))


def _say_grid(grid: Grid) -> str:
    rows = [", ".join(entry.text for entry in row) for row in grid.rows]
    if grid.bare:
        return rows[0]

    in_brackets = [f"[{row}]" for row in rows]
    if len(rows) == 1:
        return in_brackets[0]
    return f"[{', '.join(in_brackets)}]"
