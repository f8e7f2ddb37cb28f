"""Rules on what a tip rests on: sections, revisions, hashes, dates, exceptions."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import yaml

from medpayiq import rules
from medpayiq.content.tips import Tip
from medpayiq.days import is_day
from medpayiq.lint.context import RULES, Context, Problem, rule

_NUMBERS = frozenset({"min", "max"})
_RESOLVER: Any = yaml.resolver.Resolver()
_TEXT = "tag:yaml.org,2002:str"
_YEARS = 2
"""A tip is verified anew at least this often."""


@rule("file-name")
def file_name(tip: Tip, _: Context) -> Iterator[Problem]:
    """A tip's id is the name of its file: then no two can be the same."""
    stem = tip.document.file.rpartition("/")[2].removesuffix(".yml")
    if stem != tip.id:
        yield Problem(("id",), f"id {tip.id} is not the file's name", f"id: {stem}, or rename the file to {tip.id}.yml")


@rule("duplicate-id", across=True)
def duplicate_id(tip: Tip, context: Context) -> Iterator[Problem]:
    """Every id stands once."""
    first = context.first_files[tip.id]
    if first != tip.document.file:
        yield Problem(("id",), f"id {tip.id} stands in {first} too", "give one of them another id, and its file that name")


@rule("unquoted")
def unquoted(tip: Tip, _: Context) -> Iterator[Problem]:
    """What other programs would read as a number, a day or a truth value stands in quotes: to YAML 00100 is 64."""
    for path in sorted(tip.document.plain, key=repr):
        if path[0] == "expects" or path[-1] in _NUMBERS:
            continue
        value: object = tip.document.data
        for part in path:
            value = value[part]  # type: ignore[index]
        if isinstance(value, str) and _RESOLVER.resolve(yaml.ScalarNode, value, (True, False)) != _TEXT:
            yield Problem(path, f"{value} without quotes is no text to other programs", f'"{value}"', put=value)


@rule("no-source")
def no_source(tip: Tip, _: Context) -> Iterator[Problem]:
    """A rule tip cites where the rule is written."""
    if tip.evidence == "rule" and not tip.sources:
        yield Problem(("sources",), "a rule tip without a source", "cite document and section, or write: evidence: practice")


@rule("unknown-document")
def unknown_document(tip: Tip, _: Context) -> Iterator[Problem]:
    """A document has a title, a revision and an address in rules/documents.yml."""
    known = rules.read("documents")
    for i, one in enumerate(tip.sources):
        if one.document not in known:
            yield Problem(("sources", i, "document"), f"no document {one.document!r}", f"one of: {', '.join(known)}; or add it to rules/documents.yml")


@rule("unknown-section")
def unknown_section(tip: Tip, context: Context) -> Iterator[Problem]:
    """A section that is cited exists, as far as content/sources.yml knows it."""
    known = rules.read("documents")
    for i, one in enumerate(tip.sources):
        if one.document in known and context.texts.section(one.document, one.section) is None:
            yield Problem(
                ("sources", i, "section"),
                f"{one.document} has no section {one.section!r} in content/sources.yml",
                f"check the number; then: build.py sources --write FOLDER_OF_THE_TEXTS --add {one.document}:{one.section}",
            )


@rule("section-changed")
def section_changed(tip: Tip, context: Context) -> Iterator[Problem]:
    """A section whose text changed since the tip was verified flags the tip."""
    for i, one in enumerate(tip.sources):
        found = context.texts.section(one.document, one.section)
        if found is None:
            continue
        if not one.hash:
            yield Problem(("sources", i, "hash"), f"no hash of {one.document} {one.section} yet", f"hash: {found.hash} (check --fix writes it)", put=found.hash)
        elif one.hash != found.hash:
            yield Problem(
                ("sources", i, "hash"),
                f"{one.document} {one.section} was revised ({found.revision}) since the tip was verified",
                f"read the section again; then hash: {found.hash}, the revision, and today's date under verified",
            )


@rule("other-revision")
def other_revision(tip: Tip, context: Context) -> Iterator[Problem]:
    """The revision that a tip names is the one that was read; nobody but its editor can say that another was, so nothing is written here."""
    known = rules.read("documents")
    for i, one in enumerate(tip.sources):
        found = context.texts.section(one.document, one.section)
        revisions = [found.revision if found else "", known.get(one.document, {}).get("revision", "")]
        if found is not None and one.revision not in revisions:
            yield Problem(
                ("sources", i, "revision"),
                f"{one.document} {one.section} is {revisions[1]}, not {one.revision}",
                f"read the section as it is in {revisions[1]}; then revision: {revisions[1]}, and today's date under verified",
            )


@rule("impossible-day")
def impossible_day(tip: Tip, context: Context) -> Iterator[Problem]:
    """Days are days of the calendar, in an order that can be."""
    days = {("verified", "day"): tip.verified_on, ("review_by",): tip.review_by, ("effective", "from"): tip.effective_from, ("effective", "to"): tip.effective_to}
    bad = [(path, day) for path, day in days.items() if day is not None and not is_day(day)]
    for path, day in bad:
        yield Problem(path, f"{day} is no day of the calendar", "write it as 2026-11-25")
    if bad:
        return
    # A build may be told an earlier day (SOURCE_DATE_EPOCH); what people typed is measured by the clock.
    if tip.verified_on > max(context.today, time.strftime("%Y-%m-%d")):
        yield Problem(("verified", "day"), f"{tip.verified_on} is still to come", f"the day on which you compared it with its sources, {context.today} at the latest")
    if tip.effective_from and tip.effective_to and tip.effective_from > tip.effective_to:
        yield Problem(("effective", "to"), "it ends before it begins", "check from and to")
    if tip.review_by <= tip.verified_on:
        yield Problem(("review_by",), "is not after the day it was verified", "a day at most two years after that")
    elif int(tip.review_by[:4]) - int(tip.verified_on[:4]) > _YEARS:
        yield Problem(("review_by",), f"is more than {_YEARS} years after the day it was verified", "a day at most two years after that")


@rule("past-review")
def past_review(tip: Tip, context: Context) -> Iterator[Problem]:
    """A tip past its review date is flagged, and its page says so; it fails nothing, since days pass by themselves."""
    if is_day(tip.review_by) and tip.review_by < context.today:
        yield Problem(("review_by",), f"was to be verified again by {tip.review_by}", "compare it with its sources; then write the day under verified, and a new review_by", "warning")


@rule("ended")
def ended(tip: Tip, context: Context) -> Iterator[Problem]:
    """A tip that no longer holds is taken off the pages by the build, and told."""
    if tip.effective_to is not None and tip.effective_to < context.facts.meta.effective_from:
        yield Problem(("effective", "to"), f"ended on {tip.effective_to}, before {context.facts.meta.release}", "take the file away, or write what holds now", "warning")


@rule("unknown-exception")
def unknown_exception(tip: Tip, _: Context) -> Iterator[Problem]:
    """An exception names a rule of the linter."""
    for i, name in enumerate(tip.allow):
        if name not in RULES:
            yield Problem(("allow", i, "rule"), f"no rule {name!r}", f"one of: {', '.join(RULES)}")
