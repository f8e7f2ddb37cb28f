"""Holds a text for each of many codes in one: processes of a build share that one, where each would copy thousands of small ones by looking at them."""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Mapping
from itertools import compress


class Texts(Mapping[str, str]):
    """Texts by code, none of them blank."""

    def __init__(self, texts: Mapping[str, str], places: dict[str, int]) -> None:
        """Take the texts; ``places`` numbers codes, for several of these at once: codes that are new to it are added."""
        for code in texts:
            places.setdefault(code, len(places))
        self._places, self._number, self._all = places, len(texts), "".join(texts.values())
        self._starts, self._ends = (array("I", bytes(array("I").itemsize * len(places))) for _ in range(2))
        end = 0
        for code, text in texts.items():
            at, start, end = places[code], end, end + len(text)
            self._starts[at], self._ends[at] = start, end

    def __getitem__(self, code: str) -> str:
        """Return the text of a code; KeyError where there is none."""
        at = self._places[code]
        text = self._all[self._starts[at] : self._ends[at]] if at < len(self._ends) else ""  # others may have more codes
        if not text:
            raise KeyError(code)
        return text

    def __iter__(self) -> Iterator[str]:
        """Yield the codes that have a text."""
        return compress(self._places, self._ends)

    def __len__(self) -> int:
        """Return how many codes have one."""
        return self._number
