"""Reads content/field.yml and the modifiers: what a field report may choose from, in the order in which the form shows it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from medpayiq import rules
from medpayiq.content.shapes import checked
from medpayiq.field.list_schema import FIELD, NOTHING, OTHER
from medpayiq.findings import Failed, Findings
from medpayiq.paths import CONTENT

FILE = CONTENT / "field.yml"
NAME = "content/field.yml"
NONE = "none"
BANDS = {"5-9": "5 to 9", "10-24": "10 to 24", "25-49": "25 to 49", "50+": "50 or more"}
"""The bands in which numbers of reports are published, fewest first, and how a page says them."""


@dataclass(frozen=True, slots=True)
class PayerClass:
    """A class of payers, each with its name."""

    name: str
    payers: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Lists:
    """Every list of the form: key to words."""

    payers: Mapping[str, PayerClass]
    reasons: Mapping[str, str]
    modifiers: Mapping[str, str]
    outcomes: Mapping[str, str]
    paid: tuple[str, ...]
    """Outcomes in which the claim was paid."""
    worked: Mapping[str, str]
    roles: Mapping[str, str]
    states: tuple[str, ...]

    @property
    def unpaid(self) -> tuple[str, ...]:
        """The other outcomes."""
        return tuple(key for key in self.outcomes if key not in self.paid)

    @property
    def strategies(self) -> tuple[str, ...]:
        """What can have worked: all of ``worked`` but that nothing did."""
        return tuple(key for key in self.worked if key != NOTHING)

    def payer_keys(self) -> dict[str, str]:
        """Return ``class/payer``, as published figures name a payer, to words that stand alone: many insurers are in several classes."""
        return {f"{kind}/{key}": f"{one.name}: {name[0].lower() + name[1:] if key == OTHER else name}" for kind, one in self.payers.items() for key, name in one.payers.items()}


def read(path: Path = FILE) -> Lists:
    """Read the lists.

    Raises:
        Failed: with every finding.
    """
    findings = Findings()
    lists = check(findings, path)
    if lists is None:
        raise Failed(findings)
    return lists


def check(findings: Findings, path: Path = FILE) -> Lists | None:
    """Read the lists and report what does not fit."""
    document = checked(path, FIELD, findings)
    if document is None:
        return None
    data = document.data
    unknown = [key for key in data["paid"] if key not in data["outcomes"]]
    if unknown or len(data["paid"]) == len(data["outcomes"]):
        line, column = document.at("paid")
        what = f"{unknown[0]} is not among outcomes" if unknown else "names every outcome: one must be left in which the claim was not paid"
        findings.error(document.file, f"paid: {what}", line=line, column=column, try_="name keys of outcomes in which the claim was paid, such as paid_appeal", rule="schema")
        return None
    modifiers = rules.read("modifiers")["modifiers"]
    return Lists(
        payers={key: PayerClass(one["name"], one["payers"]) for key, one in data["payers"].items()},
        reasons=data["reasons"],
        modifiers={NONE: "No modifier", **{key: modifiers[key]["say"] for key in sorted(modifiers)}, OTHER: "Another modifier"},
        outcomes=data["outcomes"],
        paid=tuple(data["paid"]),
        worked=data["worked"],
        roles=data["roles"],
        states=tuple(sorted(data["states"])),
    )
