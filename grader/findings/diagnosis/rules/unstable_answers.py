"""Answers that depend on the call: noise, what is kept from one call to the next, and arguments that change."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from grader.findings.compare import JudgedAnswer, JudgedAnswers
from grader.findings.diagnosis.wording import case_count_phrase, relation
from grader.reports.report import Diagnosis

NEARLY_ALL = 0.9
"""The part of the cases in which noise gives another answer at the second call."""
WORSE = (0.15, 0.85)
"""The part of them in which the second answer of a noisy function is worse than the first."""
FEWEST = 6
"""The least number of cases from which noise is inferred."""

_STEP = "Look for global variables, mutable default arguments, random numbers, and counters."


def name_changed_arguments(answers: JudgedAnswers) -> Diagnosis | None:
    """Say that a function with wrong answers changes its arguments: what else is wrong shows afterwards."""
    if not answers.wrong or not any(judged.inputs_changed for judged in answers.all):
        return None
    lead = "your function modifies its inputs, and its answers are wrong"
    step = "Work on copies first, as in A = A.copy(): `A += …`, `A *= …` and `A[i] = …` change what you were given."
    return relation("changed-arguments", lead, step)


def name_unstable_answers(answers: JudgedAnswers) -> Diagnosis | None:
    """Say how the answers depend on the call, if equal arguments got different answers."""
    if not answers.again:
        return None

    when = _when_wrong([judged.is_right for judged in answers.calls])
    if when:
        return relation("state", f"your function gave different answers for the same inputs: {when}", _STEP)
    if _is_noise(answers):
        lead = "your answers for the same inputs differ at random, in every case"
        step = "Look for random numbers; the answer must depend on the arguments alone."
        return relation("noise", lead, step)
    count = len(_changed(answers))
    lead = f"your function gave different answers for the same inputs {case_count_phrase(count, len(answers.first))}"
    return relation("state", lead, _STEP)


def _when_wrong(right: Sequence[bool]) -> str:
    """`right at first, wrong from call 7 on`; empty if there is no pattern."""
    wrong = [call for call, is_right in enumerate(right, start=1) if not is_right]
    if not 0 < len(wrong) < len(right):
        return ""

    pattern = _from_some_call_on(wrong, len(right)) or _every_so_often(wrong, len(right))
    if not pattern:
        return ""
    return f"right at first, wrong {pattern}" if right[0] else f"wrong {pattern}, right later"


def _from_some_call_on(wrong: list[int], total: int) -> str:
    """`from call 7 on`, or `at the first call only`."""
    if wrong == [1]:
        return "at the first call only"

    first = wrong[0]
    is_each_later_one = wrong == list(range(first, total + 1))
    return f"from call {first} on" if is_each_later_one and 1 < first < total - 2 else ""


def _every_so_often(wrong: list[int], total: int) -> str:
    """`at every 7th call`."""
    if len(wrong) < 3:
        return ""

    gap = wrong[1] - wrong[0]
    is_regular = wrong == list(range(wrong[0], total + 1, gap))
    if gap == 1 or wrong[0] > gap or not is_regular:
        return ""
    ending = {2: "nd", 3: "rd"}.get(gap, "th")
    return f"at every {gap}{ending} call"


def _is_noise(answers: JudgedAnswers) -> bool:
    """Nearly all cases got two answers, and the later one is not worse than the first."""
    pairs = [pair for pair in _changed(answers).values() if all(map(_is_number, pair))]
    if len(pairs) < max(FEWEST, NEARLY_ALL * len(answers.first)):
        return False
    worse = sum(after.error > before.error for before, after in pairs)
    return WORSE[0] < worse / len(pairs) < WORSE[1]


def _changed(answers: JudgedAnswers) -> dict[int, tuple[JudgedAnswer, JudgedAnswer]]:
    """The first two answers to each case that got two, be they as near as rounding; other arguments do not count."""
    first: dict[int, JudgedAnswer] = {}
    changed: dict[int, tuple[JudgedAnswer, JudgedAnswer]] = {}
    for judged in answers.calls:
        if judged.case.of_integers:
            continue
        before = first.setdefault(judged.case.index, judged)
        if judged.raw is not before.raw:
            changed.setdefault(judged.case.index, (before, judged))
    return changed


def _is_number(judged: JudgedAnswer) -> bool:
    return judged.parts is not None and bool(np.isfinite(judged.error))
