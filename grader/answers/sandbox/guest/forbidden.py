"""Functions that a problem forbids: they raise when they are called while that problem is answered.

Imports nothing of ours.
"""

from __future__ import annotations

import functools
import importlib
import types
from collections.abc import Iterable
from typing import Any


class NotAllowedError(Exception):
    """A function that this problem forbids was called."""


class Forbidden:
    """The functions that some problem forbids, wrapped where students find them; none of them raises at first."""

    def __init__(self, names: Iterable[str]) -> None:
        self._active: frozenset[str] = frozenset()
        for name in dict.fromkeys(names):
            self._wrap(name)

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
            setattr(host, last, self._refusing(name, name, found))
            return
        for inner, value in vars(found).items():
            if callable(value) and not inner.startswith("_") and not isinstance(value, type):
                setattr(found, inner, self._refusing(name, f"{name}.{inner}", value))

    def _refusing(self, name: str, full_name: str, function: Any) -> Any:
        @functools.wraps(function)
        def refusing(*arguments: Any, **options: Any) -> Any:
            if name in self._active:
                raise NotAllowedError(f"{full_name} is not allowed in this problem")
            return function(*arguments, **options)

        return refusing
