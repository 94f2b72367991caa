"""What a student starts from: stubs with the signature, the question's title and what the arguments are."""

from __future__ import annotations

from collections.abc import Iterator

from grader.problems.algebras import Shape
from grader.problems.problem import Problem

INDENT = "    "


def starter(problem: Problem) -> str:
    """A stub of the problem's function; it can be loaded, raises when it is called, and so earns nothing."""
    return f"{heading(problem)}{INDENT}raise NotImplementedError  # your answer\n"


def heading(problem: Problem) -> str:
    """The first lines of the function: its signature, and a docstring from the problem's title and arguments."""
    title = _harmless(problem.title)
    arguments = [f"{INDENT * 2}{line}" for line in _arguments(problem)]
    lines = [
        f"def {problem.signature}:",
        f'{INDENT}"""{title}.',
        "",
        f"{INDENT}Args:",
        *arguments,
        f'{INDENT}"""',
    ]
    return "\n".join(lines) + "\n"


def _arguments(problem: Problem) -> Iterator[str]:
    inputs = {item.name: item for item in problem.inputs}
    values = {item.name: item.values for item in problem.parameters}
    functions = {item.name: item.argument for item in problem.functions}
    for name in problem.arguments:
        if name in inputs:
            space = inputs[name].space
            yield f"{name}: {_kind(inputs[name].shape)}" + (
                f", {space.replace('_', ' ')}" if space != "general" else ""
            )
        elif name in problem.directions:
            at = problem.directions[name]
            yield f"{name}: a direction, like {at} {_kind(inputs[at].shape)}"
        elif name in values:
            words = [repr(value) for value in values[name] if isinstance(value, str)]
            whole = all(isinstance(value, int) for value in values[name])
            yield f"{name}: " + (
                f"one of {', '.join(words)}" if words else "an integer" if whole else "a number"
            )
        elif name in functions:
            yield f"{name}: a function of one argument"
        else:
            yield f"{name}: the cotangent, {_kind(problem.output)}"


def _kind(shape: Shape) -> str:
    sides = ", ".join(map(str, shape))
    return f"an array of shape ({sides}{',' if len(shape) == 1 else ''})" if shape else "a number"


def _harmless(text: str) -> str:
    """Text that can stand in a docstring."""
    return text.strip().rstrip(".").replace("\\", "\\\\").replace('"', "'")
