"""Loads content/sources.yml: which sections of federal texts tips may cite, with the hash and the figures of each."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from medpayiq import yamlmarks
from medpayiq.content.shapes import checked
from medpayiq.content.source_schema import SOURCES
from medpayiq.findings import Findings
from medpayiq.paths import CONTENT, shown

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
    place: yamlmarks.Place


@dataclass(frozen=True, slots=True)
class Text:
    """A document of which sections are cited."""

    key: str
    title: str
    revision: str
    """The one that the text names on its first page."""
    texts: tuple[str, ...]
    place: yamlmarks.Place


@dataclass(frozen=True, slots=True)
class Sources:
    """All of content/sources.yml."""

    file: str
    """As findings name it."""
    documents: dict[str, Text]
    cited: dict[tuple[str, str], Cited]

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
    document = checked(path, SOURCES, findings) if path.exists() else None
    for key, entry in document.data.items() if document else ():
        assert document is not None  # noqa: S101 - the loop is empty without one
        documents[key] = Text(key, entry["title"], entry["revision"], tuple(entry["texts"]), document.at(key))
        for number, one in entry["sections"].items():
            cited[key, number] = Cited(key, number, one.get("title", ""), one["revision"], one["hash"], tuple(filter(None, one["numbers"].split(", "))), document.at(key, "sections", number))
    return Sources(shown(path), documents, cited)
