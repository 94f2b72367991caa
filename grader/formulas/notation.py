"""Mathematical notation → the language of problems, with the place of each character.

    A^-1, A⁻¹ → inv(A)      A^T, Aᵀ, A' → A.T      A^k, A² → power(A, k)      a · b, 2 A, A (B + C) → a @ b

A product that is not written is unambiguous between two values: a number, a name, or something in brackets. What stands
before a bracket is a function if it is one's name, and else a factor.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field

_TOKEN = re.compile(
    r"""(?P<space>\s+)
    |(?P<prefix>(?:np|numpy|scipy)\.(?:linalg\.|special\.)?)(?=[A-Za-z])
    |(?P<text>(?<![\w)\]'ᵀ])'[^']*'|"[^"]*")
    |(?P<number>\d+\.?\d*(?:[eE][+-]?\d+)?j?|\.\d+(?:[eE][+-]?\d+)?)
    |(?P<raised>⁻?[ᵀᴴ]|[⁺⁻]?[⁰¹²³⁴⁵⁶⁷⁸⁹]+)
    |(?P<power>\^|\*\*)
    |(?P<attribute>\.[A-Za-z_]\w*)
    |(?P<name>[A-Za-z_Ͱ-Ͽ][A-Za-z0-9_Ͱ-Ͽ]*)
    |(?P<prime>')
    |(?P<times>[·⋅∙×])
    |(?P<entrywise>[∘⊙])
    |(?P<minus>[−–])
    |(?P<open>[(\[{])|(?P<close>[)\]}])
    |(?P<operator>\*|//|[-+/@,:=<>%!~&|;.?$\\]|.)""",
    re.X,
)
_EXPONENT = re.compile(r"\s*(?:\{([^{}]*)\}|\(([^()]*)\)|([+−–-]?\s*(?:\d+\.?\d*|[^\W\d]\w*)))")
_RAISED = str.maketrans("⁺⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "+-0123456789")
_TRANSPOSES = {"T": ".T", "H": ".H", "ᵀ": ".T", "ᴴ": ".H", "top": ".T"}
_SYNONYMS = {"tr": "trace", "Tr": "trace"}


@dataclass(slots=True)
class _Written:
    """What has been written so far, piece by piece, each with its place in the text.

    Args:
        primary: the piece with which the value begins that a power would belong to; None after an operator.
        opened: for each open bracket, the piece with which its value begins.
    """

    pieces: list[tuple[str, int]] = field(default_factory=list)
    primary: int | None = None
    opened: list[int] = field(default_factory=list)

    def add(self, piece: str, place: int) -> None:
        self.pieces.append((piece, place))

    def wrap(self, before: str, after: str, place: int) -> None:
        """Put something around the last value."""
        assert self.primary is not None
        self.pieces.insert(self.primary, (before, self.pieces[self.primary][1]))
        self.add(after, place)


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
    written, at = _Written(), 0
    while at < len(text):
        token = _TOKEN.match(text, at)
        assert token is not None
        kind = token.lastgroup or "operator"
        at = _HANDLERS.get(kind, _operator)(written, token, _Context(text, names, functions))
    places = [place for piece, begin in written.pieces for place in _places(text, piece, begin)]
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
    if written.pieces[-1][0] == " ":
        written.pieces.pop()
    written.add(" @ ", place)


def _value(written: _Written, token: _Token, context: _Context) -> int:
    word = _SYNONYMS.get(token[0], token[0]) if token[0] not in context.names else token[0]
    _multiply_if_needed(written, token.start())
    written.primary = len(written.pieces)
    written.add(word, token.start())

    called = re.match(r"\s*\(", context.text[token.end() :])
    if called and token.lastgroup == "name" and token[0] not in context.names:
        # The bracket of a call belongs to the value.
        written.opened.append(written.primary)
        written.primary = None
        written.add("(", token.end() + called.end() - 1)
        return token.end() + called.end()
    return token.end()


def _open(written: _Written, token: _Token, context: _Context) -> int:
    bracket = "(" if token[0] == "{" else token[0]
    is_index = bracket == "[" and written.primary is not None
    if not is_index:
        _multiply_if_needed(written, token.start())
    written.opened.append(
        written.primary if is_index and written.primary is not None else len(written.pieces)
    )
    written.primary = None
    written.add(bracket, token.start())
    return token.end()


def _close(written: _Written, token: _Token, context: _Context) -> int:
    written.add(")" if token[0] == "}" else token[0], token.start())
    written.primary = written.opened.pop() if written.opened else None
    return token.end()


def _attribute(written: _Written, token: _Token, context: _Context) -> int:
    written.add(token[0], token.start())
    return token.end()


def _prime(written: _Written, token: _Token, context: _Context) -> int:
    written.add(".T" if written.primary is not None else "'", token.start())
    return token.end()


def _raised(written: _Written, token: _Token, context: _Context) -> int:
    if written.primary is None:
        written.add(token[0], token.start())
    else:
        _raise(written, token[0].translate(_RAISED), token.start())
    return token.end()


def _power(written: _Written, token: _Token, context: _Context) -> int:
    exponent = _EXPONENT.match(context.text, token.end())
    if written.primary is None or exponent is None or token[0] == "**":
        written.add("**" if written.primary is None or token[0] == "**" else "^", token.start())
        written.primary = None
        return token.end()

    inner = next(part for part in exponent.groups() if part is not None)
    _raise(written, inner.strip().lstrip("\\"), token.start())
    return exponent.end()


def _raise(written: _Written, exponent: str, place: int) -> None:
    """Apply an exponent to the last value."""
    exponent = exponent.replace("−", "-").replace("–", "-").replace(" ", "").removeprefix("+")
    if exponent in _TRANSPOSES:
        written.add(_TRANSPOSES[exponent], place)
    elif exponent in ("-T", "-ᵀ"):
        written.wrap("inv(", ").T", place)
    elif exponent == "-1":
        written.wrap("inv(", ")", place)
    else:
        written.wrap("power(", f", {exponent})", place)


def _times(written: _Written, token: _Token, context: _Context) -> int:
    written.primary = None
    written.add("@", token.start())
    return token.end()


def _entrywise(written: _Written, token: _Token, context: _Context) -> int:
    written.primary = None
    written.add("*", token.start())
    return token.end()


def _minus(written: _Written, token: _Token, context: _Context) -> int:
    written.primary = None
    written.add("-", token.start())
    return token.end()


def _operator(written: _Written, token: _Token, context: _Context) -> int:
    written.primary = None
    written.add(token[0], token.start())
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
    "times": _times,
    "entrywise": _entrywise,
    "minus": _minus,
    "open": _open,
    "close": _close,
}
