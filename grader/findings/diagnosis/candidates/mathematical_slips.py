"""The kinds of slips: what is said of a formula with one of them, and what to do next."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from grader.findings.diagnosis.candidates.formulas import PAIRS_OF_ROWS, POWER_RULES


class Slip(NamedTuple):
    """A kind of change.

    Args:
        id: of the diagnosis; difference: goes on from the formula that was returned.
        cost: more for what is less likely.
    """

    id: str
    difference: str
    step: str
    cost: int = 1


_ORDER = "Matrices do not commute. Keep each factor on the side where your derivation puts it."
_FACTORS = "Trace that factor through your derivation."
_SIGNS = "Trace each sign through your derivation."
_TERMS = "The product rule gives one term for each factor that changes."
_WHOLE = "Look for `astype(int)`, `//`, or an integer array: values stored in it are truncated."

MISSING_TERM = Slip("missing-term", "a term is missing", _TERMS)
SIGN = Slip("wrong-coefficient", "a term has the wrong sign", _SIGNS)
COEFFICIENT = Slip(
    "wrong-coefficient", "a term has the wrong factor", "Trace each factor through your derivation.", 2
)
MISSING_FACTOR = Slip("missing-factor", "a factor is missing", _FACTORS)
ORDER = Slip("product-order", "the factors are in the wrong order", _ORDER)
ENTRYWISE = Slip(
    "elementwise",
    "an operation works entry by entry where a matrix operation is needed",
    "`*` and `/` work entry by entry. Use `@` for matrix products and a matrix inverse for 1/A.",
)
MATRIX_PRODUCT = Slip(
    "elementwise",
    "a matrix product is used where a product entry by entry is needed",
    "Use `*` to multiply entry by entry.",
)
TRANSPOSED = Slip(
    "transposed-factor",
    "a factor is transposed that should not be, or vice versa",
    "Transpose the whole product at once, (AB)ᵀ = BᵀAᵀ, then check each factor.",
)
CONJUGATED = Slip(
    "conjugated-factor",
    "a factor is conjugated that should not be, or vice versa",
    "Check for each factor whether it must be conjugated.",
)
POWER = Slip(
    "wrong-power", "a factor has the wrong power", "Count how often that factor occurs in each term."
)
INVERSE = Slip("wrong-power", "a factor is inverted that should not be, or vice versa", _FACTORS)
VARIABLE = Slip("wrong-variable", "one argument is used in place of another", "Check it again, name by name.")
FUNCTION = Slip("other-function", "the wrong function is used", "Check it again, function by function.")
PRECEDENCE = Slip(
    "precedence",
    "an operation applies to too much or too little of the formula",
    "Check where the brackets belong.",
)
RANGE = Slip(
    "wrong-range",
    "a sum has one term too many or too few",
    "Write out its first and last terms for n = 2; `range(n)` ends at n − 1.",
)
SIGNS_OF_MINORS = Slip(
    "checkerboard-signs", "the cofactors have the wrong signs", "Check where the signs (−1)ⁱ⁺ʲ enter."
)
PROJECTION = Slip(
    "wrong-projection",
    "it is not projected onto the space in which the input varies",
    "Project the unconstrained gradient orthogonally onto that space.",
)
SYMMETRIC = Slip(
    "only-symmetric",
    "an argument is symmetrized, or assumed to be symmetric",
    "Trace each transpose through your derivation without using A = Aᵀ.",
)
WHOLE = Slip("whole-numbers", "an argument was truncated to integers", _WHOLE)
SIZES = Slip("absolute-value", "signs are lost", "Look for `abs`, or a square root of a square.")
REAL = Slip("real-parts", "imaginary parts are lost", "Look for `real`, or a real array.")
NUMBER = Slip("wrong-coefficient", "a number is wrong", "Trace each number through your derivation.", 2)


def _other_power_rule(rule: str) -> tuple[Slip, str]:
    """A sum with fewer or more terms, or with other powers."""
    has_other_range = "without" in rule or "more" in rule
    return RANGE if has_other_range else POWER, rule


OTHER_FUNCTIONS: Mapping[str, Sequence[tuple[Slip, str]]] = {
    "inv": ((ENTRYWISE, "reciprocal"), (FUNCTION, "adj"), (INVERSE, ".T")),
    "det": (
        (FUNCTION, "trace"),
        (FUNCTION, "product of diagonal"),
        (FUNCTION._replace(cost=2), "sum"),
    ),
    "adj": (
        (SIGNS_OF_MINORS, "adj without signs"),
        (SIGNS_OF_MINORS, "adj with signs by row"),
        (SIGNS_OF_MINORS, "adj with signs by column"),
        (SIGNS_OF_MINORS, "adj with signs of ij"),
        (FUNCTION, "inv"),
        (ENTRYWISE, "reciprocal"),
    ),
    "trace": (
        (FUNCTION, "sum"),
        (FUNCTION, "det"),
        (RANGE, "trace without last"),
        (RANGE, "trace without first"),
        (SIGN, "alternating trace"),
        (FUNCTION._replace(cost=2), "product of diagonal"),
        (FUNCTION._replace(cost=2), "sum of sizes"),
    ),
    "sum": ((FUNCTION, "trace"), (FUNCTION, "largest entry"), (FUNCTION, "sum of sizes")),
    "@": ((ENTRYWISE, "*"), (FUNCTION._replace(cost=3), "+")),
    "*": ((MATRIX_PRODUCT, "@"), (FUNCTION._replace(cost=2), "+"), (FUNCTION, "/")),
    "/": ((FUNCTION, "*"),),
    "solve": ((INVERSE, "@"),),
    "symmetric part": tuple(
        (PROJECTION, other)
        for other in ("with transpose", "both triangles", "halves off diagonal", "tril", "triu", "diagonal")
    ),
    "tril": ((PROJECTION, "triu"), (PROJECTION, "diagonal"), (PROJECTION, "both triangles")),
    "log": ((FUNCTION, "exp"),),
    "sqrt": ((POWER, "square"),),
    "power": ((ENTRYWISE, "**"),),
    "power rule": tuple(map(_other_power_rule, [*POWER_RULES][1:])),
    "pairs of rows": tuple((RANGE, sum) for sum in [*PAIRS_OF_ROWS][1:]),
}
"""What stands for a function by mistake, with the same arguments."""
