"""What the templates of changes are handed; the rules for records stand in models.py."""

from __future__ import annotations

from typing import NamedTuple

from medpayiq.changes.sections import Column
from medpayiq.pages.models import Head, Link


class ChangeLog(NamedTuple):
    """What changed on one code with the release shown, beside what its history says."""

    label: str
    """``Also changed from RVU26B to RVU26C``."""
    lines: tuple[str, ...]
    url: str
    """Page of all changes of the release."""


class Step(NamedTuple):
    """A release that is compared with the one before it."""

    label: str
    """``RVU26B to RVU26C``."""
    url: str
    when: str
    """Its days in words."""
    lines: tuple[str, ...]


class ChangesPage(NamedTuple):
    """``/changes/``: the releases compared, newest first, and the feeds."""

    head: Head
    intro: str
    steps: tuple[Step, ...]
    feeds: tuple[Link, ...]
    families: tuple[Link, ...]
    """Feeds of families whose codes changed with the release shown."""
    others: tuple[Link, ...]
    """Feeds of all other families."""
    crumbs: tuple[Link, ...]


class Cell(NamedTuple):
    """A cell; a code leads to its page where it has one."""

    text: str
    url: str | None
    numeric: bool


class ChangeList(NamedTuple):
    """One kind of change."""

    id: str
    title: str
    number: str
    note: str
    file: str
    """Address of the whole list as CSV."""
    size: str
    """Number of its rows, for a script."""
    head: tuple[Column, ...]
    """Empty for what is given as a file alone."""
    rows: tuple[tuple[Cell, ...], ...]
    more: str | None
    """Said where the page has the first rows alone."""


class MoverBar(NamedTuple):
    """One bar of the picture; places are in units of the picture, as text."""

    y: str
    text_y: str
    code: str
    x: str
    width: str
    css: str
    """``up`` or ``down``."""
    label: str
    label_x: str
    label_css: str


class MoverPicture(NamedTuple):
    """The biggest movers as bars to both sides of a line."""

    title: str
    box: str
    """``0 0 320 180``."""
    middle: str
    bottom: str
    bars: tuple[MoverBar, ...]


class FlaggedTip(NamedTuple):
    """A tip that an editor must look at again."""

    id: str
    verified_for: str
    fields: str
    codes: tuple[Link, ...]
    """The first of them."""
    more: str | None


class ReleaseChangesPage(NamedTuple):
    """``/changes/<release>/``: what changed against the release before."""

    head: Head
    title: str
    intro: str
    summary: tuple[str, ...]
    not_compared: tuple[str, ...]
    picture: MoverPicture | None
    tips: tuple[FlaggedTip, ...]
    tips_file: str | None
    lists: tuple[ChangeList, ...]
    linked: bool
    """Every code of the lists has a page."""
    new_codes: tuple[Link, ...]
    """Of an older release, which is only counted: its new codes and those that went."""
    deleted_codes: tuple[Link, ...]
    counted: bool
    """Changes are counted alone, since the release is an older one."""
    older: Link | None
    newer: Link | None
    crumbs: tuple[Link, ...]
