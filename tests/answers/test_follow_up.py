"""Calls that follow from the answers to others."""

from __future__ import annotations

from grader.answers.sandbox import Call, Failed, Limits, Sandbox
from grader.reports.code import CodeCell
from tests.answers.asking import LIMITS, failure, part

COUNTING = (
    "calls = 0\ndef f(x):\n    global calls\n    calls += 1\n    return calls\ndef g(x): return 10 * x\n"
)
F, G = Call("f", (1,), "f(x)"), Call("g", (2,), "g(x)")


def test_what_follows_is_asked_in_the_same_process(sandbox: Sandbox) -> None:
    run = sandbox.run([CodeCell("answers.py", COUNTING)], [F, G, F], lambda answers: [F, G])
    assert [part(answer).item() for answer in run.answers] == [1, 20, 2, 3, 20]


def test_what_follows_depends_on_all_answers(sandbox: Sandbox) -> None:
    calls = [F, G, F]
    run = sandbox.run(
        [CodeCell("answers.py", COUNTING)], calls, lambda answers: [G] * part(answers[1]).item()
    )
    assert len(run.answers) == 3 + 20


def test_a_process_that_dies_in_between_is_replaced(sandbox: Sandbox) -> None:
    source = COUNTING.replace("return calls", "return os._exit(3) if calls > 1 else calls")
    run = sandbox.run([CodeCell("answers.py", f"import os\n{source}")], [F, G], lambda answers: [F, G, G])
    assert [part(answer).item() for answer in (*run.answers[:2], *run.answers[3:])] == [1, 20, 20, 20]
    assert failure(run.answers[2])[0] == "died"


def test_what_follows_a_death_is_asked_in_a_new_process(sandbox: Sandbox) -> None:
    source = "import os\ndef f(x): os._exit(3)\ndef g(x): return 10 * x\n"
    run = sandbox.run([CodeCell("answers.py", source)], [G, F], lambda answers: [G])
    assert [part(run.answers[0]).item(), part(run.answers[2]).item()] == [20, 20]
    assert failure(run.answers[1])[0] == "died"


def test_nothing_follows_when_time_is_up() -> None:
    limits = Limits(seconds=5.0, cpu_seconds=5.0, total_seconds=0.6, memory_mb=LIMITS.memory_mb)
    source = "import time\ndef f(x): time.sleep(9)\n"
    with Sandbox(limits) as sandbox:
        run = sandbox.run([CodeCell("answers.py", source)], [G, F], lambda answers: [G, G])
    assert len(run.answers) == 2 and all(isinstance(answer, Failed) for answer in run.answers)
