"""Texts of a course as HTML: formulas are typeset, and nothing becomes markup that is not meant to."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.answers.submission import show_lines
from grader.formats.html.matrices import equation_html, figure_html
from grader.formats.html.plot import draw_plot
from grader.formats.html.prose import formula_html, prose_html, sentence_html, statement_html
from grader.formats.html.template_engine import typeset
from grader.problems.course import Course
from grader.reports.code import CodeCell
from grader.reports.report import Failure, Remainder
from grader.reports.shown_matrices import make_grids, make_pair
from grader.reports.shown_numbers import find_fraction
from tests.formats.test_pages import EVIL, Page


def test_a_statement_has_paragraphs_code_and_mathml() -> None:
    html = statement_html("**Return** `A` for $n=1$:\n$$A^T .$$\n\n# Part\n\nEnd.")
    assert "<strong>Return</strong> <code>A</code>" in html and "<h4>Part</h4>" in html
    assert "<msup><mi>A</mi><mi>T</mi></msup>" in html and "$" not in html


def test_every_statement_of_the_course_is_typeset_without_a_rest_of_latex(course: Course) -> None:
    for problem in course.problems.values():
        page = Page(statement_html(problem.statement))
        assert "math" in {tag for tag, _ in page.tags}
        assert "\\" not in page.text and "$" not in page.text, problem.id


@pytest.mark.parametrize(
    "text", [EVIL, f"${EVIL}$", f"$\\text{{{EVIL}}}$", "$\\href{javascript:alert(1)}{x}$"]
)
@pytest.mark.parametrize("render", [statement_html, prose_html, sentence_html])
def test_nothing_in_a_text_becomes_markup(render, text: str) -> None:  # type: ignore[no-untyped-def]
    page = Page(str(render(text)))
    assert {tag for tag, _ in page.tags}.isdisjoint({"script", "img", "a", "style"})
    assert not any("javascript" in str(attributes) for _, attributes in page.tags)


def test_an_image_in_a_statement_asks_for_nothing() -> None:
    assert "<img" not in statement_html("![x](https://example.org/x.png)")
    assert "javascript" not in statement_html("[x](javascript:alert(1))").replace("(javascript", "")


@pytest.mark.slow
@given(st.text(max_size=60))
def test_any_latex_is_a_formula_or_shown_as_it_is(latex: str) -> None:
    html = str(formula_html(latex))
    Page(html)
    assert html.startswith(("<math", "<code>"))


def test_a_prime_is_raised_once_and_names_have_the_space_of_tex() -> None:
    assert "<mrow><mi>f</mi><mo" in formula_html("f'(A)") and "<msup>" not in formula_html("f'(A)")
    assert 'lspace="0" rspace="0">det</mo>' in formula_html(r"\det(A)")
    assert 'lspace="0" rspace="0.17em">det</mo>' in formula_html(r"\det A")
    assert "<mo" in formula_html(r"\langle P,Q\rangle") and "<mi>⟨" not in formula_html(r"\langle P,Q\rangle")


def test_brackets_grow_with_the_matrix_in_them() -> None:
    html = formula_html(r"A=\begin{pmatrix}1&2\\3&4\end{pmatrix}")
    assert '<mo fence="true">(</mo><mtable>' in html and '</mtable><mo fence="true">)</mo>' in html


def test_a_long_formula_breaks_after_relations_that_no_bracket_holds() -> None:
    html = formula_html(r"\det(A+dA)-\det A = f'(A)[dA] + o(\|dA\|)")
    assert html.count("<wbr>") == 3
    assert formula_html("a=b").count("<wbr>") == 0
    assert formula_html("d(1/a)=-da/a^2+o(a)").count("<wbr>") == 2  # not after the sign
    assert formula_html(r"(A+dA)^{-1}-A^{-1}=d(A^{-1})[dA]").count("<wbr>") == 2


def test_stars_and_underscores_of_a_hint_are_its_own_and_indented_lines_are_displayed() -> None:
    html = prose_html("Take L* and a_b_c.\n\n    C = δ U\n\nThen `np.delete`.")
    assert "<p>Take L* and a_b_c.</p>" in html
    assert '<pre class="displayed">C = δ U</pre>' in html and "<code>np.delete</code>" in html


@pytest.mark.parametrize(
    ("text", "printed"),
    [
        ("off by 2.9e-14", "off by 2.9·10⁻¹⁴"),
        ("1e+06 and 3e5", "1·10⁶ and 3·10⁵"),
        ("like h^1.00, not h^2", "like h¹·⁰⁰, not h²"),
        ("line 3e, x1e5y, 0x1e5", "line 3e, x1e5y, 0x1e5"),
        ("<b>1e5", "<b>1·10⁵"),
    ],
)
def test_numbers_in_a_sentence_are_set_as_in_print(text: str, printed: str) -> None:
    assert typeset(text) == printed


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (1.5, "3/2"),
        (-1 / 3, "-1/3"),
        (1 / 3 + 1e-16, "1/3"),
        (22 / 7, "22/7"),
        (-997 / 998, "-997/998"),
        (-2 / 49 * (1 + 2**-50), "-2/49"),
    ],
)
def test_a_number_is_the_fraction_that_it_is_to_the_last_bits(value: float, text: str) -> None:
    assert str(find_fraction(value)) == text


@pytest.mark.parametrize(
    "value",
    [3.0, 0.0, 1 / 3 + 1e-15, 3.14159265, 2**0.5, 1e-9, 1e7 + 0.5, float("nan"), float("inf"), 1j, "x"],
)
def test_a_number_that_is_none_stays_a_decimal(value: object) -> None:
    assert find_fraction(value) is None


def test_entries_within_the_tolerance_are_written_as_the_right_ones() -> None:
    (mine,), (right,) = make_pair([[1 / 3 + 1e-14, 0.5, 0.25]], [[1 / 3, 0.5, 0.125]], 1e-10, exact=True)
    assert [(cell.text, cell.off) for cell in mine.rows[0]] == [("1/3", False), ("1/2", False), ("1/4", True)]
    assert [cell.text for cell in right.rows[0]] == ["1/3", "1/2", "1/8"]
    assert make_pair([1 / 3], [1 / 3], 1e-10)[0][0].rows[0][0].text == "0.333333"


def test_a_matrix_has_a_name_and_a_size_for_who_cannot_see_it() -> None:
    assert 'aria-label="A, 1 by 9"' in equation_html("A", make_grids([[1.0] * 9]))
    assert 'aria-label="You returned[1], 2 by 1"' in figure_html(
        "You returned", make_grids([1.0, [[2.0], [3.0]]])
    )


def test_names_and_entries_are_escaped() -> None:
    html = str(equation_html(EVIL, make_grids([[EVIL, 1.0]])) + figure_html(EVIL, make_grids([EVIL, [EVIL]])))
    assert {tag for tag, _ in Page(html).tags} <= {"div", "span", "table", "tr", "td", "figure", "figcaption"}


CELL = CodeCell("answers.py", "\n".join(f"line {k}" for k in range(1, 10)) + "\n\n\n" + "x" * 500)


@pytest.mark.parametrize(
    ("place", "first", "marked", "lines"),
    [
        ("line 5", 2, 5, 7),
        ("line 1", 1, 1, 4),
        ("line 9", 6, 9, 7),
        ("line 12", 9, 12, 4),
        ("line 11", 8, 11, 5),
    ],
)
def test_an_excerpt_is_some_lines_around(place: str, first: int, marked: int, lines: int) -> None:
    excerpt = show_lines(Failure("raised", "", place=place), (CELL,)).excerpt
    assert excerpt and (excerpt.first, excerpt.marked, len(excerpt.lines)) == (first, marked, lines)
    assert all(len(line) <= 161 for line in excerpt.lines)


@pytest.mark.parametrize(
    "place", ["", "line 0", "line 14", "cell 3, line 1", "line 1\n", "line -1", "line 99999999"]
)
def test_a_place_that_is_none_has_no_excerpt(place: str) -> None:
    assert show_lines(Failure("raised", "", place=place), (CELL,)).excerpt is None
    assert show_lines(Failure("raised", "", place="cell 3, line 1"), (CodeCell("cell 3", "x"),)).excerpt


def remainder(mine: float, true: float, **changes: object) -> Remainder:
    h = tuple(10.0**-k for k in range(20))
    fields = {
        "yours": tuple(x**mine for x in h),
        "right": tuple(3 * x**true for x in h) if true else (0.0,) * 20,
        "slope_yours": mine,
        "slope_right": true or None,
        "bends_at": None,
        "agrees": mine == true,
    } | changes
    return Remainder(0, "generic", h, h, **fields)  # type: ignore[arg-type]


def test_a_plot_says_both_slopes_or_that_they_are_one() -> None:
    assert "yours: slope 1.00" in draw_plot(remainder(1, 2), "p") and "one: slope 2.00" in draw_plot(
        remainder(1, 2), "p"
    )
    assert "both: slope 2.00" in draw_plot(remainder(2, 2), "p") and "yours:" not in draw_plot(
        remainder(2, 2), "p"
    )
    assert "the right one: 0" in draw_plot(remainder(1, 0), "p")
    assert "slope 2.00, then 1" in draw_plot(remainder(2, 3, bends_at=1e-8), "p")


@pytest.mark.parametrize(
    "rest",
    [
        remainder(1, 2, yours=None),
        remainder(0, 0),
        remainder(1, 2, yours=(0.0,) * 20),
        remainder(1, 2, yours=(float("inf"),) * 20),
    ],
)
def test_what_cannot_be_drawn_is_left_out(rest: Remainder) -> None:
    assert draw_plot(rest, "p") == ""
