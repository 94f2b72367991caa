"""Fifty libraries that notebooks import: one typical call of each, in a kernel and in the sandbox.

    pip install -r benchmarks/libraries.txt
    python -m benchmarks.libraries [--only NAME …]

Prints a line for each library that is installed: the same, or how the outputs differ. Exit code: 1 if one differs.
"""

from __future__ import annotations

import argparse
import importlib.util
import sys
import tempfile
from pathlib import Path
from typing import Any

import nbformat
import yaml

CALLS: dict[str, str] = yaml.safe_load(Path(__file__).with_suffix(".yaml").read_text(encoding="utf-8"))
"""Library → a cell whose value is compared."""


def run(execute: Any, source: str) -> list[str]:
    """What a cell shows, without numbers of addresses and tracebacks."""
    cell = nbformat.v4.new_code_cell(source)
    book = nbformat.v4.new_notebook(
        cells=[cell], metadata={"kernelspec": {"name": "python3", "display_name": "Python 3"}}
    )
    with tempfile.TemporaryDirectory() as folder:
        execute.preprocess(book, {"metadata": {"path": folder}})
    return [_show(output) for output in cell.outputs]


def _show(output: Any) -> str:
    if output.output_type == "error":
        return f"{output.ename}: {output.evalue}"
    if output.output_type == "stream":
        return f"{output.name}: {output.text.strip()}"
    return str(output.data.get("text/plain"))


def compare(name: str, source: str) -> str:
    """Say how the sandbox differs from a kernel; empty if it does not."""
    from nbgrader.preprocessors import Execute as KernelExecute

    from grader.platforms.nbgrader.execute import Execute

    kernel = KernelExecute(timeout=120)
    ours = Execute(timeout=120, libraries=["numpy", name], memory_mb=4096)
    try:
        expected = run(kernel, source)
        shown = run(ours, source)
    except Exception as error:
        return f"{type(error).__name__}: {str(error)[:300]}"
    return "" if shown == expected else f"kernel {expected!r}, sandbox {shown!r}"


def main() -> int:
    """Compare all that are installed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", nargs="+", choices=sorted(CALLS), default=sorted(CALLS))
    differing = 0
    for name in parser.parse_args().only:
        if importlib.util.find_spec(name) is None:
            print(f"{name}: not installed", flush=True)
            continue
        difference = compare(name, CALLS[name])
        differing += bool(difference)
        print(f"{name}: {difference or 'the same'}", flush=True)
    return 1 if differing else 0


if __name__ == "__main__":
    sys.exit(main())
