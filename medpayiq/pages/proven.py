"""What the recorded proof and the rule tables say of themselves, as Markdown and HTML for the pages of prose."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from html import escape
from typing import Any

from medpayiq import rules
from medpayiq.payment.money import dollars
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
_FEW = 6
"""Codes and ranges that a sentence may hold."""
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
            [(one["file"], f"{one['rows']:,}", f"{one['amounts']:,}", f"{one['matches']:,}", one["release"], f"${one['factor']}") for one in published],
        ),
        "proof_worked": _table(
            ("Engine", "Lines", "As worked out"),
            [({"python": "Python, which builds the pages", "js": "JavaScript, which runs in your browser"}[name], f"{worked['lines']:,}", f"{count:,}") for name, count in worked["matches"].items()],
        ),
        "proof_differences": "\n".join(differences) or "None.",
        "proof_checksums": "\n".join(f"- {one['file']}: `{one['sha256']}`" for one in [*published, worked]),
        "unverified_rules": "\n".join(f"- {words}" for words in _unverified_notes()) + "\n\n" + "\n\n".join(_unverified_lists()),
    }


def _unverified_notes() -> Iterator[str]:
    """Yield what no primary text at hand has, in sentences: lists of a few, and what is said beside an amount."""
    unread = [name for name, one in rules.read("modifiers")["modifiers"].items() if one["checked"] == "secondary" and one.get("answer") == "facility_claim"]
    yield from (f"{label}: {', '.join(ranges)}." for label, ranges in _unverified_codes() if len(ranges) <= _FEW)
    yield f"These modifiers stand on a facility's claim alone: {', '.join(unread)}."
    for one in rules.read("answers")["notes"].values():
        if one["checked"] == "secondary" and "{" not in one["say"]:
            yield str(one["say"])


def _unverified_lists() -> Iterator[str]:
    """Yield what is too long to stand in a sentence, folded: figures by date, codes, modifiers."""
    dated = [(label, figure, row["from"], row.get("to", "no end")) for label, figure, row in _unverified_figures()]
    yield _fold(f"Percentages, amounts and floors by date: {len(dated)}", _table(("Rule", "Figure", "From", "To"), dated))
    yield from (_fold(f"{label}: {len(ranges)} codes and ranges", f"<p>{', '.join(ranges)}</p>") for label, ranges in _unverified_codes() if len(ranges) > _FEW)
    book = rules.read("modifiers")
    silent = [name for name, one in book["modifiers"].items() if one["checked"] == "secondary" and one["effect"] == "none"] + book["reporting"]["codes"]
    yield _fold(f"Modifiers that change no payment: {len(silent)}", f"<p>{', '.join(silent)}</p>")


def _unverified_codes() -> Iterator[tuple[str, list[str]]]:
    """Yield (what they are, codes and ranges) of every list of codes that is not verified."""
    for name, label in _LISTS.items():
        one = rules.read("lists")[name]
        if one["checked"] != "reads":
            yield label, [" to ".join(pair) for pair in one["ranges"]]


def _unverified_figures() -> Iterator[tuple[str, str, dict[str, str]]]:
    """Yield (what it is, figure, its row with its dates); a percentage with all its dates where one of them is not verified."""
    for name, label in _PERCENTAGES.items():
        rows = rules.read("percentages")[name]
        if any(row["checked"] == "secondary" for row in rows):
            yield from ((label, f"{row['percent']}%", row) for row in rows)
    for name, label in _THRESHOLDS.items():
        for row in rules.read("thresholds")[name]:
            if row["checked"] == "secondary":
                yield label, dollars(int(row["dollars"].replace(".", ""))) if "dollars" in row else row["gpci"], row


def _fold(summary: str, html: str) -> str:
    """Return a part that is opened by its summary, as one block of HTML inside Markdown."""
    return f"<details><summary>{escape(summary)}</summary>{html}</details>"


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return a table as one line of HTML; figures, which all columns but the first hold, stand to the right, and each knows its head."""
    heads = f'<th scope="col">{escape(head[0])}</th>' + "".join(f'<th scope="col" class="n">{escape(cell)}</th>' for cell in head[1:])
    lines = [f'<th scope="row">{escape(row[0])}</th>' + "".join(f'<td class="n" data-label="{escape(label)}">{escape(cell)}</td>' for label, cell in zip(head[1:], row[1:], strict=True)) for row in rows]
    body = "".join(f"<tr>{line}</tr>" for line in lines)
    return f'<div class="scroll"><table class="blocks"><thead><tr>{heads}</tr></thead><tbody>{body}</tbody></table></div>'
