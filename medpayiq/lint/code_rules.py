"""Rules on what a tip selects: codes, values, counts, and the facts that its text needs of each of them."""

from __future__ import annotations

import re
from collections.abc import Iterator

from medpayiq.content.replacing import what_now
from medpayiq.content.selecting import kind_of, named_codes
from medpayiq.content.tip_schema import CLASSES, COLUMNS
from medpayiq.content.tips import Tip
from medpayiq.lint.context import Context, Problem, rule, where_paths
from medpayiq.pages.placeholders import EVERYWHERE, MARK, is_known

MOST = 3_000
"""Pages that a tip may stand on: what is more general belongs to the rules of every page (rules/)."""
_CODE = re.compile(r"(?<![\w.$])(?:\d{5}|\d{4}[A-Z]|[A-Z]\d{4})(?![\w%]|\.\d|,\d)")
_ONCE = re.compile(
    r"(?<!not )(?<!never )\b(?:only once|once (?:per|for each|for every|only)|just once|a single time|one time only"
    r"|(?:a single|only one|just one|one|1) (?:unit|time) (?:per|for (?:each|every))\b(?!\s+(?:full |whole |complete |further |started )*(?:\d|(?:fif|eigh|thir|four|six|seven|nine)teen\b|(?:twen|thir|for|fif|six|seven|eigh|nine)ty\b|ten\b|half\b|minutes?\b|hours?\b|miles?\b|doses?\b|mg\b|ml\b|cc\b))"
    r"|(?:never|not|no) more than (?:once|(?:a single|one) (?:unit|time)\b))",
    re.IGNORECASE,
)
"""Words that tell somebody to bill a service once, or by the piece; a unit for a time or a measure is counted otherwise."""


@rule("unknown-code")
def unknown_code(tip: Tip, context: Context) -> Iterator[Problem]:
    """A code that a tip names must be in the release; a deleted one is told with what replaced it."""
    said: list[tuple[tuple[str | int, ...], str]] = [(("where", *path), code) for path, code in named_codes(tip.where)]
    for name, text in tip.texts():
        plain = MARK.sub(lambda match: match[1].partition(".")[2], text)
        said += [((name,), match[0]) for match in _CODE.finditer(plain)]
    for path, code in dict.fromkeys(said):
        if code in context.rows:
            continue
        gone = context.library.replaced.get(code)
        if gone is not None:
            yield Problem(path, f"{code}: {what_now(gone)}", f"name {' or '.join(gone.by)} if that is what is meant" if gone.by else "take it out")
        elif context.whole:
            yield Problem(path, f"{code} is not in {context.facts.meta.release}", "check the number; a deleted code belongs in content/replaced.yml")
        else:
            yield Problem(
                path,
                f"{code} cannot be checked here: {context.facts.meta.release} at hand does not hold all codes",
                "build.py fetch, then check again; the pull request is checked against all codes",
                "note",
            )


@rule("backward-range")
def backward_range(tip: Tip, _: Context) -> Iterator[Problem]:
    """A range runs from a code to a later one of the same kind."""
    for path, where in where_paths(tip.where):
        for i, (first, last) in enumerate(where.get("ranges", ())):
            if kind_of(first) != kind_of(last):
                yield Problem((*path, "ranges", i), f"{first} and {last} are of two kinds of codes, and no range", "a range for each kind: [first, last] of the digits, and of each letter")
            elif first > last:
                yield Problem((*path, "ranges", i), f"{first} to {last} is not a range", f'["{last}", "{first}"], if that is what is meant: the lower code first')


@rule("unknown-value")
def unknown_value(tip: Tip, context: Context) -> Iterator[Problem]:
    """A value of an indicator, or a name of CMS's classification, must be one that the release has."""
    if not context.whole:
        return
    for path, where in where_paths(tip.where):
        for key in (*COLUMNS, *CLASSES):
            if key not in where:
                continue
            wanted, known = where[key], context.selecting.known(key)
            for one in [wanted] if isinstance(wanted, str) else wanted:
                if one not in known:
                    listed = ", ".join(sorted(filter(None, known))[:12])
                    yield Problem((*path, key), f"no code has {key} {one!r}", f"one of: {listed}{' ...' if len(known) > 12 else ''}")


@rule("selects-nothing")
def selects_nothing(tip: Tip, context: Context) -> Iterator[Problem]:
    """A tip must stand on some page of a full release."""
    if context.answers(tip) and not context.codes_of(tip):
        yield Problem(("where",), "no code meets this", "loosen it, or name the codes: where: {codes: [...]}")


@rule("unexpected-count")
def unexpected_count(tip: Tip, context: Context) -> Iterator[Problem]:
    """A tip stands on as many codes as its author expected, so that a new release cannot spread it unseen."""
    low, high = tip.expects
    count = len(context.codes_of(tip))
    if low > high:
        yield Problem(("expects",), f"expects from {low} to {high} codes: the first is above the second", f"expects: [{high}, {low}]")
    elif context.answers(tip) and count and not low <= count <= high:
        yield Problem(("expects",), f"stands on {count:,} codes; {low:,} to {high:,} were expected", "look at what it selects; if that is right, write the numbers that you expect now")


@rule("too-wide")
def too_wide(tip: Tip, context: Context) -> Iterator[Problem]:
    """What would stand on thousands of pages is a rule of all pages, not a tip."""
    count = len(context.codes_of(tip))
    if count > MOST:
        yield Problem(("where",), f"stands on {count:,} pages; at most {MOST:,} are allowed", "narrow it to the codes that it helps")


@rule("needless-not")
def needless_not(tip: Tip, context: Context) -> Iterator[Problem]:
    """A ``not`` must take something away."""
    if not context.answers(tip):
        return
    for path, where in where_paths(tip.where):
        if "not" in where and len(where) > 1:
            rest = {key: value for key, value in where.items() if key != "not"}
            if not context.selecting.codes(rest) & context.selecting.codes(where["not"]):
                yield Problem((*path, "not"), "this takes no code away", "leave it out")


@rule("unknown-placeholder")
def unknown_placeholder(tip: Tip, _: Context) -> Iterator[Problem]:
    """Only names that the build can fill in stand in braces."""
    for name, text in tip.texts():
        for mark in dict.fromkeys(MARK.findall(text)):
            if not is_known(mark):
                yield Problem((name,), f"{{{mark}}} is no placeholder", closest(mark))
        bare = MARK.sub("", text)
        if "{" in bare or "}" in bare:
            yield Problem((name,), "a brace stands alone", "a placeholder is {name}; leave other braces out")


@rule("placeholder-without-value")
def placeholder_without_value(tip: Tip, context: Context) -> Iterator[Problem]:
    """Every code that a tip stands on has every fact that the tip's text uses; where it lacks one, the build leaves the tip out."""
    if not context.whole:
        return
    for name, text in tip.texts():
        for mark in dict.fromkeys(MARK.findall(text)):
            table = context.edits.mue if mark in {"mue", "mai"} else context.edits.ptp if mark.startswith(("edits.", "edit.")) else True
            if not is_known(mark) or table is None or mark in EVERYWHERE:
                continue
            without = sorted(code for code in context.codes_of(tip) if not context.has_value(code, mark))
            if without:
                listed = ", ".join(without[:3]) + (f" and {len(without) - 3:,} more" if len(without) > 3 else "")
                yield Problem((name,), f"{{{mark}}} has no value for {listed}", "narrow where to codes that have it, or say it without")


@rule("once-against-units")
def once_against_units(tip: Tip, context: Context) -> Iterator[Problem]:
    """Nobody is told to bill a service once that CMS takes several times a day."""
    said = [(name, match[0]) for name, text in tip.texts() for match in _ONCE.finditer(text)]
    if not said:
        return
    limits = ((code, context.edits.limit(code)) for code in sorted(context.codes_of(tip)))
    more = [(code, limit.units) for code, limit in limits if limit is not None and limit.units > 1]
    if more:
        code, units = more[0]
        name, words = said[0]
        yield Problem((name,), f"says {words!r}, but the unit limit of {code} is {units} a day", "say what a unit is and how units are counted; {mue} is the page's unit limit")


def closest(mark: str) -> str:
    """Name the placeholders most like what was typed."""
    import difflib

    from medpayiq.pages.placeholders import names

    near = difflib.get_close_matches(mark, names(), 3, 0.5)
    return "write " + " or ".join(f"{{{one}}}" for one in near) if near else "docs/CONTRIBUTING.md lists them"
