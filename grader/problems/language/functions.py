"""The functions of the language: one row for each, with the arguments that it takes."""

from __future__ import annotations

import ast
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from grader.problems.entry_functions import ALONG_AN_AXIS, BINARY, REDUCTIONS, UNARY

NORMS = ("fro", "2", "nuc", "1", "inf", "max")
MATRIX_FUNCTIONS = (
    *("exp", "expm1", "log", "log1p", "sqrt", "sin", "cos", "tan", "sinh", "cosh", "tanh", "arctan"),
    *("sigmoid", "softplus", "erf", "gammaln"),
)
"""What `funm` applies to a matrix."""
CONSTANTS = frozenset({"axis", "keepdims", "order", "subscripts"})
"""Arguments that are constants; all others are values."""
_WHOLE = frozenset({"k", "n", "m", "i", "j", "shape", "shift", "bounds", "repeats"})
"""Arguments that are whole numbers where a function rearranges or makes arrays."""


@dataclass(frozen=True, slots=True)
class Signature:
    """How a function is called.

    Args:
        text: its arguments as Python writes them.
        arguments: those that are values, in order; required: how many of them are needed.
        constants: name → default of those that are constants.
        spread: the name of what stands for any number of arguments, or for one list of them.
        kinds: the words that the second argument may be.
        functions: the arguments that are functions.
    """

    text: str
    arguments: tuple[str, ...]
    required: int
    constants: Mapping[str, Any]
    spread: str = ""
    kinds: tuple[str, ...] = ()
    functions: tuple[str, ...] = ()

    def tell_whole(self, count: int) -> list[bool]:
        """Tell for each of some arguments whether it is a whole number."""
        return [word in _WHOLE for word in self.name_arguments(count)]

    def name_arguments(self, count: int) -> list[str]:
        """The names of so many arguments, in order."""
        names = [*self.arguments, *[self.spread] * (count - len(self.arguments))]
        return names[:count]

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


_FACTORISATIONS = ("cholesky", "qr", "lu", "eigh", "eigvalsh", "eig", "eigvals", "svd", "svdvals")

FUNCTIONS: Mapping[str, Signature] = {
    **{name: signature("x") for name in UNARY},
    **{name: signature("x, y") for name in (*BINARY, "outer", "inner", "dot")},
    "arctan2": signature("y, x"),
    "clip": signature("x, low, high"),
    "where": signature("condition, x, y"),
    **{name: signature("x, axis=None, keepdims=False") for name in REDUCTIONS},
    **{name: signature("x, axis=None") for name in (*ALONG_AN_AXIS, "flip")},
    **{
        name: signature("A")
        for name in ("det", "inv", "trace", "logdet", "adj", "vec", "vech", "unvech", "copy")
    },
    "solve": signature("A, b"),
    "norm": signature("A, ord='fro'", kinds=NORMS),
    "kron": signature("A, B"),
    "cross": signature("x, y"),
    "convolve": signature("x, y"),
    "diff": signature("x"),
    "power": signature("A, k"),
    "diag": signature("A, k=0"),
    "tril": signature("A, k=0"),
    "triu": signature("A, k=0"),
    "toeplitz": signature("c, r=None"),
    "eye": signature("n, m=None, k=0"),
    "zeros": signature("*shape"),
    "ones": signature("*shape"),
    "arange": signature("*bounds"),
    "duplication": signature("n"),
    "elimination": signature("n"),
    "commutation": signature("m, n"),
    "einsum": signature("*arrays, subscripts=''"),
    "stack": signature("*arrays, axis=0"),
    "concatenate": signature("*arrays, axis=0"),
    "hstack": signature("*arrays"),
    "vstack": signature("*arrays"),
    "block": signature("*rows"),
    "reshape": signature("x, *shape, order='C'"),
    "ravel": signature("x, order='C'"),
    "roll": signature("x, shift, axis=None"),
    "repeat": signature("x, repeats, axis=None"),
    "tile": signature("x, *repeats"),
    "swapaxes": signature("x, i, j"),
    **{name: signature("A") for name in _FACTORISATIONS},
    **{name: signature("A") for name in ("pinv", "null_space", "expm", "logm", "sqrtm")},
    "funm": signature("A, name", kinds=MATRIX_FUNCTIONS),
    "lstsq": signature("A, b"),
    "sylvester": signature("A, B, C"),
    "root": signature("F, x0", functions=("F",)),
    "ode": signature("g, y0, t", functions=("g",)),
}
"""Name → signature. A function has a row here and an entry in each algebra."""

INTERNAL = ("⟨,⟩", "row of blocks")
"""Operations that no expression can name: ⟨P, Q⟩ = Re tr(PᴴQ), a row of a block matrix."""

NUMBERS: Mapping[str, float] = {"pi": math.pi}
"""Names of numbers; an input of that name is meant first."""

APPLY = "apply"
"""The operation that calls a function which the expression was given by name."""

COMPARISONS = frozenset({"<", "<=", ">", ">=", "==", "!="})


def tell_whole(name: str, count: int) -> list[bool]:
    """Tell for each of some arguments whether it is a whole number; of what is no function, none is."""
    takes = FUNCTIONS.get(name)
    return takes.tell_whole(count) if takes is not None else [False] * count


def split_whole(name: str, arguments: Sequence[Any]) -> tuple[list[Any], list[Any]]:
    """The arguments of a function that are arrays, and those that are whole numbers."""
    arrays, numbers = [], []
    for argument, is_whole in zip(arguments, tell_whole(name, len(arguments)), strict=True):
        if is_whole:
            numbers.append(argument)
        else:
            arrays.append(argument)
    return arrays, numbers
