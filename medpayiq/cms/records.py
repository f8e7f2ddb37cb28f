"""The facts a snapshot holds, as typed immutable records; numbers are scaled integers, never floats."""

from __future__ import annotations

from typing import NamedTuple

RVU_PLACES = 2
"""RVUs travel as hundredths: 0.50 is 50."""
SHARE_PLACES = 2
"""Shares of a global package travel as hundredths: 0.10 is 10."""
GPCI_PLACES = 3
"""GPCIs travel as thousandths: 1.000 is 1000."""
CF_PLACES = 4
"""Conversion factors travel as ten-thousandths of a dollar: 33.4009 is 334009."""
CENT_PLACES = 2
"""Dollar amounts that CMS prints travel as cents."""


class Service(NamedTuple):
    """One row of PPRRVU: a code, with modifier 26, TC or 53 where CMS prices that apart."""

    code: str
    modifier: str
    status: str
    not_used: str
    """``+``: the RVUs are printed but not used for Medicare payment."""
    work: int
    pe_nonfacility: int
    na_nonfacility: str
    pe_facility: int
    na_facility: str
    mp: int
    pctc: str
    glob: str
    pre: int
    intra: int
    post: int
    mult: str
    bilat: str
    asst: str
    cosurg: str
    team: str
    pricing: str
    """PRIC IND, from 2026 on; blank before."""
    endo_base: str
    supervision: str
    calculation: str
    imaging_family: str
    opps_pe_nonfacility: int
    opps_pe_facility: int
    opps_mp: int
    line: int
    """Line of CMS's file that this row was read from."""


class Locality(NamedTuple):
    """One payment locality and its three GPCIs (thousandths)."""

    mac: str
    locality: str
    state: str
    name: str
    work: int
    """Work GPCI with the floor in force, as CMS printed it."""
    work_unfloored: int | None
    """Work GPCI without the 1.0 floor, where the file has both."""
    pe: int
    mp: int
    mark: str
    """CMS's own star after the name: ``*`` Alaska's work floor, ``**`` frontier states' PE floor."""


class AnesthesiaFactor(NamedTuple):
    """Anesthesia conversion factor of a locality, in cents a unit."""

    mac: str
    locality: str
    name: str
    factor: int
    """The one of the year; from 2026 on the non-QP one."""
    factor_qp: int | None


class Counties(NamedTuple):
    """The counties of a locality, in CMS's words."""

    mac: str
    locality: str
    state: str
    area: str
    counties: str


class OppsCap(NamedTuple):
    """The capped amount CMS published for one imaging row in one locality, in cents."""

    code: str
    modifier: str
    status: str
    mac: str
    locality: str
    facility: int
    nonfacility: int


class ZipArea(NamedTuple):
    """All ZIP codes with one three-digit beginning that share state, locality and flags."""

    prefix: str
    state: str
    mac: str
    locality: str
    split: str
    """``1``: the ZIP is split over localities and needs its four more digits."""
    rural: str
    """Blank urban, ``R`` rural, ``B`` super rural."""
    endings: str
    """The last two digits of each ZIP, run together: ``010203``."""


class Category(NamedTuple):
    """A code's place in CMS's Restructured BETOS classification; blank family where RBCS names none."""

    code: str
    category: str
    subcategory: str
    family: str


class HcpcsText(NamedTuple):
    """CMS's own short text of a HCPCS Level II code (never CPT, never a D code)."""

    code: str
    text: str


class PtpEdits(NamedTuple):
    """PTP edits of one column 1 code that are alike in everything but their column 2 codes."""

    column1: str
    indicator: str
    """``0`` no modifier bypasses them, ``1`` one may, ``9`` they were taken back."""
    effective: str
    """ISO date; blank where the source does not say."""
    deleted: str
    """ISO date, the last day they hold; ``*`` for none; blank where the source does not say."""
    before_1996: str
    """``*``: in existence before 1996."""
    rationale: str
    """CMS's label; blank where the source does not say."""
    column2: str
    """Codes in order, a blank between them."""


class UnitLimit(NamedTuple):
    """The most units of a code that CMS publishes for a practitioner (MUE)."""

    code: str
    units: int
    indicator: str
    """``1`` per claim line, ``2`` per day by policy, ``3`` per day for clinical reasons."""
    rationale: str
    """CMS's label."""


class AddOn(NamedTuple):
    """An add-on code and one primary code that it may go with."""

    code: str
    primary: str
    """``CCCCC`` where each contractor defines the primary codes."""
    type: str
    """``1`` with a listed primary alone, ``2`` none is listed, ``3`` some are listed."""
    effective: str
    """ISO date."""
    deleted: str
    """ISO date, the last day the edit holds; blank for none."""
    remark: str
    """CMS's special instruction."""
