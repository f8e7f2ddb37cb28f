"""Answers by date of service: what the site publishes for a day, against CMS's files of that day and the rules of that day."""

from __future__ import annotations

import datetime
import gzip
import json
import subprocess
from collections.abc import Iterator
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Any

import facts
import pytest
from built import Site
from facts import FACILITY, OFFICE
from importing import Desk
from machine import CMS, ROOT
from programs import node

from medpayiq import building, rules
from medpayiq.rulebook import FIELDS, rulebook
from medpayiq.shards import for_browsers

PLACES = {"rvu20d": "GPCI2020.csv", "rvu21d": "GPCI2021.csv", "rvu22d": "GPCI2022.csv", "rvu23d": "GPCI2023.csv", "rvu24a": "GPCI2024.csv", "rvu24c": "GPCI2024.csv", "rvu25d": "GPCI2025.csv"}
EXPECTED = [
    ("2020-10-01", "2020-12-31", "RVU20D", ""),
    ("2021-10-01", "2021-12-31", "RVU21D", ""),
    ("2022-10-01", "2022-12-31", "RVU22D", ""),
    ("2023-10-01", "2023-12-31", "RVU23D", ""),
    ("2024-01-01", "2024-03-08", "RVU24A", ""),
    ("2024-03-09", "2024-03-31", "RVU24A", "RVU24AR"),
    ("2024-07-01", "2024-09-08", "RVU24C", ""),
    ("2024-09-09", "2024-09-30", "RVU24C", "RVU24CR"),
    ("2025-10-01", "2025-12-31", "RVU25D", ""),
    ("2026-04-01", "2026-04-30", "RVU26B", ""),
    ("2026-05-01", "2026-06-30", "RVU26B", "RVU26BR"),
    ("2026-07-01", "2026-09-30", "RVU26C", ""),
]
"""Days, release, and the one that CMS put in its place and that is not in ../shared."""


def folder_of(name: str) -> Path:
    """Return the folder of a release in the shared data."""
    return CMS / name if (CMS / name).is_dir() else CMS / "history" / name


@pytest.fixture(scope="module")
def listed(full_site: Site) -> dict[str, Any]:
    """Return the list of releases that a calculator of the full site loads."""
    (path,) = (full_site.folder / "assets").glob("releases.*.json")
    data: dict[str, Any] = json.loads(path.read_bytes())
    return data


def days(first: str, last: str) -> Iterator[str]:
    """Yield every ISO date from first to last."""
    day = datetime.date.fromisoformat(first)
    while day.isoformat() <= last:
        yield day.isoformat()
        day += datetime.timedelta(days=1)


def test_every_day_has_the_release_in_force_or_none(listed: dict[str, Any]) -> None:
    """Of 3,287 days each has the release whose dates hold it, with the missing replacement where CMS made one; a day that no release holds has none."""
    said: dict[str, tuple[str, str]] = {}
    for one in listed["periods"]:
        for day in days(one["from"], one["to"]):
            assert day not in said, day
            said[day] = one["release"], one["missing"]
    expected = {day: (release, missing) for first, last, release, missing in EXPECTED for day in days(first, last)}
    assert said == expected
    assert listed["days"] == "October to December 2020, October to December 2021, October to December 2022, October 2023 to March 2024, July to September 2024, October to December 2025, April to September 2026"


def test_the_words_of_a_release_are_its_days(listed: dict[str, Any]) -> None:
    """A release is named with all of the days that it answers for."""
    assert {one["release"]: one["words"] for one in listed["periods"]} == {
        "RVU20D": "October to December 2020",
        "RVU21D": "October to December 2021",
        "RVU22D": "October to December 2022",
        "RVU23D": "October to December 2023",
        "RVU24A": "January to March 2024",
        "RVU24C": "July to September 2024",
        "RVU25D": "October to December 2025",
        "RVU26B": "April to June 2026",
        "RVU26C": "July to September 2026",
    }


def test_rules_follow_the_day(full_site: Site, listed: dict[str, Any]) -> None:
    """On every day that a release answers for, the rule book that is named is the one of that very day: factors, percentages, thresholds, modifiers, places."""
    books = {one["rules"]: json.loads((full_site.folder / one["rules"].lstrip("/")).read_bytes()) for one in listed["periods"]}
    turning = {day for day in rules.turns() if day >= "2020-01-01"}
    seen = 0
    for one in listed["periods"]:
        near = {one["from"], one["to"]} | {day for turn in turning for day in (turn, (datetime.date.fromisoformat(turn) - datetime.timedelta(days=1)).isoformat()) if one["from"] <= day <= one["to"]}
        for day in near:
            assert books[one["rules"]] == json.loads(json.dumps(for_browsers(rulebook(day)))), day
            seen += 1
    assert seen >= 2 * len(EXPECTED)
    factors = {one["from"]: books[one["rules"]]["factors"] for one in listed["periods"]}
    # Payment specification, section 1.6.
    assert factors["2020-10-01"] == {"all": "36.0896"}
    assert factors["2024-01-01"] == {"all": "32.7442"}
    assert factors["2024-03-09"] == {"all": "33.2875"}
    assert factors["2026-04-01"] == {"non_qp": "33.4009", "qp": "33.5675"}


@pytest.mark.parametrize("name", PLACES)
def test_localities_are_those_of_the_release(full_site: Site, listed: dict[str, Any], name: str) -> None:
    """A day's localities are those of CMS's GPCI file of that release, every index equal, each named with its state."""
    (address,) = {one["places"] for one in listed["periods"] if one["release"] == name.upper()}
    places = json.loads((full_site.folder / address.lstrip("/")).read_bytes())
    theirs = facts.gpcis(folder_of(name) / PLACES[name])
    assert {key: tuple(one["gpci"]) for key, one in places.items() if key != "00000/00"} == {f"{mac}/{locality}": tuple(int(1000 * part) for part in indices) for (mac, locality), indices in theirs.items()}
    assert places["01112/05"]["state"] == "California"
    assert all(one["state"] and one["name"] for key, one in places.items() if key != "00000/00")


def test_zip_codes_are_not_used_where_localities_were_others(listed: dict[str, Any]) -> None:
    """Until 2023 California had three localities more: its ZIP codes lead nowhere for those days, and everywhere else they do."""
    moved = {one["release"]: set(one["moved"]) for one in listed["periods"]}
    for release in ("RVU20D", "RVU21D", "RVU22D", "RVU23D"):
        assert {key.split("/")[0] for key in moved[release]} == {"01112", "01182"}, release
        assert {"01112/05", "01182/18"} <= moved[release]
    assert [release for release, keys in moved.items() if keys] == ["RVU20D", "RVU21D", "RVU22D", "RVU23D"]


def unpriced(site: Site, code: str) -> dict[str, Any]:
    """Read the older rows of a code that never had an amount, which stand with others."""
    made: dict[str, Any] = json.loads((site.folder / "data" / "v1" / "unpriced" / f"{code[:3]}.json").read_bytes())[code]
    return made


def test_a_code_stands_among_the_unpriced_if_its_page_has_no_calculator(full_site: Site) -> None:
    """Each code of an older release has its older rows in one place: beside its page where that has a calculator, else with others of its beginning."""
    own = {path.stem for path in (full_site.folder / "data" / "v1" / "history").glob("*.json")}
    others: set[str] = set()
    for path in (full_site.folder / "data" / "v1" / "unpriced").glob("*.json"):
        found = json.loads(path.read_bytes())
        assert {code[:3] for code in found} == {path.stem}
        others |= found.keys()
    assert not own & others
    for name in PLACES:
        assert facts.by_code(next(folder_of(name).glob("PPRRVU*.csv"))).keys() <= own | others, name
    for code in sorted(own)[::400] + sorted(others)[::400]:
        assert ("data-past=" in (full_site.folder / "codes" / code / "index.html").read_text("utf-8")) == (code in own), code


@pytest.mark.parametrize("name", PLACES)
def test_older_rows_are_those_of_the_release(full_site: Site, name: str) -> None:
    """What a page or the claim desk loads of an older release are the cells of CMS's file, for every tenth code and those of every kind, an amount or none."""
    theirs = facts.by_code(next(folder_of(name).glob("PPRRVU*.csv")))
    codes = {*sorted(theirs)[::10], "99213", "97761", "27447", "70496", "45385", "93000", "01402", "86153", "99201"} & theirs.keys()
    seen = 0
    for code in sorted(codes):
        path = full_site.folder / "data" / "v1" / "history" / f"{code}.json"
        carried = json.loads(path.read_bytes()) if path.is_file() else unpriced(full_site, code)
        packed = carried[name.upper()][code]
        found = {modifier: dict(zip(FIELDS, values, strict=True)) for modifier, values in packed.items()}
        assert found.keys() == theirs[code].keys(), code
        for modifier, row in theirs[code].items():
            expected = {"status": row.status, "work": row.work, "pe_nonfacility": row.pe[OFFICE], "pe_facility": row.pe[FACILITY], "mp": row.mp, "pre": row.pre, "intra": row.intra, "post": row.post, "opps_mp": row.opps_mp}
            assert {key: found[modifier][key] for key in expected} == {key: value if isinstance(value, str) else int(100 * value) for key, value in expected.items()}, (code, modifier)
            words = {"pctc": row.pctc, "glob": row.glob, "mult": row.mult, "bilat": row.bilat, "asst": row.asst, "cosurg": row.cosurg, "team": row.team, "endo_base": row.endo_base, "not_used": "+" if row.plus else ""}
            assert {key: found[modifier][key] for key in words} == words, (code, modifier)
        seen += 1
    assert seen > 500


def test_what_is_fetched_for_a_day_is_small(full_site: Site, listed: dict[str, Any]) -> None:
    """The older rows of a code take less than 16 kB, of half of the codes less than 1.5 kB, and the list of releases less than 2 kB packed."""
    sizes = sorted(path.stat().st_size for path in (full_site.folder / "data" / "v1" / "history").iterdir())
    assert len(sizes) > 8_000
    assert sizes[-1] < 16_000
    assert sizes[len(sizes) // 2] < 1_500
    assert len(gzip.compress(json.dumps(listed).encode())) < 2_000


# -- a browser's way to an amount ----------------------------------------------------------------------------------------


def asked(site: Path, code: str, day: str, **claim: Any) -> dict[str, Any]:
    """Return what the scripts answer for one unit of a code on a day, reading the site's own files."""
    whole = {"pos": "11", "locality": "00000/00", "lines": [{"code": code, "modifiers": "", "units": "1"}]} | claim
    question = json.dumps({"site": str(site), "code": code, "day": day, "claim": whole})
    done = subprocess.run([node(), str(ROOT / "tests" / "js" / "day-of-service.mjs")], input=question, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stderr
    data: dict[str, Any] = json.loads(done.stdout)
    return data


def cents(rvus: str, factor: str) -> str:
    """Return RVUs times the conversion factor, rounded half up."""
    return str((Decimal(rvus) * Decimal(factor)).quantize(Decimal("0.01"), ROUND_HALF_UP))


@pytest.mark.parametrize(
    ("day", "release", "rvus", "factor"),
    [
        # Work, office practice expense and malpractice of CMS's file, and its column CONV FACTOR.
        ("2020-10-15", "RVU20D", "2.11", "36.0896"),  # 0.97 + 1.06 + 0.08
        ("2021-12-31", "RVU21D", "2.65", "34.8931"),  # 1.30 + 1.25 + 0.10
        ("2022-10-01", "RVU22D", "2.66", "34.6062"),  # 1.30 + 1.26 + 0.10
        ("2023-11-11", "RVU23D", "2.68", "33.8872"),  # 1.30 + 1.28 + 0.10
        ("2024-02-29", "RVU24A", "2.73", "32.7442"),  # 1.30 + 1.33 + 0.10
        ("2024-03-10", "RVU24A", "2.73", "33.2875"),  # the law changed the factor, not the RVUs
        ("2024-08-01", "RVU24C", "2.73", "33.2875"),
        ("2025-11-01", "RVU25D", "2.75", "32.3465"),  # 1.30 + 1.35 + 0.10
    ],
)
def test_seven_years_of_a_visit(full_site: Site, day: str, release: str, rvus: str, factor: str) -> None:
    """99213 in the office on days of seven years is CMS's RVUs of the release in force times the factor of the day."""
    said = asked(full_site.folder, "99213", day)
    assert said["release"] == release
    assert [one["allowed"] for one in said["answers"]] == [cents(rvus, factor)]


def test_today_has_both_factors_and_a_missing_day_none(full_site: Site, listed: dict[str, Any]) -> None:
    """In 2026 there are two amounts; where no release is loaded there is none, but the days that can be answered."""
    assert [one["allowed"] for one in asked(full_site.folder, "99213", "2026-07-15")["answers"]] == [cents("2.85", "33.4009"), cents("2.85", "33.5675")]
    assert asked(full_site.folder, "99213", "2026-05-15")["missing"] == "RVU26BR"
    for day in ("2019-12-31", "2021-05-01", "2025-02-01", "2027-01-01"):
        assert asked(full_site.folder, "99213", day) == {"days": listed["days"]}


def test_a_code_that_the_release_did_not_have(full_site: Site) -> None:
    """A code newer than the day is refused as not in that release; one that is gone is priced for a day on which it was there."""
    new = next(code for code in sorted(facts.by_code()) if code not in facts.codes_of_release("rvu25d") and facts.main_row(facts.by_code()[code]).priced)
    (said,) = asked(full_site.folder, new, "2025-11-01")["answers"]
    assert (said["result"], said["allowed"]) == ("UNKNOWN_CODE", None)
    # 99201: 0.48 + 0.76 + 0.05 in CMS's file of October 2020.
    assert [one["allowed"] for one in asked(full_site.folder, "99201", "2020-12-01")["answers"]] == [cents("1.29", "36.0896")]
    assert {one["result"] for one in asked(full_site.folder, "99201", "2026-08-01")["answers"]} == {"UNKNOWN_CODE"}


@pytest.fixture(scope="module")
def two_of_2025(needs_shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a site of two releases of 2025, cut to two codes: October's as CMS published it, and January's, in which 0446T had half the practice expense."""
    desk = Desk(tmp_path_factory.mktemp("2025"))
    lines = (CMS / "rvu25d" / "PPRRVU2025_Oct.csv").read_text(encoding="latin-1").splitlines(keepends=True)
    kept = [line for at, line in enumerate(lines) if at < 10 or line.startswith(("0446T,", "99213,"))]
    # Payment specification, section 1: 90.47 in PPRRVU25_JAN, 179.53 in October.
    january = [line.replace("October", "January").replace("OCTOBER", "JANUARY").replace("179.53", "90.47").replace("180.75", "91.69") for line in kept]
    assert sum("90.47" in line for line in january) == 1
    gpci = {"GPCI2025.csv": (CMS / "rvu25d" / "GPCI2025.csv").read_bytes()}
    desk.run(desk.put({"PPRRVU2025_Oct.csv": "".join(kept).encode("latin-1")} | gpci, "rvu25d"))
    desk.run(desk.put({"PPRRVU2025_Jan.csv": "".join(january).encode("latin-1")} | gpci, "rvu25a"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SOURCE_DATE_EPOCH", "1762000000")
        patch.setattr("medpayiq.loading.is_newest", lambda *_: False)
        building.build(building.Options("rvu25d", desk.root / "site", search=False, snapshots=desk.snapshots))
    return desk.root / "site"


@pytest.mark.parametrize(("day", "release", "amount"), [("2025-02-01", "RVU25A", "2965.85"), ("2025-11-01", "RVU25D", "5846.63")])
def test_a_code_whose_practice_expense_doubled_within_the_year(two_of_2025: Path, day: str, release: str, amount: str) -> None:
    """0446T: (1.14 + 90.47 + 0.08) x 32.3465 = 2965.8506 on February 1, 2025; (1.14 + 179.53 + 0.08) x 32.3465 = 5846.6299 on November 1."""
    said = asked(two_of_2025, "0446T", day)
    assert (said["release"], [one["allowed"] for one in said["answers"]]) == (release, [amount])
    assert {one["allowed"] for one in asked(two_of_2025, "99213", day)["answers"]} == {cents("2.75", "32.3465")}


def test_the_change_within_the_year_is_on_the_page(two_of_2025: Path) -> None:
    """Its page says by how much the amount rose, that the practice expense did it, and which days are between."""
    html = (two_of_2025 / "codes" / "0446T" / "index.html").read_text(encoding="utf-8")
    # 89.06 x 32.3465 = 2880.7793.
    assert "RVU25A to RVU25D: Up $2,880.78 to $5,846.63 in the office. Practice expense 90.47 to 179.53 adds $2,880.78." in html
    assert asked(two_of_2025, "0446T", "2025-07-01") == {"days": "January to March 2025, October to December 2025"}
