"""Whatever a student writes stays text, in every format there is and in every one that is added to the tables.

The same report is rendered twice: with hostile text in every field that comes from a submission and in most others,
and with harmless letters in its place. Read with the parser of what it claims to be, both must have the same
structure. Hints and the words of a diagnosis are the author's, in Markdown. A format with a new suffix fails until
its structure can be told.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from typing import Any
from xml.etree import ElementTree as Xml

import html5lib
import pytest
from markdown_it import MarkdownIt
from rich.console import Console

from grader.core.text import clean
from grader.formats import CLASS_FORMATS, PROBLEM_FORMATS, STUDENT_FORMATS
from grader.formats.terminal.class_table import print_class_summary
from grader.formats.terminal.student import print_report
from grader.reports.assignment import NO_ASSIGNMENT
from grader.reports.report import Counterexample, Diagnosis, Failure, Remainder, Report
from tests.report_factory import make_finding, make_problem, make_report

pytestmark = pytest.mark.sampled

ATTACKS = {
    "html": "</p></td></title></style><h1 onclick=alert(1) style=color:red>x</h1><img src=x onerror=alert(1)>",
    "attribute": "\" onmouseover=\"alert(1)\" x='\" autofocus onfocus=alert(1) '",
    "script": "</script><script>alert(1)</script><svg onload=alert(1)><script>",
    "mathml": '<math><mtext><table><mglyph><style><!--</style><img title="--&gt;<img src=1 onerror=alert(1)>">',
    "latex": r"$$\href{javascript:alert(1)}{x}\text{<b>}\input{/etc/passwd}$$ \(x\)",
    "template": "{{ 7*7 }} {% include 'base.html' %} {# #} ${7*7} %(x)s {0.__class__}",
    "terminal": "\x1b[31mred\x1b[0m \x1b]0;title\x07 \x9b2J \x1bc [bold red]rich[/] [link=http://x]y[/link]",
    "bidi": "\u202eabc\u2066def\u2069 \u200f\u061c\u200b\U000e0041 \ufeff",
    "formula": "=HYPERLINK(\"http://x\",\"y\")",
    "formula behind spaces": " \t=cmd|' /C calc'!A0",
    "csv": 'a,"b"\r\n=1+1,c\n"',
    "controls": "\x00\x01\x08\x0b\x0c\x1f\x7f\x85\ufffe\uffff\ud800 \U0001fffe",
    "xml": "]]></failure><failure/><!ENTITY x SYSTEM 'file:///etc/passwd'>&x;<?php ?><![CDATA[",
    "markdown": "[a](http://x) ![b](http://y) <b>c</b> <http://z> https://auto.example\n\n# h\n\n***\n- l\n> q\n| a |",
    "fences": "```\n~~~~~\n`````html\n<script>alert(1)</script>\n````` ``x``",
    "math of markdown": "$`x`$ :smile: @everyone #1 [^1] ==m== ~~s~~ __b__ &lt;b&gt; <!-- -->",
    "json": '"},{"score": 1e9, "gradable": true}\\u0022 \\',
    "digits": "1e999 NaN -0 " + "9" * 5000,
}  # fmt: skip
HUGE = 10_000_000
BOUND = 4_000_000


def make_hostile(text: str) -> Report:
    """A report with a text wherever one can be: on its own, and within sentences."""
    case = Counterexample(
        0, text, {text: [[1.0, text]]}, [text, 2.0], [[1.0, {"real": text, "imag": 1}]], 1.0, 0.1
    )
    steps = (1.0, 0.1, 0.01)
    rest = Remainder(0, text, steps, steps, steps, (1.0, 0.01, 0.0001), 1.0, 2.0, None, False)
    failed = make_finding(text, "failed", what=text, subject=text, failed=1, cases=2, counterexample=case)
    failure = Failure("raised", text, place=text, text=text)
    raised = Failure("raised", f"raised {text}", f"mend {text}", place=text, text=text, subject="f")
    diagnosis = Diagnosis("mistake", text, "This is A.", "Keep it.")
    wrong: dict[str, Any] = {"function": text, "title": text, "reproduce": text}
    problems = (
        make_problem(
            "wrong",
            id=text,
            diagnosis=diagnosis,
            findings=(failed,),
            **wrong,
        ),
        make_problem("wrong", id="b", diagnosis=None, findings=(failed,), remainder=rest, **wrong),
        make_problem("error", id="c", error=failure, **wrong),
        make_problem("error", id="d", error=raised),
        make_problem("grader_error", id="e", error=Failure("grader_error", text), **wrong),
        make_problem("right", id="f", findings=(make_finding("g", numbers={text: text}),)),
    )
    return make_report(
        *problems, student=text, assignment=text, file=text, output=f"{text}\n{text}", isolation=text,
        versions={text: text}, error=failure,
    )  # fmt: skip


def make_broken(text: str) -> Report:
    failure = Failure("syntax", text, text, text, place=text, text=text, subject=text)
    return make_report(
        make_problem("error", id=text, error=failure),
        status="ungradable",
        error=failure,
        student=text,
        file=text,
    )


def structure_of_html(text: str) -> Any:
    tree = html5lib.parse(text, namespaceHTMLElements=False)
    return [(element.tag, sorted(element.attrib)) for element in tree.iter() if isinstance(element.tag, str)]


def structure_of_xml(text: str) -> Any:
    return [(element.tag, sorted(element.attrib)) for element in Xml.fromstring(text).iter()]


def structure_of_json(text: str) -> Any:
    def shape(value: Any) -> Any:
        if isinstance(value, dict):
            return [shape(item) for item in value.values()]  # keys may be names of students' arguments
        return [shape(item) for item in value] if isinstance(value, list) else type(value).__name__

    assert not re.search("[\x7f-\x9f\u202a-\u202e\u2066-\u2069]", text), "read in a terminal, it would obey"
    return shape(json.loads(text))


def structure_of_csv(text: str) -> Any:
    found = list(csv.reader(io.StringIO(text, newline=""), strict=True))
    assert not any(
        cell.lstrip().startswith(("=", "+", "@", "-", "\t", "\r")) for row in found for cell in row
    )
    return [len(row) for row in found]


def structure_of_markdown(text: str) -> Any:
    tokens = MarkdownIt("gfm-like", {"html": True, "linkify": False}).parse(text)
    inner = [child for token in tokens for child in (token, *(token.children or ()))]
    kept = {token.type for token in inner} - {"text", "softbreak", "hardbreak", "text_special", "code_inline"}
    page = "".join(token.content for token in inner if token.type in ("html_inline", "html_block"))
    return sorted(kept), structure_of_html(page)


def structure_of_text(text: str) -> Any:
    assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", text)
    return None


STRUCTURES: dict[str, Callable[[str], Any]] = {
    "html": structure_of_html,
    "xml": structure_of_xml,
    "json": structure_of_json,
    "csv": structure_of_csv,
    "md": structure_of_markdown,
    "txt": structure_of_text,
}


def suffix_of(name: str) -> str:
    if name in CLASS_FORMATS:
        return CLASS_FORMATS[name].name.rpartition(".")[2]
    if name in PROBLEM_FORMATS:
        return PROBLEM_FORMATS[name].suffix.removeprefix(".")
    return STUDENT_FORMATS[name].suffix.rpartition(".")[2]


def render(name: str, report: Report) -> str:
    data: str | bytes
    if name in STUDENT_FORMATS:
        data = STUDENT_FORMATS[name].render(report, NO_ASSIGNMENT)
    elif name in PROBLEM_FORMATS:
        data = next(iter(PROBLEM_FORMATS[name].render(iter([report]), NO_ASSIGNMENT).values()))
    else:
        data = CLASS_FORMATS[name].render(iter([report]), NO_ASSIGNMENT)
    data = data if isinstance(data, bytes) else data.encode("utf-8", "replace")
    return data.decode("utf-8")


FORMATS = [*STUDENT_FORMATS, *CLASS_FORMATS, *PROBLEM_FORMATS]


@pytest.mark.parametrize("make", [make_hostile, make_broken])
@pytest.mark.parametrize("attack", ATTACKS)
@pytest.mark.parametrize("name", FORMATS)
def test_hostile_text_changes_nothing_but_text(name: str, attack: str, make: Callable[[str], Report]) -> None:
    structure = STRUCTURES[suffix_of(name)]
    assert structure(render(name, make(ATTACKS[attack]))) == structure(render(name, make(harmless(attack))))


def harmless(attack: str) -> str:
    """Letters and spaces, as long as what is left of the attack and broken at the same places; numbers stay, since
    they are typeset."""
    return re.sub(r"(\d+e\d+,?)|\S", lambda found: found[1] or "w", clean(ATTACKS[attack])) or "w"


@pytest.mark.parametrize("attack", ATTACKS)
def test_markdown_within_other_formats_is_text_as_well(attack: str) -> None:
    def outputs(text: str) -> list[Any]:
        tests = json.loads(render("gradescope", make_hostile(text)))["tests"]
        return [structure_of_markdown(test["output"]) for test in tests if test["output_format"] == "md"]

    found = outputs(ATTACKS[attack])
    assert found and found == outputs(harmless(attack))


@pytest.mark.parametrize("make", [make_hostile, make_broken])
@pytest.mark.parametrize("name", FORMATS)
def test_no_format_grows_with_what_a_student_writes(name: str, make: Callable[[str], Report]) -> None:
    for piece in ("x", "<b>", "é\n", '=1,"', "\x00"):
        report = make(piece * (HUGE // len(piece)))
        text = render(
            name, replace(report, student=report.student[:100])
        )  # longer ones are refused at the door
        assert len(text.encode()) < BOUND
        STRUCTURES[suffix_of(name)](text)


@pytest.mark.parametrize("attack", ATTACKS)
def test_the_terminal_obeys_no_student(attack: str) -> None:
    for report in (make_hostile(ATTACKS[attack]), make_broken(ATTACKS[attack])):
        for for_class in (False, True):
            out = io.StringIO()
            console = Console(file=out, width=60, force_terminal=True, color_system="truecolor")
            if for_class:
                print_class_summary(console, [report])
            else:
                print_report(console, report, 2)
            bare = re.sub(r"\x1b\[[0-9;]*m", "", out.getvalue())
            structure_of_text(bare)
            assert "\x1b" not in bare


@pytest.mark.parametrize("suffix", STRUCTURES)
def test_the_readers_here_would_notice(suffix: str) -> None:
    """Each structure tells hostile markup that is let through from text."""
    plain, let_through = {
        "html": ("<p>word</p>", f"<p>{ATTACKS['html']}</p>"),
        "xml": ("<a>word</a>", "<a><b/></a>"),
        "json": ('["word"]', '["", {"score": 1}]'),
        "csv": ("word,1\r\n", "a,b,1\r\n"),
        "md": ("word", ATTACKS["markdown"]),
        "txt": ("word", "\x1b[31mword"),
    }[suffix]
    structure = STRUCTURES[suffix]
    try:
        assert structure(let_through) != structure(plain)
    except AssertionError:
        assert suffix == "txt"
    if suffix == "md":
        assert structure("<img src=x onerror=alert(1)>") != structure("word")


def test_points_are_not_taken_from_text() -> None:
    report = make_hostile(ATTACKS["json"])
    assert json.loads(render("gradescope", report))["score"] == float(report.score)
    assert report.score < Fraction(10**6)
