"""How soon the page of formulas answers: `python -m benchmarks.page`.

A site is built, served from this machine, and opened in Chromium without a cache. Printed are the seconds until the
checker is ready, until the first formula is judged after that, and the median and the longest of twenty more.
"""

from __future__ import annotations

import shutil
import statistics
import tempfile
import time
from pathlib import Path
from typing import Any

from grader.core.files import write_folder
from grader.platforms.page.build import build_page
from grader.problems.course import load_course
from tests.conftest import ROOT
from tests.web_server import served

PROBLEM = "inv-differential"
FORMULAS = ("-A^-1 dA A^-1", "A^-1 dA A^-1", "-A^-1 dA", "-A dA A", "-A^-1 dA^T A^-1") * 4


def main() -> None:
    """Build, open, type and print."""
    from playwright.sync_api import sync_playwright

    course = load_course(ROOT)
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        site = Path(folder, "site")
        page = build_page(course, course.assignments["lecture05"], course.seed)
        write_folder(site, page.files)
        size = sum(path.stat().st_size for path in site.rglob("*") if path.is_file())
        path = shutil.which("chromium") or playwright.chromium.executable_path
        browser = playwright.chromium.launch(executable_path=path)
        with served(site) as address:
            _measure(browser.new_page(), address)
        print(f"site: {size / 1e6:.1f} MB")


def _measure(page: Any, address: str) -> None:
    start = time.perf_counter()
    page.goto(address)
    page.locator("button.check:not([disabled])").first.wait_for(timeout=120_000)
    print(f"ready: {time.perf_counter() - start:.1f} s")

    first, *others = [_judge(page, text) for text in FORMULAS]
    print(
        f"first formula: {first:.2f} s; then {statistics.median(others):.2f} s, at most {max(others):.2f} s"
    )


def _judge(page: Any, text: str) -> float:
    section = page.locator(f"#{PROBLEM}")
    section.locator(".cm-content").click()
    page.keyboard.press("ControlOrMeta+a")
    page.keyboard.insert_text(text)
    start = time.perf_counter()
    section.locator(".cm-content").press("Enter")
    section.locator(".feedback[data-verdict]").wait_for()
    return time.perf_counter() - start


if __name__ == "__main__":
    main()
