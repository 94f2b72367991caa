"""The report of one submission: everything found, as plain values; every output format renders it."""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any, Literal

from grader.core.text import end_sentence, join_parts
from grader.reports.code import CodeCell
from grader.reports.lateness import Lateness
from grader.reports.roster import Person, label_of

Outcome = Literal["passed", "failed", "inconclusive", "skipped"]
Verdict = Literal["right", "loses_digits", "wrong", "error", "missing", "inconclusive", "grader_error"]
Status = Literal["graded", "ungradable", "grader_error"]
JUDGED: frozenset[Verdict] = frozenset({"right", "loses_digits", "wrong", "error", "missing"})
"""Verdicts that say something about the student's work; the others are the grader's own trouble."""

# A number, a nested list of numbers, {"real": …, "imag": …} for complex values, or a list of those for a tuple.
# Numbers that JSON lacks are the strings "nan", "inf" and "-inf".
Plain = Any


@dataclass(frozen=True, slots=True)
class Counterexample:
    """The smallest case on which a check failed.

    Args:
        case: index of the case; family: how it was drawn.
        inputs: argument name → value, in the order of the signature.
        answer: what the function returned; None if it failed.
        right: the exact answer, rounded to float64; None if an answer is not unique.
        error: norm of answer − right; tolerance: what was allowed. Both are None if there is no answer.
        cut: `answer`, `right` or `inputs.A` → its shape, where only the first entries along each axis are given;
            `answer[0]` for a part.
        residual: where a relation failed, what is left of it; error and tolerance are then about its norm.
        names: the names of the arrays of the answer, if the problem names them.
    """

    case: int
    family: str
    inputs: dict[str, Plain]
    answer: Plain
    right: Plain
    error: float | None = None
    tolerance: float | None = None
    cut: dict[str, tuple[int, ...]] = field(default_factory=dict)
    residual: Plain = None
    names: tuple[str, ...] = ()

    @property
    def size(self) -> int:
        """The number of numbers and words in it."""
        return _count_entries([self.inputs, self.answer, self.right, self.residual])


@dataclass(frozen=True, slots=True)
class Finding:
    """The outcome of one check.

    Args:
        check: the check with its families, such as `reference (singular A)`; name: the check alone.
        outcome: `passed`, `failed`, `inconclusive` (undecided) or `skipped` (it had no case).
        score: the points earned, all or nothing; max_score: what it is worth.
        what: the claim, about the smallest case that failed; subject: what the claim is about, or empty.
        advice: what to do, or empty.
        counterexample: the smallest case that failed.
        failed: in how many cases it failed; cases: of how many, 0 if only one case can show it.
        unanswered: in how many of the failed cases there was no answer.
        numbers: the numbers behind it.
        message: one sentence, made of the other parts.
    """

    check: str
    outcome: Outcome
    score: Fraction
    max_score: Fraction
    what: str
    counterexample: Counterexample | None = None
    numbers: dict[str, Any] = field(default_factory=dict)
    advice: str = ""
    subject: str = ""
    failed: int = 0
    unanswered: int = 0
    cases: int = 0
    name: str = ""

    @property
    def costs_points(self) -> bool:
        """True if it failed and has points to lose; else it only informs."""
        return self.outcome == "failed" and self.max_score > 0

    @property
    def how_often(self) -> str:
        """In how many cases it failed, wrong and missing answers apart: `in 3 of 24 cases; no answer in 2 more`."""
        if not self.cases:
            return ""
        wrong = self.failed - self.unanswered
        first = wrong or self.failed
        text = "in every case" if first == self.cases else f"in {first} of {self.cases} cases"
        if wrong and self.unanswered:
            return f"{text}; no answer in {self.unanswered} more"
        return text

    @property
    def sentence(self) -> str:
        """The claim and the advice, without a full stop if the check failed."""
        return join_parts(self.subject, self.what, self.advice)

    @property
    def message(self) -> str:
        """The sentence and in how many cases it is so."""
        if not self.failed:
            return self.sentence
        return f"{self.sentence} ({self.how_often})." if self.how_often else end_sentence(self.sentence)


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """Names what a wrong answer is.

    Args:
        kind: `mistake` (listed by the author), `precision`, `relation` or `formula`.
        id: which of its kind.
        lead: a sentence that says what is wrong; step: another one, on what to do next, or empty.
        message: both sentences.
    """

    kind: str
    id: str
    lead: str
    step: str = ""

    @property
    def message(self) -> str:
        """Both sentences."""
        return f"{end_sentence(self.lead)} {self.step}" if self.step else self.lead


@dataclass(frozen=True, slots=True)
class Excerpt:
    """Some lines of a student's file.

    Args:
        first: the number of the first line; marked: the number of the line it is about.
        lines: the text of the lines.
    """

    first: int
    marked: int
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Failure:
    """The reason why there is no answer to judge, and its place in the student's file.

    Args:
        kind: one word for what happened.
        what: what happened, without a full stop; advice: what to do about it, or how it should be.
        suggestion: what was probably meant, as a question: `did you mean …?`
        place: `line 7` or `cell 3, line 2`; empty if unknown. text: that line of the student's file.
        excerpt: that line with some around it; None if unknown.
        subject: the function, cell or file that `what` continues; empty if `what` is a whole sentence.
        column: the place in `text`, counted from 1; 0 if it is about the whole line.
        message: one sentence, made of the other parts.
    """

    kind: str
    what: str
    advice: str = ""
    suggestion: str = ""
    place: str = ""
    text: str = ""
    excerpt: Excerpt | None = None
    subject: str = ""
    column: int = 0

    @property
    def message(self) -> str:
        """The event and the advice, in one sentence without a full stop."""
        return join_parts(self.subject, self.what, self.advice, self.suggestion)


def _count_entries(value: Plain) -> int:
    if isinstance(value, dict):
        return sum(map(_count_entries, value.values()))
    if isinstance(value, list | tuple):
        return sum(map(_count_entries, value))
    return 1


@dataclass(frozen=True, slots=True)
class Remainder:
    """‖f(A + hV) − f(A) − h·L(V)‖ against ‖hV‖ at one case, for the student's L and for the derivative.

    Args:
        case: index of the case; family: how it was drawn.
        h: the steps, from 1 down; distance: ‖hV‖ for each step.
        yours: the student's remainders; None without a usable answer. right: those of the derivative.
        slope_yours, slope_right: the slope between h = 1e-2 and 1e-4; None if it cannot be measured.
        bends_at: the h below which the slope of `yours` is 1; None if it is so from the start, or never.
        agrees: whether the answer to this case is within its tolerance.
    """

    case: int
    family: str
    h: tuple[float, ...]
    distance: tuple[float, ...]
    yours: tuple[float, ...] | None
    right: tuple[float, ...]
    slope_yours: float | None
    slope_right: float | None
    bends_at: float | None
    agrees: bool


@dataclass(frozen=True, slots=True)
class FormulaReading:
    """An answer that is a formula.

    Args:
        text: as it was read, helpers included. latex: the same typeset, with the helpers in place; empty if it is
            not a single formula.
        inputs: at how many random inputs it was compared with the exact answer; digits: in how many digits it agrees
            there, None if it does not.
    """

    text: str
    inputs: int = 0
    digits: int | None = None
    latex: str = ""


@dataclass(frozen=True, slots=True)
class Decision:
    """Points that a person gave, in the place of those that were found; or a comment, which leaves them as they are.

    Args:
        check: the check that it is about; empty for the whole problem.
        before: the points before the decision; points: the points that count.
        comment: why; by: who decided.
        keep: whether it is a comment alone, which changes no points.
    """

    check: str
    before: Fraction
    points: Fraction
    comment: str = ""
    by: str = ""
    keep: bool = False


@dataclass(frozen=True, slots=True)
class ProblemReport:
    """Everything found about one function.

    Args:
        id: the problem's id; function: the name of its function; title: its title.
        score: the points earned; max_score: what the problem is worth in this assignment.
        verdict: one word, such as `right`.
        diagnosis: what is wrong with the answer, if that is clear.
        error: why some or all calls gave no answer.
        findings: one for each check, in the problem's order.
        hints: the problem's hints.
        reproduce: the command that checks this problem again.
        seconds: wall-clock time of all its calls.
        remainder: the student's remainder beside that of the derivative.
        where: the inputs and entries at which a wrong answer without a diagnosis is wrong, as a sentence.
        residual: the fingerprint of the wrong numbers (`grader.findings.error_fingerprint`); empty unless the verdict
            is `wrong` or `loses_digits`.
        formula: the answer, if it is a formula; nothing was run then.
        decisions: points that a person has changed, and comments.
    """

    id: str
    function: str
    title: str
    score: Fraction
    max_score: Fraction
    verdict: Verdict
    diagnosis: Diagnosis | None = None
    error: Failure | None = None
    findings: tuple[Finding, ...] = ()
    hints: tuple[str, ...] = ()
    reproduce: str = ""
    seconds: float = 0.0
    remainder: Remainder | None = None
    residual: str = ""
    where: str = ""
    formula: FormulaReading | None = None
    decisions: tuple[Decision, ...] = ()

    @property
    def has_wrong_answers(self) -> bool:
        """Were there answers, and did they cost points? Those that only lose digits may."""
        return self.verdict in ("wrong", "loses_digits")

    @property
    def failed_by_grader(self) -> bool:
        """Did the grader fail here, and has nobody given points in its place?"""
        decided = any(not decision.check and not decision.keep for decision in self.decisions)
        return self.verdict == "grader_error" and not decided

    @property
    def is_judged(self) -> bool:
        """Does the verdict say something about the student's work?"""
        return self.verdict in JUDGED

    @property
    def needs_work(self) -> bool:
        """Is there something that the student can do about it?"""
        return self.is_judged and self.verdict != "right"

    @property
    def has_checks(self) -> bool:
        """Were there answers of which checks could be made?"""
        return bool(self.findings) and self.verdict not in ("error", "missing", "grader_error")

    @property
    def failed(self) -> tuple[Finding, ...]:
        """The checks that failed."""
        return tuple(finding for finding in self.findings if finding.outcome == "failed")


@dataclass(frozen=True, slots=True)
class Report:
    """Everything found about one submission.

    Args:
        student: whose submission it is; file: the name of the submitted file.
        assignment: the assignment's id.
        status: `graded`, `ungradable` or `grader_error`.
        score: the points that count; max_score: what the assignment is worth.
        isolation: the level at which the submission was confined.
        seed: the seed of the random inputs.
        versions: those of `grader`, `python`, `numpy` and `flint`.
        problems: one report for each problem of the assignment, in its order.
        error: why the file as a whole could not be graded, or what its top-level code did wrong.
        output: what the student's code printed, shortened.
        person: the student as the roster has them; None if there is no roster, or they are not on it.
        lateness: when it was submitted; None if that is not known and does not matter.
        raw_score: the sum of the problems' points, before any deduction for lateness; None if that is the score.
        code: what the student wrote, as far as there is room for it.
    """

    student: str
    assignment: str
    status: Status
    score: Fraction
    max_score: Fraction
    isolation: str
    seed: int
    versions: dict[str, str]
    problems: tuple[ProblemReport, ...]
    error: Failure | None = None
    file: str = ""
    output: str = ""
    person: Person | None = None
    lateness: Lateness | None = None
    raw_score: Fraction | None = None
    code: tuple[CodeCell, ...] = ()

    @property
    def reached(self) -> Fraction:
        """The points before any deduction."""
        return self.score if self.raw_score is None else self.raw_score

    @property
    def student_label(self) -> str:
        """The student for people to read: the name and the login or number, else what the file was named after."""
        return label_of(self.person, self.student)

    @property
    def failed_by_grader(self) -> bool:
        """True if the grader failed, on the file or on a problem: then the score must not be recorded.

        A file that could not be graded for the student's own fault has a score, which is counted everywhere.
        """
        if not self.problems:
            return self.status == "grader_error"
        return any(problem.failed_by_grader for problem in self.problems)


def points(value: Fraction) -> str:
    """Points for people: `7`, `2.5`, `3.3333`; never in scientific notation."""
    return f"{float(value):.4f}".rstrip("0").rstrip(".")


def as_number(value: Fraction) -> int | float:
    """Points for machines: whole, or rounded to four decimals."""
    return int(value) if value.denominator == 1 else round(float(value), 4)
