"""What is behind text that is not YAML: a tab, a second colon, a program without `|`, a comma between braces."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

import yaml

_BLOCKS = ("f", "statement")
"""Keys whose values are often of several lines."""
_KEY = re.compile(r"( *)([A-Za-z_]\w*):(?: +(.*))?$")


def explain_yaml(error: yaml.MarkedYAMLError, text: str) -> str:
    """Say what makes a text no YAML and how it is written, as a half sentence; else what the parser says."""
    mark = error.problem_mark or error.context_mark
    lines = text.splitlines()
    if mark is not None and lines:
        at = min(mark.line, len(lines) - 1)
        for explain in _EXPLANATIONS:
            if words := explain(lines, at):
                return words
    return str(error.problem)


def join_at_comma(parts: Sequence[str]) -> str:
    """Say how a value is written that commas have cut, since it stands between braces."""
    whole = ", ".join(parts)
    sides = [word.strip() for word in whole.strip("()").split(",")]
    if all(re.fullmatch(r"\w*", side) for side in sides):
        instead = f"[{', '.join(filter(None, sides))}]"
    else:
        instead = f'"{whole}"'
    return f"a comma ends the value '{parts[0]}'; write {instead}"


def _tab(lines: Sequence[str], at: int) -> str:
    if re.match(r"\s*\t", lines[at]):
        return "a tab comes before the text; indent with spaces"
    return ""


def _lines_without_bar(lines: Sequence[str], at: int) -> str:
    """The key above that a line belongs to, if it has several lines and no `|`."""
    own = len(lines[at]) - len(lines[at].lstrip())
    for line in reversed(lines[: at + 1]):
        key = _KEY.match(line)
        if key is None or len(key[1]) >= max(own, 1):
            continue
        is_below = line is not lines[at] and not (key[3] or "").startswith(("|", ">"))
        if key[2] in _BLOCKS and is_below:
            return f"a text of several lines is written below `{key[2]}: |`, indented"
        return ""
    return ""


def _not_indented(lines: Sequence[str], at: int) -> str:
    """A line of text at the margin, or a key without a space behind its colon."""
    for line in lines[max(at - 1, 0) : at + 1]:
        key = re.match(r"\s*([A-Za-z_]\w*):(\S.*)$", line)
        if key is not None:
            return f"a space is missing after the colon; write `{key[1]}: {key[2]}`"
    for line in lines[max(at - 1, 0) : at + 1]:
        if re.match(r"[^\s#:\-]", line) and not re.search(r":(\s|$)", line):
            return f"'{line.strip()}' is not a key; the text that belongs to a key is indented"
    return ""


def _value_that_needs_quotes(lines: Sequence[str], at: int) -> str:
    """A value with a colon, or with a sign at its beginning that means something in YAML."""
    key = _KEY.match(lines[at])
    value = (key[3] or "").strip() if key else ""
    if key is None or not value:
        return ""

    if key[2] == "signature" and value.startswith("def "):
        return f"write `signature: {value[4:].rstrip(':').strip()}`, without def and the colon"
    inner = value[1:-1] if len(value) > 1 and value[0] in "'\"" and value[0] == value[-1] else value
    quoted = '"' + inner.replace("\\", "\\\\").replace('"', '\\"') + '"'
    if re.search(r":(\s|$)", value) and value[0] not in "[{'\"":
        return f"the value contains a colon; write `{key[2]}: {quoted}`"
    if value[0] in "`@%*&!|>?":
        return f"a value cannot begin with {value[0]}; write `{key[2]}: {quoted}`"
    if value[0] in "'\"[{" and _ends_early(value):
        return f"the value continues after its {_CLOSING[value[0]]}; write `{key[2]}: {quoted}`"
    return ""


_CLOSING = {"'": "'", '"': '"', "[": "]", "{": "}"}


def _ends_early(value: str) -> bool:
    """Does something stand behind what closes a value, other than a note?"""
    end = value.find(_CLOSING[value[0]], 1)
    return end >= 0 and not re.fullmatch(r"\s*(#.*)?", value[end + 1 :])


def _brackets(lines: Sequence[str], at: int) -> str:
    """A line of braces that are not closed, or that hold an expression without quotes."""
    for line in dict.fromkeys((lines[at], lines[max(at - 1, 0)])):
        if "{" not in line and "[" not in line:
            continue
        for opening, closing in ("{}", "[]"):
            if line.count(opening) > line.count(closing):
                return f"a `{closing}` is missing in `{line.strip()}`"
            if line.count(closing) > line.count(opening):
                return f"there is an extra `{closing}` in `{line.strip()}`"
        value = re.search(r"\w+: +([^\"'\[{][^,{}]*[\[:>].*?)(?=, \w+: |\}\s*$)", line)
        if value is not None:
            return f'between braces, a value with : or [ or > needs quotes; write "{value[1].strip()}"'
    return ""


def _list_without_dashes(lines: Sequence[str], at: int) -> str:
    if re.match(r"\s*\{", lines[at]) or re.match(r"\s*-\s", lines[at]):
        return "every entry of a list begins with `- `, all indented equally"
    return ""


_EXPLANATIONS: tuple[Callable[[Sequence[str], int], str], ...] = (
    *(_tab, _lines_without_bar, _value_that_needs_quotes, _brackets, _list_without_dashes, _not_indented),
)
