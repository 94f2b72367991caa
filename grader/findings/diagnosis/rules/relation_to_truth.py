"""What has become of the truth: a factor, its transpose or conjugate, another order of vec, nothing at all."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

import numpy as np

from grader.core.norms import norm
from grader.findings.diagnosis.agreement import CLOSE, PartAnswer, is_conclusive
from grader.findings.diagnosis.candidates.dictionary import simple
from grader.findings.diagnosis.candidates.terms import Formula, Term, plain_formula, write_term
from grader.findings.diagnosis.context import PartContext
from grader.findings.diagnosis.wording import ask_noun, case_count_phrase, factor_phrase, relation
from grader.reports.report import Diagnosis

EXACT = 1e-3
"""A factor near 1 must be constant to this part of its distance from 1."""

NEARLY = 1e-3
"""A factor that is so near 1 is said with all its digits."""


def name_relation(view: PartContext) -> Diagnosis | None:
    """A multiple of the truth, of its transpose, or of what another order of vec makes of it."""
    if view.known is None or view.answers is None:
        return None
    found = view.known.relations
    confirmed: list[Formula] = []
    for factor, term in found.find(found.stack(view.answers)):
        formula = _confirm(view, factor, term)
        if formula is not None and view.problem.form != "matrix":
            return _say(view, formula)
        confirmed += [formula] if formula is not None else []
    return _say_jacobian(confirmed) if confirmed else None


def _confirm(view: PartContext, factor: float, term: Term) -> Formula | None:
    exact = simple(factor) if abs(factor - 1) > NEARLY or term.scalar or term.base != "same" else None
    if exact is None and (term.scalar or not np.isfinite(factor)):
        return None
    if term.base == "same" and not term.scalar:
        if abs(factor - 1) < 1e-13:
            return None
        return view.confirmed(plain_formula([exact or factor], [term]), min(CLOSE, EXACT * abs(factor - 1)))
    return view.confirmed(plain_formula([exact or factor], [term]), CLOSE)


def _say(view: PartContext, formula: Formula) -> Diagnosis:
    (factor,), (term,), (flags,) = formula.factors, formula.terms, formula.flags
    if term.base == "same" and not term.scalar:
        return relation(
            "constant-factor", f"you returned {factor_phrase(factor)} the right answer", _factor_step(factor)
        )
    number = f"{write_term(term._replace(base=''), flags)} times " if term.scalar else ""
    if term.base == "same":
        id, step = _NUMBERS.get(term.scalar[0][0], _DETERMINANT)
        return relation(id, f"you returned {factor_phrase(factor)} {number}the right answer", step)
    before = "" if factor == 1 and not number else f"{factor_phrase(factor)} {number}"
    if term.base == "transpose":
        id = (
            "conjugate-transpose" if flags[-1] and any(item.is_complex for item in view.seen) else "transpose"
        )
        step = "Check with a matrix that is not symmetric where rows and columns change places."
        return relation(id, f"you returned {before}the {id.replace('-', ' ')} of the right answer", step)
    id, what, step = _CHANGED[term.base]
    return relation(id, f"you returned {before}{what}", step)


def _factor_step(factor: Fraction | float) -> str:
    thing = "the sign was lost" if factor == -1 else "that factor came in"
    return f"Find the step in your derivation where {thing}."


_DETERMINANT = ("determinant-factor", "Go through your derivation and watch where the determinant comes in.")
_NUMBERS = dict.fromkeys(
    ("size", "oversize"), ("size-factor", "Look for a mean where a sum belongs, or the other way round.")
)
_CHANGED = {
    "off-diagonal": (
        "off-diagonal-doubled",
        "the right answer with the entries off its diagonal doubled",
        "Entries (i, j) and (j, i) are separate variables here: count each of them once.",
    ),
    "checkerboard": (
        "checkerboard-signs",
        "the right answer but for signs that alternate like a checkerboard",
        "Where does (−1)ⁱ⁺ʲ come from?",
    ),
    "absolute": (
        "absolute-value",
        "the absolute value of the right answer",
        "Keep the sign: look for `abs`, a square root, or signs that were left out.",
    ),
}


def _say_jacobian(confirmed: Sequence[Formula]) -> Diagnosis:
    """A multiple of the Jacobian, of its transpose, or in another order; for some maps these are the same."""
    (factor,), (term,) = confirmed[0].factors, confirmed[0].terms
    bases = {formula.terms[0].base for formula in confirmed if formula.terms[0].scalar == term.scalar}
    number = (
        f"{write_term(term._replace(base=''), (False,) * len(term.scalar))} times " if term.scalar else ""
    )
    if term.base == "same":
        id, step = ("constant-factor", _factor_step(factor))
        if term.scalar:
            id, step = _NUMBERS.get(term.scalar[0][0], _DETERMINANT)
        return relation(id, f"you returned {factor_phrase(factor)} {number}the right Jacobian", step)
    before = "" if factor == 1 and not number else f"{factor_phrase(factor)} {number}"
    if bases == {"transpose"}:
        step = "Rows of J belong to entries of the output, columns to entries of the input."
        return relation("transpose", f"you returned {before}the transpose of the right Jacobian", step)
    base = next(base for base in _ORDERS if base in bases)
    lead = f"you returned {before}the right Jacobian {_ORDERS[base]}"
    lead += (
        "; for this map that is also its transpose" if "transpose" in bases and base == "row-major" else ""
    )
    return relation(
        "row-major", lead, 'vec stacks columns here: in numpy that is order="F", not the default.'
    )


_ORDERS = {
    "row-major": "for a vec that stacks rows",
    "row-major rows": "with its rows in row-major order",
    "row-major columns": "with its columns in row-major order",
    "row-major transpose": "for a vec that stacks rows, and transposed",
}


def name_nothing(view: PartContext) -> Diagnosis | None:
    """Zeros, NaN, or an answer that does not depend on the inputs."""
    answered = [item for item in view.seen if item.answer is not None]
    full = [item for item in view.seen if item.truth.size]
    whole = [item for item in full if item.judged.parts is not None and item.judged.failure is None]
    if whole and len(whole) == len(full) and all(_is_not_finite(item, view.part) for item in whole):
        lead = "you returned NaN or infinite numbers in every case"
        return relation(
            "not-finite", lead, "Look for a division by zero, or the logarithm of a negative number."
        )
    wrong = [item for item in answered if not item.right]
    if len(answered) < len(view.seen) or not is_conclusive(wrong, view.seen):
        return None
    if all(not np.any(item.answer) for item in answered):
        lead = f"you returned {'0' if answered[0].truth.ndim == 0 else 'zeros'} in every case"
        return relation("zero", lead, "Check that what you compute is what you return.")
    return _constant(answered)


def name_gaps(view: PartContext) -> Diagnosis | None:
    """NaN or infinite numbers in some cases, and the right answer in all others."""
    gaps = [item for item in view.seen if _is_not_finite(item, view.part)]
    rest = [item for item in view.seen if not _is_not_finite(item, view.part)]
    if not gaps or not rest or not all(item.right for item in rest):
        return None
    lead = f"you returned NaN or infinite numbers {case_count_phrase(len(gaps), len(view.seen))}, and all else is right"
    step = "Try the smallest such case step by step and see which number is the first to be lost."
    return relation("not-finite", lead, step)


def _constant(answered: Sequence[PartAnswer]) -> Diagnosis | None:
    """All answers of one shape are the same."""
    groups: dict[tuple[int, ...], list[bytes]] = {}
    for item in answered:
        groups.setdefault(item.truth.shape, []).append(np.asarray(item.answer).tobytes())
    repeated = [group for group in groups.values() if len(group) > 1]
    if any(len(set(group)) > 1 for group in repeated):
        return None
    if len(repeated) < min(2, len(groups)) or sum(map(len, repeated)) < 6:
        return None
    size = " of the same size" if len(groups) > 1 else ""
    lead = f"your answer does not depend on the inputs: it is the same in every case{size}"
    return relation("constant", lead, "Use the arguments of the function, not values from outside.")


def _is_not_finite(item: PartAnswer, part: int) -> bool:
    return item.judged.parts is not None and not np.all(np.isfinite(item.judged.parts[part]))


def name_exchange(views: list[PartContext]) -> Diagnosis | None:
    """The parts of the answer in another order."""
    told = 0
    for rows in zip(*(view.seen for view in views), strict=True):
        raw = rows[0].judged.raw
        if rows[0].judged.failure is not None or len(raw) != len(rows):
            return None
        for item, answer in zip(reversed(rows), raw, strict=True):
            if answer.shape != item.truth.shape or not norm(answer - item.truth) <= item.tolerance * 4:
                return None
        told += not all(item.right for item in rows)
    if told < 3:
        return None
    lead = f"your {ask_noun(views[0].problem)}s are right, but they come in the wrong order"
    names = ", then ".join(views[0].problem.wrt)
    return relation("parts-exchanged", lead, f"Return first the one with respect to {names}.")
