"""Checks configuration, rules and content without building."""

from __future__ import annotations

from medpayiq import config as settings
from medpayiq import loading, rules
from medpayiq.cms import manifest, snapshot
from medpayiq.content import library
from medpayiq.findings import Failed, Findings
from medpayiq.pages import prose
from medpayiq.pages.policy import Policy
from medpayiq.paths import MANIFEST, SITE_YML, shown
from medpayiq.rulebook import rulebook


def check(release: str | None) -> tuple[Findings, str]:
    """Return every finding, and a sentence on what was checked.

    Raises:
        Failed: the snapshot asked for is not there.
    """
    findings = Findings()
    settings.check(SITE_YML, findings)
    content = library.load(findings)
    pages = prose.read(findings)
    manifest.read(MANIFEST, findings, shown_as=shown(MANIFEST))
    snap = snapshot.read(loading.choose_snapshot(release))
    codes = frozenset(one.code for one in snap.services)
    library.check_against(content, codes, sample=not loading.is_newest(snap), findings=findings)
    try:
        Policy(rules.percentages(snap.meta.effective_from))
        rulebook(snap.meta.effective_from)
        for entry in rules.read("status").values():
            for text in entry.get("sources", ()) if isinstance(entry, dict) else ():
                rules.citation(text)
    except Failed as failed:
        findings.error("rules/", str(failed))
    return findings, f"good: {len(content.notes)} code notes, {len(content.replaced)} deleted codes, {len(content.ranges)} ranges, {len(pages)} pages of text, against {len(codes):,} codes of {snap.meta.release}"
