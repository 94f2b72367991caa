"""The student's page in a real browser."""

from __future__ import annotations

from pathlib import Path

import pytest

from grader.render import student_page
from tests.browser_tools import OpenTab, axe_violations
from tests.report_factory import make_full_report


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_page_passes_axe_and_asks_for_nothing(browser_page: OpenTab, tmp_path: Path, scheme: str) -> None:
    path = tmp_path / "page.html"
    path.write_text(student_page(make_full_report()), "utf-8")
    opened = browser_page(scheme=scheme)
    page = opened.open(path)
    assert axe_violations(page) == []
    assert opened.errors == [] and opened.requests == []
