"""python-flint with each of its types loaded when it is first used: all forty take a browser another second."""

from __future__ import annotations

import sys
from importlib import import_module
from importlib.util import find_spec
from types import ModuleType
from typing import Any


class _Flint(ModuleType):
    """The package `flint`, whose names are looked up in its own modules."""

    def __getattr__(self, name: str) -> Any:
        module = "flint.pyflint" if name == "ctx" else f"flint.types.{name}"
        try:
            value = getattr(import_module(module), name)
        except ImportError:
            raise AttributeError(f"module 'flint' has no attribute {name!r}") from None
        setattr(self, name, value)
        return value


def install() -> None:
    """Make `from flint import …` load what it names alone. To be called before anything imports flint."""
    spec = find_spec("flint")
    assert spec is not None and spec.submodule_search_locations is not None
    package = _Flint("flint")
    package.__spec__, package.__path__ = spec, list(spec.submodule_search_locations)
    sys.modules["flint"] = package
