"""A linter of prose, over all that the program says and all pages: `python -m tests.prose`, a part of `make lint`.

Its rules are those of proselint that fit, and the project's own list of words, `docs/words.yaml`.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator, Sequence

import yaml
from proselint.checks import __register__
from proselint.config import DEFAULT
from proselint.registry import CheckRegistry
from proselint.tools import LintFile

from tests import ROOT
from tests.sentences import Sentence, collect

WORDS = ROOT / "docs/words.yaml"
EXEMPT = ("docs/style.md",)
"""It quotes what is wrong."""
OFF = (
    "archaism", "lexical_illusions", "misc.phrasal_adjectives", "needless_variants", "redundancy.misc", "spelling",
    "typography", "weasel_words",
)  # fmt: skip
"""Rules that take formulas, options and code for prose."""


def read_pages() -> Iterator[Sentence]:
    """The paragraphs of all pages, without code."""
    names = ("README.md", "CONTRIBUTING.md", "ARCHITECTURE.md", "SECURITY.md", "benchmarks/README.md")
    for page in [*(ROOT / name for name in names), *sorted((ROOT / "docs").rglob("*.md"))]:
        name = page.relative_to(ROOT).as_posix()
        if name in EXEMPT:
            continue
        text = re.sub(r"^ *```.*?^ *```", _only_lines, page.read_text("utf-8"), flags=re.M | re.S)
        text = re.sub(r"`[^`\n]+`|\]\([^)]*\)|<!--.*?-->", "…", text)
        for number, line in enumerate(text.splitlines(), 1):
            if line.strip():
                yield Sentence(f"{name}:{number}", line)


def _only_lines(code: re.Match[str]) -> str:
    return "\n" * code[0].count("\n")


def find_faults(sentences: Sequence[Sentence]) -> Iterator[str]:
    """A line for each word or turn of phrase that should be another."""
    rules = [
        (re.compile(rule["avoid"], re.I), rule["write"]) for rule in yaml.safe_load(WORDS.read_text("utf-8"))
    ]
    for sentence in sentences:
        for pattern, better in rules:
            if found := pattern.search(sentence.text):
                yield f"{sentence.place}: “{found[0]}”: write {better}"
    yield from _proselint(sentences)


def _proselint(sentences: Sequence[Sentence]) -> Iterator[str]:
    registry = CheckRegistry()
    if not registry.checks:
        registry.register_many(__register__)
    text = "\n".join(re.sub(r"\$[^$]*\$|\s+", " ", sentence.text) for sentence in sentences)
    for result in LintFile("sentences", text).lint(DEFAULT):
        line, _ = result.pos
        if not result.check_result.check_path.startswith(OFF):
            yield f"{sentences[line - 1].place}: {result.check_result.message}"


def main() -> int:
    """Print what is found; 1 if anything is."""
    said = list(collect([ROOT / "grader", ROOT / "exercises", ROOT / "solutions"]))
    faults = list(find_faults([*said, *read_pages()]))
    print("\n".join(faults))
    return bool(faults)


if __name__ == "__main__":
    sys.exit(main())
