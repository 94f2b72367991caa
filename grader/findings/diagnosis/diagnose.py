"""Name what a wrong answer is instead, if that can be said for sure: listed mistakes first, then what fits closest."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from grader.findings.compare import JudgedAnswers
from grader.findings.diagnosis.agreement import part_answers
from grader.findings.diagnosis.candidates.candidates import Candidates
from grader.findings.diagnosis.context import PartContext
from grader.findings.diagnosis.known_mistakes import KnownMistake, matches
from grader.findings.diagnosis.rules.conjugation import name_complex
from grader.findings.diagnosis.rules.difference_quotient import name_quotient
from grader.findings.diagnosis.rules.lost_precision import name_digits
from grader.findings.diagnosis.rules.other_object import name_four_indices, name_other
from grader.findings.diagnosis.rules.other_product import name_product
from grader.findings.diagnosis.rules.relation_to_truth import (
    name_exchange,
    name_gaps,
    name_nothing,
    name_relation,
)
from grader.findings.diagnosis.rules.right_on_a_subset import name_domain
from grader.findings.diagnosis.rules.unstable_answers import name_calls
from grader.findings.diagnosis.rules.wrong_entries import name_entries
from grader.reports.report import Diagnosis

RULES: Sequence[Callable[[PartContext], Diagnosis | None]] = (
    name_nothing,
    name_relation,
    name_quotient,
    name_digits,
    name_other,
    name_four_indices,
    name_complex,
    name_product,
    name_entries,
    name_domain,
    name_gaps,
)
"""From the most specific statement to the least."""


def diagnose(
    evidence: JudgedAnswers, suspects: Sequence[KnownMistake], guesses: Candidates
) -> Diagnosis | None:
    """What a wrong answer is: a listed mistake, or a relation confirmed in all cases; None if that is not clear."""
    for suspect in suspects:
        if matches(evidence, suspect):
            return Diagnosis("mistake", suspect.id, suspect.message, suspect.step)
    if any(judged.failure is not None and judged.failure.kind != "raised" for judged in evidence.all):
        return None  # it was stopped, or gave no array: that is what should be said
    named = name_calls(evidence)
    if named is not None or not evidence.first:
        return named
    views = [
        PartContext(evidence, guesses, k, part_answers(evidence, k)) for k in range(evidence.problem.parts)
    ]
    if len(views) == 1:
        return _first(views[0])
    return name_exchange(views) or _name_parts(views)


def _first(view: PartContext) -> Diagnosis | None:
    return next((named for rule in RULES if (named := rule(view)) is not None), None)


def _name_parts(views: Sequence[PartContext]) -> Diagnosis | None:
    """What is wrong with one part of the answer, beginning with its name."""
    wrong = [view for view in views if not all(item.right for item in view.seen)]
    found = [(view, named) for view in wrong if (named := _first(view)) is not None]
    if not found:
        return None
    view, named = found[0]
    if len(found) == len(views) and all(other == named for _, other in found):
        return named
    name = view.problem.wrt[view.part]
    return replace(named, lead=f"in the part with respect to {name}, {named.lead}")
