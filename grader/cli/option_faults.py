"""What is wrong with a command line, in one sentence of ours: which option, what was found, what is allowed."""

from __future__ import annotations

from itertools import chain
from typing import Any

import typer

from grader.core.errors import suggest

USAGE_ERROR: type[Exception] = typer.BadParameter.__bases__[0]
"""Of all faults of a command line; typer keeps its name to itself."""


def is_call_for_help(error: Exception) -> bool:
    """Was nothing given at all?"""
    return type(error).__name__ == "NoArgsIsHelpError"


def explain_fault(error: Any) -> str:
    """Explain a fault, a `USAGE_ERROR`, and where to read on."""
    command = error.ctx.command_path.rpartition("-m ")[2] if error.ctx is not None else "grader"
    said = _explain(error)
    stop = "" if said.endswith("?") else "."
    return f"{said}{stop} See {command} --help"


def _explain(error: Any) -> str:
    match type(error).__name__:
        case "NoSuchOption":
            wrong = error.option_name
            return f"There is no option {wrong}; {suggest(wrong, _long_options(error.ctx.command))}"
        case "MissingParameter":
            return f"Missing argument {_name(error.param)}"
        case "BadOptionUsage":
            wants = "needs a value after it" if "requires" in error.message else "takes no value"
            return f"{error.option_name} {wants}"
        case "BadParameter" if error.param is not None:
            return _explain_value(error)

    if error.message.startswith("No such command"):
        wrong = error.message.split("'")[1]
        return f"No such command '{wrong}'; {suggest(wrong, error.ctx.command.commands)}"
    return str(error.message).rstrip(".")


def _long_options(command: Any) -> list[str]:
    names = chain.from_iterable(param.opts for param in command.params)
    return [name for name in names if name.startswith("--")]


def _explain_value(error: Any) -> str:
    name = _name(error.param)
    details: list[dict[str, Any]] = getattr(error.__cause__, "errors", list)()
    if not details:  # a fault that is ours to tell, or an earlier typer's
        return f"{name}: {error.message.rstrip('.')}"

    kind, found, bounds = details[0]["type"], details[0]["input"], details[0].get("ctx", {})
    if kind.startswith("int_"):
        return f"{name} takes a whole number, found '{found}'"
    if kind == "greater_than_equal":
        return f"{name} must be {bounds['ge']} or more, found '{found}'"
    if kind == "less_than_equal":
        return f"{name} must be {bounds['le']} or less, found '{found}'"
    return f"{name}: {error.message.removeprefix('Value error, ').rstrip('.')}"


def _name(param: Any) -> str:
    """`--seed`, or the name of an argument as the help shows it."""
    longest = max(param.opts, key=len)
    return longest if longest.startswith("-") else str(param.name).upper()
