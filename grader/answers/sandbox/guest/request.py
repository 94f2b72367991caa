"""What a child is asked, in the wire format: all questions in one request.

Raw little-endian, and trusted by whom it is sent to. Imports nothing of ours but the wire format, because the worker
loads this file too.

    request  length u32, limits, quiet u8, 0 u8, count u32, (text, text) × count, count u32, group × count
    group    text × 2: function, signature; parts u8, arguments u8, count u32, value × arguments × count,
             count u32, number u32 × count: which of these is asked, in order
    function text × 2: argument, Python text; count u8, (text, value) × count: what else the text mentions
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby

import numpy as np

from .wire import (
    LENGTH,
    PREFIX,
    Array,
    Call,
    Function,
    Limits,
    Reader,
    Value,
    WireError,
    pack_array,
    pack_text,
)

MAX_REQUEST = 1 << 26
MAX_SOURCE = 1 << 24
_LIMITS = struct.Struct("<dddII")
_INT = struct.Struct("<q")
_FLOAT = struct.Struct("<d")
_COMPLEX = struct.Struct("<dd")
_IS_ARRAY, _IS_INT, _IS_FLOAT, _IS_COMPLEX, _IS_TEXT, _IS_FUNCTION = range(6)


@dataclass(frozen=True, slots=True)
class Request:
    """All that a child is told.

    Args:
        cells: (label, source) of each; calls: in groups of the same function.
        quiet: throw away what the cells print, as they printed it before, in a child that was lost.
    """

    limits: Limits
    cells: tuple[tuple[str, str], ...]
    calls: tuple[Call, ...]
    quiet: bool = False


def pack_request(request: Request) -> bytes:
    """A request, with its length before it."""
    limits = request.limits
    pieces = [
        _LIMITS.pack(
            limits.seconds, limits.cpu_seconds, limits.total_seconds, limits.memory_mb, limits.output_kb
        ),
        PREFIX.pack(request.quiet, 0),
        LENGTH.pack(len(request.cells)),
        *(pack_text(text, MAX_SOURCE) for cell in request.cells for text in cell),
    ]
    body = b"".join(pieces) + _pack_calls(request.calls)
    if len(body) > MAX_REQUEST:
        raise WireError(f"the questions take {len(body)} bytes, more than {MAX_REQUEST}")
    return LENGTH.pack(len(body)) + body


@lru_cache(maxsize=8)  # a class is asked the same, one student after another
def _pack_calls(calls: tuple[Call, ...]) -> bytes:
    groups = [list(group) for _, group in groupby(calls, key=_question)]
    pieces = [LENGTH.pack(len(groups))]
    for group in groups:
        distinct = list(dict.fromkeys(group))
        places = {call: place for place, call in enumerate(distinct)}
        pieces += [pack_text(group[0].function), pack_text(group[0].signature)]
        pieces += [bytes([group[0].parts, len(group[0].arguments)]), LENGTH.pack(len(distinct))]
        pieces += [_pack_value(value) for call in distinct for value in call.arguments]
        pieces += [LENGTH.pack(number) for number in (len(group), *map(places.__getitem__, group))]
    return b"".join(pieces)


def request_size(head: bytes) -> int:
    """The length of the request that these first four bytes announce."""
    size: int = LENGTH.unpack(head)[0]
    if size > MAX_REQUEST:
        raise WireError("not a request")
    return size


def unpack_request(body: bytes) -> Request:
    """What `pack_request` was given."""
    reader = Reader(body)
    limits = Limits(*reader.unpack(_LIMITS))
    quiet, _ = reader.unpack(PREFIX)
    (count,) = reader.unpack(LENGTH)
    cells = tuple((reader.text(MAX_SOURCE), reader.text(MAX_SOURCE)) for _ in range(count))
    (groups,) = reader.unpack(LENGTH)
    calls: list[Call] = []
    for _ in range(groups):
        function, signature = reader.text(), reader.text()
        parts, arguments = reader.unpack(PREFIX)
        (count,) = reader.unpack(LENGTH)
        distinct = [Call(function, _values(reader, arguments), signature, parts) for _ in range(count)]
        (count,) = reader.unpack(LENGTH)
        places = [reader.unpack(LENGTH)[0] for _ in range(count)]
        if any(place >= len(distinct) for place in places):
            raise WireError("a question that was not sent")
        calls += [distinct[place] for place in places]
    reader.end()
    return Request(limits, cells, tuple(calls), bool(quiet))


def _question(call: Call) -> tuple[str, str, int, int]:
    """What calls have in common that are sent together."""
    return call.function, call.signature, call.parts, len(call.arguments)


def _pack_value(value: Value) -> bytes:
    if isinstance(value, np.ndarray):
        return bytes([_IS_ARRAY]) + pack_array(value)
    if isinstance(value, str):
        return bytes([_IS_TEXT]) + pack_text(value)
    if isinstance(value, Function):
        head = bytes([_IS_FUNCTION]) + pack_text(value.argument) + pack_text(value.source)
        bound = [pack_text(name) + _pack_value(item) for name, item in value.bound]
        return head + bytes([len(bound)]) + b"".join(bound)
    try:
        if isinstance(value, (int, np.integer)):
            return bytes([_IS_INT]) + _INT.pack(int(value))
        if isinstance(value, (float, np.floating)):
            return bytes([_IS_FLOAT]) + _FLOAT.pack(float(value))
        number = complex(value)
        return bytes([_IS_COMPLEX]) + _COMPLEX.pack(number.real, number.imag)
    except (struct.error, TypeError, ValueError, OverflowError):
        raise WireError(f"the argument {value!r} cannot be sent") from None


def _values(reader: Reader, count: int) -> tuple[Value, ...]:
    return tuple(_value(reader) for _ in range(count))


def _value(reader: Reader) -> Value:
    kind = reader.take(1)[0]
    if kind == _IS_ARRAY:
        return reader.array(MAX_REQUEST)
    if kind == _IS_TEXT:
        return reader.text()
    if kind == _IS_FUNCTION:
        return _function(reader)
    if kind == _IS_COMPLEX:
        return complex(*reader.unpack(_COMPLEX))
    if kind not in (_IS_INT, _IS_FLOAT):
        raise WireError(f"an argument of kind {kind}")
    number: int | float = reader.unpack(_INT if kind == _IS_INT else _FLOAT)[0]
    return number


def _function(reader: Reader) -> Function:
    argument, source = reader.text(), reader.text()
    bound: list[tuple[str, Array | int | float | complex | str]] = []
    for _ in range(reader.take(1)[0]):
        name, value = reader.text(), _value(reader)
        if isinstance(value, Function):
            raise WireError("a function inside a function")
        bound.append((name, value))
    return Function(argument, source, tuple(bound))
