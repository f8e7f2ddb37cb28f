"""A code's years on its page: table, words and picture against CMS's files of eight years, computed with fractions and nothing of the package.

A page shows one row of a code, the whole service or else the reading (26), as at its head. Days come from CMS's names of its
releases; conversion factors from the column CONV FACTOR of each file, that of RVU24C for March 9 to 31, 2024 (changed by law).
"""

from __future__ import annotations

import csv
import datetime
import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from itertools import pairwise
from pathlib import Path

import cms_files as mini
import facts
import pytest
from built import IN_PERIOD, Site
from facts import FACILITY, OFFICE, Row, money
from importing import Desk
from machine import CMS
from page import Page

from medpayiq import building

OLD = CMS / "history"
NONE = "not paid"
_MONTHS = ("January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December")
VERDICTS = {
    "C": "Priced by your MAC", "B": "Bundled", "P": "Bundled or excluded", "N": "Not covered", "E": "Not on this fee schedule", "X": "Not a physician service",
    "I": "Not valid for Medicare", "M": "Reporting only", "J": "Paid by time", "R": "No national amount",
}
"""What is said in the table where there is no amount, by CMS's status."""


@dataclass(frozen=True)
class Stretch:
    """Days on which one release answers at one conversion factor."""

    first: str
    last: str
    release: str
    folder: Path

    @property
    def name(self) -> str:
        """What the tests call it."""
        return f"{self.release} {self.first}"


STRETCHES = (
    Stretch("2020-10-01", "2020-12-31", "RVU20D", OLD / "rvu20d"),
    Stretch("2021-10-01", "2021-12-31", "RVU21D", OLD / "rvu21d"),
    Stretch("2022-10-01", "2022-12-31", "RVU22D", OLD / "rvu22d"),
    Stretch("2023-10-01", "2023-12-31", "RVU23D", OLD / "rvu23d"),
    Stretch("2024-01-01", "2024-03-08", "RVU24A", OLD / "rvu24a"),
    Stretch("2024-03-09", "2024-03-31", "RVU24A", OLD / "rvu24a"),
    Stretch("2024-07-01", "2024-09-30", "RVU24C", OLD / "rvu24c"),
    Stretch("2025-10-01", "2025-12-31", "RVU25D", CMS / "rvu25d"),
    Stretch("2026-04-01", "2026-06-30", "RVU26B", CMS / "rvu26b"),
    Stretch("2026-07-01", "2026-09-30", "RVU26C", CMS / "rvu26c"),
)


@dataclass(frozen=True)
class Told:
    """What a release says of a code: status, and the row whose amounts a page shows, at a conversion factor."""

    status: str
    """Blank where the release does not have the code."""
    row: Row | None
    factor: Fraction
    office: int | None
    facility: int | None

    @property
    def reading(self) -> bool:
        """Whether the reading alone has an amount."""
        return self.row is not None and self.row.modifier == "26"

    @property
    def capped(self) -> bool:
        """Whether the imaging cap decides an amount."""
        if self.row is None:
            return False
        caps = [(self.row.cap(self.factor, setting), self.row.fee(self.factor, setting), cents) for setting, cents in ((OFFICE, self.office), (FACILITY, self.facility))]
        return any(cap is not None and cents is not None and cap < fee for cap, fee, cents in caps)

    def amount(self, setting: str) -> int | None:
        """Return cents in a setting."""
        return self.office if setting == OFFICE else self.facility

    def cells(self) -> tuple[str, ...]:
        """Return the figures of the table."""
        if self.row is None:
            return ("Not in the file",) if not self.status else (f"{VERDICTS[self.status]} (status {self.status})",)
        units = (self.row.work, self.row.pe[OFFICE], self.row.pe[FACILITY], self.row.mp)
        return (*(f"{float(one):.2f}" for one in units), f"{float(self.factor):.4f}", *(NONE if one is None else money(one) for one in (self.office, self.facility)))


@cache
def table_of(folder: Path, tmp: Path) -> dict[str, dict[str, Row]]:
    """Return code to rows of a release; RVU26B, which is here as text of fixed width, by the positions of CMS's record layout."""
    found = sorted(one for one in folder.glob("PPRRVU*.csv") if "_QPP" not in one.name)
    if found:
        return facts.by_code(found[0])
    lines = next(folder.glob("PPRRVU*.txt")).read_text(encoding="latin-1").splitlines()
    rows = [[line[start - 1 : start - 1 + width].strip() for start, width in (mini.TEXT_FORM.get(name, (1, 0)) for name in mini.COLUMNS_2026)] for line in lines]
    path = tmp / f"{folder.name}.csv"
    with path.open("w", encoding="latin-1", newline="") as file:
        csv.writer(file).writerows(row for row in rows if re.fullmatch(r"[0-9A-Z]{5}", row[0]) and row[5])
    return facts.by_code(path)


@cache
def factor_of(folder: Path) -> Fraction:
    """Return the only conversion factor of a release's file."""
    found = sorted(one for one in folder.glob("PPRRVU*.csv") if "_QPP" not in one.name)
    if not found:
        # Payment specification, section 1.6.
        return facts.NON_QP
    with found[0].open(encoding="latin-1", newline="") as file:
        factors = {row[24 if len(row) == 31 else 25].strip() for row in csv.reader(file) if re.fullmatch(r"[0-9A-Z]{5}", row[0]) and row[0] != "HCPCS"}
    assert len(factors) == 1, factors
    return Fraction(factors.pop())


def told(rows: dict[str, Row] | None, factor: Fraction) -> Told:
    """Return what a release says of a code."""
    if rows is None:
        return Told("", None, factor, None, None)
    row, status = facts.shown_row(rows), facts.main_row(rows).status
    if row is None:
        return Told(status, None, factor, None, None)
    (_, office), (_, facility) = (row.outcome(factor, setting) for setting in (OFFICE, FACILITY))
    return Told(status, row if office is not None or facility is not None else None, factor, office, facility)


Years = dict[str, tuple[Told, ...]]


@pytest.fixture(scope="module")
def years(needs_shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Years:
    """Return every code that a release has to what each stretch says of it."""
    tmp = tmp_path_factory.mktemp("txt")
    factors = [factor_of((OLD / "rvu24c") if one.first == "2024-03-09" else one.folder) for one in STRETCHES]
    tables = [table_of(one.folder, tmp) for one in STRETCHES]
    assert all(len(table) > 15_000 for table in tables)
    return {code: tuple(told(table.get(code), factor) for table, factor in zip(tables, factors, strict=True)) for code in sorted(set().union(*tables))}


@pytest.fixture(scope="module")
def pages(full_site: Site) -> dict[str, Page]:
    """Return the page of every code, gone ones included."""
    return full_site.code_pages


def days(words: str) -> tuple[str, str]:
    """Read first and last day of ``October to December 2020``, ``January 1 to March 8, 2024``, ``October 2023 to March 2024``."""

    def day(month: str, number: str | None, year: str, *, last: bool) -> str:
        at = _MONTHS.index(month) + 1
        if number:
            return datetime.date(int(year), at, int(number)).isoformat()
        if not last:
            return datetime.date(int(year), at, 1).isoformat()
        following = datetime.date(int(year) + at // 12, at % 12 + 1, 1)
        return (following - datetime.timedelta(days=1)).isoformat()

    match = re.fullmatch(r"(?:(\w+)(?: (\d{1,2}))?(?:,? (\d{4}))? to )?(\w+)(?: (\d{1,2}))?,? (\d{4})", words)
    assert match, words
    month, number, year, end_month, end_number, end_year = match.groups()
    return day(month or end_month, number or (end_number if not month else None), year or end_year, last=False), day(end_month, end_number, end_year, last=True)


def of_rows(page: Page) -> Iterator[tuple[tuple[str, str], list[str], tuple[str, ...]]]:
    """Yield first and last day, releases and figures of each row of the table."""
    for when, releases, *cells in page.history:
        yield days(when), releases.split(", "), tuple(cells)


def priced(said: tuple[Told, ...]) -> bool:
    """Say whether some release has an amount."""
    return any(one.row is not None for one in said)


def at_stays(said: tuple[Told, ...]) -> list[tuple[list[Stretch], Told]]:
    """Return the stretches put together where they follow each other without a break and say the same."""
    made: list[tuple[list[Stretch], Told]] = []
    for stretch, one in zip(STRETCHES, said, strict=True):
        if made:
            last, before = made[-1]
            touch = datetime.date.fromisoformat(last[-1].last) + datetime.timedelta(days=1) == datetime.date.fromisoformat(stretch.first)
            if touch and before.cells() == one.cells() and before.status == one.status and before.reading == one.reading and before.capped == one.capped:
                last.append(stretch)
                continue
        made.append(([stretch], one))
    return made


# -- the table -----------------------------------------------------------------------------------------------------------


def test_every_code_that_a_release_has_says_how_it_stood(pages: dict[str, Page], years: Years) -> None:
    """Every code of any release has a page with a history; where no release has an amount it says so and shows no table."""
    missing = sorted(years.keys() - pages.keys())
    assert missing == []
    wrong = [code for code, said in years.items() if "history" not in pages[code].ids or bool(pages[code].history) != priced(said)]
    assert wrong == []


def test_figures_of_every_code_in_every_release(pages: dict[str, Page], years: Years) -> None:
    """Each stretch of days stands in one row of the table, under its release, with the RVUs, the factor and the amounts of CMS's file."""
    wrong = []
    for code, said in years.items():
        rows = list(of_rows(pages[code]))
        if not rows:
            continue
        for stretch, one in zip(STRETCHES, said, strict=True):
            found = [cells for (first, last), releases, cells in rows if first <= stretch.first and stretch.last <= last and stretch.release in releases]
            if found != [one.cells()]:
                wrong.append((code, stretch.name, found, one.cells()))
    assert wrong[:5] == [], len(wrong)


def test_no_row_holds_days_that_no_release_does(pages: dict[str, Page], years: Years) -> None:
    """Newest first, the rows are exactly the stretches, put together where nothing changed between days that follow each other."""
    wrong = []
    for code, said in years.items():
        rows = [(when, releases) for when, releases, _ in of_rows(pages[code])]
        expected = [((stays[0].first, stays[-1].last), list(dict.fromkeys(one.release for one in stays))) for stays, _ in reversed(at_stays(said))]
        if rows and rows != expected:
            wrong.append((code, rows, expected))
    assert wrong[:5] == [], len(wrong)


def test_seven_years_of_99213(pages: dict[str, Page]) -> None:
    """Work RVU 0.97 in 2020 and 1.30 from 2021; amounts worked out by hand."""
    rows = [(when[0], cells) for when, _, cells in of_rows(pages["99213"])]
    # 2.11 x 36.0896 = 76.1491; 2.65 x 34.8931 = 92.4667; 2.66 x 34.6062 = 92.0525; 2.68 x 33.8872 = 90.8177; 2.73 x 32.7442 = 89.3917;
    # 2.73 x 33.2875 = 90.8749; 2.75 x 32.3465 = 88.9529; 2.85 x 33.4009 = 95.1926.
    assert [(first[:7], cells[0], cells[5]) for first, cells in rows] == [
        ("2026-04", "1.30", "$95.19"),
        ("2025-10", "1.30", "$88.95"),
        ("2024-07", "1.30", "$90.87"),
        ("2024-03", "1.30", "$90.87"),
        ("2024-01", "1.30", "$89.39"),
        ("2023-10", "1.30", "$90.82"),
        ("2022-10", "1.30", "$92.05"),
        ("2021-10", "1.30", "$92.47"),
        ("2020-10", "0.97", "$76.15"),
    ]


# -- the words -----------------------------------------------------------------------------------------------------------

_STEP = re.compile(r"(?:(?P<old>RVU\w+) to (?!(?P=old)))?(?P<new>RVU\w+)(?(old)|, from March 9, 2024): (?P<words>.+)")
"""A change is named by its two releases, or by the day on which a law changed the factor within one; never as a release to itself."""
_JUMP = re.compile(r"\b(up|down) \$([\d,]+\.\d\d) to (\$[\d,]+\.\d\d) in (the office|a facility)\.", re.IGNORECASE)
_PART = re.compile(r"(work RVU|practice expense|malpractice|conversion factor) \$?([\d,.]+\d) to \$?([\d,.]+\d) (adds|takes off) \$([\d,]+\.\d\d)", re.IGNORECASE)


def cents(text: str) -> int:
    """Read ``1,234.50``."""
    return int(text.replace(",", "").replace(".", ""))


def steps_of(said: tuple[Told, ...]) -> Iterator[tuple[str, str, Told, Told]]:
    """Yield each stay with the next one, by the names of the last and the first of their releases, newest first."""
    stays = at_stays(said)
    for (before, old), (after, new) in reversed([*pairwise(stays)]):
        yield before[-1].release, after[0].release, old, new


def words_between(page: Page, old: str, new: str) -> list[str]:
    """Return what a page says of the step from one release to another."""
    made = [match for match in map(_STEP.fullmatch, page.changes) if match]
    assert len(made) == len(page.changes), page.changes
    return [one["words"] for one in made if (one["old"] or one["new"], one["new"]) == (old, new)]


def setting_of(old: Told, new: Told) -> str | None:
    """Return the setting in which both have an amount, the office first."""
    return next((one for one in (OFFICE, FACILITY) if old.amount(one) is not None and new.amount(one) is not None), None)


def parts_of(old: Told, new: Told, setting: str) -> list[tuple[str, Fraction, Fraction, Fraction]]:
    """Return what moved, from what to what, and what it adds in cents: RVUs at the old factor, the factor on the new RVUs."""
    assert old.row is not None
    assert new.row is not None
    pairs = (("work rvu", old.row.work, new.row.work), ("practice expense", old.row.pe[setting], new.row.pe[setting]), ("malpractice", old.row.mp, new.row.mp))
    made = [(name, one, other, (other - one) * old.factor * 100) for name, one, other in pairs if one != other]
    if old.factor != new.factor:
        made.append(("conversion factor", old.factor, new.factor, (new.row.work + new.row.pe[setting] + new.row.mp) * (new.factor - old.factor) * 100))
    return made


def both_priced(old: Told, new: Told) -> bool:
    """Say whether both have an amount for the same part of the service."""
    return old.row is not None and new.row is not None and old.reading == new.reading and setting_of(old, new) is not None


def test_a_jump_is_named_in_dollars(pages: dict[str, Page], years: Years) -> None:
    """Wherever the amount changed between two stays, its page says by how much, to what and where, as CMS's files have it."""
    wrong, seen = [], 0
    for code, said in years.items():
        for before, after, old, new in steps_of(said):
            setting = setting_of(old, new)
            if not both_priced(old, new) or setting is None or old.amount(setting) == new.amount(setting):
                continue
            start, end = old.amount(setting), new.amount(setting)
            assert start is not None
            assert end is not None
            place = "the office" if setting == OFFICE else "a facility"
            expected = ("up" if end > start else "down", abs(end - start), money(end), place)
            found = [(one[0].lower(), cents(one[1]), one[2], one[3]) for words in words_between(pages[code], before, after) for one in _JUMP.findall(words)]
            seen += 1
            if expected not in found:
                wrong.append((code, before, after, expected, found))
    assert wrong[:5] == [], len(wrong)
    assert seen > 50_000


def test_the_dollars_of_the_parts_add_up_to_the_jump(pages: dict[str, Page], years: Years) -> None:
    """Each part is named with both its values and its dollars to the cent; together they make the jump, within a cent a part. A capped amount has none."""
    wrong, seen = [], 0
    for code, said in years.items():
        for before, after, old, new in steps_of(said):
            setting = setting_of(old, new)
            if not both_priced(old, new) or setting is None:
                continue
            if old.office == new.office and None not in {old.facility, new.facility} and old.facility != new.facility:
                setting = FACILITY  # what moved is what is taken apart
            start, end = old.amount(setting), new.amount(setting)
            assert start is not None
            assert end is not None
            expected = [] if old.capped or new.capped else [(name, one, other, "adds" if moved > 0 else "takes off", facts.half_up(abs(moved))) for name, one, other, moved in parts_of(old, new, setting)]
            lines = words_between(pages[code], before, after)
            found = [[(one[0].lower(), Fraction(one[1].replace(",", "")), Fraction(one[2].replace(",", "")), one[3], cents(one[4])) for one in _PART.findall(words)] for words in lines]
            if expected not in found and (expected or start != end):
                wrong.append((code, before, after, expected, lines))
                continue
            total = sum(one[4] if one[3] == "adds" else -one[4] for one in expected)
            if expected and abs(total - (end - start)) > len(expected):
                wrong.append((code, before, after, total, end - start))
            seen += 1
    assert wrong[:5] == [], len(wrong)
    assert seen > 50_000


def test_a_change_in_the_facility_alone_is_not_passed_over(pages: dict[str, Page], years: Years) -> None:
    """Where the office's amount stays and the facility's does not, the page does not stop at saying that the amount stays."""
    wrong = []
    for code, said in years.items():
        for before, after, old, new in steps_of(said):
            if not both_priced(old, new) or old.office is None or old.office != new.office or old.facility is None or new.facility is None or old.facility == new.facility:
                continue
            words = " ".join(words_between(pages[code], before, after))
            if "facility" not in words or money(new.facility) not in words:
                wrong.append((code, before, after, old.facility, new.facility, words))
    assert wrong[:5] == [], len(wrong)


def test_codes_that_came_and_went(pages: dict[str, Page], years: Years) -> None:
    """A page says so once where a code came or went, and nothing where it is in neither of two releases."""
    wrong = []
    for code, said in years.items():
        came = [(before, after) for before, after, old, new in steps_of(said) if not old.status and new.status]
        went = [(before, after) for before, after, old, new in steps_of(said) if old.status and not new.status]
        lines = [match for match in map(_STEP.fullmatch, pages[code].changes) if match]
        says_came = [(one["old"], one["new"]) for one in lines if one["words"].startswith("New in the file.")]
        says_went = [(one["old"], one["new"]) for one in lines if one["words"].startswith("No longer in the file.")]
        if (says_came, says_went) != (came, went):
            wrong.append((code, says_came, came, says_went, went))
    assert wrong[:5] == [], len(wrong)


def test_a_change_of_status_is_named_where_releases_differ(pages: dict[str, Page], years: Years) -> None:
    """A page names the old and the new status exactly where two releases differ in it."""
    wrong = []
    for code, said in years.items():
        expected = [(before, after, old.status, new.status) for before, after, old, new in steps_of(said) if old.status and new.status and old.status != new.status]
        lines = [(match["old"], match["new"], re.findall(r"\bstatus ([A-Z]) to ([A-Z])\b", match["words"], re.IGNORECASE)) for match in map(_STEP.fullmatch, pages[code].changes) if match]
        found = [(old, new, *pair) for old, new, pairs in lines for pair in pairs]
        if found != expected:
            wrong.append((code, found, expected))
    assert wrong[:5] == [], len(wrong)


def test_0446t_had_no_national_amount_until_2021(pages: dict[str, Page]) -> None:
    """Priced by the MAC in 2020 (status C), paid from 2021 (A): (1.14 + 53.70 + 0.09) × 34.8931 = 1916.6780; 180.75 × 32.3465 = 5846.6299 in 2025."""
    page = pages["0446T"]
    rows = list(of_rows(page))
    assert rows[-1] == (("2020-10-01", "2020-12-31"), ["RVU20D"], ("Priced by your MAC (status C)",))
    assert rows[-2][2] == ("1.14", "53.70", "0.44", "0.09", "34.8931", "$1,916.68", "$58.27")
    assert next(cells for when, _, cells in rows if when[0] == "2025-10-01")[5] == "$5,846.63"
    assert page.changes[-1] == "RVU20D to RVU21D: Status C to A, paid. $1,916.68 in the office."


def test_the_first_sentence_is_true(full_site: Site, pages: dict[str, Page], years: Years) -> None:
    """Where it says from which amount to which, and by how many percent, those are the first and the last amounts, for the same part of the service."""
    wrong, seen = [], 0
    form = re.compile(r"From (\$[\d,.]+\d) in (the office|a facility) \(([^)]+)\) to (\$[\d,.]+\d) \(([^)]+)\): (?:(up|down) ([\d,.]+)%, )?national, non-QP\.")
    for code in sorted(years):
        said = years[code]
        if not priced(said) or (not code.startswith(("7", "99", "0", "G")) and code[-1] not in "03"):
            continue
        html = full_site.html(code)
        lead = re.sub(r"\s+", " ", html.partition('<section id="history">')[2].partition("<p>")[2].partition("</p>")[0])
        match = form.fullmatch(lead)
        if not match:
            assert lead.startswith("National amounts from "), (code, lead)
            continue
        seen += 1
        stays = [(stretches, one) for stretches, one in at_stays(said) if one.row is not None]
        (first, old), (last, new) = stays[0], stays[-1]
        setting = OFFICE if match[2] == "the office" else FACILITY
        start, end = old.amount(setting), new.amount(setting)
        assert start is not None
        assert end is not None
        change = facts.half_up(Fraction(1000 * abs(end - start), start))
        expected = (money(start), (first[0].first, first[-1].last), money(end), (last[0].first, last[-1].last), ("up" if end > start else "down", f"{change // 10}.{change % 10}") if start != end else (None, None))
        found = (match[1], days(match[3]), match[4], days(match[5]), (match[6], match[7].replace(",", "") if match[7] else None))
        if found != expected or old.reading != new.reading:
            wrong.append((code, lead, expected, (old.reading, new.reading)))
    assert wrong[:5] == [], len(wrong)
    assert seen > 3_000


# -- the picture ---------------------------------------------------------------------------------------------------------

_POINT = re.compile(r"([ML])(-?[\d.]+) (-?[\d.]+)")


def lines_of(svg: str, kind: str) -> list[list[tuple[str, float, float]]]:
    """Return the paths of a class as steps with places."""
    made = []
    for path in re.findall(rf'<path class="{kind}" d="([^"]+)"/>', svg):
        assert re.sub(_POINT, "", path) == "", path
        made.append([(step, float(x), float(y)) for step, x, y in _POINT.findall(path)])
    return made


def pictures(site: Site, codes: list[str]) -> Iterator[tuple[str, str]]:
    """Yield the SVG of each code that has one."""
    for code in codes:
        _, found, rest = site.html(code).partition('<figure class="years">')
        if found:
            yield code, rest.partition("</svg>")[0]


def some(years: Years) -> list[str]:
    """Return two thousand codes with amounts in several stretches: every fourth one."""
    return [code for code, said in sorted(years.items()) if sum(one.row is not None for _, one in at_stays(said)) > 1][::4]


def test_a_code_with_amounts_in_two_stretches_or_more_has_a_picture(full_site: Site, years: Years) -> None:
    """And no other code has one."""
    for code in [*some(years), "99213", "0446T"]:
        assert '<figure class="years">' in full_site.html(code), code
    single = [code for code, said in sorted(years.items()) if sum(one.row is not None for _, one in at_stays(said)) < 2]
    assert [code for code in single[::15] if '<figure class="years">' in full_site.html(code)] == []


def test_all_of_a_picture_is_inside_its_frame(full_site: Site, years: Years) -> None:
    """Every place is a number within the viewBox; figures and years do not run over its sides at half a size of type a letter."""
    for code, svg in pictures(full_site, some(years)):
        box = re.search(r'viewBox="0 0 (\d+) (\d+)"', svg)
        assert box, code
        width, height = float(box[1]), float(box[2])
        assert not re.search(r"nan|inf|none", re.sub(r"<text[^>]*>[^<]*", "", svg).replace('role="img"', ""), re.IGNORECASE), code
        for kind in ("first", "second", "between"):
            for line in lines_of(svg, kind):
                assert all(0 <= x <= width and 0 <= y <= height for _, x, y in line), (code, kind)
        for css, x, y, text in re.findall(r'<text class="([^"]+)" x="([^"]+)" y="([^"]+)">([^<]*)</text>', svg):
            run = 5.0 * len(text)
            start = float(x) - (run if "end" in css else run / 2 if "mid" in css else 0)
            assert 0 <= float(x) <= width, (code, text)
            assert 8 <= float(y) <= height, (code, text)
            assert start >= -2, (code, css, x, text)
            assert start + run <= width + 2, (code, css, x, text)


def test_a_line_has_as_many_known_stretches_as_the_code_had_states(full_site: Site, years: Years) -> None:
    """Each state with an amount is drawn once, level, from its first day to its last; days between are drawn apart and never over a state without one."""
    seen = 0
    for code, svg in pictures(full_site, some(years)):
        stays = at_stays(years[code])
        values = {setting: [one.amount(setting) for _, one in stays] for setting in (OFFICE, FACILITY)}
        drawn = [one for one in values.values() if any(value is not None for value in one)]
        if len(drawn) == 2 and drawn[0] == drawn[1]:
            drawn = drawn[:1]
        first_day, last_day = (datetime.date.fromisoformat(day).toordinal() for day in (STRETCHES[0].first, STRETCHES[-1].last))
        panel = svg.partition("Total RVUs")[0].rpartition('<text class="name"')[0] or svg.partition("Total RVUs")[0]
        found = [lines_of(panel, kind) for kind in ("first", "second")[: len(drawn)]]
        for paths, expected in zip(found, drawn, strict=True):
            assert len(paths) == 1, code
            points = [(x, y) for _, x, y in paths[0]]
            assert len(points) == 2 * sum(value is not None for value in expected), (code, points, expected)
            at = iter(points)
            heights = []
            for (stretches, _), value in zip(stays, expected, strict=True):
                if value is None:
                    continue
                (start, y), (end, other) = next(at), next(at)
                assert y == other, code
                heights.append((value, y))
                begins, ends = (datetime.date.fromisoformat(day).toordinal() for day in (stretches[0].first, stretches[-1].last))
                for x, day in ((start, begins), (end, ends + 1)):
                    # The picture is linear in days between its two sides, 4 and 316.
                    assert abs(x - (4 + 312 * (day - first_day) / (last_day + 1 - first_day))) < 0.11, (code, x, day)
            for (value, y), (higher, other) in pairwise(sorted(heights)):
                assert other <= y, (code, value, higher)
            assert len({round(y, 1) for _, y in heights}) > 1 or len({value for value, _ in heights}) == 1 or max(heights)[0] - min(heights)[0] < 0.02 * max(heights)[0], code
            seen += 1
    assert seen > 2_000


def test_higher_amounts_lie_higher_in_both_lines(full_site: Site, years: Years) -> None:
    """Office and facility share a scale: of all amounts of a code the higher one never lies lower."""
    for code, svg in pictures(full_site, some(years)):
        stays = at_stays(years[code])
        panel = svg.partition("Total RVUs")[0]
        heights = []
        for kind, setting in (("first", OFFICE), ("second", FACILITY)):
            values = [value for _, one in stays if (value := one.amount(setting)) is not None]
            for line in lines_of(panel, kind)[:1]:
                if 2 * len(values) == len(line):
                    heights += list(zip(values, [y for _, _, y in line[::2]], strict=True))
        for (value, y), (higher, other) in pairwise(sorted(heights, key=lambda one: (one[0], -one[1]))):
            assert other <= y, (code, value, higher)


def test_figures_in_a_picture_are_amounts_and_rvus_of_the_code(full_site: Site, years: Years) -> None:
    """What is written beside the lines stands in CMS's files: an amount, or a sum of RVUs, of one of the code's releases."""
    for code, svg in pictures(full_site, some(years)):
        said = [one for one in years[code] if one.row is not None]
        known = {money(value) for one in said for value in (one.office, one.facility) if value is not None}
        known |= {f"{float(one.row.work + one.row.pe[setting] + one.row.mp):,.2f}" for one in said if one.row for setting in (OFFICE, FACILITY)}
        marks = [text for css, text in re.findall(r'<text class="([^"]+)" [^>]*>([^<]*)</text>', svg) if "name" not in css and "year" not in css]
        assert marks, code
        assert {text.replace(",", "") for text in marks} <= {text.replace(",", "") for text in known}, code


# -- one release ---------------------------------------------------------------------------------------------------------


def test_a_site_of_one_release_has_no_history(desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With nothing to compare, a page has no such section, and no calculator is sent for older rows."""
    monkeypatch.setenv("SOURCE_DATE_EPOCH", IN_PERIOD)
    monkeypatch.setattr("medpayiq.loading.is_newest", lambda *_: False)  # a dozen codes: no note of ours is checked against them
    desk.run(desk.put(mini.core()))
    building.build(building.Options("rvu26c", tmp_path / "site", search=False, snapshots=desk.snapshots))
    site = tmp_path / "site"
    for code in ("97761", "J1100"):
        html = (site / "codes" / code / "index.html").read_text(encoding="utf-8")
        assert 'id="history"' not in html
        assert "data-past" not in html
    assert not (site / "data" / "v1" / "history").exists()


def test_the_examples_of_days_are_read(years: Years) -> None:
    """The reader of days in words reads what a page says; every status without an amount has its words here."""
    assert days("October to December 2020") == ("2020-10-01", "2020-12-31")
    assert days("January 1 to March 8, 2024") == ("2024-01-01", "2024-03-08")
    assert days("October 2023 to March 2024") == ("2023-10-01", "2024-03-31")
    without = defaultdict(set)
    for code, said in years.items():
        for one in said:
            if one.row is None and one.status and priced(said):
                without[one.status].add(code)
    assert without.keys() <= VERDICTS.keys()


SHOWN_APART = ("99213", "97761")


def test_how_a_change_is_taken_apart_is_said_where_one_is(pages: dict[str, Page], full_site: Site) -> None:
    """How RVUs and factor share a change is explained on a page that has such dollars, and not on one of a code that never had an amount (D0120)."""
    for code in (*SHOWN_APART, "D0120", "97010"):
        apart = any(" adds $" in one or " takes off $" in one for one in pages[code].changes)
        assert ("Changed RVUs are counted at the conversion factor before" in full_site.html(code)) == apart == (code in SHOWN_APART), code
