"""`build.py new-tip`: the dialogue, what it refuses and with which words, what it keeps when it is stopped; and that its guide is true."""

from __future__ import annotations

import json
import os
import pty
import re
import select
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
import yaml
from copies import Project
from hypothesis import given
from hypothesis import strategies as st
from machine import ROOT

from medpayiq import linting, yamlmarks
from medpayiq.cms import snapshot
from medpayiq.content import library, schemas, tips
from medpayiq.content.sources import Sources
from medpayiq.content.tip_schema import TIP
from medpayiq.findings import Failed, Findings
from medpayiq.lint import running
from medpayiq.lint.context import RULES
from medpayiq.newtip import citing, command, drafts, watching, words
from medpayiq.newtip.desk import Desk, open_desk
from medpayiq.newtip.dialogue import Terminal, changed
from medpayiq.newtip.layout import tidy, written
from medpayiq.newtip.questions import ASKS
from medpayiq.pages import placeholders

TODAY = "2026-08-15"
ANSWERS = [
    *("documentation", "rule", "2", "97760 97761 97763", "", "cpm5 20.2", "", "Write the minutes of {code} at each visit"),
    *("Write into the note how many minutes you trained the patient face to face, and sign it:", "- from and to, by the clock", "- {mue} a day is the limit", ""),
    *("Without minutes in the note every unit of {code}", "beyond the first is taken back.", ""),
    *("", "", "A. Coder", "therapy-write-the-minutes", "yes"),
]
TIP_WRITTEN = """\
id: therapy-write-the-minutes
title: "Write the minutes of {code} at each visit"
do: |-
  Write into the note how many minutes you trained the patient face to face, and sign it:

  - from and to, by the clock
  - {mue} a day is the limit
impact: >-
  Without minutes in the note every unit of {code} beyond the first is taken back.
kind: documentation
evidence: rule
where: {codes: ["97760", "97761", "97763"]}
expects: [3, 3]
sources:
  - {document: cpm5, section: "20.2", revision: "Rev. 11129", hash: "HASH"}
author: A. Coder
checked_by: null
verified: {day: "2026-08-15", release: RVU26C}
review_by: "2027-08-15"
effective: {from: null, to: null}
watch: [mue]
"""


@dataclass
class Editor:
    """Somebody who types one answer after the other, and reads what is said."""

    answers: list[str]
    at_end: type[BaseException] = EOFError
    said: list[str] = field(default_factory=list)
    before: Callable[[str], None] = lambda _: None
    """Called with each prompt: something that happens meanwhile."""

    def read(self, prompt: str) -> str:
        """Type the next answer."""
        self.said.append(prompt)
        self.before(prompt)
        if not self.answers:
            raise self.at_end
        return self.answers.pop(0)

    @property
    def terminal(self) -> Terminal:
        """Where the editor sits."""
        return Terminal(self.read, self.said.append)

    @property
    def text(self) -> str:
        """What was said and asked."""
        return "\n".join(self.said)


@pytest.fixture(scope="module")
def world() -> Desk:
    """Return the desk of 97761 with the embedded sample as if it were a full release, and no tip yet."""
    content = library.load(Findings())
    context = linting.context_of(replace(content, tips=()), snapshot.read(ROOT / "cms_data" / "sample"), whole=True, today=TODAY, findings=Findings())
    assert isinstance(context.texts, Sources)
    return Desk("97761", context, context.texts, Path())


@pytest.fixture
def desk(world: Desk, tmp_path: Path) -> Desk:
    """Return the desk with a folder of its own for tips."""
    (tmp_path / "tips").mkdir()
    return Desk(world.code, world.context, world.sources, tmp_path / "tips")


def asked(desk: Desk, editor: Editor) -> command.Result:
    """Go through the dialogue; drafts lie beside the tips."""
    return command.dialogue(desk, editor.terminal, desk.folder.parent / "drafts")


def expected(desk: Desk) -> str:
    """Return the file that ANSWERS make; only the section's hash is taken from content/sources.yml."""
    found = desk.sources.section("cpm5", "20.2")
    assert found is not None
    return TIP_WRITTEN.replace("HASH", found.hash)


def answers_to(*changes: tuple[int, int, list[str]]) -> list[str]:
    """Return ANSWERS with other answers from one place to another, places counted in ANSWERS itself."""
    made = list(ANSWERS)
    for first, end, new in sorted(changes, reverse=True):
        made[first:end] = new
    return made


def test_dialogue_writes_a_tip_that_the_linter_accepts(desk: Desk) -> None:
    """Twelve answers make the file as it stands above, in the house's layout; no rule finds anything in it, and no draft is left."""
    editor = Editor(list(ANSWERS))
    done = asked(desk, editor)
    assert done.file == desk.folder / "therapy-write-the-minutes.yml"
    assert done.file.read_text(encoding="utf-8") == expected(desk)
    found = Findings()
    loaded = tips.load(found, desk.folder)
    running.run(replace(desk.context, library=replace(desk.context.library, tips=loaded)), found)
    assert found.items == []
    assert len(loaded) == 1
    assert editor.answers == []
    assert not list((desk.folder.parent / "drafts").glob("*"))
    assert "on the page of 97761:" in editor.text
    assert "    Write the minutes of 97761 at each visit" in editor.text


REFUSED: dict[str, tuple[list[str], str]] = {
    "kind": (["9", *ANSWERS], "'9' is none of these\n    try: a number from 1 to 8"),
    "evidence": (answers_to((1, 1, ["guess"])), "'guess' is none of these"),
    "deleted code": (answers_to((3, 4, ["97760 97761 97762", *ANSWERS[2:4]])), "97762: deleted 2018-01-01, see 97763 [unknown-code]\n    try: name 97763"),
    "other codes": (answers_to((3, 4, ["99213", *ANSWERS[2:4]])), '97761 is not among the codes of {codes: ["99213"]}'),
    "backward range": (answers_to((2, 3, ["3", "97799 97010", "2"])), '97761 is not among the codes of {ranges: [["97799", "97010"]]}'),
    "half a range": (answers_to((2, 3, ["3", "97761", "2"])), "a range has two ends\n    try: 97110 97150"),
    "broken selector": (answers_to((2, 3, ['{codes: ["97761"', "2"])), "is not YAML"),
    "unknown key": (answers_to((2, 3, ['{kodes: ["97761"], codes: ["97761"]}', "2"])), "kodes: no such key"),
    "count": (answers_to((4, 5, ["7 9", ""])), "stands on 3 codes; 7 to 9 were expected [unexpected-count]"),
    "no source": (answers_to((5, 6, ["", "cpm5 20.2"])), "a rule tip without a source [no-source]\n    try: cite document and section, or write: evidence: practice"),
    "no such section": (answers_to((5, 6, ["cpm5 99.9", "cpm5 20.2"])), "no section is found by 'cpm5 99.9': it is not in the list yet"),
    "no such words": (answers_to((5, 6, ["weather forecast", "cpm5 20.2"])), "no section is found by 'weather forecast'\n    try: fewer words, or document and section: cpm5 20.2; documents: "),
    "number of none chosen": (answers_to((5, 6, ["-3", "cpm5 20.2"])), "3 is none of those chosen"),
    "full stop": (answers_to((7, 8, ["Write down the minutes.", ANSWERS[7]])), "does not have the right form [schema]\n    try: The action or the trap in 10 to 80 characters, without a full stop."),
    "long title": (answers_to((7, 8, ["w" * 81, ANSWERS[7]])), "has 81 characters; at most 80 are allowed [schema]"),
    "placeholder": (answers_to((7, 8, ["Write the minutes of {kode} down", ANSWERS[7]])), "{kode} is no placeholder [unknown-placeholder]\n    try: write {code}"),
    "no value": (answers_to((7, 8, ["Write {endo_difference} into the note", ANSWERS[7]])), "{endo_difference} has no value for 97760"),
    "short": (answers_to((8, 12, ["Write it down.", "", *ANSWERS[8:12]])), "has 14 characters; at least 60 are needed [schema]"),
    "typed dollars": (answers_to((8, 12, ["Write $40.42 into the note beside the minutes, and sign it on the day of the training itself.", "", *ANSWERS[8:12]])), "'$40.42' does not stand in cpm5 20.2"),
    "HTML": (answers_to((8, 12, ["Write the minutes <b>down</b> in the note, and sign it on the day of the training itself, always.", "", *ANSWERS[8:12]])), "'<b>' is HTML"),
    "once": (answers_to((8, 12, ["Bill it only once for each patient, whatever the minutes of the day were, and sign the note for it.", "", *ANSWERS[8:12]])), "says 'only once', but the unit limit of"),
    "watch": (answers_to((15, 16, ["weather", ""])), "'weather' is not one of: status"),
    "day": (answers_to((16, 17, ["2026-02-30", ""])), "2026-02-30 is no day of the calendar [impossible-day]"),
    "no day": (answers_to((16, 17, ["last spring", ""])), "that is no date\n    try: 2018-01-01"),
    "ended": (answers_to((16, 17, ["2018-01-01 2019-12-31", ""])), "ended on 2019-12-31, before RVU26C [ended]"),
    "author": (answers_to((17, 18, ["A", "A. Coder"])), "has 1 characters; at least 3 are needed [schema]"),
    "path": (answers_to((18, 19, ["../therapy-minutes", ANSWERS[18]])), "'../therapy-minutes' does not have the right form [schema]"),
    "name": (answers_to((18, 19, ["Therapy Minutes", ANSWERS[18]])), "'Therapy Minutes' does not have the right form [schema]"),
}


@pytest.mark.parametrize("name", sorted(REFUSED))
def test_wrong_answer_is_asked_again(name: str, desk: Desk) -> None:
    """What is wrong is said at once in the linter's words, with what to type; the right answer after it leads to the same file."""
    answers, said = REFUSED[name]
    editor = Editor(list(answers))
    asked(desk, editor)
    assert said in editor.text
    assert (desk.folder / "therapy-write-the-minutes.yml").read_text(encoding="utf-8") == expected(desk)


@pytest.mark.parametrize("at_end", [EOFError, KeyboardInterrupt])
@pytest.mark.parametrize("after", range(len(ANSWERS)))
def test_stopped_anywhere_goes_on_there(after: int, at_end: type[BaseException], desk: Desk) -> None:
    """Wherever the input ends or Ctrl-C comes, in the middle of a text too, the answers are kept, and the second run ends with the same file."""
    first = Editor(ANSWERS[:after], at_end)
    done = asked(desk, first)
    assert done == command.Result(130 if at_end is KeyboardInterrupt else 1)
    assert not list(desk.folder.iterdir())
    assert f"{'go on' if after else 'begin again'} with: .venv/bin/python build.py new-tip 97761" in first.text
    # A question that takes several lines of its own begins again; a text goes on where it was left.
    again = {3: 2, 6: 6}.get(after, after)
    second = Editor([*(["yes"] if after else []), *ANSWERS[again:]])
    assert asked(desk, second).file is not None
    assert (desk.folder / "therapy-write-the-minutes.yml").read_text(encoding="utf-8") == expected(desk)


def test_refused_text_is_kept_and_mended(desk: Desk) -> None:
    """A text that was refused is there after an interruption, and a part of it can be changed in place of typing all of it."""
    wrong = "Write $40.42 into the note how many minutes you trained the patient face to face, and sign it."
    asked(desk, Editor([*ANSWERS[:8], wrong, ""]))
    editor = Editor(["yes", "$99 => x", "$40.42 into the note => into the note", *ANSWERS[12:]])
    done = asked(desk, editor)
    assert done.file is not None
    assert "the text does not hold these words" in editor.text
    assert "\n  Write into the note how many minutes you trained the patient face to face, and sign it.\n" in done.file.read_text(encoding="utf-8")


def test_new_beginning_keeps_the_old_draft(desk: Desk) -> None:
    """Who does not want to go on begins anew; the older answers lie beside, under a name that is said."""
    asked(desk, Editor(ANSWERS[:9]))
    editor = Editor(["no", *ANSWERS])
    assert asked(desk, editor).file is not None
    kept = list((desk.folder.parent / "drafts").glob("*"))
    assert [path.name for path in kept] == ["97761.1.json"]
    assert json.loads(kept[0].read_text(encoding="utf-8"))["answers"]["title"] == ANSWERS[7]
    assert "97761.1.json" in editor.text


@pytest.mark.parametrize("text", ["", "{", "[]", '{"answers": 3}', '{"answers": {"where": 3}}', '{"answers": {"where": {"codes": 3}, "effective": {}, "sources": [3]}}'])
def test_damaged_draft_is_no_obstacle(text: str, desk: Desk) -> None:
    """A draft that nobody can read is put aside or passed over, and the dialogue begins."""
    folder = desk.folder.parent / "drafts"
    folder.mkdir()
    (folder / "97761.json").write_text(text, encoding="utf-8")
    editor = Editor(list(ANSWERS) if not text.endswith("}}") or "[3]" not in text else ["yes", *ANSWERS])
    assert asked(desk, editor).file is not None


def test_draft_that_no_longer_passes_is_asked_again(desk: Desk) -> None:
    """Answers of a draft are checked as a whole before anything is written: what was right once may be wrong by now."""
    asked(desk, Editor(ANSWERS[:-1]))
    path = desk.folder.parent / "drafts" / "97761.json"
    path.write_text(path.read_text(encoding="utf-8").replace('"97763"', '"97762"'), encoding="utf-8")
    editor = Editor(["yes", "2", "97760 97761 97763", *[""] * 9, "yes"])
    done = asked(desk, editor)
    assert "97762: deleted 2018-01-01, see 97763" in editor.text
    assert done.file is not None
    assert 'where: {codes: ["97760", "97761", "97763"]}' in done.file.read_text(encoding="utf-8")


def test_no_file_is_overwritten(desk: Desk) -> None:
    """A name that is taken is refused, also when it is taken while the last question is open; the file there stays as it is."""
    taken = desk.folder / "therapy-taken.yml"
    taken.write_text("mine", encoding="utf-8")
    late = desk.folder / "therapy-write-the-minutes.yml"

    def meanwhile(prompt: str) -> None:
        if prompt.startswith("Write content/tips/therapy-write-the-minutes.yml?"):
            late.write_text("theirs", encoding="utf-8")

    editor = Editor(answers_to((18, 19, ["therapy-taken", ANSWERS[18]]), (20, 20, ["therapy-third-name", "yes"])), before=meanwhile)
    done = asked(desk, editor)
    assert done.file == desk.folder / "therapy-third-name.yml"
    assert "therapy-taken is there already" in editor.text
    assert "therapy-write-the-minutes.yml is there already" in editor.text
    assert (taken.read_text(encoding="utf-8"), late.read_text(encoding="utf-8")) == ("mine", "theirs")


def test_back_keeps_the_answer_and_help_explains(desk: Desk) -> None:
    """``<`` goes back to the question before, whose answer Enter keeps; ``?`` explains."""
    editor = Editor(["units", "?", "<", *ANSWERS])
    assert asked(desk, editor).file is not None
    assert "Choose rule whenever a section of a manual says it" in editor.text
    assert "[units] > " in editor.said


def test_last_question_lets_change_an_answer(desk: Desk) -> None:
    """Who does not want the file yet names the answer to change; those after it stand when Enter is typed."""
    editor = Editor([*ANSWERS[:-1], "no", "weather", "author", "B. Coder", "", "yes"])
    done = asked(desk, editor)
    assert done.file is not None
    assert done.file.read_text(encoding="utf-8") == expected(desk).replace("A. Coder", "B. Coder")


def kept_in(desk: Desk) -> drafts.Draft:
    """Return what is kept of the tip on 97761."""
    return drafts.read("97761", desk.folder.parent / "drafts")


DO = "Write into the note how many minutes you trained the patient face to face, and sign it:\n\n- from and to, by the clock\n- {mue} a day is the limit"
"""The text that ANSWERS give for ``do``, as the file has it."""


@pytest.mark.parametrize(
    ("typed", "held"),
    [(["Half a sentence", "<"], ""), (["Too short.", "", "<"], ""), (["Too short.", "", ""], ""), (["$99 => x", "<"], ""), (["Too short.", "", "Half a sentence"], "Too short.")],
    ids=["unfinished", "refused", "refused, then Enter", "change of no words", "refused, then stopped"],
)
def test_accepted_text_stays(typed: list[str], held: str, desk: Desk) -> None:
    """Neither lines that are not ended nor a refused text take the place of an accepted one: Enter, at once or later, keeps that."""
    asked(desk, Editor([*ANSWERS[:12], "<", *typed], KeyboardInterrupt))
    draft = kept_in(desk)
    assert draft.answers["do"] == DO
    assert draft.held.get("do", "") == held
    # Stopped in the text, it is asked first, and < leads to the title; else < leads to it from the next question.
    rest = Editor(["yes", "<", *([""] if held else []), "", *ANSWERS[12:]])
    assert asked(desk, rest).file is not None
    assert (desk.folder / "therapy-write-the-minutes.yml").read_text(encoding="utf-8") == expected(desk)


def test_back_drops_the_lines_of_a_text(desk: Desk) -> None:
    """``<`` inside a text shows the lines that it drops, and they do not come again; a refused text without an accepted one does, to be mended."""
    editor = Editor([*ANSWERS[:8], "Half a sentence", "<", "", *ANSWERS[8:]])
    assert asked(desk, editor).file is not None
    assert "  These lines are dropped:\n    Half a sentence\n" in editor.text
    assert (desk.folder / "therapy-write-the-minutes.yml").read_text(encoding="utf-8") == expected(desk)
    (desk.folder / "therapy-write-the-minutes.yml").unlink()
    refused = Editor([*ANSWERS[:8], "Too short.", "", "<", "", f"Too short. => {' '.join(ANSWERS[8:9])[:-1]}.", *ANSWERS[12:]])
    assert asked(desk, refused).file is not None
    assert "  not accepted yet:\n    Too short.\n" in refused.text


def test_unfinished_lines_come_back_at_their_own_question(desk: Desk) -> None:
    """Stopped in a text that has an accepted one, while a later question is open: the lines come back at that text, and ``<`` drops them."""
    asked(desk, Editor([*ANSWERS[:12], "<", "Half a sentence"], KeyboardInterrupt))
    editor = Editor(["yes", "<", "", "", *ANSWERS[12:]])
    assert asked(desk, editor).file is not None
    assert re.search(r"\[7 of 12\](?:(?!of 12\]).)*You had typed, and go on below it:\n    Half a sentence\n", editor.text, re.DOTALL)
    assert (desk.folder / "therapy-write-the-minutes.yml").read_text(encoding="utf-8") == expected(desk)


@pytest.mark.parametrize("answer", ["", "yes"])
def test_unfinished_lines_need_a_yes_in_place_of_an_accepted_text(answer: str, desk: Desk) -> None:
    """Lines that would do as a text take an accepted one's place after a yes alone; Enter keeps the accepted one."""
    line = "Chart how the prosthesis sat: skin under it, where it rubbed, whether the liner had moved, and who saw that."
    asked(desk, Editor([*ANSWERS[:12], "<", line], KeyboardInterrupt))
    editor = Editor(["yes", answer, ""], KeyboardInterrupt)
    asked(desk, editor)
    assert kept_in(desk).answers["do"] == (line if answer else DO)
    assert kept_in(desk).unfinished == []
    assert editor.text.count("of 12] ") == 2


@pytest.mark.parametrize(
    ("text", "line", "new"),
    [
        ("one two three", "two => 2", "one 2 three"),
        ("one two three", " two => ", "one three"),
        ("one two three", " two =>", "one three"),
        ("one, three", "one, => one,  two ,", "one, two , three"),
        ("one-two", "- =>  and ", "one and two"),
        ("one two", "two  => 2", None),
        ("one two", "four => 2", None),
        ("a => b c", "c => d", "a => b d"),
        ("one", " => 2", None),
    ],
)
def test_change_keeps_blanks(text: str, line: str, new: str | None) -> None:
    """Only one blank on each side of the arrow belongs to it; nothing behind it takes the words out."""
    assert changed(text, line) == new


def test_blanks_of_a_change_reach_the_text(desk: Desk) -> None:
    """Blanks at the ends of a typed line count in a change, in a title and in a text of several lines."""
    title = ["w" * 81, f"{'w' * 81} => Write the  minutes", "<", "minutes =>  minutes of {code} at each visit"]
    text = ["Short,sign it.", "", f",sign => {ANSWERS[8][5:-9]} and sign", ""]
    editor = Editor([*ANSWERS[:7], *title, *text])
    asked(desk, editor)
    assert kept_in(desk).answers["title"] == "Write the minutes of {code} at each visit"
    assert kept_in(desk).answers["do"] == f"Short{ANSWERS[8][5:-9]} and sign it."


def test_last_question_says_what_can_be_changed(desk: Desk) -> None:
    """At the end ``<`` shows each question beside its key, ``?`` explains, and Enter goes back to writing the file."""
    editor = Editor([*ANSWERS[:-1], "?", "<", "?", "", "yes"])
    done = asked(desk, editor)
    assert done.file is not None
    assert done.file.read_text(encoding="utf-8") == expected(desk)
    for key, question in words.QUESTIONS.items():
        assert re.search(rf"^    {key} +{re.escape(question)}$", editor.text, re.MULTILINE), key
    assert len([one for one in editor.said if one.startswith("Write content/tips/")]) == 3
    assert editor.text.count("yes writes the file as it stands above.") == 2


def test_sections_are_taken_out_one_by_one(desk: Desk) -> None:
    """``-1`` and ``out 2`` take out one of those chosen, ``0`` all; a bare number means the list printed last, after a search that found nothing too."""
    assert asked(desk, Editor([*ANSWERS[:5], "cpm5 20.2", "cpm5 20.3", "cpm5 10", "out 2", "-1"], KeyboardInterrupt)).file is None
    assert [one["section"] for one in kept_in(desk).held["sources"]] == ["10"]
    editor = Editor(["yes", "0", "cpm5 20", "cpm5 99.9", "cpm5 20.2", "1"], KeyboardInterrupt)
    asked(desk, editor)
    listed = re.findall(r"^ +1  cpm5 +(\S+)", editor.text, re.MULTILINE)
    assert [one["section"] for one in kept_in(desk).held["sources"]] == ["20.2", listed[-1]]
    assert "[1: cpm5 10] search" in editor.text


def test_section_that_is_not_offered_is_no_dead_end(desk: Desk) -> None:
    """A section that nobody cited yet: the answers stay, the command that adds it is said with its name, and what to do without the text."""
    editor = Editor([*ANSWERS[:5], "cpm32:410.99"])
    asked(desk, editor)
    assert "\n      .venv/bin/python build.py sources --write FOLDER --add cpm32:410.99\n" in editor.text
    for said in ("it is not in the list yet", "Ctrl-C keeps your answers", "FOLDER holds the manuals as text", "ask for it in the pull request", "A rule needs one section that is in the list"):
        assert said in " ".join(editor.text.split())


def test_both_revisions_are_shown(desk: Desk) -> None:
    """Where a section's own revision is not its document's, both are shown, and the file names the document's, as content/sources.yml has them."""
    listed = yaml.safe_load((ROOT / "content" / "sources.yml").read_text(encoding="utf-8"))["cpm5"]
    own = listed["sections"]["10.3"]["revision"]
    assert own != listed["revision"]
    editor = Editor([*ANSWERS[:5], "cpm5 10.3", "", *ANSWERS[7:]])
    done = asked(desk, editor)
    assert done.file is not None
    assert f"{listed['revision']}; the section's own: {own}" in editor.text
    assert yaml.safe_load(done.file.read_text(encoding="utf-8"))["sources"][0]["revision"] == listed["revision"]


def with_tips(desk: Desk, folder: Path, *ids: str) -> Desk:
    """Return the desk with tips of these names, all with the same words."""
    folder.mkdir()
    for one in ids:
        (folder / f"{one}.yml").write_text(expected(desk).replace("therapy-write-the-minutes", one), encoding="utf-8")
    return Desk(desk.code, replace(desk.context, library=replace(desk.context.library, tips=tips.load(Findings(), folder))), desk.sources, desk.folder)


def test_first_word_of_the_name_is_a_subject(desk: Desk, tmp_path: Path) -> None:
    """The subjects of all tips are listed, that of most tips on the code is proposed; another is refused, or taken after a clear yes."""
    other = with_tips(desk, tmp_path / "there", "lab-one", "visit-one", "visit-two")
    start = answers_to((8, 12, [*UNLIKE]), (12, 15, [*IMPACT]))[:-2]
    editor = Editor([*start, "rehab-minutes", "", "rehab-minutes", "y", "lab-minutes"], KeyboardInterrupt)
    asked(other, editor)
    assert "  Subjects: lab, visit\n" in editor.text
    assert "[visit-write-minutes-each] > " in editor.said
    assert editor.text.count("not yet: rehab is no subject\n    try: one of lab, visit") == 2
    assert "Write content/tips/lab-minutes.yml? [yes] > " in editor.said
    assert kept_in(desk).answers["id"] == "lab-minutes"
    last = Editor(["yes", "<", "id", "rehab-minutes", "yes", "yes"])
    assert asked(other, last).file == desk.folder / "rehab-minutes.yml"


def test_days_are_said_in_words(desk: Desk) -> None:
    """What is proposed for the days reads as a sentence; one date without more is the first day."""
    editor = Editor([*ANSWERS[:16], "2018-01-01", "<"], KeyboardInterrupt)
    asked(desk, editor)
    assert "[always, still holds] > " in editor.said
    assert "[2018-01-01, still holds] > " in editor.said
    assert kept_in(desk).answers["effective"] == {"from": "2018-01-01", "to": None}


def test_answers_are_shown_as_the_file_has_them(desk: Desk) -> None:
    """Whoever goes on sees numbers as numbers."""
    asked(desk, Editor(ANSWERS[:9]))
    editor = Editor(["yes"])
    asked(desk, editor)
    assert "\n  expects: [3, 3]\n" in editor.text


def test_changed_list_of_sections_is_handed_in_too(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The lines to hand in name content/sources.yml where git sees a change in it, and only then."""
    git = ["git", "-c", "user.name=A. Coder", "-c", "user.email=coder@example.org", "-C", str(tmp_path)]
    listed = tmp_path / "content" / "sources.yml"
    listed.parent.mkdir()
    listed.write_text("{}\n", encoding="utf-8")
    for line in (["init", "--quiet"], ["add", "."], ["commit", "--quiet", "-m", "Begin"]):
        subprocess.run([*git, *line], check=True, capture_output=True)
    monkeypatch.setattr(command, "ROOT", tmp_path)
    file = ROOT / "content" / "tips" / "therapy-x.yml"
    assert "  git add content/tips/therapy-x.yml" in command.next_steps("97761", file, "Title")
    listed.write_text("cpm5: {}\n", encoding="utf-8")
    assert "  git add content/tips/therapy-x.yml content/sources.yml" in command.next_steps("97761", file, "Title")


def test_tips_that_say_the_same_are_refused(desk: Desk, tmp_path: Path) -> None:
    """Tips that stand on the page are listed with their titles; a text that repeats one is refused with its name."""
    other = with_tips(desk, tmp_path / "there", "zz-minutes-of-the-day")
    editor = Editor(ANSWERS[:12])
    asked(other, editor)
    assert "      3  Write the minutes of 97761 at each visit  (zz-minutes-of-the-day)" in editor.text
    assert "says nearly the same as zz-minutes-of-the-day [near-duplicate]" in editor.text


WHERE = {
    "1": {"codes": ["97761"]},
    "": {"codes": ["97761"]},
    "97761 97763": {"codes": ["97761", "97763"]},
    "3|97760 97763": {"ranges": [["97760", "97763"]]},
    "4|1": {"families": ["Occupational Therapy"]},
    '{multiple: "5", mue: {min: 2, max: 9}, priced: true}': {"multiple": "5", "mue": {"min": "2", "max": "9"}, "priced": True},
    '6|where: {subcategories: ["Physical, Occupational, and Speech Therapy"]}': {"subcategories": ["Physical, Occupational, and Speech Therapy"]},
}


@pytest.mark.parametrize("typed", WHERE)
def test_each_way_to_choose_codes_gives_its_selector(typed: str, desk: Desk) -> None:
    """Each way to choose codes gives its selector, and the number of codes is counted by hand in the sample."""
    asked(desk, editor := Editor(["units", "practice", *typed.split("|")]))
    kept = drafts.read("97761", desk.folder.parent / "drafts").answers
    assert kept["where"] == WHERE[typed]
    said = re.search(r"\}: ([\d,]+) codes?$", editor.text, re.MULTILINE)
    assert said
    assert int(said[1]) == len(desk.context.selecting.codes(WHERE[typed]))


def test_indicators_are_offered_with_the_values_of_the_code(desk: Desk) -> None:
    """Indicators are offered with the values that the code has; several mean that all must hold."""
    editor = Editor(["units", "practice", "5"])
    asked(desk, editor)
    lines = dict(re.findall(r"^ +(\d+)  ((?:multiple|global): \S+) ", editor.text, re.MULTILINE))
    by_words = {words: number for number, words in lines.items()}
    asked(desk, Editor(["yes", "5", f"{by_words['global: XXX']} {by_words['multiple: 5']}"]))
    assert drafts.read("97761", desk.folder.parent / "drafts").answers["where"] == {"global": "XXX", "multiple": "5"}


@pytest.mark.parametrize(
    ("typed", "first", "alone"),
    [
        ("cpm5 20.2", "cpm5 20.2", True),
        ("cpm5:20.2", "cpm5 20.2", True),
        ("discipline", "cpm5 20.1", False),
        ("XI.P.2", "ncci XI.P.2", True),
        ("bilateral surgeries", "cpm12 40.7", False),
        ("no-such-word", "", False),
    ],
)
def test_a_section_is_found_by_number_and_by_words(typed: str, first: str, alone: bool, desk: Desk) -> None:
    """A section is found by document and number, by number, and by words of its heading."""
    found = [f"{one.document} {one.number}" for one in citing.found(desk, typed)]
    assert found[:1] == ([first] if first else [])
    assert not alone or len(found) == 1


def test_watch_is_proposed(desk: Desk) -> None:
    """What is proposed follows from the placeholders and the selector, not from the kind; with nothing to go by, the status."""
    assert watching.proposed({"kind": "units", "where": {"codes": ["97761"]}}) == ["status"]
    assert watching.proposed({"kind": "units", "do": "{reduced_unit} and {mai}", "where": {"all": [{"bilateral": "1"}, {"mue": {"min": 2}}]}}) == ["multiple", "bilateral", "amount.nonfacility", "mue", "mai"]
    assert watching.proposed({"kind": "bundling", "impact": "{assistant.facility}", "where": {}}) == ["assistant", "amount.facility"]
    assert watching.proposed({"impact": "{edit.97530}", "where": {"status": "A"}}) == ["status", "edits"]


def test_with_the_sample_alone_an_unknown_code_is_a_remark(world: Desk, tmp_path: Path) -> None:
    """With the sample alone a code outside it is a remark; a range is not counted, which is said; the file is written all the same."""
    partly = Desk("97761", replace(world.context, whole=False), world.sources, tmp_path)
    answers = answers_to((2, 5, ["2", "97761 97799 A9999", ""]))
    editor = Editor(answers)
    done = command.dialogue(partly, editor.terminal, tmp_path / "drafts")
    assert "RVU26C at hand holds 413 codes, not all" in editor.text
    assert "remark: A9999 cannot be checked here" in editor.text
    assert done.file is not None
    assert "expects: [3, 3]" in done.file.read_text(encoding="utf-8")
    unknown = Editor(["units", "practice", "3", "97010 97799"])
    command.dialogue(partly, unknown.terminal, tmp_path / "drafts")
    assert "a full release has more" in unknown.text


@pytest.mark.parametrize(
    ("code", "said"),
    [("97762", "97762: deleted 2018-01-01, see 97763\n  try: .venv/bin/python build.py new-tip 97763"), ("9776", "'9776' is no code"), ("97 61", "is no code")],
)
def test_a_code_that_is_gone_or_none_is_refused(code: str, said: str) -> None:
    """A deleted code is told with what took its place, and nothing is asked; what is no code is refused."""
    with pytest.raises(Failed) as caught:
        open_desk(code, "sample")
    assert said in str(caught.value)
    assert caught.value.exit_code == 2


def test_code_in_small_letters() -> None:
    """G0101 is found when typed as g0101; outside the sample a code is taken, with a remark that it cannot be checked."""
    desk = open_desk(" g0101 ", "sample")
    assert desk.code == "G0101"
    outside = open_desk("a9999", "sample")
    editor = Editor([])
    command.dialogue(outside, editor.terminal, Path("nowhere"))
    assert "A9999 is not among them" in editor.text


_WORDS = st.text(st.characters(codec="utf-8", categories=("L", "N", "P", "S", "Zs")), min_size=1, max_size=60).filter(str.strip)


@given(title=_WORDS, do=st.lists(_WORDS, min_size=1, max_size=6), author=_WORDS)
def test_layout_says_what_was_typed(title: str, do: list[str], author: str) -> None:
    """Whatever text is typed, the file says the same to whoever reads YAML: ours, and PyYAML as other programs use it."""
    data = {**yaml.safe_load(TIP_WRITTEN), "title": " ".join(title.split()), "do": tidy(do), "impact": tidy(do[:1]), "author": " ".join(author.split()), "expects": ["3", "3"]}
    text = written(data)
    found = Findings()
    document = yamlmarks.parse(text, "a file", found)
    assert document is not None
    assert document.data == data
    assert yaml.safe_load(text) == {**data, "expects": [3, 3]}
    assert all(len(line) <= 118 or " " not in line.strip() for line in text.split("\n") if line.startswith("  ") and "|-" not in text)


def test_layout_is_that_of_the_house() -> None:
    """A tip of the collection, read and written, is the same file."""
    path = ROOT / "content" / "tips" / "therapy-orthotic-by-minutes.yml"
    document = yamlmarks.load(path, Findings())
    assert document is not None
    assert written(document.data) == path.read_text(encoding="utf-8")


# As a command, in a copy of the project.


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    """Return a copy of the project with the sample and one tip alone, on a day inside its dates."""
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1786752000")
    made = Project(tmp_path / "project", keep="therapy-orthotic-by-minutes")
    for path in (made.root / "content" / "tips").glob("*.yml"):
        if path.stem != "therapy-orthotic-by-minutes":
            path.unlink()
    return made


UNLIKE = ["Chart how the prosthesis sat: skin under it, where it rubbed, whether the liner had moved, and who saw that.", ""]
IMPACT = ["Nobody can tell later why training went on, and a reviewer ends the episode at that visit.", ""]
ALONE = ["documentation", "practice", "1", "", "", "Chart how {code} was worn", *UNLIKE, *IMPACT, "", "", "A. Coder", "therapy-how-it-was-worn", "yes"]


def test_command_from_a_pipe(project: Project) -> None:
    """With the sample alone, answers from a pipe make a file in which `build.py check` finds nothing; what to type next is said."""
    done = subprocess.run(project.command("new-tip", "97761"), cwd=project.root, input="\n".join(ALONE) + "\n", capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "build.py check finds nothing in it." in done.stdout
    for words_ in (".venv/bin/python build.py check", ".venv/bin/python build.py serve --live", "/codes/97761/"):
        assert words_ in done.stdout
    checked = project.run("check")
    assert checked.returncode == 0, checked.stdout
    assert "therapy-how-it-was-worn" not in checked.stdout
    assert not list((project.root / ".build" / "new-tip").glob("*"))
    again = subprocess.run(project.command("new-tip", "97761"), cwd=project.root, input="\n".join(ALONE[:6]) + "\n", capture_output=True, text=True, check=False)
    assert "(therapy-how-it-was-worn)" in again.stdout
    assert again.returncode == 1
    assert "Traceback" not in done.stderr + again.stderr


def test_command_at_a_terminal(project: Project) -> None:
    """At a terminal, Ctrl-C in the middle of a text ends with what to type, and the next run goes on there."""
    with _terminal(project) as at:
        for answer in ALONE[:6]:
            at.answer(answer)
        at.answer("Chart how the prosthesis sat: skin under it, where it rubbed,")
        at.until("left > ")
        assert at.interrupted() == 130
        assert "your answers are kept in .build/new-tip/97761.json" in at.seen
        assert "Traceback" not in at.seen
    with _terminal(project) as at:
        at.answer("yes")
        at.answer("whether the liner had moved, and who saw that.")
        for answer in ALONE[7:]:
            at.answer(answer)
        assert at.ended() == 0, at.seen
    text = (project.root / "content" / "tips" / "therapy-how-it-was-worn.yml").read_text(encoding="utf-8")
    assert "where it rubbed, whether the liner had moved, and who saw that." in " ".join(text.split())


class _Terminal:
    """A process at a terminal of its own."""

    def __init__(self, process: subprocess.Popen[bytes], master: int) -> None:
        self.process, self.master, self.seen, self._new = process, master, "", ""

    def until(self, words_: str) -> None:
        """Read until something is printed."""
        end = time.monotonic() + 120
        while words_ not in self._new:
            assert time.monotonic() < end, self.seen
            if not self._more():
                raise AssertionError(self.seen)
        self._new = self._new.partition(words_)[2]

    def _more(self) -> bool:
        ready, _, _ = select.select([self.master], [], [], 5)
        if not ready:
            return self.process.poll() is None
        try:
            got = os.read(self.master, 65536).decode(errors="replace")
        except OSError:
            return False
        self.seen, self._new = self.seen + got, self._new + got
        return bool(got)

    def answer(self, line: str) -> None:
        """Wait for a prompt, and type a line."""
        self.until("> ")
        self.send(line + "\r")
        self.until("\n")

    def send(self, text: str) -> None:
        os.write(self.master, text.encode())

    def ended(self) -> int:
        """Return the exit code, when the process has ended."""
        end = time.monotonic() + 120
        while self._more():
            assert time.monotonic() < end, self.seen
        return self.process.wait(60)

    def interrupted(self) -> int:
        """Press Ctrl-C, and return the exit code.

        Python's ``input`` notes a signal that comes between its prompt and its waiting, but goes on waiting: who sees nothing happen presses again.
        """
        end = time.monotonic() + 120
        self.send("\x03")
        before = self.seen
        while self._more():
            assert time.monotonic() < end, self.seen
            if self.seen == before:
                self.send("\x03")
            before = self.seen
        return self.process.wait(60)


class _terminal:  # noqa: N801 - used as a function
    def __init__(self, project: Project) -> None:
        self.project = project

    def __enter__(self) -> _Terminal:
        self.master, slave = pty.openpty()
        self.process = subprocess.Popen(
            [sys.executable, "-c", "import os,fcntl,termios,sys; fcntl.ioctl(0, termios.TIOCSCTTY, 0); os.execv(sys.argv[1], sys.argv[1:])", *self.project.command("new-tip", "97761")],
            cwd=self.project.root,
            stdin=slave,
            stdout=slave,
            stderr=slave,
            start_new_session=True,
            env={**os.environ, "TERM": "dumb", "COLUMNS": "500"},
        )
        os.close(slave)
        return _Terminal(self.process, self.master)

    def __exit__(self, *_: object) -> None:
        self.process.kill()
        self.process.wait()
        os.close(self.master)


# The guide.

GUIDE = (ROOT / "docs" / "CONTRIBUTING.md").read_text(encoding="utf-8")


def _section(title: str) -> str:
    found = re.search(rf"^## {re.escape(title)}\n(.*?)(?=^## |\Z)", GUIDE, re.MULTILINE | re.DOTALL)
    assert found, title
    return found[1]


def _named(text: str) -> list[str]:
    """Return what stands in the first column of tables, in backquotes."""
    return [name for cell in re.findall(r"^\| (`[^|]*) \|", text, re.MULTILINE) for name in re.findall(r"`([^`]+)`", cell)]


def test_annotated_tip_is_the_tip() -> None:
    """The annotated tip of the guide, without its comments, is the file of the collection."""
    block = re.search(r"```yaml\n([^`]*?^id: therapy-orthotic-by-minutes\n.*?)```", GUIDE, re.DOTALL | re.MULTILINE)
    assert block
    lines = [re.sub(r"\s+# .*$", "", line) for line in block[1].split("\n") if not line.lstrip().startswith("#")]
    path = ROOT / "content" / "tips" / "therapy-orthotic-by-minutes.yml"
    assert "\n".join(lines) == path.read_text(encoding="utf-8")
    assert yaml.safe_load(block[1]) == yaml.safe_load(path.read_text(encoding="utf-8"))


def test_guide_explains_every_key() -> None:
    """Every key of a tip has its row; so has every selector of ``where``."""
    assert sorted(_named(_section("Every key"))) == sorted(TIP["properties"])
    assert set(_named(_section("Which codes"))) == set(TIP["definitions"]["where"]["properties"])


def test_guide_lists_every_placeholder() -> None:
    """The guide names the placeholders that the build fills in, and no other; the dialogue explains the same."""
    ends = (".nonfacility", ".facility")
    shares = set(placeholders.SHARES)
    alone = {name for name in placeholders.names() if not (name.endswith(ends) and name.rpartition(".")[0] in shares)}
    assert sorted(name.strip("{}") for name in _named(_section("Every placeholder"))) == sorted(alone)
    assert set(words.PLACEHOLDERS) == alone


def test_guide_lists_every_rule() -> None:
    """Each rule that `check` can name has its row, with what to do."""
    assert sorted(_named(_section("What check says"))) == sorted([*RULES, "needless-exception", "schema", "yaml", "duplicate-key"])


def test_examples_of_where_select_something(world: Desk) -> None:
    """Every selector that the guide shows has the shape of one, and keys that are explained."""
    found = Findings()
    shown = re.findall(r"^where: (\{.*\})$", _section("Which codes"), re.MULTILINE)
    assert len(shown) >= 3
    for text in shown:
        document = yamlmarks.parse(f"where: {text}", "guide", found)
        assert document is not None
        assert world.faults({"where": document.data["where"]}, "where") == [], text


@pytest.mark.parametrize("name", ["CONTRIBUTING.md", "EDITORIAL.md"])
def test_links_of_the_guide_lead_somewhere(name: str) -> None:
    """Every link to a file or a heading of the documents finds it; headings become addresses as GitHub makes them."""
    folder = ROOT / "docs"
    for to in re.findall(r"\]\(([^)\s]+)\)", (folder / name).read_text(encoding="utf-8")):
        if to.startswith("https://"):
            continue
        file, _, heading = to.partition("#")
        text = (folder / (file or name)).read_text(encoding="utf-8")
        made = {re.sub(r"[^\w -]", "", one.lower()).replace(" ", "-") for one in re.findall(r"^#+ (.*)$", text, re.MULTILINE)}
        assert not heading or heading in made, to


def test_every_question_has_words() -> None:
    """Each question is asked and explained, and every answer of a choice has a meaning."""
    assert set(ASKS) == set(words.QUESTIONS) == set(words.HELP)
    assert list(words.KINDS) == TIP["properties"]["kind"]["enum"]
    assert list(words.EVIDENCE) == TIP["properties"]["evidence"]["enum"]


def _without_comments(name: str) -> Any:
    return json.loads((ROOT / ".vscode" / name).read_text(encoding="utf-8"))


def _fitting(pattern: str) -> Iterator[Path]:
    return ROOT.glob(pattern)


def test_settings_of_vs_code() -> None:
    """Each schema of schema/ is set for files that are there, and the snippet of a tip has every key that a tip needs."""
    settings = _without_comments("settings.json")
    by_schema = settings["yaml.schemas"]
    assert {Path(name).name for name in by_schema} == {f"{name}.schema.json" for name in schemas.ALL}
    for name, patterns in by_schema.items():
        assert (ROOT / name).is_file()
        for pattern in [patterns] if isinstance(patterns, str) else patterns:
            assert any(_fitting(pattern)), pattern
    assert "redhat.vscode-yaml" in _without_comments("extensions.json")["recommendations"]
    body = "\n".join(_without_comments("tip.code-snippets")["Billing tip"]["body"])
    assert re.findall(r"^(\w+):", body, re.MULTILINE) == TIP["required"]
    for task in _without_comments("tasks.json")["tasks"]:
        assert "build.py" in " ".join(task["args"])
