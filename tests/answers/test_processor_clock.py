"""Processor time is bounded from outside, whatever a submission does to its own timers."""

from __future__ import annotations

import os
import time

import pytest

from grader.answers.sandbox import Call, Failed, Limits, Sandbox
from grader.answers.sandbox.policy import Level
from grader.answers.sandbox.processor_clock import make_clock
from grader.reports.code import CodeCell

pytestmark = pytest.mark.slow

IGNORED = """
import signal
signal.signal(signal.SIGPROF, signal.SIG_IGN)
def compute():
    signal.setitimer(signal.ITIMER_PROF, 0)
    while True: pass
def sleep():
    import time
    time.sleep(1.2)
    return 1.0
"""


@pytest.mark.parametrize("level", ["strong", "standard"])
def test_a_submission_that_ignores_its_timer_is_stopped_by_ours(level: Level) -> None:
    limits = Limits(seconds=60, cpu_seconds=0.4, total_seconds=60, memory_mb=256, output_kb=64)
    with Sandbox(limits, strongest=level) as sandbox:
        calls = [Call(name, (), f"{name}()") for name in ("compute", "sleep")]
        computed, slept = sandbox.run([CodeCell("answers.py", IGNORED)], calls).answers
    assert isinstance(computed, Failed) and computed.failure.kind == "too_slow"
    assert "0.4 s of processor time" in computed.failure.message
    assert not isinstance(slept, Failed)  # waiting is not computing


def test_the_clock_of_a_process_counts_what_it_computes_and_stays_when_it_has_ended() -> None:
    reader, writer = os.pipe()
    pid = os.fork()
    if pid == 0:
        begun = time.process_time()
        while time.process_time() - begun < 0.2:
            pass
        os.write(writer, b".")
        time.sleep(60)
    clock = make_clock(os.pidfd_open(pid))
    os.read(reader, 1)
    computed = clock()
    os.kill(pid, 9)
    os.waitpid(pid, 0)
    assert 0.2 <= computed < 2 and clock() == computed
    for descriptor in (reader, writer):
        os.close(descriptor)
