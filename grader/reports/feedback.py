"""The words that every format uses: for verdicts and outcomes, and for what a student should do next."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from grader.core.text import one_line
from grader.reports.numbers import count_entries, format_number, is_whole
from grader.reports.report import Counterexample, Failure, Finding, Outcome, ProblemReport, Report, Verdict


@dataclass(frozen=True, slots=True)
class VerdictStyle:
    """How a verdict is said.

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
        "wrong": VerdictStyle("✗", "x", "not yet right", "is wrong", "red", "bad"),
        "error": VerdictStyle("!", "!", "gave no answer", "gave no answer", "red", "bad"),
        "missing": VerdictStyle("–", "-", "not there yet", "is missing", "yellow", "dull"),
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
_OURS_STEP = "Nothing for you to mend: tell your instructor, who can have it graded again."

_SLOPE_APART = 1.5
"""Half way from the slope of a wrong answer to that of the derivative."""
_ROUNDING = 1e-14
"""A right formula in double precision bends below this step: the wrong answer is right along the direction shown."""

# Ends a sentence: a stop that is no abbreviation's, then something that can begin the next one.
_SENTENCE_END = re.compile(r"(?<=[.!?])(?<!e\.g\.)(?<!i\.e\.)(?<!cf\.)\s+(?![a-z])")
# Only these are made small after a colon: other capitals may be a matrix or a mathematician.
_OPENINGS = frozenset(
    {
        "You", "Your", "The", "This", "That", "These", "It", "Its", "There", "In", "On", "At", "For",
        "Everything", "Every", "Each", "All", "Both", "Only", "One", "No", "Not", "Nothing", "Here", "If",
        "When", "With", "Without", "From", "To"
    }
)  # fmt: skip


def count(number: int, noun: str) -> str:
    """A number with its noun: `1 submission`, `2 submissions`."""
    return f"{number} {noun}{'s' if number != 1 else ''}"


def lower_opening(sentence: str) -> str:
    """The sentence as it reads after a colon: `You returned …` becomes `you returned …`."""
    first = sentence.partition(" ")[0]
    return sentence[:1].lower() + sentence[1:] if first in _OPENINGS else sentence


def raise_opening(sentence: str) -> str:
    """The sentence with a capital, unless it starts with code or a symbol."""
    first = sentence.partition(" ")[0]
    return sentence[:1].upper() + sentence[1:] if first.isalpha() and len(first) > 1 else sentence


def end_sentence(text: str) -> str:
    """The text with a full stop unless it ends in some stop."""
    return text if not text or text[-1] in ".!?…:" else text + "."


@dataclass(frozen=True, slots=True)
class Explanation:
    """What a student reads first.

    Args:
        lead: the sentence after the verdict. step: what to do next.
        failure: the failure that the lead is about, whose place should be shown.
    """

    lead: str
    step: str
    failure: Failure | None = None


def explain(
    problem: ProblemReport,
    show_hint: bool = True,
    folded: str = "Open the first hint below and try again.",
) -> Explanation:
    """The sentence and the next step for one problem.

    A diagnosis explains a verdict best; then a failure, if no call gave an answer or the first failed check is
    about it; then that check, with the first hint as the next step. Where hints are folded (`show_hint` false),
    the step is to open it, as `folded` says. Everything but a right answer gets exactly one next step.
    """
    if problem.verdict == "right":
        return Explanation("", "")
    if problem.verdict in _OURS:
        why = f" ({one_line(problem.error.message)})" if problem.error else ""
        return Explanation(_OURS[problem.verdict] + why, _OURS_STEP)
    if problem.diagnosis is not None:
        lead, _, rest = _split(problem.diagnosis.message)
        return Explanation(lead, rest or "Mend that in your formula, then try the smallest case again.")
    first = next((f for f in problem.findings if f.outcome == "failed" and f.message), None)
    failed = first.message if first else ""
    if problem.error is not None and (
        problem.verdict != "wrong" or problem.error.message.rstrip(".") in failed
    ):
        return _explain_failure(problem.error)
    if problem.verdict == "missing":
        step = f"Define a function named {one_line(problem.function)} in your file."
        return Explanation("your file does not define it.", step)
    if first is not None and first.check == "shape":
        return Explanation(end_sentence(one_line(failed)), "Mend that first; the numbers come next.")
    if {f.check for f in problem.findings if f.outcome == "failed"} == {"pure"}:
        return Explanation(end_sentence(one_line(failed)), "The numbers are right: mend only that.")
    step = "Work the smallest case by hand and compare."
    if problem.hints:
        step = f"Hint: {one_line(problem.hints[0])}" if show_hint else folded
    return Explanation(end_sentence(one_line(failed) or "its answers differ from the right ones."), step)


def say_headline(problem: ProblemReport, lead: str) -> tuple[str, str, str]:
    """`<function> is wrong: <lead>` as name, verdict and the rest.

    A lead that itself begins with the function is the whole sentence.
    """
    words, name = VERDICTS[problem.verdict], one_line(problem.function)
    own = lead.startswith(f"{name} ")
    if own and problem.verdict in {"error", "missing"}:
        return name, lead.removeprefix(name), ""
    said = f"it {lead.removeprefix(f'{name} ')}" if own else lower_opening(lead)
    return name, f" {words.says}", f": {said}"


def say_message(problem: ProblemReport, finding: Finding) -> str:
    """A check's message as a sentence; a function's name keeps its small letter."""
    message = one_line(finding.message)
    return message if message.startswith(problem.function) else raise_opening(message)


def explain_file(report: Report) -> str:
    """One sentence on what went wrong with the file as a whole; empty if nothing did."""
    name = one_line(report.file) or "Your file"
    why = end_sentence(lower_opening(one_line(report.error.message))) if report.error else ""
    if report.status == "grader_error":
        return f"{name} was not graded: {_OURS['grader_error']}" + (f" ({why})" if why else "")
    if why.startswith(f"{name} "):
        return why
    if report.status == "ungradable":
        return f"{name} could not be graded: {why or 'it holds nothing that can be run.'}"
    return f"{name} did not run to its end: {why}" if why else ""


def choose_problems(report: Report) -> tuple[ProblemReport, ...]:
    """The problems worth explaining: none if the file as a whole failed, as each would say the same again."""
    return report.problems if report.status == "graded" else ()


def find_case(problem: ProblemReport) -> Counterexample | None:
    """The counterexample to show: with an answer, in whole numbers, and few of them, in this order.

    If the student reads of a failure, it is a case that has no answer. An answer whose numbers are right shows
    nothing, if all that is wrong is what else the function did.
    """
    failed = [
        f.counterexample
        for f in problem.findings
        if f.outcome == "failed"
        and f.counterexample
        and not (f.check == "pure" and _agrees(f.counterexample))
    ]
    if explain(problem).failure is not None:
        failed = [case for case in failed if case.answer is None] or failed
    return min(failed, key=_bulk, default=None)


def _agrees(case: Counterexample) -> bool:
    return case.error is not None and case.tolerance is not None and case.error <= case.tolerance


def say_remainder(problem: ProblemReport) -> tuple[str, str] | None:
    """What the remainders of the answer and of the derivative do as h falls; None where that shows nothing.

    A wrong answer may be right at the case of the picture; then both would fall alike.
    """
    rest = problem.remainder
    if problem.verdict != "wrong" or rest is None or rest.agrees or rest.slope_yours is None:
        return None
    right = "the right one vanishes"
    if rest.slope_right is not None:
        right = f"the right one falls with slope {rest.slope_right:.2f}"
    if rest.bends_at is not None:
        return f"yours bends to slope 1 at h ≈ {format_number(rest.bends_at, 1)}, {_cause(problem)}", right
    if rest.slope_yours > _SLOPE_APART:
        return None
    return f"yours falls with slope {rest.slope_yours:.2f} from the start: L is not the derivative", right


def _cause(problem: ProblemReport) -> str:
    """Why the curve of a wrong answer bends where it does."""
    if problem.remainder and problem.remainder.bends_at and problem.remainder.bends_at < _ROUNDING:
        return "as rounding does: along this V it is right"
    return _BEND_CAUSES.get(problem.diagnosis.id if problem.diagnosis else "", "so it is close, no more")


def is_timeout(failure: Failure | None) -> bool:
    """Whether the failure is one of time."""
    return failure is not None and failure.kind == "too_slow"


def _bulk(case: Counterexample) -> tuple[bool, bool, int]:
    inputs = list(case.inputs.values())
    return (
        case.answer is None or case.right is None,
        not all(map(is_whole, inputs)),
        sum(map(count_entries, inputs)),
    )


def _explain_failure(failure: Failure) -> Explanation:
    """What happened, and what to do: the sandbox's sentences end in advice after a semicolon."""
    message = one_line(failure.message)
    what, semicolon, advice = message.rpartition("; ")
    # After a colon comes the text of an exception, and its semicolons are its own.
    if semicolon and ": " not in what:
        return Explanation(end_sentence(what), end_sentence(advice[:1].upper() + advice[1:]), failure)
    if failure.place:
        return Explanation(
            end_sentence(message), f"Mend {one_line(failure.place)}, then check again.", failure
        )
    return Explanation(
        end_sentence(message), "Call it yourself on a small matrix and mend what stops it.", failure
    )


def _split(message: str) -> tuple[str, str, str]:
    line = one_line(message, 1200)
    end = _SENTENCE_END.search(line)
    if end is None:
        return end_sentence(line), "", ""
    return line[: end.start()], " ", line[end.end() :]
