"""The parts of an answer in another order."""

from __future__ import annotations

from collections.abc import Sequence

from grader.core.norms import Array, norm
from grader.findings.diagnosis.agreement import ENOUGH, PartAnswer
from grader.findings.diagnosis.context import PartContext
from grader.findings.diagnosis.shared_phrases import ask_noun, relation
from grader.reports.report import Diagnosis


def name_exchanged_parts(contexts: Sequence[PartContext]) -> Diagnosis | None:
    """Name parts that are right, but returned in the opposite order."""
    rows = list(zip(*(context.part_answers for context in contexts), strict=True))
    if not all(map(_are_exchanged, rows)):
        return None
    wrong = [parts for parts in rows if not all(answer.is_right for answer in parts)]
    if len(wrong) < ENOUGH:
        return None

    problem = contexts[0].problem
    lead = f"your {ask_noun(problem)}s are right, but in the wrong order"
    names = ", then ".join(problem.wrt)
    return relation("parts-exchanged", lead, f"Return them in this order: with respect to {names}.")


def _are_exchanged(parts: Sequence[PartAnswer]) -> bool:
    """Is the first array that was returned the last part, and so on?"""
    judged = parts[0].judged
    if judged.failure is not None or len(judged.raw) != len(parts):
        return False
    return all(map(_is_near, reversed(parts), judged.raw))


def _is_near(answer: PartAnswer, x: Array) -> bool:
    return x.shape == answer.truth.shape and norm(x - answer.truth) <= answer.tolerance * 4
