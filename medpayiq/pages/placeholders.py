"""The named facts and amounts that a tip's text may use, worked out for one code; the payment engine gives every dollar."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from medpayiq import rules
from medpayiq.cms.records import CF_PLACES
from medpayiq.cms.snapshot import Meta
from medpayiq.content.selecting import Rows, edit_count
from medpayiq.edits import Edits
from medpayiq.pages.policy import phrase
from medpayiq.payment.amount import main_row
from medpayiq.payment.money import dollars, percent_of, plain, scaled
from medpayiq.payment.shares import PriceOf, Shares, pair

MARK = re.compile(r"\{([^{}\n]*)\}")
"""A placeholder in a text: braces around its name."""

SHARES = (
    *("both_sides", "two_sides", "second_procedure", "assistant", "assistant_as", "cosurgeon", "surgery_only", "after_only", "return_only"),
    *("reduced_unit", "two_units", "endo_difference", "imaging_tc", "imaging_pc", "cardiovascular_tc", "ophthalmology_tc", "nonparticipating", "limiting_charge"),
)
"""Amounts of medpayiq/payment/shares.py."""
_SETTINGS = {"nonfacility": "office", "facility": "facility"}
_SIMPLE = (
    *("code", "release", "period", "conversion_factor", "mue", "mai", "global_days", "pre_percent", "intra_percent", "post_percent", "endo_base", "rvu.work"),
    *("amount.nonfacility", "amount.facility", "amount.difference", "amount.professional", "amount.technical", "patient.nonfacility", "patient.facility"),
    *("edits.column1", "edits.column2", "edits.bypass", "edits.no_bypass", "edits.quarter"),
)
EVERYWHERE = frozenset({"code", "release", "period", "conversion_factor"})
"""Those that every code has."""
_THRESHOLDS = ("therapy_kx", "therapy_review", "deductible")
_EDIT = re.compile(r"edit\.([0-9A-Z]{5})")


def names() -> list[str]:
    """Return every name that may stand in braces; ``edit.97530`` stands for one with any code."""
    shares = [f"{one}{end}" for one in SHARES for end in ("", ".nonfacility", ".facility")]
    return [*_SIMPLE, *shares, *(f"threshold.{one}" for one in _THRESHOLDS), *(f"percent.{one}" for one in rules.read("percentages")), "edit.97530"]


def is_known(name: str) -> bool:
    """Say whether a name may stand in braces."""
    return name in _KNOWN or _EDIT.fullmatch(name) is not None


_KNOWN = frozenset(names())


@dataclass(frozen=True)
class Facts:
    """What the values of one release come from."""

    meta: Meta
    period: str
    """The release's dates in words."""
    rows: Mapping[str, Rows]
    edits: Edits
    factor: int
    """Conversion factor in ten-thousandths of a dollar; in 2026 the non-QP one."""
    percentages: Mapping[str, str]
    price: PriceOf = pair


class Values:
    """The values for one code; each is text ready to print, or None where the code has none."""

    def __init__(self, code: str, facts: Facts) -> None:
        """Take the code and what its values come from."""
        self._code, self._facts, self._row = code, facts, main_row(facts.rows[code])
        base = facts.rows.get(self._row.endo_base)
        self._shares = Shares(facts.rows[code], facts.factor, facts.percentages, main_row(base) if base else None, facts.price)

    def get(self, name: str) -> str | None:
        """Return the text for a known name; None where this code has no such fact.

        Raises:
            KeyError: no placeholder has this name.
        """
        first, _, rest = name.partition(".")
        match first:
            case "amount" if rest:
                return self._amount(rest)
            case "patient" if rest:
                return self._patient(rest)
            case "edits" if rest:
                return self._edits(rest)
            case "edit" if rest:
                return self._edit(rest)
            case "threshold" if rest:
                return self._threshold(rest)
            case "percent" if rest:
                return self._facts.percentages[rest]
        return self._share(first, rest) if first in SHARES else self._fact(name)

    def _fact(self, name: str) -> str | None:
        row, meta, factor = self._row, self._facts.meta, self._facts.factor
        match name:
            case "code":
                return self._code
            case "release":
                return meta.release
            case "period":
                return self._facts.period
            case "conversion_factor":
                return scaled(factor, CF_PLACES)
            case "mue":
                limit = self._facts.edits.limit(self._code)
                return None if limit is None else str(limit.units)
            case "mai":
                limit = self._facts.edits.limit(self._code)
                return None if limit is None else limit.indicator
            case "global_days":
                return str(int(row.glob)) if row.glob in {"010", "090"} else None
            case "pre_percent" | "intra_percent" | "post_percent":
                # In hundredths of the package; a code whose shares are all zero has no national split.
                share: int = getattr(row, name.removesuffix("_percent"))
                return str(share) if row.pre + row.intra + row.post else None
            case "endo_base":
                return row.endo_base or None
            case "rvu.work":
                return plain(row.work)
        raise KeyError(name)

    def _share(self, name: str, setting: str) -> str | None:
        found = self._shares.get(name)
        if not found:
            return None
        if setting:
            return _dollars(getattr(found, _SETTINGS[setting]))
        return phrase(found)

    def _amount(self, which: str) -> str | None:
        allowed = self._shares.allowed()
        if which == "difference":
            return None if allowed.office is None or allowed.facility is None else dollars(allowed.office - allowed.facility)
        if which in _SETTINGS:
            return _dollars(getattr(allowed, _SETTINGS[which]))
        part = {"professional": self._shares.professional, "technical": self._shares.technical}[which]()
        return _dollars(part.office)

    def _patient(self, setting: str) -> str | None:
        """Return the coinsurance after the deductible: what Medicare's share leaves (medpayiq/payment/patient.py)."""
        cents = getattr(self._shares.allowed(), _SETTINGS[setting])
        return None if cents is None else dollars(cents - percent_of(cents, self._facts.percentages["medicare_share"]))

    def _edits(self, which: str) -> str | None:
        edits = self._facts.edits
        if edits.ptp is None:
            return None
        return str(edits.ptp.quarter) if which == "quarter" else f"{edit_count(edits, self._code, which):,}"

    def _edit(self, other: str) -> str | None:
        """Say how the code and another stand in the edit set."""
        found = self._facts.edits.between(self._code, other)
        if found is None:
            return None
        column2, indicator = found
        return f"{column2} is the column 2 code, modifier indicator {indicator}"

    def _threshold(self, which: str) -> str | None:
        day = self._facts.meta.effective_from
        row = next((one for one in rules.read("thresholds")[which] if one["from"] <= day <= one.get("to", "9999-12-31")), None)
        return None if row is None else dollars(int(row["dollars"].replace(".", ""))).removesuffix(".00")


def _dollars(cents: int | None) -> str | None:
    return None if cents is None else dollars(cents)
