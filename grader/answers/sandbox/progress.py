"""How far a function came before its time was up, in words: one that is slow is told from one that never ends."""

from __future__ import annotations

from dataclasses import dataclass

from grader.reports.report import Failure

_STUCK = 10
"""A call that has taken so many times as long as any before it may never end."""


@dataclass(frozen=True, slots=True)
class Progress:
    """The calls of one function when its time was up.

    Args:
        answered, asked: how many.
        slowest: the seconds that the slowest of them took, and what it was about, such as `n = 5`.
        running: the same of the one without an answer yet.
    """

    answered: int
    asked: int
    slowest: tuple[float, str]
    running: tuple[float, str]


def explain_slowness(name: str, limit: str, progress: Progress | None) -> Failure:
    """Explain why there was no time for more.

    Args:
        name: of the function, or what else ran.
        limit: such as `2 s`.
        progress: None for the code outside of functions.
    """
    what = f"did not finish within {limit}"
    if progress is None:
        return Failure("too_slow", what, "keep only the functions, or look for an endless loop", subject=name)

    if not progress.answered:
        if progress.asked > 1:
            about = _for(progress.running[1])
            what = f"did not finish the first of {progress.asked} calls{about} within {limit}"
        return Failure("too_slow", what, "look for a loop that never ends or takes too long", subject=name)

    what = f"answered {progress.answered} of {progress.asked} calls in {limit}"
    if progress.running[0] > _STUCK * progress.slowest[0]:
        advice = f"the next one{_for(progress.running[1])} may never end: look for an endless loop"
    else:
        _, about = max(progress.slowest, progress.running)
        advice = "look for what takes so long"
        if about:
            advice = f"the slowest was{_for(about)}: {advice}"
    return Failure("too_slow", what, advice, subject=name)


def _for(about: str) -> str:
    return f" for {about}" if about else ""
