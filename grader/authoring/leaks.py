"""Which lines are private, and whether a text that students will get holds one.

The rule in a sentence: no line of a file in `solutions/` may stand in what students get. In detail:

- A line counts as it stands, without its indentation; of `return X`, `X` counts as well, and in `variants.yaml` each
  formula and each line of a message and of a step without its key.
- Spaces do not count, so that another layout hides nothing. A line of fewer than 12 other characters stands inside
  others by chance: it counts if it is a formula, and is looked for as a whole line, be it an
  item of a list or a comment, and as a whole `span` or $span$.
- Not private are imports, and what a question itself must say: title, signature, the map f and the given functions of
  any problem.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from grader.problems.course import Course
from grader.problems.yaml_reader import read_yaml

INSIDE = 12
"""From this length on a line is found inside others too."""
_SHORT_FORMULA = re.compile(r".*\w[-+*/@=(\[^].*|-\w.*")
_SHORTEST = 4
_IMPORT = re.compile(r"(import|from)\s+[\w.]+")
_RETURN = re.compile(r"return\b\s*(.+)")
_SPANS = re.compile(r"`([^`]+)`|\$([^$]+)\$")
_MARKERS = re.compile(r"(?:\s*(?:[>*+#-]|\d+[.)])\s+)+")
"""Of Markdown and of comments, before what a line says."""


@dataclass(frozen=True, slots=True)
class Leak:
    """A private line in a file that students would get."""

    file: str
    line: str
    source: str

    def __str__(self) -> str:
        return f"{self.file} holds {self.line!r}, a line of {self.source}"


def find_leaks(course: Course, files: Mapping[str, bytes]) -> list[Leak]:
    """Every private line of the course that one of the files holds, once for each file."""
    private = private_lines(course)
    leaks: list[Leak] = []
    for name, data in files.items():
        texts = list(_readings(name, data))
        whole = {_squeeze(piece) for text in texts for piece in _looked_at(text)}
        running = "\n".join(map(_squeeze, texts))
        leaks += [
            Leak(name, line, source)
            for key, (line, source) in private.items()
            if (key in running if len(key) >= INSIDE else key in whole)
        ]
    return leaks


def private_lines(course: Course) -> dict[str, tuple[str, str]]:
    """Line without spaces → the line as it is, and the file that it is from."""
    public = _public_texts(course)
    found: dict[str, tuple[str, str]] = {}
    folder = course.folder / "solutions"
    for path in sorted(folder.glob("*/**/*")):
        if not path.is_file() or "__pycache__" in path.parts:
            continue
        source = path.relative_to(course.folder).as_posix()
        for line in _solution_lines(path):
            key = _squeeze(line)
            if _says_something(key) and not any(key in text for text in public):
                found.setdefault(key, (line.strip(), source))
    return found


def _says_something(key: str) -> bool:
    return len(key) >= INSIDE or (len(key) >= _SHORTEST and _SHORT_FORMULA.fullmatch(key) is not None)


def _solution_lines(path: Path) -> Iterator[str]:
    """The lines of a file of a solution that count, and the parts of lines that count by themselves."""
    for line in path.read_text(encoding="utf-8", errors="replace").splitlines():
        if not _IMPORT.match(line.strip()):
            yield line
        if match := _RETURN.fullmatch(line.strip()):
            yield match[1]
    if path.suffix in (".yaml", ".yml"):
        data, _ = read_yaml(path)
        for items in data.values() if isinstance(data, dict) else ():
            for item in items or ():
                for text in _strings([item.get("formula"), item.get("message"), item.get("step")]):
                    yield from text.splitlines()


def _looked_at(text: str) -> Iterator[str]:
    """The lines of a text, also without what may stand around them, what they return, and the code in them."""
    for line in text.splitlines():
        for whole in (line, _MARKERS.sub("", line, count=1)):
            for said in (whole.strip(), whole.strip().rstrip(".,;:")):
                yield said
                if match := _RETURN.fullmatch(said):
                    yield match[1]
        yield from filter(None, (span for spans in _SPANS.findall(line) for span in spans))


def _readings(name: str, data: bytes) -> Iterator[str]:
    """A file as text, and what it says once the quoting of its format is undone."""
    text = data.decode("utf-8", "replace")
    yield text
    if name.endswith((".ipynb", ".json")):
        yield from _strings(json.loads(text))
    elif name.endswith((".yaml", ".yml")):
        yield from _strings(yaml.safe_load(text))


def _strings(node: Any) -> Iterator[str]:
    """Every text in plain data; lists of texts also as one text, which the lines of a notebook's cell are."""
    if isinstance(node, str):
        yield node
    elif isinstance(node, dict):
        for item in node.values():
            yield from _strings(item)
    elif isinstance(node, list):
        yield "".join(item for item in node if isinstance(item, str))
        for item in node:
            yield from _strings(item)


def _squeeze(text: str) -> str:
    return "".join(text.split())


def _public_texts(course: Course) -> list[str]:
    """What questions say by themselves, without spaces."""
    texts: list[str] = []
    for problem in course.problems.values():
        texts += [f'"""{problem.title}."""', f"def {problem.signature}:", problem.f.text]
        texts += [choice.text for item in problem.functions for choice in item.choices]
    return [_squeeze(text) for text in texts]
