"""The student's page of the sample class in a real browser: what a person sees, and what a screen reader is told."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Literal

import pytest
from playwright.sync_api import Page

from grader.answers.sandbox import Sandbox
from grader.answers.submission import read_submission
from grader.formats.html.student import student_page
from grader.grading.grade import Grader
from grader.grading.prepare import PreparedAssignment
from grader.problems.course import Course, publish_assignment
from tests.browser_tools import NARROW, WIDE, OpenTab, axe_violations, scrolls_sideways
from tests.conftest import ROOT
from tests.formats.test_pages import evil_report
from tests.report_factory import make_full_report

pytestmark = pytest.mark.browser

STUDENTS = (
    "transposes.py",
    "lost-signs.py",
    "finite-differences.py",
    "raises.py",
    "infinite-loop.py",
    "wrong-shapes.py",
    "half-done.ipynb",
    "syntax-error.py",
    "by-formula.py",
)
OPEN_ALL = "document.querySelectorAll('details').forEach(d => d.open = true)"


@pytest.fixture(scope="module")
def pages(
    course: Course, exam: PreparedAssignment, tmp_path_factory: pytest.TempPathFactory
) -> Mapping[str, Path]:
    """The pages of some of the sample class, all that can be shown shown, and that of a hostile student."""
    folder = tmp_path_factory.mktemp("feedback")
    sheet = publish_assignment(course, course.assignment("lecture05"))
    with Sandbox(exam.limits, exam.libraries) as sandbox:
        files = [read_submission(ROOT / "grader" / "sample_class" / name) for name in STUDENTS]
        reports = {file.student: Grader(exam, sandbox).grade(file) for file in files}
    reports |= {"evil": evil_report(), "every-verdict": make_full_report()}
    paths = {}
    for student, report in reports.items():
        paths[student] = folder / f"{student}.html"
        paths[student].write_text(student_page(report, sheet), encoding="utf-8")
    return paths


def section(page: Page, title: str) -> str:
    """The selector of a problem's section."""
    id = page.get_by_role("heading", name=title, exact=True).get_attribute("id")
    return f"section[aria-labelledby={id}]"


@pytest.mark.parametrize("width", [NARROW, WIDE])
def test_every_page_fits_its_window_and_asks_for_nothing(
    browser_page: OpenTab, pages: Mapping[str, Path], width: int
) -> None:
    opened = browser_page(width)
    for student, path in pages.items():
        page = opened.open(path)
        assert not scrolls_sideways(page), student
        page.evaluate(OPEN_ALL)
        assert not scrolls_sideways(page), student
    assert opened.errors == [] and opened.requests == []


@pytest.mark.parametrize("width", [NARROW, WIDE])
def test_every_page_passes_axe(browser_page: OpenTab, pages: Mapping[str, Path], width: int) -> None:
    opened = browser_page(width)
    for student, path in pages.items():
        page = opened.open(path)
        page.evaluate(OPEN_ALL)
        assert axe_violations(page, contrast=False) == [], student


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("student", ["raises", "every-verdict", "half-done"])
def test_colours_have_the_contrast_that_axe_asks_for(
    browser_page: OpenTab, pages: Mapping[str, Path], student: str, scheme: Literal["light", "dark"]
) -> None:
    page = browser_page(scheme=scheme).open(pages[student])
    page.evaluate(OPEN_ALL)
    assert axe_violations(page) == []


def test_axe_would_say_if_something_were_wrong(browser_page: OpenTab, tmp_path: Path) -> None:
    path = tmp_path / "page.html"
    path.write_text("<title>x</title><p style='color: #bbb; background: #fff'>pale</p>", encoding="utf-8")
    found = axe_violations(browser_page().open(path))
    assert any(line.startswith("color-contrast") for line in found)
    assert any(line.startswith("html-has-lang") for line in found)


def test_formulas_are_typeset_and_no_wider_than_their_column(
    browser_page: OpenTab, pages: Mapping[str, Path]
) -> None:
    page = browser_page(NARROW).open(pages["transposes"])
    page.evaluate(OPEN_ALL)
    sizes = page.evaluate(
        "[...document.querySelectorAll('math')].map(m => m.getBoundingClientRect())"
        ".map(r => [r.width, r.height, r.right])"
    )
    assert len(sizes) > 100
    assert all(width > 0 and height > 0 and right <= NARROW for width, height, right in sizes)
    assert not page.get_by_text("\\begin").count() and not page.get_by_text("$").count()


def test_wrong_entries_beside_the_right_answer(browser_page: OpenTab, pages: Mapping[str, Path]) -> None:
    page = browser_page().open(pages["transposes"])
    shown = page.locator(section(page, "Gradient of the determinant")).locator("figure.of")
    assert shown.locator("figcaption").all_inner_texts() == ["You returned", "Right answer"]
    mine, right = shown.nth(0).locator("td"), shown.nth(1).locator("td")
    assert [mine.nth(k).locator(".off").count() for k in range(4)] == [0, 1, 1, 0]
    a, b = (
        table.evaluate_all("cells => cells.map(c => c.firstChild.textContent)") for table in (mine, right)
    )
    assert a == [b[0], b[2], b[1], b[3]]
    boxes = [shown.nth(k).bounding_box() for k in range(2)]
    assert boxes[0] and boxes[1] and boxes[0]["y"] == boxes[1]["y"]


def test_the_remainder_plot_has_its_slopes_a_caption_and_a_table(
    browser_page: OpenTab, pages: Mapping[str, Path]
) -> None:
    page = browser_page().open(pages["transposes"])
    part = page.locator(section(page, "Gradient of the determinant"))
    plot = part.get_by_role("img")
    assert plot.locator(".label").all_text_contents() == ["the right one: slope 2.00", "yours: slope 1.00"]
    caption = part.locator(".remainder figcaption").inner_text()
    assert "Yours falls with slope 1.00 from the start, so L is not the derivative" in caption
    part.get_by_text("The numbers in the plot").click()
    assert part.locator(".numbers tbody tr").count() == 21


def test_labels_of_the_plot_lie_in_it_and_apart_from_the_curves(
    browser_page: OpenTab, pages: Mapping[str, Path]
) -> None:
    page = browser_page(NARROW).open(pages["finite-differences"])
    inside = page.evaluate(
        """[...document.querySelectorAll('svg.plot')].flatMap(svg => {
          const frame = svg.getBoundingClientRect()
          return [...svg.querySelectorAll('text')].map(t => t.getBoundingClientRect())
            .map(r => r.left >= frame.left && r.right <= frame.right && r.top >= frame.top && r.bottom <= frame.bottom)
        })"""
    )
    assert inside and all(inside)
    crossed = page.evaluate(
        """[...document.querySelectorAll('svg.plot .label')].filter(label => {
          const box = label.getBBox()
          return [...label.closest('svg').querySelectorAll('polyline')].some(line =>
            [...line.points].some(p => p.x > box.x && p.x < box.x + box.width
              && p.y > box.y + 3 && p.y < box.y + box.height - 3))
        }).length"""
    )
    assert crossed == 0


def test_the_line_that_raised_is_marked_among_its_neighbours(
    browser_page: OpenTab, pages: Mapping[str, Path]
) -> None:
    page = browser_page().open(pages["raises"])
    excerpt = page.locator(".excerpt").first
    assert excerpt.locator("mark").inner_text().split()[:2] == ["→", "here:"]
    assert "np.delete(np.delete(A, i" in excerpt.locator("mark").inner_text()
    assert len(excerpt.inner_text().splitlines()) >= 4


def test_the_place_of_an_error_leads_to_its_line_in_the_folded_file_and_back(
    browser_page: OpenTab, pages: Mapping[str, Path]
) -> None:
    page = browser_page(NARROW, java_script_enabled=False).open(pages["raises"])
    line = page.locator("#L10")
    assert not line.is_visible()
    page.locator(section(page, "Gradient of the determinant")).get_by_role("link", name="Line 10").click()
    assert line.is_visible() and line.inner_text().startswith("10") and "np.delete" in line.inner_text()
    page.get_by_role("link", name="Gradient of the determinant: gave no answer").click()
    assert page.url.endswith("#p1")


def test_hints_open_one_after_the_other_by_keyboard_without_script(
    browser_page: OpenTab, pages: Mapping[str, Path]
) -> None:
    page = browser_page(java_script_enabled=False).open(pages["transposes"])
    part = page.locator(section(page, "Gradient of the determinant"))
    first, second = (part.get_by_text(f"Hint {k} of 3") for k in (1, 2))
    assert first.is_visible() and not second.is_visible()
    first.focus()
    page.keyboard.press("Enter")
    assert second.is_visible() and part.get_by_text("Expand det A along row i").is_visible()
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    assert part.get_by_text("Hint 3 of 3").is_visible()


def test_the_first_tab_leads_past_the_head_and_the_overview_to_a_problem(
    browser_page: OpenTab, pages: Mapping[str, Path]
) -> None:
    page = browser_page(java_script_enabled=False).open(pages["lost-signs"])
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to the feedback"
    page.keyboard.press("Enter")
    assert page.url.endswith("#main")
    overview = page.get_by_role("table").first
    assert overview.get_by_role("row").count() == 9
    overview.get_by_role("link", name="Jacobian of the inverse").click()
    assert page.get_by_role("heading", name="Jacobian of the inverse").is_visible()
    assert page.get_by_role("banner").count() == page.get_by_role("main").count() == 1


def test_on_paper_everything_folded_is_open(browser_page: OpenTab, pages: Mapping[str, Path]) -> None:
    page = browser_page(WIDE).open(pages["by-formula"])
    statement = page.get_by_text("Its entry").first
    assert not statement.is_visible()
    page.emulate_media(media="print")
    assert statement.is_visible()
    assert page.get_by_text("Laplace's expansion along row i reads").first.is_visible()


def test_no_script_of_a_student_runs(browser_page: OpenTab, pages: Mapping[str, Path]) -> None:
    opened = browser_page()
    alerts: list[str] = []
    opened.page.on("dialog", lambda dialog: alerts.append(dialog.message))
    page = opened.open(pages["evil"])
    assert page.locator("script, img, iframe").count() == 0
    assert alerts == [] and opened.errors == [] and opened.requests == []
