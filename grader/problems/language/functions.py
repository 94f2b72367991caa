"""The functions of the language: one row for each, with the arguments that it takes."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

NORMS = ("fro", "2", "nuc", "1", "inf", "max")
CONSTANTS = frozenset({"axis", "keepdims", "order"})
"""Arguments that are constants; all others are values."""


@dataclass(frozen=True, slots=True)
class Signature:
    """How a function is called.

    Args:
        text: its arguments as Python writes them.
        arguments: those that are values, in order; required: how many of them are needed.
        constants: name → default of those that are constants.
        spread: the name of what stands for any number of arguments, or for one list of them.
        kinds: the words that `kind`, the second argument, may be.
        functions: the arguments that are functions.
    """

    text: str
    arguments: tuple[str, ...]
    required: int
    constants: Mapping[str, Any]
    spread: str = ""
    kinds: tuple[str, ...] = ()
    functions: tuple[str, ...] = ()

    @property
    def optional(self) -> list[str]:
        """The arguments that have a default, which can be given by name."""
        return [*self.arguments[self.required :], *self.constants]

    @property
    def positions(self) -> list[str]:
        """All arguments that can be given by position, in order."""
        return [*self.arguments, *self.constants]


def signature(text: str, kinds: tuple[str, ...] = (), functions: tuple[str, ...] = ()) -> Signature:
    """Read a signature, such as `A, axis=None`."""
    definition = ast.parse(f"def _({text}): ...").body[0]
    assert isinstance(definition, ast.FunctionDef)
    found = definition.args
    names = [argument.arg for argument in (*found.args, *found.kwonlyargs)]
    given = [*found.defaults, *(default for default in found.kw_defaults if default is not None)]
    defaults = dict(zip(names[len(names) - len(given) :], map(ast.literal_eval, given), strict=True))

    arguments = tuple(name for name in names if name not in CONSTANTS)
    required = sum(name not in defaults for name in arguments)
    constants = {name: defaults[name] for name in names if name in CONSTANTS}
    spread = found.vararg.arg if found.vararg is not None else ""
    return Signature(text, arguments, required, constants, spread, kinds, functions)


_ENTRYWISE = ("sqrt", "log", "exp", "abs")
_OF_A_MATRIX = ("det", "inv", "trace", "logdet", "adj")

FUNCTIONS: Mapping[str, Signature] = {
    **{name: signature("x") for name in _ENTRYWISE},
    **{name: signature("A") for name in (*_OF_A_MATRIX, "vec", "copy")},
    "eye": signature("n"),
    "diag": signature("A"),
    "sum": signature("A"),
    "solve": signature("A, b"),
    "norm": signature("A, kind='fro'", kinds=NORMS),
    "kron": signature("A, B"),
    "power": signature("A, k"),
    "zeros": signature("*shape"),
    "ones": signature("*shape"),
    "stack": signature("*arrays, axis=0"),
    "where": signature("condition, x, y"),
}
"""Name → signature. A function has a row here and an entry in each algebra."""

INTERNAL = ("real", "⟨,⟩")
"""Operations that no expression can name; asks need them: the real part, and ⟨P, Q⟩ = Re tr(PᴴQ)."""

APPLY = "apply"
"""The operation that calls a function which the expression was given by name."""

FRESH = frozenset({"zeros", "ones", "eye", "copy"})
"""Functions that make an array whose entries may be set."""
COMPARISONS = frozenset({"<", "<=", ">", ">=", "==", "!="})
