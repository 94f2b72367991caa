"""The wire format: what is sent arrives, and what is forged is refused cheaply."""

from __future__ import annotations

import contextlib
import struct
import tracemalloc
from collections.abc import Callable, Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst

from grader.answers.sandbox.answer import Answer, AnswerReader, Returned, judge_kept, read_answer
from grader.answers.sandbox.guest import wire
from grader.answers.sandbox.guest.limits import Limits
from grader.answers.sandbox.guest.request import (
    Request,
    batch_size,
    pack_batch,
    pack_calls,
    pack_request,
    request_size,
    unpack_batch,
    unpack_calls,
    unpack_request,
)
from grader.answers.sandbox.questions import Questions
from grader.reports.report import Failure

arrays = st.sampled_from(wire.DTYPES).flatmap(
    lambda dtype: npst.arrays(dtype, npst.array_shapes(min_dims=0, max_dims=5, min_side=0, max_side=4))
)
texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)
numbers = st.integers(-(2**63), 2**63 - 1) | st.floats() | st.complex_numbers()


def _feed(data: bytes) -> list[tuple[int, int, bytes]]:
    return list(wire.Frames().feed(data))


def same(left: object, right: object) -> bool:
    if isinstance(left, np.ndarray) and isinstance(right, np.ndarray):
        return left.dtype == right.dtype and left.shape == right.shape and left.tobytes() == right.tobytes()
    return type(left) is type(right) and repr(left) == repr(right)


@given(st.lists(arrays, max_size=8), texts)
def test_answers_arrive_as_they_were_sent(parts: list[wire.Array], converted: str) -> None:
    got, text = wire.unpack_answer(wire.pack_answer(parts, converted))
    assert all(map(same, got, parts)) and len(got) == len(parts)
    assert text == wire.make_printable(converted)
    assert not any(part.flags.writeable for part in got)


@given(
    st.lists(st.tuples(texts, texts), max_size=3),
    st.lists(
        st.builds(
            wire.Call,
            texts,
            st.lists(arrays | numbers | texts, max_size=3).map(tuple),
            texts,
            st.integers(1, 8),
        ),
        max_size=4,
    ),
)
def test_requests_arrive_as_they_were_sent(cells: list[tuple[str, str]], calls: list[wire.Call]) -> None:
    request = Request(Limits(seconds=1.5), tuple(cells), tuple(calls), ((7, 0), (9, 2)))
    data = pack_request(request)
    assert request_size(data[:4]) == len(data) - 4
    got = unpack_request(data[4:], unpack_calls(pack_calls(request.calls)))
    assert (got.limits, got.cells, got.first) == (request.limits, request.cells, request.first)
    assert len(got.calls) == len(calls)
    for left, right in zip(got.calls, calls, strict=True):
        assert (left.function, left.signature, left.parts) == (right.function, right.signature, right.parts)
        assert all(map(same, left.arguments, right.arguments)) and len(left.arguments) == len(right.arguments)


def test_a_call_that_is_made_again_is_sent_once() -> None:
    call, other = wire.Call("f", (np.eye(3),), "f(A)"), wire.Call("f", (np.eye(2),), "f(A)")
    questions = Questions([call, other, call], lambda answers: [other, other])
    assert questions.distinct == (call, other)
    batch = questions.batch(questions.waiting())
    assert batch == ((0, 0), (1, 1), (2, 0))
    sent = pack_batch(batch)
    assert unpack_batch(sent[4:]) == batch and batch_size(sent[:4]) == len(sent) - 4


def test_what_follows_is_asked_once_when_all_calls_have_an_answer() -> None:
    f, g = wire.Call("f", (1,), "f(x)"), wire.Call("g", (1,), "g(x)")
    answers = [Returned((np.ones(1),), False, False) for _ in range(3)]
    seen: list[Sequence[Answer]] = []

    def follow_up(given: Sequence[Answer]) -> Sequence[wire.Call]:
        seen.append(given)
        return [g]

    questions = Questions([f, g, f], follow_up)
    assert questions.waiting() == [0, 2, 1]
    questions.answers.update(enumerate(answers[:2]))
    assert questions.waiting() == [2] and not seen
    questions.answers[2] = answers[2]
    assert questions.waiting() == [3] and seen == [tuple(answers)]
    questions.give_up(Failure("died", "is gone"), [3], for_good=False)
    assert questions.waiting() == [] and questions.calls == [f, g, f, g] and len(seen) == 1


def test_nothing_follows_where_time_is_up() -> None:
    call = wire.Call("f", (1,), "f(x)")
    questions = Questions([call], lambda answers: [call])
    questions.give_up(Failure("too_slow", "the 30 s are up"), [0], for_good=True)
    assert questions.waiting() == [] and len(questions.all_answers()) == 1


@pytest.mark.parametrize(("rows", "is_kept"), [(3, True), (1000, False)])
def test_a_reader_unpacks_short_answers_once_and_keeps_no_long_ones(rows: int, is_kept: bool) -> None:
    body = wire.pack_answer([np.ones((rows, 3))], "")
    reader = AnswerReader()
    assert (reader.read(body) is reader.read(bytes(bytearray(body)))) == is_kept
    assert AnswerReader().read(body) is not reader.read(body)


def test_what_was_done_to_arguments_and_answers_is_judged_by_what_is_left_of_them() -> None:
    call = wire.Call("f", (np.eye(3), 2.0, np.arange(3)), "f(A, k, x)")
    answer = read_answer(wire.pack_answer([np.ones(2)], ""))
    left, right = call.checksum, wire.checksum([np.ones(2)])
    assert judge_kept(answer, call, wire.Kept(left, right, right)) is answer

    found = [
        judge_kept(answer, call, wire.Kept(*kept))
        for kept in ((left + 1, right, right), (left, right, 0), (left, 1, 1))
    ]
    flags = [(one.inputs_changed, one.aliased, one.overwritten) for one in found]
    assert flags == [(True, False, False), (False, True, False), (False, False, True)]


@pytest.mark.parametrize(
    "change", [lambda x: x.setfield(1, "u1", 7), lambda x: x.__setattr__("shape", (4,)), lambda x: x.sort()]
)
def test_the_checksum_of_arguments_sees_every_bit_and_shape(change: Callable[[wire.Array], None]) -> None:
    x = np.array([[2.0, 1.0], [0.0, 3.0]])
    before = wire.checksum_arguments((x, 1.0))
    change(x)
    assert wire.checksum_arguments((x, 1.0)) != before


@given(
    st.lists(st.tuples(st.sampled_from([wire.FAILED, wire.RETURNED]), st.binary(max_size=50))),
    st.integers(1, 30),
)
def test_frames_survive_being_cut_anywhere(frames: list[tuple[int, bytes]], step: int) -> None:
    sent = [(kind, index, body) for index, (kind, body) in enumerate(frames)]
    stream = b"".join(wire.pack_frame(*frame) for frame in sent)
    reader = wire.Frames()
    got = [frame for at in range(0, len(stream), step) for frame in reader.feed(stream[at : at + step])]
    assert got == sent


def test_frames_before_a_bad_one_are_given() -> None:
    frames = wire.Frames().feed(wire.pack_frame(wire.LOADED) + b"\xff" * 20)
    assert next(frames) == (wire.LOADED, 0, b"")
    with pytest.raises(wire.WireError):
        next(frames)


def _unpack_request(data: bytes) -> None:
    unpack_request(data, ())


@given(st.binary(max_size=300))
def test_random_bytes_raise_nothing_but_the_wires_own_error(data: bytes) -> None:
    for unpack in (_feed, wire.unpack_answer, wire.unpack_failure, unpack_calls, _unpack_request):
        with contextlib.suppress(wire.WireError):
            unpack(data)


@given(
    st.integers(0, 8),
    st.integers(0, 10),
    st.lists(st.integers(0, 2**32 - 1), max_size=10),
    st.binary(max_size=64),
)
def test_random_array_headers_raise_nothing_else_either(
    code: int, ndim: int, shape: list[int], data: bytes
) -> None:
    head = wire.pack_text("") + b"\1" + bytes([code, ndim])
    with contextlib.suppress(wire.WireError):
        wire.unpack_answer(head + struct.pack(f"<{len(shape)}I", *shape) + data)


def test_a_large_claim_allocates_nothing() -> None:
    claim = wire.pack_text("") + b"\1" + bytes([2, 2]) + struct.pack("<II", 2**32 - 1, 2**32 - 1)
    tracemalloc.start()
    for unpack, data in (
        (wire.unpack_answer, claim),
        (_feed, struct.pack("<BII", wire.RETURNED, 0, 2**32 - 1)),
        (wire.unpack_failure, struct.pack("<I", 2**32 - 1)),
    ):
        with pytest.raises(wire.WireError):
            unpack(data)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 100_000


def test_parts_share_one_allowance() -> None:
    half = np.zeros(wire.MAX_ANSWER // 16)
    assert len(wire.unpack_answer(wire.pack_answer([half, half], ""))[0]) == 2
    with pytest.raises(wire.WireError):
        wire.unpack_answer(wire.pack_answer([half, half, half[:1]], ""))


def test_forged_bools_are_made_honest() -> None:
    body = wire.pack_answer([np.array([True, False])], "")[:-2] + b"\x07\x00"
    (part,) = wire.unpack_answer(body)[0]
    assert part.tobytes() == b"\x01\x00"


def test_text_is_cleaned_of_what_could_mislead() -> None:
    assert wire.make_printable("a\x1b[31mb\u202ec\nd\u00a0e", keep="\n") == "a\ufffd[31mb\ufffdc\nd e"
    assert wire.make_printable("ℝⁿ → ∂f", keep="") == "ℝⁿ → ∂f"
    sent = wire.Fields._make(["raised", "a\x00b" + "x" * 5000, *["\u2066"] * 5, 7])
    fields = wire.unpack_failure(wire.pack_failure(sent))
    assert fields.what.startswith("a\ufffdbxx") and len(fields.what.encode()) <= wire.MAX_TEXT + 2
    assert fields[2:-1] == ("\ufffd",) * 5


@pytest.mark.parametrize(("claimed", "column"), [(0, 0), (3, 3), (4, 4), (5, 0), (2**32 - 1, 0)])
def test_a_column_lies_in_its_line_or_just_behind_it(claimed: int, column: int) -> None:
    sent = wire.Fields("syntax", "", text="abc", column=claimed)
    assert wire.unpack_failure(wire.pack_failure(sent)).column == column


def test_only_a_child_s_own_kinds_of_failure_are_taken() -> None:
    with pytest.raises(wire.WireError):
        wire.unpack_failure(wire.pack_failure(wire.Fields("too_slow", "")))
