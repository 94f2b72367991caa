"""The wheel holds all that it needs: built from the sdist and installed alone, away from the checkout."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import sysconfig
import tarfile
import tomllib
import venv
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.running import PATIENCE

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]


@dataclass(frozen=True)
class Built:
    """The files for an index, and an environment that has the wheel and nothing of the checkout."""

    sdist: Path
    wheel: Path
    environment: Path

    def run(self, program: str, *arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
        """One of the environment's programs, in a folder."""
        kept = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
        return subprocess.run(
            [self.environment / "bin" / program, *arguments],
            cwd=cwd, capture_output=True, text=True, timeout=PATIENCE, check=False,
            env={**kept, "NO_COLOR": "1", "COLUMNS": "100"},
        )  # fmt: skip


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Built:
    out, environment = tmp_path_factory.mktemp("dist"), tmp_path_factory.mktemp("installed")
    build = [sys.executable, "-m", "build", "--no-isolation", "--outdir", str(out), str(ROOT)]
    subprocess.run(build, check=True, capture_output=True, timeout=PATIENCE)
    (sdist,), (wheel,) = out.glob("*.tar.gz"), out.glob("*.whl")

    venv.create(environment, symlinks=True)
    paths = sysconfig.get_paths(vars={"base": str(environment), "platbase": str(environment)})
    # The libraries are this environment's; its own .pth files, and so the checkout, are not followed from here.
    Path(paths["purelib"], "libraries.pth").write_text(f"{sysconfig.get_path('purelib')}\n")
    install = ["install", "--quiet", "--no-deps", "--no-index", "--ignore-installed", str(wheel)]
    pip = [sys.executable, "-m", "pip", "--python", str(environment / "bin" / "python"), *install]
    subprocess.run(pip, check=True, capture_output=True, timeout=PATIENCE)
    return Built(sdist, wheel, environment)


def test_nothing_of_the_checkout_is_on_the_path(built: Built, tmp_path: Path) -> None:
    code = "import sys, grader; print(grader.__file__, *sys.path, sep='\\n')"
    file, *path = built.run("python", "-c", code, cwd=tmp_path).stdout.splitlines()
    assert Path(file).is_relative_to(built.environment)
    assert str(ROOT) not in path


def test_every_public_name_is_there(built: Built, tmp_path: Path) -> None:
    code = "import grader; print(*grader.__all__); [getattr(grader, name) for name in grader.__all__]"
    names = built.run("python", "-c", code, cwd=tmp_path)
    assert names.returncode == 0 and "check" in names.stdout.split(), names.stderr


def test_the_wheel_brings_the_course_with_it(built: Built, tmp_path: Path) -> None:
    result = built.run("grader", "doctor", cwd=tmp_path)
    assert result.returncode == 0, result.stdout + result.stderr
    shown = result.stdout.replace("\n", "")
    assert re.search(rf"{built.environment}/\S*/grader/bundled", shown.replace(" ", ""))


def test_a_file_is_checked(built: Built, tmp_path: Path) -> None:
    (tmp_path / "answers.py").write_text(
        "import numpy as np\n\n\ndef det_gradient(A):\n    return np.linalg.det(A) * np.linalg.inv(A)\n"
    )
    result = built.run("grader", "check", "answers.py", "--problem", "det-gradient", cwd=tmp_path)
    assert result.returncode == 1
    assert result.stdout.startswith("det_gradient is wrong: "), result.stdout + result.stderr


def test_the_demo_runs_from_the_wheel(built: Built, tmp_path: Path) -> None:
    result = built.run("grader", "demo", cwd=tmp_path)
    assert result.returncode == 0, result.stdout + result.stderr
    assert len(list((tmp_path / "demo" / "feedback").glob("*.html"))) >= 12
    assert (tmp_path / "demo" / "class.html").exists()


def test_pytest_finds_the_plugin_of_an_installed_package(built: Built, tmp_path: Path) -> None:
    released = built.run("grader", "release", "lecture05", "-o", "ps", cwd=tmp_path)
    assert released.returncode == 0, released.stderr
    command = ("-m", "pytest", "-q", "-p", "no:cacheprovider", "exercises/inv-differential")
    result = built.run("python", *command, cwd=tmp_path / "ps")
    assert "inv_differential is not written yet" in result.stdout, result.stdout + result.stderr
    assert "frechet-grader: 0 of 10 points" in result.stdout


def test_nothing_but_the_package_is_installed_at_the_top(built: Built) -> None:
    with zipfile.ZipFile(built.wheel) as archive:
        names = archive.namelist()
    assert {name.partition("/")[0].partition("-")[0] for name in names} == {"grader", "frechet_grader"}
    assert "grader/py.typed" in names


def test_whoever_has_the_sdist_can_test_it(built: Built) -> None:
    with tarfile.open(built.sdist) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    needed = ("pyproject.toml", "Makefile", "constraints.txt", "constraints-lowest.txt", "tests/conftest.py")
    assert names >= {*needed, "exercises/det-gradient/problem.yaml", "solutions/det-gradient/reference.py"}


def requirements(file: str) -> Iterator[tuple[str, str]]:
    """The packages of a file of constraints, each with its version."""
    for line in (ROOT / file).read_text("utf-8").splitlines():
        name, equal, number = line.partition("==")
        if equal:
            yield name.lower(), number


def test_the_lowest_constraints_are_the_bounds_of_the_project() -> None:
    extras = [text for texts in PROJECT["optional-dependencies"].values() for text in texts]
    bounds = dict(re.findall(r"^([\w-]+)>=([\d.]+)", "\n".join([*PROJECT["dependencies"], *extras]), re.M))
    lowest = dict(requirements("constraints-lowest.txt"))
    assert set(lowest) == {name.lower() for name in bounds}
    for name, bound in bounds.items():
        assert re.sub(r"(\.0)+$", "", lowest[name.lower()]) == re.sub(r"(\.0)+$", "", bound), name


def test_the_constraints_have_a_version_of_all_that_is_needed() -> None:
    known = dict(requirements("constraints.txt"))
    for text in PROJECT["dependencies"]:
        name = re.split(r"[><=;]", text)[0].lower()
        assert name in known, f"{name}=={version(name)}"
