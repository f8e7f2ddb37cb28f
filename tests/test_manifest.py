"""The manifest of CMS's releases: what stands in the project's own, what is refused, and that writing loses nothing."""

from __future__ import annotations

import datetime
import errno
import json
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from machine import ROOT

from medpayiq.cms import manifest, releases
from medpayiq.cms.manifest import Entry, Manifest, Seen
from medpayiq.findings import Failed, Finding, Findings

OURS = ROOT / "cms_data" / "manifest.yml"
BASE = "https://www.cms.gov/files/zip/"


@pytest.fixture(scope="module")
def ours() -> Manifest:
    """Return the project's manifest."""
    findings = Findings()
    found = manifest.read(OURS, findings)
    assert found is not None, "\n".join(map(str, findings.items))
    return found


# ---------------------------------------------------------------------------------------------------------------------
# The project's own


def test_the_manifest_is_in_its_one_form(tmp_path: Path, ours: Manifest) -> None:
    """Written anew by the program it is the same, byte for byte, so that a fetch changes only what it has seen."""
    manifest.write(tmp_path / "manifest.yml", ours)
    assert (tmp_path / "manifest.yml").read_bytes() == OURS.read_bytes()


def test_every_day_since_2020_has_one_release(ours: Manifest) -> None:
    """From 2020 to the end of the last release every day is answered for by exactly one; the day before and after by none."""
    day, last = datetime.date(2020, 1, 1), datetime.date.fromisoformat(max(one.effective_to for one in ours.of_kind("rvu")))
    assert last >= datetime.date(2026, 12, 31)
    while day <= last:
        holding = [one.name for one in ours.of_kind("rvu") if one.holds(day.isoformat())]
        found = ours.release_for(day.isoformat())
        assert found is not None
        assert holding == [found.name], day
        day += datetime.timedelta(days=1)
    assert ours.release_for("2019-12-31") is None
    assert ours.release_for(day.isoformat()) is None


@pytest.mark.parametrize(
    ("day", "name"),
    [
        ("2024-03-08", "RVU24A"),
        ("2024-03-09", "RVU24AR"),
        ("2024-03-31", "RVU24AR"),
        ("2024-04-01", "RVU24B"),
        ("2026-04-30", "RVU26B"),
        ("2026-05-01", "RVU26BR"),
        ("2026-06-30", "RVU26BR"),
        ("2026-07-01", "RVU26C"),
    ],
)
def test_a_replacement_within_a_quarter_has_its_own_days(ours: Manifest, day: str, name: str) -> None:
    """The law changed the conversion factor on 2024-03-09, and CMS replaced RVU26B on 2026-05-01."""
    found = ours.release_for(day)
    assert found is not None
    assert found.name == name


def test_the_manifest_has_the_addresses_of_the_history(needs_shared: Path, ours: Manifest) -> None:
    """Each release of releases.json is there, from the day and at the address stated."""
    history = json.loads((needs_shared / "cms" / "history" / "releases.json").read_text(encoding="utf-8"))
    for name, stated in history.items():
        found = ours.named(name)
        assert found is not None, name
        assert (found.effective_from, found.url) == (stated["effective"], stated["zip"])


def test_every_kind_is_there_and_keeps_apart(ours: Manifest) -> None:
    """Each kind of file the site will read is known, and no two are kept under one name."""
    assert {one.kind for one in ours.entries} == {*manifest.KINDS}
    files = [ours.file_name(one) for one in ours.entries]
    assert len({*files}) == len(files)
    assert all("/" not in file and not file.startswith(".") for file in files)


def test_nothing_is_pinned_that_was_not_seen(ours: Manifest) -> None:
    """A digest comes with the size that was seen with it; no entry has the one without the other."""
    assert all((one.sha256 is None) == (one.size is None) for one in ours.entries)


# ---------------------------------------------------------------------------------------------------------------------
# What is refused

GOOD = """\
base: https://www.cms.gov/files/zip/
releases:
- name: RVU26B
  kind: rvu
  url: https://www.cms.gov/files/zip/rvu26b.zip
  effective_from: '2026-04-01'
  effective_to: '2026-04-30'
- name: RVU26BR
  kind: rvu
  url: https://www.cms.gov/files/zip/rvu26b-updated-05-01-2026.zip
  effective_from: '2026-05-01'
  effective_to: '2026-06-30'
"""


def faults(tmp_path: Path, text: str) -> list[Finding]:
    """Return the errors of a manifest."""
    path = tmp_path / "manifest.yml"
    path.write_text(text, encoding="utf-8")
    findings = Findings()
    found = manifest.read(path, findings, shown_as="manifest.yml")
    assert (found is None) == findings.failed
    return list(findings.of("error"))


@pytest.mark.parametrize(
    ("old", "new", "line", "column", "words"),
    [
        ("base: https://www.cms.gov/files/zip/\n", "base: http://www.cms.gov/files/zip/\n", 1, 7, "is not an https address"),
        ("base: https://www.cms.gov/files/zip/\n", "base: https://www.cms.gov/files/zip\n", 1, 7, "ends in a slash"),
        ("base: https://www.cms.gov/files/zip/\n", "base: https://www.cms.gov/files/zip/\nrest: x\n", 2, 7, "key 'rest' is not known"),
        ("  kind: rvu\n  url: https://www.cms.gov/files/zip/rvu26b.zip", "  kind: rvus\n  url: https://www.cms.gov/files/zip/rvu26b.zip", 4, 9, "kind 'rvus' is not known"),
        ("name: RVU26BR", "name: RVU26B", 8, 9, "RVU26B stands twice"),
        ("name: RVU26BR", "name: RVU26E", 8, 9, "'RVU26E' is not the name of a release"),
        ("name: RVU26BR", "name: ../RVU26B", 8, 9, "is not the name of a release"),
        ("effective_from: '2026-05-01'", "effective_from: '2026-04-30'", 11, 19, "RVU26B and RVU26BR both claim 2026-04-30"),
        ("effective_from: '2026-05-01'", "effective_from: '2026-07-01'", 11, 19, "would hold from 2026-07-01 to 2026-06-30"),
        ("effective_from: '2026-05-01'", "effective_from: '2026-02-30'", 11, 19, "'2026-02-30' is not a date"),
        ("effective_from: '2026-05-01'", "effective_from: 20260501", 11, 19, "'20260501' is not a date"),
        ("effective_from: '2026-05-01'", "effective_from: 2026-W18-5", 11, 19, "is not a date"),
        ("https://www.cms.gov/files/zip/rvu26b-", "http://www.cms.gov/files/zip/rvu26b-", 10, 8, "is not an https address"),
        ("https://www.cms.gov/files/zip/rvu26b-", "https://me:secret@www.cms.gov/files/zip/rvu26b-", 10, 8, "is not an https address"),
        ("https://www.cms.gov/files/zip/rvu26b-", "file:///etc/rvu26b-", 10, 8, "is not an https address"),
        ("https://www.cms.gov/files/zip/rvu26b-updated-05-01-2026.zip", "https://www.cms.gov/files/zip/RVU26B.zip", 10, 8, "kept under the same file name as RVU26B"),
        ("  effective_to: '2026-06-30'\n", "  effective_to: '2026-06-30'\n  sha256: abc\n", 13, 11, "sha256 'abc' is not 64 digits"),
        ("  effective_to: '2026-06-30'\n", "  effective_to: '2026-06-30'\n  sise: 12\n", 13, 9, "key 'sise' is not known"),
        ("  effective_to: '2026-06-30'\n", "  effective_to: '2026-06-30'\n  size: -1\n", 13, 9, "size '-1' is not a number of bytes"),
        ("  effective_to: '2026-06-30'\n", "  effective_to: '2026-06-30'\n  file: ../x\n", 13, 9, "is not a file name"),
        ("  effective_to: '2026-06-30'\n", "  effective_to: '2026-06-30'\n  replaced_by: RVU26C\n", 13, 16, "RVU26C is no other rvu entry"),
        ("  effective_to: '2026-06-30'\n", "  effective_to: '2026-06-30'\n  replaced_by: RVU26BR\n", 13, 16, "RVU26BR is no other rvu entry"),
        ("  effective_to: '2026-06-30'\n", "  effective_to: '2026-06-30'\n  earlier: [{sha256: x}]\n", 13, 13, "earlier holds a sha256 and a size"),
        ("  effective_to: '2026-06-30'\n", "  effective_to: '2026-06-30'\n  note: [x]\n", 13, 9, "note is not text"),
        ("  effective_to: '2026-06-30'\n", "", 8, 3, "needs effective_to"),
        ("  effective_to: '2026-06-30'\n", "  effective_to: '2026-06-30'\n- text\n", 13, 3, "is not an entry"),
        ("releases:\n", "release:\n", 1, 1, "needs base and releases"),
    ],
)
def test_a_fault_is_told_with_its_place(tmp_path: Path, old: str, new: str, line: int, column: int, words: str) -> None:
    """What does not fit is named with line and column, and nothing of the file is used."""
    assert not faults(tmp_path, GOOD)
    assert GOOD.count(old) == 1
    (found,) = faults(tmp_path, GOOD.replace(old, new))
    assert (found.file, found.line, found.column) == ("manifest.yml", line, column), found
    assert words in found.message


def test_overlaps_are_found_behind_a_long_one(tmp_path: Path) -> None:
    """A release that claims a whole year clashes with each of its quarters, not only with the first."""
    found = faults(tmp_path, GOOD.replace("'2026-04-30'", "'2026-12-31'") + "- {name: RVU26C, kind: rvu, url: 'https://x.example/c.zip', effective_from: '2026-07-01', effective_to: '2026-09-30'}\n")
    assert [one.message for one in found] == ["RVU26B and RVU26BR both claim 2026-05-01", "RVU26B and RVU26C both claim 2026-07-01"]


def test_a_replaced_release_answers_for_no_day(tmp_path: Path) -> None:
    """Where nothing is left of a release, its replacement answers for all of its days."""
    text = GOOD.replace("  effective_to: '2026-04-30'", "  effective_to: '2026-06-30'\n  replaced_by: RVU26BR").replace("'2026-05-01'", "'2026-04-01'")
    assert not faults(tmp_path, text)
    found = manifest.read(tmp_path / "manifest.yml", Findings())
    assert found is not None
    for day in ("2026-04-01", "2026-06-30"):
        answer = found.release_for(day)
        assert answer is not None
        assert answer.name == "RVU26BR"


@pytest.mark.parametrize("url", ["http://127.0.0.1:8000/x.zip", "http://localhost/x.zip", "http://[::1]:1/x.zip", "https://data.cms.gov/x.csv"])
def test_https_and_this_machine_are_allowed(url: str) -> None:
    """Files come over https; plain http is for this machine alone."""
    assert manifest.allowed(url)


@pytest.mark.parametrize("url", ["http://127.0.0.1.example/x", "http://10.0.0.1/x", "ftp://www.cms.gov/x", "//www.cms.gov/x", "https://", "https://a b/x", "https://x.example:99999/", "https://x.example/\n"])
def test_other_addresses_are_not(url: str) -> None:
    """What only looks like this machine, or cannot be read as an address, is refused."""
    assert not manifest.allowed(url)


# ---------------------------------------------------------------------------------------------------------------------
# Names and editions


@pytest.mark.parametrize(
    ("url", "name"),
    [
        (BASE + "rvu26c.zip", "rvu26c.zip"),
        (BASE + "rvu23a-updated-01/31/2023.zip", "rvu23a-updated-01-31-2023.zip"),
        (BASE + "../../etc/passwd", "etc-passwd"),
        (BASE + "%2e%2e%2fx.zip?agree=yes", "x.zip"),
        ("https://data.cms.gov/a/b/RBCS%20Taxonomy.csv", "RBCS-Taxonomy.csv"),
        (BASE, "rvu26c"),
    ],
)
def test_file_names_are_safe(url: str, name: str) -> None:
    """CMS's names with slashes, and what a wrong address might hold, become one plain file name."""
    assert Manifest(BASE, ()).file_name(Entry("RVU26C", "rvu", url, "2026-07-01", "2026-09-30")) == name


@pytest.mark.parametrize(("name", "quarter"), [("RVU24AR", "A"), ("rvu26br2", "B"), ("RVU26BR9", "B")])
def test_a_correction_is_a_release_of_its_quarter(name: str, quarter: str) -> None:
    """CMS's R, and the digit of a second correction, are read."""
    found = releases.named(name)
    assert found is not None
    assert (found.name, found.quarter) == (name.upper(), quarter)


@pytest.mark.parametrize("name", ["RVU26B2", "RVU26BR22", "RVU26BRR", "RVU٢٦B"])
def test_other_endings_are_none(name: str) -> None:
    """Nothing but R and R with one digit ends a name, and digits are 0 to 9."""
    assert releases.named(name) is None


def test_an_edition_goes_with_a_day(ours: Manifest) -> None:
    """A release is read with the ZIP codes of its last day; one from before all of them with the oldest."""
    names = {day: found.name for day in ("2020-12-31", "2025-12-31", "2026-03-31", "2026-08-01") if (found := ours.edition_at("zip5", day))}
    assert names == {"2020-12-31": "ZIP5-2025-08-14", "2025-12-31": "ZIP5-2025-08-14", "2026-03-31": "ZIP5-2025-11-18", "2026-08-01": "ZIP5-2026-05-13"}


def test_an_edition_without_an_address_is_the_last_choice() -> None:
    """One that cannot be downloaded goes only where no other is known."""
    one, other = Entry("RBCS-RY2023", "rbcs", None, "2023-01-01", "2023-12-31"), Entry("RBCS-RY2025", "rbcs", "https://x.example/r.csv", "2025-01-01", "2025-12-31")
    assert Manifest(BASE, (one, other)).edition_at("rbcs", "2024-06-01") == other
    assert Manifest(BASE, (one,)).edition_at("rbcs", "2024-06-01") == one
    assert Manifest(BASE, ()).edition_at("rbcs", "2024-06-01") is None


# ---------------------------------------------------------------------------------------------------------------------
# Writing

DIGESTS = st.text("0123456789abcdef", min_size=64, max_size=64)
DATES = st.dates(datetime.date(2015, 1, 1), datetime.date(2035, 1, 1)).map(lambda day: day.isoformat())
# Anything YAML can hold on a line; a remark of a single character such as ~ or - is the hard case.
TEXTS = st.text(st.characters(blacklist_categories=["Cs", "Cc", "Zl", "Zp"]), max_size=30).map(str.strip)


@st.composite
def entries(draw: st.DrawFn) -> Entry:
    """Draw an entry of a kind that may overlap."""
    start, end = sorted((draw(DATES), draw(DATES)))
    name = draw(st.from_regex(r"[A-Z][A-Z0-9-]{2,10}", fullmatch=True))
    return Entry(
        name,
        draw(st.sampled_from([kind for kind in manifest.KINDS if kind != "rvu"])),
        draw(st.none() | st.just(f"https://x.example/{name}.zip")),
        start,
        end,
        sha256=draw(st.none() | DIGESTS),
        size=draw(st.none() | st.integers(1, 10**12)),
        modified=draw(st.none() | st.datetimes(datetime.datetime(2000, 1, 1), datetime.datetime(2040, 1, 1)).map(lambda when: when.strftime("%Y-%m-%dT%H:%M:%SZ"))),  # noqa: DTZ001 - written as UTC
        earlier=tuple(draw(st.lists(st.builds(Seen, DIGESTS, st.none() | st.integers(1, 10**9)), max_size=2))),
        note=draw(TEXTS),
    )


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(entries(), max_size=6, unique_by=lambda one: one.name))
def test_writing_and_reading_lose_nothing(tmp_path: Path, drawn: list[Entry]) -> None:
    """Whatever an entry holds, it is read as it was written."""
    written = Manifest(BASE, ()).having(*drawn)
    manifest.write(tmp_path / "manifest.yml", written)
    findings = Findings()
    assert manifest.read(tmp_path / "manifest.yml", findings) == written, findings.items


def test_a_full_disk_leaves_the_old_manifest(tmp_path: Path, ours: Manifest, monkeypatch: pytest.MonkeyPatch) -> None:
    """The manifest is replaced whole or not at all, and nothing half written stays."""
    path = tmp_path / "manifest.yml"
    manifest.write(path, ours)
    before = path.read_bytes()

    def full(self: Path, *_: object, **__: object) -> None:
        self.touch()
        raise OSError(errno.ENOSPC, "No space left on device", str(self))

    monkeypatch.setattr(Path, "write_text", full)
    with pytest.raises(Failed, match="No space left on device") as caught:
        manifest.write(path, replace(ours, entries=()))
    assert caught.value.exit_code == 2
    assert path.read_bytes() == before
    assert [one.name for one in tmp_path.iterdir()] == ["manifest.yml"]
