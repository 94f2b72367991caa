"""The cells of a submission, and what is left of them when one sleeps, floods or exits: it costs that cell alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from grader.answers.sandbox.listener import Ending
from grader.reports.code import CodeCell
from grader.reports.report import Failure

_STOPPED: frozenset[Ending] = frozenset({"timeout", "cpu_timeout", "closed"})


class CellsToRun:
    """What a child is told to run.

    Of a cell that has ended a child before its time, the next one runs the definitions alone; after a second time,
    nothing. Whoever hands in a script has one cell, and no other is left.
    """

    def __init__(self, cells: Sequence[CodeCell]) -> None:
        self._cells = tuple(cells)
        self._stopped: dict[int, Failure] = {}
        self._left_out: set[int] = set()

    @property
    def sources(self) -> tuple[tuple[str, str], ...]:
        """(label, source) of each."""
        return tuple(
            (cell.label, "" if number in self._left_out else cell.source)
            for number, cell in enumerate(self._cells)
        )

    @property
    def brief(self) -> frozenset[int]:
        """The numbers of those of which only definitions are run."""
        return frozenset(self._stopped) - self._left_out

    def shorten(self, cell: int | None, ending: Ending, failure: Failure) -> bool:
        """Note that a child ended in a cell, and why; return whether another child would get further."""
        if cell is None or ending not in _STOPPED:
            return False
        if cell in self._left_out or len(self._cells) == 1:
            return False

        if cell in self._stopped:
            self._left_out.add(cell)
        self._stopped.setdefault(cell, failure)
        return True

    def failures(self, others: Mapping[int, Failure]) -> tuple[Failure, ...]:
        """Why cells failed, in their order."""
        failures = {**others, **self._stopped}
        return tuple(failures[number] for number in sorted(failures))
