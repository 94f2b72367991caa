"""Answers that depend on the call: noise, and what is kept from one call to the next."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from grader.findings.compare import JudgedAnswer, JudgedAnswers
from grader.findings.diagnosis.wording import case_count_phrase, relation
from grader.reports.report import Diagnosis

_STEP = "Look for global variables, default arguments that change, random numbers, and counters."


def name_calls(evidence: JudgedAnswers) -> Diagnosis | None:
    """Say how the answers depend on the call, if equal arguments got different answers."""
    if not evidence.again:
        return None
    calls = evidence.calls
    right = [judged.is_right and judged.failure is None for judged in calls]
    wrong = [k + 1 for k, good in enumerate(right) if not good]
    if not all(right) and any(right):
        named = _from_some_call_on(wrong, len(calls)) or _every_so_often(wrong, len(calls))
        if named:
            when = f"right at first, wrong {named}" if wrong[0] > 1 else f"wrong {named}, right later"
            return relation("state", f"the same arguments got different answers: {when}", _STEP)
    count = len({judged.posed.case.index for judged in evidence.again})
    if _is_noise(evidence):
        lead = "your answers to the same arguments differ at random, in every case"
        return relation(
            "noise", lead, "Look for random numbers; the answer must depend on the arguments alone."
        )
    lead = f"the same arguments got different answers {case_count_phrase(count, len(evidence.first))}"
    return relation("state", lead, _STEP)


def _from_some_call_on(wrong: Sequence[int], total: int) -> str:
    """`from call 7 on`, or `at the first call only`."""
    if list(wrong) == [1]:
        return "at the first call only"
    first = wrong[0]
    late = list(wrong) == list(range(first, total + 1))
    return f"from call {first} on" if late and 1 < first < total - 2 else ""


def _every_so_often(wrong: Sequence[int], total: int) -> str:
    """`at every 7th call`."""
    gaps = set(np.diff(wrong).tolist())
    if len(wrong) < 3 or len(gaps) != 1:
        return ""
    (gap,) = gaps
    complete = wrong[0] <= gap and wrong[-1] + gap > total
    ending = {2: "nd", 3: "rd"}.get(gap, "th")
    return f"at every {gap}{ending} call" if gap > 1 and complete else ""


def _is_noise(evidence: JudgedAnswers) -> bool:
    """Nearly all cases got two answers, and the later one is not worse than the first."""
    pairs = [(evidence.first[judged.posed.case.index], judged) for judged in evidence.again]
    usable = [(a, b) for a, b in pairs if _has_numbers(a) and _has_numbers(b)]
    if len(usable) < 0.9 * len(evidence.first) or len(usable) < 6:
        return False
    worse = sum(b.error > a.error for a, b in usable)
    return 0.15 * len(usable) < worse < 0.85 * len(usable)


def _has_numbers(judged: JudgedAnswer) -> bool:
    return judged.parts is not None and bool(np.isfinite(judged.error))
