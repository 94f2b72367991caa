"""A roster: who is in a class, and whom a name means that a file or a platform gives."""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

_NEAR = 0.75
"""How alike two names must be for one to be suggested for the other."""
_COPY = re.compile(r" ?\(\d+\)$")
"""What a browser appends to the name of a file that is there already."""
_WORD = re.compile(r"(?:[^\W_]|['’])+")
_NO_LETTERS = re.compile(r"[\W_]+")
_SHORTEST = 3
"""Shorter names are too much alike to suggest any."""
_UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "å": "aa", "ø": "oe"})


@dataclass(frozen=True, slots=True)
class Person:
    """One of a class.

    Args:
        id: the platform's or the university's number; login: the name of the account.
        name: as the roster writes it, `Ada Lovelace` or `Lovelace, Ada`.
        email: the address; section: the section or class; group: the group that submits together.
        others: further numbers and addresses, by which files may be named as well.
    """

    id: str = ""
    name: str = ""
    login: str = ""
    email: str = ""
    section: str = ""
    group: str = ""
    others: tuple[str, ...] = ()

    @property
    def title(self) -> str:
        """What people call them: the name, else what else tells them apart."""
        return self.name or self.login or self.email or self.id

    @property
    def key(self) -> str:
        """What `grades.csv` and files call them where nothing was submitted."""
        return self.login or self.id or self.title

    @property
    def label(self) -> str:
        """The name with the id or the login that tells namesakes apart."""
        key = self.login or self.id or self.email
        return f"{self.name} ({key})" if self.name and key else self.title


def label_of(person: Person | None, student: str) -> str:
    """What to call a student: as the roster does, else as the file does."""
    return person.label if person else student


@dataclass(frozen=True, slots=True)
class Roster:
    """The people of a class, in the order of the file; none if there is no roster."""

    people: tuple[Person, ...] = ()
    _index: _Index = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_index", _Index(self.people))

    def find(self, name: str, identity: str = "") -> Person | None:
        """Find the one person meant; None if nobody is, or several may be.

        Args:
            name: of a file, a folder or a platform: a name in any order of its words, a login, an address, a number.
            identity: the platform's own number or address, if it gives one. Numbers of different systems may
                collide, so a name that is somebody else's wins.
        """
        index = self._index
        # Namesakes have their number appended.
        name = name.removesuffix(f"_{identity}") if identity else name
        name = _COPY.sub("", name)
        person = index.by_key(name) or index.by_name(name)
        if person is None and identity:
            return index.by_key(identity)
        return person

    def members(self, group: str) -> tuple[Person, ...]:
        """Find the people of a group."""
        wanted = _squash(group)
        if not wanted:
            return ()
        return tuple(
            person for person in self.people if wanted in map(_squash, re.split("[,;]", person.group))
        )

    def suggest(self, name: str) -> Person | None:
        """Find the person whose name, login or address is nearest; None if none is near."""
        squashed = _squash(re.sub(r"_\d+$", "", _COPY.sub("", name)))
        if len(squashed) < _SHORTEST:
            return None
        near = difflib.get_close_matches(squashed, self._index.spellings, n=1, cutoff=_NEAR)
        return self._index.spellings[near[0]] if near else None


class _Index:
    """The people by all that names them."""

    def __init__(self, people: Iterable[Person]) -> None:
        self.keys: dict[str, list[Person]] = {}
        self.names: dict[str, list[Person]] = {}
        self.spellings: dict[str, Person] = {}
        for person in people:
            for key in filter(None, (person.id, person.login, person.email, *person.others)):
                _append(self.keys, _key(key), person)
            for spelling in _spellings(person):
                _append(self.names, spelling, person)
                self.spellings.setdefault(spelling, person)

    def by_key(self, key: str) -> Person | None:
        """The one person with this number, login or address."""
        return _only(self.keys.get(_key(key), ()))

    def by_name(self, name: str) -> Person | None:
        """The one person whose name it may be, whatever its order, accents and spaces."""
        found: dict[int, Person] = {}
        for spelling in _rotations(name):
            found.update((id(person), person) for person in self.names.get(spelling, ()))
        return _only(found.values())


def _append(index: dict[str, list[Person]], key: str, person: Person) -> None:
    people = index.setdefault(key, [])
    if person not in people:
        people.append(person)


def _only(people: Iterable[Person]) -> Person | None:
    listed = list(people)
    return listed[0] if len(listed) == 1 else None


def _key(text: str) -> str:
    return unicodedata.normalize("NFC", text).strip().casefold()


def _spellings(person: Person) -> Iterator[str]:
    """Every spelling of somebody's name, login and address that files are named by, without spaces and accents."""
    yield from _rotations(person.name)
    keys = (person.login, person.email.partition("@")[0], person.id, *person.others)
    yield from filter(None, map(_squash, keys))


def _rotations(name: str) -> Iterator[str]:
    """A name without spaces, each of its words once in front: `adalovelace`, `lovelaceada`; ä as a and as ae."""
    for form in dict.fromkeys((_key(name), _key(name).translate(_UMLAUTS))):
        words = list(filter(None, map(_squash, _WORD.findall(form))))
        for first in range(len(words)):
            yield "".join((*words[first:], *words[:first]))


def _squash(text: str) -> str:
    """Only the letters and digits, small and without accents."""
    return _NO_LETTERS.sub("", unicodedata.normalize("NFKD", text.casefold()))


NO_ROSTER = Roster()
