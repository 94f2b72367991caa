"""Stand-ins for libraries that show something: a submission is asked for numbers, and nobody looks at its plots.

They accept everything and do nothing, so that a cell that draws before it defines is read to its end. What belongs to a
notebook is there; a library for plots is missed, and its name stands for nothing. Imports nothing.
"""

from __future__ import annotations

import importlib.machinery
import sys
import types
from collections.abc import Iterable, Iterator
from typing import Any

_OF_NOTEBOOKS = ("IPython", "ipywidgets", "google", "tqdm")
PLOTS = frozenset({"matplotlib", "mpl_toolkits", "pylab", "seaborn", "plotly", "bokeh", "altair"})
_SEVERAL = {"subplots": 2, "hist": 3, "plot": 1, "semilogy": 1, "semilogx": 1, "loglog": 1}
"""Functions whose result is taken apart, and into how many."""


def stand_in_for_drawing() -> None:
    """Let what belongs to a notebook be imported where it is not here."""
    absent = frozenset(name for name in _OF_NOTEBOOKS if name not in sys.modules)
    sys.meta_path.insert(0, _Finder(absent))


class Silent:
    """Stands for anything that shows something."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        several = _SEVERAL.get(name)
        if several is not None:
            return lambda *args, **kwargs: [Silent() for _ in range(several)]
        return Silent()

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Do nothing; a function that is decorated stays itself."""
        if len(args) == 1 and not kwargs and isinstance(args[0], types.FunctionType):
            return args[0]
        return Silent()

    def __iter__(self) -> Iterator[Any]:
        return iter(())

    def __getitem__(self, key: Any) -> Silent:
        return Silent()

    def __setitem__(self, key: Any, value: Any) -> None:
        pass

    def __enter__(self) -> Silent:
        return self

    def __exit__(self, *error: Any) -> None:
        pass

    def __mro_entries__(self, bases: Any) -> tuple[type, ...]:
        return ()

    def __repr__(self) -> str:
        return ""


class _Module(types.ModuleType):
    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        if self.__name__.startswith("tqdm"):
            return _range if name in ("trange", "tnrange") else _iterate
        return getattr(Silent(), name)


class _Finder:
    """Finds the libraries that are not here, and whatever is in them."""

    def __init__(self, absent: frozenset[str]) -> None:
        self._absent = absent

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> Any:
        if name.partition(".")[0] not in self._absent:
            return None
        return importlib.machinery.ModuleSpec(name, self, is_package=True)  # type: ignore[arg-type]

    def create_module(self, spec: Any) -> types.ModuleType:
        return _Module(spec.name)

    def exec_module(self, module: types.ModuleType) -> None:
        pass


def _iterate(items: Iterable[Any] = (), *args: Any, **kwargs: Any) -> Iterable[Any]:
    """A loop without its progress bar."""
    return items


def _range(*args: int, **kwargs: Any) -> range:
    return range(*args)
