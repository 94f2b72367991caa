"""The documentation site: it is built without a warning, asks for nothing elsewhere, and its guides can be followed."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from typer.main import get_command

import grader
from grader.authoring.json_schemas import MODELS, json_schema
from grader.cli.app import app
from tests.browser_tools import NARROW, WIDE, OpenTab, axe_violations, scrolls_sideways
from tests.conftest import ROOT
from tests.pictures import draw_check, photograph_pages
from tests.running import PATIENCE, run_grader
from tests.test_docs import without_numbers, words_of

pytestmark = pytest.mark.slow

if TYPE_CHECKING:
    from playwright.sync_api import Browser

DOCS = ROOT / "docs"
TUTORIALS = sorted((DOCS / "tutorials").glob("*.md"))
OF_THE_SHELL = ("mkdir", "cp")
NOT_RUN = ("python3 -m venv", ".venv/bin/pip", ". .venv", "grader doctor", "grader watch", "pip", "make")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What `make docs` builds, with every warning an error."""
    pytest.importorskip("sphinx", reason="the group docs is not installed")
    out = tmp_path_factory.mktemp("site")
    command = [sys.executable, "-m", "sphinx", "-q", "-W", "-n", "-b", "html", "-d", str(out / "doctrees")]
    built = subprocess.run(
        [*command, str(DOCS), str(out / "html")], cwd=ROOT, capture_output=True, text=True, timeout=PATIENCE
    )
    assert built.returncode == 0, built.stderr
    return out / "html"


def test_every_page_is_reached_from_the_start(site: Path) -> None:
    """With `-W` a page outside of every list of contents is an error; here it is that all pages are there."""
    pages = {path.relative_to(DOCS).with_suffix(".html") for path in DOCS.rglob("*.md")}
    assert {page for page in pages if not (site / page).exists()} == set()


def test_no_page_asks_for_anything_elsewhere(site: Path) -> None:
    for page in site.rglob("*.html"):
        text = page.read_text("utf-8")
        loaded = re.findall(r"<(?:script|img|iframe|source)[^>]*\ssrc=\"([^\"]+)\"", text)
        loaded += re.findall(r"<link[^>]*\shref=\"([^\"]+)\"", text)
        assert [address for address in loaded if "://" in address or address.startswith("//")] == [], page


def test_the_reference_has_every_command_key_field_and_name_of_the_code(site: Path) -> None:
    def words(page: str) -> set[str]:
        text = re.sub(r"<[^>]+>", " ", (site / "reference" / page).read_text("utf-8"))
        assert "from the code:" not in text
        return set(text.split())

    command: Any = get_command(app)
    assert words("cli.html") >= {"--visibility", *command.commands}
    assert words("python-names.html") >= {"Raises", *(set(grader.__all__) - {"__version__"})}
    for name, page in {**{name: f"{name}-keys" for name in MODELS}, "report": "report-fields"}.items():
        schema = json_schema(name)
        keys = {key for part in (schema, *schema["$defs"].values()) for key in part.get("properties", {})}
        assert keys - words(f"{page}.html") == set()


@pytest.mark.browser
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [NARROW, WIDE])
@pytest.mark.parametrize("name", ["index", "tutorials/first-week", "problems", "reference/cli"])
def test_a_page_fits_its_window_loads_nothing_and_is_accessible(
    site: Path, browser_page: OpenTab, name: str, width: int, scheme: str
) -> None:
    tab = browser_page(width, scheme)  # type: ignore[arg-type]
    page = tab.open(site / f"{name}.html")
    assert not scrolls_sideways(page)
    assert [address for address in tab.requests if not address.startswith("file:")] == []
    assert axe_violations(page) == []


def test_the_picture_of_check_shows_what_it_prints_now() -> None:
    """All but the numbers; `make pictures` draws it anew."""
    drawn, kept = (words_of(svg) for svg in (draw_check(), (DOCS / "check.svg").read_text("utf-8")))
    assert "bothinversesendedup" in kept
    assert kept == drawn


@pytest.mark.browser
def test_the_script_photographs_both_pages(tmp_path: Path, browser: Browser) -> None:
    photograph_pages(browser, tmp_path)
    for name in ("student.png", "class.png"):
        assert (tmp_path / name).stat().st_size > 20_000


def steps(page: Path) -> Iterator[tuple[str, str]]:
    """The blocks of a page in order: `file NAME`, `sh` or `text`, each with what stands in it."""
    text = page.read_text("utf-8")
    for name, language, block in re.findall(
        r"(?:<!-- file: (\S+) -->\n)?^ *```(\w+)\n(.*?)^ *```", text, re.M | re.S
    ):
        yield (f"file {name}" if name else language), block


@pytest.mark.parametrize("page", TUTORIALS, ids=lambda page: page.stem)
def test_a_tutorial_can_be_followed_and_prints_what_it_shows(page: Path, tmp_path: Path) -> None:
    printed = ""
    for kind, block in steps(page):
        if kind.startswith("file "):
            target = tmp_path / kind.removeprefix("file ")
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(block, "utf-8")
        elif kind == "sh":
            printed = "".join(run_line(line, tmp_path) for line in block.splitlines())
        elif kind == "text":
            assert_shown(block, printed)


def run_line(line: str, folder: Path) -> str:
    """What a line of a tutorial prints; lines that set up the machine are left out."""
    if line.startswith(NOT_RUN):
        return ""

    program, *words = shlex.split(line)
    if program in OF_THE_SHELL:
        subprocess.run([shutil.which(program) or program, *words], cwd=folder, check=True, timeout=60)
        return ""

    assert program == "grader", line
    result = run_grader(*words, cwd=folder, COLUMNS="88")
    assert result.returncode in ((0, 1) if words[0] == "check" else (0,)), result.stderr
    return result.stdout


def assert_shown(block: str, printed: str) -> None:
    """Claim that what a page shows was printed, in that order, where `…` stands for anything; numbers may differ."""
    position, output = 0, without_numbers(printed)
    for part in re.split(r"^…$", block, flags=re.M):
        wanted = without_numbers(part)
        found = output.find(wanted, position)
        assert found >= 0, f"{part}\nis not in\n{printed}"
        position = found + len(wanted)
