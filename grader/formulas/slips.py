"""What makes a text no formula, as seen before it is read: brackets, and operators without a value beside them."""

from __future__ import annotations

import re
from collections.abc import Iterator

_CLOSING = {"(": ")", "[": "]", "{": "}"}
_QUOTED = re.compile(r"(?<![\w)\]}'ᵀᴴ⁰-⁹¹²³])'[^']*'|\"[^\"]*\"")
_SIGN = r"-?\s*(?:[*+](?!\s*\d)|\\(?:top|intercal)\b)"
_MARK = re.compile(rf"\^\s*(?:[({{]\s*{_SIGN}\s*[)}}]|{_SIGN})")
"""An exponent that is a sign, as in A^*."""
_TIMES = r"(?:[@/·⋅∙•×∘⊙]|\*\*?)"
_PATTERNS = tuple(
    (re.compile(pattern), words)
    for pattern, words in (
        (rf"(?:{_TIMES}|[-+])\s*(?=$|[)\]}},])", "something is missing after '{}'"),
        (rf"(?:^|[(\[{{,]|[-+@·⋅∙•×∘⊙])\s*({_TIMES})", "something is missing before '{}'"),
        (r"\$", "leave out the dollar signs"),
        (r"\\(?:[,;:! ]|q?quad\b)", "leave out '{}'"),
        (r"\\(?:cdot|times)\b", "leave out '{}', or write @ for the product"),
        (r"\\[A-Za-z]+", "LaTeX is not read here; write tr(A), det(A), A^-1, A^T and so on"),
        (r"\\", "write A^-1 b or solve(A, b) for A \\ b"),
        (r"_(?=\{)", "write A[0, 1] for an entry, where indices begin with 0"),
        (r"\^\s*-?\d+\s*\^(?=\s*-?\d)", "write a power of a power with brackets, as in (x^2)^3"),
    )
)
_OUTSIDE = tuple(
    (re.compile(pattern), words)
    for pattern, words in (
        (r"(?<=\bif\b)[^=]*?[^<>=!](=)(?!=)", "write == to compare"),
        (r"(?<![<>=!])=(?!=)", "there is a second '='; write one formula on each line"),
        (r";", "';' is not known here; write one formula on each line"),
        (r"(?<![\w.])\d+,\d+(?![\w.])", "'{}' is two values; write a decimal with a point"),
    )
)
"""What students write → what is said of it, anywhere and outside of brackets; of several in one place the first."""


def find_slip(text: str) -> tuple[int, str] | None:
    """Find the first slip of a formula in plain characters: its place and what is wrong; None if nothing is seen."""
    bare = _MARK.sub(_blank, _QUOTED.sub(_blank, text))
    outside, fault = _read_brackets(bare)
    slips = [*_find(_PATTERNS, bare), *_find(_OUTSIDE, outside), *([fault] if fault else [])]
    return min(slips, key=lambda slip: slip[0], default=None)


def _blank(match: re.Match[str]) -> str:
    return "x" * len(match[0])


def _read_brackets(text: str) -> tuple[str, tuple[int, str] | None]:
    """The text without what is in brackets, and the first bracket that has no other."""
    opened: list[tuple[int, str]] = []
    outside = []
    for place, letter in enumerate(text):
        outside.append("x" if opened else letter)
        if letter in _CLOSING:
            opened.append((place, letter))
        elif letter in _CLOSING.values():
            if not opened:
                words = f"this '{letter}' closes no bracket; remove it, or open one before it"
                return "".join(outside), (place, words)
            _, opening = opened.pop()
            if _CLOSING[opening] != letter:
                words = f"this '{letter}' closes a '{opening}'; write '{_CLOSING[opening]}'"
                return "".join(outside), (place, words)
    if not opened:
        return "".join(outside), None
    place, opening = opened[-1]
    return "".join(outside), (
        place,
        f"this '{opening}' is never closed; write '{_CLOSING[opening]}' where it ends",
    )


def _find(patterns: tuple[tuple[re.Pattern[str], str], ...], text: str) -> Iterator[tuple[int, str]]:
    for pattern, words in patterns:
        if match := pattern.search(text):
            group = match.lastindex or 0
            yield match.start(group), words.format(match[group].strip())
