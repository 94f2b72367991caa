"""ARCHITECTURE.md draws what the import contract proves, and CONTRIBUTING.md links to files that are there."""

from __future__ import annotations

import re
import tomllib

import pytest

from tests.conftest import ROOT


def contract() -> list[list[str]]:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    layers = settings["tool"]["importlinter"]["contracts"][0]["layers"]
    return [[name.strip() for name in layer.split("|")] for layer in layers]


def drawing() -> list[list[str]]:
    text = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")
    block = text.partition("## The packages")[2].split("```")[1].removeprefix("text\n")
    return [[part.split()[0] for part in line.split("|")] for line in block.strip().splitlines()]


def test_the_drawing_has_the_layers_of_the_contract_from_top_to_bottom() -> None:
    assert drawing() == contract()


def test_every_package_stands_in_the_drawing() -> None:
    packages = {path.parent.name for path in (ROOT / "grader").glob("*/__init__.py")} | {"notebook"}
    assert packages - {"sample_class"} == {name for layer in drawing() for name in layer}


@pytest.mark.parametrize("page", ["CONTRIBUTING.md", "ARCHITECTURE.md"])
def test_every_path_that_a_page_names_is_there(page: str) -> None:
    text = (ROOT / page).read_text(encoding="utf-8")
    paths = re.findall(r"`((?:grader|tests|docs|benchmarks|exercises|solutions)/[\w./-]*)`", text)
    paths += re.findall(r"\]\(([^)#:]+)[)#]", text)
    assert paths
    assert [path for path in paths if not (ROOT / path).exists()] == []
