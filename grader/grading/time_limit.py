"""How long a submission may run in all, where the course does not say: learnt from what the reference takes."""

from __future__ import annotations

import math
import time
from collections.abc import Sequence
from dataclasses import replace

from grader.answers.sandbox import Limits
from grader.findings.diagnosis import call
from grader.problems.solution import Function
from grader.truths.solve import SolvedCase, keep_decided

FACTOR = 100
"""So many times as long as the reference a submission may take besides what each function may."""
_STEP = 5.0  # s; the limit is the same on machines that differ a little
_SHARE = 0.2
_SHORTEST = 3.0  # s


def time_reference(reference: Function, cases: Sequence[SolvedCase], calls: int) -> float | None:
    """Measure the processor time that the reference takes for so many calls; None if it fails.

    Args:
        cases: each decided one is called once.
    """
    decided = keep_decided(cases)
    if not decided:
        return None

    began = time.process_time()
    try:
        for solved in decided:
            call(reference, solved.case)
    except Exception:  # an author's formula may fail in any way; `grader validate` shows how
        return None
    return (time.process_time() - began) * calls / len(decided)


def choose_total_seconds(limits: Limits, references: Sequence[float | None]) -> Limits:
    """Choose the limit for a whole submission.

    No function's time is taken by another: each has its own, as has the code outside of functions. What is asked
    again comes on top, and is allowed for by the factor. Without all references nothing is learnt.

    Args:
        references: what the reference of each problem takes for all its calls.
    """
    known = [seconds for seconds in references if seconds is not None]
    if len(known) < len(references):
        return limits

    own = limits.seconds * (1 + len(references))
    learnt = _STEP * math.ceil(FACTOR * sum(known) / _STEP)
    return replace(limits, total_seconds=min(own + learnt, limits.total_seconds))


def patience_for(limits: Limits) -> float:
    """How long a class waits for a submission before the others go first."""
    return max(_SHORTEST, _SHARE * limits.total_seconds)
