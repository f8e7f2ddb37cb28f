"""What happens after the fee schedule amount is settled: shares, practitioner, participation, charge, Medicare's and the patient's part."""

from __future__ import annotations

from medpayiq.payment.admission import RULE_OFF, in_list
from medpayiq.payment.model import Book, Circumstances, Work
from medpayiq.payment.money import percent_of, percent_words, plain, round_half_up

_WHO = ("62", "80", "81", "82", "AS")
_BONUS_ALL = frozenset("0268")
_BONUS_READING = frozenset("14")
_BONUS_ROLES = ("AA", "AD", "QK", "QY", "GC")


def adjust(work: Work, circumstances: Circumstances, book: Book) -> None:
    """Take the steps that act on one line: share of the package, role, practitioner, 95%, net charge (payment spec, section 14, steps 7 to 9)."""
    percents, modifiers, line = book["percentages"], book["modifiers"], work.line
    taken = len(work.trace)
    _split(work, book)
    for one in _WHO:
        if work.has(one) and RULE_OFF not in work.conditions:
            percent = percents[modifiers[one]["percent"]]
            work.step(modifiers[one]["percent"], percent_of(work.amount, percent), percent_words(work.amount, percent))
    who = book["practitioners"].get(circumstances.practitioner, {})
    if "percent" in who and not work.has("AS"):  # the percentage of AS has it in it
        percent = percents[who["percent"]]
        work.step("practitioner", percent_of(work.amount, percent), percent_words(work.amount, percent))
    if circumstances.nonparticipating:
        _not_participating(work, bool(who.get("assignment")) or work.has("AS", "QX", "QZ"), circumstances, book)
    if len(work.trace) - taken > 1:
        work.note("LAST_CENT")
    if line.net_charge is not None and line.net_charge < work.amount:
        work.step("net_charge", line.net_charge, f"lower of {plain(work.amount)} and {plain(line.net_charge)}")
    work.due = work.amount


def charge(work: Work) -> None:
    """Take the charge where it is lower; both sides on two lines are held to the sum of their charges (chapter 23, Addendum, field 22).

    What one side's charge cuts off is then paid on the other, as far as the other's charge goes. Indicator 3 is paid by sides,
    and held to the charge of each.
    """
    charged, due, other = work.line.charge, work.due, work.partner
    if charged is None:
        return
    if charged < due:
        work.step("charge", charged, f"lower of {plain(due)} and {plain(charged)}")
    elif other is not None and other.refused is None and other.line.charge is not None and work.line.net_charge is None and work.row.bilat != "3":
        left = min(charged - due, other.due - other.line.charge)
        if left > 0:
            work.step("charge", due + left, f"{plain(due)} + {plain(left)} that the other side's charge left = {plain(due + left)}")


def _split(work: Work, book: Book) -> None:
    """Pay the share of the global package that 54, 55 or 78 stands for (chapter 12, section 40.4.B, C)."""
    modifier = next((one for one in ("54", "55", "78") if work.has(one)), None)
    if modifier is None or not work.row.pre + work.row.intra + work.row.post:
        return
    hundredths = sum(int(getattr(work.row, name)) for name in book["modifiers"][modifier]["share"])
    share = round_half_up(work.amount * hundredths, 100)
    work.step("split", share, f"{plain(work.amount)} × {plain(hundredths)} = {plain(share)}")
    if modifier == "78":
        work.note("NOT_ON_RETURN")
    if modifier != "55":
        return
    whole = int(work.row.glob)
    if work.line.days is None:
        work.note("DAYS_ASSUMED")
        return
    days = work.line.days
    part = round_half_up(work.amount * days, whole)
    work.step("days", part, f"{plain(work.amount)} × {days} ÷ {whole} = {plain(part)}")


def _not_participating(work: Work, assigned: bool, circumstances: Circumstances, book: Book) -> None:
    """Take 95%, and work out the limiting charge from the amount for participants (chapter 12, section 20.4.1; chapter 1, section 30.3.12)."""
    percents = book["percentages"]
    if assigned:
        if not circumstances.five_percent:
            work.note("NPP_FIVE_PERCENT")
            return
    elif work.line.net_charge is None:  # a test under the anti-markup rule has no limiting charge (chapter 13, section 20.3)
        work.share["limiting_charge"] = percent_of(work.amount, percents["limiting_charge"])
        work.note("LIMITING_FROM_PAR")
    percent = percents["nonparticipating"]
    work.step("nonparticipating", percent_of(work.amount, percent), percent_words(work.amount, percent))


def divide(work: Work, deductible: int, circumstances: Circumstances, book: Book) -> int:
    """Divide the allowed amount between Medicare and the patient; return what is left of the deductible, in cents.

    Deductible, then Medicare's percentage, the therapy assistant's cut, sequestration (chapter 23, section 30; chapter 5,
    section 20.1; payment spec, section 13).
    """
    percents, allowed = book["percentages"], work.amount
    percent = percents["medicare_share"]
    taken = min(deductible, allowed)
    if in_list(work.line.code, "no_patient_share", book):
        percent, taken = "100", 0
        work.note("NO_PATIENT_SHARE")
    elif work.has("PT"):
        percent, taken = percents["screening_share"], 0
        work.note("SCREENING_SHARE")
    if taken:
        work.step("deductible", allowed - taken, f"{plain(allowed)} − {plain(taken)} = {plain(allowed - taken)}")
    subject = allowed - taken
    medicare = percent_of(subject, percent)
    coinsurance = subject - medicare
    work.step("medicare", medicare, percent_words(subject, percent))
    if work.has("CQ", "CO") and percents["therapy_assistant"] != "100":
        cut = percents["therapy_assistant"]
        medicare = round_half_up(subject * int(percent) * int(cut), 10**4)
        work.step("therapy_assistant", medicare, f"{plain(subject)} × {percent}% × {cut}% = {plain(medicare)}")
    sequestration = percent_of(medicare, percents["sequestration"])
    if sequestration:
        work.step("sequestration", medicare - sequestration, f"{plain(medicare)} − {plain(sequestration)} ({percents['sequestration']}%) = {plain(medicare - sequestration)}")
    work.share |= {
        "deductible": taken,
        "coinsurance": coinsurance,
        "patient": taken + coinsurance,
        "medicare_before_seq": medicare,
        "sequestration": sequestration,
        "medicare_paid": medicare - sequestration,
    }
    if work.has("AQ"):
        _bonus(work, circumstances, book)
    return deductible - taken


def _bonus(work: Work, circumstances: Circumstances, book: Book) -> None:
    """Work out the shortage-area bonus: a percentage of what Medicare paid, apart from the allowed amount (chapter 12, sections 90.4.4, 90.4.5)."""
    who = book["practitioners"].get(circumstances.practitioner, {"physician": True})
    row = work.row
    of_row = row.modifier == "26" or (row.modifier != "TC" and row.pctc in _BONUS_ALL)
    earns = work.has(*_BONUS_ROLES) if row.status == "J" else of_row
    if not who.get("physician"):
        work.note("BONUS_NONE")
    elif earns:
        percent = book["percentages"]["bonus"]
        work.share["hpsa_bonus"] = percent_of(work.share["medicare_paid"], percent)
        work.note("BONUS_ORDER")
    elif row.modifier != "TC" and row.pctc in _BONUS_READING:
        work.note("BONUS_READING_ONLY")
    else:
        work.note("BONUS_NONE")
