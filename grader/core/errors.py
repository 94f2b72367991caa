"""Faults of authors and of the grader itself; a student's wrong answer is a value, never an exception."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong in one file.

    Args:
        message: what was found and what is allowed, one sentence without a full stop.
        where: the field, such as `inputs.A.family[1]`; empty for the file as a whole.
        line: counted from 1; None where the file has no lines.
    """

    message: str
    where: str = ""
    line: int | None = None

    def __str__(self) -> str:
        place = ", ".join(part for part in (f"line {self.line}" if self.line else "", self.where) if part)
        return f"{place}: {self.message}" if place else self.message


class GraderError(Exception):
    """Something the user can mend: its text is shown as it stands, without a traceback."""

    def _render_traceback_(self) -> list[str]:
        """What Jupyter shows in the place of a traceback."""
        return [f"Error: {self}"]


class AuthorError(GraderError):
    """All the faults of one author's file.

    Args:
        path: the file; faults: every fault found in it, in the order of their lines.
    """

    def __init__(self, path: Path | str, faults: Iterable[Fault]) -> None:
        self.path = path
        self.faults = tuple(sorted(faults, key=lambda fault: (fault.line or 0, fault.where)))
        count = len(self.faults)
        head = f"{path} has {count} fault{'s' if count != 1 else ''}:"
        super().__init__("\n".join([head, *(f"  {fault}" for fault in self.faults)]))

    def __reduce__(self) -> tuple[type[AuthorError], tuple[Path | str, tuple[Fault, ...]]]:
        return type(self), (self.path, self.faults)  # workers send it to their parent


class AuthorErrors(GraderError):
    """The faults of several files, shown together."""

    def __init__(self, errors: Iterable[AuthorError]) -> None:
        self.errors = tuple(errors)
        super().__init__("\n\n".join(str(error) for error in self.errors))


def suggest(found: str, allowed: Iterable[str]) -> str:
    """Half a sentence that helps with a misspelt word: the nearest right spelling, else all of them."""
    words = sorted(allowed)
    near = find_nearest(found, words)
    return f"did you mean '{near}'?" if near else f"allowed: {', '.join(words) or 'none'}"


def find_nearest(found: str, allowed: Iterable[str]) -> str | None:
    """The right spelling that is nearest to a misspelt word, if one is near."""
    return next(iter(difflib.get_close_matches(found, list(allowed), n=1, cutoff=0.6)), None)
