"""What is installed together: a library, and the distributions that it cannot do without."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator, Mapping, Sequence
from importlib import metadata
from pathlib import Path


def find_requirements(names: Sequence[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Modules that these modules need, themselves first; and the other files of their distributions.

    A module's distribution is looked up, then what that requires without extras, and so on. The other files are the
    records that `importlib.metadata` reads, and shared objects.
    """
    owners = metadata.packages_distributions()
    modules: dict[str, list[str]] = {}
    for module, distributions in owners.items():
        for distribution in distributions:
            modules.setdefault(_normalise(distribution), []).append(module)
    found: dict[str, None] = dict.fromkeys(names)
    files: list[str] = []
    for distribution in _closure([owner for name in names for owner in owners.get(name, ())]):
        found.update(dict.fromkeys(name for name in modules.get(distribution, ()) if _can_be_found(name)))
        files += _files(distribution)
    return tuple(found), tuple(files)


def _closure(start: Sequence[str]) -> list[str]:
    seen: dict[str, None] = {}
    left = [_normalise(name) for name in start]
    while left:
        name = left.pop()
        if name not in seen:
            seen[name] = None
            left += _required(name)
    return list(seen)


def _required(name: str) -> Iterator[str]:
    from packaging.requirements import InvalidRequirement, Requirement

    try:
        texts = metadata.requires(name) or []
    except metadata.PackageNotFoundError:
        return
    environment: Mapping[str, str] = {"extra": ""}
    for text in texts:
        try:
            requirement = Requirement(text)
        except InvalidRequirement:  # old distributions have them
            continue
        if requirement.marker is None or requirement.marker.evaluate(dict(environment)):
            yield _normalise(requirement.name)


def _files(name: str) -> list[str]:
    try:
        distribution = metadata.distribution(name)
    except metadata.PackageNotFoundError:
        return []
    folder = Path(str(distribution.locate_file("")))
    said = distribution.name
    spellings = {said, said.lower(), said.replace("-", "_"), said.lower().replace("-", "_")}
    shared = [folder / f"{spelling}.libs" for spelling in spellings]
    records = [folder / f"{spelling}-{distribution.version}.dist-info" for spelling in spellings]
    return sorted(str(path) for path in (*shared, *records) if path.is_dir())


def _can_be_found(module: str) -> bool:
    return module.isidentifier() and module != "grader" and importlib.util.find_spec(module) is not None


def _normalise(distribution: str) -> str:
    return distribution.lower().replace("_", "-").replace(".", "-")
