"""A class at a glance: one pass over the reports, keeping only what the class views show."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from statistics import median

from grader.render.clean import one_line
from grader.render.words import explain, is_timeout
from grader.report import ProblemReport, Report, Status, Verdict

# Verdicts that say something about the student's work; the others are the grader's own trouble.
_JUDGED = frozenset({"right", "wrong", "error", "missing"})


@dataclass(frozen=True, slots=True)
class Row:
    """One student: score, and for each problem id its verdict and points."""

    student: str
    status: Status
    score: Fraction
    max_score: Fraction
    cells: dict[str, tuple[Verdict, Fraction]]


@dataclass(frozen=True, slots=True)
class Misconception:
    """One diagnosis of one problem and the number of students who have it."""

    problem: str
    kind: str
    id: str
    message: str
    students: int


@dataclass(frozen=True, slots=True)
class ProblemSummary:
    """One problem over the class.

    Args:
        verdicts: how many students have each verdict.
        judged: students whose work could be judged; the share right and the mean points are over these.
        undiagnosed: how many are wrong for a reason that no diagnosis names.
    """

    id: str
    title: str
    max_score: Fraction
    verdicts: dict[Verdict, int]
    judged: int
    share_right: float
    mean: float
    undiagnosed: int


@dataclass(frozen=True, slots=True)
class ClassSummary:
    """Everything that the class views show.

    Args:
        bins: students by share of the points: [0, 10 %), …, [90 %, 100 %), 100 %.
        attention: student, and why an instructor should look at the submission.
    """

    assignment: str
    rows: tuple[Row, ...]
    problems: tuple[ProblemSummary, ...]
    misconceptions: tuple[Misconception, ...]
    attention: tuple[tuple[str, str], ...]
    bins: tuple[int, ...]
    mean: float | None
    median: float | None

    def commonest(self, problem: str) -> Misconception | None:
        """The diagnosis that most students have on a problem."""
        return next((m for m in self.misconceptions if m.problem == problem), None)


class _Tally:
    """What one pass over the reports counts for one problem."""

    def __init__(self, first: ProblemReport) -> None:
        self.title, self.max_score = first.title, first.max_score
        self.verdicts: Counter[Verdict] = Counter()
        self.diagnoses: Counter[tuple[str, str]] = Counter()
        self.messages: dict[tuple[str, str], str] = {}
        self.total = Fraction(0)
        self.undiagnosed = 0

    def add(self, problem: ProblemReport) -> None:
        self.verdicts[problem.verdict] += 1
        if problem.verdict in _JUDGED:
            self.total += problem.score
        if problem.verdict == "wrong" and problem.diagnosis is None:
            self.undiagnosed += 1
        elif problem.verdict == "wrong" and problem.diagnosis is not None:
            key = (problem.diagnosis.kind, problem.diagnosis.id)
            self.diagnoses[key] += 1
            if key not in self.messages:
                self.messages[key] = explain(problem).lead

    def summary(self, id_: str) -> ProblemSummary:
        judged = sum(count for verdict, count in self.verdicts.items() if verdict in _JUDGED)
        share = self.verdicts["right"] / judged if judged else 0.0
        mean = float(self.total / judged) if judged else 0.0
        return ProblemSummary(
            id_, self.title, self.max_score, dict(self.verdicts), judged, share, mean, self.undiagnosed
        )

    def misconceptions(self, id_: str) -> list[Misconception]:
        return [Misconception(id_, *key, self.messages[key], n) for key, n in self.diagnoses.items()]


def summarise(reports: Iterable[Report]) -> ClassSummary:
    """The class as a whole, from reports that may come one at a time and are not kept."""
    rows: list[Row] = []
    assignments: dict[str, None] = {}
    attention: list[tuple[str, str]] = []
    tallies: dict[str, _Tally] = {}
    for report in reports:
        assignments[report.assignment] = None
        if reason := _find_reason(report):
            attention.append((report.student, reason))
        cells = {problem.id: (problem.verdict, problem.score) for problem in report.problems}
        rows.append(Row(report.student, report.status, report.score, report.max_score, cells))
        for problem in report.problems:
            tallies.setdefault(problem.id, _Tally(problem)).add(problem)
    found = [m for id_, tally in tallies.items() for m in tally.misconceptions(id_)]
    shares = sorted(
        row.score / row.max_score for row in rows if row.max_score > 0 and row.status != "grader_error"
    )
    return ClassSummary(
        assignment=", ".join(assignments),
        rows=tuple(rows),
        problems=tuple(tally.summary(id_) for id_, tally in tallies.items()),
        misconceptions=tuple(sorted(found, key=lambda m: (-m.students, m.problem, m.id))),
        attention=tuple(attention),
        bins=_count_bins(shares),
        mean=float(sum(shares) / len(shares)) if shares else None,
        median=float(median(shares)) if shares else None,
    )


def _count_bins(shares: Iterable[Fraction]) -> tuple[int, ...]:
    counts = Counter(min(max(int(share * 10), 0), 10) for share in shares)
    return tuple(counts[i] for i in range(11))


def _find_reason(report: Report) -> str:
    """Why an instructor should look at this submission; empty if there is no need."""
    why = one_line(report.error.message, 200) if report.error else ""
    if report.status == "grader_error":
        return f"the grader failed: {why}".removesuffix(": ")
    if report.status == "ungradable":
        return f"could not be graded: {why}".removesuffix(": ")
    ours = [p.id for p in report.problems if p.verdict in {"grader_error", "inconclusive"}]
    late = [p.id for p in report.problems if is_timeout(p.error)]
    odd = [p.id for p in report.problems if p.error is not None and p.error.kind == "protocol"]
    parts = [
        f"the grader could not judge {', '.join(ours)}" if ours else "",
        f"ran out of time in {', '.join(late)}" if late else "",
        "the file ran out of time" if is_timeout(report.error) else "",
        f"sent the grader what is no answer in {', '.join(odd)}" if odd else "",
    ]
    return "; ".join(filter(None, parts))
