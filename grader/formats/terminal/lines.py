"""Lines of styled text: wrapped for a screen, printed, or joined to plain text."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from rich.console import Console
from rich.text import Text

from grader.reports.feedback import VerdictStyle

Lines = Iterator[Text]

_WIDEST = 100
"""Longer lines of prose are hard to read; matrices take what there is."""
_PLAIN = Console(width=80, color_system=None, force_terminal=False, legacy_windows=False, no_color=True)
"""Only wraps, never prints."""


@dataclass(frozen=True, slots=True)
class Screen:
    """The screen that lines are laid out for."""

    width: int
    ascii: bool

    def wrap(self, text: Text, indent: int = 0, widest: int = _WIDEST) -> Lines:
        """Wrapped text, every line indented, without spaces at the ends of lines."""
        room = max(min(self.width, widest) - indent, 10)
        is_short = text.cell_len <= room and "\n" not in text.plain
        for line in (text,) if is_short else text.wrap(_PLAIN, room):
            line.rstrip()
            yield Text(" " * indent).append_text(line)

    def mark(self, style: VerdictStyle) -> Text:
        """The character that stands for a verdict or an outcome."""
        return Text(style.ascii if self.ascii else style.mark, style.style)


def print_text(console: Console, text: Text, indent: int = 0) -> None:
    """Print wrapped text, every line indented; unlike rich's padding it leaves no spaces at the ends of lines."""
    print_lines(console, Screen(console.width, console.options.ascii_only).wrap(text, indent))


def print_lines(console: Console, lines: Iterable[Text]) -> None:
    """Print lines that are wrapped already."""
    console.print(Text("\n").join(lines), soft_wrap=True)


def join_lines(lines: Iterable[Text]) -> str:
    """The lines as plain text."""
    return "".join(f"{line.plain.rstrip()}\n" for line in lines)
