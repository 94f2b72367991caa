"""The wheel holds all that it needs, and works away from the checkout."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.conftest import ROOT


@pytest.fixture(scope="module")
def unpacked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(out), str(ROOT)]
    subprocess.run(command, check=True, capture_output=True, timeout=120)
    (wheel,) = out.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(out / "site")
    return out / "site"


def run(unpacked: Path, cwd: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-P", "-m", "grader", *arguments],
        cwd=cwd, capture_output=True, text=True, timeout=120, check=False,
        env={**os.environ, "PYTHONPATH": str(unpacked), "NO_COLOR": "1", "COLUMNS": "100"},
    )  # fmt: skip


def test_the_wheel_brings_the_course_with_it(unpacked: Path, tmp_path: Path) -> None:
    result = run(unpacked, tmp_path, "doctor")
    assert result.returncode == 0, result.stdout + result.stderr
    assert str(unpacked / "grader" / "bundled") in result.stdout.replace("\n", "")


def test_the_demo_runs_from_the_wheel(unpacked: Path, tmp_path: Path) -> None:
    result = run(unpacked, tmp_path, "demo")
    assert result.returncode == 0, result.stdout + result.stderr
    assert len(list((tmp_path / "demo" / "feedback").glob("*.html"))) >= 12
    assert (tmp_path / "demo" / "class.html").exists()


def test_nothing_but_the_package_is_installed_at_the_top(unpacked: Path) -> None:
    assert {path.name.partition("-")[0] for path in unpacked.iterdir()} == {"grader", "frechet_grader"}


def test_pytest_finds_the_plugin_of_an_installed_package(unpacked: Path, tmp_path: Path) -> None:
    released = run(unpacked, tmp_path, "release", "lecture05", "-o", "ps")
    assert released.returncode == 0, released.stderr
    found = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "exercises/inv-differential"],
        cwd=tmp_path / "ps", capture_output=True, text=True, timeout=120, check=False,
        env={**os.environ, "PYTHONPATH": str(unpacked)},
    )  # fmt: skip
    assert "inv_differential is not written yet" in found.stdout, found.stdout + found.stderr
    assert "frechet-grader: 0 of 10 points" in found.stdout
