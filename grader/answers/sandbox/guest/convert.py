"""Turn what a student's function returned into plain arrays, or say why it cannot be.

Runs inside the student's process, so it goes by exact types and by functions of numpy taken before the
student's code could replace them. Imports nothing of ours but the wire format.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.ma import MaskedArray

from . import wire

_EXACT = 2**53
_DEEPEST = wire.MAX_NDIM
_NUMBERS = (bool, int, float, complex)
_INT64, _FLOAT64, _COMPLEX128 = np.dtype(np.int64), np.dtype(np.float64), np.dtype(np.complex128)
_SEQUENCES = (list, tuple)
_array, _stack, _ndarray, _generic = np.array, np.stack, np.ndarray, np.generic
_may_share_memory = np.may_share_memory
_type_name = type.__dict__["__name__"].__get__


class Unfit(Exception):
    """What came back cannot be judged.

    Args:
        what: what is wrong, beginning with a verb. advice: what to do.
    """

    def __init__(self, kind: str, what: str, advice: str = "") -> None:
        super().__init__(what)
        self.kind, self.what, self.advice = kind, what, advice


def type_name(value: object) -> str:
    """The name of a value's type, whatever its class claims."""
    return str(_type_name(type(value)))


def convert_parts(value: object, count: int) -> tuple[list[wire.Array], str]:
    """The `count` things that were returned, and how they were converted (empty when they were not).

    Raises:
        Unfit: anything but numbers, arrays, or lists of these in the right number.
    """
    if value is None:
        raise Unfit("returned_nothing", "returned None", "did you forget the return statement?")
    if count == 1:
        if type(value) is _ndarray:  # the usual case, quickly
            return [_from_array(value)], "longdouble" if value.dtype.char in "gG" else ""
        parts, notes = [_convert_one(value)], [_note(value)]
    else:
        items = _items(value)
        if items is None:
            must = f"must return {count} things, as in return a, b"
            raise Unfit("wrong_parts", must, f"it returned {_what(value)}")
        if len(items) != count:
            raise Unfit("wrong_parts", f"must return {count} things", f"it returned {len(items)}")
        parts = []
        for position, item in enumerate(items, start=1):
            if item is None:
                raise Unfit("returned_nothing", f"returned None in place {position} of {count}")
            try:
                parts.append(_convert(item, 0))
            except Unfit as unfit:
                kind = "not_numeric" if unfit.kind == "ragged" else unfit.kind
                advice = f"{unfit.advice} (in place {position} of {count})"
                raise Unfit(kind, unfit.what, advice) from None
        notes = [_note(item) for item in items]
    size = sum(part.nbytes for part in parts)
    if size > wire.MAX_ANSWER:
        advice = f"check the shape, at most {wire.MAX_ANSWER:,} are read"
        raise Unfit("too_large", f"returned {size:,} bytes", advice)
    return parts, ", ".join(dict.fromkeys(note for note in notes if note))


def is_aliased(value: object, arguments: Sequence[wire.Array]) -> bool:
    """Whether an array that was returned is, or looks into, an argument."""
    for item in (value,) if type(value) is _ndarray else (value, *(_items(value) or ())):
        if issubclass(type(item), _ndarray):
            array = _plain(item)
            for argument in arguments:
                if _may_share_memory(array, argument):
                    return True
    return False


def _convert_one(value: object) -> wire.Array:
    try:
        return _convert(value, 0)
    except Unfit as unfit:
        items = _items(value)
        if unfit.kind == "ragged" and type(value) is tuple and items is not None:
            raise Unfit("wrong_parts", "must return one thing", f"it returned {len(items)}") from None
        if unfit.kind == "ragged":
            raise Unfit("not_numeric", unfit.what, unfit.advice) from None
        raise


def _convert(value: object, depth: int) -> wire.Array:
    kind = type(value)
    if kind in _NUMBERS:
        return _from_numbers([value]).reshape(())
    if issubclass(kind, _ndarray):
        return _from_array(value)
    if issubclass(kind, _generic):
        return _from_array(_array(value)) if kind.__module__ == "numpy" else _refuse(value)
    items = _items(value)
    if items is None:
        return _refuse(value)
    if depth >= _DEEPEST:
        raise Unfit("not_numeric", f"returned lists nested more than {_DEEPEST} deep", "return an array")
    if not items:
        return _array([], _FLOAT64)
    if all(type(item) in _NUMBERS for item in items):
        return _from_numbers(items)
    rows = [_convert(item, depth + 1) for item in items]
    if any(row.shape != rows[0].shape for row in rows):
        raise Unfit("ragged", "returned a list whose entries differ in shape", "return an array")
    if sum(row.nbytes for row in rows) > wire.MAX_ANSWER:
        raise Unfit("too_large", f"returned more than {wire.MAX_ANSWER:,} bytes", "check the shape")
    if any(row.dtype.kind in "fc" for row in rows):
        for row in rows:
            if row.dtype.kind == "i" and row.size and max(int(row.max()), -int(row.min())) > _EXACT:
                raise _too_long()
    return _from_array(_stack(rows)) if len(rows[0].shape) < _DEEPEST else _refuse(value)


def _from_numbers(items: Sequence[Any]) -> wire.Array:
    """A list of Python's own numbers as an array of bool, int64, float64 or complex128, exactly."""
    kinds = {type(item) for item in items}
    if kinds == {bool}:
        return _array(items, np.dtype(bool))
    if kinds <= {bool, int} and all(-(2**63) <= item < 2**63 for item in items):
        return _array(items, _INT64)
    for item in items:
        if type(item) is int and abs(item) > _EXACT:
            try:
                exact = int(float(item)) == item
            except OverflowError:
                exact = False
            if not exact:
                raise _too_long()
    return _array(items, _COMPLEX128 if complex in kinds else _FLOAT64)


def _from_array(value: Any) -> wire.Array:
    if issubclass(type(value), MaskedArray):
        raise Unfit("not_numeric", "returned a masked array", "return a plain array")
    array = _plain(value)
    dtype = array.dtype
    if dtype.kind not in "?biufc":
        advice = "each entry must be one number" if dtype.kind == "O" else "return numbers"
        raise Unfit("not_numeric", f"returned an array of dtype {_dtype_name(dtype)}", advice)
    if array.ndim > wire.MAX_NDIM:
        raise Unfit("too_large", f"returned an array of {array.ndim} dimensions", "check its shape")
    if array.nbytes > wire.MAX_ANSWER:
        shape = " × ".join(map(str, array.shape))
        raise Unfit(
            "too_large", f"returned an array of shape {shape}, too large to be read", "check its shape"
        )
    if dtype.kind == "u" and array.size and int(array.max()) >= 2**63:
        raise _too_long()
    target: np.dtype[Any]
    if dtype.kind in "iu":
        target = _INT64
    elif dtype.kind in "fc" and dtype.itemsize > (8 if dtype.kind == "f" else 16):
        target = _FLOAT64 if dtype.kind == "f" else _COMPLEX128
    else:
        target = dtype if dtype.isnative else dtype.newbyteorder("=")
    return array if target == dtype else array.astype(target)


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


def _note(value: object) -> str:
    kind = type(value)
    if kind in _NUMBERS:
        return ""
    if issubclass(kind, (_ndarray, _generic)):
        # What numpy made of the value can be asked for its dtype; the value's own class might answer for itself.
        if _ndarray in kind.__mro__ and _plain(value).dtype.char in "gG":
            return "longdouble"
        name = "" if kind is _ndarray else type_name(value)
        return {"matrix": "np.matrix", "longdouble": "longdouble", "clongdouble": "longdouble"}.get(name, "")
    return "list" if _items(value) is not None else ""


def _what(value: object) -> str:
    if issubclass(type(value), _ndarray):
        shape = _plain(value).shape
        return f"one array of shape {shape}"
    return f"one {type_name(value)}"


def _dtype_name(dtype: Any) -> str:
    return "object" if dtype.kind == "O" else str(dtype)[:60]


def _refuse(value: object) -> wire.Array:
    if value is None:
        raise Unfit("not_numeric", "returned None among the numbers", "did you forget a return statement?")
    if value is Ellipsis:
        raise Unfit("not_numeric", "returned ...", "write the answer in its place")
    if callable(value):
        raise Unfit("not_numeric", f"returned a {type_name(value)}", "did you forget to call it?")
    raise Unfit("not_numeric", f"returned a {type_name(value)}", "return a number or an array of numbers")


def _too_long() -> Unfit:
    return Unfit("not_numeric", "returned an integer too large to be exact", "use floats, as in 1.0")
