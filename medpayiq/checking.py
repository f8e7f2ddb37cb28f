"""Checks configuration, rules and content without building."""

from __future__ import annotations

from dataclasses import dataclass, replace

from medpayiq import config as settings
from medpayiq import linting, loading, rules
from medpayiq.cms import manifest, snapshot
from medpayiq.content import denials, library
from medpayiq.field import lists, taking
from medpayiq.findings import Failed, Findings
from medpayiq.garbage import no_garbage_collection
from medpayiq.lint import fixing
from medpayiq.pages import prose
from medpayiq.pages.policy import Policy
from medpayiq.paths import MANIFEST, ROOT, SITE_YML, shown
from medpayiq.rulebook import rulebook


@dataclass(frozen=True, slots=True)
class Checked:
    """What a check found."""

    findings: Findings
    words: str
    """What was checked, in a sentence."""
    mended: list[str]
    """Files into which ``--fix`` wrote."""


def check(release: str | None, *, fix: bool = False) -> Checked:
    """Check everything that people write; with ``fix`` write what is certain first.

    Raises:
        Failed: the snapshot asked for is not there.
    """
    with no_garbage_collection():
        done, fixes = _check(release)
        if not fix or not fixes:
            return done
        mended = fixing.apply(fixes, ROOT)
        return replace(_check(release)[0], mended=mended)


def _check(release: str | None) -> tuple[Checked, list[fixing.Fix]]:
    findings = Findings()
    config = settings.check(SITE_YML, findings)
    choices = lists.check(findings)
    if choices is not None:
        denials.check(findings, choices.reasons)
    if config is not None and choices is not None and config.reports is not None and "://" not in config.reports:
        taking.take(config.reports, choices, findings)
    content = library.load(findings)
    pages = prose.read(findings)
    manifest.read(MANIFEST, findings, shown_as=shown(MANIFEST))
    snap = snapshot.read(loading.choose_snapshot(release))
    codes = frozenset(one.code for one in snap.services)
    newest = loading.is_newest(snap)
    library.check_against(content, codes, sample=not newest, findings=findings)
    fixes = linting.lint(linting.context_of(content, snap, whole=newest, today=loading.today(), findings=findings), snap, findings)
    try:
        Policy(rules.percentages(snap.meta.effective_from))
        rulebook(snap.meta.effective_from)
        for entry in rules.read("status").values():
            for text in entry.get("sources", ()) if isinstance(entry, dict) else ():
                rules.citation(text)
    except Failed as failed:
        findings.error("rules/", str(failed))
    words = f"good: {len(content.tips)} tips, {len(content.notes)} code notes, {len(content.replaced)} deleted codes, {len(content.ranges)} ranges, {len(pages)} pages of text, against {len(codes):,} codes of {snap.meta.release}"
    return Checked(findings, words, []), fixes
