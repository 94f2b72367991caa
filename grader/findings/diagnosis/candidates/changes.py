"""Slips of students: a formula in which one factor, term, sign, power, name or function is another."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from typing import NamedTuple

from grader.findings.diagnosis.candidates.formulas import (
    NORM_CHANGES,
    NORM_GRADIENT_CHANGES,
)
from grader.findings.diagnosis.candidates.mathematical_slips import (
    COEFFICIENT,
    CONJUGATED,
    ENTRYWISE,
    FUNCTION,
    INVERSE,
    MISSING_FACTOR,
    MISSING_TERM,
    NUMBER,
    ORDER,
    OTHER_FUNCTIONS,
    POWER,
    PRECEDENCE,
    PROJECTION,
    RANGE,
    REAL,
    SIGN,
    SIZES,
    SYMMETRIC,
    TRANSPOSED,
    VARIABLE,
    WHOLE,
    Slip,
)
from grader.findings.diagnosis.candidates.trees import (
    chain,
    depends_on,
    joined,
    name,
    number,
    op,
    operations,
    replace_all,
    with_argument,
)
from grader.problems.language import APPLY, Name, Node, Number, Operation


class Changed(NamedTuple):
    """A formula with a slip in it."""

    node: Node
    slip: Slip


class Names(NamedTuple):
    """The names that a formula may have.

    Args:
        alike: for each argument and size, the others that may stand in its place.
        numbers: those that are one number.
    """

    alike: Mapping[str, Sequence[str]]
    numbers: frozenset[str]


Changes = Iterator[tuple[Slip, Node]]


def changed_formulas(root: Node, names: Names) -> Iterator[Changed]:
    """All formulas that are one slip away."""
    for slip, node in _changes_inside(root, names):
        yield Changed(node, slip)
    for slip, node in (*_changes_everywhere(root, names), *_changes_in_terms(root, names)):
        yield Changed(node, slip._replace(cost=slip.cost + 1))


def _changes_inside(node: Node, names: Names) -> Changes:
    """Changes at one place of a formula."""
    yield from _changes_of(node, names)
    if isinstance(node, Operation):
        for k, argument in enumerate(node.arguments):
            for slip, changed in _changes_inside(argument, names):
                yield slip, with_argument(node, k, changed)


def _changes_everywhere(root: Node, names: Names) -> Changes:
    """The same change wherever a name or an operation occurs, and in every term of a sum."""
    for text, others in names.alike.items():
        if not depends_on(root, text):
            continue
        for slip, new in _changes_of(name(text), names):
            yield slip, _put_for_names(root, {text: new})
        for other in others:
            yield VARIABLE, _put_for_names(root, {text: name(other), other: name(text)})

    counts = Counter(node.name for node in operations(root))
    for operation, count in counts.items():
        if count == 1:
            continue
        first = next(node for node in operations(root) if node.name == operation)
        for k, (slip, _) in enumerate(_changes_of(first, names)):
            yield slip, replace_all(root, partial(_changed_alike, operation, k, names))


def _changes_in_terms(node: Node, names: Names) -> Changes:
    """The same change everywhere in one term of a sum, or in both where they are written alike."""
    if not isinstance(node, Operation):
        return
    for k, argument in enumerate(node.arguments):
        inside = _changes_everywhere if node.name in ("+", "-") else _changes_in_terms
        for slip, changed in inside(argument, names):
            yield slip, with_argument(node, k, changed)
    if node.name in ("+", "-"):
        left, right = (list(_changes_inside(argument, names)) for argument in node.arguments)
        if [slip for slip, _ in left] == [slip for slip, _ in right]:
            for (slip, A), (_, B) in zip(left, right, strict=True):
                yield slip, op(node.name, A, B)


def _changed_alike(operation: str, k: int, names: Names, node: Node) -> Node | None:
    """The k-th change of a node, if it is that operation."""
    if not isinstance(node, Operation) or node.name != operation:
        return None
    changes = list(_changes_of(node, names))
    return changes[k][1] if k < len(changes) else None


def _put_for_names(root: Node, others: Mapping[str, Node]) -> Node:
    return replace_all(root, lambda node: others.get(node.name) if isinstance(node, Name) else None)


def _changes_of(node: Node, names: Names) -> Changes:
    """Changes of a sub-formula itself, not of its parts."""
    if isinstance(node, Number):
        if node.value not in (0, 1):
            yield NUMBER, number(1.0)
        return
    yield from _wrapped(node)
    if isinstance(node, Name):
        yield from _renamed_argument(node, names)
        return

    yield from (
        (slip, op(new, *node.arguments, kind=node.kind)) for slip, new in OTHER_FUNCTIONS.get(node.name, ())
    )
    rule = _SPECIAL.get(node.name)
    if rule is not None:
        yield from rule(node)
    yield from _brackets(node)
    if node.name in ("*", "@", "solve", "inv", APPLY):
        for other in names.alike:
            yield VARIABLE._replace(cost=3), name(other)


def _wrapped(node: Node) -> Changes:
    """A sub-formula transposed, conjugated, or no longer so."""
    if isinstance(node, Operation) and node.name in (".T", ".H", ".C"):
        (inside,) = node.arguments
        yield CONJUGATED if node.name == ".C" else TRANSPOSED, inside
        # In a fixed order: of formulas that are as likely, the first is named.
        for other in (".T", ".H", ".C"):
            if other != node.name:
                slip = CONJUGATED if {node.name, other} == {".T", ".H"} else TRANSPOSED
                yield slip, op(other, inside)
        return
    yield TRANSPOSED, op(".T", node)
    yield CONJUGATED, op(".C", node)
    yield TRANSPOSED, op(".H", node)


def _renamed_argument(node: Name, names: Names) -> Changes:
    if node.name not in names.alike:
        return
    for other in names.alike[node.name]:
        yield VARIABLE, name(other)
        yield VARIABLE, op(".T", name(other))
        yield (
            VARIABLE._replace(difference="one argument is added to another", cost=3),
            op("+", node, name(other)),
        )
    yield WHOLE, op("truncated", node)
    yield SIZES, op("abs", node)
    yield REAL, op("real", node)
    yield SIGN, op("neg", node)
    if node.name in names.numbers:
        yield POWER, op("reciprocal", node)
        yield POWER, op("square", node)
        return

    yield INVERSE, op("inv", node)
    yield ENTRYWISE, op("reciprocal", node)
    yield POWER, op("@", node, node)
    yield POWER, op("square", node)
    yield SYMMETRIC, op("symmetric part", node)
    yield FUNCTION, op("diagonal", node)
    for number_of in (op("trace", node), op("det", node), op("norm", node, kind="fro"), op("sum", node)):
        yield FUNCTION._replace(cost=2), op("*", number_of, op("identity", node))
    yield MISSING_FACTOR._replace(cost=2), op("identity", node)


def _product(node: Operation) -> Changes:
    A, B = node.arguments
    factors = chain(node)

    for k in range(1, len(factors)):
        pair = op("*", factors[k - 1], factors[k])
        yield ENTRYWISE, joined([*factors[: k - 1], pair, *factors[k + 1 :]])
    for k in range(1, len(factors) - 1):
        yield ENTRYWISE, op("*", joined(factors[:k]), joined(factors[k:]))
        yield ORDER, joined([*factors[: k - 1], factors[k], factors[k - 1], *factors[k + 1 :]])
        yield ORDER, joined([*factors[k:], *factors[:k]])

    yield MISSING_FACTOR, B
    yield MISSING_FACTOR, A
    yield ORDER, op(node.name, B, A)
    yield POWER, op(node.name, A, op(node.name, A, B))
    yield POWER, op(node.name, op(node.name, A, B), B)
    other_sign = "@" if node.name == "*" else "*"
    yield PRECEDENCE._replace(cost=3), op(other_sign, B, A)


def _quotient(node: Operation) -> Changes:
    A, B = node.arguments
    yield MISSING_FACTOR, A
    yield MISSING_FACTOR._replace(cost=2), op("reciprocal", B)
    yield (
        ORDER._replace(difference="the quotient is upside down", step="Check which one divides the other."),
        op("/", B, A),
    )
    yield POWER, op("/", node, B)


def _sum(node: Operation) -> Changes:
    A, B = node.arguments
    other_sign, second = ("+", op("neg", B)) if node.name == "-" else ("-", B)
    yield MISSING_TERM, A
    yield MISSING_TERM, second
    yield SIGN, op(other_sign, A, B)
    yield SIGN, op("+", op("neg", A), second)

    for factor in (2.0, 0.5):
        yield COEFFICIENT, op(node.name, op("*", number(factor), A), B)
        yield COEFFICIENT, op(node.name, A, op("*", number(factor), B))
    yield FUNCTION._replace(cost=3), op("*", A, B)


def _inverse(node: Operation) -> Changes:
    yield INVERSE, node.arguments[0]
    yield POWER, op("@", node, node)
    yield POWER, op("square", node)
    yield MISSING_FACTOR._replace(cost=2), op("identity", node)


def _determinant(node: Operation) -> Changes:
    yield SIZES, op("abs", node)
    yield POWER, op("square", node)
    yield POWER, op("reciprocal", node)


def _solution(node: Operation) -> Changes:
    A, b = node.arguments
    yield MISSING_FACTOR, b
    yield ORDER, op("solve", b, A)
    yield ORDER, op("@", b, op("inv", A))
    yield ENTRYWISE, op("*", op("inv", A), b)
    yield ENTRYWISE, op("/", b, A)
    yield ENTRYWISE, op("@", op("reciprocal", A), b)
    yield POWER, op("solve", A, node)

    for number_of in (op("det", A), op("trace", A)):
        yield FUNCTION._replace(cost=2), op("/", b, number_of)
        yield FUNCTION._replace(cost=3), op("*", number_of, b)
    yield FUNCTION._replace(cost=2), op("/", b, op("norm", A, kind="fro"))
    yield FUNCTION._replace(cost=2), op("solve", op("diagonal", A), b)


def _norm(node: Operation) -> Changes:
    x, *rest = node.arguments
    kinds = ("fro", "2", "nuc", "1", "inf", "max")
    yield from ((FUNCTION, op("norm", x, kind=kind)) for kind in kinds if kind != node.kind)
    yield FUNCTION, op("entry norm", *node.arguments, kind=node.kind)
    yield POWER, op("norm squared", *node.arguments, kind=node.kind)
    yield REAL, Operation("norm", (op("real", x), *rest), 0, node.kind)
    if rest:
        yield from ((FUNCTION._replace(cost=2), op("norm as", x, *rest, kind=way)) for way in NORM_CHANGES)
    if isinstance(x, Operation) and x.name == "*":
        yield PRECEDENCE, op("*", x.arguments[0], Operation("norm", (x.arguments[1], *rest), 0, node.kind))


def _norm_gradient(node: Operation) -> Changes:
    ways = NORM_GRADIENT_CHANGES
    yield from (
        (FUNCTION._replace(cost=2), op("norm gradient as", *node.arguments, kind=way)) for way in ways
    )


def _with_exponent(node: Operation) -> Changes:
    A, k = node.arguments[:2]
    exponents: tuple[Node, Node] = op("-", k, number(1.0)), op("+", k, number(1.0))
    if isinstance(k, Number):
        value = float(k.value.real)
        exponents = number(value - 1), number(value + 1)

    for exponent in exponents:
        yield POWER, with_argument(node, 1, exponent)
    yield POWER, A


def _unary(node: Operation) -> Changes:
    yield FUNCTION._replace(difference=f"`{node.name}` is missing"), node.arguments[0]


def _negated(node: Operation) -> Changes:
    yield SIGN, node.arguments[0]


def _projected(node: Operation) -> Changes:
    yield PROJECTION, node.arguments[0]


def _outer(node: Operation) -> Changes:
    u, v = node.arguments
    yield ORDER, op("outer", v, u)
    yield ENTRYWISE, op("*", u, v)
    yield ENTRYWISE, op("diag", op("*", u, v))
    yield FUNCTION, op("*", op("@", u, v), op("identity", node))
    yield FUNCTION, op("*", op("vdot", u, op(".C", v)), op("identity", node))


def _trace(node: Operation) -> Changes:
    """Sums over the diagonal of a product may also run over that of the product turned round."""
    (X,) = node.arguments
    if isinstance(X, Operation) and X.name == "@":
        turned = op("@", X.arguments[1], X.arguments[0])
        yield RANGE, op("trace without last", turned)
        yield RANGE, op("trace without first", turned)
        yield FUNCTION, op("sum", turned)
        yield FUNCTION, op("*", *(op("trace", factor) for factor in X.arguments))
        yield FUNCTION._replace(cost=2), op("@", *(op("diag", factor) for factor in X.arguments))


def _applied(node: Operation) -> Changes:
    yield FUNCTION, node.arguments[0]


_SPECIAL: Mapping[str, Callable[[Operation], Changes]] = {
    "@": _product,
    "*": _product,
    "/": _quotient,
    "+": _sum,
    "-": _sum,
    "neg": _negated,
    "inv": _inverse,
    "det": _determinant,
    "adj": _determinant,
    "solve": _solution,
    "norm": _norm,
    "norm gradient": _norm_gradient,
    "power": _with_exponent,
    "**": _with_exponent,
    "power rule": _with_exponent,
    "outer": _outer,
    "trace": _trace,
    "symmetric part": _projected,
    "tril": _projected,
    APPLY: _applied,
    **dict.fromkeys(("sqrt", "log", "exp", "abs", "sum", "diag", "sign", "logdet"), _unary),
}


def _brackets(node: Operation) -> Changes:
    """An operation on a sum that reaches one of its terms only, or the other way round."""
    for k, inner in enumerate(node.arguments):
        if not isinstance(inner, Operation):
            continue
        if node.name not in ("+", "-", "neg") and inner.name in ("+", "-"):
            x, y = inner.arguments
            yield PRECEDENCE, op(inner.name, with_argument(node, k, x), y)
            yield PRECEDENCE, op(inner.name, x, with_argument(node, k, y))

        if node.name in ("+", "-") and inner.name in ("@", "*", "/"):
            other = node.arguments[1 - k]
            x, y = inner.arguments
            pair = (x, other) if k == 0 else (other, x)
            yield PRECEDENCE, op(inner.name, op(node.name, *pair), y)
            pair = (y, other) if k == 0 else (other, y)
            yield PRECEDENCE._replace(cost=2), op(inner.name, x, op(node.name, *pair))
