"""The page of a problem in a real browser: all answers of a class, by what is wrong with them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Literal

import pytest

from grader.formats.html.problem_page import problem_pages
from grader.reports.code import CodeCell
from grader.reports.report import Report
from tests.browser_tools import NARROW, WIDE, OpenTab, axe_violations, scrolls_sideways
from tests.report_factory import make_full_report, make_report

pytestmark = pytest.mark.browser

FILE = "\n".join(
    f"def {name}(A, dA):\n    return A @ dA  # one" for name in ("inv_differential", "det_gradient")
)


def a_class() -> list[Report]:
    code = (CodeCell("answers.py", FILE),)
    whole = [replace(make_full_report(student=name), code=code) for name in ("ann", "bob", "zoë <torn>")]
    other = replace(
        make_full_report(student="cyd"), code=(CodeCell("answers.py", FILE.replace("one", "two")),)
    )
    return [*whole, other, make_report(*make_full_report().problems, student="without code")]


@pytest.fixture(scope="module")
def page_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("problems") / "inv-differential.html"
    path.write_text(problem_pages(a_class())["inv-differential"], "utf-8")
    return path


@pytest.mark.parametrize("width", [NARROW, WIDE])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_passes_axe_fits_its_window_and_asks_for_nothing(
    browser_page: OpenTab, page_file: Path, scheme: Literal["light", "dark"], width: int
) -> None:
    opened = browser_page(scheme=scheme, width=width)
    page = opened.open(page_file)
    page.eval_on_selector_all("details", "nodes => nodes.forEach(node => node.open = true)")
    assert axe_violations(page) == []
    assert opened.errors == [] and opened.requests == []
    assert not scrolls_sideways(page)


def test_those_who_wrote_the_same_stand_together_with_a_row_for_all_of_them(
    browser_page: OpenTab, page_file: Path
) -> None:
    page = browser_page(java_script_enabled=False).open(page_file)
    group = page.locator("section", has=page.get_by_role("heading", name="You returned exactly minus"))
    summaries = group.locator("summary").all_inner_texts()
    assert summaries[-3:] == ["ann, bob, zoë <torn>", "cyd", "without code"]
    assert group.locator("pre.code").first.inner_text().count("one") == 1
    group.get_by_text("Rows for overrides.csv").click()
    rows = group.locator("pre").first.inner_text().split()
    assert rows == ["student,problem,check,points,comment,by,diagnosis", "*,inv-differential,,,,,minus"]
