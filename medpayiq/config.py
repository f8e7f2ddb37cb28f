"""Reads and checks site.yml, what an operator sets."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from medpayiq import yamlmarks
from medpayiq.findings import Failed, Findings
from medpayiq.paths import SITE_YML, shown

EXCEPTIONS = ("tip", "edit", "unit_limit", "own_text")
_REPORTS = r"https://[^\s/]+(/\S*)?|http://(127\.0\.0\.1|localhost|\[::1\])(:\d+)?(/\S*)?|(?!/)(?![a-z]+:)[^\s\\]+\.json"
"""An https address, a plain one on this machine, or a file of the project."""
_STATUSES = frozenset("ABCEIJMNPRTX")


@dataclass(frozen=True, slots=True)
class NoIndex:
    """Which code pages search engines are told not to list."""

    code_prefixes: tuple[str, ...]
    statuses: frozenset[str]
    unless: frozenset[str]

    def holds(self, code: str, status: str, has: frozenset[str]) -> bool:
        """Say whether the page of ``code`` gets ``noindex``; ``has`` names what the page has of EXCEPTIONS."""
        if code.startswith(self.code_prefixes):
            return True
        return status in self.statuses and not (self.unless & has)


@dataclass(frozen=True, slots=True)
class Config:
    """site.yml."""

    name: str
    tagline: str
    base_url: str
    contact: str
    repository: str
    descriptors: str
    ama_licence: str | None
    cpt_notice_year: str
    noindex: NoIndex
    corrections_label: str
    reports: str | None = None
    """Where published field reports are read from: a file in the project, an address, or None for nowhere."""
    take_reports: bool = True
    """Whether the function answers at this site, so that pages offer the form and ask for news."""
    keep_offline: bool = True
    """Whether browsers keep visited pages; else the site's service worker is one that takes an earlier one back."""


def read(path: Path = SITE_YML) -> Config:
    """Read site.yml.

    Raises:
        Failed: with every finding.

    """
    findings = Findings()
    config = check(path, findings)
    if config is None:
        raise Failed(findings)
    return config


def check(path: Path, findings: Findings) -> Config | None:
    """Read site.yml and report what does not fit."""
    document = yamlmarks.load(path, findings, shown_as=shown(path))
    if document is None:
        return None
    if not isinstance(document.data, dict):
        findings.error(document.file, "needs keys such as name and base_url", try_="restore the file from version control")
        return None
    reader = _Reader(document, findings)
    before = sum(1 for _ in findings.of("error"))
    noindex = document.data.get("noindex") or {}
    if not isinstance(noindex, dict):
        reader.wrong("noindex", "needs code_prefixes, statuses and unless")
        noindex = {}
    config = Config(
        name=reader.text("name"),
        tagline=reader.text("tagline"),
        base_url=reader.text("base_url", r"https?://[^\s/]+(/[^\s]*[^\s/])?", "an address such as https://medpayiq.example, without a slash at the end"),
        contact=reader.text("contact", r"(https://|mailto:)\S+", "an https:// address or mailto:someone@somewhere"),
        repository=reader.text("repository", r"https://[^\s/]+(/[^\s]*[^\s/])?", "the address of the project, such as https://github.com/medpayiq/medpayiq, without a slash at the end"),
        descriptors=reader.text("descriptors", r"own|cms", "own, or cms"),
        ama_licence=reader.text("ama_licence") if document.data.get("ama_licence") is not None else None,
        cpt_notice_year=reader.text("cpt_notice_year", r"20\d\d", 'a year in quotes, such as "2026"'),
        noindex=NoIndex(
            tuple(reader.words(noindex, "code_prefixes", None)),
            frozenset(reader.words(noindex, "statuses", _STATUSES)),
            frozenset(reader.words(noindex, "unless", frozenset(EXCEPTIONS))),
        ),
        corrections_label=reader.text("corrections_label"),
        reports=reader.text("reports", _REPORTS, "null, a file such as field/reports.json, or https://your-site/api/reports") if document.data.get("reports") is not None else None,
        take_reports=reader.choice("take_reports"),
        keep_offline=reader.choice("keep_offline"),
    )
    if config.descriptors == "cms" and not (config.ama_licence or "").strip():
        reader.wrong("descriptors", "cms shows descriptors that are the AMA's", "state in ama_licence that you hold the AMA's licence for publishing them, or write: descriptors: own")
    for key in noindex:
        if key not in NoIndex.__dataclass_fields__:
            reader.wrong("noindex", f"{key!r} is not a setting", "one of: " + ", ".join(NoIndex.__dataclass_fields__))
    known = {*Config.__dataclass_fields__}
    for key in document.data:
        if key not in known:
            reader.wrong(key, f"{key!r} is not a setting", "one of: " + ", ".join(sorted(known)))
    return None if sum(1 for _ in findings.of("error")) > before else config


class _Reader:
    """Takes values out of site.yml, or says where and why they do not fit."""

    def __init__(self, document: yamlmarks.Document, findings: Findings) -> None:
        self.document, self.findings = document, findings

    def wrong(self, key: str, message: str, try_: str = "") -> None:
        line, column = self.document.at(key)
        self.findings.error(self.document.file, f"{key}: {message}", line=line, column=column, try_=try_)

    def text(self, key: str, pattern: str = r"[^\n]+", hint: str = "a line of text") -> str:
        value: Any = self.document.data.get(key)
        if not isinstance(value, str):
            self.wrong(key, "is missing" if value is None else "must be text", f"write {key}: {hint}")
            return ""
        if not re.fullmatch(pattern, value):
            self.wrong(key, f"{value!r} does not fit", f"write {hint}")
        return value

    def choice(self, key: str) -> bool:
        value: Any = self.document.data.get(key, True)
        if not isinstance(value, bool):
            self.wrong(key, f"{value!r} does not fit", f"write {key}: true, or {key}: false")
        return value is True

    def words(self, section: dict[str, Any], key: str, allowed: frozenset[str] | None) -> list[str]:
        value = section.get(key)
        if not isinstance(value, list) or not all(isinstance(one, str) and one for one in value):
            self.wrong("noindex", f"{key} must be a list of words", f"write {key}: [A, B]")
            return []
        for one in value:
            if allowed is not None and one not in allowed:
                self.wrong("noindex", f"{key}: {one!r} is not known", "one of: " + ", ".join(sorted(allowed)))
        return value
