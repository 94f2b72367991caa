"""Which functions a file defines, as far as that is seen without compiling or running it."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator

from grader.answers.submission import CodeCell, SubmittedFile, parse_submission

_DEFINITION = re.compile(
    r"^(?:(?:async[ \t]+)?def[ \t]+(\w+)|[ \t]*(\w+)[ \t]*\([^()\n]*\)[ \t]*=(?!=)|(\w+)[ \t]*(?::[^=\n]*)?=(?!=))",
    re.M,
)
"""In Python, `def f(A):` or `f =`; among formulas, `f(A) =`."""
_MARGIN = re.compile(r"^[^\s#)]", re.MULTILINE)
_UNWRITTEN = re.compile(r"^[ \t]+raise NotImplementedError|:\s*(?:pass|\.\.\.)\s*\Z", re.MULTILINE)
"""In the body of a function as it is released."""


def defined_names(cells: Iterable[CodeCell]) -> set[str]:
    """Names defined at the left margin."""
    return {name for cell in cells for name, _ in _definitions(cell.source)}


def count_written(submitted: SubmittedFile, functions: Collection[str]) -> int:
    """Count those of these functions that a file defines, without those left as they were released."""
    written = {
        name
        for cell in parse_submission(submitted).cells
        for name, body in _definitions(cell.source)
        if not _UNWRITTEN.search(body)
    }
    return len(written.intersection(functions))


def _definitions(source: str) -> Iterator[tuple[str, str]]:
    """The name and the text of each definition, as far as the next line at the margin."""
    for match in _DEFINITION.finditer(source):
        following = _MARGIN.search(source, match.end())
        yield (
            match[1] or match[2] or match[3],
            source[match.start() : following.start() if following else len(source)],
        )
