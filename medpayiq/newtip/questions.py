"""The questions of a tip, in the order in which each answer can be checked at once by the linter's own rules."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from medpayiq.content.tip_schema import TIP, WATCHED
from medpayiq.newtip import choosing, citing, watching, words
from medpayiq.newtip.desk import Desk, Fault
from medpayiq.newtip.dialogue import CHANGE, Help, NotYet, Terminal, changed, is_change
from medpayiq.newtip.drafts import Draft
from medpayiq.newtip.layout import tidy
from medpayiq.paths import ROOT

_SHAPES = TIP["properties"]
_DAY = re.compile(r"\d{4}-\d\d-\d\d")
_MENDED = frozenset({"sources", "title", "do", "impact"})
"""Answers that are mended when they are refused; the others are typed anew."""
_SLUG_WORDS = 4
_SMALL = frozenset(["a", "an", "and", "are", "as", "at", "be", "by", "for", "from", "in", "is", "it", "not", "of", "on", "or", "the", "to", "with"])


@dataclass
class Talk:
    """A dialogue under way."""

    terminal: Terminal
    desk: Desk
    draft: Draft
    asking: str = ""
    """The question that is open."""

    @property
    def answers(self) -> dict[str, Any]:
        """The answers so far."""
        return self.draft.answers

    def until_good(self, key: str, read: Callable[[Any], Any]) -> None:
        """Ask until the checks accept the answer, and keep it. ``read`` is given the answer to start from, refused ones too."""
        value = self.draft.held.get(key if key in _MENDED else "", self.answers.get(key))
        while True:
            try:
                found = read(value)
            except Help:
                self.terminal.wrapped(words.HELP[key])
                continue
            except NotYet as problem:
                self.terminal.refused(problem.message, problem.hint)
                continue
            faults = self.desk.faults({**self.answers, key: found}, key)
            self.tell(faults)
            if not any(one.refused for one in faults):
                break
            if key in _MENDED:
                value = found
                self.hold(key, value)
        self.draft.held.pop(key, None)
        self.answers[key] = found
        self.drop_lines(key)
        self.draft.keep()

    def leave(self, key: str) -> None:
        """Drop what was typed since a question was asked; an accepted answer stays, a refused one where there is no other."""
        if self.terminal.typed:
            self.terminal.say("  These lines are dropped:")
            self.terminal.wrapped("\n".join(self.terminal.typed), "    ")
            self.terminal.typed = []
        self.drop_lines(key)
        if key in self.answers:
            self.draft.held.pop(key, None)
        if self.draft.path.exists():
            self.draft.keep()

    def drop_lines(self, key: str) -> None:
        """Forget the lines of a text that was being typed when the dialogue was stopped."""
        if self.draft.of == key:
            self.draft.unfinished, self.draft.of = [], ""

    def hold(self, key: str, value: Any) -> None:
        """Keep what is not accepted yet, so that it can be mended later too."""
        self.draft.held[key] = value
        self.draft.keep()

    def tell(self, faults: list[Fault]) -> None:
        """Say what the checks found."""
        for one in faults:
            self.terminal.say(f"  {'not yet' if one.refused else 'remark'}: {one.message} [{one.rule}]\n    try: {one.hint}")


Ask = Callable[[Talk, Any], Any]
"""Reads one answer; is given the present one. What is no answer at all raises NotYet."""


def _one_of(meanings: dict[str, str]) -> Ask:
    def ask(talk: Talk, now: Any) -> Any:
        for number, (name, meaning) in enumerate(meanings.items(), 1):
            talk.terminal.say(f"  {number}  {name:<14} {meaning}")
        typed = talk.terminal.line(_prompt(now)).lower()
        if not typed and now:
            return now
        names = list(meanings)
        if typed.isascii() and typed.isdigit() and 1 <= int(typed) <= len(names):
            return names[int(typed) - 1]
        if typed in names:
            return typed
        raise NotYet(f"{typed!r} is none of these" if typed else "nothing was typed", f"a number from 1 to {len(names)}, or a word such as {names[0]}")

    return ask


def _text(key: str) -> Ask:
    most = _SHAPES[key]["maxLength"]

    def ask(talk: Talk, now: Any) -> Any:
        before, kept = now or "", talk.answers.get(key, "")
        _show_text(talk, before, kept)
        typed = [talk.terminal.raw(f"{most:>4} left > ")] if key == "title" else talk.terminal.text(most, before)
        if not "".join(typed).strip():
            if not before:
                raise NotYet("nothing was typed", "a sentence; ? explains")
            return kept or before
        if before and len(typed) == 1 and is_change(typed[0]):
            text = changed(before, typed[0])
            if text is None:
                raise NotYet("the text does not hold these words", "copy them as they stand there; blanks count, but for the two beside =>")
            talk.terminal.wrapped(text, "    ")
        else:
            text = tidy(typed)
        talk.terminal.say(f"  {len(text)} characters; {most - len(text)} left")
        shown = talk.desk.filled(text)
        if shown != text:
            talk.terminal.say(f"  on the page of {talk.desk.code}:")
            talk.terminal.wrapped(shown, "    ")
        return text

    return ask


def _show_text(talk: Talk, before: str, kept: str) -> None:
    """Show lines that wait to be ended, or the text that a change would change, and the accepted one if that is another."""
    say, wrapped = talk.terminal.say, talk.terminal.wrapped
    if talk.terminal.typed:
        say("  You had typed, and go on below it:")
        wrapped("\n".join(talk.terminal.typed), "    ")
        if not kept:
            return
        say("  The text that was accepted stands until you end these lines:")
        wrapped(kept, "    ")
        # Enter alone must not end them: whoever types it means the accepted text.
        if talk.terminal.line("Go on with these lines? Type yes, or Enter for the accepted text > ").lower() == "yes":
            return
        talk.terminal.typed = []
    if before:
        say("  now:" if before == kept else "  not accepted yet:")
        wrapped(before, "    ")
    if kept and kept != before:
        say("  accepted before:")
        wrapped(kept, "    ")
    if before:
        what = "keeps it" if before == kept else "keeps the one accepted before" if kept else "takes it as it is"
        say(f"  Enter {what}. Type it anew, or change a part: words as they are{CHANGE}words as they should be")


def _author(talk: Talk, now: Any) -> Any:
    name = git_name(talk)
    if name and not now:
        talk.terminal.say("  The name in brackets is user.name of your git settings.")
    return _typed(talk, now or name)


def _id(talk: Talk, now: Any) -> Any:
    subjects = talk.desk.subjects
    if subjects:
        talk.terminal.wrapped(f"Subjects: {', '.join(subjects)}")
    found: str = _typed(talk, now or slug(talk))
    first = found.partition("-")[0]
    # A name without the form of one is refused by the checks, in their words.
    if subjects and first not in subjects and re.fullmatch(_SHAPES["id"]["pattern"], found):
        talk.terminal.wrapped(f"{first} is no subject yet. A new one needs a line in .github/CODEOWNERS too, or nobody is asked to review it.")
        if talk.terminal.line(f"Begin the subject {first}? Type yes, or Enter for another name > ").lower() != "yes":
            raise NotYet(f"{first} is no subject", f"one of {', '.join(subjects)}")
    return found


def _typed(talk: Talk, before: str) -> str:
    found = talk.terminal.line(_prompt(before)) or before
    if not found:
        raise NotYet("nothing was typed", "? explains what is asked")
    return found


def _expects(talk: Talk, now: Any) -> Any:
    where = talk.answers["where"]
    count = talk.desk.count(where)
    fixed = list(where) == ["codes"]
    if fixed:
        count = len(where["codes"])
    elif not talk.desk.whole:
        talk.terminal.wrapped(f"{count} codes at hand meet it; a full release has more. The count is checked on the pull request: leave it wide, or ask for it there.")
    spread = (count, count) if fixed else (count * 95 // 100, -(-count * 105 // 100)) if talk.desk.whole else (max(count, 1), 3000)
    before = now or list(spread)
    typed = talk.terminal.line(_prompt(f"{before[0]} {before[1]}"))
    numbers = re.findall(r"\d+", typed)
    if not typed:
        return before
    if len(numbers) == 1:
        numbers *= 2
    if len(numbers) != 2 or re.search(r"[^\d\s,\[\]-]", typed):
        raise NotYet("two numbers are needed", "15 17")
    return [int(one) for one in numbers]


def _watch(talk: Talk, now: Any) -> Any:
    talk.terminal.wrapped("One or more of: " + ", ".join(WATCHED))
    before = now or watching.proposed(talk.answers)
    typed = talk.terminal.line(_prompt(" ".join(before)))
    return list(dict.fromkeys(re.split(r"[\s,]+", typed.strip("[], ")))) if typed else before


def _effective(talk: Talk, now: Any) -> Any:
    before = now or {"from": None, "to": None}
    said = f"{before['from'] or 'always'}, {'to ' + before['to'] if before['to'] else 'still holds'}"
    typed = talk.terminal.line(_prompt(said))
    if not typed:
        return before
    days = _DAY.findall(typed)
    if not 1 <= len(days) <= 2 or re.sub(r"from|to|\.\.|[\s,-]", "", _DAY.sub("", typed)):
        raise NotYet("that is no date", "2018-01-01 for a first day, or 2018-01-01 2026-12-31; Enter when it always held")
    if typed.startswith("to"):
        return {"from": None, "to": days[0]}
    return {"from": days[0], "to": days[1] if len(days) == 2 else None}


def _prompt(before: Any) -> str:
    return f"[{before}] > " if before else "> "


def git_name(_: Talk) -> str:
    """Return the name that git signs with here; empty where there is none."""
    program = shutil.which("git")
    done = subprocess.run([program, "-C", str(ROOT), "config", "user.name"], capture_output=True, encoding="utf-8", errors="replace", check=False) if program else None
    return done.stdout.strip() if done else ""


def slug(talk: Talk) -> str:
    """Return a name for the file: the subject that most tips on the code have, and words of the title; empty where no tip stands on it."""
    subject = talk.desk.subject
    if not subject:
        return ""
    plain = re.sub(r"\{[^}]*\}", " ", talk.answers.get("title", "")).lower().replace("'", "")
    found = [one for one in re.findall(r"[a-z0-9]+", plain) if one not in _SMALL]
    return "-".join([subject, *[one for one in found if one != subject][:_SLUG_WORDS]])[:60].strip("-")


ASKS: dict[str, Ask] = {
    "kind": _one_of(words.KINDS),
    "evidence": _one_of(words.EVIDENCE),
    "where": lambda talk, now: choosing.ask(talk.terminal, talk.desk, now),
    "expects": _expects,
    "sources": lambda talk, now: citing.ask(talk.terminal, talk.desk, now, lambda chosen: talk.hold("sources", chosen), needed=talk.answers.get("evidence") == "rule"),
    "title": _text("title"),
    "do": _text("do"),
    "impact": _text("impact"),
    "watch": _watch,
    "effective": _effective,
    "author": _author,
    "id": _id,
}
"""Every question by its key. Where, evidence and sources come before the words, which are checked against them."""
