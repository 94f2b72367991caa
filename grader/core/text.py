"""Harmless forms of text that came from a submission; every format shows nothing else."""

from __future__ import annotations

import re

INVISIBLE = (
    "\x7f-\x9f\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ud800-\udfff\ufeff"
    "\ufff9-\ufffb\U000e0000-\U000e007f"
)
"""Beyond ASCII's, characters that control a terminal, hide or reorder text, or stand for nothing; for a class of
characters in a regular expression."""

# Whole escape sequences (CSI, OSC, the rest), so that no `[31m` is left behind where only ESC would go.
_ESCAPES = re.compile(
    r"(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]|(?:\x1b\]|\x9d)[^\x07\x1b\x9c]*(?:\x07|\x1b\\|\x9c)|\x1b[ -~]?"
)
# Control characters except tab and newline, marks that reorder or hide text, lone surrogates.
_CONTROLS = re.compile(f"[\x00-\x08\x0b-\x1f{INVISIBLE}]")


def clean(text: str) -> str:
    """Text without control characters, terminal sequences and invisible reordering marks."""
    if text.isascii() and text.isprintable():
        return text
    text = _ESCAPES.sub("", text.replace("\r\n", "\n")).replace("\r", "\n")
    return _CONTROLS.sub("", text)


def one_line(text: str, most: int = 600) -> str:
    """Cleaned text on one line of at most so many characters."""
    line = " ".join(clean(text[: 4 * most]).split())
    return line if len(line) <= most and len(text) <= 4 * most else line[: most - 1] + "…"


def clip_lines(text: str, lines: int, most: int = 4000) -> str:
    """Cleaned text, cut after so many lines or characters, saying so."""
    whole = clean(text[: 4 * most]).strip("\n").expandtabs(4)
    kept = "\n".join(whole[:most].split("\n")[:lines])
    return kept if len(kept) == len(whole) and len(text) <= 4 * most else kept + "\n… (cut here)"
