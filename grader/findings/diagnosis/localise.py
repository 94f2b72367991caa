"""Say where an error is that has no name: at which inputs and sizes, in which entries."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from grader.core.norms import Array
from grader.findings.compare import JudgedAnswer, JudgedAnswers
from grader.findings.diagnosis.candidates.candidates import Candidates
from grader.findings.diagnosis.context import PartContext, part_contexts
from grader.findings.diagnosis.rules.right_on_a_subset import inputs_with_errors
from grader.findings.diagnosis.rules.wrong_entries import PLACES, wrong_entries
from grader.reports.shown_numbers import format_number

_MOST_VALUES = 4
CHANCE = 0.02
"""A place is told if so many errors would be there by accident less often than this."""


def localise(answers: JudgedAnswers, candidates: Candidates) -> str:
    """Say in a sentence where all errors are; empty if that narrows nothing, or there are missing answers."""
    if not answers.problem.has_map or not all(map(_has_right_shape, answers.all)):
        return ""

    contexts = part_contexts(answers, candidates)
    wrong = [context for context in contexts if context.part_answers.wrong]
    if len(wrong) != 1:
        return ""

    (context,) = wrong
    places = [_say_inputs(context), _say_entries(context)]
    if len(contexts) > 1:
        places.insert(0, f"in {answers.problem.part_name(context.part)}")

    said = ", ".join(filter(None, places))
    return f"All errors are {said}." if said else ""


def _has_right_shape(judged: JudgedAnswer) -> bool:
    return judged.failure is None and not judged.shape_fault


def _say_inputs(context: PartContext) -> str:
    count = len(context.part_answers.wrong)
    for words, pattern in inputs_with_errors(context):
        if is_no_accident(pattern, count):
            return words
    return _say_parameters(context) or _say_sizes(context)


def is_no_accident(pattern: Sequence[bool], count: int) -> bool:
    """Would so many errors, spread at random over all cases, hardly ever fall on these alone?"""
    return (sum(pattern) / len(pattern)) ** count < CHANCE


def _say_parameters(context: PartContext) -> str:
    """The few numbers for a parameter at which every answer is wrong, if all others are right."""
    answers = context.part_answers
    for parameter in context.problem.parameters:
        wrong = set(answers.wrong.inputs(parameter.name))
        if not _are_few_numbers(wrong) or wrong & set(answers.right.inputs(parameter.name)):
            continue

        is_wrong = [value in wrong for value in answers.inputs(parameter.name)]
        if is_no_accident(is_wrong, len(answers.wrong)):
            values = " or ".join(map(format_number, sorted(wrong)))
            return f"for {parameter.name} = {values}"
    return ""


def _are_few_numbers(values: set[Any]) -> bool:
    return len(values) <= _MOST_VALUES and all(isinstance(value, int | float) for value in values)


def _say_sizes(context: PartContext) -> str:
    """The smallest of the sizes of wrong answers, where smaller ones are right; or the only one, if it is small."""
    answers = context.part_answers
    for letter in sorted(answers[0].case.sizes):
        wrong = answers.wrong.sizes(letter)
        if max(wrong) == 1:
            return f"for {letter} = 1"

        smallest = min(wrong)
        is_large = [size >= smallest for size in answers.sizes(letter)]
        if smallest > 1 and is_no_accident(is_large, len(wrong)):
            return f"for {letter} ≥ {smallest}"
    return ""


def _say_entries(context: PartContext) -> str:
    """The first place that holds every wrong entry."""
    wrong = context.part_answers.wrong
    if len(wrong.given) < len(wrong) or not all(_is_matrix(answer.truth) for answer in wrong):
        return ""

    marks = list(map(wrong_entries, wrong))
    for place in PLACES:
        has_all = all(place.mask(mark.shape)[mark].all() for mark in marks)
        if has_all:
            return f"in {place.words}"
    return ""


def _is_matrix(x: Array) -> bool:
    return x.ndim == 2 and min(x.shape) > 1
