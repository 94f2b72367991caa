"""The parts of an answer in another order."""

from __future__ import annotations

from collections.abc import Sequence

from grader.core.norms import norm
from grader.findings.diagnosis.agreement import ENOUGH
from grader.findings.diagnosis.context import PartContext
from grader.findings.diagnosis.wording import ask_noun, relation
from grader.reports.report import Diagnosis


def name_exchanged_parts(contexts: Sequence[PartContext]) -> Diagnosis | None:
    """Name parts that are right, but returned in the opposite order."""
    wrong = 0
    for row in zip(*(context.part_answers for context in contexts), strict=True):
        raw = row[0].judged.raw
        if row[0].judged.failure is not None or len(raw) != len(row):
            return None
        for answer, x in zip(reversed(row), raw, strict=True):
            if x.shape != answer.truth.shape or not norm(x - answer.truth) <= answer.tolerance * 4:
                return None
        wrong += not all(answer.is_right for answer in row)
    if wrong < ENOUGH:
        return None

    problem = contexts[0].problem
    lead = f"your {ask_noun(problem)}s are right, but in the wrong order"
    names = ", then ".join(problem.wrt)
    return relation("parts-exchanged", lead, f"Return them in this order: with respect to {names}.")
