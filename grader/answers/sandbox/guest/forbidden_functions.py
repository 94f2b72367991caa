"""Functions that a problem forbids: they raise when they are called while that problem is answered.

Imports nothing of ours but its neighbours.
"""

from __future__ import annotations

import functools
import importlib
import sys
import types
from collections.abc import Iterable
from typing import Any

import numpy as np

from .costs import core_name

_CORE = "numpy.linalg._umath_linalg"
"""What numpy.linalg computes with."""


class NotAllowedError(Exception):
    """A function that this problem forbids was called."""


class Forbidden:
    """The functions that some problem forbids, wrapped wherever a library has them; none of them raises at first.

    Where students find them they raise whoever calls; elsewhere, as in private modules, only the library may call them.
    """

    def __init__(self, names: Iterable[str]) -> None:
        self._active: frozenset[str] = frozenset()
        self._found: dict[int, tuple[str, str, Any]] = {}
        for name in dict.fromkeys(names):
            self._wrap(name)
        self._wrap_elsewhere()

    def activate(self, names: Iterable[str]) -> None:
        """Let these raise, and no others."""
        self._active = frozenset(names)

    def _wrap(self, name: str) -> None:
        host_name, _, last = name.rpartition(".")
        try:
            host = importlib.import_module(host_name)
            found = getattr(host, last)
        except (ImportError, AttributeError, ValueError):  # not here, so it cannot be called either
            return

        if not isinstance(found, types.ModuleType):
            self._wrap_in(host, last, name, name, found)
            return

        for inner, value in list(vars(found).items()):
            is_function = callable(value) and not isinstance(value, type)
            if is_function and not inner.startswith("_"):
                self._wrap_in(found, inner, name, f"{name}.{inner}", value)

    def _wrap_in(self, host: types.ModuleType, last: str, name: str, full_name: str, function: Any) -> None:
        self._found.setdefault(id(function), (name, full_name, function))
        setattr(host, last, self._refusing(name, full_name, function, False))

    def _wrap_elsewhere(self) -> None:
        """Wrap the same functions in all modules of their libraries, and keep these from being loaded again."""
        if not self._found:
            return

        libraries = frozenset(_library(name) for name, _, _ in self._found.values())
        for name, module in list(sys.modules.items()):
            if module is not None and _library(name) in libraries:
                self._wrap_copies(module)
        core = sys.modules.get(_CORE)
        if core is not None:
            self._wrap_core(core)
        importlib.reload = _without_reload(libraries, importlib.reload)

    def _wrap_copies(self, module: types.ModuleType) -> None:
        """Wrap what a module has taken from where it is wrapped."""
        for last, value in list(vars(module).items()):
            known = self._found.get(id(value))
            # Libraries ask for the types and the attributes of these, which a wrapper has not.
            if known is not None and not isinstance(value, (type, np.ufunc)):
                setattr(module, last, self._refusing(*known, True))

    def _wrap_core(self, core: types.ModuleType) -> None:
        """Wrap what the forbidden functions of numpy.linalg compute with."""
        public = {full_name: name for name, full_name, _ in self._found.values()}
        for last, value in list(vars(core).items()):
            full_name = f"numpy.linalg.{core_name(last)}"
            if callable(value) and full_name in public:
                setattr(core, last, self._refusing(public[full_name], full_name, value, True))

    def _refusing(self, name: str, full_name: str, function: Any, is_internal: bool) -> Any:
        library = _library(name)

        @functools.wraps(function)
        def refusing(*arguments: Any, **options: Any) -> Any:
            if name in self._active:
                caller = str(sys._getframe(1).f_globals.get("__name__", ""))
                if not is_internal or _library(caller) != library:
                    raise NotAllowedError(f"{full_name} is not allowed in this problem")
            return function(*arguments, **options)

        del refusing.__wrapped__  # it is what is forbidden
        return refusing


def _without_reload(libraries: frozenset[str], reload: Any) -> Any:
    """`importlib.reload`, but not of what these libraries consist of."""

    def reloading(module: Any) -> Any:
        library = _library(str(getattr(module, "__name__", "")))
        if library in libraries:
            raise NotAllowedError(f"importlib.reload of {library} is not allowed in this assignment")
        return reload(module)

    return reloading


def _library(name: str) -> str:
    """The first part of a module's or a function's name."""
    return name.partition(".")[0]
