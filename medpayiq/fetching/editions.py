"""Finds the edits, unit limits and add-on codes that go with a release; each is a file, or several, with a quarter of its own."""

from __future__ import annotations

from collections.abc import Iterator

from medpayiq.cms.manifest import Entry, Manifest
from medpayiq.findings import Findings

KINDS = {
    "ptp": "pages and the claim desk have no bundling edits",
    "mue": "pages and the claim desk have no unit limits",
    "aoc": "pages and the claim desk do not know which codes are add-ons to which",
}
"""What the site lacks without it."""


def parts(entry: Entry, known: Manifest) -> tuple[Entry, ...]:
    """Return an entry with the other parts of the same edit set: ``PTP26Q3-F1`` to ``-F4``."""
    stem, mark, _ = entry.name.rpartition("-F")
    return tuple(one for one in known.of_kind(entry.kind) if one.name.rpartition("-F")[0] == stem) if mark else (entry,)


def of_release(release: Entry, known: Manifest, findings: Findings) -> Iterator[Entry]:
    """Yield what goes with a release: of each kind the edition in force on its last day, never a later one.

    A manifest without any entry of a kind is one that leaves it out on purpose.
    """
    for kind, lack in KINDS.items():
        begun = [one for one in known.of_kind(kind) if one.replaced_by is None and one.effective_from <= release.effective_to]
        if begun:
            edition = begun[-1]
            if edition.effective_to < release.effective_from:
                findings.warning(release.name, f"goes with {edition.name.rpartition('-F')[0] or edition.name}, which is of an earlier quarter: the manifest has no {kind} entry of its own", try_=".venv/bin/python build.py fetch --discover --add")
            yield from parts(edition, known)
        elif known.of_kind(kind):
            findings.warning(release.name, f"the manifest has no {kind} entry of its quarter or before: {lack}")
