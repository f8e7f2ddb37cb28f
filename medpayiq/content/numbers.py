"""Finds the figures in a sentence: amounts, percentages and counts, in digits or in words, and not codes, modifiers or dates.

A tip may state a figure only if the section it cites states the same one, of the same thing. So both texts are read here, by the
same rules, and each figure is brought to one form: "15", "15 minutes", "50%", "$40.43". What it counts, medpayiq/content/counted.py
says.
"""

from __future__ import annotations

import bisect
import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Literal

from medpayiq.content.counted import counted, shares_noun
from medpayiq.content.number_words import WORDS, may_hold, reading

Kind = Literal["percent", "dollars", "plain"]


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure: its value without signs ("40.43", "50", "1/3"), what it counts, and where it stands in the text."""

    value: str
    kind: Kind
    text: str
    start: int
    end: int
    noun: str = ""
    """What a plain figure counts: ``minutes``, ``days``; empty where no noun of the list stands behind it."""

    @property
    def label(self) -> str:
        """The figure with its sign: ``15``, ``50%``, ``$40.43``."""
        return f"{self.value}%" if self.kind == "percent" else f"${self.value}" if self.kind == "dollars" else self.value

    @property
    def entry(self) -> str:
        """The form in which content/sources.yml lists it: ``15 minutes``, ``15``, ``50%``, ``$40.43``."""
        return f"{self.label} {self.noun}" if self.noun else self.label


def figures(text: str) -> list[Figure]:
    """Return every figure of a text, in the order in which they stand; ``start`` and ``end`` are offsets into ``text``."""
    plain, starts = _plain(text)
    masked = _masked(plain)
    if not _DIGIT.search(masked) and not may_hold(masked):
        return []
    found = _with_nouns(_shared_signs(list(_found(masked)), masked), plain)
    made = []
    for one in found:
        # A character such as the fraction sign became several: the figure ends where the next character begins.
        start, end = starts[one.start], starts[bisect.bisect_right(starts, starts[one.end - 1])]
        made.append(replace(one, text=text[start:end], start=start, end=end))
    return made


def entries(text: str) -> list[str]:
    """Return the figures of a text as content/sources.yml lists them: each once, plain ones first, by value, then by what they count."""
    return sorted({one.entry for one in figures(text)}, key=_order)


def _order(entry: str) -> tuple[int, Decimal, str]:
    label = entry.partition(" ")[0]
    top, _, bottom = label.strip("$%").partition("/")
    amount = Decimal(top) / Decimal(bottom) if bottom and Decimal(bottom) else Decimal(top)
    return (2 if label[0] == "$" else 1 if label[-1] == "%" else 0, amount, entry)


# --- one alphabet -------------------------------------------------------------------------------------------------------------

_DASHES = dict.fromkeys(map(ord, "\u2010\u2011\u2012\u2013\u2014\u2015\u2212"), "-") | {0x2044: "/", 0x2215: "/"}


def _plain(text: str) -> tuple[str, Sequence[int]]:
    """Return the text in plain digits, dashes and letters, and of each character the offset where it stood, the end added."""
    if text.isascii():
        return text, range(len(text) + 1)
    made: list[str] = []
    starts: list[int] = []
    for i, char in enumerate(text):
        if char.isascii():
            made.append(char)
            starts.append(i)
            continue
        if unicodedata.category(char) == "Cf":  # a soft hyphen, a joiner: nobody sees it
            continue
        for part in unicodedata.normalize("NFKC", char).translate(_DASHES):
            if unicodedata.category(char) == "No" and made and made[-1].isdigit() and starts[-1] != i:
                made.append(" ")  # "1" and the sign for one half are one and a half, not eleven halves
                starts.append(i)
            digit = unicodedata.decimal(part, None)
            made.append(part if digit is None else str(digit))
            starts.append(i)
    return "".join(made), [*starts, len(text)]


# --- what is no figure --------------------------------------------------------------------------------------------------------

_UNIT = r"(?![-\s]*(?:%|percent|per\s?cent|pct\b|dollars?\b|cents?\b|units?\b|min(?:ute)?s?\b|h(?:ou)?rs?\b|days?\b|weeks?\b|months?\b|years?\b|times\b|visits?\b|sessions?\b))"
"""What makes a number a figure whatever stands before it: "modifier 51 and 50 percent"."""
_MONTH = r"(?:Jan(?:uary|\.)?|Feb(?:ruary|\.)?|Mar(?:ch|\.)?|Apr(?:il|\.)?|May|June?|July?|Aug(?:ust|\.)?|Sept?(?:ember|\.)?|Oct(?:ober|\.)?|Nov(?:ember|\.)?|Dec(?:ember|\.)?)"
_MONTHS = "jan feb mar apr may jun jul aug sep oct nov dec"
_OPEN, _CLOSE = r"[\"“”'‘’(\[*_`]{0,4}+", r"[\"“”'‘’)\]*_`]{0,4}+"
_AND = r"\s*(?:,\s*(?:and|or)\b|[,;/]|-|\band/or\b|\band\b|\bor\b|\bthrough\b|\bto\b|\bversus\b|&|\+)\s*"
_LETTERS = (
    r"(?:AA|AD|AI|AQ|AS|AT|AY|CA|CO|CQ|CR|CS|CT|E[1-4]|ET|F[1-9A]|FB|FC|FQ|FR|FS|FT|FX|FY|GA|GC|GE|GG|GH|GJ|GK|GL|GN|GO|GP|GQ|GT|GU|GV|GW|GX|GY|GZ"
    r"|JA|JB|JW|JZ|KX|LC|LD|LM|LT|PA|PB|PC|PD|PI|PN|PO|PS|PT|Q0|Q[3-9A-Z]|RC|RI|RT|SG|T[1-9A]|TC|TS|UN|UP|UQ|UR|US|X[1-5]|XE|XP|XS|XU)"
)
"""Modifiers with a letter, among which a number of two digits is a modifier too: "GP or 59"."""


def _listed(item: str) -> str:
    one = rf"{_OPEN}{item}{_UNIT}{_CLOSE}"
    return rf"{one}(?:{_AND}{one})*"


_LINK = r"(?:\s*(?:\bof\b|\bis\b|\bare\b|\bequals?\b|\bequal\s+to\b|\bcodes?\b|\bvalues?\b|\bnumbers?\b|\bCPT\b|\bHCPCS\b|\bsuch\s+as\b|\beither\b|\bi\.e\.,?|\be\.g\.,?|\blike\b|[=:(#]))*\s*"
_TWO = rf"(?:-?\d\d|-?{_LETTERS})(?![\w.]?\w)"
_PLACES = _listed(r"-?\d[\w.]*+(?:-\d[\w.]*+)*+(?:\([0-9a-zA-Z]{1,4}\))*+")
_SETTINGS = _listed(r"\d{1,2}(?![\w.]?\d)")
_VALUES = _listed(r"(?:\d{1,2}|[A-Z0-9]{1,2})(?![\w.]?\w)")
_MODIFIERS = _listed(_TWO)
_REFERENCES = (
    r"(?=[§a-z.]++[\W_]*+(?:(?:codes?|numbers?|no\.|law)[\W_]*+)?\d)"  # a word with a number behind it: most are none, and are passed over at once
    r"(?:(?:sections?|§+|chapters?|titles?|articles?|items?|box(?:es)?|blocks?|lines?|columns?|steps?|examples?|tables?|exhibits?|levels?|fields?|loops?|pages?|paragraphs?|footnotes?|versions?"
    r"|transmittals?|attachments?|part|case|type|class|tier|phase|appendix|specialty|form|MSNs?|CARCs?|RARCs?|TOB|IOM|CR|MM|SE|Public\s+Law)\b"
    r"|(?:ch|chap|pub|rev|P\.?L)\.|publication\b|revision\b|(?:revenue|condition|occurrence|value|reason|remark|message)(?=\s+codes?\b))"
    r"(?:\s+(?:codes?|numbers?|no\.))?[\s(#:]*"
)

_AFTER_MODIFIER = rf"\b[Mm](?:odifiers?|ODIFIERS?){_LINK}{_MODIFIERS}"
_WITH_LETTER = rf"\b(?!USD?\d)[A-Za-z][A-Za-z_]*\d\w*(?:\.\w*\d\w*)*(?:-[0-9A-Z]{{1,2}}\b{_UNIT})*"
_CODES = rf"(?<![\w$.,])\d{{5}}(?:-[0-9A-Z]{{2}}(?!\w))*(?![\w]|[.,]\d){_UNIT}"
_NONE = [
    (re.compile(pattern, flags), tuple(needs.split()))
    for pattern, flags, needs in (
        # Behind each pattern what its text must hold, in small letters: looking for that takes a hundredth of the time.
        (r"\{[^{}\n]*\}", 0, "{"),
        (r"\d{13,}", 0, ""),
        (r"(?:https?://|www\.)\S+", re.IGNORECASE, ":// www."),
        # Dates: checked elsewhere, by the calendar.
        (r"\b(?:19|20)\d\d-\d\d(?:-\d\d)?\b", 0, "-"),
        (r"\b\d{1,2}[/-]\s?\d{1,2}[/-]\s?(?:(?:19|20)\d\d|\d\d)\b", 0, "- /"),
        (rf"\b{_MONTH}\s+\d{{1,2}}(?:st|nd|rd|th)?\b(?:,?\s+(?:19|20)\d\d\b)?(?!\s*%)", 0, _MONTHS),
        (rf"\b\d{{1,2}}(?:st|nd|rd|th)?\s+{_MONTH}\b(?:,?\s+(?:19|20)\d\d\b)?", 0, _MONTHS),
        (rf"(?<![\d$,.])(?<!\$ )(?:199\d|20\d\d)(?![\d,]?\d|\.\d){_UNIT}", 0, "199 20"),
        # Laws and regulations.
        (r"\b\d+\s*(?:C\.?F\.?R\.?|U\.?S\.?C\.?|F\.?R\.?|Fed\. Reg\.)\s*(?:§+\s*|parts?\s*)?[\d.()a-z-]*\d[\d.()a-z-]*", 0, "fr f.r usc us.c u.s fed."),
        (r"\b[IVXL]+\.[A-Z](?:\.\d+)*\b", 0, "i. v. x. l."),
        (r"\b\d{3,4}\([a-z]\)(?:\([0-9A-Za-z]{1,4}\))*|\b[A-Z]{1,3}\d-\d[\d.-]*", 0, "( -"),
        (r"\b\d{1,2}:\d\d\s*[ap]\.?m\b", re.IGNORECASE, ":"),
        # "Section 220.1", "column 1/column 2", "Pub. 100-04", "item 24E".
        (rf"\b{_REFERENCES}{_PLACES}", re.IGNORECASE, ""),
        (rf"§+\s*{_PLACES}", 0, "§"),
        (r"\blevels?\s+[1-9]\b", re.IGNORECASE, "level"),
        # Modifiers, places of service, values of an indicator: names that happen to be numbers.
        (_AFTER_MODIFIER, 0, "modifier"),
        (rf"(?<![\w.$-])(?:{_OPEN}{_TWO}{_UNIT}{_CLOSE}{_AND}){{0,9}}{_OPEN}-?{_LETTERS}\b{_CLOSE}(?:{_AND}{_OPEN}{_TWO}{_UNIT}{_CLOSE})+", 0, ""),
        (rf"(?<![\w.$-])(?:{_OPEN}{_TWO}{_UNIT}{_CLOSE}{_AND}){{1,9}}{_OPEN}-?{_LETTERS}\b", 0, ""),
        (rf"(?<![\w.$-]){_OPEN}-?\d\d{_CLOSE}(?:{_AND}{_OPEN}-?\d\d{_CLOSE}){{1,9}}\s+modifiers?\b|(?<![\w.$-]){_OPEN}-?\d\d{_CLOSE}\s+modifier\b", re.IGNORECASE, "modifier"),
        (rf"(?:(?<=\s)|(?<=^)|(?<=[(\"“'‘/,*_`]))-\d\d\b(?!\.\d){_UNIT}", re.MULTILINE, "-"),
        (rf"\b(?:(?:places?|sites?)\s+of\s+service|POS){_LINK}{_SETTINGS}", re.IGNORECASE, "service pos"),
        (rf"\b(?:[Ii]ndicators?|INDICATORS?|MAIs?|CCMIs?|[Ss]tatus){_LINK}{_VALUES}", 0, "indicator mai ccmi status"),
        (rf"(?<![\w.$-]){_OPEN}\d{_CLOSE}\s+indicator\b", re.IGNORECASE, "indicator"),
        # Codes: "97761", "97761-GP", "0232T", "G0283", "Z89.511", "992XX", "CMS-1500", "ICD-10", the global periods 010 and 090.
        (_CODES, 0, ""),
        (r"(?<![\w$.])\d{4}[A-Z]\b(?:-[0-9A-Z]{2}\b)*", 0, ""),
        (r"(?<![\w$.])(?:\d{1,4}X{1,4}|\d\dx|\d{1,2}[A-Z])\b", 0, ""),
        (rf"(?<![\w$.,])0\d\d(?!\w|[.,]\d){_UNIT}", 0, "0"),
        (_WITH_LETTER, 0, ""),
        (rf"\b[A-Z][A-Za-z]*[A-Z]-\d++[A-Z]?\b{_UNIT}", 0, "-"),
        (r"\b(?:CMS|HCFA|UB)[-\s]+\d+[A-Z]?\b|\b837[PI]?\b|\b1450\b|\b1500\s+(?:claim|form)", 0, "cms hcfa ub 837 1450 1500"),
        (r"\b1?-?\(?8\d\d\)?[- ]\d{3}-\d{4}\b", 0, "-"),
        # Numbers of a list, at the start of a line or in brackets; "1st".
        (r"^[ \t>]*(?:[-*•] )?(?:\d{1,3}[.)]|\(\d{1,2}\))(?=[ \t])", re.MULTILINE, ". )"),
        (r"\(\d{1,2}\)(?=\s)", 0, "("),
        (r"\b\d+(?:st|nd|rd|th)\b", re.IGNORECASE, "st nd rd th"),
    )
]


def _masked(plain: str) -> str:
    """Return the text with blanks where it has what is no figure; every offset stays."""
    small = plain.lower()
    for number, (pattern, needs) in enumerate(_NONE):
        if not needs or any(map(small.__contains__, needs)):
            plain = pattern.sub(_blank, plain)
        if number == _ALWAYS:
            quickly = plain
            for pattern in _MOST if _DIGIT.search(plain) else ():
                quickly = pattern.sub(_blank, quickly)
            if not _DIGIT.search(quickly):
                # No digits but those of codes and modifiers: nothing further masks a number in words.
                return quickly
    return plain


_DIGIT = re.compile(r"\d")
_MOST = (re.compile(_CODES), re.compile(_WITH_LETTER), re.compile(_AFTER_MODIFIER))
"""What most digits of a tip are."""
_ALWAYS = 2
"""The last pattern of ``_NONE`` that can hold a number in words: what follows looks for digits."""


def _blank(match: re.Match[str]) -> str:
    # A mark, not a blank, at the end: what stands on both sides must not be read as one number.
    return re.sub(r"[^\n]", " ", match[0][:-1]) + ("\n" if match[0].endswith("\n") else "\0")


# --- what is one --------------------------------------------------------------------------------------------------------------

_DIGITS = r"(?:\d{1,3}(?:,\d{3}){1,3}(?!\d)|\d+)(?:\.\d+)?|(?<![\w.])\.\d+"
_PERCENT = r"\s*%|[-\s]*(?:percent(?:age)?(?:\s+points?)?|per\s?cent(?:um)?|pct)\b"
_SCALE = {"hundred": 100, "thousand": 1_000, "million": 1_000_000, "billion": 1_000_000_000}
_FIGURE = re.compile(
    rf"""(?:(?=[\d.$])|\b(?=a\s+[efhqst]|do[uz]|ei|el|f[io]|hal|hu|mil|ni|one|sev|six|ten|tho|th[ir]|tr|tw|us|ze))  # most places of a text are passed over by this alone
    (?P<dollar>(?:US)?\$\s*|USD\s*)?
    (?:(?P<whole>\d+)[ -](?P<part>\d+/\d+)(?![\d/])
      |(?P<top>\d+)/(?P<bottom>\d+)(?![\d/])
      |(?P<digits>{_DIGITS})
      |(?P<words>{WORDS}))
    (?P<scale>[ -](?:hundred|thousand|million|billion)\b)?
    (?:(?P<percent>{_PERCENT})|(?P<dollars>[-\s]*(?:dollars?\b|USD\b))|(?P<cents>[-\s]*(?:cents?\b|¢)))?""",
    re.VERBOSE | re.IGNORECASE,
)


def _found(masked: str) -> Iterator[Figure]:
    for match in _FIGURE.finditer(masked):
        kind: Kind = "dollars" if match["dollar"] or match["dollars"] or match["cents"] else "percent" if match["percent"] else "plain"
        if match["top"] and int(match["bottom"]) > 16:  # "000/010/090", "80/20": two numbers, no fraction
            for name in ("top", "bottom"):
                yield Figure(_written(Decimal(match[name]), kind), kind, "", match.start(name), match.end(name) if name == "top" else match.end())
            continue
        top, bottom, share = _value(match)
        if match["scale"]:
            top *= _SCALE[match["scale"].strip(" -").lower()]
        if match["cents"]:
            bottom *= 100
        if share and kind == "plain" and top < bottom and (100 * 100 * top) % bottom == 0:
            top, kind = top * 100, "percent"  # a half is 50 percent, three quarters are 75
        value = _written(top / bottom, kind) if bottom == 1 or (10_000 * top) % bottom == 0 else f"{top.normalize():f}/{bottom.normalize():f}"
        if match["words"] and value == "1" and kind == "plain":  # "one" says which, not how many
            continue
        yield Figure(value, kind, "", match.start(), match.end())


def _value(match: re.Match[str]) -> tuple[Decimal, Decimal, bool]:
    """Return a figure as a fraction, and whether it was written as one: a share of something."""
    if match["whole"]:
        top, bottom = (Decimal(one) for one in match["part"].split("/"))
        return (Decimal(match["whole"]) * bottom + top, bottom, False) if bottom else (Decimal(match["whole"]), Decimal(1), False)
    if match["top"]:
        return (Decimal(match["top"]), Decimal(match["bottom"]), True) if int(match["bottom"]) else (Decimal(match["top"]), Decimal(1), False)
    if match["digits"]:
        return Decimal(match["digits"].replace(",", "")), Decimal(1), False
    return reading(match["words"])


def _written(value: Decimal, kind: Kind) -> str:
    if value == value.to_integral_value():
        return str(int(value))
    text = f"{value.normalize():f}"
    return f"{value:.2f}" if kind == "dollars" and len(text.partition(".")[2]) < 2 else text


_BETWEEN = re.compile(r"\s*(?:-|\bto\b|\bthrough\b|\bor\b|\band\b|,\s*(?:or|and)\b)\s*", re.IGNORECASE)
_SIGN = re.compile(r"%|per|pct|dollar|USD|cent|¢", re.IGNORECASE)


def _shared_signs(found: list[Figure], masked: str) -> list[Figure]:
    """Give a number the sign of its neighbour: "30-40%" are two percentages, "$30-40" two amounts."""
    chained = False
    for i in range(len(found) - 2, -1, -1):
        one, after = found[i], found[i + 1]
        gap = masked[one.end : after.start]
        joined = _BETWEEN.fullmatch(gap) is not None
        # A share such as "half" is a percentage without a sign, so it has none to give.
        signed = chained or _SIGN.search(masked, after.start, after.end) is not None
        chained = one.kind == "plain" and signed and (joined or (chained and gap.strip() == ","))
        if chained:
            found[i] = replace(one, kind=after.kind)
    for i in range(1, len(found)):
        one, before = found[i], found[i - 1]
        gap = masked[before.end : one.start].strip().lower()
        if one.kind == "plain" and before.kind == "dollars" and "$" in masked[before.start : before.end] and gap in {"-", "to"}:
            found[i] = replace(one, kind="dollars", value=_written(Decimal(one.value), "dollars") if "/" not in one.value else one.value)
    return found


def _with_nouns(found: list[Figure], plain: str) -> list[Figure]:
    """Say what each plain figure counts: the noun behind it, or behind the figure that it is joined to: "30 to 60 days"."""
    for i in range(len(found) - 1, -1, -1):
        one = found[i]
        if one.kind != "plain":
            continue
        noun = counted(plain, one.end)
        if not noun and i + 1 < len(found) and found[i + 1].noun and shares_noun(plain[one.end : found[i + 1].start]):
            noun = found[i + 1].noun
        if noun:
            found[i] = replace(one, noun=noun)
    return found
