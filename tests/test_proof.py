"""The checks against CMS's published amounts and against worked cases, what they say of a wrong one, and the page made of their result."""

from __future__ import annotations

import hashlib
import json
import re
import shutil
from pathlib import Path
from types import SimpleNamespace

import cms_files as mini
import pytest
from built import Site
from importing import Desk, Imported
from machine import CMS, ROOT, SHARED

from medpayiq.cms import snapshot
from medpayiq.cms.records import Locality
from medpayiq.cms.snapshot import Snapshot
from medpayiq.findings import Failed
from medpayiq.pages import proven
from medpayiq.proof import engines, published, report, vectors

ORACLE, CAPS, VECTORS = SHARED / "oracle", CMS / "rvu25d" / "OPPSCAP_Oct.csv", SHARED / "spec" / "payment-vectors.csv"


@pytest.fixture(scope="session")
def releases(imported: Imported, snapshots_of_history: dict[str, Imported]) -> dict[str, Snapshot]:
    """Return the releases that the published amounts and the worked cases need."""
    return {"rvu26c": imported.snapshot, "rvu25d": snapshots_of_history["rvu25d"].snapshot}


@pytest.fixture(scope="session")
def imported_releases(releases: dict[str, Snapshot], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder of snapshots as the command line finds them."""
    folder = tmp_path_factory.mktemp("proof") / "snapshots"
    for name, one in releases.items():
        shutil.copytree(one.folder, folder / name)
    return folder


def test_every_published_amount_is_reproduced(imported_releases: Path) -> None:
    """All 11,336 amounts of the revised payment files and all 32,200 of the cap file are met to the cent; the report counts them."""
    done = report.run(report.Asked(oracle=ORACLE, oppscap=CAPS, snapshots=imported_releases))
    assert done.good
    counted = {one["file"]: (one["rows"], one["amounts"], one["matches"], one["release"]) for one in done.published}
    assert counted == {
        "PFREV25C.txt": (109, 218, 218, "RVU25D"),
        "PFREV26B_nonQP.txt": (4033, 8066, 8066, "RVU26C"),
        "PFREV4.txt": (1526, 3052, 3052, "RVU25D"),
        "OPPSCAP_Oct.csv": (16100, 32200, 32200, "RVU25D"),
    }
    assert done.lines[-1] == "published amounts: 43,536 of 43,536"


def test_every_worked_case_is_met(imported_releases: Path) -> None:
    """All 198 worked lines have their result, amount and shares."""
    done = report.run(report.Asked(vectors=VECTORS, snapshots=imported_releases))
    assert done.good
    assert done.worked is not None
    assert (done.worked["lines"], done.worked["matches"], done.worked["misses"]) == (198, {"python": 198}, [])


def test_a_wrong_amount_is_named(tmp_path: Path, releases: dict[str, Snapshot]) -> None:
    """An amount that differs by a cent is a miss with its line, place and both figures; an unknown code is one too."""
    lines = (ORACLE / "PFREV25C.txt").read_text(encoding="latin-1").splitlines(keepends=True)
    lines[1] = lines[1].replace("0001354.42", "0001354.43", 1)
    lines[2] = lines[2].replace('"76145"', '"76146"')
    path = tmp_path / "PFREV25C.txt"
    path.write_text("".join(lines), encoding="latin-1")
    made = published.compare_payments(path, list(releases.values()))
    assert (made.amounts, made.matches) == (218, 215)
    assert "PFREV25C.txt:2: 76145 nonfacility in 01112/09: published 1354.43, computed 1354.42" in str(made)
    assert "PFREV25C.txt:3: 76146 nonfacility in 01112/51: published 1238.71, computed none" in str(made)


def test_a_wrong_cap_is_named(tmp_path: Path, releases: dict[str, Snapshot]) -> None:
    """A cap that differs is a miss; facility and office are told apart."""
    lines = CAPS.read_text(encoding="latin-1").splitlines(keepends=True)[:40]
    cells = lines[1].rstrip().split(",")
    lines[1] = ",".join([*cells[:5], "0.01", cells[6]]) + "\n"
    path = tmp_path / "OPPSCAP_Oct.csv"
    path.write_text("".join(lines), encoding="latin-1")
    made = published.compare_caps(path, list(releases.values()))
    assert [one.what for one in made.differences] == ["0633T-TC facility cap in 01112/05"]


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("PFREV25C.txt", "a,b,c\n", "PFREV25C.txt:1: error: is not a row of CMS's payment files"),
        ("PFREV25C.txt", '"TRL- END"\n', "has no row"),
        ("PFREV19C.txt", '"2019","01112","05","76145","  ","0001339.81","0001339.81"," ","3","A","0","0000000.00","0000000.00","9","0000000.00","0000000.00"\n', "no release of that year is imported"),
        ("PFREV26B.txt", '"2026","01112","05","21610","  ","0001337.33","0001337.33"," ","0","A","2","0000000.00","0000000.00","9","0000000.00","0000000.00"\n', "says neither QPP nor nonQPP"),
        ("PFREV25C.txt", '"2025","01112","05","76145","  ","many","0001339.81"," ","3","A","0","0","0","9","0","0"\n', "is not a row of CMS's payment files"),
    ],
)
def test_files_that_cannot_be_compared_say_what_to_do(name: str, content: str, message: str, tmp_path: Path, releases: dict[str, Snapshot]) -> None:
    """A file of another layout, year or kind is refused by name, with what to type next."""
    path = tmp_path / name
    path.write_text(content, encoding="latin-1")
    with pytest.raises(Failed, match=r"try: ") as failed:
        published.compare_payments(path, list(releases.values()))
    assert message in str(failed.value)


def at_hand(*names: str) -> list[Snapshot]:
    """Return releases without rows, as far as the choice among them asks for them."""
    days = {"A": "01-01", "B": "04-01", "C": "07-01", "D": "10-01"}
    return [SimpleNamespace(meta=SimpleNamespace(release=name, year=2000 + int(name[3:5]), effective_from=f"20{name[3:5]}-{days[name[5]]}", sources=[SimpleNamespace(sha256=name)], anesthesia_national={}), services=(), localities=(), anesthesia=()) for name in names]  # type: ignore[misc]


@pytest.mark.parametrize(
    ("file", "names", "release", "factor"),
    [
        # What a correction of the second quarter revised stands in the release of the third; where that is not here, in the nearest later one, else its own.
        ("PFREV26B_nonQP.txt", "RVU26A RVU26B RVU26C RVU26D", "RVU26C", "33.4009"),
        ("PFREV26B_QPP.txt", "RVU26A RVU26B RVU26D", "RVU26D", "33.5675"),
        ("PFREV26B_nonQP.txt", "RVU26A RVU26B", "RVU26B", "33.4009"),
        ("PFREV26C_nonQP.txt", "RVU26A RVU26B", "RVU26B", "33.4009"),
        ("PFREV4.txt", "RVU25A RVU25C RVU25D RVU26A", "RVU25D", "32.3465"),
        # All amounts of a quarter are its own release's; a later one before an earlier one.
        ("PFALL26B_nonQP.txt", "RVU26A RVU26B RVU26C RVU26D", "RVU26B", "33.4009"),
        ("PFALL26B_nonQP.txt", "RVU26A RVU26C RVU26D", "RVU26C", "33.4009"),
        ("PFALL26D_nonQP.txt", "RVU26A RVU26B", "RVU26B", "33.4009"),
        ("PFREV26A_nonQP.txt", "RVU26D", "RVU26D", "33.4009"),
        ("PFREV26D_nonQP.txt", "RVU26A", "RVU26A", "33.4009"),
        ("PFALL26A_nonQP.txt", "RVU26D", "RVU26D", "33.4009"),
        ("PFALL26D_nonQP.txt", "RVU26A", "RVU26A", "33.4009"),
        ("PFAL2.txt", "RVU25A RVU25B RVU25C RVU25D", "RVU25B", "32.3465"),
    ],
)
def test_a_payment_file_is_compared_with_its_release(file: str, names: str, release: str, factor: str, tmp_path: Path) -> None:
    """Year by its rows, quarter by its name, as a letter or a number; from 2026 on the factor by its name too."""
    year = f"20{release[3:5]}"
    path = tmp_path / file
    path.write_text(f'"{year}","01112","05","76145","  ","0001339.81","0001339.81"," ","3","A","0","0000000.00","0000000.00","9","0000000.00","0000000.00"\n', encoding="latin-1")
    made = published.compare_payments(path, at_hand(*names.split()))
    assert (made.release, made.factor, made.rows, made.amounts, made.matches) == (release, factor, 1, 2, 0)


def test_therapy_and_caps_of_a_payment_file_are_recomputed(tmp_path: Path, desk: Desk) -> None:
    """A row has up to six amounts: therapy's reduced ones where the indicator is 5, caps office first. By hand at indices of 1, 33.4009: 1.21, 0.86, 7.84, 7.32 and, in a facility, 4.32 RVU."""
    scan = mini.service("70496", work="1.71", pe_nonfacility="6.02", pe_facility="6.02", mp="0.11", pctc="1", mult="4", imaging_family="88", opps_pe_nonfacility="5.51", opps_pe_facility="2.51", opps_mp="0.10")
    services = desk.run(desk.put(mini.core([scan, mini.service("97761", work="0.50", pe_nonfacility="0.70", pe_facility="0.70", mp="0.01", pctc="7", mult="5")]))).snapshot.services
    (one,) = at_hand("RVU26C")
    nation = SimpleNamespace(**vars(one) | {"services": services, "localities": (Locality("10112", "00", "AL", "ALABAMA", 1000, None, 1000, 1000, ""),)})
    rows = [
        '"2026","10112","00","97761","  ","0000040.42","0000040.42"," ","7","A","5","0000028.72","0000028.72","9","0000000.00","0000000.00"',
        '"2026","10112","00","70496","  ","0000261.86","0000261.86"," ","1","A","4","0000000.00","0000000.00","1","0000244.49","0000144.29"',
        # The same columns hold a visit's primary care fee: of another indicator than 5 they are no therapy.
        '"2026","10112","00","97761","  ","0000040.42","0000040.42"," ","7","A","0","0000099.99","0000000.00","9","0000000.00","0000000.00"',
    ]
    path = tmp_path / "PFREV26B_nonQP.txt"
    path.write_text("\n".join(rows), encoding="latin-1")
    made = published.compare_payments(path, [nation])  # type: ignore[list-item]
    assert (made.rows, made.amounts, made.matches) == (3, 10, 10)
    path.write_text(rows[0].replace("28.72", "28.73", 1) + "\n" + rows[1].replace("144.29", "144.28"), encoding="latin-1")
    assert str(published.compare_payments(path, [nation])).split("\n")[1:] == [  # type: ignore[list-item]
        "  PFREV26B_nonQP.txt:1: 97761 therapy in 10112/00: published 28.73, computed 28.72",
        "  PFREV26B_nonQP.txt:2: 70496 facility cap in 10112/00: published 144.28, computed 144.29",
    ]


def test_twenty_differences_are_listed_and_the_others_counted() -> None:
    """A comparison that fails in many places stays readable; all stand in the result."""
    different = tuple(published.Difference(line, "99213 nonfacility in 10112/00", "1.00", "2.00") for line in range(1, 23))
    for number, last in ((20, "99213 nonfacility in 10112/00: published 1.00, computed 2.00"), (21, "and 1 more"), (22, "and 2 more")):
        lines = str(published.Comparison("PF.txt", "", "RVU26C", "33.4009", 30, 60, 60 - number, different[:number])).split("\n")
        assert lines[0] == f"PF.txt: {60 - number} of 60 amounts, with RVU26C and 33.4009"
        assert lines[-1].endswith(last)
        assert len(lines) == min(number, 21) + 1


def test_a_cap_file_is_compared_with_its_release(tmp_path: Path) -> None:
    """The release it was imported with, else the only one of the month in its name; of two, or of a name without a month, nobody can tell."""
    data = mini.oppscap_csv()
    path = tmp_path / "OPPSCAP_Oct.csv"
    path.write_bytes(data)
    assert published.compare_caps(path, at_hand("RVU25A", "RVU25B", "RVU25C", "RVU25D")).release == "RVU25D"
    two = at_hand("RVU24D", "RVU25D")
    with pytest.raises(Failed, match="cannot tell which release its 8 rows belong to"):
        published.compare_caps(path, two)
    two[0].meta.sources[0].sha256 = hashlib.sha256(data).hexdigest()  # type: ignore[misc]
    assert published.compare_caps(path, two).release == "RVU24D"


def test_an_empty_folder_has_no_payment_files(tmp_path: Path) -> None:
    """A folder without CMS's payment files is a wrong use, with an example of their names."""
    with pytest.raises(Failed, match="PFREV26B"):
        published.payment_files(tmp_path)


def _cases(tmp_path: Path, change: dict[str, str]) -> Path:
    text = VECTORS.read_text(encoding="utf-8").splitlines(keepends=True)
    head, row = text[0], next(line for line in text if line.startswith("V003,"))
    for old, new in change.items():
        assert old in row
        row = row.replace(old, new)
    path = tmp_path / "cases.csv"
    path.write_text(head + row, encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({",140.72,AMOUNT": ",140.73,AMOUNT"}, "allowed 140.72, expected 140.73"),
        ({",140.72,AMOUNT": ",,BUNDLED"}, "result AMOUNT, expected BUNDLED"),
        ({",single,,": ",single,moon=full,"}, "context not understood: moon=full"),
        ({",single,,": ",single,participation=nonpar,", ",140.72,": ",133.68,", ",,(1.92": ",limiting_charge=1.00,(1.92"}, "limiting_charge 153.74, expected 1.00"),
    ],
)
def test_a_missed_case_is_named_with_its_trace(change: dict[str, str], message: str, tmp_path: Path, releases: dict[str, Snapshot]) -> None:
    """A worked line that is not met says what differs and shows every step; words of its context that nobody knows are a miss."""
    claims = vectors.read(_cases(tmp_path, change))
    total, misses = vectors.run(claims, engines.python(lambda name: releases[name]))
    assert (total, len(misses)) == (1, 1)
    assert message in str(misses[0])
    assert "base: (1.92 × 1.057 + 1.80 × 1.192 + 0.15 × 1.168) × 32.3465 = 140.71503816" in str(misses[0])


def test_a_file_of_cases_without_a_column_is_refused(tmp_path: Path) -> None:
    """A csv that lacks a column says which."""
    path = tmp_path / "cases.csv"
    path.write_text("id,code\nV1,99213\n", encoding="utf-8")
    with pytest.raises(Failed, match="lacks the column claim_id"):
        vectors.read(path)
    path.write_text("id,code\n", encoding="utf-8")
    with pytest.raises(Failed, match="holds no lines below a head"):
        vectors.read(path)


def test_a_case_of_a_release_that_is_not_here(tmp_path: Path) -> None:
    """Cases of a release that is not imported say which to import."""
    with pytest.raises(Failed, match=r"needs RVU25D, which is not imported\n  try: .*import FOLDER_OF_RVU25D"):
        report.run(report.Asked(vectors=_cases(tmp_path, {}), snapshots=tmp_path))


def test_the_committed_result_is_what_the_checks_say(imported_releases: Path, tmp_path: Path) -> None:
    """cms_data/proof.json, from which the proof page is made, is byte for byte what recording anew writes."""
    path = tmp_path / "proof.json"
    report.record(report.run(report.Asked(ORACLE, CAPS, VECTORS, "both", snapshots=imported_releases)), path)
    assert path.read_bytes() == (ROOT / "cms_data" / "proof.json").read_bytes()


def test_recording_a_part_keeps_the_rest(imported_releases: Path, tmp_path: Path) -> None:
    """A run of the worked cases alone leaves the recorded published amounts as they were."""
    path = tmp_path / "proof.json"
    shutil.copy(ROOT / "cms_data" / "proof.json", path)
    report.record(report.run(report.Asked(vectors=VECTORS, snapshots=imported_releases)), path)
    assert json.loads(path.read_bytes())["published"] == json.loads((ROOT / "cms_data" / "proof.json").read_bytes())["published"]
    assert json.loads(path.read_bytes())["worked"]["matches"] == {"python": 198}


def test_a_damaged_result_is_told(tmp_path: Path) -> None:
    """A result that is not JSON, or lacks a part, is an error that says how to make it anew."""
    for content in ("{", "[]", '{"published": [], "worked": null}'):
        path = tmp_path / "proof.json"
        path.write_text(content, encoding="utf-8")
        with pytest.raises(Failed, match="try: "):
            report.read(path)


def test_the_proof_page_shows_the_result(sample_site: Site) -> None:
    """The page has each file with its amounts and matches, both engines, the checksums, and the rules that were not verified."""
    html = (sample_site.folder / "proof" / "index.html").read_text(encoding="utf-8")
    result = report.read()
    for one in result["published"]:
        assert f'<th scope="row">{one["file"]}</th>' in html
        assert f'data-label="Reproduced">{one["matches"]:,}</td>' in html
        assert one["sha256"] in html
    assert f"of {sum(one['amounts'] for one in result['published']):,} amounts" in html.lower()
    rows = re.findall(r'<th scope="row">([^<]*)</th><td[^>]*>([^<]*)</td><td[^>]*>([^<]*)</td>', html)
    assert ("Sequestration", "2%", "2022-07-01") in rows
    assert ("Therapy threshold for KX", "$2,480.00", "2026-01-01") in rows
    # What is long is folded, and whole.
    folds = dict(re.findall(r"<details><summary>([^<:]*): [^<]*</summary><p>(.*?)</p></details>", html))
    assert {"G0101", "G0442 to G0447"} <= set(folds["Preventive codes without deductible and coinsurance"].split(", "))
    assert {"G8", "JW", "97"} <= set(folds["Modifiers that change no payment"].split(", "))
    assert "<li>Codes that a dietitian may bill: 97802 to 97804, G0270 to G0271.</li>" in html
    assert "{" not in html.split("<main", 1)[1].split("</main", 1)[0]


def test_differences_are_listed_one_by_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each recorded difference and missed case has a line of its own on the page."""
    result = report.read()
    result["published"][0]["differences"] = [{"line": 7, "what": "76145 facility in 01112/05", "published": "1.00", "ours": "2.00"}]
    result["worked"]["misses"] = ["js: V003 (line 2): 99214 : allowed 1, expected 2\n    base: ..."]
    monkeypatch.setattr(report, "read", lambda: result)
    lines = proven.figures()["proof_differences"].splitlines()
    assert lines == ["- PFREV25C.txt, line 7: 76145 facility in 01112/05: published 1.00, computed 2.00", "- js: V003 (line 2): 99214 : allowed 1, expected 2"]


def test_snapshots_in_use_are_read_whole(imported_releases: Path) -> None:
    """The releases that the checks use are those of their folders' names."""
    assert {path.name: snapshot.read(path).meta.release for path in imported_releases.iterdir()} == {"rvu26c": "RVU26C", "rvu25d": "RVU25D"}
