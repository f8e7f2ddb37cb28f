"""The worked example of a modifier's page: one code of the release, priced by the engine without the modifier and with it."""

from __future__ import annotations

from collections.abc import Iterator

from medpayiq import rules
from medpayiq.pages import figures
from medpayiq.pages.asking import MINUTES, REFUSED, UNITS, beside, claim_of, place_of
from medpayiq.pages.edit_models import Worked, WorkedStep
from medpayiq.pages.entries import Entry
from medpayiq.pages.models import Link
from medpayiq.pages.naming import name_of
from medpayiq.pages.policy import each_source
from medpayiq.pages.site import SiteData
from medpayiq.pages.standing import Standings
from medpayiq.payment.admission import ROLES
from medpayiq.payment.claim import price_claim
from medpayiq.payment.model import Result
from medpayiq.payment.money import dollars, plain

_SHARES = (("medicare_paid", "Medicare pays, after sequestration"), ("patient", "Patient pays"), ("hpsa_bonus", "Shortage-area bonus, paid apart"))

# Codes that many practices bill, by the modifier or the group that they show; the first one of the release that admits it is taken.
_BY_GROUP = {
    "part": ("71046", "93306", "70450", "88305", "93880", "95886"),
    "who": ("27447", "47562", "63047", "33533", "22612", "44204"),
    "how_much": ("27447", "66984", "47562", "29881", "11042", "20610"),
    "side": ("20610", "66984", "64483", "31231", "27447", "69436"),
    "therapy": ("97110", "97140", "97530", "97112", "97761", "97161"),
    "anesthesia": ("00790", "01402", "00142", "00840", "01967"),
    "equipment": ("71046", "73030", "73562", "72100", "74018"),
    "visit": ("99213", "99214", "99204", "99232", "99285"),
    "relation": ("20610", "11042", "45385", "11721", "64483", "29881"),
    "anatomic": ("11750", "11730", "11042"),
}
_BY_NAME = {
    "53": ("45378", "G0121", "44388"),
    "GO": ("97530", "97535", "97110", "97140"),
    "CO": ("97530", "97535", "97110", "97140"),
    "GN": ("92507", "92526", "92523"),
    "CT": ("70450", "71260", "74177", "72125"),
    "FS": ("99232", "99223", "99285"),
    "FT": ("99291", "99232"),
    "AI": ("99223", "99222", "99221"),
    "47": ("27447", "29881"),
    "90": ("88305",),
    "91": ("88305",),
    "PA": ("27447", "29881"),
    "PB": ("27447", "29881"),
    "PC": ("27447", "29881"),
    "PD": ("71046", "70450"),
    "PT": ("45385", "45380", "45378", "45384"),
    "AT": ("98941", "98940", "98942"),
    "63": ("49505", "36555"),
    **dict.fromkeys(("93", "95", "FQ", "G0", "GQ", "GT"), ("99213", "99214", "90837", "90834", "99204")),
}
_BY_SITE = {
    "E": ("67840", "15823", "67904"),
    "F": ("26055", "26600", "11750"),
    "T": ("28285", "11750", "11730"),
    "L": ("92928", "93458"),
    "R": ("92928", "93458"),
}
_COMMON = ("99213", "99214", "20610", "45385", "71046", "27447")


def common(name: str, group: str) -> tuple[str, ...]:
    """Return codes that many practices bill, those on which the modifier is seen most before the others."""
    if name in _BY_NAME:
        return _BY_NAME[name]
    if group == "anatomic" and name[0] in _BY_SITE:
        return _BY_SITE[name[0]]
    return _BY_GROUP.get(group, _COMMON)


def worked(name: str, group: str, standings: Standings, site: SiteData) -> Worked | None:
    """Return the example: a common code that the modifier changes, else the first that admits it, else one that shows the refusal.

    None where the release has no code to show it on.
    """
    code = _choose(name, group, standings)
    if code is None:
        return None
    entry = site.by_code[code]
    needed = beside(name, entry, standings.book)
    usual = ROLES[:1] if name in ROLES[1:] else needed  # no anesthesia is paid without a role
    at = _place(name, entry)
    before, after = (_price(entry, some, at, standings) for some in (usual, (name, *needed)))
    place = standings.book["places"][at]["name"]
    units = f" The line has {UNITS} base units and {MINUTES} minutes; the code's own base units stand in another file of CMS's." if entry.main.status == "J" else ""
    return Worked(
        code=Link(f"{code} {name_of(entry, site)}", entry.url),
        about=f"{figures.label(site)}, place of service {at}, {place}. Deductible met.{units}",
        without=f"With {', '.join(usual)}" if usual else f"Without {name}",
        having=f"With {', '.join((*needed, name))}",
        rows=tuple(_rows(before, after)),
        refusal=after.say or (f"Without {name}: {before.say}" if before.say else None),
        remarks=tuple(say for _, say in (*after.conditions, *after.notes)),
        steps=tuple(_steps(after)),
    )


def _choose(name: str, group: str, standings: Standings) -> str | None:
    """Choose by the outcome, and in it by the list of common codes; the same release gives the same code."""
    found = {code: outcome for code in common(name, group) if (outcome := standings.on(name, code)) is not None}
    for result in ("AMOUNT", "CONDITIONAL"):
        code = next((code for code, outcome in found.items() if outcome.stands and outcome.result == result), None) or standings.first(name, result)
        if code is not None:
            return code
    return next((code for code, outcome in found.items() if outcome.stands), None) or standings.first(name) or next(iter(found), None) or standings.any()


def _place(name: str, entry: Entry) -> str:
    """Return the place of service of the example: with telehealth the last that goes with it, the patient's home."""
    telehealth = rules.read("ncci")["telehealth"]
    return str(telehealth["places"][-1]) if name in telehealth["modifiers"] else place_of(entry)


def _price(entry: Entry, modifiers: tuple[str, ...], at: str, standings: Standings) -> Result:
    return price_claim(claim_of(entry, modifiers, standings.book) | {"pos": at}, standings.facts, standings.book)[0]


def _rows(before: Result, after: Result) -> Iterator[tuple[str, str, str]]:
    """Yield what is paid, without and with the modifier."""
    yield "Allowed amount", _allowed(before), _allowed(after)
    for name, label in _SHARES:
        if name in before.share or name in after.share:
            yield label, _share(before, name), _share(after, name)


def _share(result: Result, name: str) -> str:
    return dollars(result.share[name]) if name in result.share else "none"


def _allowed(result: Result) -> str:
    if result.allowed is not None:
        return dollars(result.allowed)
    if result.result == "NO_NATIONAL_RULE":
        return "no set amount"
    return "refused" if result.result in REFUSED else "not paid"


def _steps(result: Result) -> Iterator[WorkedStep]:
    """Yield the arithmetic as the engine traces it."""
    table = rules.read("steps")
    for one in result.trace:
        step = table[one.step]
        yield WorkedStep(step["label"], one.how, plain(one.after), each_source(step["sources"]))
