"""Name what a wrong answer is instead, if that can be said for sure: listed mistakes first, then what fits closest."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from grader.findings.compare import JudgedAnswer, JudgedAnswers
from grader.findings.diagnosis.candidates.candidates import Candidates
from grader.findings.diagnosis.context import PartContext, part_contexts
from grader.findings.diagnosis.known_mistakes import KnownMistake
from grader.findings.diagnosis.rules.conjugation import name_conjugation
from grader.findings.diagnosis.rules.degenerate_answers import name_degenerate_answers, name_gaps
from grader.findings.diagnosis.rules.difference_quotient import name_difference_quotient
from grader.findings.diagnosis.rules.elsewhere import name_elsewhere
from grader.findings.diagnosis.rules.exchanged_parts import name_exchanged_parts
from grader.findings.diagnosis.rules.integer_arrays import name_integer_arrays
from grader.findings.diagnosis.rules.lost_precision import name_lost_digits, name_lost_precision
from grader.findings.diagnosis.rules.near_formula import name_changed_formula, name_extra_term
from grader.findings.diagnosis.rules.other_object import name_other_object
from grader.findings.diagnosis.rules.other_product import name_other_product
from grader.findings.diagnosis.rules.relation_to_truth import name_relation_to_truth
from grader.findings.diagnosis.rules.relations import name_relations
from grader.findings.diagnosis.rules.right_on_a_subset import name_subset
from grader.findings.diagnosis.rules.unstable_answers import name_changed_arguments, name_unstable_answers
from grader.findings.diagnosis.rules.whole_numbers import name_overflow, name_whole_numbers
from grader.findings.diagnosis.rules.wrong_entries import name_wrong_entries
from grader.findings.diagnosis.sealing import SealedMistake
from grader.findings.lost_digits import loses_digits
from grader.reports.report import Diagnosis

_RULES: Sequence[Callable[[PartContext], Diagnosis | None]] = (
    name_degenerate_answers,
    name_relation_to_truth,
    name_overflow,
    name_whole_numbers,
    name_difference_quotient,
    name_lost_precision,
    name_other_object,
    name_conjugation,
    name_other_product,
    name_changed_formula,
    name_wrong_entries,
    name_extra_term,
    name_elsewhere,
    name_subset,
    name_gaps,
)
"""The rules from the most specific statement to the least; the first that holds is made."""


def diagnose(
    answers: JudgedAnswers, mistakes: Sequence[KnownMistake | SealedMistake], candidates: Candidates
) -> Diagnosis | None:
    """Name what a wrong answer is: a known mistake, or a relation confirmed in all cases.

    Args:
        mistakes: those that the problem lists; the first that matches is named.
        candidates: what else the answers are compared with.

    Returns:
        None if it is not clear.
    """
    known = (mistake.recognise(answers) for mistake in mistakes)
    named = next(filter(None, known), None) or name_changed_arguments(answers)
    if named is not None:
        return named

    others = (*answers.first.values(), *answers.again)
    if answers.integers and all(judged.is_right for judged in others):
        return name_integer_arrays(answers)
    if not answers.problem.has_map:
        return name_relations(answers)
    return _compare_with_map(answers, candidates)


def _compare_with_map(answers: JudgedAnswers, candidates: Candidates) -> Diagnosis | None:
    """Name what else the answers are, beside the exact ones."""
    if loses_digits(answers):
        return name_lost_digits(answers)
    if any(map(_was_stopped, answers.all)):
        return None  # that is what should be said

    unstable = name_unstable_answers(answers)
    if unstable is not None or not answers.first:
        return unstable

    if answers.problem.has_tuple:  # what else it may be is not known of tuples
        return None
    contexts = part_contexts(answers, candidates)
    if len(contexts) == 1:
        return _apply_rules(contexts[0])
    return name_exchanged_parts(contexts) or _name_part(contexts)


def _was_stopped(judged: JudgedAnswer) -> bool:
    """Did it run too long, crash, or return no array, rather than raise an exception?"""
    return judged.failure is not None and judged.failure.kind != "raised"


def _apply_rules(context: PartContext) -> Diagnosis | None:
    diagnoses = (rule(context) for rule in _RULES)
    return next(filter(None, diagnoses), None)


def _name_part(contexts: Sequence[PartContext]) -> Diagnosis | None:
    """Name the first part for which a rule holds, unless the same can be said of all."""
    diagnoses: dict[int, Diagnosis] = {}
    for context in contexts:
        diagnosis = _apply_rules(context) if context.part_answers.wrong else None
        if diagnosis is not None:
            diagnoses[context.part] = diagnosis
    if not diagnoses:
        return None

    is_same_in_all = len(diagnoses) == len(contexts) and len(set(diagnoses.values())) == 1
    if is_same_in_all:
        return diagnoses[0]
    part, first = next(iter(diagnoses.items()))
    return replace(first, lead=f"in {contexts[part].problem.part_name(part)}, {first.lead}")
