"""The check of a relation: does it hold at what was returned, and how is it said if not?"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from grader.problems.relation import Relation, RelationKind
from grader.truths.relations import Residual


def describe_residual(relation: Relation, residual: Residual) -> str:
    """Say what is wrong with a relation that does not hold."""
    if residual.cause:
        what = relation.expression.text
        if relation.kind == "span_of":
            what = f"the span of {relation.of}"
        return f"{what} cannot be compared: {residual.cause}"
    return _WORDS[relation.kind](relation, residual)


def _say_zero(relation: Relation, residual: Residual) -> str:
    text = relation.expression.text
    return f"{text} must be 0; its norm is {residual.size:.2g}, and {residual.allowed:.2g} is allowed"


def _say_sign(relation: Relation, residual: Residual) -> str:
    bound = "more than 0" if relation.strict else "0 or more"
    least = float(residual.value.real.min())
    text = relation.expression.text
    if residual.value.ndim == 0:
        return f"{text} must be {bound}, but it is {least:.2g}"
    return f"every entry of {text} must be {bound}, but the smallest is {least:.2g}"


def _say_not(relation: Relation, residual: Residual) -> str:
    found = "it is 0" if residual.size == 0 else f"its norm, {residual.size:.2g}, is no more than rounding"
    return f"{relation.expression.text} must not be 0, but {found}"


def _say_span(relation: Relation, residual: Residual) -> str:
    words = f"the columns of {relation.of} do not span those of {relation.expression.text}"
    return f"{words}: what is left of them has the norm {residual.size:.2g}, and {residual.allowed:.2g} is allowed"


_WORDS: Mapping[RelationKind, Callable[[Relation, Residual], str]] = {
    "holds": _say_zero,
    "at_least": _say_sign,
    "is_not": _say_not,
    "span_of": _say_span,
}
