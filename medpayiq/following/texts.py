"""Writes what a run came to as GitHub takes it: the text of a pull request, bounded, and that of an issue."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from medpayiq.changes import rendering
from medpayiq.changes.watching import Flag
from medpayiq.following.model import Candidate, Issue

MOST = 65_000
"""Characters of a text; GitHub takes 65,536."""
_FOUND = 20_000
"""Characters of what programs said, in an issue."""
_TIPS = 60
"""Tips that a pull request names one by one."""
_REMARKS = 6_000
_LEAST = 4_000
"""Room for the summary of a report, and for what taming adds to its text."""
_MARK = "<!-- medpayiq: follow: {} -->"
_CUT = "\n\n*Cut here, where GitHub's limit is near. The text is whole in the artifact of the run; build.py changes gives every list.*"
_ZERO = "\u200b"


def mark(cause: str) -> str:
    """Return the first line of an issue, by which the next run knows it again; it does not show."""
    return _MARK.format(" ".join(re.sub(r"[^A-Za-z0-9,_.-]+|-{2,}", " ", cause).split()))


def issue(one: Issue) -> str:
    """Return the text of an issue: what was asked, what was found, what to do."""
    parts = [mark(one.cause), f"**{tamed(one.title)}.** The site stays as it is.", "### Asked", tamed(one.asked), "### Found", fenced(one.found, _FOUND), "### To do", _listed(map(tamed, (*one.to_do, "Close this issue once it is settled: the same cause, met again, then opens another.")))]
    return _bounded("\n\n".join(parts)) + "\n"


def title(candidates: Sequence[Candidate]) -> str:
    """Return the title of a pull request."""
    return f"New at CMS: {', '.join(one.label for one in candidates)}"


def branch(candidates: Sequence[Candidate]) -> str:
    """Return the branch of a pull request: the same for the same releases, so that the next run finds it again."""
    made = re.sub(r"[^a-z0-9]+", "-", "-".join(one.label for one in candidates).lower()).strip("-")
    return f"cms/{made[:80].strip('-')}"


def pull_request(candidates: Sequence[Candidate], remarks: Sequence[str], today: str) -> str:
    """Return the text of a pull request: what was checked, which tips to verify again, what changed."""
    made = [
        f"Seen at CMS on {today}. Each file was fetched, checked and imported, compared with CMS's amounts, and a site was built with it; nothing is published.",
        "Merging accepts what is described here: on merge the same files are fetched again, must make the same snapshots, and are published on their first day.",
    ]
    for one in candidates:
        made += [f"## {one.label}", _listed(f"`{code(line)}`" for line in one.lines)]
        made += ["**Compared with amounts that CMS published**", fenced("\n".join(one.amounts), _REMARKS) if one.amounts else "None."]
        if one.built:
            made += [f"**Built:** {tamed(one.built)}."]
        made += _tips(one.flags)
        if one.remarks:
            made += ["**Remarks**", fenced("\n".join(one.remarks), _REMARKS)]
    if remarks:
        made += ["## Remarks of the run", fenced("\n".join(remarks), _REMARKS)]
    head = "\n\n".join(made)
    reports = [report for one in candidates for report in one.reports]
    for place, report in enumerate(reports):
        # What is left is shared evenly; a report that needs less leaves its part to the next.
        room = (MOST - len(head)) // (len(reports) - place)
        head += "\n\n" + tamed(rendering.markdown(report, max(_LEAST, room - _LEAST)))
    return _bounded(head) + "\n"


def _tips(flags: Iterable[Flag]) -> list[str]:
    """Return the part on tips whose watched facts changed."""
    by_tip: dict[str, list[Flag]] = {}
    for flag in flags:
        by_tip.setdefault(flag.tip, []).append(flag)
    if not by_tip:
        return ["**Tips to verify again:** none."]
    lines = []
    for tip, found in sorted(by_tip.items())[:_TIPS]:
        more = f" and {len(found) - 3:,} more" if len(found) > 3 else ""
        lines.append(f"[ ] `content/tips/{tip}.yml`: " + "; ".join(f"{one.code} {one.field} {one.before} → {one.after}" for one in found[:3]) + more)
    if len(by_tip) > _TIPS:
        lines.append(f"and {len(by_tip) - _TIPS:,} more tips")
    return [f"**Tips to verify again ({len(by_tip):,}).** Until an editor confirms one, its page says that it is being re-verified.", _listed(lines)]


def code(text: str) -> str:
    """Return a text that may stand between single backticks."""
    return " ".join(text.replace("`", "'").split())


def fenced(text: str, most: int) -> str:
    """Set a text as it is, whatever is in it: the fence is longer than any in the text. Too long a text is cut."""
    shown = text if len(text) <= most else text[:most].rpartition("\n")[0] + f"\n... and {len(text) - most:,} characters more"
    fence = "`" * max(3, *(len(run) + 1 for run in re.findall("`+", shown)), 3)
    return f"{fence}text\n{shown.strip() or 'nothing was said'}\n{fence}"


def tamed(text: str) -> str:
    """Return a text in which CMS's words mention nobody, refer to no issue and load nothing on GitHub."""
    text = re.sub(r"@(?=\w)", f"@{_ZERO}", text)
    text = re.sub(r"(?<![&\w])#(?=\d)", f"#{_ZERO}", text)
    return re.sub(r"<(?=[A-Za-z/!?])", f"<{_ZERO}", text).replace("![", f"!{_ZERO}[")


def _listed(lines: Iterable[str]) -> str:
    return "\n".join(f"- {line}" for line in lines) or "- nothing"


def _bounded(text: str) -> str:
    """Cut a text at the end of a line, and say so."""
    if len(text) <= MOST:
        return text
    return text[: MOST - len(_CUT)].rpartition("\n")[0] + _CUT
