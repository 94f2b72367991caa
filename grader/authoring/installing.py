"""How students install the grader, in one line, from what `config.yaml` says."""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass
from pathlib import Path

from grader.core.errors import AuthorError, Fault
from grader.problems.course import Course

NOT_SAID = (
    "config.yaml does not say how to install the grader, so students read `pip install frechet-grader`, which works "
    "once the package is on an index. Give install: a URL, or a wheel to put into the folder (pip wheel --no-deps .)"
)
_PLAIN = re.compile(r"[\w./:@+=,-]+")


@dataclass(frozen=True, slots=True)
class Installation:
    """A line for a shell, and the wheel that it needs beside it.

    Args:
        wheel: name → content; empty if it is somewhere else.
    """

    command: str
    wheel: dict[str, bytes]


def find_installation(course: Course) -> Installation:
    """Make the command of a URL, a wheel beside `config.yaml`, the name on an index, or take it as it stands.

    Raises:
        AuthorError: there is no such wheel.
    """
    source = course.install.strip() or "frechet-grader"
    if " " in source:
        return Installation(source, {})
    wheel = find_wheel(course)
    if wheel is None:
        return Installation(f"pip install {_quote(source)}", {})

    try:
        data = wheel.read_bytes()
    except OSError as error:
        fault = Fault(f"the wheel {wheel} cannot be read: {error.strerror}", "install")
        raise AuthorError(course.folder / "config.yaml", [fault]) from None
    return Installation(f"pip install {_quote(f'./{wheel.name}')}", {wheel.name: data})


def find_wheel(course: Course) -> Path | None:
    """The wheel that is to lie in released folders; None if students get it from elsewhere."""
    source = course.install.strip()
    is_file = source.endswith(".whl") and " " not in source and "://" not in source
    return course.folder / source if is_file else None


def _quote(text: str) -> str:
    """The text for a shell; double quotes are those that Windows knows too."""
    if _PLAIN.fullmatch(text):
        return text
    return f'"{text}"' if not set(text) & set('"$`\\') else shlex.quote(text)
