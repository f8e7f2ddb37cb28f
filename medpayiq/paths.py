"""Where things lie in the project (design, section 3)."""

from __future__ import annotations

from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
CMS_DATA = ROOT / "cms_data"
SNAPSHOTS = CMS_DATA / "snapshots"
DESCRIPTORS = CMS_DATA / "descriptors"
SAMPLE = CMS_DATA / "sample"
SAMPLE_CHOICE = CMS_DATA / "sample.yml"
MANIFEST = CMS_DATA / "manifest.yml"
PROOF = CMS_DATA / "proof.json"
CONTENT = ROOT / "content"
RULES = ROOT / "rules"
TEMPLATES = ROOT / "templates"
ASSETS = ROOT / "assets"
SCHEMA = ROOT / "schema"
SITE_YML = ROOT / "site.yml"
SITE = ROOT / "site"
REPORTS = ROOT / ".build" / "reports"
"""The last good copy of the field reports that an address gave (medpayiq/field/taking.py)."""
EDIT_TOTALS = ROOT / ".build" / "edit-totals"
"""Begins the names of files that hold how many edits each code of a release has (medpayiq/edit_totals.py)."""
CONTENT_READ = ROOT / ".build" / "content.json"
"""What the files of content/ held when they were last read (medpayiq/content/remembering.py)."""
SOURCES_READ = ROOT / ".build" / "sources.json"
"""The same of content/sources.yml."""
CHOSEN = ROOT / ".build" / "chosen"
"""Begins the names of files that hold on which codes of a release each tip stands (medpayiq/content/choosing.py)."""
COMPILED = ROOT / ".build" / "templates"
"""Holds compiled templates (medpayiq/compiled.py)."""
LINTED = ROOT / ".build" / "linted.json"
"""Which tips the last build found nothing about (medpayiq/lint/remembering.py)."""


def shown(path: Path) -> str:
    """Return a path as messages name it: relative to the project where it lies inside."""
    try:
        return path.resolve().relative_to(ROOT).as_posix()
    except ValueError:
        return path.as_posix()
