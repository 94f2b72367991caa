"""A real browser for tests: headless Chromium, watched for errors and for requests that leave the page.

Tests that need one skip where there is none, and fail there if GRADER_TEST_BROWSER=required, as CI sets it.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Protocol

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
NARROW, WIDE = 360, 1400
PATIENCE_MS = 900_000
WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]


@dataclass(frozen=True)
class Opened:
    """A tab, and what has happened in it so far.

    Args:
        errors: what the console shows as an error or a warning, and exceptions that nobody caught.
        requests: every address that was asked for besides those that `open` was told to go to.
    """

    page: Page
    errors: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)

    def open(self, address: Path | str) -> Page:
        """Go to a file or an address, and wait until it is loaded."""
        url = address.resolve().as_uri() if isinstance(address, Path) else address
        self.page.goto(url)
        if url in self.requests:
            self.requests.remove(url)
        return self.page


class OpenTab(Protocol):
    """What the fixture `browser_page` gives."""

    def __call__(
        self, width: int = WIDE, scheme: Literal["light", "dark"] = "light", height: int = 900, **options: Any
    ) -> Opened:
        """A new tab; `options` are those of Playwright's `new_context`, as `java_script_enabled=False`."""
        ...


# Playwright keeps an event loop running for as long as it lives. With a scope wider than a module, tests elsewhere
# that run a loop of their own in the same process would fail.
@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Chromium, for the tests of one module."""
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        _do_without("playwright is not installed")
    with sync_playwright() as playwright:
        own = playwright.chromium.executable_path
        path = next(filter(None, map(shutil.which, NAMES)), own)
        if not Path(path).exists():
            _do_without("there is no Chromium; install it, or run `playwright install chromium`")
        browser = playwright.chromium.launch(executable_path=path)
        yield browser
        browser.close()


@pytest.fixture
def browser_page(browser: Browser) -> Iterator[OpenTab]:
    """Opens tabs of a given width and colour scheme; they are closed after the test."""
    with ExitStack() as stack:

        def open_tab(
            width: int = WIDE, scheme: Literal["light", "dark"] = "light", height: int = 900, **options: Any
        ) -> Opened:
            context = browser.new_context(
                viewport={"width": width, "height": height}, color_scheme=scheme, **options
            )
            stack.callback(context.close)
            context.set_default_timeout(PATIENCE_MS)  # no test fails because the machine is busy
            opened = Opened(context.new_page())
            _watch(opened)
            return opened

        yield open_tab


def axe_violations(page: Page, contrast: bool = True) -> list[str]:
    """What axe-core finds against WCAG 2.2 A and AA, a line for each element.

    Args:
        contrast: whether to look at colours as well, which takes most of the time on a long page.
    """
    from axe_playwright_python.sync_playwright import Axe

    options = {
        "runOnly": {"type": "tag", "values": WCAG},
        "resultTypes": ["violations"],
        "rules": {"color-contrast": {"enabled": contrast}},
    }
    return [
        f"{violation['id']}: {' '.join(node['target'])}: {node['failureSummary']}"
        for violation in Axe().run(page, options=options).response["violations"]
        for node in violation["nodes"]
    ]


def scrolls_sideways(page: Page) -> bool:
    """Whether the page is wider than its window."""
    return bool(page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"))


def _watch(opened: Opened) -> None:
    page = opened.page
    note: Callable[[str], None] = opened.errors.append
    page.on("console", lambda message: note(message.text) if message.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: note(str(error)))
    page.on("request", lambda request: opened.requests.append(request.url))


def _do_without(why: str) -> None:
    if os.environ.get("GRADER_TEST_BROWSER") == "required":
        pytest.fail(f"GRADER_TEST_BROWSER=required, but {why}")
    pytest.skip(why)
