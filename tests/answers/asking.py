"""Ask a sandbox for the answers of some source."""

from __future__ import annotations

import numpy as np

from grader.answers.sandbox import Call, Failed, Limits, Returned, Run, Sandbox
from grader.reports.code import CodeCell

LIMITS = Limits(seconds=2.0, cpu_seconds=0.4, total_seconds=10.0, memory_mb=256, output_kb=64)
"""Wide enough by the wall that a machine which stalls for a second changes nothing."""

A = np.array([[1.0, 2.0], [3.0, 4.0]])
GOOD = "\ndef good(A):\n    return 2 * A\n"


def ask(
    sandbox: Sandbox, source: str, *names: str, parts: int = 1, arguments: tuple[object, ...] = (A,)
) -> Run:
    calls = [Call(name, arguments, f"{name}(A)", parts) for name in names or ("f",)]  # type: ignore[arg-type]
    return sandbox.run([CodeCell("answers.py", "import numpy as np\n" + source)], calls)


def ask_body(sandbox: Sandbox, body: str, parts: int = 1) -> Returned | Failed:
    """The answer of a function with this body; `good` beside it must not suffer."""
    lines = "".join(f"    {line}\n" for line in body.split("\n"))
    run = ask(sandbox, f"def f(A):\n{lines}{GOOD}", "f", "good", parts=parts)
    if parts == 1:
        assert isinstance(run.answers[1], Returned), run
    return run.answers[0]


def failure(answer: object) -> tuple[str, str]:
    assert isinstance(answer, Failed), answer
    message = answer.failure.message
    assert message and "grader/" not in message and not message.endswith(".")
    return answer.failure.kind, message


def part(answer: object) -> np.ndarray:
    assert isinstance(answer, Returned), answer
    (array,) = answer.parts
    return array
