"""Remember what was made of the same objects, for as long as somebody holds the memory."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

_MOST_TEXTS, _MOST_CHARACTERS = 1024, 1 << 24
Text = TypeVar("Text", bound=str)


class Memo:
    """Texts that a class shares, made once.

    Students who compute the same thing get the same findings, as one object: finding out that two objects are equal
    would cost as much as writing them anew, so objects are told apart by identity.
    """

    def __init__(self) -> None:
        self._kept: dict[tuple[object, ...], tuple[object, str]] = {}
        self._size = 0

    def once(self, make: Callable[[], Text], *key: object) -> Text:
        """Make a text, or return the one that was made for the same key.

        Args:
            key: everything that the text depends on; words and whole numbers are compared, other objects must be the
                same. The first says what kind of text it is.
        """
        by_identity = tuple([part if isinstance(part, str | int) else (id(part),) for part in key])
        kept = self._kept.get(by_identity)
        if kept is None:
            kept = (key, make())  # the objects are held, so that no other gets their number
            self._keep(by_identity, kept)
        return kept[1]  # type: ignore[return-value] # the key says what kind of text it is

    def _keep(self, by_identity: tuple[object, ...], kept: tuple[object, str]) -> None:
        self._size += len(kept[1])
        if len(self._kept) >= _MOST_TEXTS or self._size > _MOST_CHARACTERS:
            self._kept.clear()
            self._size = len(kept[1])
        self._kept[by_identity] = kept
