"""The figures of a page: amounts, RVU rows, the picture of the parts, the sum written out."""

from __future__ import annotations

from medpayiq import rules
from medpayiq.cms.records import Service
from medpayiq.pages.entries import Entry
from medpayiq.pages.models import Amount, Bar, Link, Part, RvuRow
from medpayiq.pages.policy import FACILITY_COSTS, phrase
from medpayiq.pages.site import SiteData
from medpayiq.payment.amount import Outcome, national_sum
from medpayiq.payment.money import dollars, plain
from medpayiq.payment.shares import Pair

LABELS = {"": "Whole service", "26": "Professional part (26)", "TC": "Technical part (TC)", "53": "Discontinued (53)"}
_NO_AMOUNT = {
    "NOT_PAID_IN_FACILITY": "Not priced in a facility: the facility's payment covers it.",
    "NOT_PAID_IN_SETTING": "Not paid in this setting.",
}
_RARE_IN_FACILITY = "Not priced in a facility: CMS marks it as rarely or never done there."


def amounts(shown: Service, office: Outcome, facility: Outcome, site: SiteData) -> tuple[Amount, ...]:
    """Return office and facility, each with its amount or the reason why there is none."""
    if office.cents is None and facility.cents is None:
        return ()
    qp = site.prices(shown, site.factor_qp) if site.factor_qp else (None, None)
    made = []
    for setting, one, other in (("Office", office, qp[0]), ("Facility", facility, qp[1])):
        note = _NO_AMOUNT.get(one.result)
        if one.result == "NOT_PAID_IN_FACILITY" and shown.pctc not in FACILITY_COSTS:
            note = _RARE_IN_FACILITY
        elif "NA_NONFACILITY" in one.notes:
            note = _engines_note("NA_NONFACILITY")
        elif "OPPS_CAP" in one.notes and one.fee_schedule is not None:
            note = f"Capped at the hospital price; the fee schedule alone gives {dollars(one.fee_schedule)}."
        elif "THERAPY_OFFICE_RATE" in one.notes:
            note = _engines_note("THERAPY_OFFICE_RATE") if shown.mult == "5" else "CMS's file has the same figures for a facility."
        elif shown.pctc == "8" and one.cents is not None:
            note = "For hospital inpatients only."
        if shown.modifier:
            note = "Reading alone (26). " + (note or "") if one.cents is not None else note
        made.append(
            Amount(
                setting,
                None if one.cents is None else dollars(one.cents),
                dollars(other.cents) if other is not None and other.cents is not None else None,
                note.strip() if note else None,
            )
        )
    return tuple(made)


def _engines_note(name: str) -> str:
    """Return the sentence that the calculator beside the amounts says, too (rules/answers.yml)."""
    return str(rules.read("answers")["notes"][name]["say"])


def label(site: SiteData) -> str:
    """Say under which conditions the amounts hold."""
    kind = "national, non-QP" if site.factor_qp else "national"
    return f"{kind}, {site.period}"


def components(entry: Entry, site: SiteData) -> tuple[Link, ...]:
    """Return the amounts of the 26, TC and 53 rows in words."""
    made = []
    for modifier in ("26", "TC", "53"):
        row = entry.rows.get(modifier)
        if row is None or row is entry.main:
            continue
        office, facility = site.prices(row, site.factor)
        text = phrase(Pair(office.cents, facility.cents))
        if text is not None:
            made.append(Link(f"{LABELS[modifier]}: {text}", "#rvu"))
    return tuple(made)


def rvu_row(row: Service, site: SiteData) -> RvuRow:
    """Return one row of the RVU table."""
    office, facility = site.prices(row, site.factor)
    return RvuRow(
        label=LABELS[row.modifier],
        modifier=row.modifier,
        work=plain(row.work),
        pe_office=plain(row.pe_nonfacility),
        pe_facility=plain(row.pe_facility),
        mp=plain(row.mp),
        total_office=plain(row.work + row.pe_nonfacility + row.mp),
        total_facility=plain(row.work + row.pe_facility + row.mp),
        amount_office=None if office.cents is None else dollars(office.cents),
        amount_facility=None if facility.cents is None else dollars(facility.cents),
        status=row.status,
    )


def bars(shown: Service, office: Outcome, facility: Outcome) -> tuple[Bar, ...]:
    """Return the parts of the RVU total as pictures, one when both settings are alike."""
    made = []
    for setting, outcome, pe in _settings(shown, office, facility):
        total = shown.work + pe + shown.mp
        if outcome.cents is None or not total:
            continue
        parts, at = [], 0
        for label, rvu, css in (("Work", shown.work, "work"), ("Practice expense", pe, "pe"), ("Malpractice", shown.mp, "mp")):
            parts.append(Part(label, plain(rvu), _share(at, total), _share(rvu, total), css))
            at += rvu
        made.append(Bar(setting, plain(total), tuple(parts)))
    if len(made) == 2 and made[0].parts == made[1].parts:
        made = [Bar("Office and facility", made[0].total, made[0].parts)]
    return tuple(made)


def _share(part: int, total: int) -> str:
    """Percent of a whole with one decimal, as text for a picture."""
    tenths = (2000 * part + total) // (2 * total)
    return f"{tenths // 10}.{tenths % 10}"


def conversion(site: SiteData) -> tuple[tuple[str, str], ...]:
    """Return the conversion factors by name."""
    if site.factors.qp:
        return (("Conversion factor, non-QP", f"${site.factors.main}"), ("Conversion factor, QP", f"${site.factors.qp}"))
    return (("Conversion factor", f"${site.factors.main}"),)


def arithmetic(shown: Service, office: Outcome, facility: Outcome, site: SiteData) -> tuple[str, ...]:
    """Write the national sum out, one line a setting and conversion factor, and the cap's sum where it decides."""
    priced = [(name, outcome, pe) for name, outcome, pe in _settings(shown, office, facility) if outcome.fee_schedule is not None]
    if len(priced) == 2 and priced[0][2] == priced[1][2]:
        priced = [("Office and facility", *priced[0][1:])]
    factors = [("", site.factor)] if site.factor_qp is None else [(", non-QP", site.factor), (", QP", site.factor_qp)]
    made = []
    for setting, outcome, pe in priced:
        made += [_sum(f"{setting}{kind}", shown.work, pe, shown.mp, factor) for kind, factor in factors]
        if "OPPS_CAP" in outcome.notes:
            opps_pe = shown.opps_pe_facility if setting == "Facility" else shown.opps_pe_nonfacility
            made += [_sum(f"{setting}{kind}, the hospital price as a cap", shown.work, opps_pe, shown.opps_mp, factor) for kind, factor in factors]
    return tuple(made)


def _sum(label: str, work: int, pe: int, mp: int, factor: int) -> str:
    exact, cents = national_sum(work, pe, mp, factor)
    return f"{label}: ({plain(work)} + {plain(pe)} + {plain(mp)}) × {factor // 10000}.{factor % 10000:04d} = {exact}, rounded {dollars(cents)}"


def _settings(shown: Service, office: Outcome, facility: Outcome) -> tuple[tuple[str, Outcome, int], ...]:
    return ("Office", office, shown.pe_nonfacility), ("Facility", facility, shown.pe_facility)
