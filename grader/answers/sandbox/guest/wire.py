"""The wire format between the grader and the process that runs a student's code.

Raw little-endian frames, every length checked before anything is allocated: what arrives may be forged.
Imports nothing of ours, because the zygote loads this file too.

    frame    kind u8, index u32, length u32, body
    text     length u32, UTF-8
    array    dtype code u8, ndim u8, shape u32 × ndim, items in C order
    answer   text (how it was converted), parts u8, array × parts
    kept     for each answer u32 × 3: the fields of `Kept`
    failure  text × 7: the fields of `Fields`

A RETURNED frame holds an answer, a FAILED or LOAD_FAILED frame a failure, a KEPT frame what is left of a
group's answers; the others have no body. The index of a frame is the number of a cell, which CELL begins, of a
call or, in BEGIN and KEPT, of a group of calls. WAITING says that all calls are made, and asks for more. The grader
compares checksums with those of what it sent and was given.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple
from zlib import crc32

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]

MAX_PARTS = 8
MAX_NDIM = 8
MAX_ANSWER = 1 << 20
MAX_TEXT = 2000
_MAX_FAILURE = 7 * (4 + MAX_TEXT)
_MAX_GROUP = 1 << 14
_MAX_RETURNED = 1 + 4 + MAX_TEXT + MAX_PARTS * (2 + 4 * MAX_NDIM) + MAX_ANSWER

STARTED, LOAD_FAILED, LOADED, BEGIN, RETURNED, FAILED, WAITING, DONE, KEPT, CELL = range(1, 11)
BODIES = {
    STARTED: 0,
    LOAD_FAILED: _MAX_FAILURE,
    LOADED: 0,
    BEGIN: 0,
    RETURNED: _MAX_RETURNED,
    FAILED: _MAX_FAILURE,
    WAITING: 0,
    DONE: 0,
    KEPT: 12 * _MAX_GROUP,
    CELL: 0,
}

CHILD_KINDS = frozenset(
    ["missing", "not_callable", "signature", "raised", "returned_nothing", "not_numeric", "wrong_parts"]
) | {"too_large", "memory", "syntax", "import"}
"""What a child itself may report; the rest (too_slow, died, output, protocol) is for its parent to judge."""

DTYPES = tuple(np.dtype(code) for code in ("?", "<i8", "<f8", "<f4", "<f2", "<c8", "<c16"))
CODES = {dtype: code for code, dtype in enumerate(DTYPES)}

_HEADER = struct.Struct("<BII")
LENGTH = struct.Struct("<I")
PREFIX = struct.Struct("<BB")
_NO_TEXT = LENGTH.pack(0)
_SHAPES = tuple(struct.Struct(f"<{ndim}I") for ndim in range(MAX_NDIM + 1))
_ARRAYS = tuple(struct.Struct(f"<BB{ndim}I") for ndim in range(MAX_NDIM + 1))


@dataclass(frozen=True, slots=True, eq=False)
class Function:
    """A function for the student to call: `lambda argument: source`.

    Args:
        source: Python text over `np`, its argument and the names in `bound`; the grader's own, never a student's.
    """

    argument: str
    source: str
    bound: tuple[tuple[str, Array | int | float | complex | str], ...] = ()


Value = Array | int | float | complex | str | Function


class Fields(NamedTuple):
    """A failure as it is sent; what the fields mean is said in `grader.reports.report.Failure`."""

    kind: str
    what: str
    advice: str = ""
    suggestion: str = ""
    place: str = ""
    text: str = ""
    subject: str = ""
    column: int = 0


class WireError(Exception):
    """Bytes that are not what was agreed on."""


@dataclass(frozen=True, slots=True, eq=False)
class Call:
    """One call of `function` with `arguments`. One that is made again is the same object, and is sent once.

    Args:
        signature: how it is called, for messages, such as `inv_differential(A, dA)`.
        parts: how many things it has to return.
        about: what tells it from others, for messages, such as `n = 5`; it is not sent.
        counted: what it computes is counted; the text of the answer tells it.
        forbid: functions that raise meanwhile.
        checksum: of its arguments.
    """

    function: str
    arguments: tuple[Value, ...]
    signature: str
    parts: int = 1
    about: str = ""
    counted: bool = False
    forbid: tuple[str, ...] = ()
    checksum: int = field(init=False, repr=False)

    def __post_init__(self) -> None:
        # Once: a class is asked the same calls.
        object.__setattr__(self, "checksum", checksum_arguments(self.arguments))


class Kept(NamedTuple):
    """Checksums of a call and its answer, after the last call of its group.

    Args:
        arguments: as the function left them.
        answer: its parts, read again; turned: while every bit of the arguments is turned over.
    """

    arguments: int
    answer: int
    turned: int


class Reader:
    """Takes values off the front of some bytes, never more than there are."""

    __slots__ = ("_at", "_data")

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    def take(self, size: int) -> bytes:
        """Take the next `size` bytes."""
        end = self._at + size
        if end > len(self._data):
            raise WireError("the message ends too soon")
        taken = self._data[self._at : end]
        self._at = end
        return taken

    def unpack(self, form: struct.Struct) -> tuple[Any, ...]:
        """Take the next fields of a fixed form."""
        at = self._at
        if at + form.size > len(self._data):
            raise WireError("the message ends too soon")
        self._at = at + form.size
        return form.unpack_from(self._data, at)

    def text(self, limit: int = MAX_TEXT) -> str:
        """Take a text of at most `limit` bytes; what is not UTF-8 is replaced."""
        (size,) = self.unpack(LENGTH)
        if size > limit:
            raise WireError(f"a text of {size} bytes, more than {limit}")
        if not size:
            return ""
        return self.take(size).decode("utf-8", "replace")

    def array(self, limit: int = MAX_ANSWER) -> Array:
        """Take a read-only array of at most `limit` bytes."""
        code, ndim = self.unpack(PREFIX)
        if code >= len(DTYPES) or ndim > MAX_NDIM:
            raise WireError(f"dtype code {code}, {ndim} dimensions")
        shape = self.unpack(_SHAPES[ndim])
        dtype = DTYPES[code]

        # Sizes are multiplied as if no dimension were 0: numpy refuses some shapes whose product overflows.
        largest = size = dtype.itemsize
        for length in shape:
            largest *= max(length, 1)
            size *= length
        if largest > limit:
            raise WireError(f"an array of {largest} bytes, more than {limit}")

        data = self.take(size)
        if dtype.kind == "b":  # a byte other than 0 and 1 is no bool that numpy could compute with
            flags = np.asarray(np.frombuffer(data, np.uint8).reshape(shape) != 0)
            flags.setflags(write=False)
            return flags
        return np.ndarray(shape, dtype, data)

    def end(self) -> None:
        """Check that nothing is left."""
        if self._at != len(self._data):
            raise WireError("the message is longer than it should be")


class Frames:
    """Cuts a stream of bytes into frames of bounded bodies; holds at most one unfinished frame."""

    __slots__ = ("_bodies", "_buffer")

    def __init__(self, bodies: Mapping[int, int] = BODIES) -> None:
        self._bodies = bodies
        self._buffer = bytearray()

    def feed(self, data: bytes) -> Iterator[tuple[int, int, bytes]]:
        """Yield the frames that `data` completes, each as kind, index and body.

        Raises:
            WireError: a frame is not allowed; those before it have been yielded.
        """
        buffer = self._buffer
        buffer += data
        at = 0
        try:
            while len(buffer) - at >= _HEADER.size:
                kind, index, size = _HEADER.unpack_from(buffer, at)
                if size > self._bodies.get(kind, -1):
                    raise WireError(f"a frame of kind {kind} with {size} bytes")
                end = at + _HEADER.size + size
                if len(buffer) < end:
                    break

                body = bytes(buffer[at + _HEADER.size : end])
                at = end
                yield kind, index, body
        finally:
            del buffer[:at]


def make_printable(text: str, keep: str = "") -> str:
    """Replace control characters, line ends and marks that reorder what is shown; those in `keep` stay."""
    if text.isprintable():
        return text
    return "".join(char if char.isprintable() or char in keep else _replacement(char) for char in text)


def _replacement(char: str) -> str:
    return " " if char.isspace() else "\ufffd"


def pack_frame(kind: int, index: int = 0, body: bytes = b"") -> bytes:
    """Pack one frame."""
    return _HEADER.pack(kind, index, len(body)) + body


def pack_text(text: str, limit: int = MAX_TEXT) -> bytes:
    """Pack a text, cut to `limit` bytes."""
    data = text[:limit].encode("utf-8", "replace")
    if len(data) > limit:
        data = data[:limit].decode("utf-8", "ignore").encode()
    return LENGTH.pack(len(data)) + data


def pack_array(array: Array) -> bytes:
    """Pack an array whose dtype is in the table."""
    code = CODES.get(array.dtype)
    if code is None or array.ndim > MAX_NDIM:
        raise WireError(f"an array of {array.dtype} with {array.ndim} dimensions cannot be sent")
    return _ARRAYS[array.ndim].pack(code, array.ndim, *array.shape) + array.tobytes()


def pack_answer(parts: Sequence[Array], converted: str) -> bytes:
    """Pack the body of a RETURNED frame."""
    text = pack_text(converted) if converted else _NO_TEXT
    return b"".join([text, bytes([len(parts)]), *map(pack_array, parts)])


def unpack_answer(body: bytes) -> tuple[tuple[Array, ...], str]:
    """Read what `pack_answer` was given.

    Raises:
        WireError: it is no answer.
    """
    reader = Reader(body)
    converted = make_printable(reader.text())
    count = reader.take(1)[0]
    if count > MAX_PARTS:
        raise WireError("not an answer")

    parts: list[Array] = []
    room = MAX_ANSWER
    for _ in range(count):
        parts.append(reader.array(room))
        room -= parts[-1].nbytes
    reader.end()
    return tuple(parts), converted


def checksum(arrays: Sequence[Array]) -> int:
    """Compute the checksum of arrays whose dtypes are in the table."""
    return crc32(b"".join(map(pack_array, arrays)))


def checksum_arguments(arguments: Sequence[Value]) -> int:
    """Compute the checksum of the arrays among the arguments of a call: nothing else can be changed in place."""
    arrays = [value for value in arguments if isinstance(value, np.ndarray)]
    try:
        return checksum(arrays)
    except WireError:  # a dtype that was never sent
        return 0


def pack_kept(kept: Sequence[Kept]) -> bytes:
    """Pack the body of a KEPT frame."""
    return struct.pack(f"<{3 * len(kept)}I", *(number for one in kept for number in one))


def unpack_kept(body: bytes, count: int) -> list[Kept]:
    """Read what `pack_kept` was given for so many answers.

    Raises:
        WireError: it is for more or fewer.
    """
    if len(body) != 12 * count:
        raise WireError("not what is left of these answers")
    return [Kept(*numbers) for numbers in struct.iter_unpack("<3I", body)]


def pack_failure(fields: Fields) -> bytes:
    """Pack the body of a FAILED or LOAD_FAILED frame."""
    *texts, column = fields
    return b"".join([*map(pack_text, texts), LENGTH.pack(column)])


def unpack_failure(body: bytes) -> Fields:
    """Read what `pack_failure` was given, fit to be shown.

    Raises:
        WireError: it is no failure, or none that a child may report.
    """
    reader = Reader(body)
    texts = [make_printable(reader.text()) for _ in Fields._fields[:-1]]
    (column,) = reader.unpack(LENGTH)
    reader.end()
    fields = Fields._make([*texts, column])
    if column > len(fields.text) + 1:  # what it was in is not all there
        fields = fields._replace(column=0)
    if fields.kind not in CHILD_KINDS:
        raise WireError("a failure of no known kind")
    return fields
