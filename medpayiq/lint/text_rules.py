"""Rules on what a tip says: figures, modifiers, Markdown, copied and repeated text."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from itertools import pairwise

from medpayiq import rules
from medpayiq.content.numbers import Figure, figures
from medpayiq.content.tips import Tip
from medpayiq.lint.context import Context, Problem, rule

_WORD = re.compile(r"[a-z0-9]+")
_GOES_ON = 3
"""Words of a descriptor from which on an ending changes nothing: two are everyday language (cardiac rehab, rehabilitation)."""
_ALIKE = 0.5
"""Share of three-word runs that two tips may have in common."""
_LOOKS_LIKE_MODIFIER = re.compile(r"\b(?:mod[a-z]*(?:if|fi)[a-z]*|modi[a-z]*er)s?\b", re.IGNORECASE)
_SPELT = {"modifier", "modifiers", "modified", "modify", "modifies", "modifying", "modification", "modifications"}
_NAMED = re.compile(r"\bmodifiers?\s+((?:[A-Za-z0-9]{2})\b(?:(?:,\s*(?:and\s+|or\s+)?|\s+(?:and|or|to)\s+|/)[A-Za-z0-9]{2}\b)*)", re.IGNORECASE)
_SHORT_WORDS = frozenset({"as", "at", "is", "on", "or", "by", "if", "an", "in", "of", "to", "it", "do", "so", "no", "be", "we", "us", "up"})
_AUTHORITY = re.compile(r"\b(?:according to|stud(?:y|ies) (?:show|found|suggest)|experts? (?:say|agree)|statistics|OIG|GAO|on average|denial rates?|approximately|roughly)\b", re.IGNORECASE)


@rule("typed-number")
def typed_number(tip: Tip, _: Context) -> Iterator[Problem]:
    """No amount, percentage or count is typed in a tip that rests on no text: it cannot be traced, and is wrong the next quarter."""
    if tip.evidence == "rule":
        return
    for name, one in _figures(tip):
        yield Problem((name,), f"{one.text.strip()!r} is typed in a {tip.evidence} tip", _instead(one.kind))


@rule("number-without-source")
def number_without_source(tip: Tip, context: Context) -> Iterator[Problem]:
    """A figure in a rule tip stands in one of the sections it cites, and counts there the same thing, or nothing that is known: 30 minutes do not make 30 days."""
    if tip.evidence != "rule":
        return
    found = [context.texts.section(one.document, one.section) for one in tip.sources]
    if None in found or not found:
        return  # said by unknown-section and no-source
    known = {number for one in found if one is not None for number in one.numbers}
    for name, one in _figures(tip):
        if one.entry in known or one.label in known:
            continue
        others = sorted(number for number in known if number.partition(" ")[0] == one.label)
        cited = ", ".join(f"{one.document} {one.section}" for one in tip.sources)
        if not others:
            yield Problem((name,), f"{one.text.strip()!r} does not stand in {cited}", f"{_instead(one.kind)}; or cite the section that states it")
        elif one.noun:
            yield Problem((name,), f"{one.text.strip()!r} is {one.entry} here, but in {cited} it is {', '.join(others)}", "count what the section counts; or cite the section that states it")


def _figures(tip: Tip) -> Iterator[tuple[str, Figure]]:
    """Yield every figure of a tip's texts with the key of its text."""
    for name, text in tip.texts():
        for one in figures(text):
            yield name, one


def _instead(kind: str) -> str:
    if kind == "dollars":
        return "use a placeholder such as {amount.nonfacility}: the build works it out"
    if kind == "percent":
        return "use a placeholder such as {percent.npp}, or leave the percentage out"
    return "use a placeholder such as {mue}, or say it without a number"


@rule("unsourced-authority")
def unsourced_authority(tip: Tip, _: Context) -> Iterator[Problem]:
    """A tip without a source calls on no authority and no statistic."""
    if tip.sources:
        return
    for name, text in tip.texts():
        for match in _AUTHORITY.finditer(text):
            yield Problem((name,), f"{match[0]!r} calls on something that is not cited", "cite the section, or say only what you have seen yourself")


@rule("misspelt-modifier")
def misspelt_modifier(tip: Tip, _: Context) -> Iterator[Problem]:
    """The word modifier is spelt so, and what follows it is a modifier in capitals."""
    known = _modifiers()
    for name, text in tip.texts():
        for match in _LOOKS_LIKE_MODIFIER.finditer(text):
            if match[0].lower() not in _SPELT:
                yield Problem((name,), f"{match[0]!r} is misspelt", "modifier")
        for match in _NAMED.finditer(text):
            for one in re.findall(r"\b[A-Za-z0-9]{2}\b", match[1]):
                if one in known or (one.islower() and one in _SHORT_WORDS):
                    continue
                if one.upper() in known:
                    yield Problem((name,), f"modifier {one} is written with capitals", one.upper())
                elif not one.islower():
                    yield Problem((name,), f"{one} is no modifier that Medicare knows", "check it against /modifiers/ and rules/modifiers.yml")


@lru_cache(maxsize=1)
def _modifiers() -> frozenset[str]:
    table = rules.read("modifiers")
    return frozenset({*table["modifiers"], *table["anatomic"]["codes"], *table["reporting"]["codes"]})


@rule("raw-html")
def raw_html(tip: Tip, _: Context) -> Iterator[Problem]:
    """Tips are Markdown; HTML in them is an error, so that nobody meets it half cleaned away."""
    for name, text in tip.texts():
        for match in re.finditer(r"<[A-Za-z/!?][^>\n]{0,40}>?|&#?\w+;", text):
            yield Problem((name,), f"{match[0]!r} is HTML", "write it in Markdown: **bold**, *emphasis*, [words](https://...)")


@rule("unsafe-markdown")
def unsafe_markdown(tip: Tip, _: Context) -> Iterator[Problem]:
    """A link leads to an https address or a page of this site; pictures, headings and code blocks are left out."""
    for name, text in tip.texts():
        if name == "title" and re.search(r"[*_`\[\]]", text):
            yield Problem((name,), "a title is plain text", "take the Markdown out")
        for match in _LINK.finditer(text) if "]" in text else ():
            to = match[1] or match[2] or ""
            if not (to.startswith("https://") or (to.startswith("/") and not to.startswith("//"))):
                yield Problem((name,), f"a link to {to!r}", "link to an https:// address, or to a page of this site such as /modifiers/59/")
        for pattern, sign, what in _UNSAFE:
            if sign in text and pattern.search(text):
                yield Problem((name,), f"{what} in a tip", "leave it out: a tip is a few sentences, or a short list")


_LINK = re.compile(r"\]\(\s*([^)\s]*)|^\s*\[[^\]]+\]:\s*(\S+)", re.MULTILINE)
_UNSAFE = (
    (re.compile(r"!\["), "![", "a picture"),
    (re.compile(r"^\s*#{1,6}\s", re.MULTILINE), "#", "a heading"),
    (re.compile(r"^\s*```", re.MULTILINE), "```", "a code block"),
    (re.compile(r"^\s*~~~", re.MULTILINE), "~~~", "a code block"),
    (re.compile(r"\b(?:javascript|vbscript|data):", re.IGNORECASE), ":", "a script address"),
)
"""What no tip holds: its pattern, a sign without which it cannot be there, its name."""


@rule("copied-descriptor")
def copied_descriptor(tip: Tip, context: Context) -> Iterator[Problem]:
    """No CPT descriptor is copied; compared with CMS's short descriptors where the operator has them."""
    if not context.descriptors:
        return
    for name, text in (("id", tip.id), *tip.texts()):
        for wanted, code in copied(text, context):
            yield Problem((name,), *in_words(wanted, code))


def copied(text: str, context: Context) -> Iterator[tuple[str, str]]:
    """Yield every descriptor that stands among the words of a text, with its code; of one of three words or more the last may go on (test, tested)."""
    words, by_start = _WORD.findall(text.lower()), context.descriptor_starts
    for i, start in enumerate(pairwise(words)):
        for code, wanted in by_start.get(start, ()):
            found = tuple(words[i : i + len(wanted)])
            if found == wanted or (len(found) == len(wanted) >= _GOES_ON and found[:-1] == wanted[:-1] and found[-1].startswith(wanted[-1])):
                yield " ".join(wanted), code


def in_words(wanted: str, code: str) -> tuple[str, str]:
    """Say that a descriptor was copied, and what to do."""
    return f"{wanted!r} is how CMS's file describes {code}", "say it in your own words: descriptors of CPT codes belong to the AMA"


@rule("near-duplicate", across=True)
def near_duplicate(tip: Tip, context: Context) -> Iterator[Problem]:
    """Two tips do not say the same in nearly the same words."""
    index = context.runs
    mine = index.of[tip.document.file]
    for file, together in sorted(index.shared(tip.document.file, context.unsettled).items()):
        other = index.ids[file]
        # Each pair once, at the later one.
        if other < tip.id and together / min(len(mine), len(index.of[file])) > _ALIKE:
            yield Problem(("do",), f"says nearly the same as {other}", "make one tip of the two that selects the codes of both")
