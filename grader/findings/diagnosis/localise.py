"""Say where an error is that has no name: at which inputs and sizes, in which entries."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from grader.core.norms import Array
from grader.findings.compare import JudgedAnswers
from grader.findings.diagnosis.agreement import part_answers
from grader.findings.diagnosis.candidates.candidates import Candidates
from grader.findings.diagnosis.context import PartContext
from grader.findings.diagnosis.rules.right_on_a_subset import inputs_with_errors
from grader.findings.diagnosis.rules.wrong_entries import PLACES, wrong_entries
from grader.reports.shown_numbers import format_number

_MOST_VALUES = 4
CHANCE = 0.02
"""A place is told if so many errors would be there by accident less often than this."""


def localise(answers: JudgedAnswers, candidates: Candidates) -> str:
    """Say in a sentence where all errors are; empty if that narrows nothing, or there are missing answers."""
    if not answers.problem.has_map:
        return ""
    if any(judged.failure is not None or judged.shape_fault for judged in answers.all):
        return ""

    parts = range(answers.problem.parts)
    contexts = [PartContext(answers, candidates, part, part_answers(answers, part)) for part in parts]
    wrong = [context for context in contexts if context.part_answers.wrong]
    if len(wrong) != 1:
        return ""

    (context,) = wrong
    places = [_say_inputs(context), _say_entries(context)]
    if len(contexts) > 1:
        places.insert(0, f"in {answers.problem.part_name(context.part)}")
    said = ", ".join(filter(None, places))
    return f"All errors are {said}." if said else ""


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
        values = [answer.case.values[parameter.name] for answer in answers]
        wrong = {value for value, answer in zip(values, answers, strict=True) if not answer.is_right}
        right = {value for value, answer in zip(values, answers, strict=True) if answer.is_right}
        if not right or wrong & right or len(wrong) > _MOST_VALUES:
            continue

        is_told = is_no_accident([value in wrong for value in values], len(answers.wrong))
        numbers = sorted(value for value in wrong if isinstance(value, int | float))
        if is_told and len(numbers) == len(wrong):
            return f"for {parameter.name} = {' or '.join(map(format_number, numbers))}"
    return ""


def _say_sizes(context: PartContext) -> str:
    """The smallest of the sizes of wrong answers, where smaller ones are right; or the only one, if it is small."""
    answers = context.part_answers
    for letter in sorted(answers[0].case.sizes):
        all_sizes = [answer.case.sizes[letter] for answer in answers]
        wrong = [answer.case.sizes[letter] for answer in answers.wrong]
        smallest = min(wrong)

        is_large = [size >= smallest for size in all_sizes]
        if smallest > max(min(all_sizes), 1) and is_no_accident(is_large, len(wrong)):
            return f"for {letter} ≥ {smallest}"
        if max(wrong) == 1:
            return f"for {letter} = 1"
    return ""


def _say_entries(context: PartContext) -> str:
    """The first place that holds every wrong entry."""
    wrong = context.part_answers.wrong
    if len(wrong.given) < len(wrong) or not all(_is_matrix(answer.truth) for answer in wrong):
        return ""

    marks = [wrong_entries(answer) for answer in wrong]
    for place in PLACES:
        is_outside = [np.any(mark & ~place.mask(mark.shape)) for mark in marks]
        if not any(is_outside):
            return f"in {place.words}"
    return ""


def _is_matrix(x: Array) -> bool:
    return x.ndim == 2 and min(x.shape) > 1
