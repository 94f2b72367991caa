"""Find private lines in the files that students will get.

The rule in a sentence: no line of a file in `solutions/` may stand in students' files. In detail:

- A line counts as it stands, without its indentation; of `return X`, `X` counts as well, and in `variants.yaml` each
  formula and each line of a message and of a step without its key.
- Spaces do not count, so that another layout hides nothing. A line of fewer than 12 other characters stands inside
  others by chance: it counts if it is a formula, and is looked for as a whole line, be it an
  item of a list or a comment, and as a whole `span` or $span$.
- Not private are imports, and the parts of any question itself: title, signature, the map f and the given functions.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any

import yaml

from grader.problems.course import Course
from grader.problems.yaml_reader import read_yaml

INSIDE = 12
"""From this length on a line is found inside others too."""
_SHORTEST = 4
_SHORT_FORMULA = re.compile(r".*\w[-+*/@=(\[^].*|-\w.*")
_IMPORT = re.compile(r"(import|from)\s+[\w.]+")
_RETURN = re.compile(r"return\b\s*(.+)")
_SPANS = re.compile(r"`([^`]+)`|\$([^$]+)\$")
_MARKERS = re.compile(r"(?:\s*(?:[>*+#-]|\d+[.)])\s+)+")
"""Marks of Markdown and of comments before the words of a line."""
_YAML = (".yaml", ".yml")


@dataclass(frozen=True, slots=True)
class Leak:
    """A private line in a file that students would get."""

    file: str
    line: str
    source: str

    def __str__(self) -> str:
        return f"{self.file} holds {self.line!r}, a line of {self.source}"


def find_leaks(course: Course, files: Mapping[str, bytes]) -> list[Leak]:
    """Every private line of the course that one of the files holds, once for each file.

    Args:
        files: name → content, as students would get them.
    """
    private = private_lines(course)
    leaks = []
    for name, data in files.items():
        texts = list(_readings(name, data))
        pieces = {_squeeze(piece) for text in texts for piece in _pieces(text)}
        running = "\n".join(map(_squeeze, texts))

        for key, (line, source) in private.items():
            is_inside = len(key) >= INSIDE and key in running
            if is_inside or key in pieces:
                leaks.append(Leak(name, line, source))
    return leaks


def private_lines(course: Course) -> dict[str, tuple[str, str]]:
    """Line without spaces → the line as it stands, and the file that it is from."""
    public = _public_texts(course)
    private: dict[str, tuple[str, str]] = {}
    for path in _solution_files(course):
        source = path.relative_to(course.folder).as_posix()
        for line in _solution_lines(path):
            key = _squeeze(line)
            if _is_telling(key) and not any(key in text for text in public):
                private.setdefault(key, (line.strip(), source))
    return private


def _solution_files(course: Course) -> list[Path]:
    paths = sorted((course.folder / "solutions").glob("*/**/*"))
    return [path for path in paths if path.is_file() and "__pycache__" not in path.parts]


def _is_telling(key: str) -> bool:
    """Is a line long enough, or a formula, so that other texts do not have it by chance?"""
    if len(key) >= INSIDE:
        return True
    return len(key) >= _SHORTEST and _SHORT_FORMULA.fullmatch(key) is not None


def _solution_lines(path: Path) -> Iterator[str]:
    """The lines of a file of a solution that count, and the parts of lines that count by themselves."""
    for line in path.read_text(encoding="utf-8", errors="replace").splitlines():
        if not _IMPORT.match(line.strip()):
            yield line
        yield from _returned(line.strip())

    if path.suffix in _YAML:
        data, _ = read_yaml(path)
        for value in _private_values(data):
            for text in _strings(value):
                yield from text.splitlines()


def _private_values(data: Any) -> list[Any]:
    """The formulas, messages and steps in `variants.yaml`."""
    sections = data.values() if isinstance(data, dict) else ()
    variants = [variant for section in sections for variant in section or ()]
    return [variant.get(key) for variant in variants for key in ("formula", "message", "step")]


def _pieces(text: str) -> Iterator[str]:
    """The lines of a text, also without the marks around them, their returned expressions, and the code in them."""
    for line in text.splitlines():
        for unmarked in (line.strip(), _MARKERS.sub("", line, count=1).strip()):
            for piece in (unmarked, unmarked.rstrip(".,;:")):
                yield piece
                yield from _returned(piece)
        yield from filter(None, chain.from_iterable(_SPANS.findall(line)))


def _returned(line: str) -> Iterator[str]:
    """X of `return X`."""
    if match := _RETURN.fullmatch(line):
        yield match[1]


def _readings(name: str, data: bytes) -> Iterator[str]:
    """A file as text, and its texts once the quoting of its format is undone."""
    text = data.decode("utf-8", "replace")
    yield text
    if name.endswith((".ipynb", ".json")):
        yield from _strings(json.loads(text))
    elif name.endswith(_YAML):
        yield from _strings(yaml.safe_load(text))


def _strings(node: Any) -> Iterator[str]:
    """Every text in plain data; lists of texts also as one text, which the lines of a notebook's cell are."""
    if isinstance(node, str):
        yield node
        return

    children: Iterable[Any] = ()
    if isinstance(node, dict):
        children = node.values()
    elif isinstance(node, list):
        children = node
        yield "".join(child for child in node if isinstance(child, str))
    for child in children:
        yield from _strings(child)


def _squeeze(text: str) -> str:
    return "".join(text.split())


def _public_texts(course: Course) -> list[str]:
    """The texts that questions themselves must show, without spaces."""
    texts: list[str] = []
    for problem in course.problems.values():
        texts += [f'"""{problem.title}."""', f"def {problem.signature}:", problem.f.text]
        texts += [choice.text for function in problem.functions for choice in function.choices]
    return [_squeeze(text) for text in texts]
