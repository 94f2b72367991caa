"""What a submission is asked, in the wire format: all calls at once, and the request of which of them to make.

Raw little-endian, and trusted by the child. Imports nothing of ours but the wire format, because the zygote loads
this file too. A class is asked the same: the zygote reads the calls once, and its children have them.

    calls    count u32, group × count
    request  length u32, limits, quiet u8, 0 u8, count u32, (text, text) × count, count u32, cell u32 × count, batch
    group    text × 2: function, signature; parts u8, arguments u8, counted u8, forbidden u8, text × forbidden,
             count u32, value × arguments × count
    function text × 2: argument, Python text; count u8, (text, value) × count: what else the text mentions
    batch    count u32, (number u32, place u32) × count: under which numbers which of the calls are made, in order

Batches are sent as well whenever the child says that it waits; an empty one ends it.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import groupby, starmap

import numpy as np

from .limits import Limits
from .wire import (
    LENGTH,
    PREFIX,
    Array,
    Call,
    Function,
    Reader,
    Value,
    WireError,
    pack_array,
    pack_text,
)

MAX_REQUEST = 1 << 26
MAX_SOURCE = 1 << 24
Batch = tuple[tuple[int, int], ...]
"""(number of a question, place of its call among those of the request), those of the same function together."""

_LIMITS = struct.Struct("<dddII")
_PAIR = struct.Struct("<II")
_INT = struct.Struct("<q")
_FLOAT = struct.Struct("<d")
_COMPLEX = struct.Struct("<dd")
_IS_ARRAY, _IS_INT, _IS_FLOAT, _IS_COMPLEX, _IS_TEXT, _IS_FUNCTION = range(6)


@dataclass(frozen=True, slots=True)
class Request:
    """All that a child is told.

    Args:
        cells: (label, source) of each.
        calls: each once; they are sent apart, to the zygote.
        first: those to be made first.
        brief: the numbers of cells of which only definitions are run, as they did not come to their end.
        quiet: throw away what the cells print, as they printed it before, in a child that was lost.
    """

    limits: Limits
    cells: tuple[tuple[str, str], ...]
    calls: tuple[Call, ...]
    first: Batch
    quiet: bool = False
    brief: frozenset[int] = frozenset()

    @property
    def files(self) -> tuple[tuple[str, bytes], ...]:
        """None: a submission has no folder."""
        return ()


def pack_calls(calls: tuple[Call, ...]) -> bytes:
    """Pack calls by groups of the same function.

    Raises:
        WireError: they are too long, or an argument is nothing that can be sent.
    """
    groups = [list(group) for _, group in groupby(calls, key=_group_key)]
    pieces = [LENGTH.pack(len(groups))]
    for group in groups:
        first = group[0]
        pieces += [pack_text(first.function), pack_text(first.signature)]
        pieces += [bytes([first.parts, len(first.arguments), first.counted, len(first.forbid)])]
        pieces += [*map(pack_text, first.forbid), LENGTH.pack(len(group))]
        pieces += [_pack_value(value) for call in group for value in call.arguments]
    return _join(pieces)


def unpack_calls(body: bytes) -> tuple[Call, ...]:
    """Read what `pack_calls` was given.

    Raises:
        WireError: it is nothing that could be called.
    """
    reader = Reader(body)
    (groups,) = reader.unpack(LENGTH)
    calls = tuple(call for _ in range(groups) for call in _group(reader))
    reader.end()
    return calls


def pack_batch(batch: Batch) -> bytes:
    """Pack what is to be called."""
    return LENGTH.pack(len(batch)) + b"".join(starmap(_PAIR.pack, batch))


def batch_size(head: bytes) -> int:
    """Read the length of the batch that its first four bytes announce."""
    size: int = LENGTH.unpack(head)[0] * _PAIR.size
    return size


def unpack_batch(body: bytes) -> Batch:
    """Read a batch, without its length."""
    return tuple(_PAIR.iter_unpack(body))


def pack_request(request: Request) -> bytes:
    """Pack a request without its calls, with its length before it.

    Raises:
        WireError: it is too long.
    """
    limits = request.limits
    pieces = [
        _LIMITS.pack(
            limits.seconds, limits.cpu_seconds, limits.total_seconds, limits.memory_mb, limits.output_kb
        ),
        PREFIX.pack(request.quiet, 0),
        LENGTH.pack(len(request.cells)),
    ]

    for label, source in request.cells:
        pieces += [pack_text(label, MAX_SOURCE), pack_text(source, MAX_SOURCE)]

    brief = [LENGTH.pack(number) for number in sorted(request.brief)]
    body = _join([*pieces, LENGTH.pack(len(brief)), *brief, pack_batch(request.first)])
    return LENGTH.pack(len(body)) + body


def _join(pieces: Iterable[bytes]) -> bytes:
    body = b"".join(pieces)
    if len(body) > MAX_REQUEST:
        raise WireError(f"the questions take {len(body)} bytes, more than {MAX_REQUEST}")
    return body


def request_size(head: bytes) -> int:
    """Read the length of the request that its first four bytes announce."""
    size: int = LENGTH.unpack(head)[0]
    if size > MAX_REQUEST:
        raise WireError("not a request")
    return size


def unpack_request(body: bytes, calls: tuple[Call, ...]) -> Request:
    """Read what `pack_request` was given, without its length; the calls were read before.

    Raises:
        WireError: it is no request.
    """
    reader = Reader(body)
    limits = Limits(*reader.unpack(_LIMITS))
    quiet, _ = reader.unpack(PREFIX)
    (count,) = reader.unpack(LENGTH)
    cells = tuple((reader.text(MAX_SOURCE), reader.text(MAX_SOURCE)) for _ in range(count))
    (count,) = reader.unpack(LENGTH)
    brief = frozenset(reader.unpack(LENGTH)[0] for _ in range(count))
    first = unpack_batch(reader.take(batch_size(reader.take(LENGTH.size))))
    reader.end()
    return Request(limits, cells, calls, first, bool(quiet), brief)


def _group_key(call: Call) -> tuple[object, ...]:
    """What calls have in common that are sent together."""
    return call.function, call.signature, call.parts, len(call.arguments), call.counted, call.forbid


def _group(reader: Reader) -> list[Call]:
    """The calls of one function."""
    function, signature = reader.text(), reader.text()
    parts, arguments = reader.unpack(PREFIX)
    counted, forbidden = reader.unpack(PREFIX)
    forbid = tuple(reader.text() for _ in range(forbidden))
    (count,) = reader.unpack(LENGTH)
    return [
        Call(function, _values(reader, arguments), signature, parts, "", bool(counted), forbid)
        for _ in range(count)
    ]


def _pack_value(value: Value) -> bytes:
    if isinstance(value, np.ndarray):
        return bytes([_IS_ARRAY]) + pack_array(value)
    if isinstance(value, str):
        return bytes([_IS_TEXT]) + pack_text(value)
    if isinstance(value, Function):
        head = bytes([_IS_FUNCTION]) + pack_text(value.argument) + pack_text(value.source)
        bound = [pack_text(name) + _pack_value(inner) for name, inner in value.bound]
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
    if kind >= len(_READERS):
        raise WireError(f"an argument of kind {kind}")
    return _READERS[kind](reader)


def _function(reader: Reader) -> Function:
    argument, source = reader.text(), reader.text()
    bound: list[tuple[str, Array | int | float | complex | str]] = []
    for _ in range(reader.take(1)[0]):
        name, value = reader.text(), _value(reader)
        if isinstance(value, Function):
            raise WireError("a function inside a function")
        bound.append((name, value))
    return Function(argument, source, tuple(bound))


_READERS: tuple[Callable[[Reader], Value], ...] = (
    lambda reader: reader.array(MAX_REQUEST),
    lambda reader: int(reader.unpack(_INT)[0]),
    lambda reader: float(reader.unpack(_FLOAT)[0]),
    lambda reader: complex(*reader.unpack(_COMPLEX)),
    Reader.text,
    _function,
)
"""Code of a kind of value, from `_IS_ARRAY` on → what reads one."""
