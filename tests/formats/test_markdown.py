"""Comments in Markdown: they read well, and nothing that a student wrote gets out of them."""

from __future__ import annotations

import html
import re
from collections.abc import Callable

import pytest
from markdown_it import MarkdownIt

from grader.formats.markdown import escape, problem_markdown, prose, report_markdown
from grader.reports.report import Failure
from tests.report_factory import make_full_report, make_problem, make_report

HOSTILE = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "$$<img src=x onerror=alert(1)>$$",
    "\\begin{align}<img src=x>\\end{align}",
    "\\(<img src=x>\\) \\[<img src=x>\\] $<img src=x>$",
    "`</code></pre><img src=x>`",
    "``` <img src=x>",
    "[here](javascript:alert(1)) ![x](http://evil.example/x.png) <http://evil.example>",
    "# big\n\n- list\n\n| a | b |\n|---|---|\n| 1 | 2 |",
    "*bold* __bold__ ~~gone~~ &lt;img src=x&gt;",
    "\x1b[31mred\x1b[0m \u202egnp.exe",
]


def render_commonmark(text: str) -> str:
    page: str = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"]).render(text)
    return page


def render_notebook(text: str) -> str:
    pytest.importorskip("nbconvert")
    from nbconvert.filters import markdown2html

    # It gives every heading a link to itself.
    return re.sub(r'<a class="anchor-link".*?</a>', "", str(markdown2html(text)))


RENDERERS = [render_commonmark, pytest.param(render_notebook, marks=pytest.mark.filterwarnings("ignore"))]
ALLOWED = {"p", "strong", "em", "code", "pre", "br", "h1", "h2", "div", "span"}


def tags(page: str) -> set[str]:
    return set(re.findall(r"<\s*/?\s*([a-zA-Z][\w-]*)", page))


@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.parametrize("render", RENDERERS)
def test_hostile_text_becomes_no_tag_wherever_it_stands(text: str, render: Callable[[str], str]) -> None:
    failure = Failure("raised", f"raised {text}", place=f"cell {text}", text=text, subject="f")
    problem = make_problem("error", error=failure, function="f", hints=(text,))
    report = make_report(
        problem, make_problem("wrong"), output=text, error=failure, file=text, assignment=text
    )
    for page in (render(problem_markdown(problem)), render(report_markdown(report))):
        assert tags(page) <= ALLOWED, page
        assert "href=" not in page
        assert "\x1b" not in page and "\u202e" not in page


@pytest.mark.parametrize("text", [*HOSTILE, "1. one", "- a", "+ a", "= x", "# h", "> q", "    code"])
def test_an_escaped_text_is_one_paragraph_that_says_just_that(text: str) -> None:
    page = render_commonmark(escape(text))
    assert page.startswith("<p>") and page.count("<") == 2
    assert html.unescape(page[3:-5]) == " ".join(re.sub("\x1b\\[[0-9]*m|\u202e", "", text).split())


def test_a_comment_gives_verdict_reason_case_step_hint_and_points_in_this_order() -> None:
    told = problem_markdown(make_problem("wrong"))
    places = [
        told.index(part)
        for part in (
            "**inv_differential** is wrong: you returned exactly minus",
            "Smallest case:",
            "    A = ⎡ 1  2 ⎤   dA = ⎡ 1  0 ⎤",
            "The error is 11.2",
            "Differentiate A·A⁻¹ = I",
            "Hint: Start from",
            "2 of 6 points.",
        )
    ]
    assert places == sorted(places)


def test_a_hint_that_is_the_next_step_is_said_once() -> None:
    told = problem_markdown(make_problem("wrong", diagnosis=None))
    assert told.count("Hint: Start from") == 1


def test_a_right_answer_gets_one_line() -> None:
    assert problem_markdown(make_problem()) == "**inv_differential** is right: 6 of 6 points.\n"


def test_code_in_an_authors_sentence_stays_code() -> None:
    assert prose("In numpy, `@` multiplies and `*` does not.") == "In numpy, `@` multiplies and `*` does not."
    assert prose("2 * 3 and a_b `") == "2 \\* 3 and a_b &#96;"


def test_the_report_has_every_problem_and_the_output() -> None:
    told = report_markdown(make_full_report())
    assert told.startswith("# hw1: 14 of 48 points\n")
    assert told.count("\n## ") == 8
    assert "    debugging: A =\n    [[1. 2.]" in told
