"""A problem in plain text, as other systems show it: no markup, no alignment that needs a certain font."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from grader.core.text import one_line
from grader.reports.feedback import explain, find_case, say_headline
from grader.reports.grids import Grid, elide, make_grids, make_pair
from grader.reports.numbers import format_number
from grader.reports.report import Counterexample, ProblemReport

_SIDE = 6
"""A matrix of more rows or columns loses its middle: here it stands on one line."""


def problem_text(problem: ProblemReport) -> str:
    """What a student reads first of a problem: what is wrong, where, the next step, the smallest case."""
    explanation = explain(problem)
    if problem.verdict == "right":
        return ""
    lines = ["".join(say_headline(problem, explanation))]
    failure = explanation.failure
    if failure is not None and failure.text.strip():
        lines.append(f"{one_line(failure.place) or 'there'}:  {one_line(failure.text, 200)}")
    lines.append(explanation.step)
    if case := find_case(problem):
        lines += ["", "Smallest case:", *(f"  {line}" for line in _say_case(case))]
    return "\n".join(lines)


def _say_case(case: Counterexample) -> Iterator[str]:
    answer, right = make_pair(case.answer, case.right, case.tolerance)
    for name, value in case.inputs.items():
        yield from _say_grids(one_line(name), " = ", make_grids(value))
    yield from _say_grids("you", ": ", answer)
    if case.right is not None:
        yield from _say_grids("right", ": ", right)
    if case.error is not None and case.tolerance is not None and case.error > case.tolerance:
        yield f"Off by {format_number(case.error, 3)} where {format_number(case.tolerance, 2)} is allowed."


def _say_grids(name: str, sign: str, grids: Sequence[Grid]) -> Iterator[str]:
    for grid in grids:
        yield f"{name}{grid.index}{sign}" + _say_grid(elide(grid, _SIDE, _SIDE))


def _say_grid(grid: Grid) -> str:
    rows = ["[" + ", ".join(cell.text for cell in row) + "]" for row in grid.rows]
    if grid.bare:
        return rows[0][1:-1]
    return rows[0] if len(rows) == 1 else "[" + ", ".join(rows) + "]"
