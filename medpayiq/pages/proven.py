"""What the recorded proof and the rule tables say of themselves, as Markdown for the pages of prose."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from medpayiq import rules
from medpayiq.proof import report

_THRESHOLDS = {
    "deductible": "Part B deductible",
    "therapy_kx": "Therapy threshold for KX",
    "therapy_review": "Therapy review threshold",
    "work_floor": "Floor of the work index",
    "work_floor_alaska": "Floor of Alaska's work index",
    "pe_floor_frontier": "Floor of the practice expense index in frontier states",
}
_LISTS = {"no_patient_share": "Preventive codes without deductible and coinsurance", "nutrition": "Codes that a dietitian may bill", "x_ray": "Codes that FX and FY may stand on, after CMS's classification"}
_PERCENTAGES = {"screening_share": "Medicare's share with PT", "sequestration": "Sequestration"}


def figures() -> dict[str, str]:
    """Return the parts that prose may put in by name.

    Raises:
        Failed: the recorded proof cannot be read.
    """
    proof = report.read()
    published: list[dict[str, Any]] = proof["published"]
    worked: dict[str, Any] = proof["worked"]
    differences = [f"- {one['file']}, line {row['line']:,}: {row['what']}: published {row['published']}, computed {row['ours']}" for one in published for row in one["differences"]]
    differences += [f"- {miss.splitlines()[0]}" for miss in worked["misses"]]
    return {
        "proof_amounts": f"{sum(one['amounts'] for one in published):,}",
        "proof_matches": f"{sum(one['matches'] for one in published):,}",
        "proof_lines": f"{worked['lines']:,}",
        "proof_published": _table(
            ("File of CMS's", "Rows", "Amounts", "Reproduced", "With", "Conversion factor"),
            [(one["file"], f"{one['rows']:,}", f"{one['amounts']:,}", f"{one['matches']:,}", one["release"], one["factor"]) for one in published],
        ),
        "proof_worked": _table(
            ("Engine", "Lines", "As worked out"),
            [({"python": "Python, which builds the pages", "js": "JavaScript, which runs in your browser"}[name], f"{worked['lines']:,}", f"{count:,}") for name, count in worked["matches"].items()],
        ),
        "proof_differences": "\n".join(differences) or "None.",
        "proof_checksums": "\n".join(f"- {one['file']}: `{one['sha256']}`" for one in [*published, worked]),
        "unverified_rules": "\n".join(f"- {words}" for words in unverified()),
    }


def unverified() -> Iterator[str]:
    """Yield every rule that stands although no primary text at hand has it, in words."""
    for name, label in _PERCENTAGES.items():
        rows = rules.read("percentages")[name]
        if any(row["checked"] == "secondary" for row in rows):
            yield f"{label}: " + "; ".join(f"{row['percent']} % {_dates(row)}" for row in rows) + "."
    for name, label in _THRESHOLDS.items():
        for row in rules.read("thresholds")[name]:
            if row["checked"] == "secondary":
                yield f"{label}: {'$' + row['dollars'] if 'dollars' in row else row['gpci']} {_dates(row)}."
    for name, label in _LISTS.items():
        one = rules.read("lists")[name]
        if one["checked"] != "reads":
            yield f"{label}: {', '.join(' to '.join(pair) for pair in one['ranges'])}."
    known = rules.read("modifiers")["modifiers"]
    unread = [(name, one) for name, one in known.items() if one["checked"] == "secondary"]
    silent = [name for name, one in unread if one["effect"] == "none"] + rules.read("modifiers")["reporting"]["codes"]
    yield f"These modifiers change no payment: {', '.join(silent)}."
    yield f"These modifiers stand on a facility's claim alone: {', '.join(name for name, one in unread if one.get('answer') == 'facility_claim')}."
    for one in rules.read("answers")["notes"].values():
        if one["checked"] == "secondary" and "{" not in one["say"]:
            yield str(one["say"])


def _dates(row: dict[str, str]) -> str:
    return f"from {row['from']}" + (f" to {row['to']}" if "to" in row else " on")


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)
