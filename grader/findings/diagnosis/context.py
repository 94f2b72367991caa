"""The context of a rule: one wrong part of a submission's answers, and what it may be compared with."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property, partial
from itertools import product
from typing import Any

import numpy as np

from grader.core.norms import Array
from grader.findings.compare import JudgedAnswers
from grader.findings.diagnosis.agreement import (
    CLOSE,
    PartAnswer,
    PartAnswers,
    agrees,
    confirms,
    part_answers,
)
from grader.findings.diagnosis.candidates.candidates import Candidates, PartCandidates
from grader.findings.diagnosis.candidates.neighbours import Neighbours
from grader.findings.diagnosis.candidates.terms import SumOfTerms, conjugations, evaluate_formula
from grader.problems.problem import Problem

FEW_CONJUGATIONS = 4
"""The ways to conjugate that are tried for each of several terms."""


@dataclass(frozen=True, eq=False)
class PartContext:
    """One part of the answers.

    Args:
        judged: all answers, with all of their parts.
        part: which part.
        part_answers: that part of the first answer to every case.
    """

    judged: JudgedAnswers
    candidates: Candidates
    part: int
    part_answers: PartAnswers

    @property
    def problem(self) -> Problem:
        """The problem that was answered."""
        return self.judged.problem

    @property
    def part_candidates(self) -> PartCandidates | None:
        """The candidates that this part is compared with."""
        return self.candidates.parts[self.part]

    @property
    def neighbours(self) -> Neighbours:
        """The formulas near the right one."""
        return self.candidates.neighbours[self.part]

    @property
    def truth_formula(self) -> SumOfTerms | None:
        """The truth as a product or a sum of two, if that is known."""
        return self.part_candidates.truth_formula if self.part_candidates is not None else None

    @cached_property
    def pilot_values(self) -> tuple[Array, ...] | None:
        """The answers in the pilot cases; None if there are not all of them, or some are complex."""
        if self.part_candidates is None:
            return None
        values = {answer.case.index: answer.value for answer in self.part_answers}
        pilots = [values.get(index) for index in self.part_candidates.pilots]
        given = [value for value in pilots if value is not None]
        if len(given) < len(pilots) or any(np.any(np.imag(value)) for value in given):
            return None
        return tuple(map(np.real, given))

    def confirmed(self, formula: SumOfTerms, close: float = CLOSE) -> SumOfTerms | None:
        """The formula with conjugates where they must be, if the answers are its values in every case."""
        settled = self.conjugated(formula, close)
        if settled is None:
            return None
        is_confirmed = confirms(self.part_answers, partial(evaluate_formula, settled), close)
        return settled if is_confirmed else None

    def conjugated(self, formula: SumOfTerms, close: float = CLOSE) -> SumOfTerms | None:
        """The formula with conjugates such that all answers to complex cases are its values."""
        complexes = self.part_answers.where(lambda answer: answer.is_complex)
        if not complexes:
            return formula
        for flags in _all_conjugations(formula):
            way = replace(formula, flags=flags)
            if all(_fits(way, answer, close) for answer in complexes):
                return way
        return None


def part_contexts(answers: JudgedAnswers, candidates: Candidates) -> list[PartContext]:
    """One for each part of the answers."""
    parts = range(answers.problem.parts)
    return [PartContext(answers, candidates, part, part_answers(answers, part)) for part in parts]


def _fits(formula: SumOfTerms, answer: PartAnswer, close: float) -> bool:
    with np.errstate(all="ignore"):
        predicted = evaluate_formula(formula, answer)
    return predicted is None or agrees(answer, predicted, close)


def _all_conjugations(formula: SumOfTerms) -> Iterator[tuple[Any, ...]]:
    ways = [conjugations(term) for term in formula.terms]
    if len(ways) > 1:
        ways = [few[:FEW_CONJUGATIONS] for few in ways]
    return product(*ways)
