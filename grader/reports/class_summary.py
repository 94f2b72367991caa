"""A class at a glance: one pass over the reports, keeping only what the class views show."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from statistics import median

from grader.core.text import name_key, one_line
from grader.reports.feedback import is_timeout
from grader.reports.item_discrimination import find_discrimination
from grader.reports.problem_tally import ALONE, CONTRACT, NUMBERS, ProblemTally
from grader.reports.report import JUDGED, Report, Status, Verdict
from grader.reports.shared_wrong_numbers import SharedErrors, find_shared_errors, rare_limit


@dataclass(frozen=True, slots=True)
class Row:
    """One student: score, and for each problem id its verdict and points; `mistakes` are misconceptions' numbers.

    Args:
        label: the student for people to read.
        reached: the points before any deduction.
        counts: whether the score is one; not where the grader failed. Means and exports leave out the same.
    """

    student: str
    status: Status
    score: Fraction
    max_score: Fraction
    cells: dict[str, tuple[Verdict, Fraction]]
    mistakes: tuple[int, ...] = ()
    label: str = ""
    reached: Fraction = Fraction(0)
    counts: bool = True


@dataclass(frozen=True, slots=True)
class Misconception:
    """One way to get a problem wrong, and the number of students who did.

    Args:
        kind, id: of the diagnosis; or `numbers` (the same wrong numbers), `contract` (right numbers, another fault),
            `alone` (wrong numbers that nobody else has).
        number: its place among all. example: a student who has it; case: what came back on a small input.
    """

    problem: str
    kind: str
    id: str
    message: str
    students: int
    number: int = 0
    example: str = ""
    case: str = ""

    @property
    def is_diagnosed(self) -> bool:
        """True if it has a diagnosis."""
        return self.kind not in (NUMBERS, CONTRACT, ALONE)


@dataclass(frozen=True, slots=True)
class ProblemSummary:
    """One problem over the class.

    Args:
        verdicts: how many students have each verdict.
        judged: students whose work could be judged; the share right and the mean points are over these.
        discrimination: see `grader.reports.item_discrimination`; in words why there is none.
        seconds: the median time of all calls together, of those who gave answers.
    """

    id: str
    title: str
    max_score: Fraction
    verdicts: dict[Verdict, int]
    judged: int
    share_right: float
    mean: float
    discrimination: float | str
    seconds: float | None


@dataclass(frozen=True, slots=True)
class ClassSummary:
    """Everything that the class views show.

    Args:
        bins: students by share of the points: [0, 10 %), …, [90 %, 100 %), 100 %.
        attention: student, and why an instructor should look at the submission.
        shared: students with the same rare wrong numbers in several problems.
        graded: how submissions were graded, in words, each with the number of those that were.
    """

    assignment: str
    rows: tuple[Row, ...]
    problems: tuple[ProblemSummary, ...]
    misconceptions: tuple[Misconception, ...]
    attention: tuple[tuple[str, str], ...]
    shared: tuple[SharedErrors, ...]
    bins: tuple[int, ...]
    mean: float | None
    median: float | None
    graded: tuple[tuple[str, int], ...] = ()

    def commonest(self, problem: str) -> Misconception | None:
        """The diagnosis that most students have on a problem."""
        diagnosed = (m for m in self.misconceptions if m.problem == problem and m.is_diagnosed)
        return next(diagnosed, None)


def summarise(reports: Iterable[Report]) -> ClassSummary:
    """Summarise a class, from reports that may come one at a time and are not kept."""
    rows: list[Row] = []
    assignments: dict[str, None] = {}
    attention: list[tuple[str, str]] = []
    tallies: dict[str, ProblemTally] = {}
    graded: Counter[str] = Counter()
    for report in reports:
        graded[_say_graded(report)] += 1
        assignments[report.assignment] = None
        if reason := _find_reason(report):
            attention.append((report.student, reason))
        rows.append(_row_of(report))
        for problem in report.problems:
            tallies.setdefault(problem.id, ProblemTally(problem)).add(report.student, problem)

    for tally in tallies.values():
        tally.group()
    misconceptions = _list_misconceptions(tallies.values())
    rare = {key: few for tally in tallies.values() for key, few in tally.rare(rare_limit(len(rows)))}
    shares = _shares(rows)

    return ClassSummary(
        assignment=", ".join(assignments),
        rows=_with_mistakes(sorted(rows, key=_name_key), tallies, misconceptions),
        problems=tuple(_summarise_problem(tally, rows) for tally in tallies.values()),
        misconceptions=misconceptions,
        attention=tuple(attention),
        shared=find_shared_errors(rare),
        bins=_count_bins(shares),
        mean=float(sum(shares) / len(shares)) if shares else None,
        median=float(median(shares)) if shares else None,
        graded=tuple(graded.most_common()),
    )


def _row_of(report: Report) -> Row:
    return Row(
        student=report.student,
        status=report.status,
        score=report.score,
        max_score=report.max_score,
        cells={problem.id: (problem.verdict, problem.score) for problem in report.problems},
        label=report.student_label,
        reached=report.reached,
        counts=not report.failed_by_grader,
    )


def _summarise_problem(tally: ProblemTally, rows: Iterable[Row]) -> ProblemSummary:
    judged = sum(count for verdict, count in tally.verdicts.items() if verdict in JUDGED)
    return ProblemSummary(
        id=tally.id,
        title=tally.title,
        max_score=tally.max_score,
        verdicts=dict(tally.verdicts),
        judged=judged,
        share_right=tally.verdicts["right"] / max(judged, 1),
        mean=float(tally.total / max(judged, 1)),
        discrimination=_discriminate(tally, rows),
        seconds=median(tally.seconds) if tally.seconds else None,
    )


def _discriminate(tally: ProblemTally, rows: Iterable[Row]) -> float | str:
    """Over the students whose file ran; one that did not says nothing about a problem."""
    right: list[bool] = []
    others: list[float] = []
    for row in rows:
        verdict, score = row.cells.get(tally.id, (None, Fraction(0)))
        worth = float(row.max_score) - float(tally.max_score)
        if row.status == "graded" and verdict in JUDGED and worth > 0:
            right.append(verdict == "right")
            others.append((float(row.reached) - float(score)) / worth)
    return find_discrimination(right, others)


def _list_misconceptions(tallies: Iterable[ProblemTally]) -> tuple[Misconception, ...]:
    """All of them with their numbers, the commonest first; wrong answers that nobody shares come last."""
    unordered = []
    for tally in tallies:
        for key, students in Counter(tally.keys.values()).items():
            example = tally.examples[key]
            unordered.append(
                Misconception(
                    problem=tally.id,
                    kind=key[0],
                    id=key[1],
                    message=example.message,
                    students=students,
                    example=example.student,
                    case=example.case,
                )
            )

    ordered = sorted(unordered, key=lambda m: (m.kind == ALONE, -m.students, m.problem, m.id))
    return tuple(replace(m, number=number) for number, m in enumerate(ordered, start=1))


def _with_mistakes(
    rows: Iterable[Row], tallies: Mapping[str, ProblemTally], misconceptions: Iterable[Misconception]
) -> tuple[Row, ...]:
    """The rows with the numbers of the misconceptions that each student has."""
    numbers = {(m.problem, m.kind, m.id): m.number for m in misconceptions}

    def mistakes_of(row: Row) -> tuple[int, ...]:
        keys = ((problem, tallies[problem].keys.get(row.student)) for problem in row.cells)
        return tuple(numbers[problem, *key] for problem, key in keys if key is not None)

    return tuple(replace(row, mistakes=mistakes_of(row)) for row in rows)


def _say_graded(report: Report) -> str:
    """The seed of the inputs, the isolation and the versions that a submission was graded with."""
    versions = (f"{one_line(name)} {one_line(version)}" for name, version in report.versions.items())
    return "; ".join((f"seed {report.seed}", f"isolation {one_line(report.isolation)}", *versions))


def _name_key(row: Row) -> tuple[str, str]:
    return name_key(row.label or row.student)


def _shares(rows: Iterable[Row]) -> list[Fraction]:
    """Shares of the points, sorted, of the students whose score counts."""
    scored = (row for row in rows if row.max_score > 0 and row.counts)
    return sorted(row.score / row.max_score for row in scored)


def _count_bins(shares: Iterable[Fraction]) -> tuple[int, ...]:
    counts = Counter(min(max(int(share * 10), 0), 10) for share in shares)
    return tuple(counts[i] for i in range(11))


def _find_reason(report: Report) -> str:
    """Say why an instructor should look at this submission; empty if there is no need."""
    if report.status == "ungradable" or (report.status == "grader_error" and report.failed_by_grader):
        what = "the grader failed" if report.status == "grader_error" else "could not be graded"
        why = one_line(report.error.message, 200) if report.error else ""
        return ": ".join(filter(None, (what, why)))

    problems = report.problems
    undecided = [p.id for p in problems if not p.is_judged]
    late = [p.id for p in problems if is_timeout(p.error)]
    forged = [p.id for p in problems if p.error is not None and p.error.kind == "protocol"]

    reasons = [_say_where("the grader could not judge", undecided), _say_where("ran out of time in", late)]
    if is_timeout(report.error):
        reasons.append("the file ran out of time")
    reasons.append(_say_where("returned something that is not an answer in", forged))
    return "; ".join(filter(None, reasons))


def _say_where(what: str, problems: Sequence[str]) -> str:
    return f"{what} {', '.join(problems)}" if problems else ""
