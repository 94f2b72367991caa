"""Problems that cannot be read and that a command can do without: their faults are told on stderr."""

from __future__ import annotations

from collections.abc import Collection

from rich.console import Console
from rich.text import Text

from grader.core.errors import AuthorError
from grader.core.text import clean, count


def print_left_out(errors: Collection[AuthorError]) -> None:
    """Print the faults of the problems that are left out."""
    if not errors:
        return

    console = Console(stderr=True, soft_wrap=True, highlight=False)
    console.print(Text(f"Left out: {count(len(errors), 'problem')} with faults", "yellow"))
    for error in errors:
        console.print(Text(clean(str(error))))
