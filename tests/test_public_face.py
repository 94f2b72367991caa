"""`import grader`: every public name is there, loaded late, typed, and used on pages whose examples run."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

import grader
from tests.conftest import ROOT

SAMPLE = ROOT / "grader" / "sample_class"


def test_every_public_name_is_there_and_nothing_else_is_promised() -> None:
    assert set(grader.__all__) == {*grader._MODULES, "__version__"}
    for name in grader.__all__:
        assert getattr(grader, name) is not None
    assert set(grader.__all__) <= set(dir(grader))


def test_a_name_that_is_not_there_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'chek'"):
        grader.chek  # noqa: B018


def test_importing_the_package_loads_no_library() -> None:
    code = "import sys, grader; print({m.split('.')[0] for m in sys.modules} & {'numpy', 'flint', 'pydantic', 'rich'})"
    result = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert result.stdout.strip() == "set()"


def test_every_public_name_is_described() -> None:
    page = (ROOT / "docs/python-api.md").read_text(encoding="utf-8")
    assert [name for name in grader._MODULES if f"`{name}" not in page] == []


@pytest.mark.slow
@pytest.mark.parametrize("name", ["python-api.md", "check-derivative.md"])
def test_the_examples_of_a_page_run(name: str, tmp_path: Path) -> None:
    page = (ROOT / "docs" / name).read_text(encoding="utf-8")
    examples = re.findall(r"^```python\n(.*?)^```", page, re.M | re.S)
    (tmp_path / "answers.py").write_bytes((SAMPLE / "by-formula.py").read_bytes())
    (tmp_path / "submitted").mkdir()
    for student in ("transposes.py", "raises.py"):
        (tmp_path / "submitted" / student).write_bytes((SAMPLE / student).read_bytes())

    body = "\n".join(examples)
    indented = "\n".join(f"    {line}" for line in body.splitlines())
    tests = "".join(f"    {test}()\n" for test in re.findall(r"^def (test_\w+)", body, re.M))
    (tmp_path / "example.py").write_text(f'if __name__ == "__main__":\n{indented}\n{tests}', encoding="utf-8")

    result = subprocess.run(
        [sys.executable, "example.py"],
        cwd=tmp_path, capture_output=True, text=True, timeout=600, check=False,
        env={"PYTHONPATH": str(ROOT), "PATH": "/usr/bin:/bin", "HOME": str(tmp_path)},
    )  # fmt: skip
    assert result.returncode == 0, result.stderr
    if name == "check-derivative.md":
        shown = re.search(r"^```text\n(.*?)  A = …", page, re.M | re.S)
        assert shown is not None and shown[1] in result.stdout
    else:
        assert "80 of 80" in result.stdout
