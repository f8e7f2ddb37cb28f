"""Decides whether a line can be priced: its code, its modifiers together, its row and status, its modifiers by the row's indicators."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from medpayiq.cms.records import Service
from medpayiq.payment.amount import is_priced, setting_refusal
from medpayiq.payment.model import Book, Circumstances, Facts, Line, Refusal, Work

MOST_MODIFIERS = 4
"""Modifiers of one claim line (Claims Processing Manual, chapter 26, section 10.4, item 24D)."""
ROLES = ("AA", "AD", "QK", "QX", "QY", "QZ")
"""Modifiers that say who gave the anesthesia (chapter 12, section 50)."""
DISCIPLINES = ("GP", "GO", "GN")
RULE_OFF = "first_bill"
"""The condition which says that the rule for several surgeons does not apply to a code: its first bill is paid in full (section 40.8)."""
SIDES = ("RT", "LT")
_ROW_MODIFIERS = ("26", "TC", "53")
_DELETED = frozenset("DFGH")
_MAC_PRICES = frozenset("CR")
"""Statuses of services that the MAC prices where CMS's file has no RVUs."""


def in_list(code: str, name: str, book: Book) -> bool:
    """Say whether a list of rules/lists.yml holds a code."""
    return any(one[0] <= code <= one[-1] for one in book["lists"][name])


def column_answer(modifier: str, row: Service, book: Book) -> str | None:
    """Return what the column that decides about a modifier (``by`` in rules/modifiers.yml) says of it on a row; None where it just stands."""
    entry = book["modifiers"].get(modifier, {})
    answer: str | None = entry["values"].get(getattr(row, entry["by"])) if "by" in entry else None
    return answer


def pays_percentage(modifier: str, row: Service, book: Book) -> bool:
    """Say whether a modifier's own percentage can be paid on a row: no column refuses it, or sets its rule aside."""
    answer = column_answer(modifier, row, book)
    return answer is None or (answer in book["conditions"] and answer != RULE_OFF)


def admit(line: Line, circumstances: Circumstances, facts: Facts, book: Book) -> Work | Refusal:
    """Return the line ready for pricing, or the reason why it has no amount.

    In this order: the code is in the release; the modifiers are known and fit together; the row; its status; its setting; the
    modifiers fit the row's indicators (payment spec, section 14, step 1).
    """
    parts = facts.rows(line.code)
    if not parts:
        return Refusal("code_unknown")
    refused = _together(line.modifiers, book)
    if refused is not None:
        return refused
    row = _row(line, parts)
    if isinstance(row, Refusal):
        return row
    paying = tuple(sorted(one for one in line.modifiers if book["modifiers"].get(one, {}).get("effect") == "changes"))
    sites = tuple(sorted(one for one in line.modifiers if one in {*SIDES, *book["anatomic"]["codes"]}))
    work = Work(line, row, parts, paying, sites)
    refused = _status(row) or _fits(work, circumstances, book)
    if refused is None:
        answer = setting_refusal(row, circumstances.setting, circumstances.pos)
        refused = Refusal(answer) if answer else _practitioner(work, circumstances, book)
    return refused or work


def _together(modifiers: Sequence[str], book: Book) -> Refusal | None:
    """Refuse modifiers that are not known, and those that exclude each other on one line."""
    for one in modifiers:
        if one not in book["anatomic"]["codes"] and one not in book["reporting"]["codes"]:
            entry = book["modifiers"].get(one)
            if entry is None:
                return Refusal("modifier_unknown", one)
            if entry.get("late"):
                return Refusal("modifier_late", one)
    for at, one in enumerate(modifiers):
        if one in modifiers[:at]:
            return Refusal("modifier_twice", one)
    if len(modifiers) > MOST_MODIFIERS:
        return Refusal("too_many_modifiers")
    for pair in book["refused"]:
        first = [one for one in pair["among"] if one in modifiers]
        second = [one for one in pair.get("with", pair["among"]) if one in modifiers]
        for one in first:
            for other in second:
                if one != other and [one, other] not in pair.get("except", []) and [other, one] not in pair.get("except", []):
                    return Refusal(pair["answer"], one, other)
    for one in modifiers:
        needs = book["modifiers"].get(one, {}).get("needs")
        if needs and not any(other in modifiers for other in needs):
            return Refusal(book["modifiers"][one]["missing"], one)
    return None


def _row(line: Line, parts: Mapping[str, Service]) -> Service | Refusal:
    """Return the row that prices the line (payment spec, section 2)."""
    for modifier in _ROW_MODIFIERS:
        if modifier not in line.modifiers:
            continue
        if modifier in parts:
            return parts[modifier]
        if modifier == "TC" and "26" in parts:
            return Refusal("no_technical", modifier)
        if modifier != "53":
            # What this fee schedule never pays is no question of parts; what the MAC prices by it is (chapter 23, Addendum, field 20).
            return ("" in parts and "TC" not in parts and parts[""].status not in _MAC_PRICES and _status(parts[""])) or Refusal("no_parts", modifier)
    return parts.get("") or Refusal("reading_needed")


def _status(row: Service) -> Refusal | None:
    """Refuse a status without a national amount (chapter 23, section 30.2.2)."""
    if row.status in _DELETED:
        return Refusal("code_deleted")
    if row.status == "J" or is_priced(row):
        return None
    return Refusal("status_a" if row.status == "T" else f"status_{row.status.lower()}")


def _fits(work: Work, circumstances: Circumstances, book: Book) -> Refusal | None:
    """Refuse modifiers that the row's indicators do not admit, and modifiers that are missing."""
    for one in work.line.modifiers:
        entry: Mapping[str, Any] = book["modifiers"].get(one, {})
        if entry.get("group") == "anesthesia" and entry["effect"] == "changes" and work.row.status != "J":
            return Refusal("not_anesthesia", one)
        if entry.get("group") == "visit" and "by" in entry and not in_list(work.line.code, "visits", book):
            work.note("ON_VISITS", modifier=one)
        if "list" in entry and not in_list(work.line.code, entry["list"], book):
            return Refusal(entry["unlisted"], one)
        if "never" in entry and in_list(work.line.code, entry["never"], book):
            return Refusal(entry["listed"], one)
        answer = column_answer(one, work.row, book)
        if answer is not None and answer in book["conditions"]:
            if work.line.other_surgeon and answer == RULE_OFF:
                return Refusal("other_surgeon", one)
            work.conditions.append(answer)
        elif answer is not None and not (one == "55" and work.has("FT")):  # critical care after a full transfer (section 30.6.12.7)
            refused = _refuse(work, answer, one, book)
            if refused is not None:
                return refused
        if "answer" in entry and not _own_row(work, one):
            refused = _refuse(work, entry["answer"], one, book)
            if refused is not None:
                return refused
        if "share" in entry and work.row.glob != "XXX" and not work.row.pre + work.row.intra + work.row.post and not (one == "78" and work.row.glob == "000"):
            work.stop("split_unknown", one)
    if work.has("50") and work.line.units > 1:
        return Refusal("bilateral_units", "50")
    if work.has("55") and work.line.days is not None and work.row.glob in {"010", "090"} and work.line.days > int(work.row.glob):
        return Refusal("days_form")
    if work.row.status == "J" and work.line.units > 1:
        return Refusal("anesthesia_units")
    return _therapy(work, circumstances, book)


def _refuse(work: Work, answer: str, modifier: str, book: Book) -> Refusal | None:
    """Refuse the line; a line that the MAC prices by report stays on the claim, where it still takes its rank."""
    if answer == "increased" and not work.line.documented:
        return None  # without documents 22 is paid as if it were not there (chapter 12, section 40.4.A)
    if book["refusals"][answer]["result"] != "NO_NATIONAL_RULE":
        return Refusal(answer, modifier)
    work.stop(answer, modifier)
    return None


def _own_row(work: Work, modifier: str) -> bool:
    """Say whether CMS's file prices the modifier in a row of its own (53)."""
    return work.row.modifier == modifier


def _therapy(work: Work, circumstances: Circumstances, book: Book) -> Refusal | None:
    """Ask therapy for its discipline, and hold evaluations to theirs (chapter 5, sections 20.1, 20.2).

    CMS's list of therapy codes is not at hand; the check rests on multiple procedure indicator 5.
    """
    if work.row.mult == "5":
        given = next((one for one in DISCIPLINES if work.has(one)), None)
        if given is None and not circumstances.national:
            return Refusal("discipline_needed")
        if given is None:
            work.note("DISCIPLINE_NEEDED")
        for bound, name in (("GP", "evaluation_pt"), ("GO", "evaluation_ot"), ("GN", "evaluation_slp")):
            if given and given != bound and in_list(work.line.code, name, book):
                return Refusal("discipline_bound", given, bound)
    who = book["practitioners"].get(circumstances.practitioner)
    barred = circumstances.pos is not None and not book["places"][circumstances.pos].get("therapists", True)
    if work.row.pctc == "7" and barred and who is not None and who.get("therapist"):
        return Refusal("therapist_in_hospital")
    return None


def _practitioner(work: Work, circumstances: Circumstances, book: Book) -> Refusal | None:
    """Refuse a practitioner whom Medicare pays for other codes alone, and modifiers that others alone bill.

    Those are assistants at surgery (chapter 12, sections 20.4.3, 110.2, 120.1), roles in anesthesia (sections 50.I, 140.3.3) and therapists'
    assistants (chapter 5, section 20.1).
    """
    who = book["practitioners"].get(circumstances.practitioner)
    if who is None:
        return None
    if "list" in who and not in_list(work.line.code, who["list"], book):
        return Refusal("practitioner_codes")
    for one in work.line.modifiers:
        entry: Mapping[str, Any] = book["modifiers"].get(one, {})
        if "of" in entry and not who.get(entry["of"]):
            return Refusal(entry["others"], one)
    return None
