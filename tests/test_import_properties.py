"""What must hold for every input, not for one: round trips, exact decimals, any order of columns, and no crash on damage."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from decimal import Context, Decimal, InvalidOperation
from pathlib import Path

import cms_files as mini
import pytest
from cms_files import GPCI, PPRRVU, PPRRVU_TXT
from hypothesis import assume, example, given
from hypothesis import strategies as st
from importing import Desk

from medpayiq import yamlmarks
from medpayiq.cms import localities, pprrvu, snapshot
from medpayiq.cms.cells import Row
from medpayiq.cms.records import Service
from medpayiq.findings import Failed, Findings

# ---------------------------------------------------------------------------------------------------------------------
# Decimals


def parsed(text: str, places: int) -> int | None:
    """Return what a cell is worth in its smallest unit, or None for what is no plain decimal of so many places."""
    text = text.strip()
    if not set(text) <= set("0123456789."):
        return None
    try:
        number = Decimal(text).scaleb(places, Context(prec=200))
    except InvalidOperation:
        return None
    return int(number) if number == number.to_integral_value() and number < 10 ** (9 + places) else None


@given(text=st.one_of(st.text("0123456789.", max_size=12), st.text("0123456789.,+-eE_ \t\xa0\xb2\u0663", max_size=8), st.decimals(0, 10**10, allow_nan=False).map(str)), places=st.integers(0, 5))
@example(text="", places=2)
@example(text=".", places=2)
@example(text="5.", places=2)
@example(text=".5", places=2)
@example(text=" 0.50 ", places=2)
@example(text="0.500", places=2)
@example(text="0.505", places=2)
@example(text="1e5", places=2)
@example(text="-0", places=2)
@example(text="\u0663", places=2)
@example(text="999999999.99", places=2)
@example(text="1000000000", places=2)
def test_decimals_are_read_exactly_or_refused(text: str, places: int) -> None:
    """A cell is read as exactly the decimal it is; what is none, is negative or has more places than the layout is an error."""
    findings = Findings()
    row = Row("file.csv", 7, ["", text], findings)
    expected = parsed(text, places)
    assert row.scaled(1, places, "RVU") == (expected or 0)
    assert row.ok == (expected is not None)
    assert [(one.level, one.line, one.column) for one in findings.items] == ([] if row.ok else [("error", 7, 2)])


# ---------------------------------------------------------------------------------------------------------------------
# Round trips

CODES = st.text("ABCDEFGHJKLMPQRSTUVX0123456789", min_size=5, max_size=5)
AMOUNTS = st.integers(0, 99_999)
FREE_TEXT = st.text(st.characters(min_codepoint=32, max_codepoint=255, exclude_categories=["Cc"]), max_size=30)


def printed(draw: st.DrawFn, amount: int, places: int) -> str:
    """Print a scaled integer in one of the ways CMS's files do: zeros left out or put in front, blanks around."""
    whole, fraction = divmod(amount, 10**places)
    digits = f"{fraction:0{places}d}"
    choices = [f"{whole}.{digits}", f" {whole}.{digits}", f"{whole}.{digits}0", f"0{whole}.{digits} ", f"{whole}.{digits.rstrip('0')}"]
    if not whole:
        choices.append(f".{digits}")
    if not fraction:
        choices.append(str(whole))
    return draw(st.sampled_from(choices))


@st.composite
def a_service(draw: st.DrawFn, code: str, modifier: str) -> tuple[dict[str, str], Service]:
    """Draw one row as it stands in a file, and as it must come back; the line is set later."""
    amounts = {name: draw(AMOUNTS) for name in ("work", "pe_nonfacility", "pe_facility", "mp", "opps_pe_nonfacility", "opps_pe_facility", "opps_mp")}
    shares = {name: draw(st.integers(0, 100)) for name in ("pre", "intra", "post")}
    flags = {
        "status": draw(st.sampled_from("ABCDEFGHIJLMNPQRTX")),
        "not_used": draw(st.sampled_from(["", "+"])),
        "na_nonfacility": draw(st.sampled_from(["", "NA"])),
        "na_facility": draw(st.sampled_from(["", "NA"])),
        "pctc": draw(st.sampled_from("0123456789")),
        "glob": draw(st.sampled_from(["000", "010", "090", "MMM", "XXX", "YYY", "ZZZ"])),
        "mult": draw(st.sampled_from("012345679")),
        "bilat": draw(st.sampled_from("01239")),
        "asst": draw(st.sampled_from("0129")),
        "cosurg": draw(st.sampled_from("0129")),
        "team": draw(st.sampled_from("0129")),
        "pricing": draw(st.sampled_from("19")),
        "endo_base": draw(st.one_of(st.just(""), CODES)),
        "supervision": draw(st.sampled_from(["01", "02", "03", "04", "05", "06", "09", "21", "22", "66", "6A", "77", "7A"])),
        "calculation": "0",
        "imaging_family": draw(st.sampled_from(["01", "11", "88", "99"])),
    }
    totals = {
        "total_nonfacility": printed(draw, amounts["work"] + amounts["pe_nonfacility"] + amounts["mp"], 2),
        "total_facility": printed(draw, amounts["work"] + amounts["pe_facility"] + amounts["mp"], 2),
    }
    cells = flags | totals | {name: printed(draw, amount, 2) for name, amount in (amounts | shares).items()}
    row = {"code": code, "modifier": modifier, "cf": draw(st.sampled_from(["33.4009", "33.40090", " 33.4009"])), "description": draw(FREE_TEXT)} | cells
    return row, Service(code=code, modifier=modifier, line=0, **flags, **amounts, **shares)  # type: ignore[arg-type]


@st.composite
def a_file(draw: st.DrawFn) -> tuple[list[dict[str, str]], list[Service]]:
    """Draw the rows of a relative value file, each key once."""
    keys = draw(st.lists(st.tuples(CODES, st.sampled_from(["", "26", "TC", "53"])), min_size=1, max_size=6, unique=True))
    rows = [draw(a_service(*key)) for key in keys]
    return [cells for cells, _ in rows], [service._replace(line=line) for line, (_, service) in enumerate(rows, mini.FIRST_ROW)]


@given(drawn=a_file())
def test_rows_come_back_as_they_went_in(drawn: tuple[list[dict[str, str]], list[Service]]) -> None:
    """Any valid rows, written as CMS writes them and imported, come back from the snapshot as the same numbers and indicators."""
    rows, expected = drawn
    with tempfile.TemporaryDirectory() as folder:
        desk = Desk(Path(folder))
        made = desk.run(desk.put(mini.core(rows))).snapshot
        assert list(made.services) == sorted(expected)
        assert list(snapshot.read(made.folder).services) == sorted(expected)
        texts: dict[str, str] = {}
        for row in sorted(rows, key=lambda one: bool(one["modifier"])):
            texts.setdefault(row["code"], row["description"].strip())
        assert made.hcpcs_text == {code: text for code, text in texts.items() if code[0].isalpha() and code[0] != "D" and text}


@given(order=st.permutations(range(32)), columns=st.sampled_from([mini.COLUMNS_2025, mini.COLUMNS_2026]))
def test_the_order_of_columns_does_not_matter(order: list[int], columns: tuple[str, ...]) -> None:
    """The relative values are the same in whatever order their columns stand, in the layouts of 2025 and of 2026."""
    data = mini.pprrvu_csv(mini.services(), columns)
    findings = Findings()
    plain = pprrvu.read_csv(PPRRVU, data, findings)
    turned = pprrvu.read_csv(PPRRVU, mini.with_columns(data, [position for position in order if position < len(columns)]), findings)
    assert not findings.items
    assert (turned.services, turned.descriptions) == (plain.services, plain.descriptions)
    assert len(plain.services) == len(mini.services())


@given(order=st.permutations(range(8)), floors=st.sampled_from([1, 2]))
def test_the_order_of_gpci_columns_does_not_matter(order: list[int], floors: int) -> None:
    """The GPCIs are the same in whatever order their columns stand, with one work GPCI or with two."""
    whole = mini.gpci_csv(floors=floors)
    table = mini.to_csv(row for row in mini.of_csv(whole) if all(row))
    findings = Findings()
    plain = localities.read_gpci(GPCI, whole, findings)
    turned = localities.read_gpci(GPCI, mini.with_columns(table, [position for position in order if position < 6 + floors]), findings)
    assert not findings.items
    assert turned.rows == plain.rows
    assert len(plain.rows) == 4


@given(order=st.permutations(range(13)))
def test_the_order_of_rows_does_not_matter(order: list[int]) -> None:
    """The snapshot is sorted: rows in another order change nothing but the lines they came from."""
    rows = mini.services()
    with tempfile.TemporaryDirectory() as folder:
        desk = Desk(Path(folder))
        plain = desk.run(desk.put(mini.core(rows), "plain")).snapshot.services
        turned = desk.run(desk.put(mini.core([rows[position] for position in order]), "turned")).snapshot.services
        assert [one._replace(line=0) for one in turned] == [one._replace(line=0) for one in plain]
        assert [one.line for one in sorted(turned, key=lambda one: one.line)] == list(range(mini.FIRST_ROW, mini.FIRST_ROW + 13))


# ---------------------------------------------------------------------------------------------------------------------
# Damage

FILES = {
    "csv": mini.release(),
    "txt": {name: data for name, data in mini.release().items() if name != PPRRVU} | {PPRRVU_TXT: mini.pprrvu_txt(mini.services())},
}
ZIPS = {method: mini.zipped(mini.core(), method) for method in (0, 8, 12, 14)}
ZIPS[99] = mini.zipped({"inner.zip": ZIPS[8]})
INSERTED = st.sampled_from([b'"', b"\n", b"\r", b",", b"\0", b"9" * 5_000, b"\xef\xbb\xbf", b"\x85", b"\x1a", b"1e5", b"-", b"PK\x05\x06"])


@st.composite
def damage(draw: st.DrawFn, data: bytes, last: int | None = None) -> bytes:
    """Draw a damaged copy: cut off, or with bytes changed, taken out, put in or repeated (among the ``last`` bytes alone)."""
    if draw(st.integers(0, 5)) == 0:
        return data[: draw(st.integers(0, len(data)))]
    copy = bytearray(data)
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(max(0, len(copy) - (last or len(copy))), max(0, len(copy) - 1)))
        kind = draw(st.integers(0, 4))
        if kind == 0:
            copy[at : at + 1] = bytes([draw(st.integers(0, 255))])
        elif kind == 1:
            del copy[at : at + draw(st.integers(1, 40))]
        elif kind == 2:
            copy[at:at] = draw(INSERTED)
        elif kind == 3:
            copy[at:at] = copy[at : at + draw(st.integers(1, 200))]
        elif copy:
            copy[min(at, len(copy) - 1)] ^= 1 << draw(st.integers(0, 7))
    return bytes(copy)


def import_damaged(put: Callable[[Desk], Path]) -> None:
    """Import what may be damaged: it is refused with a finding and leaves nothing, or it is a whole snapshot."""
    with tempfile.TemporaryDirectory() as folder:
        desk = Desk(Path(folder))
        path = put(desk)
        try:
            done = desk.run(path)
        except Failed as caught:
            failed: Failed | None = caught
        else:
            failed = None
        if failed is not None:
            assert "error: " in str(failed)
            assert desk.out() == {}
        else:
            assert set(desk.out()) == {"snapshots/rvu26c", "descriptors/rvu26c.tsv"} | {f"snapshots/rvu26c/{name}" for name in (snapshot.META, *(f"{table}.tsv.gz" for table in done.snapshot.meta.tables))}
            assert len(done.snapshot.services) == done.snapshot.meta.tables["services"]["rows"]
            assert {len(row) for row in done.snapshot.localities} == {9}


@given(data=st.data(), form=st.sampled_from(sorted(FILES)))
def test_damaged_tables_never_crash_an_import(data: st.DataObject, form: str) -> None:
    """A table with random damage is refused with a message or is still valid; no other exception, and nothing left behind."""
    files = dict(FILES[form])
    name = data.draw(st.sampled_from(sorted(files)))
    files[name] = data.draw(damage(files[name]))
    import_damaged(lambda desk: desk.put(files))


@given(data=st.data(), method=st.sampled_from(sorted(ZIPS)), last=st.sampled_from([None, 200]))
def test_damaged_zips_never_crash_an_import(data: st.DataObject, method: int, last: int | None) -> None:
    """A zip with random damage, in its content or in its directory, is refused with a message or is still whole."""
    packed = data.draw(damage(ZIPS[method], last))
    import_damaged(lambda desk: desk.put_file("rvu26c.zip", packed))


@given(junk=st.binary(max_size=400), name=st.sampled_from([*sorted(FILES["csv"]), PPRRVU_TXT, "rvu26c.zip"]))
def test_junk_never_crashes_an_import(junk: bytes, name: str) -> None:
    """Random bytes under any name that is read are refused with a message."""
    with tempfile.TemporaryDirectory() as folder:
        desk = Desk(Path(folder))
        desk.errors(desk.put({other: data for other, data in mini.release().items() if not (name == PPRRVU_TXT and other == PPRRVU)} | {name: junk}))


# ---------------------------------------------------------------------------------------------------------------------
# YAML


def loaded(text: str) -> yamlmarks.Document:
    """Load text that must be accepted."""
    findings = Findings()
    document = yamlmarks.parse(text, "file.yml", findings)
    assert document is not None, findings.items
    return document


def refused(text: str) -> list[tuple[int, int, str]]:
    """Load text that must be refused; return line, column and message of every error."""
    findings = Findings()
    assert yamlmarks.parse(text, "file.yml", findings) is None
    return [(one.line, one.column, one.message) for one in findings.of("error")]


@pytest.mark.parametrize("value", ["00100", "97761", "12:30", "1e5", "2026-07-01", "yes", "no", "on", "Off", "y", "0x10", "0o17", "010", "1_000", ".inf", ".nan", "-5", "+1", "1.50", "0.0", "True", "FALSE", "Null", "=", "<<", "2026-07-01 10:00:00"])
def test_plain_values_stay_as_typed(value: str) -> None:
    """What YAML would turn into a number, a date, a time or a truth stays the text that was typed, as value, key and list item."""
    assert loaded(f"a: {value}\n{value}: b\nc:\n  - {value}\nd: {{e: {value}}}\n").data == {"a": value, value: "b", "c": [value], "d": {"e": value}}


@given(value=st.from_regex(r"[A-Za-z0-9]([A-Za-z0-9:.+_/-]{0,20}[A-Za-z0-9])?", fullmatch=True))
def test_any_plain_value_stays_as_typed(value: str) -> None:
    """Any word of letters, digits and the signs of codes, dates and times is the text that was typed."""
    assume(value not in {"true", "false", "null"})
    assert loaded(f"key: {value}\n").data == {"key": value}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("true", True),
        ("false", False),
        ("null", None),
        ("~", None),
        ("", None),
        ('"true"', "true"),
        ("'false'", "false"),
        ('"null"', "null"),
        ("'~'", "~"),
        ('""', ""),
        ("|\n  true\n", "true\n"),
    ],
)
def test_only_true_false_and_nothing_are_more_than_text(text: str, value: bool | str | None) -> None:
    """Plain true and false are truths and null is nothing; between quotes they are words."""
    assert loaded(f"key: {text}\n").data == {"key": value}


@given(keys=st.lists(st.from_regex(r"[a-z]{1,8}", fullmatch=True), min_size=1, max_size=8, unique=True), data=st.data())
def test_a_repeated_key_is_found_at_its_place(keys: list[str], data: st.DataObject) -> None:
    """A key that stands twice in a mapping, at any depth, is an error at the line and column of the second."""
    twice = data.draw(st.sampled_from(keys))
    depth = data.draw(st.integers(0, 4))
    at = data.draw(st.integers(keys.index(twice) + 1, len(keys)))
    lines = [f"{'  ' * level}level{level}:" for level in range(depth)]
    lines += [f"{'  ' * depth}{key}: 1" for key in [*keys[:at], twice, *keys[at:]]]
    assert refused("\n".join(lines)) == [(depth + at + 1, 2 * depth + 1, f"key {twice!r} stands twice")]


@pytest.mark.parametrize("step", ["- ", "{a: "])
def test_twenty_levels_are_enough(step: str) -> None:
    """Lists and mappings may stand twenty deep in each other, and not one deeper."""
    close = "}" if "{" in step else ""
    assert loaded(step * 20 + "x" + close * 20).data
    (error,) = refused(step * 21 + "x" + close * 21)
    assert error == (1, len(step) * 21 + 1, "is nested more than 20 deep")


def test_every_repeated_key_is_found() -> None:
    """All keys that stand twice are found in one run, in flow mappings and inside lists too; the same key elsewhere is none."""
    text = 'a: 1\nb: {c: 1, d: 2, c: 3}\na: 2\nlist:\n  - {x: 1}\n  - {x: 1, "x": 2}\n'
    assert [(line, column) for line, column, _ in refused(text)] == [(2, 17), (3, 1), (6, 12)]


def test_values_know_their_places() -> None:
    """The place of a value is its line and column; a missing one has that of its nearest ancestor."""
    document = loaded('# remark\nranges:\n  - ["97760", 97763]\n  - x\ncodes: {a: 1,\n        b: 2}\n')
    places = {path: document.at(*path) for path in [(), ("ranges",), ("ranges", 0), ("ranges", 0, 1), ("ranges", 1), ("codes", "b"), ("codes", "z"), ("nothing", 3)]}
    assert places == {
        (): (2, 1),
        ("ranges",): (3, 3),
        ("ranges", 0): (3, 5),
        ("ranges", 0, 1): (3, 15),
        ("ranges", 1): (4, 5),
        ("codes", "b"): (6, 12),
        ("codes", "z"): (5, 8),
        ("nothing", 3): (2, 1),
    }


@pytest.mark.parametrize(
    ("text", "line", "column"),
    [("a: 1\n\tb: 2\n", 2, 1), ("a: b: c\n", 1, 5), ('a: "open\n', 2, 1), ("a: 1\n---\nb: 2\n", 2, 1), ("a: *nobody\n", 1, 4), ("{a: 1, [b]: 2}", 1, 8), ("- a\n- ? [x]\n  : y\n", 2, 5)],
)
def test_what_is_no_yaml_is_named(text: str, line: int, column: int) -> None:
    """Text that cannot be read is one error at its line and column."""
    assert [(one[0], one[1]) for one in refused(text)] == [(line, column)]


@pytest.mark.parametrize("text", ["", "# nothing\n", "\n\n", "--- \n"])
def test_an_empty_file_is_refused(text: str) -> None:
    """A file with nothing in it is an error, not an empty table; a lone document mark holds nothing either."""
    assert [message for _, _, message in refused(text)] == ["is empty"]


@pytest.mark.parametrize(
    "text",
    [
        "[" * 100_000,
        "{a: " * 50_000,
        "- " * 50_000,
        "\n".join(" " * depth + "a:" for depth in range(2_000)),
        "[" * 300 + "]" * 300,
        "&a [*a]",
        "\n".join(["a0: &a0 [x, x, x, x, x, x, x, x, x]", *(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 12))]),
    ],
    ids=["brackets", "braces", "dashes", "indents", "closed", "itself", "doubling"],
)
def test_text_made_to_exhaust_is_refused(text: str) -> None:
    """Endless nesting and values that repeat themselves are refused; they neither end the interpreter nor fill the memory."""
    assert refused(text)


@given(text=st.text(st.sampled_from("ab1: -?[]{},#&*!|>'\"%@`\n\t\\~<=\u00e9\u2028\ufeff\x07"), max_size=40))
def test_no_text_crashes_the_loader(text: str) -> None:
    """Any text is either loaded or refused with an error; nothing else comes out."""
    findings = Findings()
    document = yamlmarks.parse(text, "file.yml", findings)
    assert (document is None) == findings.failed


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    """A missing file, a folder and bytes that are not UTF-8 are errors with the file's name."""
    (tmp_path / "latin.yml").write_bytes(b"a: caf\xe9\n")
    for name, words in (("none.yml", "cannot be read"), (".", "cannot be read"), ("latin.yml", "is not UTF-8 at byte 6")):
        findings = Findings()
        assert yamlmarks.load(tmp_path / name, findings, shown_as="content/x.yml") is None
        (error,) = findings.items
        assert (error.file, error.level) == ("content/x.yml", "error")
        assert words in error.message
