"""The JSON twin of a code page: the same facts as text, for programs (``/data/v1/codes/<CODE>.json``)."""

from __future__ import annotations

from typing import Any

import orjson

from medpayiq.pages.bundling import as_data
from medpayiq.pages.entries import Entry
from medpayiq.pages.figures import LABELS
from medpayiq.pages.models import CodePage, Rule
from medpayiq.pages.naming import open_name
from medpayiq.pages.site import SiteData
from medpayiq.pages.tip_models import TipOnPage
from medpayiq.payment.amount import Outcome
from medpayiq.payment.money import plain


def twin(entry: Entry, page: CodePage, site: SiteData) -> bytes:
    """Return the twin's bytes. Every number is text: dollars with two decimals, RVUs with two, factors with four."""
    meta = site.snapshot.meta
    data = {
        "code": entry.code,
        "system": entry.system,
        "name": open_name(entry, site),
        "url": page.head.canonical,
        "release": meta.release,
        "effective_from": site.days[0],
        "effective_to": site.days[1],
        "conversion_factors": site.factors.values,
        "status": entry.main.status,
        "verdict": page.verdict,
        "answer": page.answer,
        "next_step": page.next_step,
        "confidence": page.confidence,
        "rows": [_row(modifier, entry, site) for modifier in entry.rows],
        "rules": [_rule(one) for one in page.rules],
        "ncci": as_data(entry.code, site),
        "tips": [_tip(one) for part in page.tips.record[:2] for one in part],
        "field": site.reports.codes.get(entry.code),
        "source": page.source_file,
    }
    return orjson.dumps(data, option=orjson.OPT_APPEND_NEWLINE)


def _rule(rule: Rule) -> dict[str, Any]:
    field, sources = rule.source.record
    return {"field": field, "text": rule.text, "sources": [one.label for one in sources]}


def _tip(tip: TipOnPage) -> dict[str, Any]:
    foot = tip.foot.record
    return {"id": tip.head.record[0], "kind": tip.head.record[1], "title": tip.title, "do_html": tip.do, "impact_html": tip.impact, "basis": foot[0], "sources": [one.label for one in foot[1]], "verified": foot[2]}


def _row(modifier: str, entry: Entry, site: SiteData) -> dict[str, Any]:
    row = entry.rows[modifier]
    return {
        "modifier": modifier,
        "part": LABELS[modifier],
        "status": row.status,
        "rvus_used_for_payment": not row.not_used,
        "rvu": {"work": plain(row.work), "pe_office": plain(row.pe_nonfacility), "pe_facility": plain(row.pe_facility), "mp": plain(row.mp)},
        "na": {"office": bool(row.na_nonfacility), "facility": bool(row.na_facility)},
        "indicators": {
            "pctc": row.pctc,
            "glob": row.glob,
            "pre": plain(row.pre),
            "intra": plain(row.intra),
            "post": plain(row.post),
            "mult": row.mult,
            "bilat": row.bilat,
            "asst": row.asst,
            "cosurg": row.cosurg,
            "team": row.team,
            "endo_base": row.endo_base or None,
            "supervision": row.supervision,
            "imaging_family": row.imaging_family,
        },
        "amounts": {kind: dict(zip(("office", "facility"), map(_amount, site.prices(row, factor)), strict=True)) for kind, factor in _factors(site)},
    }


def _factors(site: SiteData) -> list[tuple[str, int]]:
    if site.factor_qp is None:
        return [("all", site.factor)]
    return [("non_qp", site.factor), ("qp", site.factor_qp)]


def _amount(outcome: Outcome) -> dict[str, Any]:
    if outcome.cents is None:
        return {"result": outcome.result}
    made: dict[str, Any] = {"result": outcome.result, "allowed": plain(outcome.cents)}
    if outcome.cap is not None and outcome.fee_schedule is not None:
        made |= {"fee_schedule": plain(outcome.fee_schedule), "opps_cap": plain(outcome.cap)}
    if outcome.notes:
        made["notes"] = list(outcome.notes)
    return made
