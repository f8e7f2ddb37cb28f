"""The release as one CSV (`/data/v1/release.csv`): a line a code and modifier, facts and no descriptor."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from medpayiq.cms.records import Service
from medpayiq.opendata import shapes
from medpayiq.opendata.shapes import Schema, blank_or, code, one_of, record, text
from medpayiq.pages.site import SiteData
from medpayiq.payment.amount import Outcome
from medpayiq.payment.money import plain

PATH = "data/v1/release.csv"
_FLAG = ("yes", "no")
_RVUS = {"work_rvu": "work", "pe_rvu_office": "pe_nonfacility", "pe_rvu_facility": "pe_facility", "mp_rvu": "mp"}
_CAPS = {"cap_pe_rvu_office": "opps_pe_nonfacility", "cap_pe_rvu_facility": "opps_pe_facility", "cap_mp_rvu": "opps_mp"}
_SHARES = {"share_before": "pre", "share_operation": "intra", "share_after": "post"}
_INDICATORS = {
    "professional_technical": "pctc",
    "global_days": "glob",
    "multiple_procedures": "mult",
    "both_sides": "bilat",
    "assistant_surgeon": "asst",
    "co_surgeons": "cosurg",
    "team_surgery": "team",
    "endoscopic_base": "endo_base",
    "supervision": "supervision",
    "imaging_family": "imaging_family",
}
_NOTED = "|".join(shapes.NOTES)


def columns() -> Mapping[str, Schema]:
    """Return every column, in order, with the schema of its cells. Their names and their order are part of v1: a new one comes last."""
    return {
        "release": text("CMS release.", pattern=shapes.RELEASE),
        "code": code("CPT or HCPCS code; read it as text, since some begin with 0."),
        "modifier": one_of(shapes.MODIFIERS, "Blank for the whole service; 26, TC or 53 for a part that CMS prices apart."),
        "status": one_of(shapes.STATUSES, shapes.FIELDS["status"]),
        "rvus_used_for_payment": one_of(_FLAG, "no where CMS prints RVUs that Medicare does not pay by."),
        **{name: shapes.hundredths(of) for name, of in _RVUS.items()},
        "na_office": one_of(_FLAG, "yes where CMS marks the service as rarely or never done in an office."),
        "na_facility": one_of(_FLAG, "yes where CMS marks the service as rarely or never done in a facility."),
        **{name: text(shapes.FIELDS[of], pattern="^[0-9A-Z]{0,5}$") for name, of in _INDICATORS.items()},
        **{name: shapes.hundredths(of) for name, of in (_SHARES | _CAPS).items()},
        **{name: cell for setting in ("office", "facility") for name, cell in _of_setting(setting)},
        "unit_limit": blank_or("^[0-9]+$", "Units of the unit limit (MUE) of practitioners, of the code with any modifier; blank where CMS publishes none."),
        "unit_limit_indicator": blank_or("^[123]$", "MUE adjudication indicator. 1: by claim line; 2 and 3: by day."),
    }


def _of_setting(setting: str) -> Iterator[tuple[str, Schema]]:
    yield f"{setting}_result", one_of(shapes.RESULTS, f"AMOUNT, or why there is none. {shapes.told(shapes.RESULTS)}")
    yield f"{setting}_non_qp", blank_or(shapes.MONEY, f"National amount in the {setting}, non-QP; up to 2025 the one for everybody. US dollars; blank where there is none.")
    yield f"{setting}_qp", blank_or(shapes.MONEY, f"National amount in the {setting} of a QP, from 2026 on. US dollars; blank where there is none.")
    yield f"{setting}_notes", text(f"What goes with the amounts, several apart by a blank. {shapes.told(shapes.NOTES)}", pattern=f"^(({_NOTED})( ({_NOTED}))*)?$")


def schema() -> Schema:
    """Return the schema of a row."""
    return record("One row of CMS's relative value file with its national amounts and unit limit.", columns())


def made(site: SiteData) -> bytes:
    """Return the file. No cell holds a comma or a quotation mark: codes, numbers and words of closed lists alone."""
    limits = site.snapshot.mue if site.edits.mue else {}
    release = site.snapshot.meta.release
    lines = [",".join(columns())]
    for entry in site.entries:
        limit = limits.get(entry.code)
        end = f"{limit.units},{limit.indicator}" if limit else ","
        lines += [f"{release},{_facts(row)},{_amounts(row, site)},{end}" for row in entry.rows.values()]
    return ("\r\n".join(lines) + "\r\n").encode()


def _facts(row: Service) -> str:
    flags = "no" if row.not_used else "yes", "yes" if row.na_nonfacility else "no", "yes" if row.na_facility else "no"
    rvus, others = (",".join(plain(getattr(row, of)) for of in table.values()) for table in (_RVUS, _SHARES | _CAPS))
    indicators = ",".join(getattr(row, of) for of in _INDICATORS.values())
    return f"{row.code},{row.modifier},{row.status},{flags[0]},{rvus},{flags[1]},{flags[2]},{indicators},{others}"


def _amounts(row: Service, site: SiteData) -> str:
    """Return result, amounts and notes of each setting; the results of both factors are the same."""
    main = site.prices(row, site.factor)
    qp = site.prices(row, site.factor_qp) if site.factor_qp is not None else (None, None)
    return ",".join(f"{one.result},{_cents(one)},{_cents(other)},{' '.join(dict.fromkeys((*one.notes, *(other.notes if other else ()))))}" for one, other in zip(main, qp, strict=True))


def _cents(outcome: Outcome | None) -> str:
    return "" if outcome is None or outcome.cents is None else plain(outcome.cents)
