"""One problem as a card in a notebook: the section of the student's page, and the page's style for it alone."""

from __future__ import annotations

import re
from functools import cache

from markupsafe import Markup

from grader.core.text import clip_lines
from grader.formats.html.student import problem_card
from grader.formats.html.template_engine import environment, load_inline
from grader.reports.report import Report

_OUTPUT_LINES = 40
_ROOT = re.compile(r":root\s*\{(.*?)\}", re.S)
_SCHEME = re.compile(r"@media \(prefers-color-scheme: dark\) \{\s*:root\s*\{.*?\}\s*\}", re.S)
_REM = re.compile(r"(?<![\w.])(\d*\.?\d+)rem\b")
_OWN = (
    "& { max-width: 60rem; background: none; } section { margin: 0; } .value { overflow-y: hidden; }"
    " .hidden { display: inline !important; visibility: visible !important; }"
    " tr { background: none !important; }"
)
"""Where a card differs from a page."""


def card(
    report: Report, note: str = "", *, styled: bool = True, commented: bool = False, printed: bool = False
) -> str:
    """HTML for the output of a cell: no script, nothing from elsewhere, readable on light and dark.

    Args:
        note: a sentence to stand first.
        styled: false for a card that stands below another one, whose style serves both.
        commented: what a comment beside it says is left out.
        printed: for a page that is always light, as nbgrader's is, whatever the reader's system prefers.
    """
    sections = [
        (f"check-{one.id}", problem_card(one, id=f"check-{one.id}", commented=commented))
        for one in report.problems
    ]
    return (
        environment()
        .get_template("card.html")
        .render(
            style=_style(printed) if styled else "",
            note=note,
            sections=sections,
            output=clip_lines(report.output, _OUTPUT_LINES, 10_000),
        )
    )


@cache
def _style(printed: bool) -> Markup:
    """The pages' style sheet, nested so that it holds inside cards only, in the colours of the notebook's theme.

    The first `:root` of the style sheet has the light colours, the second the dark ones. Themes of JupyterLab and of
    VS Code are told by the document, and go before what the system prefers. Around a card there are other style
    sheets, with classes of the same names (Bootstrap's `lead`, `mark` and `hidden` in nbgrader's pages) and another
    size of letters: all of theirs is undone, and lengths do not depend on them.
    """
    css = str(load_inline("style.css").code)
    light, dark, *_ = _ROOT.findall(css)
    if printed:
        css = _SCHEME.sub("", css)

    nested = re.sub(r"(:root|^body)(?=\s*\{)", "&", css, flags=re.M)
    themes = (
        f'[data-jp-theme-light="true"] &, .vscode-light & {{{light} color-scheme: light; }}\n'
        f'[data-jp-theme-light="false"] &, .vscode-dark & {{{dark} color-scheme: dark; }}'
    )

    # The more often a class is named, the more its rules weigh: ours more than what undoes, and that more than theirs.
    undone = ".frechet-card.frechet-card :not(svg, svg *, math, math *) { all: revert; }"
    ours = f".frechet-card.frechet-card.frechet-card {{ {nested} {themes} {_OWN} }}"
    fixed = _REM.sub(lambda length: f"{16 * float(length[1]):g}px", f"{undone} {ours}")

    # A notebook keeps a copy with every card, so without indents.
    return Markup(re.sub(r"\s+", " ", fixed))
