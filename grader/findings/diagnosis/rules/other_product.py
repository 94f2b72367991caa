"""Another formula: a product or a sum of two, of the inputs, their inverses, transposes and determinants."""

from __future__ import annotations

from grader.findings.diagnosis.agreement import CLOSE
from grader.findings.diagnosis.candidates.candidates import pair_formulas
from grader.findings.diagnosis.candidates.dictionary import factor_multiset, simple, without_transpose
from grader.findings.diagnosis.candidates.terms import Formula, Term, plain_formula, write_formula
from grader.findings.diagnosis.candidates.words import Letter
from grader.findings.diagnosis.context import PartContext
from grader.findings.diagnosis.wording import relation
from grader.reports.report import Diagnosis


def name_product(view: PartContext) -> Diagnosis | None:
    """Say which product the answer is, if it is one in all cases."""
    if view.known is None or view.answers is None:
        return None
    pilots = {item.case.index for item in view.known.pilots}
    if all(item.right for item in view.seen if item.case.index in pilots):
        return None
    products, y = view.known.products, view.known.products.stack(view.answers)
    for factor, term in products.find(y):
        exact = simple(factor)
        formula = view.confirmed(plain_formula([exact], [term]), CLOSE) if exact is not None else None
        if formula is not None:
            return _say(view, formula)
    for pair in pair_formulas(products, view.known.akin, y):
        formula = view.confirmed(pair, CLOSE)
        if formula is not None:
            return _say(view, formula)
    return None


def _say(view: PartContext, formula: Formula) -> Diagnosis:
    text = write_formula(formula)
    own = view.known.own if view.known is not None else None
    lead = f"what you returned is {text}"
    words = [word for term in formula.terms for word in (*term.traces, *term.words)]
    if any("*" in word.glue or letter.form == "over" for word in words for letter in word.letters):
        step = (
            "`*` and `/` work entry by entry. Use `@` for products of matrices and a matrix inverse for 1/A."
        )
        return relation("elementwise", lead, step)
    if own is not None:
        found = _compare(formula, own)
        if found is not None:
            id, words_, step = found
            return relation(id, f"{lead}: {words_}", step)
    step = "Hold it against your derivation, factor by factor."
    return relation("other-product", f"{lead}, which is not what was asked for", step)


def _compare(formula: Formula, own: Formula) -> tuple[str, str, str] | None:
    mine, right = set(formula.terms), set(own.terms)
    if mine == right:
        return (
            "wrong-coefficient",
            "the right terms with other signs or factors",
            "Follow each sign through your derivation.",
        )
    if mine < right:
        return (
            "missing-term",
            "a term is missing",
            "The product rule gives one term for each factor that changes.",
        )
    bags = {factor_multiset(term) for term in own.terms}
    but = "" if set(formula.factors) <= set(own.factors) else ", up to a sign or a number"
    if not all(factor_multiset(term) in bags for term in formula.terms):
        return None
    if {_untransposed(term) for term in formula.terms} <= {_untransposed(term) for term in own.terms}:
        return (
            "transposed-factor", f"the right factors{but}, but not all of them transposed as they should be",
            "Transpose a whole product at once, and mind which factors then stand transposed.",
        )  # fmt: skip
    turned = "" if _turns(formula) == _turns(own) else " and not all transposed alike"
    return (
        "product-order", f"the right factors{but}, in another order{turned}",
        "Matrices do not commute. Keep each factor on the side where your derivation puts it.",
    )  # fmt: skip


def _turns(formula: Formula) -> set[Letter]:
    return {
        letter for term in formula.terms for word in (*term.traces, *term.words) for letter in word.letters
    }


def _untransposed(term: Term) -> tuple[tuple[Letter, ...], ...]:
    """The words without transposes; of a trace, whichever way round it is read."""
    traces = [_turned(tuple(without_transpose(letter) for letter in word.letters)) for word in term.traces]
    words = [tuple(without_transpose(letter) for letter in word.letters) for word in term.words]
    return (*sorted(traces), *words)


def _turned(letters: tuple[Letter, ...]) -> tuple[Letter, ...]:
    ways = [letters[k:] + letters[:k] for k in range(len(letters))]
    return min(ways + [way[::-1] for way in ways])
