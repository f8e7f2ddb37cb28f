"""Whether and how a code is paid, in words: the verdict of its status, what to do instead, how sure we are."""

from __future__ import annotations

from medpayiq import rules
from medpayiq.cms.records import Service
from medpayiq.content.selecting import kind_of
from medpayiq.pages.entries import Entry
from medpayiq.pages.general_models import HubCode
from medpayiq.pages.naming import name_of
from medpayiq.pages.policy import RULED
from medpayiq.pages.site import SiteData
from medpayiq.payment.amount import has_flat_rate, is_priced
from medpayiq.payment.money import dollars

_TRACKING = "-F"
"""How the codes are numbered that track quality: four digits and an F."""


def status_key(entry: Entry) -> str:
    """Return the key of rules/status.yml that a code stands under: its status, or a kind of it that has words of its own."""
    main = entry.main
    key = "R-unpriced" if main.status == "R" and not is_priced(main) else main.status
    kind = "reading" if entry.reading_alone else "tracking" if kind_of(entry.code) == _TRACKING else ""
    own = f"{key}-{kind}"
    return own if own in rules.read("status") else key


def status_of(entry: Entry, site: SiteData) -> dict[str, str]:
    """Return the entry of rules/status.yml for a code, its figures filled in."""
    status: dict[str, str] = rules.read("status")[status_key(entry)]
    if "{" in status.get("next", ""):
        national = site.snapshot.meta.anesthesia_national
        figures = {
            "": "",
            "all": f" (national ${national.get('all')})",
            "non_qp": f" (national ${national.get('non_qp')} non-QP, ${national.get('qp')} QP)",
        }["all" if "all" in national else "non_qp" if national else ""]
        status = {**status, "next": status["next"].replace("{anesthesia}", figures)}
    return status


def ruled(entry: Entry) -> Service:
    """Return the row whose rules hold for a code: where its status has none (X, a test that is no physician service), that of a physician's reading of it."""
    return entry.main if entry.main.status in RULED else entry.shown


def next_step(entry: Entry, status: dict[str, str]) -> str | None:
    """Say what to do about a code that this fee schedule does not price."""
    if entry.reading_alone:
        return status.get("next")
    for one in rules.read("status")["elsewhere"]:
        low, high = one["range"]
        if entry.main.status in one["status"] and low <= entry.code <= high and low[0].isdigit() == entry.code[0].isdigit():
            return str(one["next"])
    return status.get("next")


def confidence(main: Service, status: dict[str, str], site: SiteData) -> tuple[str, str]:
    """Return how sure the amount is (High, Conditional, None) and why; defined on the methodology page."""
    for one in rules.read("status")["flat_rate"]:
        if one["from"] <= site.snapshot.meta.effective_from and is_priced(main) and has_flat_rate(main, one):
            return "Conditional", one["why"]
    return status["confidence"], status["why"]


def hub_code(entry: Entry, site: SiteData) -> HubCode:
    """Return the line of a code in lists: its amounts, or the short verdict."""
    office, facility = site.prices(entry.shown, site.factor)
    name = name_of(entry, site)
    if entry.reading_alone:
        name = f"{name} (26)"
    if office.cents is None and facility.cents is None:
        return HubCode(entry.code, entry.url, name, status_of(entry, site)["verdict"], "", priced=False)
    texts = ["not paid" if one.cents is None else dollars(one.cents) for one in (office, facility)]
    if facility.cents is None:
        texts[1] = _reading(entry, site) or texts[1]
    return HubCode(entry.code, entry.url, name, texts[0], texts[1], priced=True)


def _reading(entry: Entry, site: SiteData) -> str:
    """Return what the reading of a test pays in a facility that provides the rest: a reader there is paid, though the whole test is not; blank where it has none."""
    row = entry.rows.get("26")
    cents = site.prices(row, site.factor)[1].cents if row else None
    return "" if cents is None else f"26: {dollars(cents)}"
