"""The card of a check, in a page with the style sheets of JupyterLab."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

import numpy as np
import pytest

from grader import check
from tests.browser_tools import OpenTab, axe_violations
from tests.conftest import ROOT

nbconvert = pytest.importorskip("nbconvert", reason="it comes with the extra nbgrader")


def wrong(A: Any, dA: Any) -> Any:
    print("shape", A.shape)
    return -np.linalg.inv(A) @ np.linalg.inv(A) @ dA


def fails(A: Any, dA: Any) -> Any:
    return A @ undefined  # type: ignore[name-defined] # noqa: F821


def make_page(folder: Path, theme: str) -> Path:
    """A notebook with two cards, as nbconvert shows it in JupyterLab's light or dark theme."""
    from nbformat.v4 import new_code_cell, new_notebook, new_output

    cells = []
    for problem, function in (("inv-differential", wrong), ("solve-differential", fails)):
        checked = check(problem, function)
        data = {"text/html": checked._repr_html_(), "text/plain": repr(checked)}
        cells.append(new_code_cell("check(…)", outputs=[new_output("display_data", data=data)]))
    exporter = nbconvert.HTMLExporter(theme=theme, mathjax_url="", require_js_url="", widget_renderer_url="")
    body, _ = exporter.from_notebook_node(new_notebook(cells=cells, metadata={"title": "Cards"}))
    path = folder / f"{theme}.html"
    path.write_text(body, encoding="utf-8")
    return path


def luminance(page: Any, selector: str, part: str) -> float:
    """From 0, black, to 1, white."""
    colour = page.eval_on_selector(selector, f"element => getComputedStyle(element).{part}")
    red, green, blue = (int(number) for number in colour.removeprefix("rgb(").removesuffix(")").split(","))
    return (0.2126 * red + 0.7152 * green + 0.0722 * blue) / 255


@pytest.mark.parametrize(
    ("theme", "scheme"), [("light", "dark"), ("dark", "light"), ("light", "light"), ("dark", "dark")]
)
def test_a_card_has_the_colours_of_the_notebooks_theme_whatever_the_system_prefers(
    browser_page: OpenTab,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    theme: str,
    scheme: Literal["light", "dark"],
) -> None:
    monkeypatch.chdir(ROOT)
    page = browser_page(scheme=scheme).open(make_page(tmp_path, theme))
    for section in (".frechet-card section", ".frechet-card .lead"):
        assert (luminance(page, section, "color") < 0.5) == (theme == "light")
    assert (luminance(page, ".frechet-card section", "backgroundColor") > 0.5) == (theme == "light")
    assert [
        line for line in axe_violations(page) if "InputPrompt" not in line
    ] == []  # that is JupyterLab's grey


def test_a_card_fits_a_narrow_window_and_leaves_the_page_its_own_style(
    browser_page: OpenTab, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(ROOT)
    opened = browser_page(width=420)
    page = opened.open(make_page(tmp_path, "light"))
    card, frame = (
        page.eval_on_selector(name, "e => [e.getBoundingClientRect().left, e.getBoundingClientRect().right]")
        for name in (".frechet-card", ".jp-OutputArea-output")
    )
    assert frame[0] <= card[0] and card[1] <= frame[1]
    before = page.eval_on_selector("body", "e => getComputedStyle(e).fontFamily")
    page.evaluate("document.querySelectorAll('.frechet-card').forEach(card => card.remove())")
    assert page.eval_on_selector("body", "e => getComputedStyle(e).fontFamily") == before
