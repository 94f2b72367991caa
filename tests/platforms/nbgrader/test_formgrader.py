"""nbgrader's formgrader in a real browser, on a class that our command graded."""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.browser_tools import OpenTab
from tests.platforms.nbgrader.classes import ASSIGNMENT, ROOT, scores
from tests.running import PATIENCE

pytestmark = pytest.mark.nbgrader

pytest.importorskip("playwright", reason="playwright is not installed")
TOKEN = "secret-of-this-test"
EXTENSION = "nbgrader.server_extensions.formgrader"


@pytest.fixture(scope="module")
def small(graded_by_ours: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two submissions that our command has graded, for both tests, which only look."""
    folder = tmp_path_factory.mktemp("formgrader") / "own"
    shutil.copytree(graded_by_ours.parent, folder)
    return folder / "course"


@pytest.fixture(scope="module")
def formgrader(small: Path) -> Iterator[str]:
    """The address of a formgrader for a course with two submissions."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    options = {
        "ip": "127.0.0.1", "port": port, "port_retries": 0, "open_browser": False, "allow_root": True,
        "root_dir": str(small), "jpserver_extensions": f"{{'{EXTENSION}': True}}",
    }  # fmt: skip
    command = [sys.executable, "-m", "jupyter_server", f"--IdentityProvider.token={TOKEN}"]
    command += [f"--ServerApp.{name}={value}" for name, value in options.items()]
    environment = os.environ | {"PYTHONPATH": str(ROOT), "JUPYTER_CONFIG_DIR": str(small / ".jupyter")}
    with (small / "server.log").open("w") as log:
        server = subprocess.Popen(command, cwd=small, env=environment, stdout=log, stderr=log)
    try:
        address = f"http://127.0.0.1:{port}"
        _wait_for(address, server, small / "server.log")
        yield address
    finally:
        server.terminate()
        server.wait(PATIENCE)


def _wait_for(address: str, server: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        assert server.poll() is None, log.read_text("utf-8")
        try:
            with urllib.request.urlopen(f"{address}/api", timeout=5):
                return
        except (urllib.error.URLError, TimeoutError):
            time.sleep(0.2)
    pytest.fail(f"the formgrader did not start: {log.read_text('utf-8')}")


def _log_in(browser_page: OpenTab, address: str) -> Any:
    page = browser_page().page
    page.goto(f"{address}/login?token={TOKEN}")
    return page


def test_the_formgrader_shows_scores_and_comments(
    formgrader: str, small: Path, browser_page: OpenTab
) -> None:
    page = _log_in(browser_page, formgrader)
    page.goto(f"{formgrader}/formgrader/gradebook/{ASSIGNMENT}/{ASSIGNMENT}")
    rows = page.locator("#main-table tr")
    rows.nth(1).wait_for()
    shown = " ".join(rows.all_inner_texts())
    assert re.search(r"\b20\s*/\s*20\b", shown) and re.search(r"\b13\s*/\s*20\b", shown)
    assert "needs manual" not in shown.lower()
    if folder := os.environ.get("GRADER_SCREENSHOTS"):
        page.screenshot(path=f"{folder}/gradebook.png", full_page=True)

    wrong = next(row for row in rows.all() if "13" in row.inner_text())
    wrong.locator("a").first.click()
    comment = page.locator("textarea.comment").first
    comment.wait_for()
    page.wait_for_function("document.querySelector('textarea.comment').placeholder.includes('Smallest case')")
    told = comment.get_attribute("placeholder") or ""
    assert "only the sign is wrong" in told and "Hint:" not in told
    marks = [box.get_attribute("placeholder") for box in page.locator("input.score").all()]
    expected = scores(small)["ben"]
    assert sorted(float(mark or -1) for mark in marks) == sorted(
        float(mark or 0) for mark in expected.values()
    )
    assert page.locator(".frechet-card").count() == 2
    # The comment says it; the card adds the hints and the picture.
    card = page.locator(".frechet-card").first.inner_text().lower()
    assert "only the sign is wrong" not in card and "hint 1 of 3" in card
    if folder := os.environ.get("GRADER_SCREENSHOTS"):
        page.screenshot(path=f"{folder}/submission.png", full_page=True)


def test_the_manage_page_says_that_both_are_graded(formgrader: str, browser_page: OpenTab) -> None:
    page = _log_in(browser_page, formgrader)
    page.goto(f"{formgrader}/formgrader/manage_submissions/{ASSIGNMENT}")
    rows = page.locator("#main-table tr")
    rows.nth(1).wait_for()
    for text in rows.all_inner_texts():
        assert "graded" in text and "needs autograding" not in text
