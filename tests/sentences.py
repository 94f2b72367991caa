"""Every sentence that the program and its exercises say, each with its place: `python -m tests.sentences [PATH…]`."""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterable, Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import NamedTuple

import yaml

from tests import ROOT

NOT_SAID = ("sample_class", "bundled", "answers/sandbox/guest/attempts.py")
"""Students' code, copies, and programs that attack the sandbox."""
SAID = ("title", "statement", "hints", "message", "step", "name", "instructions")
"""Keys of YAML whose text somebody reads."""


class Sentence(NamedTuple):
    """A text with the place where it is written; what is filled in stands as `{…}`."""

    place: str
    text: str


def collect(paths: list[Path]) -> Iterator[Sentence]:
    """All sentences below some folders or files, in the order of the files."""
    files = [file for path in paths for file in (sorted(path.rglob("*")) if path.is_dir() else [path])]
    for file in files:
        name = file.resolve().relative_to(ROOT).as_posix()
        read = READERS.get(file.suffix)
        if read and not any(part in name for part in NOT_SAID):
            for line, text in read(file.read_text("utf-8")):
                yield Sentence(f"{name}:{line}", " ".join(text.split()))


def _of_python(source: str) -> Iterator[tuple[int, str]]:
    """Strings that read like prose, of docstrings those of commands alone; the parts of an f-string are joined."""
    nodes = list(ast.walk(ast.parse(source)))
    inner = {id(part) for node in nodes if isinstance(node, ast.JoinedStr) for part in node.values}
    inner |= {id(node.value) for node in nodes if isinstance(node, ast.Expr)}
    inner -= {id(docstring) for docstring in _help_texts(nodes)}
    found = [
        (node.lineno, _as_text(node))
        for node in nodes
        if isinstance(node, ast.Constant | ast.JoinedStr) and id(node) not in inner
    ]
    yield from sorted((line, text) for line, text in found if _is_prose(text))


def _help_texts(nodes: Iterable[ast.AST]) -> Iterator[ast.expr]:
    """The docstrings of commands, which `--help` shows."""
    for function in nodes:
        if not isinstance(function, ast.FunctionDef):
            continue
        is_command = any(".command(" in ast.unparse(decorator) for decorator in function.decorator_list)
        if is_command and isinstance(function.body[0], ast.Expr):
            yield function.body[0].value


def _as_text(node: ast.expr) -> str:
    if isinstance(node, ast.JoinedStr):
        return "".join(_as_text(part) for part in node.values)
    if isinstance(node, ast.FormattedValue):
        return f"{{{ast.unparse(node.value)}}}"
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""


def _is_prose(text: str) -> bool:
    """Whether a text has two plain words side by side, and is no pattern or piece of a page."""
    plain = re.sub(r"\{[^}]*\}", "0", text)
    return bool(re.search(r"\b[a-z’']{2,},? [a-z]{1,}\b", plain)) and not re.search(
        r"\\[swdb(]|^\s*<|;\s*$", plain
    )


def _of_yaml(source: str) -> Iterator[tuple[int, str]]:
    yield from _of_node(yaml.compose(source))


def _of_node(node: yaml.Node | None, key: str = "") -> Iterator[tuple[int, str]]:
    if isinstance(node, yaml.MappingNode):
        for name, value in node.value:
            yield from _of_node(value, name.value)
    elif isinstance(node, yaml.SequenceNode):
        for value in node.value:
            yield from _of_node(value, key)
    elif isinstance(node, yaml.ScalarNode) and key in SAID:
        yield node.start_mark.line + 1, node.value


class _Words(HTMLParser):
    """The words of a template, without its tags, style sheets and expressions."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[int, str]] = []

    def handle_data(self, data: str) -> None:
        titles = re.findall(r'\{\{ \w+\("([^"]+)", ', data)
        self.found += [(self.getpos()[0], title) for title in titles if _is_prose(title)]
        text = re.sub(r"\{[{%#].*?[}%#]\}", "{…}", data, flags=re.S)
        if _is_prose(text) and self.get_starttag_text() not in ("<style>", "<script>"):
            self.found.append((self.getpos()[0], text))


def _of_template(source: str) -> Iterator[tuple[int, str]]:
    words = _Words()
    words.feed(source)
    yield from words.found


READERS = {
    ".py": _of_python,
    ".yaml": _of_yaml,
    ".html": _of_template,
    ".jinja": _of_template,
    ".j2": _of_template,
}


def main() -> None:
    """Print a line for each sentence."""
    paths = [Path(word) for word in sys.argv[1:]] or [ROOT / "grader", ROOT / "exercises", ROOT / "solutions"]
    for sentence in collect(paths):
        print(f"{sentence.place}: {sentence.text}")


if __name__ == "__main__":
    main()
