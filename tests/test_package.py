"""The wheel holds all that it needs: built from the sdist and installed alone, away from the checkout."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import sysconfig
import tarfile
import threading
import tomllib
import venv
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

import pytest

from grader.authoring.release import write_release
from grader.authoring.solution_leaks import Leak, find_leaks
from grader.problems.course import load_course
from tests.conftest import ROOT
from tests.running import PATIENCE

pytestmark = pytest.mark.slow

PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
PROJECT = PYPROJECT["project"]
SAMPLE = PYPROJECT["tool"]["hatch"]["build"]["targets"]["wheel"]["hooks"]["custom"]["sample"]

INV = "inv-differential"

TRIVIAL = {
    "n = len(A)", "m, n = A.shape", "for i in range(n):", "for j in range(n):", "for j in range(A.shape[1]):",
    "E[i, j] = 1.0", "total = 0.0", "return np.stack(", 'if kind == "fro":', "X = np.linalg.inv(A)",
    "Q, R = np.linalg.qr(A)", "alternatives:", "- id: transposed", "hides: [A symmetric]",
    "# yaml-language-server: $schema=../variants.schema.json",
    "differential.", "becomes there.", "Keep only the part",
}  # fmt: skip
"""Lines of solutions that stand in other files too and give nothing away."""

RULES_OF_CALCULUS = (
    "grader/authoring/written_formulas.py",
    "grader/findings/diagnosis/candidates/formulas.py",
)
"""Numpy for `grader new --f`, whatever f is; a course's own exercises are not in them."""


@dataclass(frozen=True)
class Built:
    """The files for an index, and an environment that has the students' wheel and nothing of the checkout."""

    sdist: Path
    wheel: Path
    solutions: Path
    environment: Path

    def install(self, wheel: Path) -> None:
        """Install a wheel without its libraries."""
        install = ["install", "--quiet", "--no-deps", "--no-index", "--ignore-installed", str(wheel)]
        pip = [sys.executable, "-m", "pip", "--python", str(self.environment / "bin" / "python"), *install]
        subprocess.run(pip, check=True, capture_output=True, timeout=PATIENCE)

    def run(self, program: str, *arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
        """One of the environment's programs, in a folder."""
        kept = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
        return subprocess.run(
            [self.environment / "bin" / program, *arguments],
            cwd=cwd, capture_output=True, text=True, timeout=PATIENCE, check=False,
            env={**kept, "NO_COLOR": "1", "COLUMNS": "100"},
        )  # fmt: skip


def make_environment(folder: Path) -> Path:
    """An environment that has the libraries of this one, and not the checkout."""
    venv.create(folder, symlinks=True)
    paths = sysconfig.get_paths(vars={"base": str(folder), "platbase": str(folder)})
    # The libraries are this environment's; its own .pth files, and so the checkout, are not followed from here.
    Path(paths["purelib"], "libraries.pth").write_text(f"{sysconfig.get_path('purelib')}\n")
    return folder


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Built:
    out, environment = tmp_path_factory.mktemp("dist"), tmp_path_factory.mktemp("installed")
    build = [sys.executable, "-m", "build", "--no-isolation", "--outdir", str(out)]
    subprocess.run([*build, str(ROOT)], check=True, capture_output=True, timeout=PATIENCE)
    wheel_alone = [*build, "--wheel", str(ROOT / "solutions")]
    subprocess.run(wheel_alone, check=True, capture_output=True, timeout=PATIENCE)
    (sdist,), (wheel,) = out.glob("*.tar.gz"), out.glob("frechet_grader-*.whl")
    (solutions,) = out.glob("frechet_grader_solutions-*.whl")

    make_environment(environment)
    made = Built(sdist, wheel, solutions, environment)
    made.install(wheel)
    return made


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
    assert len(list((tmp_path / "demo" / "feedback").glob("*.html"))) == len(SAMPLE)
    assert (tmp_path / "demo" / "class.html").exists()
    # Listed mistakes are known without their formulas.
    report = json.loads((tmp_path / "demo" / "results" / "half-done.json").read_text("utf-8"))
    named = {
        problem["id"]: problem["diagnosis"]["kind"] for problem in report["problems"] if problem["diagnosis"]
    }
    assert "mistake" in named.values()


def _is_told(leak: Leak) -> bool:
    """May students see that line?"""
    return leak.line in TRIVIAL or leak.file in RULES_OF_CALCULUS


def test_the_wheel_holds_no_line_of_a_solution(built: Built) -> None:
    with zipfile.ZipFile(built.wheel) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    leaks = find_leaks(load_course(ROOT), files)
    assert [leak for leak in leaks if not _is_told(leak)] == []
    assert not any("/solutions/" in name for name in files)


def test_a_release_of_the_installed_course_tells_listed_mistakes_too(built: Built, tmp_path: Path) -> None:
    released = built.run("grader", "release", "lecture05", "-o", "ps", cwd=tmp_path)
    assert released.returncode == 0, released.stderr
    assert len(list((tmp_path / "ps").glob("exercises/*/mistakes.json"))) == 8
    files = {path.name: path.read_bytes() for path in (tmp_path / "ps").rglob("*") if path.is_file()}
    assert find_leaks(load_course(ROOT), files) == []


@pytest.fixture(scope="module")
def released(built: Built, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder for students with the wheel in it."""
    folder = tmp_path_factory.mktemp("course")
    for part in ("exercises", "solutions"):
        shutil.copytree(ROOT / part / INV, folder / part / INV)
    shutil.copy(built.wheel, folder)
    (folder / "config.yaml").write_text(
        f"course: Mine\nseed: 31\ninstall: {built.wheel.name}\nassignments:\n"
        f"  week1:\n    problems: [{INV}]\n"
    )
    course = load_course(folder)
    write_release(course, course.assignment("week1"), folder / "week1")
    return folder / "week1"


def test_a_student_who_follows_the_readme_of_a_release_gets_there(
    built: Built, released: Path, tmp_path: Path
) -> None:
    empty = make_environment(tmp_path / "empty")
    # Nothing but the wheel in the folder is installed: its libraries are there, and no index is asked.
    settings = {"PATH": f"{empty / 'bin'}:/usr/bin:/bin", "PIP_NO_DEPS": "1", "PIP_NO_INDEX": "1"}
    readme = (released / "README.md").read_text("utf-8")
    lines = [
        line for block in re.findall(r"^```sh\n(.*?)^```", readme, re.M | re.S) for line in block.splitlines()
    ]

    kept = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    environment = {**kept, **settings, "NO_COLOR": "1", "COLUMNS": "100"}

    def follow(line: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            ["sh", "-c", line], cwd=released, capture_output=True, text=True, timeout=PATIENCE, check=False,
            env=environment,
        )  # fmt: skip

    def interrupt_after(words: str, line: str) -> bool:
        """Start a command, and interrupt it as soon as it prints these words; it never prints them: false."""
        with subprocess.Popen(
            ["sh", "-c", f"exec {line}"], cwd=released, stdout=subprocess.PIPE, text=True, env=environment
        ) as started:
            stop = threading.Timer(PATIENCE, started.kill)
            stop.start()
            is_printed = any(words in printed for printed in started.stdout or ())
            started.send_signal(signal.SIGINT)
        stop.cancel()
        return is_printed

    install, *checks = lines
    assert install == f"pip install ./{built.wheel.name}"
    done = follow(f"python -m {install} --ignore-installed")
    assert done.returncode == 0, done.stdout + done.stderr
    assert Path(follow("command -v grader").stdout.strip()).is_relative_to(empty)

    for line in checks:
        if line.startswith("grader watch"):
            assert interrupt_after("Save answers.py to check again", line)
            continue
        shown = follow(line)
        assert shown.returncode == 1 and "inv_differential is not written yet" in shown.stdout, shown.stderr
    assert "Hint 1" in follow("grader check answers.py --hint").stdout
    assert "inv_differential is not written yet" in follow("python -m pytest -p no:cacheprovider").stdout


def test_the_released_notebook_works_alone(built: Built, released: Path, tmp_path: Path) -> None:
    cells = json.loads((released / "answers.ipynb").read_text("utf-8"))["cells"]
    code = ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"]
    code[1] = "def inv_differential(A, dA):\n    X = np.linalg.inv(A)\n    return -X @ dA @ X\n"
    code[2] = f"print({code[2]}.report.score)"
    assert f"%pip install ./{built.wheel.name}" in code[0]
    script = "\n\n".join(code).replace("%pip", "pass  # %pip")
    (tmp_path / "alone.py").write_text(script, "utf-8")
    result = built.run("python", "alone.py", cwd=tmp_path)
    assert (result.returncode, result.stdout) == (0, "10\n"), result.stderr


def test_solutions_that_are_not_there_are_asked_for(built: Built, tmp_path: Path) -> None:
    (tmp_path / "ada.py").write_text("def det_gradient(A):\n    return A\n")
    result = built.run("grader", "grade", "ada.py", "-o", "out", "--solutions", cwd=tmp_path)
    assert result.returncode == 0, result.stderr
    assert "There are no worked solutions to show." in result.stdout
    assert "pip install ./solutions" in result.stdout


def test_pytest_finds_the_plugin_of_an_installed_package(built: Built, tmp_path: Path) -> None:
    released = built.run("grader", "release", "lecture05", "-o", "ps", cwd=tmp_path)
    assert released.returncode == 0, released.stderr
    command = ("-m", "pytest", "-q", "-p", "no:cacheprovider", "exercises/inv-differential")
    result = built.run("python", *command, cwd=tmp_path / "ps")
    assert "inv_differential is not written yet" in result.stdout, result.stdout + result.stderr
    assert "frechet-grader: 0 of 10 points" in result.stdout


def test_instructors_install_the_solutions_beside_it(built: Built, tmp_path: Path) -> None:
    built.install(built.solutions)
    result = built.run("grader", "demo", cwd=tmp_path)
    assert result.returncode == 0, result.stdout + result.stderr
    assert len(list((tmp_path / "demo" / "feedback").glob("*.html"))) >= 12
    source = built.run("grader", "nbgrader", "source", "lecture05", "--course", "c", cwd=tmp_path)
    assert source.returncode == 0, source.stdout + source.stderr


def test_both_packages_have_one_version() -> None:
    solutions = tomllib.loads((ROOT / "solutions" / "pyproject.toml").read_text("utf-8"))["project"]
    assert solutions["version"] == PROJECT["version"]
    assert solutions["dependencies"] == [f"frechet-grader=={PROJECT['version']}"]


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
