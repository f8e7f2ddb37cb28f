"""What editors write: its shape, whose words it is not, and that CMS's releases show what it says of deleted codes."""

from __future__ import annotations

import json
import os
import re
from datetime import date
from pathlib import Path
from typing import Any

import facts
import jsonschema
import pytest
import yaml
from facts import RVU26C
from hypothesis import given
from hypothesis import strategies as st
from machine import CMS, ROOT

from medpayiq import yamlmarks
from medpayiq.content import denials, library, remembering, schemas, shapes
from medpayiq.content.source_texts import Texts
from medpayiq.findings import Findings

RELEASES = ["RVU20D", "RVU21D", "RVU22D", "RVU23D", "RVU24A", "RVU24C", "RVU25D", "RVU26B", "RVU26C"]
"""The releases held, in the order of their days."""
LAST_DAYS = {"A": "03-31", "B": "06-30", "C": "09-30", "D": "12-31"}


def plain(path: Path) -> Any:
    """Read YAML without the package; every plain value stays text, so that code 00100 stays one."""
    return yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.BaseLoader)  # noqa: S506 - it makes texts, lists and dictionaries of any file


NOTES = {path.stem: plain(path) for path in sorted((ROOT / "content" / "codes").glob("*.yml"))}
REPLACED = plain(ROOT / "content" / "replaced.yml")
RANGES = plain(ROOT / "content" / "ranges.yml")
DENIALS = plain(ROOT / "content" / "denials.yml")
FIELD_REASONS: dict[str, str] = plain(ROOT / "content" / "field.yml")["reasons"]


def loaded() -> library.Library:
    """Load the content of this project; it has no fault."""
    findings = Findings()
    made = library.load(findings)
    assert not findings.items, [str(one) for one in findings.items]
    return made


# -- shape ---------------------------------------------------------------------------------------------------------------


def test_schemas_are_those_that_check(tmp_path: Path) -> None:
    """schema/ holds, byte for byte, what `build.py schema` writes from the definitions that the loader checks with, and nothing else."""
    made = schemas.write(tmp_path / "schema")
    assert {path.name: path.read_bytes() for path in made} == {path.name: path.read_bytes() for path in (ROOT / "schema").iterdir()}


@pytest.mark.parametrize("name", schemas.ALL)
def test_schemas_are_draft_7(name: str) -> None:
    """Each schema is a valid one of draft-07 and explains itself and its keys."""
    schema = json.loads((ROOT / "schema" / f"{name}.schema.json").read_text(encoding="utf-8"))
    jsonschema.Draft7Validator.check_schema(schema)
    assert schema["$schema"] == "http://json-schema.org/draft-07/schema#"
    assert schema["description"].endswith(".")


def test_content_fits_its_schemas() -> None:
    """Every file of content fits the published schema, read without the package."""
    # BaseLoader makes texts of "true" and "null"; the schemas want true and none.
    notes = ({key: True if value == "true" else value for key, value in note.items()} for note in NOTES.values())
    entries = [{key: None if value == "null" else value for key, value in one.items()} for one in REPLACED]
    for name, all_data in (("ranges", [RANGES]), ("denials", [DENIALS]), ("replaced", [entries]), ("code-note", notes)):
        schema = json.loads((ROOT / "schema" / f"{name}.schema.json").read_text(encoding="utf-8"))
        jsonschema.Draft7Validator.check_schema(schema)
        validator = jsonschema.Draft7Validator(schema)  # one for all: the schema itself is looked at once
        for data in all_data:
            validator.validate(data)


def test_the_loader_reads_what_stands_there() -> None:
    """The loader gives each note, deleted code and range as it stands in the files."""
    made = loaded()
    assert made.notes.keys() == NOTES.keys()
    for code, note in NOTES.items():
        one = made.notes[code]
        assert (one.code, one.title, " ".join(one.summary.split()), list(one.words), one.common) == (code, note["title"], " ".join(note["summary"].split()), note["words"], "common" in note)
    assert list(made.replaced) == [one["code"] for one in REPLACED]
    assert [(one.slug, one.name, [list(pair) for pair in one.ranges]) for one in made.ranges] == [(one["slug"], one["name"], one["ranges"]) for one in RANGES]


def test_a_file_is_read_again_only_when_somebody_wrote_to_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was read is not opened again while its times and size are the same; new words of the same length under the old time are seen, and a file that is too young is not believed."""
    file, memory = tmp_path / "97761.yml", tmp_path / "content.json"
    file.write_text((ROOT / "content" / "codes" / "97761.yml").read_text(encoding="utf-8"), encoding="utf-8")

    def title(opened: list[Path]) -> Any:
        def reading(path: Path, *_: object) -> bytes:
            opened.append(path)
            return path.read_bytes()

        read = remembering.Read(memory)
        with monkeypatch.context() as patch:
            patch.setattr(yamlmarks, "read", reading)
            document = shapes.checked(file, schemas.CODE_NOTE, Findings(), read=read)
        read.save()
        assert document is not None
        return document.data["title"]

    young: list[Path] = []
    before = title(young)
    assert title(young) == before
    assert len(young) == 2
    monkeypatch.setattr(remembering, "_SETTLED", -3600.0)  # as if hours had passed
    old: list[Path] = []
    assert [title(old) for _ in range(3)] == [before] * 3
    assert len(old) == 1
    times = file.stat()
    file.write_text(file.read_text(encoding="utf-8").replace(before, before[::-1]), encoding="utf-8")
    os.utime(file, ns=(times.st_atime_ns, times.st_mtime_ns))
    assert title(old) == before[::-1]


# -- ranges --------------------------------------------------------------------------------------------------------------


def kind(code: str) -> str:
    """Return which numbering a code belongs to: its first letter, its last letter, or digits alone."""
    return code[0] if code[0].isalpha() else code[-1] if code[-1].isalpha() else ""


def holders(code: str) -> list[str]:
    """Return the slugs of the ranges that hold a code, read from the file."""
    return [one["slug"] for one in RANGES if any(low <= code <= high and kind(low) == kind(code) for low, high in one["ranges"])]


@pytest.mark.parametrize("release", RELEASES)
def test_ranges_hold_every_code_once(release: str, needs_shared: Path) -> None:
    """Every code of every release held falls into exactly one range, and the loader puts it there."""
    made = loaded()
    for code in facts.codes_of_release(release.lower()):
        assert holders(code) == [made.range_of(code).slug], code


def test_a_new_kind_of_code_has_a_place() -> None:
    """A code outside every range, such as one of a letter that is new, goes to a list of its own name instead of nowhere."""
    made = loaded()
    assert holders("W0001") == []
    assert made.range_of("W0001").name == "Other codes"


@given(st.from_regex(r"[0-9A-Z]{5}", fullmatch=True))
def test_no_two_ranges_hold_a_code(code: str) -> None:
    """No code at all falls into two ranges."""
    assert len(holders(code)) <= 1


def test_names_of_ranges_are_unique() -> None:
    """Names and slugs of ranges are unique, in sentence case, and no address of a list is longer than it must be."""
    assert len({one["slug"] for one in RANGES}) == len({one["name"].lower() for one in RANGES}) == len(RANGES)
    for one in RANGES:
        assert re.fullmatch(r"[A-Z].{2,59}", one["name"]), one["name"]
        assert len(one["slug"]) <= 50, one["slug"]


# -- denials -------------------------------------------------------------------------------------------------------------


def test_every_reason_of_a_report_has_its_words() -> None:
    """The page on denials has each number that a field report can name, under the same words, in the order of the numbers."""
    made = denials.read(FIELD_REASONS)
    numbers = [one.number for one in made.reasons]
    assert FIELD_REASONS.keys() - {"other"} <= {*numbers}
    assert [one.title for one in made.reasons] == [FIELD_REASONS.get(one.number) or DENIALS["reasons"][one.number]["title"] for one in made.reasons]
    assert numbers == [*sorted((one for one in numbers if one.isdecimal()), key=int), "A1", "B7", "B8", "B9", "B10", "B11", "B12", "B13", "B14", "B15", "B16", "B20", "B22", "B23"]


@pytest.mark.parametrize(
    ("old", "new", "said", "at"),
    [
        ('  "97":\n', '  "98":\n', "reasons: 97 of content/field.yml is missing", None),
        ("    title: Charged more than is allowed\n", "", "reasons/45: has no title", None),
        ("  B7:\n", "  B7:\n    title: Not eligible\n", "reasons/B7: content/field.yml has words for it already", "    title: Not eligible"),
        ("    here: [add_ons, claim, code]\n", "    here: [add_ons, desk]\n", "reasons/107/here: desk is not among places", "    here: [add_ons, desk]"),
        ("    modifiers: [KX, GA]\n", "    modifiers: [KX, ZZ]\n", "reasons/119/modifiers: ZZ is not a modifier", "    modifiers: [KX, ZZ]"),
        ('["cpm1 120.2"]', '["cpm99 120.2"]', "cpm99 120.2: rules/documents.yml has no such document", None),
        ('["cpm1 120.2"]', "[]", "reasons/18/means/sources", None),
        ('\nchanged: "2026-12-01"', '\nchanged: "today"', "changed: 'today' does not have the right form", 'changed: "today"'),
        ('\nchanged: "2026-12-01"', '\nchanged: "2026-02-30"', "changed: 2026-02-30 is not a day of the calendar", 'changed: "2026-02-30"'),
        ('    changed: "2026-12-01"\n    letters: PR\n', '    changed: "2026-02-30"\n    letters: PR\n', "reasons/1/changed: 2026-02-30 is not a day of the calendar", '    changed: "2026-02-30"'),
        ("    letters: PR\n", "    letters: PQ\n", "reasons/1/letters: PQ is not among groups", "    letters: PQ"),
    ],
)
def test_a_fault_in_denials_is_told_with_its_place(old: str, new: str, said: str, at: str | None, tmp_path: Path) -> None:
    """A number without words, a title too much, a place, modifier or document that is not known, and a wrong shape: each is told with line and what to type."""
    path = tmp_path / "denials.yml"
    text = (ROOT / "content" / "denials.yml").read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    findings = Findings()
    assert denials.check(findings, FIELD_REASONS, path) is None
    (found,) = [one for one in findings.of("error") if one.message.startswith(said)]
    assert found.line > 1
    assert found.column >= 1
    assert found.try_
    if at is not None:
        assert path.read_text(encoding="utf-8").splitlines()[found.line - 1] == at


def test_denials_are_in_words_of_ours(needs_shared: Path) -> None:
    """No seven words in a row of the page on denials stand in a manual at hand, which quote the code lists too; the lists' own words would be found so."""
    manuals = " ".join(words_of(path.read_text(encoding="utf-8", errors="replace")) for path in (needs_shared / "sources").glob("*.txt"))
    assert runs_of("these are non-covered services because this is not deemed", 7) & runs_of(manuals, 7)
    text = (ROOT / "content" / "denials.yml").read_text(encoding="utf-8")
    said = [*re.findall(r'(?:say|title): "?([^"\n]+)', text), *FIELD_REASONS.values()]
    assert len(said) > 300
    shared = runs_of(manuals, 7)
    assert [one for one in said if runs_of(words_of(one), 7) & shared] == []


def test_what_is_no_denial_says_so_first() -> None:
    """What the patient owes (1, 2, 3), what is above the allowed amount (45), an earlier payer's part (23) and sequestration (253) are no denials; a biller who appeals one loses the time of the others."""
    said = {number: one["means"]["say"] for number, one in DENIALS["reasons"].items()}
    assert {number for number, words in said.items() if words.startswith("No denial")} == {"1", "2", "3", "23", "44", "45", "59", "94", "100", "104", "131", "133", "142", "144", "172", "187", "237", "246", "253", "257"}
    assert not any("no denial" in words.lower() and not words.startswith("No denial") for words in said.values())


RETIRED = (
    "15 17 25 28 30 36 37 38 41 42 43 46 47 48 52 57 62 63 64 65 67 68 71 72 73 77 79 80 81 82 83 84 86 87 88 92 93 98 99 113 120 123 124 125 126 127 138 141 145 156 162 165 168 191 196 "
    "214 217 218 220 221 230 244 255 A2 A3 A4 A7 B2 B3 B5 B6 B17 B18 B19 B21"
)
"""Numbers that X12's list of August 2026 gives as stopped; 15 became 284 and 296, 138 became 285 and 286, 165 became 287 and 288."""


def test_no_number_that_has_stopped_has_a_page() -> None:
    """A remittance of today carries none of the numbers that the list has stopped: a page on one would send a biller after a reason that is now told by another number."""
    assert DENIALS["reasons"].keys() & {*RETIRED.split()} == set()
    assert {"284", "285", "286", "287", "288", "296"} <= DENIALS["reasons"].keys()


@pytest.mark.parametrize(("letters", "numbers"), [("OA", "18 23 133 136 209 257"), ("PR", "238 275"), ("CO", "303")])
def test_a_number_bound_to_letters_has_them(letters: str, numbers: str) -> None:
    """Where X12's list lets a number come with certain letters alone (18 with CO in workers' compensation only), the page's title has those."""
    assert {DENIALS["reasons"][number].get("letters", denials.USUAL) for number in numbers.split()} == {letters}


@pytest.fixture(scope="module")
def manuals(needs_shared: Path) -> Texts:
    """Return the federal texts, each split once."""
    return Texts(needs_shared / "sources")


@pytest.mark.parametrize(
    ("number", "source", "at"),
    [
        # What the text says of the number, read there: the letters, the number, in the lines that tell contractors what to send.
        ("1", "cpm1 200", "CARC 1 and/or 2"),
        ("2", "cpm1 200", "CARC 1 and/or 2"),
        ("11", "cpm13 60.12", "CARC: 11"),
        ("26", "cpm32 260.3", "(CARC) 26:"),
        ("27", "bp15 40.38", "reason code 27"),
        ("54", "cpm12 40.8", "CARC: 54"),
        ("58", "cpm32 180.4", "(CARC) 58"),
        ("58", "cpm32 150.7", "Reason Code 58"),
        ("59", "cpm5 10.7", "CARC: 59"),
        ("107", "cpm32 80.8", "reason code 107"),
        ("167", "cpm13 60.19", "CARC: 167"),
        ("171", "cpm32 140.2.2.1", "(CARC) 171"),
        ("177", "cpm32 350.11.7", "(CARC) 177"),
        ("183", "cpm1 80.3.2.1.2", "CARC: 183"),
        ("185", "cpm12 190.7", "CARC: 185"),
        ("185", "cpm32 180.4", "(CARC) 185"),
        ("189", "cpm32 310.2", "CARC 189"),
        ("204", "cpm1 30.3.13", "CARC: 204"),
        ("206", "cpm1 80.3.2.1.2", "CARC: 16"),
        ("213", "cpm1 180.2", "CARC #213"),
        ("233", "cpm32 230", "CARC 50"),
        ("234", "cpm12 40.4", "CARC: 234"),
        ("237", "cpm13 20.2.5.1", "CARC 237"),
        ("252", "cpm12 40.4", "CARC: 252"),
        ("B15", "cpm12 40.4", "CARC: B15"),
        ("B20", "cpm12 40.4", "CARC: B20"),
        ("B22", "cpm12 220", "CARC: B22"),
    ],
)
def test_medicares_use_of_a_number_stands_in_the_section_cited(number: str, source: str, at: str, manuals: Texts) -> None:
    """Where the page says what Medicare uses a number for, the section that it cites has that number."""
    one = manuals.section(*source.split(" "))
    assert one is not None
    assert at in " ".join(one.text.split())
    assert source in {cited for _, cited in denials.cited(DENIALS["reasons"][number])}


def words_of(text: str) -> str:
    """Return the words of a text in small letters, one blank between them."""
    return " ".join(re.findall(r"[a-z0-9-]+", text.lower()))


def runs_of(text: str, length: int) -> set[str]:
    """Return every run of so many words."""
    words = text.split()
    return {" ".join(words[at : at + length]) for at in range(len(words) - length + 1)}


# -- our own words -------------------------------------------------------------------------------------------------------


def test_the_first_codes_have_words_of_ours(needs_shared: Path) -> None:
    """97760, 97761, 97763 and the first 60 of the list of common codes have a note; each note is on a code of RVU26C."""
    listed = re.findall(r"^([0-9A-Z]{5})\b", (CMS.parent / "spec" / "common-codes.txt").read_text(encoding="utf-8"), re.MULTILINE)
    assert len(listed) > 1_000
    assert {"97760", "97761", "97763", *listed[:60]} <= NOTES.keys()
    assert NOTES.keys() <= facts.by_code().keys()


def test_notes_hold_no_figure_that_can_go_stale() -> None:
    """No note types dollars or a percentage, or shouts; titles have no full stop, and summaries end with one."""
    for code, note in NOTES.items():
        text = " ".join([note["title"], note["summary"], *note["words"]])
        assert not re.search(r"[$%!]", text), code
        assert not note["title"].endswith("."), code
        assert note["summary"].strip().endswith("."), code
        assert note["code"] == code


@pytest.mark.parametrize(("title", "taken"), [("Plain stitches, face, 2.6 to 5.0 cm", True), ("Plain stitches, face.", False), ("Plain stitches. Face only", False)])
def test_a_title_may_hold_a_decimal_point_and_no_full_stop(title: str, taken: bool) -> None:
    """A size stands in a title as a biller writes it, in cm with its point; a sentence does not."""
    note = {**NOTES["12013"], "title": title}
    assert jsonschema.Draft7Validator(schemas.CODE_NOTE).is_valid(note) is taken


def test_codes_named_in_notes_exist(needs_shared: Path) -> None:
    """Each code that a note names is in RVU26C or has a page as a deleted one."""
    known = facts.by_code().keys() | {one["code"] for one in REPLACED}
    for code, note in NOTES.items():
        named = set(re.findall(r"\b(?:[0-9]{5}|[A-Z][0-9]{4}|[0-9]{4}[A-Z])\b", f"{note['title']} {note['summary']}"))
        assert named <= known, (code, named - known)


def test_titles_are_not_the_amas(needs_shared: Path) -> None:
    """No title equals, holds or stands inside a text of CMS's file, in whatever case and signs."""
    theirs = {" ".join(re.findall(r"[a-z0-9]+", row.text.lower())) for row in facts.rows(RVU26C)}
    long = {text for text in theirs if len(text) >= 8 and " " in text}
    all_of_them = "\n".join(f" {text} " for text in theirs)
    for code, note in NOTES.items():
        words = re.findall(r"[a-z0-9]+", note["title"].lower())
        assert " ".join(words) not in theirs, code
        assert f" {' '.join(words)} " not in all_of_them, code
        inside = {" ".join(words[start:end]) for start in range(len(words)) for end in range(start + 1, len(words) + 1)}
        assert not inside & long, code


# -- deleted codes -------------------------------------------------------------------------------------------------------


def test_releases_show_each_deletion(needs_shared: Path) -> None:
    """The last release with a deleted code and the first without it are as said, in an independent reading of every release held."""
    held = {name: facts.codes_of_release(name.lower()) for name in RELEASES}
    for one in REPLACED:
        code = one["code"]
        listing = [name for name in RELEASES if code in held[name]]
        last = listing[-1] if listing else "null"
        without = RELEASES[RELEASES.index(last) + 1] if listing else RELEASES[0]
        assert (one["last_release"], one["first_release_without"]) == (last, without), code
        assert code not in held["RVU26C"]


def test_dates_agree_with_the_releases(needs_shared: Path) -> None:
    """A code was not valid from its date on: no release of a later day has it as payable, and one in force before still does or never had it."""
    for one in REPLACED:
        if one["since"] == "null":
            continue
        since = date.fromisoformat(one["since"])
        for name in RELEASES:
            status = facts.codes_of_release(name.lower()).get(one["code"])
            last_day = date.fromisoformat(f"20{name[3:5]}-{LAST_DAYS[name[5]]}")
            # After that day CMS may still list it, as not valid (I).
            assert status in {None, "I"} or last_day < since or status not in "ART", (one["code"], name, status)
        if one["first_release_without"] != "RVU20D":
            gone = one["first_release_without"]
            assert since <= date.fromisoformat(f"20{gone[3:5]}-{LAST_DAYS[gone[5]]}"), one["code"]


def test_successors_are_there(needs_shared: Path) -> None:
    """Each code that takes a deleted one's place is in RVU26C and not deleted itself; one that Medicare does not pay is said to be so."""
    deleted = {one["code"] for one in REPLACED}
    for one in REPLACED:
        for code in one["by"]:
            assert code in facts.by_code(), (one["code"], code)
            assert code not in deleted
            status = facts.main_row(facts.by_code()[code]).status
            assert status not in "INBPM" or f"(status {status})" in one["say"], (one["code"], code)


def test_deleted_codes_are_in_order() -> None:
    """The table is in order of code, each entry once, and what was not verified names the source that was not at hand."""
    codes = [one["code"] for one in REPLACED]
    assert codes == sorted(set(codes))
    for one in REPLACED:
        assert one["say"].strip().endswith("."), one["code"]
        assert len(one["source"]) > 8


def test_the_prosthetic_checkout_code() -> None:
    """97762 was deleted on 2018-01-01 and 97763 took its place; the seed's advice to bill it is answered."""
    one = next(one for one in REPLACED if one["code"] == "97762")
    assert (one["by"], one["since"], one["last_release"]) == (["97763"], "2018-01-01", "null")


# -- YAML ----------------------------------------------------------------------------------------------------------------


def parsed(text: str) -> tuple[Any, list[str]]:
    """Parse YAML text; return what it holds and the findings."""
    findings = Findings()
    document = yamlmarks.parse(text, "file.yml", findings)
    return (document.data if document else None), [str(one) for one in findings.items]


@pytest.mark.parametrize("value", ["00100", "12:30", "1e5", "0x1F", "yes", "No", "2018-01-01", "1_000", "~0", ".5"])
def test_values_stay_what_was_typed(value: str) -> None:
    """What YAML 1.1 would turn into a number, a time or a truth stays the text that was typed: code 00100 is no 64."""
    assert parsed(f"code: {value}\n") == ({"code": value}, [])


def test_repeated_keys_are_found_at_their_place() -> None:
    """A key that stands twice is an error at the line and column of the second one, at any depth."""
    data, findings = parsed("a: 1\nb:\n  - c: 1\n    c: 2\n")
    assert data is None
    assert findings == ["file.yml:4:5: error: key 'c' stands twice [duplicate-key]\n  try: keep one of the two"]


@given(st.text(max_size=200))
def test_any_text_is_read_or_refused(text: str) -> None:
    """Whatever stands in a file, it is read or refused with a finding that names it, and never ends in an exception."""
    data, findings = parsed(text)
    assert data is not None or findings or text.strip() in {"null", "~", "", "---"} or not findings
    assert all(one.startswith("file.yml") for one in findings)


keys = st.sampled_from(["code", "title", "summary", "words", "changed", "other"])
values = st.one_of(st.none(), st.booleans(), st.text(max_size=400), st.lists(st.one_of(st.text(max_size=50), st.none()), max_size=10), st.dictionaries(keys, st.text(max_size=5), max_size=2))


@pytest.mark.parametrize(
    ("text", "line", "message", "words"),
    [
        ("", 1, "file: changed is missing", 'changed: "2026-11-30", '),
        ("changed: today", 7, "changed: 'today' does not have the right form", 'changed: "2026-11-30", '),
        ("changed: [2026-11-29]", 7, "changed: must be text", 'changed: "2026-11-30", '),
        ("titel: Leg", 1, "titel: no such key", "content/codes/<CODE>.yml: "),
    ],
)
def test_a_note_needs_its_day(text: str, line: int, message: str, words: str) -> None:
    """A note without the day of its last change, or with something else there, is refused with the line to type; one with a day is sound."""
    sound = 'code: "97761"\ntitle: First training with a limb\nsummary: >-\n  A therapist teaches a patient to use a new artificial limb,\n  at the first session for that limb.\nwords: [limb, leg]\n'

    def said(note: str) -> list[tuple[int, str, str]]:
        document = yamlmarks.parse(note, "content/codes/97761.yml", Findings())
        assert document is not None
        return [(line, message, hint) for line, _, message, hint in shapes.faults(document, schemas.CODE_NOTE)]

    assert said(f'{sound}changed: "2026-11-29"\n') == []
    found = [one for one in said(f"{sound}{text}\n") if one[1].startswith(message) or message in one[1]]
    assert [(at, hint.startswith(words)) for at, _, hint in found] == [(line, True)]


def test_a_note_needs_a_day_of_the_calendar(tmp_path: Path) -> None:
    """A note that says a day which no year has is refused at that day, with a day to type."""
    path = tmp_path / "97761.yml"
    text = 'code: "97761"\ntitle: First training with a limb\nsummary: >-\n  A therapist teaches a patient to use a new artificial limb,\n  at the first session for that limb.\nwords: [limb, leg]\n'
    path.write_text(f'{text}changed: "2024-02-29"\n', encoding="utf-8")
    findings = Findings()
    read = library.read_note(path, path.name, findings)
    assert read is not None
    assert (read.changed, findings.items) == ("2024-02-29", [])
    path.write_text(f'{text}changed: "2026-02-29"\n', encoding="utf-8")
    assert library.read_note(path, path.name, findings) is None
    assert [str(one) for one in findings.items] == ['97761.yml:7:10: error: changed: 2026-02-29 is not a day of the calendar\n  try: changed: "2026-11-29"']


@given(st.one_of(st.dictionaries(keys, values, max_size=5), values))
def test_any_note_is_taken_or_refused(data: Any) -> None:
    """A note of any shape is taken, or refused with sentences that say where and what; no fault of the schema ends in an exception."""
    text = json.dumps(data)
    findings = Findings()
    document = yamlmarks.parse(text, "content/codes/97761.yml", findings)
    if document is None:
        return
    faults = list(shapes.faults(document, schemas.CODE_NOTE))
    assert bool(faults) == bool(list(jsonschema.Draft7Validator(schemas.CODE_NOTE).iter_errors(document.data)))
    for line, column, message, _ in faults:
        assert line >= 1
        assert column >= 1
        assert message
