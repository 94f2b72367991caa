"""Read an author's YAML file: its plain data, and the line on which each field stands.

Only what `yaml.safe_load` knows; anchors, aliases, merges and duplicate keys are refused, because they hide what a
file says (and an alias bomb fills the memory).
"""

from __future__ import annotations

import re
from collections.abc import Hashable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from grader.core.errors import AuthorError, Fault
from grader.problems.yaml_slips import explain_yaml, join_at_comma

_MAX_BYTES = 256 * 1024
_MAX_DEPTH = 20

FieldPath = tuple[str | int, ...]
"""Keys and positions that lead to a field: `("inputs", "A", "family", 1)`."""
Lines = dict[FieldPath, int]

_PARSER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""The same language; where PyYAML has been built with libyaml it takes a tenth of the time."""
NO_VALUE = (yaml.YAMLError, ValueError, LookupError, AttributeError, ArithmeticError, RecursionError)
"""What PyYAML raises for text that is no value of the type it claims, such as `!!timestamp x` or `!!bool x`."""
_MOST_BITS = 1024
"""Of a whole number; those of floating point end there, too."""
_PLAIN_COLLECTIONS = ("tag:yaml.org,2002:seq", "tag:yaml.org,2002:map")
_LONGEST = 60
_DAY = re.compile(r"\d{4}-\d\d?-\d\d?")
_MERGE = "tag:yaml.org,2002:merge"


def read_yaml(path: Path) -> tuple[Any, Lines]:
    """Read the plain data of a YAML file and the line of each field.

    Raises:
        AuthorError: the file cannot be read, is not YAML, or uses what is refused.
    """
    node = _compose(path, _read_text(path))
    reader = _Reader()
    data = reader.read(node, ()) if node is not None else None
    if reader.faults:
        raise AuthorError(path, reader.faults)
    return data, reader.lines


def show_field(path: FieldPath) -> str:
    """Write the path of a field: `inputs.A.family[1]`."""
    text = ""
    for step in path:
        if isinstance(step, int):
            text += f"[{step}]"
        else:
            text += f".{step}" if text else step
    return text


def _read_text(path: Path) -> str:
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise AuthorError(path, [Fault(f"cannot be read: {error.strerror}")]) from None
    if len(raw) > _MAX_BYTES:
        raise AuthorError(path, [Fault(f"has {len(raw)} bytes; at most {_MAX_BYTES} are allowed")])

    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise AuthorError(path, [Fault(f"is not UTF-8 (byte {error.start})")]) from None


def _compose(path: Path, text: str) -> yaml.Node | None:
    """The nodes of a file without anchors and aliases; these are looked for first, before any is followed."""
    try:
        for event in yaml.parse(text, Loader=_PARSER):
            if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
                message = "anchors and aliases (& and *) are not allowed; put a text that begins so in quotes"
                fault = Fault(message, line=_line(event.start_mark))
                raise AuthorError(path, [fault])
        return yaml.compose(text, Loader=_PARSER)

    except yaml.MarkedYAMLError as error:
        line = _line(error.problem_mark or error.context_mark)
        raise AuthorError(path, [Fault(f"is not YAML: {explain_yaml(error, text)}", line=line)]) from None
    except (yaml.YAMLError, RecursionError) as error:
        first = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise AuthorError(path, [Fault(f"is not YAML: {first}")]) from None


def _has_no_value(key: yaml.Node, value: yaml.Node) -> bool:
    """Is a key no key but the rest of the value before it, as `n)` is in `{shape: (n, n)}`?"""
    is_empty = isinstance(value, yaml.ScalarNode) and not value.value and not value.style
    return is_empty and bool(value.start_mark.index == key.end_mark.index)


def _short(text: str) -> str:
    return repr(text) if len(text) <= _LONGEST else f"{text[:_LONGEST]!r}…"


def _line(mark: Any) -> int | None:
    return mark.line + 1 if mark else None


@dataclass(frozen=True, slots=True)
class _Reader:
    """Makes plain data of nodes; collects lines and faults on the way."""

    lines: Lines = field(default_factory=lambda: {(): 1})
    faults: list[Fault] = field(default_factory=list)

    def read(self, node: yaml.Node, at: FieldPath) -> Any:
        line = self.lines.setdefault(at, node.start_mark.line + 1)
        if len(at) > _MAX_DEPTH:
            self.faults.append(Fault(f"nested deeper than {_MAX_DEPTH} levels", line=line))
            return None
        if isinstance(node, yaml.CollectionNode) and node.tag not in _PLAIN_COLLECTIONS:
            return self._refuse(f"tag {node.tag} is not plain data", at, line)

        if isinstance(node, yaml.SequenceNode):
            return [self.read(entry, (*at, i)) for i, entry in enumerate(node.value)]
        if isinstance(node, yaml.MappingNode):
            return self._read_mapping(node, at)
        return self._read_scalar(node, at, line)

    def _read_scalar(self, node: yaml.Node, at: FieldPath, line: int) -> Any:
        try:
            value = yaml.SafeLoader("").construct_object(node)
        except NO_VALUE:
            if _DAY.match(node.value):  # such as 2026-11-31, of which more is said where a date is wanted
                return str(node.value)
            return self._refuse(f"{_short(node.value)} with tag {node.tag} is not plain data", at, line)

        # Python refuses to write longer ones in decimals, as messages would.
        if isinstance(value, int) and value.bit_length() > _MOST_BITS:
            return self._refuse(f"{_short(node.value)} is too large", at, line)
        return value

    def _read_mapping(self, node: yaml.MappingNode, at: FieldPath) -> dict[Hashable, Any]:
        mapping: dict[Hashable, Any] = {}
        before: str | None = None
        cut: dict[str, list[str]] = {}
        for key_node, value_node in node.value:
            line = key_node.start_mark.line + 1
            if not isinstance(key_node, yaml.ScalarNode) or key_node.tag == _MERGE:
                self._refuse("keys must be plain words", at, line)
                continue

            key = key_node.value
            here = (*at, key)
            is_rest = bool(node.flow_style) and _has_no_value(key_node, value_node)
            if is_rest and before is not None:
                cut.setdefault(before, [str(mapping[before])]).append(key)
                continue
            before = key
            if key in mapping:
                self._refuse(f"key '{key}' appears twice (first on line {self.lines[here]})", here, line)
                continue
            self.lines[here] = line
            mapping[key] = self.read(value_node, here)

        for key, parts in cut.items():
            self._refuse(join_at_comma(parts), (*at, key), self.lines[(*at, key)])
        return mapping

    def _refuse(self, message: str, at: FieldPath, line: int) -> None:
        self.faults.append(Fault(message, show_field(at), line))
