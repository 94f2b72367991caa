"""Stubs that students start from: the signature, the question's title and a word on each argument."""

from __future__ import annotations

from collections.abc import Sequence

from grader.problems.problem import Input, Problem
from grader.problems.shapes import Shape

INDENT = "    "


def make_stub(problem: Problem) -> str:
    """A stub of the problem's function; it can be loaded, raises when it is called, and so earns nothing."""
    return f"{make_heading(problem)}{INDENT}raise NotImplementedError  # your answer\n"


def make_heading(problem: Problem) -> str:
    """The first lines of the function: its signature, and a docstring from the problem's title and arguments."""
    about = _arguments(problem)
    lines = [
        f"def {problem.signature}:",
        f'{INDENT}"""{_harmless(problem.title)}.',
        "",
        f"{INDENT}Args:",
        *(f"{INDENT * 2}{name}: {about[name]}" for name in problem.arguments),
        *_returns(problem),
        f'{INDENT}"""',
    ]
    return "\n".join(lines) + "\n"


def _returns(problem: Problem) -> list[str]:
    """What the function returns, where an answer has names."""
    if not problem.returns:
        return []
    lines = (f"{INDENT * 2}{item.name}: {_shape(item.shape)}" for item in problem.returns)
    return ["", f"{INDENT}Returns:", *lines]


def _arguments(problem: Problem) -> dict[str, str]:
    """Argument → what it is."""
    shapes = {given.name: _shape(given.shape) for given in problem.inputs}
    about = dict.fromkeys(problem.arguments, f"the cotangent, {_shape(problem.output)}")
    about |= {function.name: "a function of one argument" for function in problem.functions}
    about |= {parameter.name: _values(parameter.values) for parameter in problem.parameters}
    about |= {name: f"a direction, like {at} {shapes[at]}" for name, at in problem.directions.items()}
    about |= {given.name: _about_input(problem, given) for given in problem.inputs}
    return about


def _about_input(problem: Problem, given: Input) -> str:
    """The shape of an input, its space, and what its gradients are where students return one."""
    about, definition = _shape(given.shape), given.definition
    if definition.noun:
        about += f", {definition.noun}"

    has_gradient = problem.form == "gradient" and given.name in problem.wrt
    if has_gradient and definition.gradient:
        about += f"; gradients are {definition.gradient.format(given.name)}"
    return about


def _values(values: Sequence[object]) -> str:
    words = [repr(value) for value in values if isinstance(value, str)]
    if words:
        return f"one of {', '.join(words)}"
    are_integers = all(isinstance(value, int) for value in values)
    return "an integer" if are_integers else "a number"


def _shape(shape: Shape) -> str:
    return f"an array of shape {write_shape(shape)}" if shape else "a number"


def write_shape(shape: Sequence[object]) -> str:
    """A shape as Python writes it: `(m, n)`, `(n,)`."""
    comma = "," if len(shape) == 1 else ""
    return f"({', '.join(map(str, shape))}{comma})"


def _harmless(text: str) -> str:
    """Text that can stand in a docstring."""
    return text.strip().rstrip(".").replace("\\", "\\\\").replace('"', "'")
