"""What a rule looks at: one wrong part of a submission's answers, and what it may be compared with."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from grader.core.norms import Array
from grader.findings.compare import JudgedAnswers
from grader.findings.diagnosis.agreement import PartAnswer, agrees, confirms
from grader.findings.diagnosis.candidates.candidates import Candidates, PartCandidates
from grader.findings.diagnosis.candidates.terms import Formula, conjugations, predict
from grader.problems.problem import Problem


@dataclass(frozen=True, eq=False)
class PartContext:
    """One part of the answers.

    Args:
        seen: the first answer to every case; part: which part.
    """

    evidence: JudgedAnswers
    guesses: Candidates
    part: int
    seen: tuple[PartAnswer, ...]

    @property
    def problem(self) -> Problem:
        """The problem that was answered."""
        return self.evidence.problem

    @property
    def known(self) -> PartCandidates | None:
        """What this part is compared with."""
        return self.guesses.parts[self.part]

    @cached_property
    def answers(self) -> tuple[Array, ...] | None:
        """The answers in the pilot cases; None if there are not all of them, or some are complex."""
        if self.known is None:
            return None
        by_case = {item.case.index: item.answer for item in self.seen}
        found = [by_case.get(item.case.index) for item in self.known.pilots]
        if any(answer is None or np.any(np.imag(answer) != 0) for answer in found):
            return None
        return tuple(np.real(answer) for answer in found if answer is not None)

    def value(self, formula: Formula, seen: PartAnswer) -> Any:
        """What a formula returns for the case of an answer."""
        return predict(formula, self.problem, seen.case, seen.truth)

    def confirmed(self, formula: Formula, close: float) -> Formula | None:
        """The formula with conjugates where they must be, if the answers are what it returns in every case."""
        settled = self.conjugated(formula, close)
        if settled is None:
            return None
        truths = {item.case.index: item.truth for item in self.seen}

        def at(case: Any) -> Any:
            return predict(settled, self.problem, case, truths[case.index])

        return settled if confirms(self.seen, at, close) else None

    def conjugated(self, formula: Formula, close: float) -> Formula | None:
        """The formula with conjugates such that all answers to complex cases are what it returns."""
        complexes = [item for item in self.seen if item.is_complex]
        if not complexes:
            return formula
        choices: Sequence[tuple[Any, ...]] = [()]
        for term in formula.terms:
            ways = conjugations(term)
            if len(formula.terms) > 1:
                ways = ways[:4]
            choices = [(*chosen, flags) for chosen in choices for flags in ways]
        for chosen in choices:
            settled = Formula(formula.factors, formula.terms, chosen)
            if all(self._fits(settled, item, close) for item in complexes):
                return settled
        return None

    def _fits(self, formula: Formula, item: PartAnswer, close: float) -> bool:
        predicted = self.value(formula, item)
        return predicted is None or agrees(item, predicted, close)
