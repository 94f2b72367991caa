"""The pictures of the documentation, made anew from what the program shows: `make pictures`."""

from __future__ import annotations

import io
import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console
from rich.terminal_theme import MONOKAI
from rich.text import Text

from tests.conftest import ROOT
from tests.web_server import served

if TYPE_CHECKING:
    from playwright.sync_api import Browser

DOCS = ROOT / "docs"
COLUMNS = 88
WIDTH = 1180
CHECK = "grader check answers.py --problem inv-differential"
COMMAND = f"{CHECK} --plot"
FIX = "sed -i 's/X @ X @ dA/X @ dA @ X/' answers.py"
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
<title id="what">grader check finds a mistake in a differential of the inverse, and passes it once it is fixed</title>
<style>
.{unique_id}-matrix {{
  font: {char_height}px ui-monospace, Menlo, Consolas, "DejaVu Sans Mono", monospace; line-height: {line_height}px;
}}
{styles}
.cover {{ display: none; }}
@media (prefers-reduced-motion: no-preference) {{
  .line {{ animation: appear 1ms both; }}
  .cover {{ display: inline; fill: #1e1e1e; animation: uncover 1ms both; }}
}}
@keyframes appear {{ from {{ opacity: 0; }} }}
@keyframes uncover {{ to {{ transform: translateX(100%); }} }}
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
"""Rich's own names a font that readers' browsers would fetch from elsewhere. Without motion all lines are there."""
LIGHTER_RED = ("#f4005f", "#ff6188")
"""With a contrast of 4.5 or more on the background."""
TYPING, OUTPUT, PAUSE = 0.7, 0.03, 0.4
"""Seconds for a command, for a line of output, and before a command: less than 5 together, and once."""


def check_in_colour() -> list[tuple[str, str]]:
    """The commands of the picture with what they print, in colour: a wrong answer is checked, fixed, checked again."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "answers.py").write_text(ANSWERS, "utf-8")
        return [(command, _run(command, Path(folder))) for command in (COMMAND, FIX, CHECK)]


def _run(command: str, folder: Path) -> str:
    kept = {name: value for name, value in os.environ.items() if name not in ("GRADER_SEED", "NO_COLOR")}
    look = {"COLUMNS": str(COLUMNS), "FORCE_COLOR": "1", "TERM": "xterm-256color"}
    program, *words = shlex.split(command)
    run = subprocess.run(
        [sys.executable, "-m", program, *words] if program == "grader" else [program, *words],
        cwd=folder, env={**kept, **look, "PYTHONPATH": str(ROOT)},
        capture_output=True, text=True, timeout=600, check=False,
    )  # fmt: skip
    if run.returncode not in (0, 1):
        raise RuntimeError(f"{command} ended with {run.returncode}: {run.stderr}")
    return run.stdout


def draw_check() -> str:
    """Draw these commands with what they print as an SVG whose lines appear one after the other."""
    console = Console(width=COLUMNS, record=True, file=io.StringIO(), force_terminal=True)
    starts: list[tuple[float, bool]] = []
    at = 0.0
    for command, printed in check_in_colour():
        lines = [Text.from_ansi(line) for line in printed.splitlines()]
        end = next((k for k, line in enumerate(lines) if LAST in line.plain), len(lines) - 1)
        if starts:
            console.print()
            starts.append((at, False))
        at += PAUSE
        starts.append((at, True))
        at += TYPING
        starts += [(at + OUTPUT * k, False) for k in range(end + 1)]
        at += OUTPUT * (end + 1)

        console.print(Text(f"$ {command}", "bold"))
        for line in lines[: end + 1]:
            console.print(line, no_wrap=True)
    svg = console.export_svg(theme=MONOKAI, code_format=SVG, unique_id="check").replace(*LIGHTER_RED)
    return _animate(svg, starts)


def _animate(svg: str, starts: Sequence[tuple[float, bool]]) -> str:
    """Give each line of a terminal its time: it appears, or is typed from behind a cover if it is a command."""
    texts: dict[int, list[str]] = {}
    for text, line in re.findall(r'(<text[^>]*url\(#check-line-(\d+)\)">[^<]*</text>)', svg):
        texts.setdefault(int(line), []).append(text)

    shown = []
    for line, parts in texts.items():
        start, is_typed = starts[line]
        shown.append(f'<g class="line" style="animation-delay: {start:.2f}s">{"".join(parts)}</g>')
        if is_typed:
            y = float(re.findall(r'y="([\d.]+)"', parts[0])[0])
            timing = f"animation: uncover {TYPING}s steps(60) {start:.2f}s both"
            shown.append(
                f'<rect class="cover" x="0" y="{y - 20}" width="100%" height="26" style="{timing}"/>'
            )
    before, _, _ = svg.partition('<g class="check-matrix">')
    return f'{before}<g class="check-matrix">\n{chr(10).join(shown)}\n</g>\n</g>\n</svg>\n'


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


def photograph_formulas(browser: Browser, out: Path) -> None:
    """Photograph a wrong formula on the page of formulas."""
    with tempfile.TemporaryDirectory() as folder, served(Path(folder, "site")) as address:
        build = [sys.executable, "-m", "grader", "page", "lecture05", "-o", f"{folder}/site"]
        subprocess.run(build, cwd=ROOT, check=True, capture_output=True, timeout=900)
        page = browser.new_page(viewport={"width": 900, "height": 1200})
        page.goto(address)
        page.locator("button.check:not([disabled])").first.wait_for(timeout=120_000)

        section = page.locator("#inv-differential")
        section.locator(".cm-content").click()
        page.keyboard.insert_text("-A^-1 dA A")
        section.locator(".cm-content").press("Enter")
        section.locator(".feedback[data-verdict]").wait_for()
        page.mouse.wheel(0, -10_000)
        page.wait_for_timeout(500)
        box = section.bounding_box()
        assert box is not None, "the page shows every problem"
        clip = {"x": box["x"] - 8, "y": box["y"] - 8, "width": box["width"] + 16, "height": 960.0}
        page.screenshot(path=out / "page.png", full_page=True, clip=clip)  # type: ignore[arg-type]
        page.close()


def main() -> None:
    """Write all pictures into docs/."""
    from playwright.sync_api import sync_playwright

    (DOCS / "check.svg").write_text(draw_check(), "utf-8")
    with sync_playwright() as playwright:
        path = shutil.which("chromium") or playwright.chromium.executable_path
        browser = playwright.chromium.launch(executable_path=path)
        photograph_pages(browser, DOCS)
        photograph_formulas(browser, DOCS)


if __name__ == "__main__":
    main()
