"""A class at a glance: one pass over the reports, keeping only what the class views show."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from statistics import median

from grader.core.text import end_sentence, one_line
from grader.reports.discrimination import find_discrimination
from grader.reports.feedback import explain, find_case, is_timeout
from grader.reports.misconceptions import gather_alike, tells_much
from grader.reports.numbers import say_inline
from grader.reports.report import ProblemReport, Report, Status, Verdict
from grader.reports.shared_errors import Alike, find_alike, most_for_rare

# Verdicts that say something about the student's work; the others are the grader's own trouble.
_JUDGED = frozenset({"right", "wrong", "error", "missing"})
NUMBERS, CONTRACT, ALONE = "numbers", "contract", "alone"
"""Kinds of what no diagnosis names: the same wrong numbers, right numbers with another fault, and the rest."""
_MOST_CASES = 300
"""Of a problem, kept as examples; a class in which everybody errs alone would else fill the memory."""

Key = tuple[str, str]
"""What a wrong answer is: the kind and id of its diagnosis, or one of the kinds above with a text that tells it."""


@dataclass(frozen=True, slots=True)
class Row:
    """One student: score, and for each problem id its verdict and points; `mistakes` are misconceptions' numbers."""

    student: str
    status: Status
    score: Fraction
    max_score: Fraction
    cells: dict[str, tuple[Verdict, Fraction]]
    mistakes: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Misconception:
    """What is wrong with some answers to one problem, and the number of students who have it.

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
        """Whether there is a diagnosis."""
        return self.kind not in (NUMBERS, CONTRACT, ALONE)


@dataclass(frozen=True, slots=True)
class ProblemSummary:
    """One problem over the class.

    Args:
        verdicts: how many students have each verdict.
        judged: students whose work could be judged; the share right and the mean points are over these.
        discrimination: see `grader.reports.discrimination`; in words why there is none.
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
        alike: students with the same rare wrong numbers in several problems.
    """

    assignment: str
    rows: tuple[Row, ...]
    problems: tuple[ProblemSummary, ...]
    misconceptions: tuple[Misconception, ...]
    attention: tuple[tuple[str, str], ...]
    alike: tuple[Alike, ...]
    bins: tuple[int, ...]
    mean: float | None
    median: float | None

    def commonest(self, problem: str) -> Misconception | None:
        """The diagnosis that most students have on a problem."""
        found = (m for m in self.misconceptions if m.problem == problem and m.is_diagnosed)
        return next(found, None)


@dataclass(frozen=True, slots=True)
class _Example:
    student: str
    message: str
    case: str


class _Tally:
    """What one pass over the reports counts for one problem."""

    def __init__(self, first: ProblemReport) -> None:
        self.id, self.title, self.max_score = first.id, first.title, first.max_score
        self.verdicts: Counter[Verdict] = Counter()
        self.keys: dict[str, Key] = {}
        self.placeholders: set[str] = set()
        self.examples: dict[Key, _Example] = {}
        self.total = Fraction(0)
        self.seconds: list[float] = []

    def add(self, student: str, problem: ProblemReport) -> None:
        self.verdicts[problem.verdict] += 1
        if problem.verdict in _JUDGED:
            self.total += problem.score
        if problem.verdict in ("right", "wrong"):
            self.seconds.append(problem.seconds)
        if problem.verdict == "wrong":
            self.add_wrong(student, problem)

    def add_wrong(self, student: str, problem: ProblemReport) -> None:
        if problem.diagnosis is not None:
            key = (problem.diagnosis.kind, problem.diagnosis.id)
        elif problem.residual:
            key = (NUMBERS, problem.residual)
        else:
            key = (CONTRACT, _say_general(problem))
        self.keys[student] = key
        if _is_placeholder(problem):
            self.placeholders.add(student)
        if key not in self.examples:
            case = _say_case(problem) if len(self.examples) < _MOST_CASES else ""
            self.examples[key] = _Example(student, _say_general(problem), case)

    def gather(self) -> None:
        """Put answers with nearly the same numbers together, and those that are like no other."""
        counts = Counter(text for kind, text in self.keys.values() if kind == NUMBERS)
        leaders = gather_alike(counts)
        sizes: Counter[str] = Counter()
        for text, count in counts.items():
            sizes[leaders[text]] += count
        place: dict[Key, Key] = {
            (NUMBERS, text): (NUMBERS, leader) if sizes[leader] > 1 else (ALONE, "")
            for text, leader in leaders.items()
        }
        for key in [key for key in self.examples if place.get(key) == (ALONE, "")]:
            self.examples.setdefault((ALONE, ""), self.examples[key])
        self.keys = {student: place.get(key, key) for student, key in self.keys.items()}

    def summary(self, rows: Iterable[Row]) -> ProblemSummary:
        judged = sum(count for verdict, count in self.verdicts.items() if verdict in _JUDGED)
        return ProblemSummary(
            self.id, self.title, self.max_score, dict(self.verdicts), judged,
            share_right=self.verdicts["right"] / judged if judged else 0.0,
            mean=float(self.total / judged) if judged else 0.0,
            discrimination=_discriminate(self.id, self.max_score, rows),
            seconds=median(self.seconds) if self.seconds else None,
        )  # fmt: skip

    def misconceptions(self) -> Iterator[Misconception]:
        for key, students in Counter(self.keys.values()).items():
            example = self.examples[key]
            yield Misconception(
                self.id, *key, example.message, students, example=example.student, case=example.case
            )

    def rare(self, most: int) -> Iterator[tuple[tuple[str, str], list[str]]]:
        """Unexplained wrong numbers that only a few students have, with these students; nobody's placeholders."""
        found: dict[str, list[str]] = defaultdict(list)
        for student, (kind, text) in self.keys.items():
            if kind == NUMBERS:
                found[text].append(student)
        stubs = {self.keys[student] for student in self.placeholders}
        for text, students in found.items():
            if len(students) <= most and tells_much(text) and (NUMBERS, text) not in stubs:
                yield (self.id, text), students


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
            tallies.setdefault(problem.id, _Tally(problem)).add(report.student, problem)
    for tally in tallies.values():
        tally.gather()
    misconceptions = _number(m for tally in tallies.values() for m in tally.misconceptions())
    shares = sorted(
        row.score / row.max_score for row in rows if row.max_score > 0 and row.status != "grader_error"
    )
    most = most_for_rare(len(rows))
    return ClassSummary(
        assignment=", ".join(assignments),
        rows=tuple(_with_mistakes(rows, tallies, misconceptions)),
        problems=tuple(tally.summary(rows) for tally in tallies.values()),
        misconceptions=misconceptions,
        attention=tuple(attention),
        alike=find_alike(dict(item for tally in tallies.values() for item in tally.rare(most))),
        bins=_count_bins(shares),
        mean=float(sum(shares) / len(shares)) if shares else None,
        median=float(median(shares)) if shares else None,
    )


def _number(found: Iterable[Misconception]) -> tuple[Misconception, ...]:
    ordered = sorted(found, key=lambda m: (m.kind == ALONE, -m.students, m.problem, m.id))
    return tuple(replace(m, number=number) for number, m in enumerate(ordered, start=1))


def _with_mistakes(
    rows: Iterable[Row], tallies: Mapping[str, _Tally], misconceptions: Iterable[Misconception]
) -> Iterator[Row]:
    numbers = {(m.problem, m.kind, m.id): m.number for m in misconceptions}
    for row in rows:
        wrong = ((id_, tallies[id_].keys.get(row.student)) for id_ in row.cells)
        mistakes = (numbers[(id_, *key)] for id_, key in wrong if key is not None)
        yield replace(row, mistakes=tuple(mistakes))


def _discriminate(id_: str, max_score: Fraction, rows: Iterable[Row]) -> float | str:
    """Over the students whose file ran; one that did not says nothing about a problem."""
    right: list[bool] = []
    rest: list[float] = []
    for row in rows:
        verdict, score = row.cells.get(id_, (None, Fraction(0)))
        others = float(row.max_score) - float(max_score)
        if row.status == "graded" and verdict in _JUDGED and others > 0:
            right.append(verdict == "right")
            rest.append((float(row.score) - float(score)) / others)
    return find_discrimination(right, rest)


def _say_case(problem: ProblemReport) -> str:
    """`A = [[1, 2], [3, 4]]: returned [[…]], right is [[…]]`; empty if there is no small case."""
    case = find_case(problem)
    if case is None:
        return ""
    inputs = ", ".join(f"{one_line(name)} = {say_inline(value)}" for name, value in case.inputs.items())
    right = f"; right is {say_inline(case.right)}" if case.right is not None else ""
    return one_line(f"{inputs}: returned {say_inline(case.answer)}{right}", 700)


def _is_placeholder(problem: ProblemReport) -> bool:
    """Whether all entries of the answer are the same, as in `np.ones_like(A)`: nobody derived that, or copied it."""
    case = find_case(problem)
    entries = list(_entries(case.answer)) if case is not None else []
    return len(entries) > 1 and all(entry == entries[0] for entry in entries)


def _entries(value: object) -> Iterator[object]:
    if isinstance(value, list | tuple):
        for item in value:
            yield from _entries(item)
    else:
        yield value


def _say_general(problem: ProblemReport) -> str:
    """What is wrong, without the number of cases, which is another for every student."""
    explanation = explain(problem)
    if explanation.finding is None:
        return explanation.sentence
    return end_sentence(one_line(explanation.finding.sentence))


def _count_bins(shares: Iterable[Fraction]) -> tuple[int, ...]:
    counts = Counter(min(max(int(share * 10), 0), 10) for share in shares)
    return tuple(counts[i] for i in range(11))


def _find_reason(report: Report) -> str:
    """Why an instructor should look at this submission; empty if there is no need."""
    why = one_line(report.error.message, 200) if report.error else ""
    if report.status == "grader_error":
        return ": ".join(filter(None, ("the grader failed", why)))
    if report.status == "ungradable":
        return ": ".join(filter(None, ("could not be graded", why)))
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
