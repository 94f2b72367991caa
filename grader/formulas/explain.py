"""What can be said of a wrong formula, and of no other answer: which part of it is wrong, and where it has no value."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from grader.formulas.answers_file import FormulaAnswer
from grader.formulas.equality import Agreement, ExactAnswers
from grader.formulas.fit import Fit, find_division, find_entrywise_product, find_inner_product
from grader.formulas.wrong_factor import WrongFactor, find_wrong_factor
from grader.reports.report import Diagnosis, ProblemReport

_LEADS: Mapping[str, str] = {
    "sign": "only a sign is wrong",
    "transposed": "only one transpose is wrong",
    "conjugate": "only one complex conjugate is wrong",
    "order": "the factors are right, but in the wrong order",
    "inverse": "only one inverse is wrong: something is inverted that should not be, or vice versa",
    "extra": "there is an extra factor or an extra term",
    "division": "it divides by a matrix entry by entry, which is not a product with the inverse",
    "entrywise-power": "it raises each entry to a power, which is not the power of a matrix",
    "quotient": "it divides where it should multiply",
    "entrywise": "a product is taken entry by entry where a matrix product is meant, or vice versa",
    "missing": "one factor is missing",
    "name": "only one name is wrong",
    "number": "only a number is wrong",
}
_STEP = "Go through your derivation factor by factor; the next hint shows where to look."

_SUSPECTS: Sequence[tuple[Callable[[Fit], str], str, str, str]] = (
    (
        find_division,
        "wrong-division",
        "`{}` divides entry by entry, which is not the inverse of a matrix",
        "Write A^-1 for the inverse, then check again.",
    ),
    (
        find_inner_product,
        "inner-product",
        "`{}` is the inner product of two vectors, which is a number",
        "Write outer(x, y) for the matrix x yᵀ, and outer(x, conj(y)) for x yᴴ.",
    ),
    (
        find_entrywise_product,
        "entrywise-product",
        "`{}` multiplies entry by entry, which is not the product of matrices",
        "If you mean the product of matrices, write A B or A @ B, then check again.",
    ),
)
"""What finds an operation, the diagnosis's id, what is said of the operation, and what to do."""


def explain(
    report: ProblemReport, answer: FormulaAnswer, fit: Fit, agreement: Agreement, exact: ExactAnswers
) -> ProblemReport:
    """Add to the report on a wrong formula what is wrong with it, if that is one thing, or what it certainly does."""
    if not report.has_wrong_answers:
        return report
    if agreement.digits is not None:
        return replace(report, diagnosis=_say_undefined(report) or report.diagnosis)

    if report.diagnosis is not None and report.diagnosis.kind == "mistake":
        return report
    wrong = find_wrong_factor(answer, exact)
    if wrong is None:
        return replace(report, diagnosis=report.diagnosis or _say_suspect(fit))

    diagnosis = Diagnosis("formula", f"wrong-{wrong.kind}", _LEADS[wrong.kind], _STEP)
    return replace(report, diagnosis=diagnosis, hints=(_hint(wrong), *report.hints), where="")


def explain_misfit(report: ProblemReport, answer: FormulaAnswer, exact: ExactAnswers) -> ProblemReport:
    """Add to the report on a formula whose shapes do not fit what is wrong with it, if that is one thing."""
    wrong = find_wrong_factor(answer, exact)
    if wrong is None or report.error is None:
        return report
    failure = replace(report.error, advice=f"{_LEADS[wrong.kind]}; fix that, then check again")
    return replace(report, error=failure, hints=(_hint(wrong), *report.hints))


def _hint(wrong: WrongFactor) -> str:
    return f"Look at `{wrong.text}`."


def _say_suspect(fit: Fit) -> Diagnosis | None:
    """What to say of the first operation that is often not what was meant, whatever else is wrong."""
    for find, id, lead, step in _SUSPECTS:
        text = find(fit)
        if text:
            return Diagnosis("formula", id, lead.format(text), step)
    return None


def _say_undefined(report: ProblemReport) -> Diagnosis | None:
    """What to say of a formula that equals the exact answer wherever it has a value."""
    failure = report.error
    if failure is None or failure.kind != "no_value":
        return None
    lead = f"the formula is right wherever it has a value, but it {failure.what}"
    step = "Find a form that has a value there too."
    return Diagnosis("formula", "right-where-defined", lead, step)
