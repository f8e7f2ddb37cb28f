"""A snapshot as the payment engine asks it: rows of a code, places by carrier and locality."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from medpayiq.cms.records import Service
from medpayiq.cms.snapshot import Snapshot
from medpayiq.payment.amount import NATIONAL, Gpci
from medpayiq.payment.model import Place
from medpayiq.payment.reading import NATION


@dataclass(frozen=True)
class SnapshotFacts:
    """The facts of one release."""

    snapshot: Snapshot

    @cached_property
    def _rows(self) -> dict[str, dict[str, Service]]:
        made: dict[str, dict[str, Service]] = {}
        for row in self.snapshot.services:
            made.setdefault(row.code, {})[row.modifier] = row
        return made

    @cached_property
    def places(self) -> dict[str, Place]:
        """Places by ``carrier/locality``, the nation first."""
        factors = {f"{one.mac}/{one.locality}": one for one in self.snapshot.anesthesia}
        national = {kind: _millionths(text) for kind, text in self.snapshot.meta.anesthesia_national.items()}
        made = {NATION: Place(NATIONAL, national)}
        for one in self.snapshot.localities:
            key = f"{one.mac}/{one.locality}"
            found = factors.get(key)
            made[key] = Place(Gpci(one.work, one.pe, one.mp), {} if found is None else _by_kind(found.factor, found.factor_qp))
        return made

    def rows(self, code: str) -> Mapping[str, Service]:
        """Rows of a code by modifier; empty for a code that is not in the release."""
        return self._rows.get(code, {})

    def place(self, locality: str) -> Place | None:
        """Return a place by ``carrier/locality``."""
        return self.places.get(locality)


def _by_kind(cents: int, cents_qp: int | None) -> dict[str, int]:
    """Return a locality's anesthesia factors in millionths of a dollar."""
    return {"all": cents * 10**4} if cents_qp is None else {"non_qp": cents * 10**4, "qp": cents_qp * 10**4}


def _millionths(text: str) -> int:
    whole, _, fraction = text.partition(".")
    return int(whole + fraction.ljust(6, "0"))
