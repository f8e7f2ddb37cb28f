"""What the template of the data page is handed; the rules for records stand in models.py."""

from __future__ import annotations

from typing import NamedTuple

from medpayiq.pages.general_models import Table
from medpayiq.pages.models import Head, Link


class FileKind(NamedTuple):
    """Files of one kind."""

    key: str
    """Also the anchor."""
    title: str
    about: str
    path: tuple[tuple[str, str], ...]
    """Its pieces: what stands there, and what is to be filled in behind it; blank for nothing."""
    example: Link
    schema: str
    """Address."""


class DataPage(NamedTuple):
    """``/data/``."""

    head: Head
    lead: str
    kinds: tuple[FileKind, ...]
    internal: tuple[str, ...]
    """Paths of folders that may change."""
    curl: str
    python: str
    """Examples to copy, as text."""
    columns: Table
    results: Table
    notes: Table
    rows: str
    """Number of rows of the release's CSV."""
    list: str
    """Address of the list of kinds."""
    sources: tuple[Link, ...]
    """CMS's files."""
    names: str
    """Whose words the names of codes are."""
    crumbs: tuple[Link, ...]
