"""Two of the algebras in which expressions are evaluated: numpy arrays, and Python text."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from grader.core.norms import ORDERS, Array, inner
from grader.problems.arrangements import ARRANGEMENTS
from grader.problems.entrywise import ALONG_AN_AXIS, BINARY, CONSTRUCTORS, REDUCTIONS, UNARY
from grader.problems.language import Algebra, tell_whole
from grader.problems.matrix_doubles import MATRIX_DOUBLES


def _adjugate(A: Array) -> Array:
    """Adj A at any rank: adj(UΣVᴴ) = det(U)·det(Vᴴ) · V diag(∏_{k≠i} σₖ) Uᴴ."""
    if not np.all(np.isfinite(A)):  # LAPACK may then look for singular values for ever
        return np.full_like(A, np.nan, dtype=np.result_type(A, float))
    U, sigma, Vh = np.linalg.svd(A)
    others = [np.prod(np.delete(sigma, i)) for i in range(len(sigma))]
    return np.asarray(np.linalg.det(U) * np.linalg.det(Vh) * (Vh.conj().T * others) @ U.conj().T)


def _norm(x: Array, kind: str = "fro") -> Any:
    x = np.atleast_1d(np.asarray(x))
    if kind == "max":
        return np.max(np.abs(x), initial=0.0)
    if kind == "fro" and x.ndim > 2:
        return np.linalg.norm(x)
    matrix = x[:, None] if x.ndim == 1 else x
    return np.linalg.norm(matrix, ORDERS[kind])


def _number(value: Any) -> Any:
    """Numbers and lists of Python's as those of numpy; arrays and whole numbers, such as sizes, stay."""
    if isinstance(value, float):
        return np.float64(value)
    if isinstance(value, list):
        return np.array(value)
    return np.complex128(value) if isinstance(value, complex) else value


def _constant(value: Any) -> Any:
    """The number of a size or parameter, or an array of labels; None where there is none."""
    if value is None:
        return None
    if np.ndim(value):
        return np.asarray(np.rint(value), dtype=int)
    number = float(value)
    return int(number) if number.is_integer() else number


def _with_entries(A: Array, value: Array, parts: Any) -> Array:
    """A copy of A in which some entries are those of a value."""
    changed = np.array(A, np.result_type(A, value, np.float64))
    changed[parts] = value
    return changed


_COMPARISONS: Mapping[str, Callable[[Any, Any], Any]] = {
    **{"<": np.less, "<=": np.less_equal, ">": np.greater, ">=": np.greater_equal},
    **{"==": np.equal, "!=": np.not_equal},
}
_LINALG = ("det", "inv", "solve")
_NUMPY = ("trace", "kron", "outer", "inner", "dot", "cross", "convolve", "diff")
"""Functions that numpy calls as we do."""


def _constructed(name: str) -> Callable[..., Array]:
    return lambda *sizes: CONSTRUCTORS[name](*map(_constant, sizes))


def _arranged(name: str) -> Callable[..., Array]:
    def arranged(*arguments: Any, **options: Any) -> Array:
        converters = [_constant if whole else np.asarray for whole in tell_whole(name, len(arguments))]
        given = [convert(x) for convert, x in zip(converters, arguments, strict=True)]
        return ARRANGEMENTS[name](*given, **options)

    return arranged


NUMPY: Algebra[Any] = Algebra(
    _number,
    {
        **{name: getattr(np.linalg, name) for name in _LINALG},
        **{name: getattr(np, name) for name in _NUMPY},
        **UNARY,
        **BINARY,
        **REDUCTIONS,
        **ALONG_AN_AXIS,
        **{name: _arranged(name) for name in ARRANGEMENTS},
        **{name: _constructed(name) for name in CONSTRUCTORS},
        "+": np.add,
        "-": np.subtract,
        "*": np.multiply,
        "/": np.divide,
        "@": np.matmul,
        "**": np.power,
        "neg": np.negative,
        ".T": np.transpose,
        ".H": lambda A: np.conj(np.transpose(A)),
        "logdet": lambda A: np.linalg.slogdet(A)[1],
        "adj": _adjugate,
        "norm": _norm,
        "power": lambda A, k: np.linalg.matrix_power(A, int(k)),
        "⟨,⟩": inner,
        "//": np.floor_divide,
        "%": np.mod,
        **_COMPARISONS,
        "[]": lambda A, parts: np.asarray(A)[parts],
        "[]=": _with_entries,
        "copy": np.copy,
        "clip": np.clip,
        "einsum": lambda *arrays, subscripts: np.einsum(subscripts, *arrays),
        "where": np.where,
        **MATRIX_DOUBLES,
    },
    _constant,
)
"""Double precision, as students compute; names may hold any numpy values."""


def _call(name: str) -> Callable[..., str]:
    def call(*arguments: str, **options: object) -> str:
        given = [f"{word}={value!r}" for word, value in options.items()]
        return f"{name}({', '.join([*arguments, *given])})"

    return call


def _call_with_list(name: str) -> Callable[..., str]:
    call = _call(name)
    return lambda *arguments, **options: call(f"[{', '.join(arguments)}]", **options)


def _part_text(part: Any) -> str:
    """A part of an index."""
    if not isinstance(part, slice):
        return "..." if part is ... else str(part)
    bounds = [part.start, part.stop]
    if part.step is not None:
        bounds.append(part.step)
    return ":".join("" if bound is None else str(bound) for bound in bounds)


def _infix(sign: str) -> Callable[[str, str], str]:
    return lambda A, B: f"({A} {sign} {B})"


_TABLES = (UNARY, BINARY, REDUCTIONS, ALONG_AN_AXIS, ARRANGEMENTS, CONSTRUCTORS)
_OTHERWISE = frozenset({"zeros", "ones", "stack", "concatenate", "hstack", "vstack", "reshape", "tile"})
"""Functions whose arguments numpy takes in another way."""
_SAME_NAMES = (
    *_NUMPY,
    "clip",
    *(name for name in frozenset().union(*_TABLES) - _OTHERWISE if hasattr(np, name)),
)
"""Functions that numpy calls as we do."""
_ORDERS = {"fro": "", "nuc": ", 'nuc'", "2": ", 2", "1": ", 1", "inf": ", np.inf"}

SOURCE: Algebra[str] = Algebra(
    repr,
    {
        **{sign: _infix(sign) for sign in ("+", "-", "*", "/", "@", "**")},
        **{name: _call(f"np.linalg.{name}") for name in _LINALG},
        **{name: _call(f"np.{name}") for name in _SAME_NAMES},
        **{name: _call(f"np.linalg.{name}") for name in ("cholesky", "eigvalsh", "pinv")},
        "svdvals": lambda A: f"np.linalg.svd({A}, compute_uv=False)",
        "neg": lambda A: f"(-{A})",
        ".T": lambda A: f"{A}.T",
        ".H": lambda A: f"{A}.conj().T",
        "logdet": lambda A: f"np.linalg.slogdet({A})[1]",
        "einsum": lambda *arrays, subscripts: _call("np.einsum")(repr(subscripts), *arrays),
        "vec": lambda A: f"np.ravel({A}, order='F')",
        "norm": lambda A, kind: f"np.linalg.norm({A}{_ORDERS[kind]})",
        "power": _call("np.linalg.matrix_power"),
        **{name: _call_with_list(f"np.{name}") for name in ("stack", "concatenate", "hstack", "vstack")},
        **{name: _call_with_list(f"np.{name}") for name in ("zeros", "ones")},
        "[]": lambda A, parts: f"{A}[{', '.join(map(_part_text, parts))}]",
    },
)
"""Python text that computes the same; without adjugate and norm `max`, which numpy has no function for."""
