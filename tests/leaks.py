"""Texts that must not be printed, found in pieces of text and in JSON."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from itertools import pairwise
from typing import Any

_WORD = re.compile(r"[a-z0-9]+")


def strings(data: Any) -> list[str]:
    """Return every text in a JSON value, names of fields among them."""
    if isinstance(data, str):
        return [data]
    if isinstance(data, dict):
        return [text for key, value in data.items() for text in (key, *strings(value))]
    return [text for one in data for text in strings(one)] if isinstance(data, list) else []


class Texts:
    """Texts that must not be printed, found word by word; the same text of a Level II code, whole, is CMS's own."""

    def __init__(self, forbidden: Iterable[str], allowed: Iterable[str]) -> None:
        self._by_start: dict[tuple[str, ...], list[tuple[str, ...]]] = defaultdict(list)
        for words in {self.words(text) for text in forbidden}:
            self._by_start[words[:2]].append(words)
        self._allowed: dict[tuple[str, ...], list[tuple[str, ...]]] = defaultdict(list)
        for words in {self.words(text) for text in allowed}:
            for part in self._in(words):
                self._allowed[part].append(words)
        self._clean: set[str] = set()

    @staticmethod
    def words(text: str) -> tuple[str, ...]:
        """Return the words of a text, small and without signs."""
        return tuple(_WORD.findall(text.lower()))

    def _in(self, words: tuple[str, ...]) -> list[tuple[str, ...]]:
        starts = pairwise(words)
        return [one for at, start in enumerate(starts) for one in self._by_start.get(start, ()) if words[at : at + len(one)] == one]

    def found(self, text: str) -> list[str]:
        """Return the forbidden texts in a piece of text, unless it holds a Level II text of which they are a part."""
        if text in self._clean:
            return []
        words = self.words(text)
        found = [" ".join(one) for one in self._in(words) if not any(_holds(words, whole) for whole in self._allowed[one])]
        if not found:
            self._clean.add(text)
        return found


def _holds(words: tuple[str, ...], part: tuple[str, ...]) -> bool:
    return any(words[at : at + len(part)] == part for at in range(len(words) - len(part) + 1))


def leaks_of_twin(data: Any, texts: Texts) -> list[str]:
    """Return the forbidden texts in a JSON file."""
    return [f"{leak!r} in {text!r}" for text in strings(data) for leak in texts.found(text)]
