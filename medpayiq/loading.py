"""Loads everything a site is made from: settings, content, and the snapshot of a release; checked before anything is built."""

from __future__ import annotations

import os
import re
import time
from pathlib import Path
from typing import TYPE_CHECKING

from medpayiq import config as settings
from medpayiq import linting
from medpayiq.cms import manifest, snapshot
from medpayiq.cms.sample import EARLIER
from medpayiq.content import denials, library
from medpayiq.field import lists, taking
from medpayiq.findings import Failed, Findings
from medpayiq.pages import prose
from medpayiq.paths import DESCRIPTORS, MANIFEST, SAMPLE, SITE_YML, SNAPSHOTS, shown

if TYPE_CHECKING:
    from medpayiq.pages.site import SiteData


def load(release: str | None, snapshots: Path = SNAPSHOTS, manifest_file: Path = MANIFEST, descriptors: Path = DESCRIPTORS) -> tuple[SiteData, tuple[str, ...]]:
    """Load everything a site is made from and check it; return it with the warnings found.

    ``snapshots``, ``manifest_file`` and ``descriptors`` are elsewhere for a build on trial (medpayiq/following).

    Raises:
        Failed: with every error of configuration and content.
    """
    # With them come all kinds of pages, which a check, or whoever asks for a release, does not need.
    from medpayiq.pages.site import SiteData
    from medpayiq.past import Past

    findings = Findings()
    config = settings.check(SITE_YML, findings)
    content = library.load(findings)
    prose.read(findings)
    choices = lists.check(findings)
    if choices is not None:
        denials.check(findings, choices.reasons)
    known = manifest.read(manifest_file, findings, shown_as=shown(manifest_file))
    snap = snapshot.read(choose_snapshot(release, snapshots))
    newest = is_newest(snap, snapshots)
    codes = frozenset(one.code for one in snap.services)
    library.check_against(content, codes, sample=not newest, findings=findings)
    reports = taking.published(config.reports, choices, codes, findings) if config and choices else None
    context = linting.context_of(content, snap, whole=newest, today=today(), findings=findings, descriptors=descriptors)
    linting.lint(context, snap, findings)
    if findings.failed or config is None or known is None or reports is None:
        raise Failed(findings)
    site = SiteData(config, snap, content, today(), descriptors_of(config, snap, descriptors), Past(snap.meta, others(snap), known), known, context.edits, context.selecting, reports)
    return site, tuple(str(one) for one in findings.of("warning"))


def today() -> str:
    """Return the ISO day of the build; SOURCE_DATE_EPOCH decides where it is set."""
    epoch = os.environ.get("SOURCE_DATE_EPOCH")
    if epoch is None:
        return time.strftime("%Y-%m-%d")
    # Eleven digits reach past the year 5000; more than the clock can hold would end in a traceback.
    if not re.fullmatch(r"[0-9]{1,11}", epoch):
        raise Failed(f"SOURCE_DATE_EPOCH: error: {epoch!r} is not a number of seconds\n  try: SOURCE_DATE_EPOCH=$(git log -1 --format=%ct)", exit_code=2)
    return time.strftime("%Y-%m-%d", time.gmtime(int(epoch)))


def choose_snapshot(release: str | None, snapshots: Path = SNAPSHOTS) -> Path:
    """Return the snapshot's folder: the one asked for, else the newest imported one that is in force by now, else the embedded sample."""
    if release == "sample":
        return SAMPLE
    if release is not None:
        folder = snapshots / release.lower()
        if not (folder / snapshot.META).is_file():
            known = ", ".join(sorted(path.parent.name for path in snapshots.glob(f"*/{snapshot.META}"))) or "none"
            raise Failed(f"{shown(folder)}: error: {release} is not imported (imported: {known})\n  try: .venv/bin/python build.py import FOLDER_OF_{release.upper()}", exit_code=2)
        return folder
    found = sorted(_all(snapshots), key=lambda one: (one.meta.effective_from, one.meta.release))
    if not found:
        return SAMPLE
    # CMS publishes a quarter some weeks before it begins: until then the one in force is what pages show.
    day = today()
    return next((one for one in reversed(found) if one.meta.effective_from <= day), found[0]).folder


def others(snap: snapshot.Snapshot) -> list[snapshot.Snapshot]:
    """Return the other releases at hand: the neighbours of an imported one; of the sample, those that are cut like it."""
    beside = snap.folder / EARLIER if snap.meta.sample else snap.folder.parent
    return [one for one in _all(beside) if one.folder != snap.folder]


def _all(snapshots: Path) -> list[snapshot.Snapshot]:
    return [snapshot.read(path.parent) for path in snapshots.glob(f"*/{snapshot.META}") if not path.parent.name.startswith(".")]


def is_newest(snap: snapshot.Snapshot, snapshots: Path = SNAPSHOTS) -> bool:
    """Say whether a snapshot is a whole release and none here is newer.

    Content is written for today's codes: against an older release a code that is new since then is no fault.
    """
    newest = max(one.meta.effective_to for one in [*_all(snapshots), snapshot.read(SAMPLE)])
    return not snap.meta.sample and snap.meta.effective_to >= newest


def descriptors_of(config: settings.Config, snap: snapshot.Snapshot, folder: Path = DESCRIPTORS) -> dict[str, str]:
    """Read CMS's short texts for ``descriptors: cms``; D codes' text is the ADA's and stays out even then."""
    if config.descriptors != "cms":
        return {}
    path = folder / f"{snap.meta.release.lower()}.tsv"
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except OSError:
        raise Failed(f"{shown(path)}: error: descriptors: cms needs CMS's short texts, which are not here\n  try: import {snap.meta.release} again on this machine", exit_code=2) from None
    pairs = (line.split("\t", 1) for line in lines)
    return {code: text for code, text in pairs if code[0] != "D"}
