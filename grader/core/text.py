"""Text for people: harmless forms of what came from a submission, and the letters and stops of sentences."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterator, Mapping, Sequence
from itertools import chain
from itertools import count as count_from

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

_OPENINGS = re.compile(
    r"(You|Your|The|This|That|These|It|Its|There|In|On|At|For|Everything|Every|Each|All|Both|Only|One|No|Not"
    r"|Nothing|Here|If|When|With|Without|From|To)(?= |$)"
)
"""Only these are made small after a colon: other capitals may be a matrix or a mathematician."""

_SENTENCE_END = re.compile(r"(?<=[.!?])(?<!e\.g\.)(?<!i\.e\.)(?<!cf\.)\s+(?![a-z])")


def clean(text: str) -> str:
    """Remove control characters, terminal sequences and invisible reordering marks."""
    if text.isascii() and text.isprintable():
        return text

    text = _ESCAPES.sub("", text.replace("\r\n", "\n")).replace("\r", "\n")
    return _CONTROLS.sub("", text)


def one_line(text: str, most: int = 600) -> str:
    """Clean a text and put it on one line of at most so many characters."""
    line = " ".join(clean(text[: 4 * most]).split())
    if len(line) <= most and len(text) <= 4 * most:
        return line
    return line[: most - 1] + "…"


def clip_lines(text: str, lines: int, most: int = 4000) -> str:
    """Clean a text and cut it after so many lines or characters; if it is cut, it says so."""
    whole = clean(text[: 4 * most]).strip("\n").expandtabs(4)
    kept = "\n".join(whole[:most].split("\n")[:lines])
    if len(kept) == len(whole) and len(text) <= 4 * most:
        return kept
    return kept + "\n… (cut here)"


def count(number: int, noun: str) -> str:
    """Put a noun after its number: `1 submission`, `2 submissions`."""
    ending = "" if number == 1 else "s"
    return f"{number} {noun}{ending}"


def list_first(words: Sequence[str], most: int) -> str:
    """The first words of a list, with an ellipsis if there are more."""
    shown = ", ".join(words[:most])
    return f"{shown}, …" if len(words) > most else shown


def list_values(values: Mapping[str, object]) -> str:
    """Name each value: `m = 3, n = 2`."""
    return ", ".join(f"{name} = {value}" for name, value in values.items())


def name_key(name: str) -> tuple[str, str]:
    """Order names as people do: Änne beside Anne, and capitals beside small letters."""
    plain = "".join(c for c in unicodedata.normalize("NFKD", name.casefold()) if not unicodedata.combining(c))
    return plain, name


def free_names(letters: str, taken: Collection[str]) -> Iterator[str]:
    """The letters that are not taken, in their order, and then the first of them with numbers."""
    numbered = (f"{letters[0]}{number}" for number in count_from(1))
    return (name for name in chain(letters, numbered) if name not in taken)


def lower_opening(sentence: str) -> str:
    """Make the sentence follow a colon: `You returned …` becomes `you returned …`."""
    if not _OPENINGS.match(sentence):
        return sentence
    return sentence[:1].lower() + sentence[1:]


def raise_opening(sentence: str) -> str:
    """Begin the sentence with a capital, unless it starts with code or a symbol."""
    first = sentence.partition(" ")[0]
    if not first.isalpha() or len(first) == 1:
        return sentence
    return sentence[:1].upper() + sentence[1:]


def end_sentence(text: str) -> str:
    """Add a full stop, unless the text ends in some stop."""
    if not text or text[-1] in ".!?…:":
        return text
    return text + "."


def split_sentence(text: str) -> tuple[str, str]:
    """Split the first sentence from what follows it."""
    first, *others = _SENTENCE_END.split(text.strip(), maxsplit=1)
    return first, "".join(others)


def join_parts(subject: str, what: str, *more: str) -> str:
    """One sentence, as in `f returned None; did you forget the return statement?`; after a question another one."""
    sentence = f"{subject} {what}" if subject else what
    for part in filter(None, more):
        mark = " " if sentence.endswith("?") else "; "
        sentence = f"{sentence}{mark}{part}" if sentence else part
    return sentence
