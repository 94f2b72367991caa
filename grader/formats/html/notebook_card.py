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


def card(report: Report, note: str = "", *, styled: bool = True) -> str:
    """HTML for the output of a cell: no script, nothing from elsewhere, readable on light and dark.

    Args:
        note: a sentence to stand first.
        styled: false for a card that stands below another one, whose style serves both.
    """
    ids = {problem.id: f"check-{problem.id}" for problem in report.problems}
    return (
        environment()
        .get_template("card.html")
        .render(
            style=_style() if styled else "",
            note=note,
            sections=[(ids[one.id], problem_card(one, id=ids[one.id])) for one in report.problems],
            output=clip_lines(report.output, _OUTPUT_LINES, 10_000),
        )
    )


@cache
def _style() -> Markup:
    """The pages' style sheet, nested so that it holds inside cards only, in the colours of the notebook's theme.

    The first `:root` of the style sheet has the light colours, the second the dark ones. Themes of JupyterLab and of
    VS Code are told by the document, and go before what the system prefers.
    """
    css = load_inline("style.css").code
    light, dark, *_ = _ROOT.findall(css)
    nested = re.sub(r"(:root|^body)(?=\s*\{)", "&", css, flags=re.M)
    themes = (
        f'[data-jp-theme-light="true"] &, .vscode-light & {{{light} color-scheme: light; }}\n'
        f'[data-jp-theme-light="false"] &, .vscode-dark & {{{dark} color-scheme: dark; }}'
    )
    # A notebook keeps a copy with every card, so without indents.
    return Markup(re.sub(r"\s+", " ", f".frechet-card {{ {nested} {themes} }}"))
