"""Texts of a course as HTML: Markdown without raw HTML, formulas in LaTeX as MathML.

A class has the same few statements, hints and diagnoses throughout, so what became of each is kept: turning them anew
for every page would more than double its time.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache, lru_cache
from html import unescape
from itertools import pairwise
from typing import Any
from xml.etree import ElementTree
from xml.etree.ElementTree import Element, SubElement

from markdown_it import MarkdownIt
from markdown_it.token import Token
from markupsafe import Markup, escape

from grader.core.text import clean

_MOST = 512
_BELOW = 3
"""A statement stands below a heading of this level."""

_OF_OPERATORS = {
    "accent",
    "fence",
    "form",
    "lspace",
    "maxsize",
    "minsize",
    "movablelimits",
    "rspace",
    "separator",
}
_OF_TABLES = {"columnalign", "columnspacing", "rowspacing"}
_OF_SIZE = {"depth", "display", "displaystyle", "height", "linethickness", "mathvariant", "scriptlevel"}
_ATTRIBUTES = frozenset({"stretchy", "voffset", "width"}) | _OF_OPERATORS | _OF_TABLES | _OF_SIZE
"""The attributes that a formula may have: they say how it looks."""
_BRACKETS = frozenset("()[]{}|‖⟨⟩")
_OPENING, _CLOSING, _RELATIONS = frozenset("([{⟨"), frozenset(")]}⟩"), frozenset("=≠≈≤≥<>∈→↦⇒+−")
_TAIL = re.compile(r"[^\s\w]*")
_SHORT = 12
"""Formulas of so many characters are not broken between lines."""


@lru_cache(_MOST)
def statement_html(text: str) -> Markup:
    """A statement: Markdown with LaTeX between dollars."""
    return Markup(_full().render(clean(text)))


@lru_cache(_MOST)
def prose_html(text: str) -> Markup:
    """A hint or a derivation: Markdown in which `*` and `_` are what mathematicians mean, and links are text.

    What is indented is a displayed formula.
    """
    return Markup(_plain().render(clean(text)))


@lru_cache(_MOST)
def sentence_html(text: str) -> Markup:
    """A sentence as `prose_html` has it, without a paragraph around it."""
    return Markup(_plain().renderInline(clean(text)))


def formula_html(latex: str, *, display: bool = False) -> Markup:
    """A formula as MathML; one that cannot be read as its LaTeX, so that it is never lost."""
    from latex2mathml.converter import convert_to_element

    try:
        math = convert_to_element(latex.strip(), display="inline")
    except Exception:  # the library raises what it happens to meet
        return Markup("<code>{}</code>").format(latex)

    math.attrib = {"displaystyle": "true"} if display else {}
    for element in math.iter():
        _clean(element)
    for element in math.iter():
        _raise_prime(element)
        _space(list(element))

    pieces = "<wbr>".join(ElementTree.tostring(piece, encoding="unicode") for piece in _break(math))
    if display:
        return Markup(f'<span class="display">{pieces}</span>')
    return Markup(pieces)


def _break(math: Element) -> Iterator[Element]:
    """A formula in pieces that end in a relation, between which lines may break; browsers break none."""
    is_row = len(math) == 1 and math[0].tag == "mrow"
    if not is_row or len("".join(math[0].itertext())) <= _SHORT:
        yield math
        return

    row = list(math[0])
    depth, piece = 0, []
    for element in row:
        piece.append(element)
        sign = _sign_of(element)
        depth += (sign in _OPENING) - (sign in _CLOSING)
        is_relation = element.tag == "mo" and sign in _RELATIONS and depth == 0
        # A sign at the beginning of a piece relates nothing.
        is_inside = len(piece) > 1 and element is not row[-1]
        if is_relation and is_inside:
            element.attrib |= {"form": "infix", "lspace": "0.28em", "rspace": "0.28em"}
            yield _as_formula(math, piece)
            piece = []
    yield _as_formula(math, piece)


def _sign_of(element: Element) -> str:
    """An operator or a bracket, also one that is raised, as in (A + dA)²; else empty."""
    if element.tag in ("msup", "msub", "msubsup"):
        element = element[0]
    if element.tag != "mo":
        return ""
    return element.text or ""


def _as_formula(math: Element, row: list[Element]) -> Element:
    """A part of a formula as one of its own."""
    formula = Element("math", math.attrib)
    SubElement(formula, "mrow").extend(row)
    return formula


def _clean(element: Element) -> None:
    """Text instead of entities, which are escaped when written; attributes that say how a formula looks."""
    if element.text:
        element.text = unescape(element.text)
    for name in [name for name in element.attrib if name not in _ATTRIBUTES]:
        del element.attrib[name]
    if element.tag == "mi" and element.text in ("⟨", "⟩"):
        element.tag = "mo"
        element.set("stretchy", "false")


def _raise_prime(element: Element) -> None:
    """A prime is high by itself, and raised twice by fonts that are not made for mathematics."""
    if element.tag == "msup" and len(element) == 2 and element[1].text == "′":
        element.tag, element[1].tag = "mrow", "mo"
        element[1].attrib |= {"lspace": "0", "rspace": "0"}


def _space(row: list[Element]) -> None:
    """The space that TeX leaves around the name of a function; brackets as high as the matrix in them."""
    for at, element in enumerate(row):
        before, after = row[max(at - 1, 0) : at], row[at + 1 : at + 2]
        text = element.text or ""

        if element.tag == "mtable":
            for neighbour in (*before, *after):
                if neighbour.tag == "mo" and neighbour.text in _BRACKETS:
                    neighbour.set("fence", "true")
        elif element.tag == "mo" and text == "/":
            element.attrib |= {"lspace": "0", "rspace": "0"}
        elif element.tag == "mo" and len(text) > 1 and text.isalpha():
            is_first = not before or before[0].text in _OPENING
            is_close = not after or after[0].text in ("(", "[")
            element.set("lspace", "0" if is_first else "0.17em")
            element.set("rspace", "0" if is_close else "0.17em")


@cache
def _full() -> MarkdownIt:
    """All of Markdown but raw HTML and images."""
    markdown = _with_formulas()
    markdown.enable("table")
    markdown.core.ruler.push("headings", _lower_headings)
    return markdown


@cache
def _plain() -> MarkdownIt:
    """Markdown without what mathematicians write otherwise."""
    markdown = _with_formulas()
    markdown.disable(["link", "autolink", "emphasis", "heading", "lheading", "hr", "list", "reference"])
    markdown.add_render_rule("code_block", _displayed)
    return markdown


def _with_formulas() -> MarkdownIt:
    from mdit_py_plugins.dollarmath import dollarmath_plugin

    markdown = MarkdownIt("commonmark", {"html": False}).use(dollarmath_plugin, double_inline=True)
    markdown.disable(["image", "html_block", "html_inline"])
    markdown.core.ruler.push("tails", _keep_tails)
    for name, display in (("math_inline", False), ("math_inline_double", True), ("math_block", True)):
        markdown.add_render_rule(name, _formula(display=display))
    return markdown


def _formula(*, display: bool) -> Callable[..., str]:
    def render(self: Any, tokens: Sequence[Token], index: int, options: Any, env: Any) -> str:
        token = tokens[index]
        pieces, tail = formula_html(token.content, display=display), token.meta.get("tail")
        if not tail:
            return str(pieces)
        before, breaks, last = pieces.rpartition("<wbr>")
        return f'{before}{breaks}<span class="tail">{last}{escape(tail)}</span>'

    return render


def _displayed(self: Any, tokens: Sequence[Token], index: int, options: Any, env: Mapping[str, Any]) -> str:
    return f'<pre class="displayed">{escape(tokens[index].content.rstrip())}</pre>\n'


def _keep_tails(state: Any) -> None:
    """Keep what follows a formula without a space, such as a comma, on its line."""
    for token in state.tokens:
        for formula, text in pairwise(token.children or ()):
            if formula.type == "math_inline" and text.type == "text":
                tail = _TAIL.match(text.content)
                assert tail is not None
                formula.meta["tail"], text.content = tail[0], text.content[tail.end() :]


def _lower_headings(state: Any) -> None:
    for token in state.tokens:
        if token.type in ("heading_open", "heading_close"):
            token.tag = f"h{min(int(token.tag[1]) + _BELOW, 6)}"
