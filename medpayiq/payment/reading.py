"""Reads what people type into lines and circumstances; whatever does not fit becomes a named refusal, never an exception."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from medpayiq.payment.model import Book, Circumstances, Facts, Line, Refusal

NATION = "00000/00"
"""The locality of national amounts, where every index is 1.000."""
MOST_LINES = 50
"""Service lines of one professional claim."""
_CODE = re.compile(r"[0-9A-Z]{5}", re.ASCII)
_MODIFIER = re.compile(r"[0-9A-Z]{2}", re.ASCII)
_WHOLE = re.compile(r"[0-9]{1,4}", re.ASCII)
_DOLLARS = re.compile(r"([0-9]{1,7})(?:\.([0-9]{1,2}))?", re.ASCII)
_BETWEEN = re.compile(r"[ ,;\t\r\n]+")
_SMALL = str.maketrans("abcdefghijklmnopqrstuvwxyz", "ABCDEFGHIJKLMNOPQRSTUVWXYZ")
_LINE = ("code", "modifiers", "units", "charge", "net_charge", "base_units", "minutes", "induction", "days", "documented", "other_surgeon")
_CLAIM = ("pos", "setting", "locality", "factor", "practitioner", "participation", "deductible", "other_service", "five_percent")


def circumstances(raw: Mapping[str, Any], facts: Facts, book: Book) -> Circumstances | Refusal:
    """Read what holds for the whole claim. Every field is text; absent and blank are the same.

    ``pos`` two digits, or ``setting`` nonfacility | facility; ``locality`` carrier/locality; ``factor`` qp | non_qp;
    ``practitioner`` a key of rules/practitioners.yml; ``participation`` par | nonpar; ``deductible`` dollars left;
    ``other_service`` and ``five_percent`` yes | no.
    """
    texts = _texts(raw, _CLAIM)
    if texts is None:
        return Refusal("text_form")
    place = facts.place(texts["locality"])
    if place is None:
        return Refusal("locality_unknown")
    setting = _setting(texts["pos"], texts["setting"], book)
    if isinstance(setting, Refusal):
        return setting
    kinds = book["factors"]
    kind = "all" if "all" in kinds else texts["factor"] or None
    if kind is not None and kind not in kinds:
        return Refusal("choice_form", "factor")
    if texts["practitioner"] and texts["practitioner"] not in book["practitioners"]:
        return Refusal("choice_form", "practitioner")
    if texts["participation"] not in {"", "par", "nonpar"}:
        return Refusal("choice_form", "participation")
    for name in ("other_service", "five_percent"):
        if texts[name] not in {"", "yes", "no"}:
            return Refusal("choice_form", name)
    deductible = dollars_of(texts["deductible"])
    if texts["deductible"] and deductible is None:
        return Refusal("charge_form")
    return Circumstances(
        setting="facility" if setting == "facility" else "office",
        pos=texts["pos"] or None,
        place=place,
        national=texts["locality"] == NATION,
        factor_kind=kind,
        factor=int(kinds[kind].replace(".", "")) if kind else 0,
        practitioner=texts["practitioner"],
        nonparticipating=texts["participation"] == "nonpar",
        five_percent=texts["five_percent"] == "yes",
        deductible=deductible or 0,
        other_service=texts["other_service"] == "yes",
    )


def _setting(pos: str, setting: str, book: Book) -> str | Refusal:
    """Return the rate of a place of service (chapter 12, section 20.4.2; chapter 26, section 10.5)."""
    if pos:
        place = book["places"].get(pos)
        if place is None:
            return Refusal("place_unknown")
        return Refusal("place_unused") if place["setting"] == "unused" else str(place["setting"])
    if not setting:
        return Refusal("place_missing")
    return setting if setting in {"facility", "nonfacility"} else Refusal("choice_form", "setting")


def line(number: int, raw: Any) -> Line | Refusal:
    """Read one line. Every field is text; absent and blank are the same.

    ``code``; ``modifiers`` with blanks between them; ``units``; ``charge`` and ``net_charge`` in dollars; ``base_units``,
    ``minutes`` and ``induction`` (yes | no) for anesthesia; ``days`` of care for 55; ``documented`` (yes | no) for 22;
    ``other_surgeon`` (yes | no): another surgeon was paid first.
    """
    texts = _texts(raw, _LINE) if isinstance(raw, Mapping) else None
    if texts is None:
        return Refusal("text_form")
    code = texts["code"].translate(_SMALL)
    if not _CODE.fullmatch(code):
        return Refusal("code_form")
    modifiers = tuple(one for one in _BETWEEN.split(texts["modifiers"].translate(_SMALL)) if one)
    if any(not _MODIFIER.fullmatch(one) for one in modifiers):
        return Refusal("modifier_form")
    units = _whole(texts["units"] or "1", 999)
    if units is None:
        return Refusal("units_form")
    money = {name: dollars_of(texts[name]) for name in ("charge", "net_charge")}
    if any(texts[name] and cents is None for name, cents in money.items()):
        return Refusal("charge_form")
    numbers: dict[str, int | None] = {}
    for name, most, answer in (("base_units", 99, "base_units_form"), ("minutes", 1440, "minutes_form"), ("days", 90, "days_form")):
        numbers[name] = _whole(texts[name], most)
        if texts[name] and numbers[name] is None:
            return Refusal(answer)
    for name in ("induction", "documented", "other_surgeon"):
        if texts[name] not in {"", "yes", "no"}:
            return Refusal("choice_form", name)
    return Line(
        number,
        code,
        modifiers,
        units,
        money["charge"],
        money["net_charge"],
        numbers["base_units"],
        numbers["minutes"],
        texts["induction"] == "yes",
        numbers["days"],
        texts["documented"] != "no",
        texts["other_surgeon"] == "yes",
    )


def _texts(raw: Mapping[str, Any], names: tuple[str, ...]) -> dict[str, str] | None:
    """Return the named fields, blank where absent; None when one is not text."""
    made = {}
    for name in names:
        value = raw.get(name)
        if value is not None and not isinstance(value, str):
            return None
        made[name] = value or ""
    return made


def _whole(text: str, most: int) -> int | None:
    """Return a whole number from 1 to ``most``, or None."""
    if not _WHOLE.fullmatch(text):
        return None
    number = int(text)
    return number if 1 <= number <= most else None


def dollars_of(text: str) -> int | None:
    """Return an amount in cents, or None for what is not dollars and cents."""
    match = _DOLLARS.fullmatch(text)
    if match is None:
        return None
    return int(match[1]) * 100 + int((match[2] or "").ljust(2, "0"))
