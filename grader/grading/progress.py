"""Show how far a class is graded: a bar on a terminal, a line now and then in a log."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from grader.core.text import one_line
from grader.reports.report import Report, points
from grader.reports.serialize import read_exact

_LINES = 10
_FEWEST = 10  # between lines
_PAUSE = 0.1  # s, between two pictures of the bar


@dataclass(slots=True)
class Tally:
    """The count of a run that is under way."""

    total: int
    clock: Callable[[], float] = time.monotonic
    done: int = 0
    worst: str = ""
    _lowest: float = 2.0
    _began: float = 0.0

    def __post_init__(self) -> None:
        self._began = self.clock()

    def add(self, report: Report) -> None:
        """Count one more report."""
        self.done += 1
        share = float(report.score / report.max_score) if report.max_score else 1.0
        if report.status != "grader_error" and share < self._lowest:
            self._lowest = share
            name = one_line(report.student, 30)
            self.worst = f"worst so far {points(report.score)}/{points(report.max_score)} ({name})"

    def words(self) -> str:
        """The rate, the time that is left at that rate, and the worst so far."""
        rate = self.done / max(self.clock() - self._began, 1e-3)
        text = f"{rate:.1f} a second" if rate >= 1 else f"{60 * rate:.1f} a minute"
        left = (self.total - self.done) / rate if self.done else 0
        if left:
            text += f", {_duration(left)} left"
        return f"{text}; {self.worst}" if self.worst else text


@contextmanager
def show_progress(console: Console, total: int) -> Iterator[Callable[[str], None]]:
    """Yield a function to call with each summary that is ready."""
    tally = Tally(total)
    show = _bar if console.is_terminal else _log
    with show(console, tally) as advance:

        def count(summary: str) -> None:
            tally.add(read_exact(Report, summary))
            advance()

        yield count


@contextmanager
def _log(console: Console, tally: Tally) -> Iterator[Callable[[], None]]:
    every = max(_FEWEST, tally.total // _LINES)

    def advance() -> None:
        if tally.done == tally.total or tally.done % every == 0:
            console.print(f"graded {tally.done} of {tally.total}; {tally.words()}", markup=False)

    yield advance


@contextmanager
def _bar(console: Console, tally: Tally) -> Iterator[Callable[[], None]]:
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
