"""Faults of authors and of the grader itself; a student's wrong answer is a value, never an exception."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TypeVar

from grader.core.text import count

T = TypeVar("T")

_SHORTEST = 2
"""Letters of a word, or of a part of one, that are too few to be misspelt."""
_MOST_LISTED = 25


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
        line = f"line {self.line}" if self.line else ""
        place = ", ".join(filter(None, (line, self.where)))
        return ": ".join(filter(None, (place, self.message)))


class GraderError(Exception):
    """Something that the user can fix: its text is shown as it stands, without a traceback."""

    def _render_traceback_(self) -> list[str]:
        """Jupyter shows this in the place of a traceback."""
        return [f"Error: {self}"]


class AuthorError(GraderError):
    """All the faults of one author's file.

    Args:
        path: the file; faults: every fault found in it, in the order of their lines.
    """

    def __init__(self, path: Path | str, faults: Iterable[Fault]) -> None:
        self.path = path
        self.faults = tuple(sorted(faults, key=lambda fault: (fault.line or 0, fault.where)))
        lines = [f"{path} has {count(len(self.faults), 'fault')}:", *(f"  {fault}" for fault in self.faults)]
        super().__init__("\n".join(lines))

    def __reduce__(self) -> tuple[type[AuthorError], tuple[Path | str, tuple[Fault, ...]]]:
        return type(self), (self.path, self.faults)  # workers send it to their parent


class AuthorErrors(GraderError):
    """The faults of several files, shown together."""

    def __init__(self, errors: Iterable[AuthorError]) -> None:
        self.errors = tuple(errors)
        super().__init__("\n\n".join(str(error) for error in self.errors))


def join_errors(errors: Sequence[AuthorError]) -> GraderError:
    """Make one error of the faults of one file or several."""
    return errors[0] if len(errors) == 1 else AuthorErrors(errors)


def attempt(faults: list[str], step: Callable[[], T]) -> T | None:
    """Take a step; if it fails, note why, so that other faults are told together with this one."""
    try:
        return step()
    except GraderError as error:
        faults.append(str(error))
        return None


def refuse(faults: Sequence[str]) -> None:
    """Raise an error with all that is wrong, if anything is."""
    if len(faults) == 1:
        raise GraderError(faults[0])
    if faults:
        raise GraderError("\n".join([f"{count(len(faults), 'fault')}:", *(f"  {fault}" for fault in faults)]))


def cannot_write(folder: Path, error: OSError) -> GraderError:
    """Make the error for an output folder below which a file cannot be written."""
    why = error.strerror or type(error).__name__
    return GraderError(f"Cannot write to {folder}: {why}; fix that, or choose another folder with -o")


def suggest(word: str, allowed: Iterable[str]) -> str:
    """Help with a misspelt word, in half a sentence: the nearest right spelling, else all of them if they are few."""
    words = sorted(set(allowed))
    near = find_nearest(word, words)
    if near:
        return f"did you mean '{near}'?"
    more = f", … and {len(words) - _MOST_LISTED} more" if len(words) > _MOST_LISTED else ""
    return f"allowed: {', '.join(words[:_MOST_LISTED]) or 'none'}{more}"


def find_nearest(word: str, allowed: Iterable[str]) -> str | None:
    """Find the right spelling that is nearest to a misspelt word; None if none is near.

    Of two letters one is half, so nothing is near to them but the same in capitals. Words may be cut short:
    `inverse-diff` is near to `inv-differential`.
    """
    words = list(allowed)
    if len(word) <= _SHORTEST:
        near = [other for other in words if other.casefold() == word.casefold()]
    else:
        near = difflib.get_close_matches(word, words, n=1, cutoff=0.6)
        near += filter(partial(_is_short_for, word), words)
    return next(iter(near), None)


def _is_short_for(word: str, other: str) -> bool:
    """Do the parts of a word begin like those of another?"""
    parts, wanted = re.split("[-_ ]", word.casefold()), re.split("[-_ ]", other.casefold())
    if len(parts) != len(wanted):
        return False
    least = _SHORTEST + 1
    return all(len(a) >= least and a[:least] == b[:least] for a, b in zip(parts, wanted, strict=True))
