"""The card of a check, in a page with the style sheets of JupyterLab."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

import numpy as np
import pytest

from grader import check
from grader.formats.html.notebook_card import card
from tests.browser_tools import OpenTab, axe_violations
from tests.conftest import ROOT
from tests.report_factory import make_problem, make_report

pytestmark = pytest.mark.browser

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


def bootstrap_page(folder: Path) -> Path:
    """A card in the template that nbgrader's feedback is made from, with Bootstrap's classes and small letters."""
    from nbformat.v4 import new_code_cell, new_notebook, new_output

    html = check("inv-differential", wrong)._repr_html_()
    cell = new_code_cell("check(…)", outputs=[new_output("display_data", data={"text/html": html})])
    exporter = nbconvert.HTMLExporter(template_name="classic", mathjax_url="", require_js_url="")
    body, _ = exporter.from_notebook_node(new_notebook(cells=[cell], metadata={"title": "Card"}))
    (folder / "bootstrap.html").write_text(body, encoding="utf-8")
    (folder / "alone.html").write_text(f"<!doctype html><title>Card</title>{html}", encoding="utf-8")
    return folder / "bootstrap.html"


STYLES = """[...document.querySelectorAll('.frechet-card *:not(svg, svg *, math, math *, style)')].map(e => {
  const s = getComputedStyle(e)
  return [e.tagName, e.className, s.fontSize, s.fontWeight, s.fontFamily, s.color, s.backgroundColor, s.display,
    s.marginTop, s.paddingTop, s.borderTopWidth, s.textAlign, s.position, s.visibility]
})"""


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


def test_a_card_looks_the_same_among_bootstraps_styles_as_alone(
    browser_page: OpenTab, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(ROOT)
    opened = browser_page()
    page = opened.open(bootstrap_page(tmp_path))
    assert page.evaluate("getComputedStyle(document.documentElement).fontSize") == "10px"
    among = page.evaluate(STYLES)
    alone = opened.open(tmp_path / "alone.html").evaluate(STYLES)
    assert len(among) > 50 and {"lead", "mark bad", "hidden"} <= {style[1] for style in among}
    assert among == alone


def test_a_printed_card_is_light_whatever_the_system_prefers_and_repeats_no_comment(
    browser_page: OpenTab, tmp_path: Path
) -> None:
    report = make_report(make_problem("wrong"))
    path = tmp_path / "card.html"
    path.write_text(f"<!doctype html><title>x</title>{card(report, commented=True, printed=True)}", "utf-8")
    page = browser_page(scheme="dark").open(path)
    assert luminance(page, ".frechet-card section", "backgroundColor") > 0.5
    assert not page.get_by_text("You returned exactly minus").count() and not page.locator(".case").count()
    hint = page.get_by_text("Start from A·A⁻¹ = I.")
    assert hint.count() == 1 and not hint.is_visible()
    assert page.get_by_text("What was checked").is_visible()
