"""The class's page in a real browser: it sorts, filters, and asks nobody for anything."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from grader.formats.html.class_page import class_page
from grader.reports.report import Report
from tests.browser_tools import NARROW, WIDE, OpenTab, axe_violations, scrolls_sideways
from tests.formats.test_class_page import NUMBERS
from tests.report_factory import make_full_report, make_problem, make_report, mix_reports

pytestmark = pytest.mark.browser


def a_class(students: int = 250) -> Iterator[Report]:
    """A few kinds of answers to eight problems, mixed; then a file that could not be graded."""
    kinds = [make_full_report(), make_full_report(student="b")]
    kinds.append(make_report(*(make_problem("wrong", id=p.id, title=p.title) for p in kinds[0].problems)))
    kinds.append(
        make_report(
            *(
                make_problem("wrong", id=p.id, title=p.title, diagnosis=None, residual=NUMBERS)
                for p in kinds[0].problems
            )
        )
    )
    yield from mix_reports(kinds, students)
    yield make_report(student="zoë <torn>", status="ungradable", max_score=kinds[0].max_score)


@pytest.fixture(scope="module")
def class_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("class") / "class.html"
    path.write_text(class_page(a_class()), "utf-8")
    return path


@pytest.fixture(scope="module")
def small_class_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The page of a few students, each kind of answer among them; axe takes its time for each cell."""
    path = tmp_path_factory.mktemp("class") / "class.html"
    path.write_text(class_page(a_class(30)), "utf-8")
    return path


def texts(page: Any, column: int) -> list[str]:
    return [
        text.strip() for text in page.locator(f"#roster tbody tr > :nth-child({column})").all_inner_texts()
    ]


@pytest.mark.parametrize("width", [NARROW, WIDE])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_passes_axe_opens_without_errors_and_asks_for_nothing(
    browser_page: OpenTab, small_class_file: Path, scheme: Any, width: int
) -> None:
    opened = browser_page(scheme=scheme, width=width)
    page = opened.open(small_class_file)
    page.eval_on_selector_all("details", "nodes => nodes.forEach(node => node.open = true)")
    assert axe_violations(page) == []
    assert opened.errors == [] and opened.requests == []
    assert not scrolls_sideways(page)


def test_a_click_on_a_column_sorts_and_another_turns_it_round(
    browser_page: OpenTab, class_file: Path
) -> None:
    page = browser_page().open(class_file)
    head = page.locator("#roster thead th").last
    button = head.get_by_role("button", name="Score")
    button.click()
    assert head.get_attribute("aria-sort") == "ascending"
    scores = [float(text.split(" ")[0]) for text in texts(page, 10)]
    assert scores == sorted(scores) and len(scores) == 100
    assert page.locator("#roster [aria-sort=ascending]").count() == 1
    button.click()
    assert head.get_attribute("aria-sort") == "descending"
    page.locator("#all").click()
    *rest, last = texts(page, 10)
    scores = [float(text.split(" ")[0]) for text in rest]
    assert scores == sorted(scores, reverse=True) and len(scores) == 250
    assert last == "could not be graded"  # what has no number is last both ways
    page.get_by_role("button", name="Student", exact=True).press("Enter")
    assert texts(page, 1) == sorted(texts(page, 1))


def test_the_table_of_problems_sorts_by_numbers(browser_page: OpenTab, class_file: Path) -> None:
    page = browser_page().open(class_file)
    page.get_by_role("button", name="Right", exact=True).click()
    shares = page.locator("[aria-labelledby=problems] tbody tr > :nth-child(3)").all_inner_texts()
    numbers = [float(text.split(" ")[0]) for text in shares if text != "–"]
    assert numbers == sorted(numbers) and len(set(numbers)) > 1
    assert all(text == "–" for text in shares[len(numbers) :])


def test_filters_by_name_verdict_and_problem(browser_page: OpenTab, class_file: Path) -> None:
    page = browser_page().open(class_file)
    page.get_by_label("Name").fill("Student-0012")
    assert texts(page, 1) == [f"student-0012{k}" for k in range(10)]
    assert page.locator("#shown").inner_text() == "10 students"
    page.get_by_role("button", name="Clear").click()
    assert page.locator("#shown").inner_text() == "The first 100 of 251 students"
    page.get_by_label("Problem", exact=True).select_option("2")
    page.get_by_label("Verdict").select_option("✗")
    page.locator("#all").click()
    cells = texts(page, 3)
    assert cells and all(cell.startswith("✗") for cell in cells)
    page.get_by_label("Name").fill("nobody")
    assert page.locator("#shown").inner_text() == "0 students"


def test_a_mistake_leads_to_the_students_who_made_it(browser_page: OpenTab, class_file: Path) -> None:
    page = browser_page().open(class_file)
    item = page.locator("#misconceptions ~ ul.map li").first
    wanted = item.locator("strong").inner_text()
    item.get_by_role("button").click()
    assert page.locator("#shown").inner_text() in (wanted, f"The first 100 of {wanted}")
    number = item.get_by_role("button").get_attribute("data-mistake")
    rows = page.locator("#roster tbody tr")
    assert all(number in row.split() for row in rows.evaluate_all("rows => rows.map(row => row.dataset.m)"))
    assert page.evaluate("document.activeElement.id") == "mistake"


def test_it_can_be_read_without_javascript(browser_page: OpenTab, class_file: Path) -> None:
    page = browser_page(java_script_enabled=False).open(class_file)
    assert page.locator("#roster tbody tr").count() == 251
    assert page.locator("#roster tbody tr").last.is_visible()
    assert page.get_by_role("button").count() == 0
    assert not page.get_by_label("Name").is_visible()


def test_on_a_narrow_screen_the_table_scrolls_by_itself_and_by_the_keyboard(
    browser_page: OpenTab, class_file: Path
) -> None:
    page = browser_page(width=NARROW).open(class_file)
    region = page.get_by_role("region", name="Students").last
    assert region.evaluate("node => node.scrollWidth > node.clientWidth && node.tabIndex === 0")
    assert not scrolls_sideways(page)


def test_a_class_of_thousands_sorts_and_filters(browser_page: OpenTab, tmp_path: Path) -> None:
    path = tmp_path / "class.html"
    path.write_text(class_page(a_class(5000)), "utf-8")
    opened = browser_page()
    page = opened.open(path)
    assert page.locator("#roster tbody tr").count() == 100
    page.get_by_role("button", name="Score", exact=True).click()
    page.get_by_label("Name").fill("04999")
    assert texts(page, 1) == ["student-04999"]
    assert opened.errors == []
