"""What makes a text no formula, as seen before it is read: brackets, operators without a value, other notations."""

from __future__ import annotations

import re
from collections.abc import Iterator

from grader.formulas.latex_slips import explain_command
from grader.formulas.notation import SUPERSCRIPTS

_CLOSING = {"(": ")", "[": "]", "{": "}"}
_QUOTED = re.compile(r"(?<![\w)\]}'.])'[^']*'|\"[^\"]*\"")
_SIGN = r"-?\s*(?:[*+](?!\s*\d)|\\(?:top|intercal)\b)"
_MARK = re.compile(rf"\^\s*(?:[({{]\s*{_SIGN}\s*[)}}]|{_SIGN})")
"""An exponent that is a sign, as in A^*."""
_TIMES = r"(?:[@/·⋅∙•×∘⊙⊗⨂]|\*\*?)"
_COMPARES = r"[<>=!]=|[<>≤≥≠]"
_RAISED = rf"[⁺⁻]?[{SUPERSCRIPTS}ᵀᴴ]+"
_CHOICE = "write a if condition else b, as in A if n > 1 else B"
_SIGNS = (
    ("‖", "write norm(A)"),
    ("√", "write sqrt(x), or sqrtm(A) for a matrix"),
    ("∑", "write sum(x), or tr(A)"),
    ("∏", "write prod(x)"),
    ("†", "write A^H for the conjugate transpose, or A^+ for the pseudoinverse"),
    ("[∂∇]", "write the name of the direction, such as dA"),
    ("[¼½¾⅓⅔]", "write a fraction, such as 1/2"),
    ("∞", "'inf' is a norm only, as in norm(A, 'inf')"),
    ("→", "write one formula alone"),
)
_PATTERNS = tuple(
    (re.compile(pattern), words)
    for pattern, words in (
        (rf"(?:{_TIMES}|[-+])\s*(?=$|[)\]}},])", "something is missing after '{}'"),
        (rf"(?:{_COMPARES})\s*(?=$|[)\]}},])", "something is missing after '{}'"),
        (
            rf"(?:^|[(\[{{,]|[-+*/@·⋅∙•×∘⊙⊗⨂])\s*({_COMPARES}|{_RAISED}|\^|,|\.(?=[A-Za-z])|'(?![^']*'))",
            "something is missing before '{}'",
        ),
        (rf"(?:^|[(\[{{,]|[-+@·⋅∙•×∘⊙⊗⨂])\s*({_TIMES})", "something is missing before '{}'"),
        (r"(?:^|[-+*/@·⋅∙•×∘⊙⊗⨂(\[{,])\s*(\(\s*\))", "there is nothing in these brackets"),
        (r"\$", "leave out the dollar signs"),
        (r"\^\s*{?\s*\\[a-z]+\s*{?\s*T\b", "write A^T for the transpose"),
        (r"_(?=\{)", "write A[0, 1] for an entry, where indices begin with 0"),
        (r"\^\s*-?\d+\s*\^(?=\s*-?\d)", "write a power of a power with brackets, as in (x^2)^3"),
        (r"\^(?!\s*(?:-\s*)?[\w({*+\\ᵀᴴ])", "write the exponent in brackets, as in A^(-1)"),
        (r"(?<!\d)\.'", "write A' or A^T for the transpose"),
        (r"(?<!\d)\.\*", "write A ∘ B for a product entry by entry"),
        (r"(?<!\d)\./", "write A / B for a quotient entry by entry"),
        (r"(?<!\d)\.\^", "write x ** 2 for a power of each entry"),
        (r"(?<=\s)\.(?=\s)", "write A @ B for the product of matrices"),
        (
            r"\b(?:Inverse|Det|Tr|\w*Transpose|\w+Product|MatrixExp|Norm|Log)\s*\[",
            "write round brackets, as in inv(A), det(A) and tr(A)",
        ),
        (r"\.[TH]\s*(\(\s*\))", "leave out '{}' after .T and .H"),
        (r"\[[^\[\]]*?(;)", "write commas and brackets for a matrix, as in [[1, 2], [3, 4]]"),
        (r"\[[^\[\]]*?\d(\s+)\d", "write commas between entries, as in [1, 2]"),
        (r"\bthen\b", _CHOICE),
        (r"\bel(?:se\s*)?if\b", "write a if condition else b if condition else c"),
        (r"\?", _CHOICE),
        (r"\bif\b(?!.*\belse\b)", f"there is no 'else'; {_CHOICE}"),
        (r"^(?!.*\bif\b).*?(\belse\b)", f"there is no 'if'; {_CHOICE}"),
        (r"&&?", "write 'and' to join conditions"),
        (r"(?<!\|)\|[^|]+\|(?!\|)", "write det(A), norm(A) or abs(x) for |A|"),
        (r"\|\|[^|]+\|\|", "write norm(A) for ||A||"),
        (r"\|\|", "write 'or' to join conditions"),
        (r"⟨|<[^<>=]*,[^<>=]*>", "write tr(A^T B) for ⟨A, B⟩"),
        *((sign, f"'{{}}' is not known here; {words}") for sign, words in _SIGNS),
        (r"!(?!=)|[^\w\s()\[\]{}+*/@%^=<>!.,:;'\"\\⁺⁻·⋅∙•×∘⊙⊗⨂≤≥≠-]", "'{}' is not known here; remove it"),
    )
)
_OUTSIDE = tuple(
    (re.compile(pattern), words)
    for pattern, words in (
        (r"^\s*(if)\b", _CHOICE),
        (r"(?<=\bif\b)[^=]*?[^<>=!](=)(?!=)", "write == to compare"),
        (r"(?<![<>=!])=(?!=)", "this '=' is one too many; write the formula alone"),
        (rf"(?:[^\W\d]|[)\]}}'{SUPERSCRIPTS}]|\^\s*-?\d+)\s*(\.)\s*$", "leave out '{}' at the end"),
        (r"\breturn\b", "leave out '{}'"),
        (
            r"\b(?:def|lambda|for|while|import|print|True|False|None)\b",
            "'{}' is Python; write a formula alone",
        ),
        (r":", "write tr(A^T B) for A : B"),
        (r";", "';' is not known here; write one formula on each line"),
        (r"(?<![\w.])\d+,\d+(?![\w.])", "'{}' is two values; write a decimal with a point"),
        (r",(?=\s*$)", "something is missing after '{}'"),
        (r"\"+", "leave out the quotes"),
    )
)
"""What students write → what is said of it, anywhere and outside of brackets; of several in one place the first."""
_COMMAND = re.compile(r"\\(?:[A-Za-z]+|.|$)")


def find_slip(text: str) -> tuple[int, str] | None:
    """Find the first slip of a formula in plain characters: its place and what is wrong; None if nothing is seen."""
    bare = _MARK.sub(_blank, _QUOTED.sub(_quote, text))
    outside, fault = _read_brackets(bare)
    slips = [*_find(_PATTERNS, bare), *_find(_OUTSIDE, outside), *_find_command(bare)]
    if fault is not None:
        slips.append(fault)
    return min(slips, key=lambda slip: slip[0], default=None)


def _blank(match: re.Match[str]) -> str:
    return "x" * len(match[0])


def _quote(match: re.Match[str]) -> str:
    return '"' * len(match[0])


def _find_command(text: str) -> Iterator[tuple[int, str]]:
    """The first backslash: a command of LaTeX, or a division from the left."""
    if match := _COMMAND.search(text):
        yield match.start(), explain_command(match[0], text[: match.start()])


def _read_brackets(text: str) -> tuple[str, tuple[int, str] | None]:
    """The text without what is in brackets, and the first bracket that has no other."""
    opened: list[tuple[int, str]] = []
    outside = ""
    for place, letter in enumerate(text):
        outside += "·" if opened else letter
        if letter in _CLOSING:
            opened.append((place, letter))
        elif letter in _CLOSING.values():
            opening = opened[-1][1] if opened else ""
            words = _explain_closing(letter, opening)
            if words:
                return outside, (place, words)
            opened.pop()

    if not opened:
        return outside, None
    place, opening = opened[-1]
    return outside, (place, f"this '{opening}' is never closed; write '{_CLOSING[opening]}' where it ends")


def _explain_closing(letter: str, opening: str) -> str:
    """Say what is wrong with a bracket that closes the one that was opened last, if any; empty if nothing is."""
    if not opening:
        return f"this '{letter}' closes no bracket; remove it, or open one before it"
    if _CLOSING[opening] != letter:
        return f"this '{letter}' closes a '{opening}'; write '{_CLOSING[opening]}'"
    return ""


def _find(patterns: tuple[tuple[re.Pattern[str], str], ...], text: str) -> Iterator[tuple[int, str]]:
    for pattern, words in patterns:
        if match := pattern.search(text):
            group = match.lastindex or 0
            yield match.start(group), words.format(match[group].strip())
