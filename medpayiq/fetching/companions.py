"""Finds what a release is imported with, ZIP codes and categories; where an edition cannot be had, nothing that is here is lost."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

from medpayiq.cms import carrying
from medpayiq.cms.importer import Imported
from medpayiq.cms.manifest import Entry, Manifest
from medpayiq.fetching.keeping import Kept
from medpayiq.findings import Finding, Findings

# What the site lacks without it.
_KINDS = {
    "zip5": "the calculator cannot turn a ZIP code into a locality",
    "rbcs": "codes without a text of our own have no name but their number",
}


@dataclass(frozen=True, slots=True)
class Beside:
    """What a release is imported with."""

    entry: Entry
    """The release."""
    wanted: dict[str, Entry]
    """By kind, the edition in force; a kind that the manifest does not have is left out."""
    found: dict[str, Kept | None]
    """By kind, the file that is used: the edition wanted, another one, or none."""
    useless: frozenset[str] = field(default_factory=frozenset)
    """Names of editions that could not be had or read."""

    def files(self) -> list[Kept]:
        """Return the files to import."""
        return [one for one in self.found.values() if one is not None]


class Companions:
    """The companions of one run; each edition is asked for once, however many releases it goes with.

    ``keep`` fetches an edition, ``at_hand`` looks for it in the downloads folder alone.
    """

    def __init__(self, snapshots: Path, keep: Callable[[Entry, Findings], Kept | None], at_hand: Callable[[Entry], Kept | None], findings: Findings) -> None:
        self._snapshots = snapshots
        self._keep = keep
        self._at_hand = at_hand
        self._findings = findings
        self._asked: dict[str, Kept | None] = {}

    def of(self, entry: Entry, known: Manifest) -> Beside:
        """Fetch the editions in force at a release's last day; for one that cannot be had find another."""
        wanted = {kind: one for kind in _KINDS if (one := known.edition_at(kind, entry.effective_to))}
        for kind in (one for one in _KINDS if one not in wanted):
            self._findings.warning(entry.name, f"the manifest has no {kind} file to go with it: {_KINDS[kind]}", try_="add one to cms_data/manifest.yml, or .venv/bin/python build.py fetch --discover --add")
        for one in wanted.values():
            if one.name not in self._asked:
                said = Findings()
                # Only what was named is taken when it changed.
                self._asked[one.name] = self._keep(one, said)
                self._findings.extend(softer(said))
        beside = Beside(entry, wanted, {kind: self._asked[one.name] for kind, one in wanted.items()})
        return self._filled(beside, known)

    def instead(self, beside: Beside, faulty: Iterable[str], known: Manifest) -> Beside:
        """Return what to import with once the files of these names have turned out to be unreadable."""
        out = {kind: one for kind, one in beside.found.items() if one is not None and one.path.name in faulty}
        useless = beside.useless | {one.entry.name for one in out.values()}
        return self._filled(replace(beside, found=beside.found | dict.fromkeys(out), useless=useless), known)

    def tell(self, beside: Beside, imported: Imported) -> None:
        """Say, once a release is imported, what came in the place of editions that could not be had."""
        for kind, wanted in beside.wanted.items():
            used, again = beside.found[kind], f".venv/bin/python build.py fetch {wanted.name} {beside.entry.name}"
            if used is not None and used.entry.name != wanted.name:
                self._findings.warning(beside.entry.name, f"is imported with {used.entry.name} in the place of {wanted.name}", try_=again)
            elif used is None and kind in imported.carried:
                self._findings.warning(beside.entry.name, f"keeps the {kind} table that its snapshot had, in the place of {wanted.name}", try_=again)
            elif used is None:
                self._findings.warning(beside.entry.name, f"goes on without {wanted.name}: {_KINDS[kind]}", try_=again)

    def _filled(self, beside: Beside, known: Manifest) -> Beside:
        """Look for another edition in the downloads folder, for each kind that lacks one and that the snapshot at hand lacks too."""
        lacking = [kind for kind in beside.wanted if beside.found[kind] is None]
        if not lacking:
            return beside
        # The table of the snapshot at hand stems from the edition wanted, or is the best there was: it is taken over.
        _, has = carrying.at_hand(self._snapshots / beside.entry.name.lower())
        other = {kind: next(self._others(kind, beside, known), None) for kind in lacking if kind not in has}
        return replace(beside, found=beside.found | other)

    def _others(self, kind: str, beside: Beside, known: Manifest) -> Iterator[Kept]:
        """Yield editions that lie here: that wanted and older ones, the newest first; then newer ones, the oldest first."""
        wanted = beside.wanted[kind]
        editions = [one for one in known.of_kind(kind) if one.name not in beside.useless]
        before = [one for one in editions if one.effective_from <= wanted.effective_from]
        for one in [*reversed(before), *(one for one in editions if one not in before)]:
            if found := self._at_hand(one):
                yield found


def softer(findings: Findings) -> Iterator[Finding]:
    """Yield findings with errors as warnings: a release without its ZIP codes is worth more than none."""
    return (replace(one, level="warning") if one.level == "error" else one for one in findings.items)
