"""Show how far a class is graded: a bar on a terminal, a line now and then in a log."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from grader.core.text import one_line
from grader.reports.report import Report, points
from grader.reports.serialize import read_exact

_LINES = 10
_FEWEST = 10  # between lines
_MOST_NAMED = 3
_PAUSE = 0.1  # s, between two pictures of the bar


@dataclass(slots=True)
class RunCount:
    """The count of a run that is under way.

    Args:
        names: say who is worst and who is slow: others may look at the screen.
    """

    total: int
    names: bool = False
    clock: Callable[[], float] = time.monotonic
    done: int = 0
    worst: str = ""
    slow: list[str] = field(default_factory=list)
    _lowest: float = 2.0
    _began: float = 0.0

    def __post_init__(self) -> None:
        self._began = self.clock()

    def add(self, report: Report) -> None:
        """Count one more report."""
        self.done += 1
        share = float(report.score / report.max_score) if report.max_score else 1.0
        if not report.failed_by_grader and share < self._lowest:
            self._lowest = share
            self.worst = f"worst so far {points(report.score)}/{points(report.max_score)}"
            self.worst += self._named([report.student])

    def postpone(self, student: str) -> None:
        """Note that a submission is slow, and waits until the others are graded."""
        self.slow.append(student)

    def words(self) -> str:
        """The rate, the time that is left at that rate, the worst so far, and how many are slow."""
        rate = self.done / max(self.clock() - self._began, 1e-3)
        text = f"{rate:.1f} a second" if rate >= 1 else f"{60 * rate:.1f} a minute"
        left = (self.total - self.done) / rate if self.done else 0
        if left:
            text += f", {_duration(left)} left"
        slow = f"{len(self.slow)} slow{self._named(self.slow)}" if self.slow else ""
        return "; ".join(part for part in (text, self.worst, slow) if part)

    def _named(self, students: Sequence[str]) -> str:
        if not self.names:
            return ""
        shown = ", ".join(one_line(student, 30) for student in students[:_MOST_NAMED])
        return f" ({shown}, …)" if len(students) > _MOST_NAMED else f" ({shown})"


@dataclass(frozen=True, slots=True)
class Shown:
    """What is told of a run while it lasts.

    Args:
        tally: what has been counted. advance: shows it.
    """

    tally: RunCount
    advance: Callable[[], None]

    def add(self, summary: str) -> None:
        """Count a summary that is ready."""
        self.tally.add(read_exact(Report, summary))
        self.advance()

    def postpone(self, student: str) -> None:
        """Note whose submission is slow."""
        self.tally.postpone(student)


@contextmanager
def show_progress(console: Console, total: int, names: bool = False) -> Iterator[Shown]:
    """Yield what is to be told of each summary that is ready, and of who is slow.

    Args:
        names: see `RunCount`.
    """
    tally = RunCount(total, names)
    show = _bar if console.is_terminal else _log
    with show(console, tally) as advance:
        yield Shown(tally, advance)


@contextmanager
def _log(console: Console, tally: RunCount) -> Iterator[Callable[[], None]]:
    every = max(_FEWEST, tally.total // _LINES)

    def advance() -> None:
        if tally.done == tally.total or tally.done % every == 0:
            console.print(f"graded {tally.done} of {tally.total}; {tally.words()}", markup=False)

    yield advance


@contextmanager
def _bar(console: Console, tally: RunCount) -> Iterator[Callable[[], None]]:
    words = TextColumn("{task.fields[words]}", markup=False)
    columns = (TextColumn("Grading"), BarColumn(), MofNCompleteColumn(), words)
    # Without a thread that draws it now and then: workers are forked while it is shown, and threads get lost by that.
    with Progress(*columns, console=console, transient=True, auto_refresh=False) as progress:
        bar = progress.add_task("", total=tally.total, words="")
        drawn = 0.0

        def advance() -> None:
            nonlocal drawn
            now = time.monotonic()
            if now - drawn > _PAUSE or tally.done == tally.total:
                progress.update(bar, completed=tally.done, words=tally.words(), refresh=True)
                drawn = now

        yield advance


def _duration(seconds: float) -> str:
    minutes, seconds = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours} h {minutes} min"
    return f"{minutes} min {seconds} s" if minutes else f"{seconds} s"
