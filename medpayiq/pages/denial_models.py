"""Records of the pages on denials."""

from __future__ import annotations

from typing import NamedTuple

from medpayiq.pages.models import Head, Link, Source


class Sentence(NamedTuple):
    """A few sentences, and where they are written; without sources it is practice."""

    say: str
    sources: tuple[Source, ...]


class Named(NamedTuple):
    """Sentences under a name: the letters before a number, or a way to go."""

    name: str
    sentence: Sentence


class DenialReason(NamedTuple):
    """A number on a remittance, and what to do about it."""

    number: str
    title: str
    means: Sentence
    first: tuple[Sentence, ...]
    here: tuple[Link, ...]
    modifiers: tuple[Link, ...]
    then: tuple[Sentence, ...]


class DenialPage(NamedTuple):
    """A number of a remittance, with whatever letters stand before it."""

    head: Head
    reason: DenialReason
    letters: tuple[Named, ...]
    """The number behind each pair of letters, and who bears the amount then."""
    remarks: Sentence
    ways: tuple[Named, ...]
    crumbs: tuple[Link, ...]


class DenialsPage(NamedTuple):
    """The way to each number."""

    head: Head
    lead: str
    unknown: str
    """What is said of a number without words; ``#`` stands for it."""
    reasons: tuple[tuple[str, str, str], ...]
    """Number, title and address of each."""
    groups: tuple[Named, ...]
    ways: tuple[Named, ...]
    remarks: Sentence
    crumbs: tuple[Link, ...]
