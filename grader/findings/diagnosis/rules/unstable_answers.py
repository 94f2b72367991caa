"""Answers that depend on the call: noise, what is kept from one call to the next, and arguments that change."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from grader.findings.compare import JudgedAnswer, JudgedAnswers
from grader.findings.diagnosis.shared_phrases import case_count_phrase, relation
from grader.reports.report import Diagnosis

NEARLY_ALL = 0.9
"""The part of the wrong cases asked twice in which noise gives another answer at the second call."""
WORSE = (0.15, 0.85)
"""The part of them in which the second answer of a noisy function is worse than the first."""
_FEWEST = 6
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
        lead = "your answers for the same inputs differ at random"
        step = "Look for random numbers; the answer must depend on the arguments alone."
        return relation("noise", lead, step)

    pairs = _repeated(answers)
    changed = [pair for pair in pairs if _differ(*pair)]
    cases = case_count_phrase(len(changed), len(pairs))
    lead = f"your function gave different answers for the same inputs {cases} asked twice"
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
    """Nearly all wrong answers differ from what the same case got before, and the later one is not worse."""
    pairs = [pair for pair in _repeated(answers) if not all(judged.is_right for judged in pair)]
    changed = [pair for pair in pairs if _differ(*pair) and all(map(_is_number, pair))]
    if len(changed) < max(_FEWEST, NEARLY_ALL * len(pairs)):
        return False
    worse = sum(after.error > before.error for before, after in changed)
    return WORSE[0] < worse / len(changed) < WORSE[1]


def _repeated(answers: JudgedAnswers) -> list[tuple[JudgedAnswer, JudgedAnswer]]:
    """The first two answers to each case that was asked twice; other arguments do not count."""
    first: dict[int, JudgedAnswer] = {}
    pairs: dict[int, tuple[JudgedAnswer, JudgedAnswer]] = {}

    for judged in answers.calls:
        index = judged.case.index
        if judged.case.of_integers:
            continue
        if index in first:
            pairs.setdefault(index, (first[index], judged))
        else:
            first[index] = judged

    return list(pairs.values())


def _differ(before: JudgedAnswer, after: JudgedAnswer) -> bool:
    """Are they different answers, be they as near as rounding?"""
    return after.raw is not before.raw


def _is_number(judged: JudgedAnswer) -> bool:
    return judged.parts is not None and bool(np.isfinite(judged.error))
