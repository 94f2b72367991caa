"""What all pages share: the template engine, their one style sheet, and filters that make text harmless."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass
from functools import cache

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from grader.render.clean import clean, one_line
from grader.render.words import raise_opening
from grader.report import MOST_TEXT, points


@dataclass(frozen=True, slots=True)
class Style:
    """A style sheet and its hash: a page's policy allows this one and no other."""

    css: Markup
    hash: str


@cache
def environment() -> Environment:
    """The template engine; every page is made by it."""
    made = Environment(
        loader=PackageLoader("grader", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
        # Every expression of every template passes here, so that no control character can slip through, nor
        # ten million of others.
        finalize=lambda value: clean(value[:MOST_TEXT]) if type(value) is str else value,
    )
    made.filters.update(
        points=points,
        line=one_line,
        minus=minus,
        percent=_percent,
        raise_opening=raise_opening,
    )
    made.globals["style"] = load_style(made, "style.css")
    return made


def load_style(made: Environment, name: str) -> Style:
    """A style sheet among the templates."""
    assert made.loader is not None
    css = made.loader.get_source(made, name)[0].replace("\r\n", "\n")
    digest = base64.b64encode(hashlib.sha256(css.encode()).digest()).decode()
    return Style(Markup(css), f"sha256-{digest}")


def minus(text: str) -> str:
    """Numbers as they are typeset, with a real minus sign."""
    return text.replace("-", "−")


def _percent(share: float) -> str:
    return f"{100 * share:.0f} %"
