"""Records of the page on denials."""

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


class DenialsPage(NamedTuple):
    """What the numbers on a remittance mean."""

    head: Head
    lead: str
    unknown: str
    """What is said of a number without words; ``#`` stands for it."""
    reasons: tuple[DenialReason, ...]
    groups: tuple[Named, ...]
    ways: tuple[Named, ...]
    remarks: Sentence
    crumbs: tuple[Link, ...]
