"""The value of an expression or program in any algebra."""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, TypeVar

from grader.core.text import count
from grader.problems.language.algebra import Algebra, Several
from grader.problems.language.entries import count_entries, makes_many, size_of
from grader.problems.language.errors import (
    Excess,
    ExcessError,
    ExpressionError,
    ExpressionFault,
    ShapeError,
    UndeterminedError,
)
from grader.problems.language.functions import APPLY
from grader.problems.language.nodes import (
    Argument,
    Assign,
    Expression,
    For,
    Function,
    If,
    Name,
    Node,
    Number,
    Operation,
    Return,
    Statement,
    Word,
)

_MOST_STEPS = 5000
"""A program executes no more statements than this, those of its functions included."""
MOST_WHOLE = 10**9
"""Whole numbers are no larger than this."""
_STEPS = ""
"""The name, which no program can write, under which the steps that are left go along with all others."""

T = TypeVar("T")


@dataclass(frozen=True, slots=True, eq=False)
class Closure:
    """A function of a program, with the names that it knows, in an algebra."""

    function: Function
    names: Mapping[str, Any]
    algebra: Algebra[Any]

    @property
    def arity(self) -> int:
        """The number of its arguments."""
        return len(self.function.names)

    def over(self, algebra: Algebra[Any]) -> Closure:
        """The same function in another algebra of the same elements."""
        names = {
            name: value.over(algebra) if isinstance(value, Closure) else value
            for name, value in self.names.items()
        }
        return Closure(self.function, names, algebra)

    def within(self, steps: Iterator[int] | None) -> Closure:
        """The same function, which uses the steps that its caller has left; None for steps of its own."""
        names = {**self.names, _STEPS: steps}
        if steps is None:
            del names[_STEPS]
        return Closure(self.function, names, self.algebra)

    def __call__(self, *arguments: Any) -> Any:
        """Its value."""
        if len(arguments) != self.arity:
            raise ShapeError(f"a function of {self.arity} arguments is given {len(arguments)}")
        inner = {**self.names, **dict(zip(self.function.names, arguments, strict=True))}
        return _call(self.function.body, inner, self.algebra)


def function_of(
    argument: str, expression: Expression, names: Mapping[str, Any], algebra: Algebra[Any]
) -> Closure:
    """The function x ↦ expression, with what its other names stand for."""
    body = expression.body
    if not body:
        assert expression.tree is not None
        body = (Return((expression.tree,), 1, 1),)
    return Closure(Function((argument,), body, 1), names, algebra)


def evaluate(expression: Expression, names: Mapping[str, Any], algebra: Algebra[T]) -> T:
    """The value of an expression or program in an algebra; `Several` if it returns several.

    Args:
        names: what each name stands for: an element of the algebra, a function on it, or the name of a norm.

    Raises:
        ExpressionError: an operation raised ShapeError; the place is the operation's.
    """
    if not expression.body and expression.tree is not None:
        result: T = _evaluate(expression.tree, names, algebra)
    else:
        result = _call(expression.body, dict(names), algebra)
    return result


def _evaluate(node: Argument, names: Mapping[str, Any], algebra: Algebra[T]) -> Any:
    if isinstance(node, Operation):
        return _operate(node, names, algebra)

    if isinstance(node, Name):
        try:
            value = names[node.name]
        except KeyError:
            words = f"'{node.name}' has no value here: no line that sets it was reached"
            raise _error(node, words) from None
        return algebra.number(value) if type(value) is int else value

    if isinstance(node, Number):
        return algebra.number(node.value)
    if isinstance(node, Word):
        return node.value
    return Closure(node, dict(names), algebra)


def _operate(node: Operation, names: Mapping[str, Any], algebra: Algebra[T]) -> Any:
    name = node.name
    if name in _WITH_INDEX:
        return _index(node, names, algebra)
    if name == "if":
        condition, value, otherwise = node.arguments
        chosen = value if constant_value(condition, names, algebra) else otherwise
        return _evaluate(chosen, names, algebra)

    arguments = [_evaluate(argument, names, algebra) for argument in node.arguments]
    if algebra.watch is not None:
        algebra.watch(node, arguments)
    if name in _WHOLE_ONLY:
        _check_whole(node, names, algebra)
    if name == "reshape":
        _check_sides(node, arguments[1:], algebra)
    if name == APPLY:
        function = names[node.kind]
        if isinstance(function, Closure):
            function = function.within(names.get(_STEPS))
        return _apply(node, function, arguments, algebra)

    # Solvers bound how often they call a function, so that each of their calls has steps of its own.
    arguments = [part.within(None) if isinstance(part, Closure) else part for part in arguments]
    if node.kind:
        arguments.append(node.kind)
    return _apply(node, algebra.operations[name], arguments, algebra)


def _apply(
    node: Operation, function: Callable[..., Any], arguments: Sequence[Any], algebra: Algebra[Any]
) -> Any:
    """Call the function of an operation; what does not fit, or is too large, is a fault at its place."""
    if makes_many(node.name):
        _check_entries(node, count_entries(node.name, arguments, algebra.constant), algebra.most_entries)
    try:
        result = function(*arguments, **dict(node.options))
    except ShapeError as error:
        raise _error(node, str(error), is_excess=isinstance(error, ExcessError)) from None
    except MemoryError:
        words = f"an array has no more than {algebra.most_entries} entries"
        raise _error(node, words, is_excess=True) from None

    _check_entries(node, size_of(result), algebra.most_entries)
    return result


_WHOLE_ONLY = frozenset({"//", "%"})


def _check_whole(node: Operation, names: Mapping[str, Any], algebra: Algebra[Any]) -> None:
    """Refuse a quotient or remainder of data, which has no derivative where it jumps."""
    for part in node.arguments:
        try:
            constant_value(part, names, algebra)
        except UndeterminedError:
            continue
        except ExpressionError:
            words = f"'{node.name}' is for sizes, parameters, loop variables and whole numbers, not for data"
            raise _error(node, f"{words}; write / for a quotient") from None


def _check_sides(node: Operation, sides: Sequence[Any], algebra: Algebra[Any]) -> None:
    """Refuse sides of reshape that are negative, but for one -1."""
    found = []
    for side in sides:
        with suppress(ShapeError, UndeterminedError, TypeError, ValueError):
            found.append(algebra.constant(side))
    negative = [side for side in found if isinstance(side, int) and side < 0]
    if negative not in ([], [-1]):
        words = f"the sides of reshape are whole numbers, found {', '.join(map(str, negative))}"
        raise _error(node, f"{words}; write -1 once for the side that is left")


def _check_entries(node: Operation, entries: int, most: int) -> None:
    if entries > most:
        words = f"an array has no more than {most} entries, and this would have {entries}"
        raise _error(node, words, is_excess=True)


_WITH_INDEX = frozenset({"[]", "[]="})


def _index(node: Operation, names: Mapping[str, Any], algebra: Algebra[T]) -> Any:
    """`x[i, j]`, or the array that `x[i, j] = value` makes of x."""
    fixed = 1 if node.name == "[]" else 2
    arrays = [_evaluate(argument, names, algebra) for argument in node.arguments[:fixed]]
    parts = tuple(_part(argument, names, algebra) for argument in node.arguments[fixed:])
    if isinstance(arrays[0], Several):
        return _one_of(node, arrays[0], parts)
    try:
        return algebra.operations[node.name](*arrays, parts)
    except ShapeError as error:
        raise _error(node, str(error)) from None


def _one_of(node: Operation, values: Several, parts: tuple[Any, ...]) -> Any:
    match parts:
        case (int(which),) if -len(values) <= which < len(values):
            return values[which]
    words = f"this returns {len(values)} values; which one is a whole number below {len(values)}"
    raise _error(node, words)


def _part(node: Argument, names: Mapping[str, Any], algebra: Algebra[T]) -> Any:
    """A part of an index: a whole number or a list of them, a slice, None or an ellipsis."""
    if isinstance(node, Word):
        return node.value
    if isinstance(node, Operation) and node.name == "slice":
        return slice(*(_part(bound, names, algebra) for bound in node.arguments))
    if isinstance(node, Operation) and node.name == "stack":
        return [_part(element, names, algebra) for element in node.arguments]
    return constant_value(node, names, algebra)


_CONSTANT: Mapping[str, Callable[..., Any]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "//": operator.floordiv,
    "/": operator.truediv,
    "%": operator.mod,
    "neg": operator.neg,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "==": operator.eq,
    "!=": operator.ne,
    "not": operator.not_,
    "and": lambda *values: all(values),
    "or": lambda *values: any(values),
    "abs": abs,
}
"""What bounds of loops, conditions and indices are made by."""


_NO_CONSTANT = (
    "bounds, indices and conditions are made of sizes, parameters, loop variables and whole numbers; "
    "to decide on data write where(x > 0, a, b)"
)


def constant_value(node: Argument, names: Mapping[str, Any], algebra: Algebra[T]) -> Any:
    """The number or word that bounds, conditions and indices are made of.

    Raises:
        ExpressionError: it is made of something else.
    """
    try:
        if isinstance(node, Number):
            return _bounded(node, _as_whole(node.value))
        if isinstance(node, Word):
            return node.value
        if isinstance(node, Name):
            element = names[node.name]
            return element if isinstance(element, int | str) else algebra.constant(element)
        if isinstance(node, Operation) and node.name in _CONSTANT:
            parts = [constant_value(part, names, algebra) for part in node.arguments]
            return _bounded(node, _on_labels(_CONSTANT[node.name], parts))
        return algebra.constant(_evaluate(node, names, algebra))
    except ExpressionError:
        raise
    except ZeroDivisionError:
        raise _error(node, "division by zero") from None
    except (ShapeError, KeyError, TypeError, ValueError):
        raise _error(node, _NO_CONSTANT) from None


def _as_whole(value: float | complex) -> float | complex:
    is_whole = isinstance(value, float) and value.is_integer()
    return int(value.real) if is_whole else value


def _on_labels(function: Callable[..., Any], parts: Sequence[Any]) -> Any:
    """A function of numbers on numbers and on labels, which are lists in lists."""
    lists = [part for part in parts if isinstance(part, list)]
    if not lists:
        return function(*parts)
    rows = [part if isinstance(part, list) else [part] * len(lists[0]) for part in parts]
    return [_on_labels(function, row) for row in zip(*rows, strict=True)]


def _bounded(node: Node, value: Any) -> Any:
    """A number that is not too large for a bound, condition or index."""
    if isinstance(value, int) and abs(value) > MOST_WHOLE:
        raise _error(node, f"a whole number is at most {MOST_WHOLE}")
    return value


def _call(body: Sequence[Statement], names: dict[str, Any], algebra: Algebra[T]) -> Any:
    """Run statements to their return."""
    names.setdefault(_STEPS, iter(range(_MOST_STEPS)))
    result = _run(body, names, algebra)
    if result is None:
        raise _error(body[-1], "no return was reached")
    return result[0]


def _run(body: Sequence[Statement], names: dict[str, Any], algebra: Algebra[T]) -> tuple[Any] | None:
    """Run statements; what is returned, if anything is."""
    for statement in body:
        _step(statement, names)
        result = None
        match statement:
            case Assign(names=targets, value=value):
                _assign(statement, targets, _evaluate(value, names, algebra), names)
            case Return(values=values):
                returned = [_evaluate(value, names, algebra) for value in values]
                return (returned[0],) if len(returned) == 1 else (Several(returned),)
            case If(condition=condition, body=inner, otherwise=otherwise):
                chosen = inner if constant_value(condition, names, algebra) else otherwise
                result = _run(chosen, names, algebra)
            case For(name=name, bounds=bounds, body=inner):
                result = _loop(statement, name, bounds, inner, names, algebra)
        if result is not None:
            return result
    return None


def _step(statement: Statement, names: Mapping[str, Any]) -> None:
    """Use one of the steps that are left."""
    if next(names[_STEPS], None) is None:
        raise _error(statement, f"more than {_MOST_STEPS} statements are executed")


def _loop(
    statement: Statement,
    name: str,
    bounds: Sequence[Node],
    body: Sequence[Statement],
    names: dict[str, Any],
    algebra: Algebra[T],
) -> tuple[Any] | None:
    try:
        indices = range(*(constant_value(bound, names, algebra) for bound in bounds))
    except ExpressionError:
        raise
    except (TypeError, ValueError):
        raise _error(statement, "the arguments of range are whole numbers, and its step is not 0") from None

    for k in indices:
        _step(statement, names)
        names[name] = k
        result = _run(body, names, algebra)
        if result is not None:
            return result
    return None


def _assign(statement: Statement, targets: Sequence[str], value: Any, names: dict[str, Any]) -> None:
    if len(targets) == 1:
        names[targets[0]] = value
        return
    found = len(value) if isinstance(value, Several) else 1
    if found != len(targets):
        raise _error(statement, f"{len(targets)} names are set by {count(found, 'value')}")
    names.update(zip(targets, value, strict=True))


def _error(node: Argument | Statement, message: str, *, is_excess: bool = False) -> ExpressionError:
    fault = Excess if is_excess else ExpressionFault
    return ExpressionError([fault(node.line, node.column, message)])
