"""The parts that all pages share: the template engine, their one style sheet, and filters that make text harmless."""

from __future__ import annotations

import base64
import hashlib
import re
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib import resources
from pathlib import Path

from jinja2 import ChoiceLoader, Environment, ModuleLoader, PackageLoader, StrictUndefined
from markupsafe import Markup

from grader.core.text import clean, one_line, raise_opening
from grader.reports.report import Excerpt, points
from grader.reports.serialize import MOST_TEXT

COMPILED_TEMPLATES = "formats/html/compiled"
"""Where templates stand, below the package, that are compiled already, as in the archive for a browser."""
TEMPLATES = PackageLoader("grader.formats.html")
_ROOT = Path(__file__).parents[2]

_POWER_OF_TEN = re.compile(r"(?<![\w.])([−-]?\d+(?:\.\d+)?)e([−+-]?\d{1,4})(?![\w.]*\w)")
_RAISED = str.maketrans("-.0123456789", "⁻·⁰¹²³⁴⁵⁶⁷⁸⁹")
_POWER = re.compile(r"(?<=[A-Za-z])\^(\d+(?:\.\d+)?)")


@dataclass(frozen=True, slots=True)
class Inline:
    """A style sheet or a script, and its hash: a page's policy allows this one and no other."""

    code: Markup
    hash: str


@cache
def environment() -> Environment:
    """The template engine; every page is made by it."""
    made = Environment(
        loader=ChoiceLoader([ModuleLoader(_ROOT / COMPILED_TEMPLATES), TEMPLATES]),
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
        numbered=number_lines,
    )
    made.globals["style"] = load_inline("style.css")
    return made


@cache
def load_inline(*names: str) -> Inline:
    """Style sheets or scripts among the templates, as one."""
    templates = resources.files("grader.formats.html") / "templates"
    code = "".join((templates / name).read_text("utf-8") for name in names)
    digest = base64.b64encode(hashlib.sha256(code.encode()).digest()).decode()
    return Inline(Markup(code), f"sha256-{digest}")


def minus(text: str) -> str:
    """Numbers as they are typeset, with a real minus sign."""
    return text.replace("-", "−")


@lru_cache(1024)  # a seventh of the time of a page: most sentences are the same throughout a class
def typeset(text: str) -> str:
    """A sentence with its numbers as in print: `2.9e-14` becomes 2.9·10⁻¹⁴, and `h^2` h²; text, no markup."""
    text = _POWER_OF_TEN.sub(_write_power_of_ten, clean(text))
    return _POWER.sub(lambda power: raise_digits(power[1]), text)


def _write_power_of_ten(number: re.Match[str]) -> str:
    exponent = int(number[2].replace("−", "-"))
    return f"{number[1]}·10{raise_digits(str(exponent))}"


def raise_digits(number: str) -> str:
    """A number as an exponent."""
    return number.translate(_RAISED)


def number_lines(excerpt: Excerpt) -> list[tuple[str, str, bool]]:
    """The lines of an excerpt with their numbers, all of one width, and which of them is marked."""
    width = len(str(excerpt.first + len(excerpt.lines)))
    rows = enumerate(excerpt.lines, excerpt.first)
    return [(f"{k:>{width}}", clean(line).expandtabs(4), k == excerpt.marked) for k, line in rows]


def _percent(share: float) -> str:
    return f"{100 * share:.0f} %"
