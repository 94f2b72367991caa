"""Mathematical notation → the language of problems, with the place of each character.

    A^-1, A⁻¹ → inv(A)      A^T, Aᵀ, A' → A.T      A^H, A^* → A.H      A^-T, A^-H → inv(A).T, inv(A).H
    A^+, A⁺ → pinv(A)       A^k, Aᵏ → power(A, k)  a · b, 2 A, A (B + C) → a @ b
    A B ⊗ C + D → kron(A @ B, C) + D

A product that is not written is unambiguous between two values: a number, a name, or something in brackets. What stands
before a bracket is a function if it is one's name, and else a factor. `⊗` binds less tightly than other products, as in
(A ⊗ B)(C ⊗ D) = A C ⊗ B D, and more tightly than sums.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field
from itertools import chain
from unicodedata import normalize

_RAISED_LETTERS = "ᵃᵇᶜᵈᵉᶠᵍʰⁱʲᵏˡᵐⁿᵒᵖʳˢᵘᵛʷˣʸᶻ"
SUPERSCRIPTS = f"⁰¹²³⁴⁵⁶⁷⁸⁹{_RAISED_LETTERS}"
NAME = rf"[^\W\d{SUPERSCRIPTS}ᵀᴴ][^\W{SUPERSCRIPTS}ᵀᴴ]*"
"""A name, which ends where an exponent begins: Python takes many of them for letters."""
_TOKEN = re.compile(
    rf"""(?P<space>\s+)
    |(?P<prefix>(?:np|numpy|scipy)\.(?:linalg\.|special\.)?)(?=[A-Za-z])
    |(?P<text>(?<![\w)\]}}'])'[^']*'|"[^"]*")
    |(?P<number>\d+\.?\d*(?:[eE][+-]?\d+)?j?|\.\d+(?:[eE][+-]?\d+)?)
    |(?P<raised>⁻?[ᵀᴴ]|[⁺⁻]?[{SUPERSCRIPTS}]+(?:[⁺⁻][{SUPERSCRIPTS}]+)*|⁺)
    |(?P<power>\^|\*\*)
    |(?P<attribute>\.[A-Za-z_]\w*)
    |(?P<name>{NAME})
    |(?P<prime>')
    |(?P<kronecker>[⊗⨂])
    |(?P<open>[(\[{{])|(?P<close>[)\]}}])
    |(?P<operator>\*|//|[-+/@,:=<>%!~&|;.?$\\]|.)""",
    re.X,
)
_CALL = re.compile(r"\s*\(")
_EXPONENT_BRACKET = re.compile(r"\s*([({])")
_EXPONENT = re.compile(r"\s*(-?\s*(?:\d+(?:\.\d+)?|[^\W\d]\w*|[ᵀᴴ*])|\+\s*\d+|\+|\\(?:top|intercal))")
_RAISED = str.maketrans(f"⁺⁻{SUPERSCRIPTS}", "+-0123456789abcdefghijklmnoprsuvwxyz")
_MARKS = {
    **dict.fromkeys(("T", "t", "ᵀ", "top", "intercal"), ".T"),
    **dict.fromkeys(("H", "ᴴ", "*"), ".H"),
}
"""What transposes in the place of an exponent."""
_INVERSES = {"-1": "inv", "+": "pinv"}
_KEYWORDS = frozenset({"if", "else", "and", "or", "not"})
_SIGNS = {
    **dict.fromkeys("·⋅∙•×", "@"),
    **dict.fromkeys("∘⊙", "*"),
    **{"≤": "<=", "≥": ">=", "≠": "!="},
}
_PRODUCTS = frozenset({"*", "/", "//", "@", "%", *"·⋅∙•×∘⊙"})
"""Signs that do not end a term."""
_SYNONYMS = {"tr": "trace", "Tr": "trace", "π": "pi"}
_CLOSING = {"(": ")", "{": "}"}
_LONGEST_EXPONENT = 200
_SPACES = "\u200b\u200c\u200d\u2060\u2061\u2062\ufeff"
_PLAIN: dict[int, int | str] = {
    **{code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)},  # the wide forms of ASCII's characters
    **{0x2080 + digit: str(digit) for digit in range(10)},
    **{code: normalize("NFKC", chr(code)) for code in (0x210E, *range(0x1D400, 0x1D800))},  # bold, italic, …
    **str.maketrans(_SPACES, " " * len(_SPACES)),
    **str.maketrans("−–—‐‑‘’′´“”∗≔ᵗ⊤", "-----''''\"\"*=ᵀᵀ"),
}


def plain(text: str) -> str:
    """The text with one form of each minus, prime, bracket and space that keyboards and typesetters have several of.

    It has as many characters as before.
    """
    return text.translate(_PLAIN)


@dataclass(slots=True)
class _Level:
    """What is known of the text since a bracket was opened.

    Args:
        begin: the piece with which the value begins that the bracket belongs to.
        term: the piece with which the last term begins.
        is_right_of_kron: the term is the right side of a `⊗`, whose bracket is open.
    """

    begin: int
    term: int
    is_right_of_kron: bool = False


@dataclass(slots=True)
class _Written:
    """What has been written so far, piece by piece, each with its place in the text.

    Args:
        primary: the piece with which the value begins that a power would belong to; None after an operator.
        levels: one for the text, and one for each open bracket.
    """

    pieces: list[tuple[str, int]] = field(default_factory=list)
    primary: int | None = None
    levels: list[_Level] = field(default_factory=lambda: [_Level(0, 0)])

    def add(self, piece: str, place: int) -> None:
        self.pieces.append((piece, place))

    def wrap(self, before: str, after: str, place: int) -> None:
        """Put something around the last value."""
        assert self.primary is not None
        self.drop_space()
        self.pieces.insert(self.primary, (before, self.pieces[self.primary][1]))
        self.add(after, place)

    def drop_space(self) -> None:
        if self.pieces and self.pieces[-1][0] == " ":
            self.pieces.pop()

    def open(self, bracket: str, place: int, begin: int) -> None:
        """Open a bracket that belongs to the value that begins there."""
        self.add(bracket, place)
        self.levels.append(_Level(begin, len(self.pieces)))
        self.primary = None

    def close(self, bracket: str, place: int) -> None:
        self.end_kron()
        self.add(bracket, place)
        self.primary = self.levels.pop().begin if len(self.levels) > 1 else None

    def begin_term(self) -> None:
        self.levels[-1].term = len(self.pieces)

    def has_begun(self) -> bool:
        """Has the present term anything in it?"""
        return any(piece != " " for piece, _ in self.pieces[self.levels[-1].term :])

    def begin_kron(self, place: int) -> None:
        """Make the present term the left side of a Kronecker product."""
        self.end_kron()
        self.drop_space()
        level = self.levels[-1]
        is_spaced = any(piece == " " for piece, _ in self.pieces[level.term : level.term + 1])
        self.pieces.insert(level.term + is_spaced, ("kron(", place))
        self.add(",", place)
        level.is_right_of_kron = True
        self.primary = None

    def end_kron(self) -> None:
        """Close the Kronecker product whose right side ends here."""
        level = self.levels[-1]
        if not level.is_right_of_kron:
            return

        level.is_right_of_kron = False
        at = len(self.pieces) - (self.pieces[-1][0] == " ")
        self.pieces.insert(at, (")", self.pieces[-1][1]))


@dataclass(frozen=True, slots=True)
class Translated:
    """A formula in the language, and for each of its characters the place in the text that it comes from."""

    text: str
    places: tuple[int, ...]

    def place(self, index: int) -> int:
        """The place in the text of a character of the formula; the end of the text behind the last one."""
        if not self.places:
            return 0
        return self.places[index] if index < len(self.places) else self.places[-1] + 1


def translate(text: str, names: Collection[str], functions: Collection[str]) -> Translated:
    """Translate one formula.

    Args:
        names: of the values that it may use; functions: of what can be called.
    """
    text, written, at = plain(text), _Written(), 0
    while at < len(text):
        token = _TOKEN.match(text, at)
        assert token is not None
        kind = token.lastgroup or "operator"
        at = _HANDLERS.get(kind, _operator)(written, token, _Context(text, names, functions))
    written.end_kron()

    places = chain.from_iterable(_places(text, piece, begin) for piece, begin in written.pieces)
    return Translated("".join(piece for piece, _ in written.pieces), tuple(places))


def _places(text: str, piece: str, begin: int) -> Iterable[int]:
    """The place of each character of a piece: that of its own if it was copied, else where it begins."""
    is_copied = text.startswith(piece, begin)
    return range(begin, begin + len(piece)) if is_copied else [begin] * len(piece)


@dataclass(frozen=True, slots=True)
class _Context:
    text: str
    names: Collection[str]
    functions: Collection[str]


_Token = re.Match[str]


def _space(written: _Written, token: _Token, context: _Context) -> int:
    if written.pieces:
        written.add(" ", token.start())
    return token.end()


def _skip(written: _Written, token: _Token, context: _Context) -> int:
    return token.end()


def _multiply_if_needed(written: _Written, place: int) -> None:
    """Write the product that is not written: a value stands right before this one."""
    if written.primary is None:
        return
    written.drop_space()
    written.add(" @ ", place)


def _value(written: _Written, token: _Token, context: _Context) -> int:
    if token[0] in _KEYWORDS:
        return _operator(written, token, context)
    is_own = token[0] in context.names
    word = token[0] if is_own else _SYNONYMS.get(token[0], token[0])
    _multiply_if_needed(written, token.start())
    written.primary = len(written.pieces)
    written.add(word, token.start())

    called = _CALL.match(context.text, token.end())
    if called is None or is_own or token.lastgroup != "name":
        return token.end()
    # The bracket of a call belongs to the value.
    written.open("(", called.end() - 1, written.primary)
    return called.end()


def _open(written: _Written, token: _Token, context: _Context) -> int:
    bracket = "(" if token[0] == "{" else token[0]
    if bracket == "[" and written.primary is not None:
        begin = written.primary  # of the array whose index it opens
    else:
        _multiply_if_needed(written, token.start())
        begin = len(written.pieces)
    written.open(bracket, token.start(), begin)
    return token.end()


def _close(written: _Written, token: _Token, context: _Context) -> int:
    bracket = ")" if token[0] == "}" else token[0]
    written.close(bracket, token.start())
    return token.end()


def _attribute(written: _Written, token: _Token, context: _Context) -> int:
    written.add(token[0], token.start())
    if token[0] in (".T", ".H") or not context.text.startswith("(", token.end()):
        return token.end()
    # The bracket of a method belongs to it.
    begin = len(written.pieces) - 1 if written.primary is None else written.primary
    written.open("(", token.end(), begin)
    return token.end() + 1


def _prime(written: _Written, token: _Token, context: _Context) -> int:
    mark = "'" if written.primary is None else ".T"
    written.add(mark, token.start())
    return token.end()


def _raised(written: _Written, token: _Token, context: _Context) -> int:
    if written.primary is None:
        written.add(token[0], token.start())
    else:
        _raise(written, token[0].translate(_RAISED), token.start(), context.names)
    return token.end()


def _power(written: _Written, token: _Token, context: _Context) -> int:
    exponent, end = _read_exponent(context, token.end())
    is_of_entries = written.primary is None or token[0] == "**"
    if exponent and not is_of_entries:
        _raise(written, exponent, token.start(), context.names)
        return end

    written.add("**" if is_of_entries else "^", token.start())
    written.primary = None
    return token.end()


def _read_exponent(context: _Context, begin: int) -> tuple[str, int]:
    """The exponent that follows, without brackets around it, and where it ends; empty if there is none."""
    opening = _EXPONENT_BRACKET.match(context.text, begin)
    if opening is not None:
        closing = _find_closing(context.text, opening.start(1))
        return context.text[opening.end() : closing].strip(), closing + 1
    match = _EXPONENT.match(context.text, begin)
    if match is None:
        return "", begin

    # In `A^TB` the exponent is T alone.
    word = match[1].lstrip("- ")
    is_joined = word[:1] in ("T", "H") and word[1:] and word not in context.names
    end = match.end() - len(word) + 1 if is_joined else match.end()
    return context.text[match.start(1) : end], end


def _find_closing(text: str, begin: int) -> int:
    """The place of the bracket that closes the one at `begin`, or the end of the text."""
    opening, depth = text[begin], 0
    for place in range(begin, len(text)):
        depth += (text[place] == opening) - (text[place] == _CLOSING[opening])
        if depth == 0:
            return place
    return len(text)


def _raise(written: _Written, exponent: str, place: int, names: Collection[str] = ()) -> None:
    """Apply an exponent to the last value."""
    exponent = exponent.replace(" ", "").replace("\\", "")
    if exponent in _INVERSES:
        written.wrap(f"{_INVERSES[exponent]}(", ")", place)
        return

    bare = exponent.removeprefix("-")
    is_own_t = bare == "t" and bare in names
    if bare in _MARKS and not is_own_t:
        mark = _MARKS[bare]
        if bare == exponent:
            written.add(mark, place)
        else:
            written.wrap("inv(", f"){mark}", place)
        return

    exponent = exponent.removeprefix("+")
    if len(exponent) < _LONGEST_EXPONENT:
        exponent = translate(exponent, names, ()).text
    written.wrap("power(", f", {exponent})", place)


def _kronecker(written: _Written, token: _Token, context: _Context) -> int:
    written.begin_kron(token.start())
    return token.end()


def _operator(written: _Written, token: _Token, context: _Context) -> int:
    awaits_factor = written.primary is None and written.has_begun()
    is_sign_of_factor = awaits_factor and token[0] in ("+", "-")
    goes_on = is_sign_of_factor or token[0] in _PRODUCTS
    if not goes_on:
        written.end_kron()
    written.primary = None
    written.add(_SIGNS.get(token[0], token[0]), token.start())
    if not goes_on:
        written.begin_term()
    return token.end()


_HANDLERS: dict[str, Callable[[_Written, _Token, _Context], int]] = {
    "space": _space,
    "prefix": _skip,
    "text": _operator,
    "number": _value,
    "name": _value,
    "raised": _raised,
    "power": _power,
    "attribute": _attribute,
    "prime": _prime,
    "kronecker": _kronecker,
    "open": _open,
    "close": _close,
}
