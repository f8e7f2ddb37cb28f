"""Prices a claim: reads its lines, admits them, takes every step in order, and answers each line with an amount or a refusal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from medpayiq.payment import anesthesia, multiple, patient, reading, therapy
from medpayiq.payment.admission import admit
from medpayiq.payment.amount import has_flat_rate, opps_cap, remarks
from medpayiq.payment.items import FLAT_RATE, base, items
from medpayiq.payment.model import Book, Circumstances, Facts, Line, Note, Refusal, Result, Work
from medpayiq.payment.money import plain

Answer = Work | tuple[Line | None, Refusal]
"""A line with its amount on the way, or why it has none; without a line where it could not be read."""
_MAC_PRICED = frozenset({"status_c", "status_a", "status_r"})


def price_claim(raw: Mapping[str, Any], facts: Facts, book: Book) -> list[Result]:
    """Answer every line of a claim (payment spec, section 0), in the order given.

    ``raw`` has ``lines`` and the circumstances; their fields stand in `medpayiq.payment.reading`. All lines are one patient's,
    of one day and one practitioner. Never raises for what people type: whatever does not fit is a named refusal.
    """
    lines = raw.get("lines")
    if not isinstance(lines, list):
        return []
    if len(lines) > reading.MOST_LINES:
        return [_refused(Refusal("too_many_lines"), "", "", book) for _ in lines]
    circumstances = reading.circumstances(raw, facts, book)
    answers: list[Answer] = []
    for number, one in enumerate(lines, 1):
        line = reading.line(number, one)
        if isinstance(line, Refusal):
            answers.append((None, line))
            continue
        if isinstance(circumstances, Refusal):
            refusal = circumstances if facts.rows(line.code) else Refusal("code_unknown")
            answers.append((line, refusal))
            continue
        admitted = admit(line, circumstances, facts, book)
        answers.append(admitted if isinstance(admitted, Work) else (line, admitted))
    if isinstance(circumstances, Refusal):
        return [_refused(one[1], one[0].code if one[0] else "", "", book) for one in answers if not isinstance(one, Work)]
    _price(answers, circumstances, facts, book)
    return [_answer(one, circumstances, facts, book) for one in answers]


def _price(answers: Sequence[Answer], circumstances: Circumstances, facts: Facts, book: Book) -> None:
    """Take the steps of all admitted lines together (payment spec, section 14)."""
    works = [one for one in answers if isinstance(one, Work)]
    for work in works:
        if work.row.status == "J":
            work.refused = anesthesia.price(work, circumstances, book) or work.refused
        elif circumstances.factor_kind is None:
            work.refused = Refusal("factor_needed")
        else:
            base(work, circumstances)
            _remark(work, circumstances, book)
    _alone(answers, works, circumstances)
    _anesthesia_codes(works)
    priced = [one for one in works if one.trace and one.row.status != "J" and not _bundled(one)]
    therapy.apply([one for one in priced if one.row.mult == "5"], circumstances, book)
    services = items([one for one in priced if one.row.mult != "5"], circumstances, facts, book)
    multiple.apply(services, circumstances, facts, book)
    _beside_unpriced(answers, priced, facts)
    deductible = circumstances.deductible
    payable = [one for one in works if one.trace and one.refused is None]
    for work in payable:
        patient.adjust(work, circumstances, book)
    for work in payable:
        patient.charge(work)
        allowed = work.amount
        deductible = patient.divide(work, deductible, circumstances, book)
        work.amount = allowed


def _bundled(work: Work) -> bool:
    return work.refused is not None and work.refused.answer == "not_alone"


def _remark(work: Work, circumstances: Circumstances, book: Book) -> None:
    """Note what CMS's file says of the row beside its amount, and where the amount is not certain."""
    for name in remarks(work.row, circumstances.setting):
        work.note(name)
    if work.row.glob == "ZZZ":
        work.note("ADD_ON")
    if any(has_flat_rate(work.row, one) for one in book["flat_rate"]):
        work.note(FLAT_RATE)


def _alone(answers: Sequence[Answer], works: Sequence[Work], circumstances: Circumstances) -> None:
    """Bundle status T beside anything else that is payable that day (chapter 23, section 30.2.2)."""
    others = circumstances.other_service or any(one.row.status != "T" for one in works)
    others = others or any(not isinstance(one, Work) and one[1].answer in _MAC_PRICED for one in answers)
    for work in works:
        if work.row.status == "T" and others:
            work.refused = Refusal("not_alone")


def _anesthesia_codes(works: Sequence[Work]) -> None:
    """Remind of the rule for several procedures under one anesthetic (chapter 12, section 50.E)."""
    given = [one for one in works if one.row.status == "J" and one.row.glob != "ZZZ"]
    if len(given) > 1:
        for work in given:
            work.note("ONE_ANESTHESIA_CODE")


def _beside_unpriced(answers: Sequence[Answer], priced: Sequence[Work], facts: Facts) -> None:
    """Say on ranked lines that a line priced by the MAC may rank above them."""
    for number, one in enumerate(answers, 1):
        if isinstance(one, Work) or one[1].answer not in _MAC_PRICED:
            continue
        row = facts.rows(one[0].code).get("") if one[0] else None
        if row is not None and row.mult in {"2", "3"}:
            for work in priced:
                if multiple.ranks(work):
                    work.note("UNPRICED_MAY_RANK", line=str(number))


def _answer(one: Answer, circumstances: Circumstances, facts: Facts, book: Book) -> Result:
    """Turn a line into its answer."""
    if not isinstance(one, Work):
        line, refusal = one
        refused = _refused(refusal, line.code if line else "", "", book)
        return _capped(refused, line, circumstances, facts, book) if line and refusal.answer == "status_c" else refused
    label = "-".join(part for part in (one.row.code, one.row.modifier) if part)
    notes = tuple((note.note, _filled(book["notes"][note.note]["say"], one.line.code, note)) for note in one.notes)
    if one.refused is not None:
        return _refused(one.refused, one.line.code, label, book)._replace(notes=notes, floor=one.floor)
    conditions = tuple((name, _filled(book["conditions"][name]["say"], one.line.code, Refusal(name))) for name in one.conditions)
    result = "CONDITIONAL" if conditions else "AMOUNT"
    return Result(result, "", "", one.amount, label, conditions, notes, tuple(one.trace), None, None, one.share)


def _capped(result: Result, line: Line, circumstances: Circumstances, facts: Facts, book: Book) -> Result:
    """Add the cap on what the MAC may pay for imaging that it prices (payment spec, section 1.8)."""
    rows = facts.rows(line.code)
    technical = "TC" in line.modifiers
    row = rows.get("TC" if technical else "")
    if row is None or not circumstances.factor:
        return result
    reading = rows.get("26")
    work = reading.work if reading is not None and not technical else row.work
    cap = opps_cap(row, circumstances.factor, circumstances.setting, circumstances.place.gpci, work)
    if cap is None:
        return result
    note = Note("CONTRACTOR_CAP", other=plain(cap))
    return result._replace(cap=cap, notes=((note.note, _filled(book["notes"][note.note]["say"], line.code, note)),))


def _refused(refusal: Refusal, code: str, row: str, book: Book) -> Result:
    entry = book["refusals"][refusal.answer]
    return Result(entry["result"], refusal.answer, _filled(entry["say"], code, refusal), None, row, (), (), (), None, None, {})


def _filled(say: str, code: str, what: Refusal | Note) -> str:
    """Fill a sentence's placeholders."""
    line = what.line if isinstance(what, Note) else ""
    for name, text in (("code", code), ("modifier", what.modifier), ("other", what.other), ("line", line)):
        say = say.replace("{" + name + "}", text)
    return say
