"""Reads, checks and writes cms_data/manifest.yml: every release of CMS's that is known, its address, days and digest."""

from __future__ import annotations

import datetime
import ipaddress
import re
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import unquote, urlsplit

import yaml

from medpayiq import yamlmarks
from medpayiq.cms import releases
from medpayiq.findings import Failed, Findings

KINDS = ("rvu", "amounts", "ptp", "mue", "aoc", "zip5", "rbcs")
HEADER = """\
# Every release of CMS's that is known. `build.py fetch` reads this file, and writes it: what it has seen of a file,
# and with `fetch --discover --add` a release that is new. Other comments than this one are not kept; put remarks into `note`.
#
# base            where CMS keeps its zips; new names are tried below it
# name            RVU26C; a correction within its quarter is RVU26CR, a second one RVU26CR2. PFREV26C payment amounts,
#                 PTP26Q3-F1 to -F4 and MUE26Q3 NCCI edits, AOC26Q3 add-on codes, ZIP5-2026-05-13 ZIP codes by the date in
#                 CMS's name, RBCS-RY2023 categories by their year
# kind            rvu, amounts, ptp, mue, aoc, zip5 or rbcs
# url             where it is; left out where the address is not known: such a file is put into cms_data/downloads by hand
# file            what it is called there, where that does not follow from the address
# effective_from, effective_to   days of service for which it answers. For a day one rvu entry answers, or none
# replaced_by     the release that took all of its days; this one answers for none
# sha256, size, modified   the file as first seen: digest, bytes, CMS's date. Another file at the same address is refused
#                 until `build.py fetch NAME --take-changed`
# earlier         digests and sizes that were seen at this address before
# note            a remark
"""
_FIELDS = ("name", "kind", "url", "file", "effective_from", "effective_to", "replaced_by", "sha256", "size", "modified", "earlier", "note")
_NAME = re.compile(r"[A-Z0-9][A-Z0-9-]{2,39}\Z")
_FILE = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]{0,149}\Z")
_SHA256 = re.compile(r"[0-9a-f]{64}\Z")
_MODIFIED = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z\Z")
_SIZE = re.compile(r"[1-9][0-9]{0,14}\Z")


class Seen(NamedTuple):
    """A file as it was seen once."""

    sha256: str
    size: int | None


@dataclass(frozen=True, slots=True)
class Entry:
    """A release of CMS's: one file to download, and the days for which it answers (ISO dates, both included)."""

    name: str
    kind: str
    url: str | None
    effective_from: str
    effective_to: str
    file: str | None = None
    replaced_by: str | None = None
    sha256: str | None = None
    size: int | None = None
    modified: str | None = None
    """CMS's Last-Modified, ``2026-05-01T12:00:00Z``."""
    earlier: tuple[Seen, ...] = ()
    note: str = ""

    def holds(self, day: str) -> bool:
        """Say whether it answers for a day of service (ISO date)."""
        return self.replaced_by is None and self.effective_from <= day <= self.effective_to


@dataclass(frozen=True, slots=True)
class Manifest:
    """Everything the file holds."""

    base: str
    entries: tuple[Entry, ...]

    def named(self, name: str) -> Entry | None:
        """Return the entry of this name, in any case."""
        return next((one for one in self.entries if one.name == name.upper()), None)

    def days_of(self, name: str) -> tuple[str, str] | None:
        """Return the first and last day for which an entry answers (ISO dates); None for an unknown one, or one that answers for no day."""
        one = self.named(name)
        return None if one is None or one.replaced_by is not None else (one.effective_from, one.effective_to)

    def of_kind(self, kind: str) -> tuple[Entry, ...]:
        """Return the entries of a kind, oldest first."""
        return tuple(sorted((one for one in self.entries if one.kind == kind), key=lambda one: (one.effective_from, one.name)))

    def release_for(self, day: str) -> Entry | None:
        """Return the relative values that answer for a day of service (ISO date), or None."""
        return next((one for one in self.entries if one.kind == "rvu" and one.holds(day)), None)

    def latest(self, kind: str) -> Entry | None:
        """Return the newest entry of a kind that was not replaced."""
        return next((one for one in reversed(self.of_kind(kind)) if one.replaced_by is None), None)

    def edition_at(self, kind: str, day: str) -> Entry | None:
        """Return the newest entry of a kind that began by ``day``, where none had, the oldest; one without an address if no other is there."""
        standing = [one for one in self.of_kind(kind) if one.replaced_by is None]
        known = [one for one in standing if one.url] or standing
        begun = [one for one in known if one.effective_from <= day]
        return begun[-1] if begun else next(iter(known), None)

    def file_name(self, entry: Entry) -> str:
        """Return what an entry's file is called in cms_data/downloads; CMS's names may hold slashes, ours do not."""
        if entry.file:
            return entry.file
        if entry.url is None:
            return entry.name.lower()
        rest = entry.url.removeprefix(self.base) if entry.url.startswith(self.base) else urlsplit(entry.url).path.rsplit("/", 1)[-1]
        made = re.sub(r"[^A-Za-z0-9._-]+", "-", unquote(rest.partition("?")[0])).lstrip(".-")[-150:].lstrip(".-")
        return made or entry.name.lower()

    def having(self, *changed: Entry) -> Manifest:
        """Return the manifest with entries added, or put in the place of those with the same name."""
        names = {one.name for one in changed}
        return replace(self, entries=_ordered([*(one for one in self.entries if one.name not in names), *changed]))


def read(path: Path, findings: Findings, *, shown_as: str | None = None) -> Manifest | None:
    """Read and check the manifest; every fault becomes an error with its line, and None is returned."""
    document = yamlmarks.load(path, findings, shown_as=shown_as)
    if document is None:
        return None
    checker = _Checker(document, findings)
    before = findings.count("error")
    found = checker.manifest()
    return None if found is None or findings.count("error") > before else found


def write(path: Path, manifest: Manifest) -> None:
    """Write the manifest in its one form, whole or not at all.

    Raises:
        Failed: it cannot be written; the old one stays.

    """
    text = HEADER + yaml.safe_dump({"base": manifest.base, "releases": [_plain(one) for one in _ordered(manifest.entries)]}, sort_keys=False, allow_unicode=True, width=10_000)
    part = path.with_name(f".{path.name}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            part.write_text(text, encoding="utf-8")
            part.replace(path)
        finally:
            part.unlink(missing_ok=True)
    except OSError as problem:
        raise Failed(f"{path}: error: cannot be written: {problem.strerror or problem}\n  try: make room or look at the rights, then the same command again", exit_code=2) from None


def allowed(url: str) -> bool:
    """Say whether an address may be asked: https, or http on this machine alone."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        return False
    if re.search(r"[\s\x00-\x1f\\]", url) or not host or parts.username is not None or port == 0:
        return False
    return parts.scheme == "https" or (parts.scheme == "http" and on_this_machine(url))


def on_this_machine(url: str) -> bool:
    """Say whether an address is a loopback one."""
    host = urlsplit(url).hostname or ""
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _ordered(entries: list[Entry] | tuple[Entry, ...]) -> tuple[Entry, ...]:
    return tuple(sorted(entries, key=lambda one: (KINDS.index(one.kind), one.effective_from, one.name)))


def _plain(entry: Entry) -> dict[str, Any]:
    values: dict[str, Any] = {name: getattr(entry, name) for name in _FIELDS}
    values["earlier"] = [{key: value for key, value in one._asdict().items() if value is not None} for one in entry.earlier]
    return {name: value for name, value in values.items() if value not in (None, "", [])}


def _in_a_ring(entry: Entry, manifest: Manifest) -> bool:
    """Say whether the releases that replace each other from this one on come back to it."""
    seen: set[str] = set()
    one: Entry | None = entry
    while one is not None and one.replaced_by and one.name not in seen:
        seen.add(one.name)
        one = manifest.named(one.replaced_by)
    return one is not None and one.name == entry.name and bool(seen)


class _Checker:
    """Turns the document into a manifest and says what does not fit."""

    def __init__(self, document: yamlmarks.Document, findings: Findings) -> None:
        self.document = document
        self.findings = findings

    def wrong(self, path: tuple[str | int, ...], message: str, try_: str = "") -> None:
        line, column = self.document.at(*path)
        self.findings.error(self.document.file, message, line=line, column=column, try_=try_)

    def manifest(self) -> Manifest | None:
        data = self.document.data
        if not isinstance(data, dict) or not isinstance(data.get("base"), str) or not isinstance(data.get("releases"), list):
            self.wrong((), "needs base and releases", "restore the file from version control")
            return None
        for key in data.keys() - {"base", "releases"}:
            self.wrong((key,), f"key {key!r} is not known", "base and releases are all there is")
        if not allowed(data["base"]) or not data["base"].endswith("/"):
            self.wrong(("base",), f"{data['base']!r} is not an https address that ends in a slash", "base: https://www.cms.gov/files/zip/")
        entries: list[Entry] = []
        places: dict[str, int] = {}
        for index, one in enumerate(data["releases"]):
            entry = self._entry(index, one)
            if entry is None:
                continue
            if entry.name in places:
                self.wrong(("releases", index, "name"), f"{entry.name} stands twice", "keep one of the two; a correction has its own name, such as RVU26BR")
                continue
            places[entry.name] = index
            entries.append(entry)
        found = Manifest(data["base"], _ordered(entries))
        self._together(found, places)
        return found

    def _entry(self, index: int, data: Any) -> Entry | None:
        at = ("releases", index)
        if not isinstance(data, dict):
            self.wrong(at, "is not an entry with name, kind and dates")
            return None
        before = self.findings.count("error")
        for key in data.keys() - set(_FIELDS):
            self.wrong((*at, key), f"key {key!r} is not known", "one of: " + ", ".join(_FIELDS))
        for key in ("name", "kind", "effective_from", "effective_to"):
            if not isinstance(data.get(key), str):
                self.wrong((*at, key), f"needs {key}")
        for key in ("url", "file", "replaced_by", "sha256", "size", "modified", "note"):
            if not isinstance(data.get(key), str | None):
                self.wrong((*at, key), f"{key} is not text")
        if self.findings.count("error") > before:
            return None
        self._values(at, data)
        earlier = self._earlier(at, data.get("earlier"))
        if self.findings.count("error") > before:
            return None
        kept = {key: data[key] for key in _FIELDS if data.get(key) is not None and key not in {"size", "earlier"}}
        return Entry(**{"url": None} | kept, size=int(data["size"]) if data.get("size") else None, earlier=earlier)

    def _values(self, at: tuple[str | int, ...], data: dict[str, Any]) -> None:
        if data["kind"] not in KINDS:
            self.wrong((*at, "kind"), f"kind {data['kind']!r} is not known", "one of: " + ", ".join(KINDS))
        if not _NAME.match(data["name"]) or (data["kind"] == "rvu" and releases.named(data["name"]) is None):
            self.wrong((*at, "name"), f"{data['name']!r} is not the name of a release", "RVU26C, RVU26CR or RVU26CR2; capitals, digits and hyphens for other kinds")
        dates = [key for key in ("effective_from", "effective_to") if not self._date(at, key, data[key])]
        if not dates and data["effective_from"] > data["effective_to"]:
            self.wrong((*at, "effective_from"), f"{data['name']} would hold from {data['effective_from']} to {data['effective_to']}", "effective_from before effective_to")
        if data.get("url") is not None and not allowed(data["url"]):
            self.wrong((*at, "url"), f"{data['url']!r} is not an https address", "CMS's files are at https://www.cms.gov/files/zip/")
        for key, pattern, words in (
            ("file", _FILE, "a file name of letters, digits, dots, hyphens and underscores"),
            ("sha256", _SHA256, "64 digits of 0-9 and a-f"),
            ("size", _SIZE, "a number of bytes"),
            ("modified", _MODIFIED, "a time such as 2026-05-01T12:00:00Z"),
        ):
            if data.get(key) is not None and not pattern.match(data[key]):
                self.wrong((*at, key), f"{key} {data[key]!r} is not {words}", f"take {key} out: fetch writes it when it has seen the file" if key != "file" else "")

    def _date(self, at: tuple[str | int, ...], key: str, text: str) -> bool:
        try:
            # fromisoformat also takes 20260101 and 2026-W01-1, which do not compare as text.
            good = datetime.date.fromisoformat(text).isoformat() == text
        except ValueError:
            good = False
        if not good:
            self.wrong((*at, key), f"{text!r} is not a date", "write it as 2026-07-01")
        return good

    def _earlier(self, at: tuple[str | int, ...], data: Any) -> tuple[Seen, ...]:
        made = []
        for index, one in enumerate(data if isinstance(data, list) else [data] if data is not None else []):
            size = one.get("size") if isinstance(one, dict) else None
            if not isinstance(one, dict) or one.keys() - {"sha256", "size"} or not _SHA256.match(str(one.get("sha256"))) or (size is not None and not _SIZE.match(str(size))):
                self.wrong((*at, "earlier", index), "earlier holds a sha256 and a size each")
                continue
            made.append(Seen(one["sha256"], int(size) if size else None))
        return tuple(made)

    def _together(self, manifest: Manifest, places: dict[str, int]) -> None:
        files: dict[str, str] = {}
        for one in manifest.entries:
            at = ("releases", places[one.name])
            other = files.setdefault(manifest.file_name(one).lower(), one.name)
            if other != one.name:
                self.wrong((*at, "url"), f"{one.name} would be kept under the same file name as {other}", "give one of them a name with `file`")
            by = manifest.named(one.replaced_by) if one.replaced_by else None
            if one.replaced_by and (by is None or by.kind != one.kind or by.name == one.name):
                self.wrong((*at, "replaced_by"), f"{one.replaced_by} is no other {one.kind} entry", "name the release that took its days")
            elif _in_a_ring(one, manifest):
                self.wrong((*at, "replaced_by"), f"{one.name} would be replaced by itself in the end: none of these answers for a day", "take replaced_by out of the newest of them")
        rvu = [one for one in manifest.of_kind("rvu") if one.replaced_by is None]
        latest: Entry | None = None
        for one in rvu:
            if latest is not None and one.effective_from <= latest.effective_to:
                self.wrong(
                    ("releases", places[one.name], "effective_from"),
                    f"{latest.name} and {one.name} both claim {one.effective_from}",
                    f"end {latest.name} the day before {one.name} begins, or say `replaced_by: {one.name}` where nothing is left of it",
                )
            if latest is None or one.effective_to > latest.effective_to:
                latest = one
