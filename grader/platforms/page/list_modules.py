"""Run as a script: open the page's entry without numpy, and list the files of the modules that it loads.

Input: the page's course. Arguments: packages. Output, as JSON: `modules`, which has for each package its folder, then
its files; and the names of `templates`.
"""

from __future__ import annotations

import json
import sys
from importlib.machinery import ModuleSpec
from pathlib import Path

# What the page does not bring. Absent in the browser, and here so that nothing that needs them is packed.
ABSENT = frozenset(
    {"numpy", "pydantic", "pydantic_core", "yaml", "typer", "rich", "pyseccomp", "platformdirs"}
)


# Modules in C that stand beside others of the same in Python.
COMPILED = frozenset({"markupsafe._speedups"})


class Absent:
    """Hides packages from imports."""

    def find_spec(self, name: str, path: object = None, target: object = None) -> ModuleSpec | None:
        """Refuse an absent package; leave the others to those after this one."""
        if name.partition(".")[0] in ABSENT or name in COMPILED:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)
        return None


def list_modules(packages: list[str]) -> dict[str, list[str]]:
    """The folder of each package, and the Python files of its modules that are loaded."""
    listed = {package: [str(Path(sys.modules[package].__file__ or "").parent)] for package in packages}
    for name, module in list(sys.modules.items()):
        package = name.partition(".")[0]
        file = getattr(module, "__file__", None) or ""
        if package in listed and file.endswith(".py"):
            listed[package].append(file)
    return listed


if __name__ == "__main__":
    sys.meta_path.insert(0, Absent())
    from grader.platforms.page.lazy_flint import install

    install()
    from grader.formats.html.template_engine import environment
    from grader.platforms.page.in_browser import open_page

    page = open_page(sys.stdin.read())
    page.rehearse()
    templates = [name for _, name in environment().cache or ()]
    json.dump({"modules": list_modules(sys.argv[1:]), "templates": templates}, sys.stdout)
