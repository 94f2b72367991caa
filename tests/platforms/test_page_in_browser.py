"""The page of formulas in a real browser, served as any web server serves files, and with no other network."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from grader import grade_file
from grader.core.files import write_folder
from grader.platforms.page.build import build_page
from grader.platforms.page.in_browser import open_page
from grader.problems.course import load_course
from tests.browser_tools import OpenTab, axe_violations, browser, browser_page, scrolls_sideways
from tests.conftest import ROOT
from tests.platforms.test_page import OTHERS, RIGHT
from tests.web_server import served

__all__ = ["browser", "browser_page"]
pytestmark = [pytest.mark.xdist_group("page"), pytest.mark.browser]
SEARCHED_LONG = {"-kron(A^T, A)"}
"""Its wrong factor is looked for until time is up, and then nothing is said: in a browser on a slow machine."""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    course = load_course(ROOT)
    folder = tmp_path_factory.mktemp("page") / "site"
    write_folder(folder, build_page(course, course.assignments["lecture05"], course.seed).files)
    return folder


@pytest.fixture(scope="module")
def address(site: Path) -> Iterator[str]:
    with served(site) as address:
        yield address


def answer(page: Any, id: str, text: str) -> dict[str, str]:
    """Type a formula, press Enter, and wait for what is said."""
    section = page.locator(f"#{id}")
    section.locator(".cm-content").click()
    page.keyboard.press("ControlOrMeta+a")
    page.keyboard.insert_text(text)
    section.locator(".cm-content").press("Enter")
    feedback = section.locator(".feedback[data-verdict]")
    feedback.wait_for()
    return {
        "verdict": feedback.get_attribute("data-verdict"),
        "diagnosis": feedback.get_attribute("data-diagnosis"),
        "said": feedback.inner_text(),
    }


@pytest.mark.parametrize("id", OTHERS)
def test_formulas_are_judged_in_the_page_as_on_the_command_line(
    site: Path, address: str, browser_page: OpenTab, id: str
) -> None:
    page = browser_page().open(address)
    native = open_page((site / "course.json").read_text("utf-8"))
    page.locator("button.check:not([disabled])").first.wait_for()

    for text in OTHERS[id]:
        expected = json.loads(native.check(id, text))
        found = answer(page, id, text)
        said = expected["diagnosis"]
        if text in SEARCHED_LONG and not found["diagnosis"]:
            said = ""
        assert (text, found["verdict"], found["diagnosis"]) == (text, expected["verdict"], said)


def test_right_answers_are_kept_and_can_be_downloaded_and_forgotten(
    address: str, browser_page: OpenTab, tmp_path: Path
) -> None:
    tab = browser_page()
    page = tab.open(address)
    page.locator("button.check:not([disabled])").first.wait_for()
    for id, text in RIGHT.items():
        assert answer(page, id, text)["verdict"] == "right"
        assert page.locator(f"li[data-problem={id}] .state").inner_text() == "right"

    # Typing over a marked fault, Chromium tries to keep its looks by an inline style, which the page forbids.
    assert [error for error in tab.errors if "inline style" not in error] == []
    assert axe_violations(page) == []
    with page.expect_download() as waiting:
        page.get_by_role("button", name="Download answers.txt").click()
    waiting.value.save_as(tmp_path / "answers.txt")
    report = grade_file(tmp_path / "answers.txt", load_course(ROOT), "lecture05")
    assert report.score == report.max_score

    page.reload()
    page.locator("button.check:not([disabled])").first.wait_for()
    assert page.locator("#adjugate .cm-content").inner_text() == RIGHT["adjugate"]
    page.on("dialog", lambda dialog: dialog.accept())
    page.get_by_role("button", name="Forget my answers").click()
    page.locator("#adjugate .state", has_text="not tried yet").wait_for()
    assert [url for url in tab.requests if not url.startswith((address, "data:", "blob:"))] == []


def test_a_memory_that_cannot_be_used_costs_time_alone(address: str, browser_page: OpenTab) -> None:
    tab = browser_page()
    tab.page.route(f"{address}memory.bin", lambda route: route.fulfill(body=b"not compressed"))
    page = tab.open(address)
    page.locator("button.check:not([disabled])").first.wait_for()
    assert answer(page, "adjugate", RIGHT["adjugate"])["verdict"] == "right"
    assert "Python starts anew" in "".join(tab.errors)


def test_a_formula_that_takes_too_long_is_stopped_and_the_next_one_judged(
    site: Path, address: str, browser_page: OpenTab
) -> None:
    page = browser_page().page
    slow = (site / "index.html").read_text("utf-8").replace('"limit": 20', '"limit": 0.001')
    page.route(address, lambda route: route.fulfill(body=slow, content_type="text/html"))
    page.goto(address)
    page.locator("button.check:not([disabled])").first.wait_for()
    section = page.locator("#adjugate")
    section.locator(".cm-content").click()
    page.keyboard.insert_text("adj(A)")
    section.locator(".cm-content").press("Enter")
    section.locator(".feedback", has_text="was stopped").wait_for()
    assert section.locator("button.check").is_enabled()


@pytest.mark.parametrize(("width", "scheme"), [(360, "light"), (360, "dark"), (1400, "dark")])
def test_the_page_fits_its_window_and_is_read_by_a_screen_reader(
    address: str, browser_page: OpenTab, width: int, scheme: Any
) -> None:
    page = browser_page(width, scheme).open(address)
    page.locator("button.check:not([disabled])").first.wait_for()
    assert answer(page, "inv-differential", "A^-1 dA A^-1")["verdict"] == "wrong"
    assert not scrolls_sideways(page)
    assert axe_violations(page) == []


def test_what_is_typed_is_what_is_checked(address: str, browser_page: OpenTab) -> None:
    page = browser_page(360).open(address)
    page.locator("button.check:not([disabled])").first.wait_for()
    section = page.locator("#det-gradient")
    section.locator(".cm-content").click()
    page.keyboard.type("adj(A)'")
    page.keyboard.press("Enter")
    section.locator(".feedback[data-verdict=right]").wait_for()
    assert section.locator(".cm-content").inner_text() == "adj(A)'"

    section = page.locator("#det-differential")
    section.locator(".cm-content").click()
    for name in ("trace", "adj"):
        section.get_by_role("button", name={"trace": "tr"}.get(name, name), exact=True).click()
    page.keyboard.press("ControlOrMeta+End")
    assert section.locator(".cm-content").inner_text() == "trace(adj())"


def test_from_a_folder_on_the_disk_the_page_says_what_to_do(site: Path, browser_page: OpenTab) -> None:
    page = browser_page().page
    page.goto((site / "index.html").as_uri())
    page.get_by_role("alert").filter(has_text="python3 -m http.server").wait_for()
