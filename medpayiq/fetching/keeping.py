"""Brings one file of the manifest into cms_data/downloads: the one at hand if it is still right, else a new one, verified."""

from __future__ import annotations

import hashlib
import json
import os
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Literal

from medpayiq.cms.manifest import Entry, Seen
from medpayiq.fetching import verifying
from medpayiq.fetching.download import Got, Part, Say, Version, download
from medpayiq.fetching.web import Refusal, Web, timestamp
from medpayiq.findings import Findings
from medpayiq.paths import shown

State = Literal["new", "unchanged", "by hand", "not compared", "taken"]


@dataclass(frozen=True, slots=True)
class Record:
    """What is known of a file in the downloads folder; kept beside it as JSON."""

    url: str | None
    sha256: str
    size: int
    etag: str | None = None
    modified: str | None = None
    """Last-Modified as the server wrote it."""

    def version(self) -> Version | None:
        """Return what to ask the server with; None where it said nothing that it would know again."""
        return Version(self.url, self.etag, self.modified, self.size) if self.url and (self.etag or self.modified) else None


@dataclass(frozen=True, slots=True)
class Kept:
    """A file at hand that may be used."""

    entry: Entry
    """With what was seen of the file, for the manifest."""
    path: Path
    size: int
    state: State


def keep(entry: Entry, path: Path, web: Web, findings: Findings, *, take_changed: bool, say: Say) -> Kept | None:
    """Return the file of ``entry`` at ``path``, downloaded if need be; None with an error in ``findings``.

    A file that changed under its name is put beside the old one and is an error, unless ``take_changed``.

    Raises:
        OSError: the downloads folder cannot be read or written.

    """
    if _put_by_hand(entry, path, findings):
        return _by_hand(entry, path, findings, take_changed=take_changed)
    record = read_record(path) if path.exists() else None
    if record is not None and record.url != entry.url:
        record = None
    if record is not None and entry.sha256 not in {None, record.sha256} and not take_changed:
        record = None  # the manifest was given another file since; the one here is not it
    if entry.url is None:
        return _without_address(entry, path, record, findings)
    part = Part(path)
    try:
        got = _download(entry, path, part, web, record, say)
    except Refusal as refused:
        if record is None:
            findings.error(entry.url, refused.message, try_=refused.try_)
            return None
        findings.warning(entry.url, f"{refused.message}; the file that was downloaded before is used", try_=refused.try_)
        return Kept(_seen(entry, record), path, record.size, "not compared")
    except _Unfit as unfit:
        if record is not None:
            findings.warning(entry.url, f"{unfit}; it was thrown away, and the file that was downloaded before is used", try_="the same command again later")
            return Kept(_seen(entry, record), path, record.size, "not compared")
        findings.error(entry.url, f"{unfit}; it was thrown away", try_="the same command again later; if it stays so, look at CMS's page for the file's address now")
        return None
    if got is None and record is not None:
        return Kept(_seen(entry, record), path, record.size, "unchanged" if entry.sha256 in {None, record.sha256} else "taken")
    return None if got is None else _take(entry, path, part, got, record, findings, take_changed=take_changed)


def at_hand(entry: Entry, path: Path) -> Kept | None:
    """Return the file of ``entry`` if it lies here whole and is the one that is pinned; nothing is asked of a server.

    Raises:
        OSError: it is there and cannot be read.

    """
    if not path.is_file():
        return None
    record, sha256 = read_record(path), _digest(path)
    if record is None or record.sha256 != sha256:
        if verifying.problem(path, path.name, entry.kind):
            return None
        record = Record(entry.url, sha256, path.stat().st_size)
    if sha256 != (entry.sha256 or sha256) or (entry.sha256 is None and record.url != entry.url):
        return None
    return Kept(_seen(entry, record), path, record.size, "not compared")


def read_record(path: Path) -> Record | None:
    """Return what is known of a file, without looking at it; None where nothing is."""
    try:
        return Record(**json.loads(_record_path(path).read_bytes()))
    except (OSError, ValueError, TypeError):
        return None


class _Unfit(Exception):  # noqa: N818 - never leaves this module
    """What came is whole as a download, but not a file of this kind."""


def _download(entry: Entry, path: Path, part: Part, web: Web, record: Record | None, say: Say) -> Got | None:
    known = record.version() if record else None
    while True:
        got = download(web, entry.url or "", part, file_name=path.name, known=known, say=say)
        wrong = verifying.problem(part.path, path.name, entry.kind) if got else None
        if got is None or wrong is None:
            return got
        part.clear()
        # A server that joined two versions into one deserves a second try; one that sent this in one piece does not.
        if not got.resumed:
            raise _Unfit(wrong)


def _take(entry: Entry, path: Path, part: Part, got: Got, record: Record | None, findings: Findings, *, take_changed: bool) -> Kept | None:
    expected = entry.sha256 or (record.sha256 if record else None)
    other = expected is not None and got.sha256 != expected
    if other and not take_changed:
        beside = _beside(path, got.sha256)
        part.move(beside)
        _changed(entry, expected or "", got.sha256, f"{shown(beside)} is the new file, the old one stays", findings)
        return None
    if path.exists() and (old := _digest(path)) != got.sha256:
        os.replace(path, _beside(path, old))
    part.move(path)
    made = Record(entry.url, got.sha256, got.size, got.version.etag, got.version.modified)
    _write_record(path, made)
    if other and entry.sha256 is None and record is not None:
        entry = replace(entry, sha256=record.sha256, size=record.size)
    state: State = "taken" if other else "unchanged" if record is not None else "new"
    return Kept(_seen(entry, made), path, got.size, state)


def _by_hand(entry: Entry, path: Path, findings: Findings, *, take_changed: bool) -> Kept | None:
    """Check a file that somebody put there, and write its record, so that it is known from now on."""
    wrong = verifying.problem(path, path.name, entry.kind)
    if wrong:
        findings.error(shown(path), wrong, try_="take it away, download it again in a browser and put it there whole")
        return None
    made = Record(entry.url, _digest(path), path.stat().st_size)
    if entry.sha256 not in {None, made.sha256} and not take_changed:
        _changed(entry, entry.sha256 or "", made.sha256, f"{shown(path)} was put there by hand", findings)
        return None
    state: State = "by hand" if entry.sha256 in {None, made.sha256} else "taken"
    _write_record(path, made)
    return Kept(_seen(entry, made), path, made.size, state)


def _without_address(entry: Entry, path: Path, record: Record | None, findings: Findings) -> Kept | None:
    if record is None:
        findings.error(entry.name, "its address is not known" + (f" ({entry.note})" if entry.note else ""), try_=f"download it in a browser and put it into cms_data/downloads/ as {path.name}")
        return None
    return Kept(_seen(entry, record), path, record.size, "unchanged")


def _put_by_hand(entry: Entry, path: Path, findings: Findings) -> bool:
    """Say whether the file here is one that we did not download; one of ours that was damaged since goes."""
    if not path.exists():
        return False
    record = read_record(path)
    if record is None:
        return not _record_path(path).exists()
    if _digest(path) == record.sha256:
        return False
    if verifying.problem(path, path.name, entry.kind) is None:
        return True
    findings.warning(shown(path), "was damaged since it was downloaded; it is fetched again")
    path.unlink()
    return False


def _changed(entry: Entry, before: str, now: str, where: str, findings: Findings) -> None:
    findings.error(
        entry.url or entry.name,
        f"{entry.name} is another file than before under the same name: sha256 was {before}, is {now}; {where}; nothing was imported",
        try_=f"look at CMS's page for what was changed; to use the new file: .venv/bin/python build.py fetch {entry.name} --take-changed",
    )


def _seen(entry: Entry, record: Record) -> Entry:
    """Return the entry with what was seen; another digest that stood there moves to ``earlier``."""
    if entry.sha256 == record.sha256:
        return replace(entry, size=record.size, modified=timestamp(record.modified) or entry.modified)
    earlier = entry.earlier if entry.sha256 is None else (*entry.earlier, Seen(entry.sha256, entry.size))
    return replace(entry, sha256=record.sha256, size=record.size, modified=timestamp(record.modified), earlier=earlier)


def _beside(path: Path, sha256: str) -> Path:
    return path.with_name(f"{path.stem}.{sha256[:12]}{path.suffix}")


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _record_path(path: Path) -> Path:
    return path.with_name(f"{path.name}.json")


def _write_record(path: Path, record: Record) -> None:
    target = _record_path(path)
    part = target.with_name(f".{target.name}.part")
    part.write_text(json.dumps(asdict(record), indent=1) + "\n", encoding="utf-8")
    part.replace(target)
