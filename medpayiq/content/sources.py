"""Loads content/sources.yml: which sections of federal texts tips may cite, with the hash and the figures of each."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from medpayiq import yamlmarks
from medpayiq.content.remembering import Read
from medpayiq.content.shapes import checked
from medpayiq.content.source_schema import SOURCES
from medpayiq.findings import Findings
from medpayiq.paths import CONTENT, SOURCES_READ, shown

FILE = CONTENT / "sources.yml"


@dataclass(frozen=True, slots=True)
class Cited:
    """A section as it was when its text was last read."""

    document: str
    number: str
    title: str
    """The heading; empty where it names codes."""
    revision: str
    """The section's own revision; empty where the text names none."""
    hash: str
    numbers: tuple[str, ...]
    """Figures of the section, as :func:`medpayiq.content.numbers.entries` writes them."""


@dataclass(frozen=True, slots=True)
class Text:
    """A document of which sections are cited."""

    key: str
    title: str
    revision: str
    """The one that the text names on its first page."""
    texts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Sources:
    """All of content/sources.yml."""

    file: str
    """As findings name it."""
    documents: dict[str, Text]
    cited: dict[tuple[str, str], Cited]
    read: yamlmarks.Document | None = field(default=None, repr=False)
    """The file, which says where an entry stands; None where there is none."""

    def place(self, document: str, number: str | None = None) -> yamlmarks.Place:
        """Return line and column of a document's entry, or of one of its sections."""
        path = (document,) if number is None else (document, "sections", number)
        return self.read.at(*path) if self.read else (0, 0)

    def document(self, key: str) -> Text | None:
        """Return a document by its name in rules/documents.yml."""
        return self.documents.get(key)

    def section(self, document: str, number: str) -> Cited | None:
        """Return a cited section, or None when content/sources.yml does not hold it."""
        return self.cited.get((document, number))


def load(findings: Findings, path: Path = FILE) -> Sources:
    """Load content/sources.yml; a faulty file becomes errors and counts as empty, a missing one is empty."""
    documents: dict[str, Text] = {}
    cited: dict[tuple[str, str], Cited] = {}
    read = Read(SOURCES_READ if path == FILE else None)
    document = checked(path, SOURCES, findings, read=read) if path.exists() else None
    for key, entry in document.data.items() if document else ():
        documents[key] = Text(key, entry["title"], entry["revision"], tuple(entry["texts"]))
        for number, one in entry["sections"].items():
            cited[key, number] = Cited(key, number, one.get("title", ""), one["revision"], one["hash"], tuple(filter(None, one["numbers"].split(", "))))
    read.save()
    return Sources(shown(path), documents, cited, document)
