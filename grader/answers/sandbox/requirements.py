"""Find what is installed together: a library, and the distributions that it cannot do without."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterable, Iterator, Mapping, Sequence
from importlib import metadata
from itertools import chain, product
from pathlib import Path

from grader.core.grouping import group_pairs


def find_requirements(names: Sequence[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """List the modules that these modules need, themselves first; and the other files of their distributions.

    A module's distribution is looked up, then what that requires without extras, and so on. The other files are the
    records that `importlib.metadata` reads, and shared objects.
    """
    owners = metadata.packages_distributions()
    contents = _contents(owners)
    own = chain.from_iterable(owners.get(name, ()) for name in names)

    modules = list(names)
    files: list[str] = []
    for distribution in _with_requirements(own):
        modules += filter(_can_be_found, contents.get(distribution, ()))
        files += _files(distribution)
    return tuple(dict.fromkeys(modules)), tuple(files)


def _contents(owners: Mapping[str, Sequence[str]]) -> dict[str, list[str]]:
    """Distribution → its modules, from module → its distributions."""
    pairs = [(name, module) for module, distributions in owners.items() for name in distributions]
    return group_pairs((_normalise(name), module) for name, module in pairs)


def _with_requirements(distributions: Iterable[str]) -> list[str]:
    """These distributions, what they require, what that requires, and so on."""
    closure: dict[str, None] = {}
    waiting = [_normalise(name) for name in distributions]
    while waiting:
        name = waiting.pop()
        if name not in closure:
            closure[name] = None
            waiting += _required(name)
    return list(closure)


def _required(name: str) -> Iterator[str]:
    from packaging.requirements import InvalidRequirement, Requirement

    try:
        texts = metadata.requires(name) or []
    except metadata.PackageNotFoundError:
        return

    for text in texts:
        try:
            requirement = Requirement(text)
        except InvalidRequirement:  # old distributions have them
            continue
        if requirement.marker is None or requirement.marker.evaluate({"extra": ""}):
            yield _normalise(requirement.name)


def _files(name: str) -> list[str]:
    try:
        distribution = metadata.distribution(name)
    except metadata.PackageNotFoundError:
        return []

    folder = Path(str(distribution.locate_file("")))
    spellings = {distribution.name, distribution.name.replace("-", "_")}
    spellings |= {spelling.lower() for spelling in spellings}
    suffixes = (".libs", f"-{distribution.version}.dist-info")
    paths = [folder / f"{spelling}{suffix}" for spelling, suffix in product(spellings, suffixes)]
    return sorted(str(path) for path in paths if path.is_dir())


def _can_be_found(module: str) -> bool:
    return module.isidentifier() and module != "grader" and importlib.util.find_spec(module) is not None


def _normalise(distribution: str) -> str:
    return distribution.lower().replace("_", "-").replace(".", "-")
