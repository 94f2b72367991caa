"""Which arrays of a program are its own, and which names share their entries in numpy."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from grader.problems.language.functions import APPLY
from grader.problems.language.nodes import (
    Argument,
    Function,
    Name,
    Number,
    Operation,
    Word,
    is_operation,
    names_set_by,
    walk,
)

P = TypeVar("P")
_UNKNOWN = -1
"""The number of axes of an array of which only the evaluation knows it."""

WHOLE = "whole numbers"
"""What stands among the arrays that a name may hold if its entries may be whole numbers in numpy."""

FLOATS = frozenset({"zeros", "ones", "eye", "/"})
"""Operations whose result is no array of whole numbers."""

VIEWS = frozenset(
    {
        *("[]", ".T", ".H", "real", "imag", "conj", "reshape", "ravel", "vec", "swapaxes", "flip", "diag"),
        *("power", "stack", "if", "einsum", APPLY),
    }
)
"""Operations whose result shares its entries with an operand, or may; a list, which is read as stack, holds them."""


@dataclass(frozen=True, slots=True)
class Binding:
    """What a name is bound to: an array of its own with so many axes (0: a number), or what others hold too."""

    axes: int | None
    sources: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Sharing:
    """What is known at one place.

    Args:
        own: name → axes of the arrays and numbers that the program made.
        views: (name, array): the name may hold entries of the array; of array′ if that name stands for another by now.
        reads: (function, name): the function reads the name when it is called.
    """

    own: frozenset[tuple[str, int]] = frozenset()
    views: frozenset[tuple[str, str]] = frozenset()
    reads: frozenset[tuple[str, str]] = frozenset()

    def axes(self, name: str) -> int | None:
        """The number of axes of an array of the program's own; None if the name holds no such array."""
        return dict(self.own).get(name)

    def holders(self, name: str) -> list[str]:
        """The other names that may hold entries of an array."""
        return sorted(holder for holder, array in self.views if array == name)

    def readers(self, name: str) -> list[str]:
        """The functions that read a name."""
        return sorted(function for function, read in self.reads if read == name)

    def binding(self, value: Argument) -> Binding:
        """What a name is bound to by `name = value`."""
        if isinstance(value, Number) or self._is_entry(value):
            return Binding(0)
        if self._is_whole(value):
            return Binding(None, self.sources(value) | {WHOLE})
        if isinstance(value, Operation) and value.name not in VIEWS:
            return Binding(_axes(value))
        return Binding(None, self.sources(value))

    def sources(self, value: Argument) -> frozenset[str]:
        """The names whose entries a value may share."""
        if isinstance(value, Name):
            return self._held([value.name])
        if not isinstance(value, Operation) or self._is_new(value):
            return frozenset()

        sources = frozenset[str]().union(*map(self.sources, _operands(value)))
        if value.name == APPLY:
            sources |= self._held([value.kind])
        return sources

    def bind(self, bindings: Mapping[str, Binding]) -> Sharing:
        """What is known behind an assignment of all these names at once."""
        own, views = {*_of_others(self.own, bindings)}, set()
        former = {name: f"{name}′" for name in bindings}
        for holder, array in _of_others(self.views, bindings):
            if array in bindings and self._is_heir(holder, array):
                own.add((holder, _UNKNOWN))
            else:
                views.add((holder, former.get(array, array)))

        for name, binding in bindings.items():
            if binding.axes is not None:
                own.add((name, binding.axes))
            views |= {(name, former.get(source, source)) for source in binding.sources}
        return Sharing(frozenset(own), frozenset(views), self.reads)

    def _is_heir(self, holder: str, array: str) -> bool:
        """Is an array of the program's own held by one other name alone, which holds nothing else?"""
        held = [source for name, source in self.views if name == holder]
        is_alone = held == [array] and self.holders(array) == [holder]
        return is_alone and self.axes(array) is not None

    def define(self, name: str, function: Function) -> Sharing:
        """What is known behind the definition of a function, which holds all that it reads."""
        free = _free_names(function)
        views = {(name, source) for source in self._held(free) - {name}}
        reads = {(name, read) for read in free}
        return Sharing(self.own, self.views | views, self.reads | reads)

    def without(self, functions: Iterable[str]) -> Sharing:
        """What is known where some functions are not defined yet."""
        gone = {*functions}
        return Sharing(self.own, _of_others(self.views, gone), _of_others(self.reads, gone))

    def meet(self, other: Sharing) -> Sharing:
        """What is known where two ways meet."""
        same = self.own & other.own
        in_both = dict(self.own).keys() & dict(other.own).keys()
        of_two_kinds = in_both - dict(same).keys()
        own = same | {(name, _UNKNOWN) for name in of_two_kinds}
        return Sharing(own, self.views | other.views, self.reads | other.reads)

    def _is_whole(self, value: Argument) -> bool:
        """May a value have entries that are whole numbers, as arange(n) and [1, 2] do?"""
        if isinstance(value, Name):
            return (value.name, WHOLE) in self.views
        if not isinstance(value, Operation) or value.name in FLOATS:
            return False
        return _makes_whole(value) or any(map(self._is_whole, _operands(value)))

    def _held(self, names: Iterable[str]) -> frozenset[str]:
        """Some names, and the arrays whose entries they may hold."""
        found = {*names}
        return frozenset(found | {array for holder, array in self.views if holder in found})

    def _is_new(self, value: Operation) -> bool:
        """Is the result no view: numbers that are computed, one entry, or entries picked by a list?"""
        if value.name != "[]":
            return value.name not in VIEWS
        has_list = any(is_operation(part, "stack") for part in value.arguments[1:])
        return has_list or self._is_entry(value)

    def _is_entry(self, value: Argument) -> bool:
        """Is it one entry, by an index with a whole number for each axis?"""
        if not is_operation(value, "[]"):
            return False
        array, *parts = value.arguments
        if not all(map(_is_one_number, parts)):
            return False

        axes = self.axes(array.name) if isinstance(array, Name) else None
        if axes in (None, _UNKNOWN):
            return len(parts) >= 2
        return len(parts) == axes


NOTHING = Sharing()
"""What is known where a program begins."""


def _of_others(pairs: frozenset[tuple[str, P]], names: Collection[str]) -> frozenset[tuple[str, P]]:
    """The pairs that do not begin with one of these names."""
    return frozenset(pair for pair in pairs if pair[0] not in names)


def _is_one_number(part: Argument) -> bool:
    """Is a part of an index one number: no list, no slice, and no word such as None?"""
    return not isinstance(part, Word) and not is_operation(part, "slice", "stack")


def _operands(value: Operation) -> Sequence[Argument]:
    """The arguments that are arrays: of an entry not its index."""
    return value.arguments[:1] if value.name == "[]" else value.arguments


def _axes(value: Operation) -> int:
    """The number of axes that an array is made with."""
    if value.name == "eye":
        return 2
    has_word = any(isinstance(part, Word) for part in value.arguments)
    if value.name in ("zeros", "ones") and not has_word:
        return len(value.arguments)
    return _UNKNOWN


def _makes_whole(value: Operation) -> bool:
    """Is it arange, or do a list or the two values of where consist of numbers alone?"""
    match value.name:
        case "arange":
            return True
        case "stack":
            entries = value.arguments
        case "where":
            entries = value.arguments[1:]
        case _:
            return False
    return not any(isinstance(node, Name) for node in walk(entries))


def _free_names(function: Function) -> frozenset[str]:
    """The names that a function reads and does not set itself, the functions that it calls included."""
    nodes = list(walk(function.roots))
    read = {node.name for node in nodes if isinstance(node, Name)}
    read |= {node.kind for node in nodes if is_operation(node, APPLY)}
    return frozenset(read - {*function.names, *names_set_by(function.body)})
