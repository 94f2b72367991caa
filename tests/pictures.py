"""The pictures of the documentation, made anew from what the program shows: `make pictures`."""

from __future__ import annotations

import io
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console
from rich.terminal_theme import MONOKAI
from rich.text import Text

from tests.conftest import ROOT

if TYPE_CHECKING:
    from playwright.sync_api import Browser

DOCS = ROOT / "docs"
COLUMNS = 88
WIDTH = 1180
COMMAND = "grader check answers.py --problem inv-differential --plot"
ANSWERS = """\
import numpy as np


def inv_differential(A, dA):
    X = np.linalg.inv(A)
    return -X @ X @ dA
"""
LAST = "slope 2.00."
"""The checks below the chart are left out of the picture."""
SVG = """\
<svg viewBox="0 0 {width} {height}" xmlns="http://www.w3.org/2000/svg" role="img" aria-labelledby="what">
<title id="what">What grader check prints about a wrong differential of the inverse</title>
<style>
.{unique_id}-matrix {{
  font: {char_height}px ui-monospace, Menlo, Consolas, "DejaVu Sans Mono", monospace; line-height: {line_height}px;
}}
{styles}
</style>
<defs>
<clipPath id="{unique_id}-clip-terminal">
<rect x="0" y="0" width="{terminal_width}" height="{terminal_height}"/>
</clipPath>
{lines}
</defs>
<rect fill="#1e1e1e" width="100%" height="100%" rx="8"/>
<g transform="translate({terminal_x}, 16)" clip-path="url(#{unique_id}-clip-terminal)">
{backgrounds}
<g class="{unique_id}-matrix">
{matrix}
</g>
</g>
</svg>
"""
"""Rich's own names a font that readers' browsers would fetch from elsewhere."""


def check_in_colour() -> str:
    """What `grader check` prints about the answers above, with its colours."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "answers.py").write_text(ANSWERS, "utf-8")
        kept = {name: value for name, value in os.environ.items() if name not in ("GRADER_SEED", "NO_COLOR")}
        look = {"COLUMNS": str(COLUMNS), "FORCE_COLOR": "1", "TERM": "xterm-256color"}
        run = subprocess.run(
            [sys.executable, "-m", *COMMAND.split()],
            cwd=folder, env={**kept, **look, "PYTHONPATH": str(ROOT)},
            capture_output=True, text=True, timeout=600, check=False,
        )  # fmt: skip
    if run.returncode != 1:
        raise RuntimeError(f"grader check ended with {run.returncode}: {run.stderr}")
    return run.stdout


def draw_check() -> str:
    """Draw the first part of that, below its command, as an SVG."""
    printed = check_in_colour()
    lines = printed.splitlines()
    end = next(k for k, line in enumerate(lines) if LAST in Text.from_ansi(line).plain)

    console = Console(width=COLUMNS, record=True, file=io.StringIO(), force_terminal=True)
    console.print(Text(f"$ {COMMAND}", "bold"))
    for line in lines[: end + 1]:
        console.print(Text.from_ansi(line), no_wrap=True)
    return console.export_svg(theme=MONOKAI, code_format=SVG, unique_id="check")


def photograph_pages(browser: Browser, out: Path) -> None:
    """Photograph a problem on a student's page, and the top of the class's page."""
    with tempfile.TemporaryDirectory() as folder:
        demo = [sys.executable, "-m", "grader", "demo", "--out", folder]
        subprocess.run(demo, cwd=ROOT, check=True, capture_output=True, timeout=900)
        page = browser.new_page(viewport={"width": WIDTH, "height": 1200})
        page.goto(Path(folder, "feedback/wrong-order.html").as_uri())
        box = page.locator("section.problem", has_text="inv_differential(A, dA)").bounding_box()
        assert box is not None, "the page shows every problem"
        clip = {"x": 0.0, "y": box["y"] - 16, "width": float(WIDTH), "height": 840.0}
        page.screenshot(path=out / "student.png", full_page=True, clip=clip)  # type: ignore[arg-type]
        page.goto(Path(folder, "class.html").as_uri())
        page.screenshot(path=out / "class.png")
        page.close()


def main() -> None:
    """Write all pictures into docs/."""
    from playwright.sync_api import sync_playwright

    (DOCS / "check.svg").write_text(draw_check(), "utf-8")
    with sync_playwright() as playwright:
        path = shutil.which("chromium") or playwright.chromium.executable_path
        photograph_pages(playwright.chromium.launch(executable_path=path), DOCS)


if __name__ == "__main__":
    main()
