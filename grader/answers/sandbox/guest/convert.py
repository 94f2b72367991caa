"""Turn what a student's function returned into plain arrays, or say why that cannot be done.

Runs inside the student's process, so it goes by exact types and uses functions of numpy that were taken before the
student's code could replace them. Imports nothing of ours but the wire format.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Any, NoReturn

import numpy as np
from numpy.ma import MaskedArray

from . import wire

_DEEPEST = wire.MAX_NDIM
_NUMBERS = (bool, int, float, complex, Fraction, Decimal)
_INT64, _FLOAT64, _COMPLEX128 = np.dtype(np.int64), np.dtype(np.float64), np.dtype(np.complex128)
_DOUBLES = (float, complex, np.float64, np.complex128)
_SEQUENCES = (list, tuple)
_array, _stack, _ndarray, _generic = np.array, np.stack, np.ndarray, np.generic
_type_name = type.__dict__["__name__"].__get__


_CONVERTED = {"matrix": "np.matrix", "longdouble": "longdouble", "clongdouble": "longdouble"}
"""Names of numpy's types that are converted and should not go unnoticed → how they are called in the answer."""
_LONG = {"g": _FLOAT64, "G": _COMPLEX128}
"""Characters of dtypes that have more digits than are sent → the dtype that is sent."""


class Unfit(Exception):
    """What came back cannot be judged.

    Args:
        kind: of the failure.
        what: what is wrong, beginning with a verb.
        advice: what to do.
    """

    def __init__(self, kind: str, what: str, advice: str = "") -> None:
        super().__init__(what)
        self.kind, self.what, self.advice = kind, what, advice


class _Ragged(Unfit):
    """A list whose entries differ in shape; it may be meant as several things."""


def type_name(value: object) -> str:
    """Name a value's type, whatever its class claims."""
    return str(_type_name(type(value)))


def convert_parts(value: object, count: int) -> tuple[list[wire.Array], str]:
    """Convert the `count` things that were returned.

    Returns:
        The arrays; and what they were before, such as `list`, empty if nothing had to be converted.

    Raises:
        Unfit: anything but numbers, arrays, or lists of these in the right number.
    """
    if value is None:
        raise Unfit("returned_nothing", "returned None", "did you forget the return statement?")
    if count != 1:
        values = _take_apart(value, count)
        parts = [_convert_part(item, f"{place} of {count}") for place, item in enumerate(values, start=1)]
    elif type(value) is _ndarray:  # the usual cases, quickly
        return [_from_array(value)], "longdouble" if value.dtype.char in _LONG else ""
    elif type(value) in _DOUBLES:
        return [_array(value)], ""
    else:
        values, parts = [value], [_convert_single(value)]

    size = sum(part.nbytes for part in parts)
    if size > wire.MAX_ANSWER:
        advice = f"check the shape; at most {wire.MAX_ANSWER:,} are read"
        raise Unfit("too_large", f"returned {size:,} bytes", advice)
    converted = dict.fromkeys(map(_converted_from, values))
    return parts, ", ".join(filter(None, converted))


def _take_apart(value: object, count: int) -> list[Any]:
    """The things that were returned, if there are so many."""
    items = _items(value)
    if items is None:
        must = f"must return {count} values, as in return a, b"
        raise Unfit("wrong_parts", must, f"it returned {_describe(value)}")
    if len(items) != count:
        raise Unfit("wrong_parts", f"must return {count} values", f"it returned {len(items)}")
    return items


def _convert_single(value: object) -> wire.Array:
    """Convert the only thing that was to be returned."""
    try:
        return _convert(value, 0)
    except _Ragged:
        if type(value) is not tuple:
            raise
        raise Unfit("wrong_parts", "must return one value", f"it returned {len(value)}") from None


def _convert_part(value: object, place: str) -> wire.Array:
    """Convert one of several things."""
    if value is None:
        raise Unfit("returned_nothing", f"returned None in place {place}")
    try:
        return _convert(value, 0)
    except Unfit as unfit:
        raise Unfit(unfit.kind, unfit.what, f"{unfit.advice} (in place {place})") from None


def _convert(value: object, depth: int) -> wire.Array:
    kind = type(value)
    if kind in _NUMBERS:
        return _from_numbers([value]).reshape(())
    if issubclass(kind, _ndarray):
        return _from_array(value, depth)
    if issubclass(kind, _generic) and kind.__module__ == "numpy":
        return _from_array(_array(value))

    items = _items(value)
    if items is None or issubclass(kind, _generic):
        _refuse(value)
    if depth >= _DEEPEST:
        raise Unfit("not_numeric", f"returned lists nested more than {_DEEPEST} deep", "return an array")
    if not items:
        return _array([], _FLOAT64)
    if all(type(item) in _NUMBERS for item in items):
        return _from_numbers(items)

    rows = [_convert(item, depth + 1) for item in items]
    _require_stackable(rows)
    if rows[0].ndim >= _DEEPEST:
        _refuse(value)
    return _from_array(_stack(rows))


def _require_stackable(rows: Sequence[wire.Array]) -> None:
    """Raise Unfit unless these arrays can be the rows of one, without losing anything."""
    if any(row.shape != rows[0].shape for row in rows):
        raise _Ragged("not_numeric", "returned a list whose entries differ in shape", "return an array")
    if sum(row.nbytes for row in rows) > wire.MAX_ANSWER:
        raise Unfit("too_large", f"returned more than {wire.MAX_ANSWER:,} bytes", "check the shape")


def _from_numbers(numbers: Sequence[Any]) -> wire.Array:
    """A list of Python's own numbers as an array of bool, int64, float64 or complex128, each the nearest there is."""
    kinds = {type(number) for number in numbers}
    if kinds == {bool}:
        return _array(numbers, np.dtype(bool))
    if kinds <= {bool, int} and all(-(2**63) <= number < 2**63 for number in numbers):
        return _array(numbers, _INT64)

    try:
        if complex in kinds:
            return _array([complex(number) for number in numbers], _COMPLEX128)
        return _array([float(number) for number in numbers], _FLOAT64)
    except (OverflowError, ValueError):  # 10 ** 400, and a Decimal that signals that it is no number
        what = "returned a number too large for a float"
        raise Unfit("not_numeric", what, "use floats, as in 1.0") from None


def _from_array(value: Any, depth: int = 0) -> wire.Array:
    if issubclass(type(value), MaskedArray):
        raise Unfit("not_numeric", "returned a masked array", "return a plain array")

    array = _plain(value)
    dtype = array.dtype
    can_be_read = array.nbytes <= wire.MAX_ANSWER and array.ndim <= wire.MAX_NDIM
    if can_be_read and dtype is _FLOAT64:
        return array

    if dtype.kind not in "biufcO":
        raise Unfit("not_numeric", f"returned an array of dtype {str(dtype)[:60]}", "return numbers")
    if not can_be_read:
        raise Unfit("too_large", f"returned an array of {_excess(array)}", "check its shape")
    if dtype.kind == "O":
        return _from_objects(array, depth)
    return array.astype(_sent_dtype(array), copy=False)


def _excess(array: wire.Array) -> str:
    if array.ndim > wire.MAX_NDIM:
        return f"{array.ndim} dimensions"
    shape = " × ".join(map(str, array.shape))
    return f"shape {shape}, too large to be read"


def _from_objects(array: wire.Array, depth: int) -> wire.Array:
    """The numbers in an array of objects, which may be arrays of one number themselves."""
    unfit = Unfit("not_numeric", "returned an array of dtype object", "each entry must be one number")
    try:
        entries = _convert(array.ravel().tolist(), depth + 1)
    except Unfit:
        raise unfit from None

    if entries.size != array.size:
        raise unfit
    return entries.reshape(array.shape)


def _sent_dtype(array: wire.Array) -> np.dtype[Any]:
    """The dtype of the wire format that holds the numbers of this array."""
    dtype = array.dtype
    if dtype.kind == "u" and array.size and int(array.max()) >= 2**63:
        return _FLOAT64
    if dtype.kind in "iu":
        return _INT64
    return _LONG.get(dtype.char, dtype.newbyteorder("="))


def _plain(value: Any) -> wire.Array:
    """The array without its class, on the same memory."""
    return value if type(value) is _ndarray else _ndarray.view(value, _ndarray)


def _items(value: object) -> list[Any] | None:
    """The items of a list or tuple, not asking its class."""
    kind = type(value)
    for base in _SEQUENCES:
        if issubclass(kind, base):
            return list(base.__iter__(value))  # type: ignore[arg-type]
    return None


def _converted_from(value: object) -> str:
    """Name the type from which a value had to be converted; empty if it was an array or a number."""
    kind = type(value)
    if kind in _NUMBERS:
        return ""
    if not issubclass(kind, (_ndarray, _generic)):
        return "list" if _items(value) is not None else ""

    # What numpy made of the value is asked for its dtype: the value's own class might answer for itself.
    if issubclass(kind, _ndarray) and _plain(value).dtype.char in _LONG:
        return "longdouble"
    return _CONVERTED.get(type_name(value), "")


def _describe(value: object) -> str:
    if issubclass(type(value), _ndarray):
        return f"one array of shape {_plain(value).shape}"
    return f"one {type_name(value)}"


def _refuse(value: object) -> NoReturn:
    if value is None:
        raise Unfit("not_numeric", "returned None among the numbers", "did you forget a return statement?")
    if value is Ellipsis:
        raise Unfit("not_numeric", "returned ...", "write the answer in its place")
    if callable(value):
        raise Unfit("not_numeric", f"returned a {type_name(value)}", "did you forget to call it?")
    raise Unfit("not_numeric", f"returned a {type_name(value)}", "return a number or an array of numbers")
