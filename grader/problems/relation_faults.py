"""Relations of a `problem.yaml` read, and their faults: names, shapes at every size, and what they are beside."""

from __future__ import annotations

import keyword
import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import Any

from grader.core.errors import suggest
from grader.core.text import count, list_values
from grader.problems.language import FUNCTIONS, Expression, ExpressionError, Several, parse
from grader.problems.output_shape import count_outputs, functions_of, parse_map
from grader.problems.problem_yaml import ProblemFile, Roles, names_of, roles_of, sizes_in_order, told_sizes
from grader.problems.relation import Relation, RelationKind, ReturnedArray, letters_of, measure
from grader.problems.relation_yaml import RelationFile, ReturnFile
from grader.problems.shapes import Shape, evaluate_shape, show_shape
from grader.problems.sides import as_sizes
from grader.problems.uses import expression_faults, find_misuses
from grader.problems.yaml_model import FieldFault
from grader.problems.yaml_reader import FieldPath

_WITHOUT_MAP = ("shape", "pure", "cost")
"""Checks that compare nothing with f."""
_MOST_SIZES = 300
"""Combinations of sizes at which shapes are tried."""


def returns_of(file: ProblemFile) -> tuple[ReturnedArray, ...]:
    """The returned arrays of a file."""
    return tuple(
        ReturnedArray(name, tuple(returned.shape), returned.complex)
        for name, returned in file.returns.items()
    )


def relation_of(file: ProblemFile, relation: RelationFile) -> Relation:
    """A relation of a file.

    Raises:
        ExpressionError: with the faults of its expression.
    """
    expression = parse(relation.text, _names(file, roles_of(file)), file.functions)
    return Relation(
        kind=relation.kind,
        expression=expression,
        of=_spanned(file, relation) if relation.kind == "span_of" else "",
        strict=relation.strict,
        backward_stable=relation.backward_stable,
    )


def _spanned(file: ProblemFile, relation: RelationFile) -> str:
    """The returned array that a span_of is about."""
    return relation.of or next(iter(file.returns))


def find_relation_faults(file: ProblemFile) -> list[FieldFault]:
    """Find what is wrong with the relations of a file, whose inputs, sizes and signature have no faults."""
    if not file.relations:
        return [*_unused_faults(file), *_freedom_faults(file)]

    faults = [*_return_faults(file), *_map_faults(file), *_freedom_faults(file)]
    for position, relation in enumerate(file.relations):
        faults += _kind_faults(file, relation, ("relations", position))
    if not any(relation.points > 0 for relation in file.relations):
        faults.append((("relations",), "a relation needs points, or wrong answers could pass"))
    if faults:
        return faults

    for position, relation in enumerate(file.relations):
        faults += _equation_faults(relation, ("relations", position, relation.kind))
    if faults:
        return faults

    roles = roles_of(file)
    for position, relation in enumerate(file.relations):
        faults += _expression_faults(file, roles, relation, ("relations", position, relation.kind))
    return faults or list(_untold_faults(file))


def _unused_faults(file: ProblemFile) -> Iterator[FieldFault]:
    if file.returns:
        yield ("returns",), "names of what is returned are for relations, and there are none"


def _freedom_faults(file: ProblemFile) -> Iterator[FieldFault]:
    if file.up_to is None:
        return
    if file.ask not in ("value", "differential"):
        yield ("up_to",), f"is for a value or a differential, not for a {file.ask}"
    elif file.has_map and _count_outputs(file) > 1:
        yield ("up_to",), "is for an f of one array; for several arrays write relations"


def _count_outputs(file: ProblemFile) -> int:
    return count_outputs(file, parse_map(file))


def _return_faults(file: ProblemFile) -> Iterator[FieldFault]:
    """Names that stand for something else, and sides that nobody can know."""
    if not file.returns:
        yield ("returns",), "is missing; name the arrays of an answer, as in {Q: [m, n], R: [n, n]}"

    taken = {*file.inputs, *file.parameters, *file.functions, *file.sizes, *FUNCTIONS}
    known = _known_sides(file)
    for name, returned in file.returns.items():
        at: FieldPath = ("returns", name)
        if name in taken:
            yield at, f"'{name}' is the name of an input, a size or a function as well"
        elif not name.isidentifier() or keyword.iskeyword(name):
            yield at, f"'{name}' is not a name"

        yield from _side_faults(returned, known, (*at, "shape"))


def _side_faults(returned: ReturnFile, known: Sequence[str], at: FieldPath) -> Iterator[FieldFault]:
    for position, side in enumerate(returned.shape):
        for letter in letters_of(side):
            if letter not in known:
                yield (*at, position), f"'{letter}' is not a size of an input; {suggest(letter, known)}"


def _known_sides(file: ProblemFile) -> list[str]:
    """What sides are made of: sizes that an input tells, and parameters that count."""
    counts = [name for name, parameter in file.parameters.items() if parameter.is_whole]
    return [*told_sizes(file), *counts]


def _needing_map(file: ProblemFile) -> Iterator[FieldFault]:
    """What is about f, where there is none."""
    if file.up_to is not None:
        yield ("up_to",), "says what is free in an answer to f, but there is no f"

    for position, check in enumerate(file.checks):
        if check.check not in _WITHOUT_MAP:
            allowed = ", ".join(_WITHOUT_MAP)
            message = f"'{check.check}' compares with f, and there is none; allowed: {allowed}"
            yield ("checks", position, "check"), message


def _map_faults(file: ProblemFile) -> Iterator[FieldFault]:
    """Relations beside f are about its answer, of which there is one array."""
    if not file.has_map:
        yield from _needing_map(file)
    elif file.ask != "value":
        yield ("relations",), f"relations go with the value of f, not with a {file.ask}"
    else:
        yield from _count_faults(len(file.returns), _count_outputs(file))


def _count_faults(names: int, outputs: int) -> Iterator[FieldFault]:
    if names != outputs:
        here = "here is 1" if names == 1 else f"here are {names}"
        yield ("returns",), f"f returns {count(outputs, 'array')}, and {here}"


def _kind_faults(file: ProblemFile, relation: RelationFile, at: FieldPath) -> Iterator[FieldFault]:
    kinds = list(relation.given)
    if len(kinds) != 1:
        found = f"found {' and '.join(kinds)}" if kinds else "found none"
        yield at, f"needs exactly one of holds, at_least, is_not and span_of; {found}"
        return

    kind = relation.kind
    for word, only in _ONLY_FOR.items():
        if getattr(relation, word) and kind != only:
            yield (*at, word), f"only {only} can be {word}, not {kind}"

    if kind == "span_of":
        yield from _spanned_faults(file, relation, at)
    elif relation.of is not None:
        yield (*at, "of"), "only span_of needs the name of a returned array"


_ONLY_FOR: Mapping[str, RelationKind] = {"strict": "at_least", "backward_stable": "holds"}
"""Words → the kind of relation that they are for."""


def _spanned_faults(file: ProblemFile, relation: RelationFile, at: FieldPath) -> Iterator[FieldFault]:
    """A span_of that does not say which of several arrays it is about, or names none of them."""
    if relation.of is None:
        if len(file.returns) > 1:
            yield at, f"span_of needs of, one of {', '.join(file.returns)}"
    elif relation.of not in file.returns:
        yield (*at, "of"), f"'{relation.of}' is not returned; {suggest(relation.of, file.returns)}"


_EQUATION = re.compile(r"(.*?[^=<>!])(==|!=|>=|<=|=|>|<)([^=].*)", re.DOTALL)
_KIND_OF_SIGN = {
    "=": "holds",
    "==": "holds",
    "!=": "is_not",
    **dict.fromkeys(("<", "<=", ">", ">="), "at_least"),
}


def _equation_faults(relation: RelationFile, at: FieldPath) -> Iterator[FieldFault]:
    """A relation written as an equation or a comparison; its key says what is meant of one expression."""
    sides = _sides(relation.text.strip())
    if sides is None:
        return
    left, sign, right = sides
    if sign in ("<", "<="):
        left, right = right, left

    is_zero = re.fullmatch(r"0(\.0*)?", right)
    difference = left if is_zero else f"{left} - {_bracketed(right)}"
    strict = ", strict: true" if sign in ("<", ">") else ""
    instead = f"{_KIND_OF_SIGN[sign]}: {difference}{strict}"
    yield at, f"a relation is one expression, without {sign}; write {instead}"


def _sides(text: str) -> tuple[str, str, str] | None:
    """The two sides of an equation or comparison that is a whole text, and its sign."""
    match = _EQUATION.fullmatch(text)
    is_program = "\n" in text or "lambda" in text
    if match is None or is_program:
        return None

    left, sign, right = (part.strip() for part in match.groups())
    is_whole = all(left.count(opening) == left.count(closing) for opening, closing in ("()", "[]"))
    return (left, sign, right) if is_whole else None


def _bracketed(text: str) -> str:
    """The right side of a difference."""
    depth = 0
    for letter in text:
        depth += (letter in "([") - (letter in ")]")
        if letter in "+-" and depth == 0:
            return f"({text})"
    return text


def _names(file: ProblemFile, roles: Roles) -> list[str]:
    return [*names_of(file), *roles.directions, *file.returns]


def _expression_faults(
    file: ProblemFile, roles: Roles, relation: RelationFile, at: FieldPath
) -> list[FieldFault]:
    try:
        expression = parse(relation.text, _names(file, roles), file.functions)
    except ExpressionError as error:
        return expression_faults(at, error)

    misuses = find_misuses(file, expression, at, *roles.directions, *file.returns)
    if misuses:
        return misuses
    return _shape_faults(file, roles, relation, expression, at)


def _shape_faults(
    file: ProblemFile, roles: Roles, relation: RelationFile, expression: Expression, at: FieldPath
) -> list[FieldFault]:
    """What is wrong at the first of all sizes at which something is."""
    functions = functions_of(file)
    for sizes in islice(_all_sizes(file), _MOST_SIZES):
        where, shapes = list_values(sizes), _shapes(file, roles, sizes)
        negative = [name for name, shape in shapes.items() if min(shape, default=0) < 0]
        if negative:
            return [(("returns", negative[0]), f"has a negative side for {where}; say more in where")]

        try:
            shape = evaluate_shape(expression, shapes, functions)
        except ExpressionError as error:
            return [(at, f"{fault}, for {where}") for fault in error.faults]

        misfits = _misfits(file, relation, shape, shapes, at, where)
        if misfits:
            return misfits
    return []


def _misfits(
    file: ProblemFile,
    relation: RelationFile,
    shape: Shape,
    shapes: Mapping[str, Any],
    at: FieldPath,
    where: str,
) -> list[FieldFault]:
    """What is wrong with the shape of a relation's expression, at the sizes that `where` tells."""
    if isinstance(shape, Several):
        return [(at, f"must be one array, found {len(shape)}")]
    if relation.kind != "span_of":
        return []

    of = _spanned(file, relation)
    if len(shapes[of]) != 2:
        return [(("returns", of), f"span_of is about columns; write {of}: [n, 1] for a vector")]

    rows = shapes[of][0]
    if len(shape) != 2 or shape[0] != rows:
        wanted = f"must be a matrix with {rows} rows, as {of} has"
        return [(at, f"{wanted}, found {show_shape(shape)}, for {where}")]
    return []


def _all_sizes(file: ProblemFile) -> Iterator[dict[str, int]]:
    """All sizes that are allowed, with the values of parameters that count."""
    lists = {**file.sizes}
    for name, parameter in file.parameters.items():
        if parameter.is_whole:
            lists[name] = [int(value) for value in parameter.values]

    return sizes_in_order(file, lists)


def _shapes(file: ProblemFile, roles: Roles, sizes: Mapping[str, int]) -> dict[str, Any]:
    """The shape of each name at these sizes."""

    def shape(sides: Shape) -> Shape:
        return measure(sides, sizes)

    shapes: dict[str, Any] = dict.fromkeys(file.parameters, ())
    shapes |= as_sizes(sizes)
    shapes |= {name: shape(argument.labelled_shape) for name, argument in file.inputs.items()}
    shapes |= {word: shapes[name] for word, name in roles.directions.items()}
    return shapes | {name: shape(tuple(item.shape)) for name, item in file.returns.items()}


def _untold_faults(file: ProblemFile) -> Iterator[FieldFault]:
    """Returned arrays that no relation uses."""
    used: set[str] = set()
    for relation in file.relations:
        used.update(re.findall(r"\w+", relation.text))
        if relation.kind == "span_of":
            used.add(_spanned(file, relation))

    for name in file.returns:
        if name not in used:
            yield ("returns", name), f"no relation uses '{name}'; add one that does"
