"""What hangs, dies or attacks costs what it should, and no more; and what students' code can see."""

from __future__ import annotations

import contextlib
import os
import re
import time
from pathlib import Path

import numpy as np
import pytest

from grader.answers.sandbox import Call, Failed, Limits, Returned, Sandbox, SandboxError
from grader.reports.code import CodeCell
from tests.answers.asking import GOOD, LIMITS, A, ask, ask_body, failure, part

pytestmark = pytest.mark.slow


@pytest.mark.parametrize(
    ("body", "kind", "words"),
    [
        ("while True: pass", "too_slow", "loop that never ends"),
        ("try:\n    while True: pass\nexcept BaseException: return A", "too_slow", "loop that never ends"),
        ("import time; time.sleep(60)", "too_slow", "2 s"),
        # Whichever of our clocks is first: that of the wall, or that of the processor, read from outside.
        (
            "import signal; signal.setitimer(signal.ITIMER_PROF, 0)\nwhile True: pass",
            "too_slow",
            "did not finish",
        ),
        ("import os; os._exit(0)", "died", "exit code 0"),
        ("import ctypes; ctypes.string_at(0)", "died", "segmentation fault"),
        ("import os; os.abort()", "died", "SIGABRT"),
        ("import os; os.closerange(0, 64); import time; time.sleep(60)", "died", "closed its connection"),
        ("while True: print('x' * 1000)", "too_slow", "loop that never ends"),
        ("import os\nwhile True: os.write(2, b'x' * 1000000)", "too_slow", "loop that never ends"),
    ],
)
def test_a_function_that_hangs_or_dies_costs_only_itself(
    sandbox: Sandbox, body: str, kind: str, words: str
) -> None:
    began = time.monotonic()
    got, message = failure(ask_body(sandbox, body))
    assert got == kind, message
    assert words in message
    assert time.monotonic() - began < 30  # however busy the machine is: less than it would have taken


@pytest.mark.parametrize(
    "printed", ["print('x' * 10**6)", "import os\nfor _ in range(50): os.write(2, b'x' * 10**5)"]
)
def test_printing_costs_nothing_and_what_is_left_out_is_said(sandbox: Sandbox, printed: str) -> None:
    lines = printed.replace("\n", "\n    ")
    run = ask(sandbox, f"{printed}\ndef f(A):\n    {lines}\n    return A{GOOD}", "f", "good")
    assert part(run.answers[0]).tolist() == A.tolist() and run.load_failures == ()
    assert run.output.startswith("xxxx") and run.output.endswith(
        "more than 64 KB were printed; the rest is left out)"
    )
    assert len(run.output) < 66_000


def test_output_up_to_the_limit_is_shown_whole(sandbox: Sandbox) -> None:
    run = ask(sandbox, "def f(A):\n    print('x' * (64 * 1024 - 1))\n    return A")
    assert run.output == "x" * (64 * 1024 - 1) + "\n"


LIMIT = r"(2 s|0\.4 s of processor time)"
"""Whichever is up first, on a machine that may be busy."""


def explain(sandbox: Sandbox, body: str, sizes: tuple[int, ...]) -> str:
    """Why the last call of a function has no answer, if `n` is the size of its argument."""
    source = f"import numpy as np, time\ndef f(A):\n    n = len(A)\n    {body}\n    return A"
    calls = [Call("f", (np.eye(n),), "f(A)", 1, f"n = {n}") for n in sizes]
    return failure(sandbox.run([CodeCell("answers.py", source)], calls).answers[-1])[1]


def test_a_function_that_is_only_slow_is_told_how_far_it_came(sandbox: Sandbox) -> None:
    message = explain(sandbox, "time.sleep(0.3 + 0.9 * (n == 5))", (2, 5, 3, 4, 2, 3, 2, 3))
    assert re.fullmatch(
        rf"f answered [1-5] of 8 calls in {LIMIT}; the slowest was for n = 5: look for what takes so long",
        message,
    )


def test_processor_time_is_told_as_such(sandbox: Sandbox) -> None:
    message = explain(
        sandbox, "end = time.process_time() + 0.1\n    while time.process_time() < end: pass", (2,) * 9
    )
    assert re.fullmatch(rf"f answered [1-4] of 9 calls in {LIMIT}; the slowest was for n = 2: .*", message)


def test_a_loop_that_may_never_end_is_told_with_its_input(sandbox: Sandbox) -> None:
    later = explain(sandbox, "while n == 5: pass", (2, 3, 5, 2))
    assert re.fullmatch(
        rf"f answered 2 of 4 calls in {LIMIT}; the next one for n = 5 may never end: "
        "look for an endless loop",
        later,
    )
    first = explain(sandbox, "while n == 2: pass", (2, 3, 5, 2))
    assert re.fullmatch(
        rf"f did not finish the first of 4 calls for n = 2 within {LIMIT}; "
        "look for a loop that never ends or takes too long",
        first,
    )


def test_answers_before_a_hang_are_kept(sandbox: Sandbox) -> None:
    source = "def f(x):\n    while x > 1: pass\n    return x\ndef g(x): return x"
    calls = [Call(name, (x,), f"{name}(x)") for x in (0.0, 1.0, 2.0, 0.5) for name in "fg"]
    run = sandbox.run([CodeCell("answers.py", source)], calls)
    assert [isinstance(answer, Returned) for answer in run.answers[::2]] == [True, True, False, False]
    assert [float(part(answer)) for answer in run.answers[1::2]] == [0.0, 1.0, 2.0, 0.5]
    assert run.seconds["f"] > run.seconds["g"]


def test_top_level_code_that_hangs_is_named_as_the_cause(sandbox: Sandbox) -> None:
    run = ask(sandbox, "def f(A): return A\nwhile True: pass", "f", "g")
    for answer in run.answers:
        kind, message = failure(answer)
        assert kind == "too_slow" and "outside of functions" in message
    assert [fault.kind for fault in run.load_failures] == ["too_slow"]


def test_the_whole_file_has_a_limit_too() -> None:
    limits = Limits(seconds=0.4, cpu_seconds=0.4, total_seconds=0.6)
    names = [f"f{i}" for i in range(5)]
    source = "import time\n" + "".join(f"def {name}(A): time.sleep(9)\n" for name in names)
    with Sandbox(limits) as own:
        began = time.monotonic()
        run = ask(own, source, *names)
    assert {failure(answer)[0] for answer in run.answers} == {"too_slow"}
    assert "whole file" in failure(run.answers[-1])[1]
    assert time.monotonic() - began < 30


def test_nothing_is_left_from_one_submission_to_the_next(sandbox: Sandbox) -> None:
    ask(sandbox, "import builtins, sys\nbuiltins.secret = np.secret = sys.secret = 1\ndef f(A): return 1")
    run = ask(
        sandbox, "import builtins, sys\ndef f(A): return [hasattr(x, 'secret') for x in (builtins, np, sys)]"
    )
    assert part(run.answers[0]).tolist() == [False, False, False]


def test_random_numbers_are_the_same_every_time(sandbox: Sandbox) -> None:
    first, second = (part(ask(sandbox, "def f(A): return np.random.rand()").answers[0]) for _ in range(2))
    assert first == second


def test_what_is_printed_is_kept_once_and_cleaned(sandbox: Sandbox) -> None:
    source = "print('top\\x1b[2J')\ndef f(A):\n    print('f')\n    import os; os._exit(1)\n"
    source += "def g(A):\n    print('g')\n    return A"
    assert ask(sandbox, source, "f", "g").output == "top\ufffd[2J\nf\ng\n"


def test_forged_frames_to_every_descriptor_are_no_more_than_wrong_answers(sandbox: Sandbox) -> None:
    source = (
        """
import os, struct
def f(A):
    for fd in range(3, 64):
        for data in (os.urandom(5000), struct.pack('<BII', 7, 0, 0) * 50):
            try: os.write(fd, data)
            except OSError: pass
    return A
"""
        + GOOD
    )
    run = ask(sandbox, source, "f", "good")
    assert failure(run.answers[0])[0] == "protocol"
    assert part(run.answers[1]).tolist() == (2 * A).tolist()


def test_a_forged_end_does_not_spare_the_questions(sandbox: Sandbox) -> None:
    source = """
import os, struct
for fd in range(3, 64):
    try: os.write(fd, struct.pack('<BII', 3, 0, 0) + struct.pack('<BII', 7, 0, 0))
    except OSError: pass
def f(A): return A
"""
    assert failure(ask(sandbox, source).answers[0])[0] == "protocol"


def test_what_a_function_leaves_running_is_killed_even_where_nothing_keeps_it_from_starting() -> None:
    source = (
        """
import os, sys, time
def f(A):
    try:
        pid = os.fork()
    except OSError:
        return 0
    if pid == 0:
        os.setsid()
        if os.fork() == 0:
            time.sleep(60)
        time.sleep(60)
    return pid
def g(A):
    time.sleep(60)
"""
        + GOOD
    )
    with Sandbox(LIMITS, strongest="none") as own:
        run = ask(own, source, "f", "good")
        assert part(run.answers[1]).shape == (2, 2)
        assert not _alive_in_session(int(part(run.answers[0])))
        run = ask(own, source, "f", "g", "good")
        assert [type(answer) for answer in run.answers] == [Returned, Failed, Returned]
        assert not _alive_in_session(int(part(run.answers[0])))


def _alive_in_session(session: int) -> list[str]:
    """Processes of a session, which is named after the process that began it."""
    found = []
    for entry in Path("/proc").iterdir():
        with contextlib.suppress(OSError):
            if entry.name.isdigit() and (entry / "stat").read_text().rpartition(")")[2].split()[3] == str(
                session
            ):
                found.append(entry.name)
    return found


def test_students_see_neither_the_environment_nor_stdin_nor_open_files(sandbox: Sandbox) -> None:
    os.environ["GRADER_SECRET"] = "x"
    try:
        with Sandbox(LIMITS) as own:
            source = (
                "import grader, os, sys\n"
                "def f(A): return 'GRADER_SECRET' in os.environ or len(sys.stdin.read()) or os.getcwd() != '/'\n"
                "def g(A): return len([n for n in range(256) if is_open(n)])\n"
                "def is_open(n):\n"
                "    try: return os.fstat(n)\n"
                "    except OSError: return None\n"
                "def h(A): return 'grading' in dir(grader) or any(\n"
                "    sys.modules[name] is not grader for name in sys.modules if name.startswith('grader'))\n"
            )
            run = ask(own, source, "f", "g", "h")
    finally:
        del os.environ["GRADER_SECRET"]
    assert not part(run.answers[0]) and not part(run.answers[2])
    assert part(run.answers[1]) == 5  # 0, 1, 2 and the pipes of questions and answers


def test_students_compute_with_the_kernels_that_the_graders_environment_names(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("OPENBLAS_CORETYPE", "Prescott")
    with Sandbox(LIMITS) as own:
        run = ask(own, "import os\ndef f(A): return os.environ.get('OPENBLAS_CORETYPE') == 'Prescott'\n")
    assert part(run.answers[0])


def test_starting_does_not_wait_and_closing_twice_is_harmless() -> None:
    began = time.monotonic()
    own = Sandbox(LIMITS)
    started = time.monotonic() - began
    assert own.isolation.level
    assert started < (time.monotonic() - began) / 2
    own.close()
    own.close()


def test_a_zygote_that_is_lost_is_replaced_and_then_is_the_graders_error() -> None:
    with Sandbox(LIMITS, strongest="none") as own:
        source = "import os, signal\ndef f(A): os.kill(os.getppid(), signal.SIGKILL)\n" + GOOD
        with pytest.raises(SandboxError, match="failed twice"):
            ask(own, source, "f", "good")
        assert part(ask(own, GOOD, "good").answers[0]).shape == (2, 2)


def test_a_setup_that_fails_is_the_graders_error() -> None:
    with (
        Sandbox(Limits(total_seconds=1e30)) as own,
        pytest.raises(SandboxError, match="failed twice: OverflowError"),
    ):
        ask(own, GOOD, "good")


def test_a_library_that_is_not_installed_is_the_graders_error() -> None:
    with pytest.raises(SandboxError, match="no_such_library"):
        Sandbox(LIMITS, ("numpy", "no_such_library"))


@pytest.mark.parametrize(
    "line",
    [
        "from grader import check",
        "import grader\ngrader.check('f', f)",
        "from grader import check\ncheck('f', f).show().points",
        "from grader import check\nfound = check('f', f, seed=7)\nassert 0.0 <= found.points + found.points",
        "if __name__ != '__main__':\n    from grader import check as look; display(look('f', f))",
        "import grader.notebook\nfrom grader.notebook import check\nassert check('f', f).report.score is not None",
        "import grader.platforms.jupyter\nfrom grader.platforms.jupyter import check\nassert check('f', f).report",
        "import grader\ngrader.__version__\nfound = grader.check('f', f)\nassert found.points == 10 <= found.points",
        "from grader import check\nfound = f\"{check('f', f).report.score:.2f}{check('f', f).note}\"",
    ],
)
def test_the_checks_that_students_run_themselves_cost_nothing_and_print_nothing(
    sandbox: Sandbox, line: str
) -> None:
    run = ask(sandbox, f"def f(A):\n    return 2 * A\n{line}\ndef good(A):\n    return A + 0\n", "f", "good")
    assert run.load_failures == ()
    assert all(isinstance(answer, Returned) for answer in run.answers)
    assert run.output.strip() == ""
