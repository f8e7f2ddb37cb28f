"""Looks for what is new at CMS and takes it as far as a pull request, or says why not: `build.py follow`."""

from __future__ import annotations

import datetime
import json
import shutil
from pathlib import Path
from typing import Any

from medpayiq.archive.stores import Store
from medpayiq.cms import manifest, releases
from medpayiq.cms.manifest import Manifest
from medpayiq.fetching import discovery, fetch
from medpayiq.fetching.discovery import Discovered, Find
from medpayiq.findings import Failed
from medpayiq.following import accepting, candidates, desk, texts
from medpayiq.following.accepting import Accepted
from medpayiq.following.model import FOLLOWED, Asked, Issue, Outcome

__all__ = ["FOLLOWED", "Asked", "accept", "run"]

_MOST_CHANGED = 5
"""Files that have an issue each when they changed under their names."""


def run(asked: Asked) -> Outcome:
    """Restore the archive, ask CMS, examine each quarter that is new, and write what came of it into ``asked.into``.

    There: ``pull-request.md`` with ``files/`` (what it changes) and ``site/``, where something is good; ``issue.md``,
    ``issue-2.md`` and so on, where something is doubtful; always ``answer.json``, which names them. Nothing else changes.

    Raises:
        Failed: wrong use, or a fault of this machine or of the project itself; exit code 2.

    """
    try:
        return _run(asked)
    except Failed as failed:
        # 1 means that an issue was written.
        raise Failed(str(failed), exit_code=2) from None


def accept(asked: Asked) -> tuple[Outcome, list[str]]:
    """Take in what a merged pull request accepted; return the outcome, which holds an issue where that cannot be, and what was done.

    Raises:
        Failed: as for `run`.

    """
    try:
        lines, issue = accepting.take(asked)
        outcome = Outcome(issues=[issue] if issue else [])
        if issue:
            _write(outcome, asked, None)
    except Failed as failed:
        raise Failed(str(failed), exit_code=2) from None
    return outcome, lines


def _run(asked: Asked) -> Outcome:
    outcome = Outcome()
    environ = desk.licensed(asked)
    desk.clear(asked.into)
    here = desk.lay(asked.places, asked.into / "desk" / "here")
    try:
        if asked.store is not None:
            outcome.remarks += desk.restore(asked.store, here.snapshots)
    except Failed as failed:
        outcome.issues.append(_no_archive(asked.store, failed))
        _write(outcome, asked, None)
        return outcome
    before = known = fetch.read_manifest(here.manifest)
    found = discovery.run(here, today=asked.today, add=True, pace=asked.pace, environ=environ, screen=asked.screen)
    grown = fetch.read_manifest(here.manifest)
    said = [str(one) for one in found.findings.items]
    if found.findings.failed and not found.finds:
        outcome.issues.append(_unasked(found))
    else:
        outcome.remarks += said
    outcome.issues += _changed([one for one in found.finds if one.what == "changed in place"])
    for number, quarter in enumerate(candidates.quarters((one for one in found.finds if one.what != "changed in place"), before, grown), 1):
        made = candidates.examine(quarter, here, known, asked.into / "desk" / f"quarter-{number}", asked, environ)
        if isinstance(made, Issue):
            outcome.issues.append(made)
        else:
            outcome.candidates.append(made)
            here, known = made.desk, known.having(*made.entries)
    if not found.findings.failed and grown.release_for(asked.today) is None:
        outcome.issues.append(_late(asked.today, grown))
    _write(outcome, asked, known)
    return outcome


def _no_archive(store: Store | None, failed: Failed) -> Issue:
    return Issue(
        "archive",
        "the archive of CMS's releases cannot be restored",
        f"{store.name if store else 'The archive'}, for the snapshots that a new release is compared with.",
        str(failed),
        ("A new site: .venv/bin/python build.py fetch, then .venv/bin/python build.py archive push.", "Else see to it that the archive can be reached; docs/OPERATING.md names the settings."),
    )


def _unasked(found: Discovered) -> Issue:
    return Issue(
        "ask",
        "CMS could not be asked for new releases",
        f"{found.asked:,} name{'s' if found.asked != 1 else ''} at CMS, as cms_data/manifest.yml and the patterns of names have them.",
        "\n".join(map(str, found.findings.items)),
        ("Run the workflow again later.", "Where CMS refuses this machine for good: on your own, .venv/bin/python build.py fetch --discover --add."),
    )


def _changed(finds: list[Find]) -> list[Issue]:
    """Return an issue for each file that is another now; where CMS touched very many at once, one for all."""
    if len(finds) <= _MOST_CHANGED:
        return [
            Issue(f"changed {one.entry.name} {one.seen.modified or one.seen.size or ''}", f"{one.entry.name} is another file than before under the same name", *_before_and_now(one), _to_do(one.command))
            for one in finds
        ]
    sides = [_before_and_now(one) for one in finds]
    found = "\n".join(f"{one.entry.name}: {now}" for one, (_, now) in zip(finds, sides, strict=True))
    return [Issue("changed files", f"{len(finds)} files are others than before under the same names", "\n".join(was for was, _ in sides), found, _to_do(".venv/bin/python build.py fetch NAME"))]


def _before_and_now(find: Find) -> tuple[str, str]:
    entry, seen = find.entry, find.seen
    was = f"{f'{entry.size:,} bytes' if entry.size else 'of a size not noted'}, of {entry.modified or 'a date not noted'}"
    return f"{entry.url}, which was {was}.", f"{f'{seen.size:,} bytes' if seen.size is not None else 'size not stated'}, {seen.modified or 'no date'}; nothing of it was used."


def _to_do(command: str) -> tuple[str, ...]:
    return "Find out on CMS's page what changed.", f"To use a new file: {command} --take-changed, then check, archive push, and commit the manifest."


def _late(today: str, grown: Manifest) -> Issue:
    latest = grown.latest("rvu")
    quarter = releases.of_day(datetime.date.fromisoformat(today)).name
    return Issue(
        f"late {quarter}",
        f"{quarter} is late: no release answers for today",
        f"The names that CMS has used so far, for {quarter} among others.",
        f"The newest release that is known is {latest.name if latest else 'none'}" + (f", which holds to {latest.effective_to}." if latest else "."),
        (
            "Look at CMS's page: it may have another name this time. Then write it into cms_data/manifest.yml, or wait; every run asks again.",
            "The pages that stand say by themselves that their quarter is over.",
        ),
    )


def _write(outcome: Outcome, asked: Asked, known: Manifest | None) -> None:
    """Put texts and files down, and what they are called."""
    into = asked.into
    issues = []
    for number, one in enumerate(outcome.issues, 1):
        path = into / ("issue.md" if number == 1 else f"issue-{number}.md")
        path.write_text(texts.issue(one), encoding="utf-8")
        outcome.files.append(path)
        issues.append({"file": path.name, "mark": texts.mark(one.cause), "title": one.title})
    pull: dict[str, Any] | None = None
    if outcome.candidates and known is not None:
        pull = {"file": "pull-request.md", "branch": texts.branch(outcome.candidates), "title": texts.title(outcome.candidates)}
        path = into / "pull-request.md"
        path.write_text(texts.pull_request(outcome.candidates, outcome.remarks, asked.today), encoding="utf-8")
        outcome.files += [path, *_files(outcome, asked, known)]
    answer = into / "answer.json"
    answer.write_text(json.dumps({"code": outcome.exit_code, "pull_request": pull, "issues": issues}, indent=1) + "\n", encoding="utf-8")
    outcome.files.append(answer)
    shutil.rmtree(into / "desk", ignore_errors=True)


def _files(outcome: Outcome, asked: Asked, known: Manifest) -> list[Path]:
    """Write the files that a pull request changes, laid out as in the project."""
    folder = asked.into / "files" / "cms_data"
    folder.mkdir(parents=True)
    manifest.write(folder / "manifest.yml", known)
    accepted = accepting.read(asked.accepted)
    for one in outcome.candidates:
        accepted |= {name: Accepted(digest, one.fetched) for name, digest in one.snapshots.items()}
    (folder / "accepted.json").write_text(accepting.write(accepted), encoding="utf-8")
    return [folder / "manifest.yml", folder / "accepted.json"]
