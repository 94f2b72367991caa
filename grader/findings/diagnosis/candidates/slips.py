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
_FACTORS = "Follow that factor through your derivation."
_SIGNS = "Follow each sign through your derivation."
_TERMS = "The product rule gives one term for each factor that changes."
_WHOLE = "Look for `astype(int)`, `//`, or an array made of whole numbers: what is stored in it is cut."

MISSING_TERM = Slip("missing-term", "a term is missing", _TERMS)
SIGN = Slip("wrong-coefficient", "a term has the wrong sign", _SIGNS)
COEFFICIENT = Slip(
    "wrong-coefficient", "a term has another factor", "Follow each factor through your derivation.", 2
)
MISSING_FACTOR = Slip("missing-factor", "a factor is missing", _FACTORS)
ORDER = Slip("product-order", "the factors stand in another order", _ORDER)
ENTRYWISE = Slip(
    "elementwise",
    "entries are taken one by one where matrices should be",
    "`*` and `/` work entry by entry. Use `@` for products of matrices and a matrix inverse for 1/A.",
)
MATRIX_PRODUCT = Slip(
    "elementwise", "matrices are multiplied where entries should be", "Entry by entry is `*`."
)
TRANSPOSED = Slip(
    "transposed-factor",
    "a factor is transposed that should not be, or the other way round",
    "Transpose a whole product at once, and mind which factors then stand transposed.",
)
CONJUGATED = Slip(
    "conjugated-factor",
    "a factor is conjugated that should not be, or the other way round",
    "Ask of every factor whether it must be conjugated.",
)
POWER = Slip("wrong-power", "a factor has another power", "Count how often that factor occurs in each term.")
INVERSE = Slip("wrong-power", "a factor is not inverted, or one is that should not be", _FACTORS)
VARIABLE = Slip(
    "wrong-variable", "one argument stands in the place of another", "Read it once more, name by name."
)
FUNCTION = Slip(
    "other-function", "another function stands where one belongs", "Read it once more, function by function."
)
PRECEDENCE = Slip(
    "precedence",
    "an operation reaches too far, or not far enough",
    "Put the brackets where they belong, and test it.",
)
RANGE = Slip(
    "wrong-range",
    "a sum has one term too few or too many",
    "Write its first and its last term down for n = 2: `range(n)` ends at n − 1.",
)
SIGNS_OF_MINORS = Slip(
    "checkerboard-signs", "the signs of the cofactors are others", "Where does (−1)ⁱ⁺ʲ come from?"
)
PROJECTION = Slip(
    "wrong-projection",
    "it is not the projection onto the space in which the input moves",
    "Project the gradient for free entries orthogonally onto that space.",
)
SYMMETRIC = Slip(
    "only-symmetric",
    "an argument is made symmetric, or taken for symmetric",
    "Follow each transpose through your derivation without using A = Aᵀ.",
)
WHOLE = Slip("whole-numbers", "an argument was cut to whole numbers", _WHOLE)
SIZES = Slip("absolute-value", "signs are lost", "Look for `abs`, or a square root of a square.")
REAL = Slip("real-parts", "imaginary parts are lost", "Look for `.real`, or an array made for real numbers.")
NUMBER = Slip("wrong-coefficient", "a number is another", "Follow each number through your derivation.", 2)

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
    "power rule": tuple(
        (RANGE if "without" in rule or "more" in rule else POWER, rule) for rule in [*POWER_RULES][1:]
    ),
    "pairs of rows": tuple((RANGE, sum) for sum in [*PAIRS_OF_ROWS][1:]),
}
"""What stands for a function by mistake, with the same arguments."""
