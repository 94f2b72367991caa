"""What is behind text that is not YAML: a tab, a second colon, a program without `|`, a comma between braces."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

import yaml

from grader.core.text import count

_BLOCKS = ("f", "statement")
"""Keys whose values are often of several lines."""
_KEY = re.compile(r"( *)([A-Za-z_]\w*):(?: +|$)(.*)$")
_COLON = re.compile(r":(\s|$)")
_CLOSING = {"'": "'", '"': '"', "[": "]", "{": "}"}


def explain_yaml(error: yaml.MarkedYAMLError, text: str) -> str:
    """Say in half a sentence why a text is not YAML and how to write it; if that is unknown, what the parser says."""
    mark = error.problem_mark or error.context_mark
    lines = text.splitlines()
    if mark is None or not lines:
        return str(error.problem)

    at = min(mark.line, len(lines) - 1)
    explanations = (explain(lines, at) for explain in _EXPLANATIONS)
    return next(filter(None, explanations), str(error.problem))


def join_at_comma(parts: Sequence[str]) -> str:
    """Say how to write a value between braces that was cut at its commas into these parts."""
    whole = ", ".join(parts)
    instead = f'"{whole}"'
    sides = [word.strip() for word in whole.strip("()").split(",")]
    if all(re.fullmatch(r"\w*", side) for side in sides):
        instead = f"[{', '.join(filter(None, sides))}]"
    return f"a comma ends the value '{parts[0]}'; write {instead}"


def _tab(lines: Sequence[str], at: int) -> str:
    if re.match(r"\s*\t", lines[at]):
        return "a tab comes before the text; indent with spaces"
    return ""


def _lines_without_bar(lines: Sequence[str], at: int) -> str:
    """The key above that a line belongs to, if it has several lines and no `|`."""
    indent = len(lines[at]) - len(lines[at].lstrip())
    keys = [key for key in map(_KEY.match, lines[: at + 1]) if key]
    outer = [key for key in keys if len(key[1]) < max(indent, 1)]
    if not outer or outer[-1].string == lines[at]:
        return ""

    name, value = outer[-1][2], outer[-1][3]
    if name not in _BLOCKS or value.startswith(("|", ">")):
        return ""
    return f"a text of several lines is written below `{name}: |`, indented"


def _not_indented(lines: Sequence[str], at: int) -> str:
    """A line of text at the margin, or a key without a space behind its colon."""
    nearby = lines[max(at - 1, 0) : at + 1]
    for line in nearby:
        key = re.match(r"\s*([A-Za-z_]\w*):(\S.*)$", line)
        if key is not None:
            return f"a space is missing after the colon; write `{key[1]}: {key[2]}`"

    for line in nearby:
        if re.match(r"[^\s#:\-]", line) and not _COLON.search(line):
            return f"'{line.strip()}' is not a key; the text that belongs to a key is indented"
    return ""


def _value_that_needs_quotes(lines: Sequence[str], at: int) -> str:
    """A value with a colon, or with a sign at its beginning that means something in YAML."""
    key = _KEY.match(lines[at])
    if key is None or not key[3].strip():
        return ""

    name, value = key[2], key[3].strip()
    if name == "signature" and value.startswith("def "):
        return f"write `signature: {value[4:].rstrip(':').strip()}`, without def and the colon"

    reason = _say_why_quotes(value)
    if not reason:
        return ""
    return f"{reason}; write `{name}: {_quote(value)}`"


def _say_why_quotes(value: str) -> str:
    closing = _CLOSING.get(value[0])
    if closing is not None:
        return f"the value continues after its {closing}" if _ends_early(value, closing) else ""

    if _COLON.search(value):
        return "the value contains a colon"
    if value[0] in "`@%*&!|>?":
        return f"a value cannot begin with {value[0]}"
    return ""


def _quote(value: str) -> str:
    """A value between double quotes, which take the place of its own."""
    is_quoted = len(value) > 1 and value[0] == value[-1] and value[0] in "'\""
    inner = value[1:-1] if is_quoted else value
    escaped = inner.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _ends_early(value: str, closing: str) -> bool:
    """Does anything but a comment follow what closes a value?"""
    _, is_closed, rest = value[1:].partition(closing)
    return bool(is_closed) and not re.fullmatch(r"\s*(#.*)?", rest)


def _brackets(lines: Sequence[str], at: int) -> str:
    """A line of braces that are not closed, or that hold an expression without quotes."""
    nearby = (lines[at], lines[max(at - 1, 0)])
    for line in nearby:
        if not re.search(r"[{\[]", line):
            continue
        words = _unbalanced(line) or _expression_without_quotes(line)
        if words:
            return words
    return ""


def _unbalanced(line: str) -> str:
    for opening, closing in ("{}", "[]"):
        surplus = line.count(opening) - line.count(closing)
        if surplus > 0:
            return f"a `{closing}` is missing in `{line.strip()}`"
        if surplus < 0:
            return f"there is an extra `{closing}` in `{line.strip()}`"
    return ""


def _expression_without_quotes(line: str) -> str:
    value = re.search(r"\w+: +([^\"'\[{][^,{}]*[\[:>].*?)(?=, \w+: |\}\s*$)", line)
    if value is None:
        return ""
    return f'between braces, a value with : or [ or > needs quotes; write "{value[1].strip()}"'


def _list_without_dashes(lines: Sequence[str], at: int) -> str:
    if re.match(r"\s*(\{|-\s)", lines[at]):
        return "every entry of a list begins with `- `, all indented equally"
    return ""


def _other_indentation(lines: Sequence[str], at: int) -> str:
    """A key that begins where none above it begins."""
    key = _KEY.match(lines[at])
    if key is None:
        return ""

    beginnings = (re.match(r"( *(?:- +)?)[A-Za-z_]\w*:", line) for line in lines[:at])
    columns = sorted({len(beginning[1]) for beginning in beginnings if beginning})
    if not columns:
        return ""
    found, others = count(len(key[1]), "space"), ", ".join(map(str, columns))
    return f"`{key[2]}` is indented by {found}, keys above by {others}; indent it like those that it stands beside"


_EXPLANATIONS: tuple[Callable[[Sequence[str], int], str], ...] = (
    *(_tab, _lines_without_bar, _value_that_needs_quotes, _brackets, _list_without_dashes, _not_indented),
    _other_indentation,
)
