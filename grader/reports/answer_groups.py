"""The answers of a class to each problem, grouped by what is wrong with them, each with its code."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction

from grader.core.grouping import group_pairs
from grader.core.text import name_key
from grader.reports.code import Lines, find_function, find_place
from grader.reports.feedback import explain
from grader.reports.overrides import name_fault
from grader.reports.problem_tally import ALONE, CONTRACT, NUMBERS, Key, ProblemTally
from grader.reports.report import ProblemReport, Report, Verdict
from grader.reports.serialize import shorten

MOST_LINES, MOST_WIDTH = 80, 200
"""Of a function's code and of its lines, for a class of thousands."""
_NO_ANSWER = "no answer"
_ORDER: Mapping[Verdict, int] = {"wrong": 0, "loses_digits": 0, "error": 1, "missing": 2, "right": 4}
"""What there is most to say of comes first; what the grader could not decide before what is right."""


@dataclass(frozen=True, slots=True)
class GivenCode:
    """The lines that define a function, as one student wrote them.

    Args:
        place: the file or the cell. first: the number of the first line. marked: that of the line that failed, or 0.
    """

    place: str
    first: int
    lines: tuple[str, ...]
    marked: int = 0


NO_CODE = GivenCode("", 0, ())


@dataclass(frozen=True, slots=True)
class GivenAnswer:
    """One student's answer to a problem.

    Args:
        label: the student for people to read. position: the problem's place in the student's report, from 1.
        failure: what happened where there is no answer, as a sentence.
    """

    student: str
    label: str
    position: int
    verdict: Verdict
    score: Fraction
    code: GivenCode
    failure: str = ""


@dataclass(frozen=True, slots=True)
class AnswerGroup:
    """The answers that have one thing wrong.

    Args:
        kind: see `Misconception`; or `no answer`, or the verdict of answers that are not wrong.
        message: what is wrong, in the words that students read; empty where they read different ones.
        fault: what stands for the group in `overrides.csv`; empty if its students must be named.
        case: what came back on a small input.
    """

    kind: str
    verdict: Verdict
    message: str
    fault: str
    case: str
    answers: tuple[GivenAnswer, ...]


@dataclass(frozen=True, slots=True)
class ProblemAnswers:
    """All answers to one problem, those that are wrong first, and of them the most common."""

    id: str
    title: str
    max_score: Fraction
    groups: tuple[AnswerGroup, ...]


@dataclass(slots=True)
class _Gathered:
    """What one pass over the reports keeps of a problem."""

    tally: ProblemTally
    answers: dict[str, GivenAnswer] = field(default_factory=dict)
    faults: dict[str, str] = field(default_factory=dict)


def group_answers(reports: Iterable[Report]) -> list[ProblemAnswers]:
    """Group the answers to each problem, from whole reports that may come one at a time and are not kept."""
    gathered: dict[str, _Gathered] = {}
    for report in reports:
        short = shorten(report)
        for position, (problem, told) in enumerate(zip(report.problems, short.problems, strict=True), 1):
            one = gathered.setdefault(problem.id, _Gathered(ProblemTally(told)))
            one.tally.add(report.student, told)
            one.answers[report.student] = _make_answer(report, problem, position)
            one.faults[report.student] = name_fault(problem)
    return [_group(one) for one in gathered.values()]


def _make_answer(report: Report, problem: ProblemReport, position: int) -> GivenAnswer:
    failed = problem.verdict in ("error", "missing") and problem.error is not None
    return GivenAnswer(
        student=report.student,
        label=report.student_label,
        position=position,
        verdict=problem.verdict,
        score=problem.score,
        code=_find_code(report, problem),
        failure=explain(problem).sentence if failed else "",
    )


def _find_code(report: Report, problem: ProblemReport) -> GivenCode:
    found = find_function(report.code, problem.function)
    if found is None:
        return NO_CODE

    cell = report.code[found.cell]
    last = min(found.last, found.first + MOST_LINES - 1)
    lines = tuple(line[:MOST_WIDTH].rstrip() for line in cell.lines[found.first - 1 : last])
    failed = find_place(problem.error.place, report.code) if problem.error else None
    return GivenCode(cell.label, found.first, lines, _marked(failed, found))


def _marked(failed: Lines | None, found: Lines) -> int:
    is_inside = failed is not None and failed.cell == found.cell and found.first <= failed.first <= found.last
    return failed.first if failed is not None and is_inside else 0


def _group(gathered: _Gathered) -> ProblemAnswers:
    tally = gathered.tally
    tally.group()
    members: dict[tuple[Verdict, Key], list[GivenAnswer]] = {}
    for student, answer in gathered.answers.items():
        key = tally.keys.get(student)
        if key is None:
            # A failure is told by its kind; of the words of exceptions there are as many as students.
            key = (_NO_ANSWER if answer.failure else answer.verdict, gathered.faults[student])
        verdict: Verdict = "wrong" if answer.verdict == "loses_digits" else answer.verdict
        members.setdefault((verdict, key), []).append(answer)

    groups = [
        _make_group(tally, verdict, key, sorted(answers, key=lambda one: name_key(one.label)))
        for (verdict, key), answers in members.items()
    ]
    groups.sort(key=lambda one: (_ORDER.get(one.verdict, 3), one.kind == ALONE, -len(one.answers)))
    return ProblemAnswers(tally.id, tally.title, tally.max_score, tuple(groups))


def _make_group(
    tally: ProblemTally, verdict: Verdict, key: Key, answers: Sequence[GivenAnswer]
) -> AnswerGroup:
    kind, name = key
    example = tally.examples.get(key)
    is_alone = kind == ALONE and len(answers) > 1
    return AnswerGroup(
        kind=kind,
        verdict=verdict,
        message=example.message if example and not is_alone else "",
        fault="" if kind in (NUMBERS, CONTRACT, ALONE) else name,
        case=example.case if example and not is_alone else "",
        answers=tuple(answers),
    )


def same_code(answers: Iterable[GivenAnswer]) -> Iterator[tuple[GivenCode, list[GivenAnswer]]]:
    """The answers by their code, that of most students first; names and numbers of lines make no difference."""
    by_text = group_pairs((answer.code.lines, answer) for answer in answers)
    for same in sorted(by_text.values(), key=len, reverse=True):
        yield same[0].code, same
