"""The documentation site: `make docs` builds it into build/docs."""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path
from typing import Any

from docutils.nodes import SkipNode
from sphinx.application import Sphinx

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "docs")]

from from_code import fill_in  # noqa: E402

from grader.core.version import __version__  # noqa: E402
from grader.formats.html.prose import formula_html  # noqa: E402

project = "frechet-grader"
author = "the authors of frechet-grader"
release = version = __version__
language = "en"

extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon"]
myst_enable_extensions = ["dollarmath", "colon_fence"]
myst_heading_anchors = 4  # the anchors that GitHub gives them
myst_dmath_allow_labels = False
default_role = "literal"  # docstrings write `code` as Markdown does
autodoc_typehints = "description"
autodoc_member_order = "bysource"

nitpicky = True
nitpick_ignore_regex = [(r"py:.*", r".*")]  # types of libraries, and names that are not public

html_theme = "furo"
html_title = "frechet-grader"
html_static_path = ["_static"]
html_css_files = ["site.css"]
html_copy_source = False
html_show_copyright = False
html_show_sphinx = False
html_extra_path = ["report.schema.json"]
html_math_renderer = "mathml"

PAGES_OF_THE_PROJECT = {
    "README.md": "index",
    "ARCHITECTURE.md": "project/architecture",
    "CHANGELOG.md": "project/changelog",
    "CONTRIBUTING.md": "project/contributing",
    "SECURITY.md": "project/security",
    "benchmarks/README.md": "project/benchmarks",
}
"""Files outside of docs/ that the site shows; each has a page that names it in a comment."""


def setup(app: Sphinx) -> None:
    """Write formulas as MathML, and pages that come from elsewhere."""
    app.connect("source-read", _read_page)
    app.connect("build-finished", _make_accessible)
    app.add_html_math_renderer("mathml", inline_renderers=(_math, None), block_renderers=(_math_block, None))


def _math(translator: Any, node: Any) -> None:
    """Write a formula as students' pages have it: no script, and read aloud by screen readers."""
    translator.body.append(str(formula_html(node.astext())))
    raise SkipNode


def _math_block(translator: Any, node: Any) -> None:
    formula = formula_html(node.astext(), display=True)
    translator.body.append(f'<div class="formula">{formula}</div>')
    raise SkipNode


def _read_page(app: Sphinx, name: str, source: list[str]) -> None:
    """Fill in what comes from the code or from a file of the project, and turn links to such files to their pages."""
    place = ROOT / "docs" / name
    text = fill_in(source[0])
    shown = re.match(r"<!-- page: (\S+) -->", text)
    if shown:
        origin = ROOT / shown[1]
        text = origin.read_text(encoding="utf-8")
    else:
        origin = place

    def turn(link: re.Match[str]) -> str:
        return _turn_link(link, origin.parent, place.parent)

    source[0] = re.sub(r"(?<!\!)\[([^\[\]]+)\]\((?!https?:|#)([^)\s#]+)(#[^)\s]*)?\)", turn, text)


def _turn_link(link: re.Match[str], written_in: Path, shown_in: Path) -> str:
    """Keep a link to a page of the site; of a link to a file that is not on the site, keep the words."""
    words, path, anchor = link.groups(default="")
    target = (written_in / path).resolve()
    inside = target.relative_to(ROOT).as_posix() if target.is_relative_to(ROOT) else path
    if inside in PAGES_OF_THE_PROJECT:
        target = ROOT / "docs" / f"{PAGES_OF_THE_PROJECT[inside]}.md"
    elif not (inside.startswith("docs/") and target.is_file()):
        return words
    return f"[{words}]({_relative(target, shown_in)}{anchor})"


def _relative(target: Path, folder: Path) -> str:
    return Path(os.path.relpath(target, folder)).as_posix()


REPAIRS = {
    'role="heading">': 'role="heading" aria-level="2">',
    "<pre>": '<pre tabindex="0">',  # what scrolls can be reached with the keyboard
    '<div class="table-wrapper': '<div tabindex="0" class="table-wrapper',
}
"""What axe-core finds missing in the theme's pages."""


def _make_accessible(app: Sphinx, exception: Exception | None) -> None:
    for page in Path(app.outdir).rglob("*.html"):
        text = page.read_text(encoding="utf-8")
        for found, wanted in REPAIRS.items():
            text = text.replace(found, wanted)
        page.write_text(text, encoding="utf-8")
