"""Runs `build.py new-tip`: shows what is known of the code, asks, writes the file, and says what to type next."""

from __future__ import annotations

import shlex
import shutil
import subprocess
import textwrap
import time
from dataclasses import dataclass
from pathlib import Path

from medpayiq import checking
from medpayiq import config as settings
from medpayiq.findings import Findings
from medpayiq.newtip import drafts, words
from medpayiq.newtip.desk import Desk, open_desk
from medpayiq.newtip.dialogue import Back, Help, Terminal, terminal
from medpayiq.newtip.layout import entry, written
from medpayiq.newtip.questions import ASKS, Talk
from medpayiq.newtip.words import PYTHON
from medpayiq.paths import ROOT, SITE_YML, shown

_OTHERS = 40
_BY_CTRL_C = 130
_SOURCES = "content/sources.yml"


@dataclass(frozen=True, slots=True)
class Result:
    """How a dialogue ended: with a file, or stopped."""

    exit_code: int
    file: Path | None = None
    title: str = ""


def run(code: str, release: str | None = None) -> int:
    """Ask for a tip on a code and write it; return the exit code.

    Raises:
        Failed: there is no such code.
    """
    desk = open_desk(code, release)
    at = terminal()
    done = dialogue(desk, at)
    if done.file is None:
        return done.exit_code
    found = [one for one in checking.check(release).findings.items if one.file == shown(done.file)]
    for one in found:
        at.say(str(one))
    if not found:
        at.say("build.py check finds nothing in it.")
    for line in next_steps(desk.code, done.file, done.title):
        at.say(line)
    return 1 if any(one.level == "error" for one in found) else 0


def dialogue(desk: Desk, at: Terminal, folder: Path = drafts.FOLDER) -> Result:
    """Ask every question and write the file; stopped at any of them, keep the answers."""
    talk = Talk(at, desk, drafts.read(desk.code, folder))
    try:
        _open(talk)
        _take_up(talk)
        return _ask_and_write(talk)
    except (KeyboardInterrupt, EOFError) as stop:
        if at.typed:
            talk.draft.unfinished, talk.draft.of = at.typed, talk.asking
        kept = bool(talk.draft)
        if kept:
            talk.draft.keep()
        at.say(f"\nstopped; your answers are kept in {talk.draft.name}" if kept else "\nstopped; there was no answer yet")
        at.say(f"{'go on' if kept else 'begin again'} with: {PYTHON} new-tip {desk.code}")
        return Result(_BY_CTRL_C if isinstance(stop, KeyboardInterrupt) else 1)


def _open(talk: Talk) -> None:
    """Say what is known of the code, and which tips stand on it."""
    say, desk = talk.terminal.say, talk.desk
    note = desk.context.library.notes.get(desk.code)
    say(f"A tip on {desk.code}{f', {note.title}' if note else ''}. Checked against {desk.release}.")
    if not desk.whole:
        talk.terminal.wrapped(
            f"remark: {desk.release} at hand holds {len(desk.context.rows):,} codes, not all: other codes, and how many codes the tip stands on, are checked on the pull request. "
            f"To check it here: {PYTHON} fetch",
            "",
        )
    if not desk.present:
        talk.terminal.wrapped(f"remark: {desk.code} is not among them: whether it exists, and its figures, cannot be checked here.", "")
    say("? explains a question; < goes back to the one before, and drops what you typed since the last question; Ctrl-C stops and keeps your answers.")
    if desk.others:
        say(f"\nTips that stand on this page{'' if desk.whole else ', as far as can be told here'}, with the number of their codes; yours must say something else:")
        for count, tip in desk.others[:_OTHERS]:
            say(f"  {count:>5,}  {desk.filled(tip.title)}  ({tip.id})")
        if len(desk.others) > _OTHERS:
            say(f"  and {len(desk.others) - _OTHERS} that stand on more codes")
    else:
        say("\nNo tip stands on this page yet.")


def _take_up(talk: Talk) -> None:
    """Offer to go on with a tip that was begun; what no longer passes is asked again."""
    draft, say = talk.draft, talk.terminal.say
    if draft.aside:
        say(f"\nremark: {draft.name} could not be read; it is kept as {shown(draft.aside)}")
    if not draft:
        return
    begun = time.strftime("%Y-%m-%d", time.localtime(draft.path.stat().st_mtime))
    say(f"\nYou began a tip on {talk.desk.code} on {begun}; {len(draft.answers)} of {len(ASKS)} questions are answered.")
    try:
        wanted = talk.terminal.yes("Go on with it?")
    except Back:
        wanted = True
    if wanted:
        for key in [one for one in ASKS if one in draft.answers]:
            value = draft.answers[key]
            say(textwrap.indent(f"{key}: {value}" if isinstance(value, str) else entry(key, value), "  "))
            faults = [one for one in talk.desk.faults(draft.answers, key) if one.refused]
            talk.tell(faults)
            if faults:
                value = draft.answers.pop(key)
                if isinstance(value, str):
                    draft.held[key] = value
        for key in [one for one, value in draft.held.items() if any(fault.rule == "schema" and not isinstance(value, str) for fault in talk.desk.faults({one: value}, one))]:
            del draft.held[key]
    else:
        say(f"  it is kept in {shown(draft.put_aside())}")
        draft.answers, draft.held, draft.unfinished, draft.of = {}, {}, [], ""


def _ask_and_write(talk: Talk) -> Result:
    """Ask what is not answered; then write the file, or go back to a question."""
    keys = list(ASKS)
    # A text that was being typed may have an accepted one: its question comes first all the same.
    at = next((i for i, key in enumerate(keys) if key not in talk.answers or (talk.draft.unfinished and key == talk.draft.of)), len(keys))
    while True:
        while at < len(keys):
            at = _ask(talk, keys, at)
        faults = [one for one in talk.desk.faults(talk.answers) if one.refused]
        if faults:
            talk.tell(faults)
            at = next((i for i, key in enumerate(keys) if key == faults[0].key), 0)
            continue
        text = written(talk.desk.complete(talk.answers))
        talk.terminal.say(f"\n{text}")
        if not _wanted(talk):
            at = _which(talk, keys)
            continue
        path = talk.desk.folder / f"{talk.answers['id']}.yml"
        try:
            with path.open("x", encoding="utf-8") as file:
                file.write(text)
        except FileExistsError:
            talk.terminal.refused(f"{shown(path)} is there already", "another name")
            at = keys.index("id")
            continue
        talk.draft.drop()
        talk.terminal.say(f"written: {shown(path)}")
        return Result(0, path, talk.answers["title"])


def _ask(talk: Talk, keys: list[str], at: int) -> int:
    """Ask one question; return which is next."""
    key = keys[at]
    talk.terminal.say(f"\n[{at + 1} of {len(keys)}] {words.QUESTIONS[key]}")
    if key == "title":
        _figures(talk)
    talk.asking = key
    talk.terminal.typed = list(talk.draft.unfinished) if key == talk.draft.of else []
    try:
        talk.until_good(key, lambda now: ASKS[key](talk, now))
    except Back:
        talk.leave(key)
        return max(at - 1, 0)
    return at + 1


def _figures(talk: Talk) -> None:
    """Say which placeholders the texts may use."""
    fitting = talk.desk.fitting(talk.answers["where"])
    if not fitting:
        talk.terminal.say("  Placeholders such as {code} and {mue} stand for figures; docs/CONTRIBUTING.md lists them.")
        return
    talk.terminal.say(f"  Placeholders that have a value on every code chosen, with that of {talk.desk.code}:")
    for name, value in fitting:
        if not name.startswith("percent.") and not (name.endswith((".nonfacility", ".facility")) and not name.startswith(("amount.", "patient."))):
            talk.terminal.say(f"    {f'{{{name}}}':<26} {value:<24} {words.PLACEHOLDERS.get(name, '')}")
    talk.terminal.say("  {reduced_unit} and the like say both settings; {reduced_unit.facility} is the amount alone. Percentages such as {percent.npp}")
    talk.terminal.say("  and edits such as {edit.97530} can be named too: docs/CONTRIBUTING.md lists them all.")


def _wanted(talk: Talk) -> bool:
    """Ask whether the file is to be written; ``?`` explains what else can be done."""
    try:
        return talk.terminal.yes(f"Write content/tips/{talk.answers['id']}.yml?", words.WRITE)
    except Back:
        return False


def _which(talk: Talk, keys: list[str]) -> int:
    """Return the question that the editor wants to change, or one behind the last; answers after it are kept and asked again."""
    say = talk.terminal.say
    say("  Which answer do you want to change?")
    for key in keys:
        say(f"    {key:<10} {words.QUESTIONS[key]}")
    say("  The questions after it come again with their answers as proposals; Enter keeps each.")
    while True:
        try:
            typed = talk.terminal.line("a word from the left, or Enter to go back to Write? > ").lower()
        except Back:
            typed = ""
        except Help:
            talk.terminal.wrapped(words.WRITE)
            continue
        if not typed:
            return len(keys)
        if typed in keys:
            return keys.index(typed)
        talk.terminal.refused("that is none of these", "do; or Enter to go back to Write?")


def is_changed(name: str) -> bool:
    """Say whether git sees a change in a file of the project."""
    program = shutil.which("git")
    done = subprocess.run([program, "-C", str(ROOT), "status", "--porcelain", "--", name], capture_output=True, encoding="utf-8", errors="replace", check=False) if program else None
    return bool(done and done.returncode == 0 and done.stdout.strip())


def next_steps(code: str, file: Path, title: str) -> list[str]:
    """Return what to type next: check, look, hand in."""
    name = shown(file)
    lines = ["next:", f"  {PYTHON} check", f"  {PYTHON} serve --live     then look at http://127.0.0.1:8000/codes/{code}/"]
    if shutil.which("git") and (ROOT / ".git").exists():
        return [
            *lines,
            f"  git switch -c tip/{file.stem}",
            f"  git add {name}{f' {_SOURCES}' if is_changed(_SOURCES) else ''}",
            f"  git commit -m {shlex.quote(f'Tip: {title}')}",
            f"  git push -u origin tip/{file.stem}",
            "then open a pull request: git push prints its address",
        ]
    config = settings.check(SITE_YML, Findings())
    address = config.repository if config else "the project's repository"
    return [*lines, f"then hand it in: {address}/upload/main/content/tips takes the file {name}, and opens a pull request"]
