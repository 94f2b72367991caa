"""How far a function came, in words that point at the cause."""

from __future__ import annotations

import pytest

from grader.answers.sandbox.progress import Progress, explain_slowness


@pytest.mark.parametrize(
    ("progress", "what", "advice"),
    [
        (None, "did not finish within 2 s", "keep only the functions, or look for an endless loop"),
        (
            Progress(0, 1, (0.0, ""), (2.0, "n = 2")),
            "did not finish within 2 s",
            "look for a loop that never ends or takes too long",
        ),
        (
            Progress(0, 9, (0.0, ""), (2.0, "n = 2")),
            "did not finish the first of 9 calls for n = 2 within 2 s",
            "look for a loop that never ends or takes too long",
        ),
        (
            Progress(5, 9, (0.4, "n = 5"), (0.1, "n = 2")),
            "answered 5 of 9 calls in 2 s",
            "the slowest was for n = 5: look for what takes so long",
        ),
        (
            Progress(3, 9, (0.4, "n = 5"), (0.8, "n = 7")),
            "answered 3 of 9 calls in 2 s",
            "the slowest was for n = 7: look for what takes so long",
        ),
        (
            Progress(3, 9, (0.4, ""), (0.8, "")),
            "answered 3 of 9 calls in 2 s",
            "look for what takes so long",
        ),
        (
            Progress(2, 4, (0.01, "n = 2"), (1.9, "n = 5")),
            "answered 2 of 4 calls in 2 s",
            "the next one for n = 5 may never end: look for an endless loop",
        ),
    ],
)
def test_a_function_that_is_slow_is_told_from_one_that_may_never_end(
    progress: Progress | None, what: str, advice: str
) -> None:
    failure = explain_slowness("f", "2 s", progress)
    assert (failure.kind, failure.subject, failure.what, failure.advice) == ("too_slow", "f", what, advice)
