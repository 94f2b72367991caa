"""What a map says that its author may not have meant is told in validation, and nothing of what is meant."""

from __future__ import annotations

from typing import Any

import pytest

from grader.authoring.map_notes import find_notes
from grader.core.errors import AuthorError
from grader.problems.course import Course
from grader.problems.load import make_problem


def fields(f: str, ask: str, *shape: object) -> dict[str, Any]:
    signature = "f(A, B)"
    return {
        "title": "t",
        "statement": "s",
        "signature": signature,
        "f": f,
        "ask": ask,
        "inputs": {"A": {"shape": list(shape)}, "B": {"shape": list(shape)}},
        "wrt": ["A"],
        "checks": [{"check": "reference", "points": 1}],
    }


@pytest.mark.parametrize(
    ("f", "shape", "words"),
    [
        ("trace(A ** 2 @ B)", ("n", "n"), "power(A, 2)"),
        ("trace(A ** -1 @ B)", ("n", "n"), "is inv(A)"),
        ("trace((A + B) ** 3)", ("n", "n"), "power(X, 3)"),
        ("trace(A * B)", ("n", "n"), "the product of matrices is @"),
        ("A @ B.T", ("n",), "outer(B, B)"),
        ("trace(A / B)", ("n", "n"), "is A @ inv(B)"),
        ("trace(1 / A @ B)", ("n", "n"), "is inv(A)"),
        ("trace(exp(A) @ B)", ("n", "n"), "expm(A)"),
        ("trace(A @ log(B))", ("n", "n"), "logm(B)"),
        ("sum(A * B[0])", ("n", "n"), "A @ X"),
        ("sum(A + sum(B, axis=1))", ("n", 1), "+ repeats n×1 and n to n×n"),
        ("x = A @ B\nreturn trace(x ** 2)", ("n", "n"), "line 2, column 14: ** raises"),
        (
            "x = 0\nfor k in range(n):\n    x += trace(A * B)\nreturn x",
            ("n", "n"),
            "product of matrices is @",
        ),
    ],
)
def test_an_operation_on_entries_is_told(f: str, shape: tuple[str, ...], words: str) -> None:
    (note,) = find_notes(make_problem(fields(f, "gradient", *shape), "p"))
    assert note.startswith(("column ", "line ")) and words in note


@pytest.mark.parametrize(
    ("f", "shape"),
    [
        ("trace(A @ A @ B)", ("n", "n")),
        ("trace(power(A, 2) @ B)", ("n", "n")),
        ("2 * sum(A) * sum(B)", ("n", "n")),
        ("sum(A ** 2) + sum(B)", ("n",)),
        ("trace(A.T @ B)", ("m", "n")),
        ("sum(A[:, None] * B)", ("n",)),
        ("sum(A * sum(B, axis=0))", ("m", "n")),
        ("sum(exp(A) + B)", ("m", "n")),
    ],
)
def test_what_is_plain_is_not_told(f: str, shape: tuple[str, ...]) -> None:
    data = fields(f, "gradient", *shape) | {"sizes": {letter: [2, 3] for letter in shape}}
    assert find_notes(make_problem(data, "p")) == ()


def test_the_exercises_say_what_they_mean(course: Course) -> None:
    assert {id: find_notes(problem) for id, problem in course.problems.items()} == dict.fromkeys(
        course.problems, ()
    )


def test_a_map_of_one_number_is_told_how_to_become_a_scalar() -> None:
    data = fields("A.T @ B", "gradient", "n", 1)
    with pytest.raises(AuthorError, match=r"needs a scalar f, found shape 1×1; write trace\(…\)"):
        make_problem(data, "p")
    with pytest.raises(AuthorError, match="ask for a jacobian or pullback"):
        make_problem(fields("A @ B", "gradient", "n", "n"), "p")
