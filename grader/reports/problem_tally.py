"""Count what a class made of one problem, in one pass over its reports."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

from grader.core.text import end_sentence, one_line
from grader.reports.feedback import explain, find_case
from grader.reports.misconceptions import group_fingerprints, is_telling
from grader.reports.report import ProblemReport, Verdict
from grader.reports.shown_numbers import entries_of, format_inline

NUMBERS, CONTRACT, ALONE = "numbers", "contract", "alone"
"""Kinds of what no diagnosis names: the same wrong numbers, right numbers with another fault, and the rest."""
_MOST_CASES = 300
"""Cases of a problem that are kept as examples: a class in which everybody errs alone would fill the memory."""

Key = tuple[str, str]
"""Identifies a wrong answer: the kind and id of its diagnosis, or one of the kinds above with a text."""


@dataclass(frozen=True, slots=True)
class Example:
    """A student with a wrong answer: what is wrong with it, and what came back on a small input."""

    student: str
    message: str
    case: str


class ProblemTally:
    """The counts that one pass over the reports makes of one problem."""

    def __init__(self, first: ProblemReport) -> None:
        self.id, self.title, self.max_score = first.id, first.title, first.max_score
        self.verdicts: Counter[Verdict] = Counter()
        self.keys: dict[str, Key] = {}
        self.examples: dict[Key, Example] = {}
        self.seconds: list[float] = []
        self.total = Fraction(0)
        self._placeholders: set[str] = set()

    def add(self, student: str, problem: ProblemReport) -> None:
        """Count one student's work."""
        self.verdicts[problem.verdict] += 1
        if problem.is_judged:
            self.total += problem.score
        if problem.verdict == "right" or problem.has_wrong_answers:
            self.seconds.append(problem.seconds)
        if problem.has_wrong_answers:
            self._add_wrong(student, problem)

    def _add_wrong(self, student: str, problem: ProblemReport) -> None:
        key = _find_key(problem)
        self.keys[student] = key
        if _is_placeholder(problem):
            self._placeholders.add(student)
        if key not in self.examples:
            case = _say_case(problem) if len(self.examples) < _MOST_CASES else ""
            self.examples[key] = Example(student, _say_general(problem), case)

    def group(self) -> None:
        """Put answers with nearly the same numbers together, and those that are like no other."""
        counts = Counter(text for kind, text in self.keys.values() if kind == NUMBERS)
        leaders = group_fingerprints(counts)
        sizes: Counter[str] = Counter()
        for text, count in counts.items():
            sizes[leaders[text]] += count

        alone = (ALONE, "")
        grouped: dict[Key, Key] = {}
        for text, leader in leaders.items():
            grouped[NUMBERS, text] = (NUMBERS, leader) if sizes[leader] > 1 else alone

        for key in list(self.examples):
            if grouped.get(key) == alone:
                self.examples.setdefault(alone, self.examples[key])
        self.keys = {student: grouped.get(key, key) for student, key in self.keys.items()}

    def rare(self, most: int) -> Iterator[tuple[tuple[str, str], list[str]]]:
        """Unexplained wrong numbers that only a few students have, with these students; nobody's placeholders."""
        students_by_text: dict[str, list[str]] = defaultdict(list)
        for student, (kind, text) in self.keys.items():
            if kind == NUMBERS:
                students_by_text[text].append(student)

        stubs = {self.keys[student] for student in self._placeholders}
        for text, students in students_by_text.items():
            is_stub = (NUMBERS, text) in stubs
            if len(students) <= most and is_telling(text) and not is_stub:
                yield (self.id, text), students


def _find_key(problem: ProblemReport) -> Key:
    if problem.diagnosis is not None:
        return problem.diagnosis.kind, problem.diagnosis.id
    if problem.residual:
        return NUMBERS, problem.residual
    return CONTRACT, _say_general(problem)


def _say_general(problem: ProblemReport) -> str:
    """Say what is wrong, without the number of cases, which differs from student to student."""
    explanation = explain(problem)
    if explanation.finding is None:
        return explanation.sentence
    return end_sentence(one_line(explanation.finding.sentence))


def _say_case(problem: ProblemReport) -> str:
    """`A = [[1, 2], [3, 4]]: returned [[…]], right is [[…]]`; empty if there is no small case."""
    case = find_case(problem)
    if case is None:
        return ""

    inputs = [f"{one_line(name)} = {format_inline(value)}" for name, value in case.inputs.items()]
    text = f"{', '.join(inputs)}: returned {format_inline(case.answer)}"
    if case.right is not None:
        text += f"; right is {format_inline(case.right)}"
    return one_line(text, 700)


def _is_placeholder(problem: ProblemReport) -> bool:
    """True if all entries of the answer are the same, as in `np.ones_like(A)`: nobody derived that, or copied it."""
    case = find_case(problem)
    if case is None:
        return False
    entries = entries_of([case.answer])
    return len(entries) > 1 and len(set(entries)) == 1
