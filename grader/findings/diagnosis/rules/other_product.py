"""Another formula: a product or a sum of two, of the inputs, their inverses, transposes and determinants."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain

from grader.findings.diagnosis.candidates.candidates import factors_of, find_products, find_sums
from grader.findings.diagnosis.candidates.terms import SumOfTerms, Term, write_formula
from grader.findings.diagnosis.candidates.words import Letter, Word
from grader.findings.diagnosis.context import PartContext
from grader.findings.diagnosis.shared_phrases import relation
from grader.reports.report import Diagnosis

_Difference = tuple[str, str, str]
"""The id, the difference in words, and what to do."""


def name_other_product(context: PartContext) -> Diagnosis | None:
    """Say which product the answer is, if it is one in all cases."""
    candidates, values = context.part_candidates, context.pilot_values
    if candidates is None or values is None:
        return None
    if not context.part_answers.where(lambda answer: answer.case.index in candidates.pilots).wrong:
        return None

    y = candidates.products.stack(values)
    for formula in chain(find_products(candidates.products, y), find_sums(candidates.near_products, y)):
        confirmed = context.confirmed(formula)
        if confirmed is not None:
            return _describe(confirmed, candidates.truth_formula)
    return None


def _describe(formula: SumOfTerms, truth: SumOfTerms | None) -> Diagnosis:
    lead = f"you returned {write_formula(formula)}"
    if any(word.is_entrywise for term in formula.terms for word in term.all_words):
        step = "`*` and `/` work entry by entry. Use `@` for matrix products and a matrix inverse for 1/A."
        return relation("elementwise", lead, step)

    compared = _compare(formula, truth) if truth is not None else None
    if compared is not None:
        diagnosis_id, difference, step = compared
        return relation(diagnosis_id, f"{lead}: {difference}", step)
    step = "Compare it with your derivation, factor by factor."
    return relation("other-product", f"{lead}, which is not what the problem asks for", step)


def _compare(formula: SumOfTerms, truth: SumOfTerms) -> _Difference | None:
    return _compare_terms(formula, truth) or _compare_factors(formula, truth)


def _compare_terms(formula: SumOfTerms, truth: SumOfTerms) -> _Difference | None:
    """Say how a formula of the truth's own terms differs from it."""
    ours, right = set(formula.terms), set(truth.terms)
    if ours == right:
        difference = "the right terms with wrong signs or factors"
        return "wrong-coefficient", difference, "Trace each sign through your derivation."
    if ours < right:
        step = "The product rule gives one term for each factor that changes."
        return "missing-term", "a term is missing", step
    return None


def _compare_factors(formula: SumOfTerms, truth: SumOfTerms) -> _Difference | None:
    """Say how a formula of terms with the truth's own factors differs from it."""
    if not set(map(factors_of, formula.terms)) <= set(map(factors_of, truth.terms)):
        return None

    but = "" if set(formula.factors) <= set(truth.factors) else ", up to a sign or a number"
    if set(map(_untransposed, formula.terms)) <= set(map(_untransposed, truth.terms)):
        difference = f"the right factors{but}, but with the wrong ones transposed"
        step = "Transpose the whole product at once, (AB)ᵀ = BᵀAᵀ, then check each factor."
        return "transposed-factor", difference, step

    also = "" if _letters(formula) == _letters(truth) else " and with the wrong ones transposed"
    difference = f"the right factors{but}, in the wrong order{also}"
    step = "Matrices do not commute. Keep each factor on the side where your derivation puts it."
    return "product-order", difference, step


def _letters(formula: SumOfTerms) -> set[Letter]:
    return set(chain.from_iterable(term.letters for term in formula.terms))


def _untransposed(term: Term) -> tuple[tuple[Letter, ...], ...]:
    """The words without transposes; of a trace, whichever way round it is read."""
    traces, words = map(_untransposed_letters, term.traces), map(_untransposed_letters, term.words)
    return (*sorted(map(_first_reading, traces)), *words)


def _untransposed_letters(word: Word) -> tuple[Letter, ...]:
    return tuple(letter.untransposed for letter in word.letters)


def _first_reading(letters: Sequence[Letter]) -> tuple[Letter, ...]:
    """The first in order of all cyclic permutations, read from either end."""
    ways = [(*letters[k:], *letters[:k]) for k in range(len(letters))]
    return min(ways + [way[::-1] for way in ways])
