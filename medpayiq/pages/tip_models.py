"""Records of the billing tips of a page."""

from __future__ import annotations

from typing import NamedTuple

from markupsafe import Markup

from medpayiq.pages.models import Piece, Source


class TipHead(NamedTuple):
    """What a tip is about; the same wherever it stands."""

    id: str
    kind: str
    """``Modifier``."""


class TipFoot(NamedTuple):
    """What a tip rests on; the same wherever it stands."""

    basis: str
    """``Rule``, ``From CMS's files`` or ``Practice``, and what that means."""
    sources: tuple[Source, ...]
    verified: str
    """Who verified it, when and for which release."""
    due: str | None
    """Said when its review date is past."""
    edit_url: str


class TipOnPage(NamedTuple):
    """A tip with the figures of the page's code."""

    head: Piece
    """A `TipHead`."""
    title: str
    do: Markup
    impact: Markup
    foot: Piece
    """A `TipFoot`."""
    report_url: str
    """Where an error in it is reported, with code and release filled in."""
    again: str | None
    """Said when a fact that it watches has changed on this code since it was verified."""


class TipList(NamedTuple):
    """All tips of a page."""

    first: tuple[TipOnPage, ...]
    """Those nearest to the code, in the open."""
    more: tuple[TipOnPage, ...]
    """The others, folded."""
    more_label: str
    """``8 more tips``."""
    none: str | None
    """Said where there is none."""
    add_url: str
    """Where one is proposed for the code."""
