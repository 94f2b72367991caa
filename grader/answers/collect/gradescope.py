"""What Gradescope lets one download: `submission_<id>/<file>` and `submission_metadata.yml`, which names the people."""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterator, Sequence
from typing import Any

import yaml

from grader.answers.collect.archives import ArchiveEntry
from grader.answers.collect.student_files import (
    Collected,
    Listing,
    StudentFile,
    WithoutFile,
    are_mostly_named,
    find_misfits,
    group_by_folder,
)
from grader.answers.collect.timestamps import read_time
from grader.core.student_names import refuse_name

_METADATA = "submission_metadata.yml"
_MOST_BITS = 1000  # of a number: there are longer ones than Python writes
FOLDER = re.compile(r"submission_(\d+)")


def is_used(entries: Sequence[ArchiveEntry]) -> bool:
    """Whether these are from Gradescope."""
    inside = [entry for entry in entries if not entry.is_top_file and entry.parts[0] != _METADATA]
    return are_mostly_named(inside, FOLDER)


def find_files(listing: Listing) -> Collected:
    """Find the file of each who submitted, in groups as well; and say which names are not known."""
    metadata = _load(listing)
    people = {folder: list(_submitters(entry)) for folder, entry in metadata.items()}
    folders = group_by_folder(listing.entries, FOLDER)

    files = []
    for folder, entries in folders.items():
        chosen = listing.choose(entries, (folder,))
        submitted = _read_time(metadata.get(folder, {}))
        attempt = int(folder.rpartition("_")[2])
        for name, identity in people.get(folder) or [(folder, "")]:
            student = folder if refuse_name(name) else name
            files.append(StudentFile(student, chosen, identity, attempt, submitted, source=_METADATA))

    without_file = []
    for folder, submitters in people.items():
        if folder in folders:
            continue
        for name, identity in submitters:
            without_file.append(WithoutFile(name, "a submission without files", identity))

    unnamed = [folder for folder in folders if not people.get(folder)]
    return Collected(
        files,
        left_out=_say_unnamed(unnamed, listing),
        misfits=find_misfits(listing, FOLDER, "Gradescope"),
        without_file=without_file,
    )


def _say_unnamed(folders: Sequence[str], listing: Listing) -> list[str]:
    if not folders:
        return []

    some = folders[0] if len(folders) == 1 else f"{folders[0]} and {len(folders) - 1} more"
    return [f"{listing.base / _METADATA}: it does not name {some}, so the folder's name is used"]


def read_metadata(data: bytes) -> dict[str, list[tuple[str, str]]]:
    """Read Gradescope's metadata: folder → name and number (or address) of each who submitted it.

    It is YAML as Ruby writes it, `submission_1: {":submitters": [{":name": …, ":sid": …, ":email": …}]}`.
    """
    return {folder: list(_submitters(entry)) for folder, entry in _parse(data).items()}


def _parse(data: bytes) -> dict[str, Any]:
    try:
        entries = yaml.load(data, _RubyLoader)
    except Exception:  # of all kinds: PyYAML takes `!!timestamp x` for a time and stumbles
        return {}
    if not isinstance(entries, dict):
        return {}
    return {folder: entry for folder, entry in entries.items() if isinstance(folder, str)}


def _load(listing: Listing) -> dict[str, Any]:
    for entry in listing.entries:
        if entry.parts == (_METADATA,) and not entry.is_folder:
            data = listing.read(entry)
            return _parse(data) if isinstance(data, bytes) else {}
    return {}


def _submitters(entry: Any) -> Iterator[tuple[str, str]]:
    people = _get(entry, ":submitters")
    if not isinstance(people, list):
        return

    for person in people:
        identity = _text(_get(person, ":sid")) or _text(_get(person, ":email"))
        name = _text(_get(person, ":name")) or identity
        if name:
            yield name, identity


def _get(value: Any, key: str) -> Any:
    """What a mapping has under a key; None for anything else."""
    return value.get(key) if isinstance(value, dict) else None


def _read_time(entry: Any) -> str:
    """When a submission was made, in ISO 8601; Ruby writes the time itself, or an object that holds it in UTC."""
    made = _get(entry, ":created_at")
    if isinstance(made, dict):
        made = made.get("utc", made.get("time"))

    if isinstance(made, str):
        return read_time(made)
    if not isinstance(made, datetime.datetime):
        return ""
    if made.tzinfo is None:
        made = made.replace(tzinfo=datetime.UTC)
    return made.isoformat()


class _RubyLoader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
    """Plain values only; objects of Ruby's are None, unless they are times."""


def _construct(loader: Any, suffix: str, node: yaml.Node) -> Any:
    """A mapping of an object of Ruby's that is a time; None for all others."""
    if "Time" in suffix and isinstance(node, yaml.MappingNode):
        return loader.construct_mapping(node)
    return None


_RubyLoader.add_multi_constructor("!", _construct)


def _text(value: Any) -> str:
    if isinstance(value, str):
        return " ".join(value.split())[:200]

    is_number = isinstance(value, int) and value.bit_length() < _MOST_BITS
    return str(value) if is_number else ""
