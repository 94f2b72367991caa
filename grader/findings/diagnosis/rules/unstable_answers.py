"""Answers that depend on the call: noise, what is kept from one call to the next, and arguments that change."""

from __future__ import annotations

import math
from collections.abc import Sequence

from grader.core.grouping import group_pairs
from grader.findings.compare import JudgedAnswer, JudgedAnswers
from grader.findings.diagnosis.shared_phrases import case_count_phrase, relation
from grader.reports.report import Diagnosis

NEARLY_ALL = 0.9
"""The part of the wrong cases asked twice in which noise gives another answer at the second call."""
WORSE = (0.15, 0.85)
"""The part of them in which the second answer of a noisy function is worse than the first."""
_FEWEST = 6
"""The least number of cases from which noise is inferred."""

_Pair = tuple[JudgedAnswer, JudgedAnswer]
"""Two answers to the same case, the earlier one first."""

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
    changed = list(filter(_differ, pairs))
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
    if right[0]:
        return f"right at first, wrong {pattern}"
    return f"wrong {pattern}, right later"


def _from_some_call_on(wrong: list[int], total: int) -> str:
    """`from call 7 on`, or `at the first call only`."""
    if wrong == [1]:
        return "at the first call only"

    first = wrong[0]
    is_each_later_one = wrong == list(range(first, total + 1))
    if not is_each_later_one or not 1 < first < total - 2:
        return ""
    return f"from call {first} on"


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
    pairs = list(filter(_has_error, _repeated(answers)))
    changed = [pair for pair in pairs if _differ(pair) and all(map(_is_number, pair))]
    if len(changed) < max(_FEWEST, NEARLY_ALL * len(pairs)):
        return False

    worse = sum(after.error > before.error for before, after in changed)
    return WORSE[0] < worse / len(changed) < WORSE[1]


def _repeated(answers: JudgedAnswers) -> list[_Pair]:
    """The first two answers to each case that was asked twice; calls with whole numbers do not count."""
    calls = [judged for judged in answers.calls if not judged.case.of_integers]
    by_case = group_pairs((judged.case.index, judged) for judged in calls)
    return [(same[0], same[1]) for same in by_case.values() if len(same) > 1]


def _has_error(pair: _Pair) -> bool:
    before, after = pair
    return not (before.is_right and after.is_right)


def _differ(pair: _Pair) -> bool:
    """Are they different answers, be they as near as rounding?"""
    before, after = pair
    return after.raw is not before.raw


def _is_number(judged: JudgedAnswer) -> bool:
    return judged.parts is not None and math.isfinite(judged.error)
