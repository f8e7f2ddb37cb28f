"""Loads ``content/tips/``: one tip a file, checked for its shape, with the place of every value kept for the linter."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from functools import cached_property
from operator import attrgetter
from pathlib import Path
from typing import Any

from medpayiq import yamlmarks
from medpayiq.content.remembering import Read
from medpayiq.content.shapes import checked
from medpayiq.content.tip_schema import TIP
from medpayiq.findings import Findings
from medpayiq.paths import CONTENT, shown

TEXTS = ("title", "do", "impact")
"""What a visitor reads; placeholders may stand in them."""


@dataclass(frozen=True, slots=True)
class TipSource:
    """A section of a federal text that a tip rests on."""

    document: str
    """A name of rules/documents.yml."""
    section: str
    revision: str
    hash: str
    """Of the section's text when the tip was verified; empty where nobody has filled it in yet."""


@dataclass(frozen=True)
class Tip:
    """A billing tip as its author wrote it."""

    id: str
    title: str
    do: str
    impact: str
    kind: str
    evidence: str
    where: dict[str, Any]
    expects: tuple[int, int]
    sources: tuple[TipSource, ...]
    author: str
    checked_by: str | None
    verified_on: str
    verified_for: str
    review_by: str
    effective_from: str | None
    effective_to: str | None
    watch: tuple[str, ...]
    allow: dict[str, str]
    """Rule of the linter to the reason why it is wrong about this tip."""
    document: yamlmarks.Document = field(repr=False, compare=False)

    @cached_property
    def digest(self) -> str:
        """Digest of all that a page may show of the tip."""
        return hashlib.sha256(repr(self.document.data).encode()).hexdigest()

    def texts(self) -> tuple[tuple[str, str], ...]:
        """Return what a visitor reads, by its key."""
        return tuple((name, getattr(self, name)) for name in TEXTS)


def load(findings: Findings, folder: Path = CONTENT / "tips", read: Read | None = None) -> tuple[Tip, ...]:
    """Load every tip, in order of id; a faulty file becomes errors and is left out. ``read`` remembers what did not change."""
    made: list[Tip] = []
    place = shown(folder)
    for path in sorted(folder.glob("*"), key=attrgetter("name")):
        if path.suffix != ".yml":
            findings.error(shown(path), "is not a .yml file", try_="name it <id>.yml, or move it out of content/tips", rule="file-name")
            continue
        document = checked(path, TIP, findings, shown_as=f"{place}/{path.name}", read=read)
        if document is not None:
            made.append(from_document(document))
    return tuple(made)


def from_document(document: yamlmarks.Document) -> Tip:
    """Return the tip of a file whose shape is sound."""
    data = document.data
    low, high = data["expects"]
    return Tip(
        **{name: data[name] for name in ("id", "title", "do", "impact", "kind", "evidence", "where", "author", "checked_by", "review_by")},
        expects=(int(low), int(high)),
        sources=tuple(TipSource(one["document"], one["section"], one["revision"], one.get("hash") or "") for one in data["sources"]),
        verified_on=data["verified"]["day"],
        verified_for=data["verified"]["release"],
        effective_from=data["effective"]["from"],
        effective_to=data["effective"]["to"],
        watch=tuple(data["watch"]),
        allow={one["rule"]: one["why"] for one in data.get("allow", ())},
        document=document,
    )
