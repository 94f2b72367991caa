"""The words that every format uses: for verdicts and outcomes, for what is wrong, and for the next step."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

from grader.core.text import count, end_sentence, join_parts, lower_opening, one_line, raise_opening
from grader.reports.lateness import say_late
from grader.reports.report import (
    Counterexample,
    Failure,
    Finding,
    Outcome,
    ProblemReport,
    Report,
    Verdict,
    points,
)
from grader.reports.shown_numbers import are_whole, entries_of, format_number


@dataclass(frozen=True, slots=True)
class VerdictStyle:
    """The words and marks for a verdict or an outcome.

    Args:
        mark: one character, with `ascii` for terminals that lack it.
        badge: two or three kind words, for tables. says: what follows the function's name in a sentence.
        style: colour in the terminal; tone: class name in HTML.
    """

    mark: str
    ascii: str
    badge: str
    says: str
    style: str
    tone: str


VERDICTS: Mapping[Verdict, VerdictStyle] = MappingProxyType(
    {
        "right": VerdictStyle("✓", "+", "right", "is right", "green", "good"),
        "loses_digits": VerdictStyle(
            "≈", "~", "loses digits", "is right, but loses digits", "yellow", "dull"
        ),
        "wrong": VerdictStyle("✗", "x", "not yet right", "is wrong", "red", "bad"),
        "error": VerdictStyle("!", "!", "gave no answer", "gave no answer", "red", "bad"),
        "missing": VerdictStyle("–", "-", "not answered yet", "is missing", "yellow", "dull"),
        "inconclusive": VerdictStyle("?", "?", "grader unsure", "could not be judged", "magenta", "ours"),
        "grader_error": VerdictStyle("?", "?", "grader failed", "was not graded", "magenta", "ours"),
    }
)
OUTCOMES: Mapping[Outcome, VerdictStyle] = MappingProxyType(
    {
        "passed": VerdictStyle("✓", "+", "passed", "passed", "green", "good"),
        "failed": VerdictStyle("✗", "x", "not yet", "failed", "red", "bad"),
        "skipped": VerdictStyle("–", "-", "skipped", "skipped", "dim", "dull"),
        "inconclusive": VerdictStyle("?", "?", "grader unsure", "is undecided", "magenta", "ours"),
    }
)

_BEND_CAUSES: Mapping[str, str] = MappingProxyType(
    {
        "finite-differences": "as a difference quotient does",
        "single-precision": "as numbers in single precision do",
    }
)

_OURS: Mapping[Verdict, str] = MappingProxyType(
    {
        "inconclusive": "the grader could not decide whether your answer is right. "
        "This is the grader's problem, not yours.",
        "grader_error": "the grader itself failed here. This is the grader's problem, not yours.",
    }
)
_OURS_STEP = "There is nothing for you to fix: tell your instructor, who can have it graded again."

_SLOPE_APART = 1.5
"""Half way from the slope of a wrong answer to that of the derivative."""
_ROUNDING = 1e-14
"""A right formula in double precision bends below this step: the wrong answer is right along the direction shown."""


@dataclass(frozen=True, slots=True)
class Explanation:
    """The first things that a student reads of a problem.

    Args:
        lead: the sentence after the verdict. step: what to do next.
        subject: the function, if the lead goes on from its name; else empty.
        failure, finding: what the lead is about; the place of a failure should be shown.
    """

    lead: str
    step: str = ""
    subject: str = ""
    failure: Failure | None = None
    finding: Finding | None = None

    @property
    def sentence(self) -> str:
        """The lead with its subject, as it reads after a colon."""
        return f"{self.subject} {self.lead}" if self.subject else self.lead


def say_points(graded: Report | ProblemReport) -> str:
    """The points, and how many there are: `2.5 of 4`."""
    return f"{points(graded.score)} of {points(graded.max_score)}"


def say_deduction(report: Report) -> str:
    """Say how late a submission is, and what it loses for that; empty if it is in time."""
    if report.lateness is None or not report.lateness.days:
        return ""
    what = f"This was submitted {say_late(report.lateness)}"
    lost = report.reached - report.score
    if not lost:
        return f"{what}."
    return f"{what}: {points(lost)} of the {points(report.reached)} points reached are deducted."


def explain(problem: ProblemReport, folded: str = "") -> Explanation:
    """Choose the sentence and the next step for one problem.

    A diagnosis explains a verdict best; then a failure, if no call gave an answer or the first failed check is
    about it; then that check. Everything but a right answer gets exactly one next step.

    Args:
        folded: where hints are folded, the step that stands in the place of the first.
    """
    if problem.verdict == "right":
        return Explanation("")
    if problem.verdict in _OURS:
        why = f" ({one_line(problem.error.message)})" if problem.error else ""
        return Explanation(_OURS[problem.verdict] + why, _OURS_STEP)

    diagnosis, failure = problem.diagnosis, problem.error
    if diagnosis is not None:
        step = one_line(diagnosis.step) or "Fix that in your formula, then try the smallest case again."
        return Explanation(end_sentence(one_line(diagnosis.lead, 1200)), step)

    first = next((finding for finding in problem.failed if finding.what), None)
    if failure is not None and (not problem.has_wrong_answers or _is_about(first, failure)):
        return _explain_failure(problem, failure)
    if problem.verdict == "missing":
        step = f"Define a function named {one_line(problem.function)} in your file."
        return Explanation("your file does not define it.", step)

    step = _choose_step(problem, folded)
    if first is None:
        return Explanation("its answers differ from the right ones.", step)
    return _explain_finding(problem, first, step)


def _choose_step(problem: ProblemReport, folded: str) -> str:
    """The next step after failed checks: what to fix first, else the first hint or where it is."""
    checks = [finding.check for finding in problem.failed if finding.what]
    if checks and checks[0] == "shape":
        return "Fix that first; then look at the numbers."
    if set(checks) == {"pure"}:
        return "The numbers are right: fix only that."
    if set(checks) == {"cost"}:
        return "The numbers are right: look at the lines named, and compute nothing twice."
    if problem.hints:
        return folded or f"Hint: {one_line(problem.hints[0])}"
    return end_sentence(say_comparison(problem))


def say_comparison(problem: ProblemReport) -> str:
    """A step for an error that has no name and no hint, without a full stop."""
    if any(finding.name == "relation" for finding in problem.failed):
        return "Put your numbers of the smallest case into the relation: the residual shows where it fails"
    return "At the smallest case, compare each intermediate result with your derivation: find the first that differs"


def say_lead(explanation: Explanation) -> str:
    """The lead as a sentence of its own; a function's name keeps its small letter."""
    return explanation.sentence if explanation.subject else raise_opening(explanation.lead)


def say_headline(problem: ProblemReport, explanation: Explanation) -> tuple[str, str, str]:
    """`<function> is wrong: <lead>` as name, verdict and the rest.

    A lead that goes on from the function's name is the whole sentence.
    """
    style, name = VERDICTS[problem.verdict], one_line(problem.function)
    is_whole = problem.verdict in {"error", "missing"} or is_timeout(explanation.failure)
    if explanation.subject and is_whole:
        return name, f" {explanation.lead}", ""
    reason = f"it {explanation.lead}" if explanation.subject else lower_opening(explanation.lead)
    return name, f" {style.says}", f": {reason}"


def say_message(finding: Finding) -> str:
    """A check's message as a sentence; a function's name keeps its small letter."""
    message = one_line(finding.message)
    return message if finding.subject else raise_opening(message)


def explain_file(report: Report) -> str:
    """One sentence on what went wrong with the file as a whole; empty if nothing did."""
    name, error = one_line(report.file) or "Your file", report.error
    why = end_sentence(lower_opening(one_line(error.message))) if error else ""
    if report.status == "grader_error":
        ours = f"{name} was not graded: {_OURS['grader_error']}"
        return f"{ours} ({why})" if why else ours
    if error is not None and one_line(error.subject) == name:
        return why

    if report.status == "ungradable":
        why = why or "it contains nothing that can be run."
        return f"{name} could not be graded: {why}"
    if error is None:
        return ""
    if error.kind == "formula":
        return f"In {error.place} of {name}: {why}"
    return f"{name} did not run to its end: {why}"


def say_reading(problem: ProblemReport) -> str:
    """How a formula was read, and how well it agrees with the exact answer; empty for other answers."""
    formula = problem.formula
    if formula is None:
        return ""
    lines = formula.text.removeprefix("return ").replace("\nreturn ", "\n").splitlines()
    reading = f"Read as {'; '.join(lines)}"
    if formula.digits is None:
        return f"{reading}."
    where = count(formula.inputs, "random input")
    return f"{reading}, which equals the exact answer in {formula.digits} digits at {where}."


def choose_problems(report: Report) -> tuple[ProblemReport, ...]:
    """The problems worth explaining: none if the file as a whole failed, as each would say the same again."""
    return report.problems if report.status == "graded" else ()


def find_case(problem: ProblemReport) -> Counterexample | None:
    """The counterexample to show: with an answer, in whole numbers, and few of them, in this order.

    If the student reads of a failure, it is a case that has no answer. An answer whose numbers are right shows
    nothing, if all that is wrong is what else the function did; nor does a case that there was no time to ask.
    """
    failure = explain(problem).failure
    if is_timeout(failure):
        return None
    telling = map(_telling_case, problem.failed)
    cases = [case for case in telling if case is not None]
    if failure is not None:
        unanswered = [case for case in cases if case.answer is None]
        cases = unanswered or cases
    return min(cases, key=_bulk, default=None)


def _telling_case(finding: Finding) -> Counterexample | None:
    """The case of a failed check; None if its numbers are right, and only something else is not."""
    case = finding.counterexample
    if case is None or finding.check != "pure":
        return case
    if case.error is None or case.tolerance is None:
        return case
    return case if case.error > case.tolerance else None


def _bulk(case: Counterexample) -> tuple[bool, bool, int]:
    entries = entries_of(case.inputs.values())
    is_partial = case.answer is None or (case.right is None and case.residual is None)
    return is_partial, not are_whole(entries), len(entries)


def say_remainder(problem: ProblemReport) -> tuple[str, str] | None:
    """Say what the remainders of the answer and of the derivative do as h falls; None where that shows nothing.

    A wrong answer may be right at the case of the picture; then both would fall alike.
    """
    curve = problem.remainder
    if curve is None or not problem.has_wrong_answers:
        return None
    if curve.agrees or curve.slope_yours is None:
        return None

    right = "the right one vanishes"
    if curve.slope_right is not None:
        right = f"the right one falls with slope {curve.slope_right:.2f}"

    if curve.bends_at is not None:
        bend = f"yours bends to slope 1 at h ≈ {format_number(curve.bends_at, 1)}"
        return f"{bend}, {_explain_bend(problem, curve.bends_at)}", right
    if curve.slope_yours > _SLOPE_APART:
        return None
    return f"yours falls with slope {curve.slope_yours:.2f} from the start, so L is not the derivative", right


def _explain_bend(problem: ProblemReport, h: float) -> str:
    """Explain why the curve of a wrong answer bends where it does."""
    if h < _ROUNDING:
        return "as rounding does: along this V it is right"
    named = problem.diagnosis.id if problem.diagnosis else ""
    return _BEND_CAUSES.get(named, "so it is close, but not exact")


def is_timeout(failure: Failure | None) -> bool:
    """True if the failure is one of time."""
    return failure is not None and failure.kind == "too_slow"


def _is_about(finding: Finding | None, failure: Failure) -> bool:
    """True if the check failed because there was no answer, for this reason."""
    return finding is not None and (finding.subject, finding.what) == (failure.subject, failure.what)


def _explain_failure(problem: ProblemReport, failure: Failure) -> Explanation:
    """Explain a failure: what happened, and what to do about it."""
    subject, lead = _split_subject(problem, failure.subject, failure.what)
    return Explanation(end_sentence(lead), _choose_repair(failure), subject, failure=failure)


def _choose_repair(failure: Failure) -> str:
    """The next step after a failure."""
    advice = failure.advice or failure.suggestion
    if advice:
        return end_sentence(raise_opening(one_line(advice)))
    if failure.place:
        return f"Fix {one_line(failure.place)}, then check again."
    return "Call it yourself on a small matrix and fix what stops it."


def _explain_finding(problem: ProblemReport, finding: Finding, step: str) -> Explanation:
    """Explain a failed check: what is wrong, and in how many cases."""
    message = end_sentence(replace(finding, subject="").message)
    if problem.where:
        message = f"{message} {problem.where}"
    subject, lead = _split_subject(problem, finding.subject, message)
    return Explanation(end_sentence(lead), step, subject, finding=finding)


def _split_subject(problem: ProblemReport, subject: str, what: str) -> tuple[str, str]:
    """The problem's function, if a sentence goes on from it, and the sentence without it."""
    if subject and subject == problem.function:
        return one_line(subject), one_line(what)
    return "", one_line(join_parts(subject, what))
