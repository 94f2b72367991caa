"""Puts the corpus before the verifier."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

from grader.grading.prepare import PreparedAssignment, prepare
from grader.problems.course import Assignment, Course
from grader.reports.report import ProblemReport
from grader.truths.cache import TruthCache
from tests.corpus.variant import Variant
from tests.judging import judged

Verdict = Literal["accepted", "rejected", "undecided"]


@dataclass(frozen=True, slots=True)
class Trial:
    """A variant and what was found out about it."""

    variant: Variant
    judgement: ProblemReport

    @property
    def verdict(self) -> Verdict:
        """Accepted with all points, undecided, or rejected."""
        if self.judgement.verdict in ("inconclusive", "grader_error"):
            return "undecided"
        full = sum(finding.max_score for finding in self.judgement.findings)
        right = self.judgement.verdict == "right" and self.judgement.score == full
        return "accepted" if right else "rejected"

    @property
    def named(self) -> str | None:
        """The id of the diagnosis."""
        return self.judgement.diagnosis.id if self.judgement.diagnosis else None

    @property
    def is_named_falsely(self) -> bool:
        """Whether it has a diagnosis that is not true of it."""
        return self.named is not None and self.named not in self.variant.truthful


def exam_on(
    course: Course, ids: Iterable[str], seed: int, store: TruthCache | None = None
) -> PreparedAssignment:
    """An exam on some problems, each with its own points."""
    points = {id: course.problems[id].points for id in ids}
    return prepare(course, Assignment("corpus", "", None, points), seed, store=store)


def judge_all(exam: PreparedAssignment, variants: Iterable[Variant]) -> Iterator[Trial]:
    """The trial of each variant whose problem is in the exam."""
    ids = {question.problem.id for question in exam.problems}
    for variant in variants:
        if variant.problem in ids:
            yield Trial(variant, judged(exam, variant.problem, variant.make()))
