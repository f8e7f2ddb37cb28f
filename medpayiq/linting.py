"""Gathers what the linter of tips needs from a snapshot and the content, and runs it."""

from __future__ import annotations

from pathlib import Path

from medpayiq import rules
from medpayiq.cms import snapshot
from medpayiq.cms.snapshot import Snapshot
from medpayiq.content import choosing, sources
from medpayiq.content.library import Library
from medpayiq.content.selecting import Selecting
from medpayiq.days import period
from medpayiq.edits import Edits
from medpayiq.findings import Findings
from medpayiq.lint import note_rules, remembering, sharing
from medpayiq.lint.context import Context
from medpayiq.lint.fixing import Fix
from medpayiq.pages.entries import group
from medpayiq.pages.placeholders import Facts
from medpayiq.paths import DESCRIPTORS, LINTED


def context_of(library: Library, snap: Snapshot, *, whole: bool, today: str, findings: Findings, descriptors: Path = DESCRIPTORS) -> Context:
    """Return what rules are given, for a release; ``whole`` says that it is a full one and the newest."""
    day = snap.meta.effective_from
    rows = {one.code: one.rows for one in group(snap.services)}
    edits = Edits(snap)
    factor = rules.conversion_factors(day).exact()
    facts = Facts(snap.meta, period(day, snap.meta.effective_to), rows, edits, factor, rules.percentages(day))
    return Context(library, Selecting(rows, snap, edits, factor, choosing.load(snap)), facts, edits, sources.load(findings), whole, today, _descriptors(descriptors, snap.meta.release))


def lint(context: Context, release: Snapshot, findings: Findings, memory: Path = LINTED) -> list[Fix]:
    """Add what the rules find about every tip and note; return what ``--fix`` may write.

    Tips and notes about which the last lint found nothing are passed over, as long as nothing that a rule looks at changed.
    """
    facts = (release.folder / snapshot.META).read_text(encoding="utf-8")
    clean = remembering.load(memory, context, facts)
    found = Findings()
    fixes = sharing.run(context, found, clean)
    sound = clean.has_notes(context.library) or note_rules.check(context, findings)
    findings.extend(found.items)
    faulty = {one.file for one in found.items}
    clean.keep((tip for tip in context.library.tips if tip.document.file not in faulty), context.library if sound else None)
    return fixes


def _descriptors(folder: Path, release: str) -> dict[str, str]:
    """Return CMS's short descriptors, where the machine has them."""
    path = folder / f"{release.lower()}.tsv"
    if not path.is_file():
        return {}
    pairs = (line.partition("\t") for line in path.read_text(encoding="utf-8").splitlines())
    return {code: text for code, _, text in pairs}
