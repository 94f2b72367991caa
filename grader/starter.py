"""What a student starts from: stubs with the signature and the question."""

from __future__ import annotations

from grader.problem import Problem


def starter(problem: Problem) -> str:
    """A stub of the problem's function; it runs, returns nothing, and so earns nothing."""
    return f'def {problem.signature}:\n    """{problem.title}."""\n    return None  # your answer\n'
