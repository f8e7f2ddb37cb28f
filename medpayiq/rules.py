"""Loads rules/*.yml, the dated payment parameters, and answers which one holds on a day."""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from medpayiq import yamlmarks
from medpayiq.findings import Failed, Findings

FOLDER = Path(__file__).resolve().parent.parent / "rules"


@dataclass(frozen=True, slots=True)
class ConversionFactors:
    """The conversion factors of a period, as text with four decimals (dollars per RVU)."""

    values: dict[str, str]
    """``{"all": ...}``, or ``{"non_qp": ..., "qp": ...}``."""

    @property
    def main(self) -> str:
        """The one for clinicians without QP status, who are the most."""
        return self.values.get("all") or self.values["non_qp"]

    @property
    def qp(self) -> str | None:
        """The one for qualifying participants, from 2026 on."""
        return self.values.get("qp")

    def exact(self, kind: str = "non_qp") -> int:
        """Return the factor of a kind (``non_qp``, ``qp``) in ten-thousandths of a dollar; to 2025 it is the one for all."""
        return int((self.values.get("all") or self.values[kind]).replace(".", ""))


@cache
def read(name: str) -> Any:
    """Return the data of ``rules/<name>.yml``.

    Raises:
        Failed: the file cannot be read as YAML.

    """
    findings = Findings()
    document = yamlmarks.load(FOLDER / f"{name}.yml", findings, shown_as=f"rules/{name}.yml")
    if document is None:
        raise Failed(findings)
    return document.data


def conversion_factors(day: str, table: str = "physician_fee_schedule") -> ConversionFactors:
    """Return the factors in force on ``day`` (ISO date of service).

    Raises:
        Failed: no period of the table holds that day.

    """
    for row in read("conversion-factors")[table]:
        if row["from"] <= day <= row["to"]:
            return ConversionFactors({kind: row[kind] for kind in ("all", "non_qp", "qp") if kind in row})
    raise Failed(
        f"rules/conversion-factors.yml: error: no conversion factor for {day}\n  try: add the period to {table}, with its source",
        exit_code=1,
    )


def percentages(day: str) -> dict[str, str]:
    """Return every percentage in force on ``day``, by name.

    Raises:
        Failed: one of them has no period that holds the day.

    """
    made: dict[str, str] = {}
    for name, rows in read("percentages").items():
        for row in rows:
            if row["from"] <= day <= row.get("to", "9999-12-31"):
                made[name] = row["percent"]
        if name not in made:
            raise Failed(f"rules/percentages.yml: error: {name} has no percentage for {day}\n  try: add the period, with its source")
    return made


@cache
def turns() -> tuple[str, ...]:
    """Return every day (ISO date) on which some entry of rules/ begins, or the day before has ended."""
    return tuple(sorted({day for path in FOLDER.glob("*.yml") for day in _turns(read(path.stem))}))


def _turns(data: Any) -> Iterator[str]:
    if isinstance(data, dict):
        for key, value in data.items():
            if key in {"from", "since"} and isinstance(value, str):
                yield value
            elif key == "to" and isinstance(value, str):
                yield (datetime.date.fromisoformat(value) + datetime.timedelta(days=1)).isoformat()
            else:
                yield from _turns(value)
    elif isinstance(data, list):
        for one in data:
            yield from _turns(one)


@dataclass(frozen=True, slots=True)
class Citation:
    """A place in a federal text."""

    label: str
    url: str


_NUMBERED = re.compile(r"\d|[IVX]+\.[A-Z]")
"""How sections begin that have a number: 30.6.12, and in the NCCI manual XI.P.8. Others have a name, such as Addendum."""


@cache
def citation(text: str) -> Citation:
    """Turn ``"cpm12 40.7"`` into the document's title, section and address.

    Raises:
        Failed: rules/documents.yml does not know the document.

    """
    name, _, section = text.partition(" ")
    document = read("documents").get(name)
    if document is None:
        raise Failed(f"rules/documents.yml: error: no document {name!r}\n  try: add it, with title, revision and url")
    words = f"section {section}" if _NUMBERED.match(section) else section
    label = document["title"] + (f", {words}" if words else "")
    if document["revision"].startswith("not verified"):
        label += " (not verified from a primary text)"
    return Citation(label, document["url"])


def short(label: str) -> str:
    """Say a document and its sections in few words: ``Claims Manual 12 §40.1, §40.2``."""
    words = label.replace("Medicare Claims Processing Manual, chapter ", "Claims Manual ").replace("Medicare Benefit Policy Manual, chapter ", "Benefit Manual ")
    words = words.replace("CMS record layout of the relative value file", "CMS record layout").replace("NCCI Policy Manual for Medicare Services", "NCCI Manual")
    head, mark, sections = words.replace(", sections ", ", section ").partition(", section ")
    return head + (f" §{sections.replace(', ', ', §')}" if mark else "")
