"""What the process of a submission or a notebook sends back, read as if it had been sent."""

from __future__ import annotations

import json
import os
import random
import struct
import time
from pathlib import Path

import numpy as np

from benchmarks.fuzzing.json_values import mutate_json
from benchmarks.fuzzing.kind import Read, mutate
from grader.answers.sandbox.answer import AnswerReader
from grader.answers.sandbox.conversation import Conversation
from grader.answers.sandbox.guest import wire
from grader.answers.sandbox.guest.limits import Limits
from grader.answers.sandbox.listener import Pipes
from grader.answers.sandbox.notebook_messages import count_values, read_message, read_reply
from grader.answers.sandbox.questions import Questions, ask_no_more

LIMITS = Limits(seconds=2, total_seconds=2)
CALLS = [wire.Call(name, (np.eye(2),), f"{name}(A)", parts) for name, parts in (("f", 1), ("g", 2), ("f", 1))]
MESSAGES = (
    {"msg_type": "stream", "content": {"name": "stdout", "text": "1\n"}},
    {
        "msg_type": "display_data",
        "content": {
            "data": {"text/plain": "1", "application/json": {"a": [1]}},
            "metadata": {},
            "transient": {"display_id": "1"},
        },
    },
    {
        "msg_type": "execute_result",
        "content": {"data": {"text/html": ["<b>"]}, "metadata": {}, "execution_count": 1},
    },
    {"msg_type": "error", "content": {"ename": "E", "evalue": "", "traceback": ["a"]}},
    {"msg_type": "clear_output", "content": {"wait": True}},
    {"status": "error", "execution_count": 1, "ename": "E", "evalue": "", "traceback": []},
)
_PIPE = 60_000
"""Bytes that a pipe takes before anybody reads."""


def read_frames(folder: Path) -> Read:
    """Read a stream of frames to its end, or the message of a notebook."""

    def read(draw: random.Random) -> bool:
        if draw.random() < 0.5:
            return _listen(draw)

        body = mutate_json(draw, draw.choice(MESSAGES))
        if draw.random() < 0.3:
            body = mutate(draw, body)
        count_values(body)
        read_one = draw.choice((read_message, read_message, read_reply))
        # What is accepted is written to a notebook.
        json.dumps(read_one(body), allow_nan=False).encode()
        return True

    return read


def _listen(draw: random.Random) -> bool:
    questions = Questions(CALLS, ask_no_more)
    conversation = Conversation(questions, ["cell 1"], LIMITS, time.monotonic() + 2, AnswerReader())
    answers, requests = os.pipe(), os.pipe()
    try:
        os.write(answers[1], _stream(draw)[:_PIPE])
        os.close(answers[1])
        conversation.run(b"", Pipes(requests[1], answers[0], ()))
    finally:
        for pipe in (answers[0], *requests):
            os.close(pipe)

    end = conversation.explain_end(0)
    if end is None:
        return len(questions.all_answers()) == len(CALLS)
    questions.give_up(end, conversation.lost_questions(), for_good=True)
    return False


def _stream(draw: random.Random) -> bytes:
    """Frames in the order that makes sense, or nearly."""
    parts = [np.eye(2), np.array(1.5)]
    failure = wire.pack_failure(wire.Fields("raised", "raised ValueError", place="line 1", subject="f"))
    frames = [
        wire.pack_frame(wire.STARTED),
        wire.pack_frame(wire.CELL, 0),
        wire.pack_frame(wire.LOADED),
        wire.pack_frame(wire.BEGIN, 0),
        wire.pack_frame(wire.RETURNED, 0, wire.pack_answer(parts[:1], "list")),
        wire.pack_frame(wire.FAILED, 2, failure),
        wire.pack_frame(wire.KEPT, 0, bytes(12)),
        wire.pack_frame(wire.BEGIN, 1),
        wire.pack_frame(wire.RETURNED, 1, wire.pack_answer(parts, "")),
        wire.pack_frame(wire.KEPT, 1, bytes(12)),
        wire.pack_frame(wire.WAITING),
        wire.pack_frame(wire.DONE),
    ]
    if draw.random() < 0.3:
        frames.insert(1, wire.pack_frame(wire.LOAD_FAILED, 0, failure))
    for _ in range(draw.choice((0, 0, 1, 2))):
        one, other = (draw.randrange(len(frames)) for _ in range(2))
        frames[one] = frames[other]
    if draw.random() < 0.3:
        frames[draw.randrange(len(frames))] = _forge(draw)
    return mutate(draw, b"".join(frames)) if draw.random() < 0.7 else b"".join(frames)


def _forge(draw: random.Random) -> bytes:
    """A frame whose numbers are as large as can be."""
    numbers = (0, 1, 7, 255, 0x7FFFFFFF, 0xFFFFFFFF)
    shape = struct.pack("<8I", *(draw.choice(numbers) for _ in range(8)))
    array = bytes([draw.randrange(9), draw.randrange(10)]) + shape + bytes(draw.choice((0, 8, 64)))
    body = wire.pack_text("") + bytes([draw.randrange(10)]) + array
    return wire.pack_frame(draw.randrange(10), draw.choice(numbers), body)
