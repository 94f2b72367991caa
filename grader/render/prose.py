"""Texts of a course as HTML: Markdown without raw HTML, formulas in LaTeX as MathML.

Every text is turned once in a process, as a class has the same statements and hints throughout.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cache, lru_cache
from html import unescape
from typing import Any
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

from markdown_it import MarkdownIt
from markdown_it.token import Token
from markupsafe import Markup, escape

from grader.render.clean import clean

_MOST = 512
_BELOW = 3
"""A statement stands below a heading of this level."""

_ATTRIBUTES = frozenset(
    {
        "accent", "columnalign", "columnspacing", "depth", "display", "displaystyle", "fence", "form", "height",
        "linethickness", "lspace", "mathvariant", "maxsize", "minsize", "movablelimits", "rowspacing", "rspace",
        "scriptlevel", "separator", "stretchy", "voffset", "width",
    }
)  # fmt: skip
_BRACKETS = frozenset("()[]{}|‖⟨⟩")


@lru_cache(_MOST)
def statement_html(text: str) -> Markup:
    """A statement: Markdown with LaTeX between dollars."""
    return Markup(_markdown(True).render(clean(text)))


@lru_cache(_MOST)
def prose_html(text: str) -> Markup:
    """A hint or a derivation: Markdown in which `*` and `_` are what mathematicians mean, and links are text.

    What is indented is a displayed formula.
    """
    return Markup(_markdown(False).render(clean(text)))


@lru_cache(_MOST)
def sentence_html(text: str) -> Markup:
    """A sentence as `prose_html` has it, without a paragraph around it."""
    return Markup(_markdown(False).renderInline(clean(text)))


@lru_cache(_MOST)
def formula_html(latex: str, display: bool = False) -> Markup:
    """A formula as MathML; one that cannot be read as its LaTeX, so that it is never lost."""
    from latex2mathml.converter import convert_to_element

    try:
        math = convert_to_element(latex.strip(), display="block" if display else "inline")
    except Exception:  # the library raises what it happens to meet
        return Markup("<code>{}</code>").format(latex)
    for element in math.iter():
        _tidy(element)
    for row in math.iter():
        _space(list(row))
    return Markup(ElementTree.tostring(math, encoding="unicode"))


def _tidy(element: Element) -> None:
    """Text instead of entities, which are escaped when written; attributes that say how a formula looks."""
    if element.text:
        element.text = unescape(element.text)
    for name in [name for name in element.attrib if name not in _ATTRIBUTES]:
        del element.attrib[name]
    if element.tag == "mi" and element.text in ("⟨", "⟩"):
        element.tag = "mo"
        element.set("stretchy", "false")


def _space(row: list[Element]) -> None:
    """The space that TeX leaves around the name of a function; brackets as high as the matrix in them."""
    for at, element in enumerate(row):
        text = element.text or ""
        if element.tag == "mo" and len(text) > 1 and text.isalpha():
            opens = at + 1 < len(row) and row[at + 1].text in ("(", "[")
            element.set("lspace", "0.17em" if at else "0")
            element.set("rspace", "0" if opens or at + 1 == len(row) else "0.17em")
        if element.tag == "mtable":
            for neighbour in row[max(at - 1, 0) : at + 2]:
                if neighbour.tag == "mo" and neighbour.text in _BRACKETS:
                    neighbour.set("fence", "true")


@cache
def _markdown(full: bool) -> MarkdownIt:
    from mdit_py_plugins.dollarmath import dollarmath_plugin

    markdown = MarkdownIt("commonmark", {"html": False}).use(dollarmath_plugin, double_inline=True)
    markdown.disable(["image", "html_block", "html_inline"])
    if full:
        markdown.enable("table")
        markdown.core.ruler.push("headings", _lower_headings)
    else:
        markdown.disable(["link", "autolink", "emphasis", "heading", "lheading", "hr", "list", "reference"])
        markdown.add_render_rule("code_block", _displayed)
    for name, display in (("math_inline", False), ("math_inline_double", True), ("math_block", True)):
        markdown.add_render_rule(name, _formula(display))
    return markdown


def _formula(display: bool) -> Callable[..., str]:
    def render(self: Any, tokens: Sequence[Token], index: int, options: Any, env: Any) -> str:
        return str(formula_html(tokens[index].content, display))

    return render


def _displayed(self: Any, tokens: Sequence[Token], index: int, options: Any, env: Mapping[str, Any]) -> str:
    return f'<pre class="displayed">{escape(tokens[index].content.rstrip())}</pre>\n'


def _lower_headings(state: Any) -> None:
    for token in state.tokens:
        if token.type in ("heading_open", "heading_close"):
            token.tag = f"h{min(int(token.tag[1]) + _BELOW, 6)}"
