"""Which release answers for a day of service: no day twice, the rule of precedence, and days that no release at hand holds."""

from __future__ import annotations

import datetime
from dataclasses import replace
from itertools import pairwise

import cms_files as mini
import pytest
from hypothesis import given
from hypothesis import strategies as st
from importing import Desk
from machine import ROOT

from medpayiq.cms import manifest
from medpayiq.cms.manifest import Manifest
from medpayiq.cms.snapshot import Snapshot
from medpayiq.findings import Findings
from medpayiq.past import Past
from medpayiq.periods import Period, day_after, day_before, on, periods, spans, split

_FIRST = datetime.date(2024, 2, 10).toordinal()
_DAYS = [datetime.date.fromordinal(_FIRST + at).isoformat() for at in range(60)]
"""Two months around the end of a February of 29 days."""
_NAMES = ("RVU24A", "RVU24AR", "RVU24AR2", "RVU24B", "RVU24BR")


@st.composite
def _claim(draw: st.DrawFn) -> Period:
    """Draw the days that a release claims, seldom in place of another one."""
    start, end = sorted(draw(st.tuples(st.integers(2, 57), st.integers(2, 57))))
    name = draw(st.sampled_from(_NAMES))
    return Period(_DAYS[start], _DAYS[end], name, f"{name[:6]}R9" if draw(st.integers(0, 3)) == 3 else "")


_CLAIMS = st.lists(_claim(), max_size=7)


def winner(day: str, claims: list[Period]) -> tuple[str, str] | None:
    """Return release and missing release for a day, as the rule has it: no stand-in before one of its own right, a later start, a later name."""
    holding = [one for one in claims if one.effective_from <= day <= one.effective_to]
    rightful = [one for one in holding if not one.missing] or holding
    starts = [one for one in rightful if one.effective_from == max(other.effective_from for other in rightful)]
    return next(((one.release, one.missing) for one in starts if one.release == max(other.release for other in starts)), None)


@given(_CLAIMS)
def test_each_day_is_answered_once_by_the_claim_that_the_rule_prefers(claims: list[Period]) -> None:
    """Day by day, over two months and beyond both ends: the release that the rule names, and none where none claims the day."""
    made = periods(claims)
    for day in _DAYS:
        found = [one for one in made if one.effective_from <= day <= one.effective_to]
        assert len(found) <= 1
        expected = winner(day, claims)
        assert [one[2:] for one in found] == ([expected] if expected else [])
        assert on(day, made) == (found[0] if found else None)


@given(_CLAIMS)
def test_periods_are_in_order_and_as_long_as_they_can_be(claims: list[Period]) -> None:
    """They follow each other, none is empty, two alike do not touch, and no release stands there that claimed nothing."""
    made = periods(claims)
    assert all(one.effective_from <= one.effective_to for one in made)
    for one, following in pairwise(made):
        assert one.effective_to < following.effective_from
        touch = day_after(one.effective_to) == following.effective_from
        assert not (touch and one[2:] == following[2:])
    assert {one[2:] for one in made} <= {one[2:] for one in claims}


@given(_CLAIMS, st.randoms(use_true_random=False))
def test_neither_the_order_nor_a_repetition_of_claims_matters(claims: list[Period], random: object) -> None:
    """The same claims in another order, each twice, give the same periods; so do the periods themselves, taken as claims."""
    made = periods(claims)
    again = [*claims, *claims]
    random.shuffle(again)  # type: ignore[attr-defined]
    assert periods(again) == made
    assert periods(iter(claims)) == made
    assert periods(made) == made


@given(_CLAIMS)
def test_stretches_hold_exactly_the_days_that_are_answered(claims: list[Period]) -> None:
    """`spans` says the same days as the periods, in stretches that do not touch."""
    made = periods(claims)
    stretches = list(spans(made))
    for day in _DAYS:
        assert sum(start <= day <= end for start, end in stretches) == (on(day, made) is not None)
    assert all(day_after(end) < start for (_, end), (start, _) in pairwise(stretches))


@given(st.sampled_from(_DAYS[5:50]), st.integers(0, 9), st.lists(st.sampled_from(_DAYS)))
def test_a_period_is_cut_on_the_days_that_lie_inside_it(start: str, length: int, turns: list[str]) -> None:
    """Its parts follow each other without a break, keep its names, and begin on its first day and on each turn inside it alone."""
    end = _DAYS[_DAYS.index(start) + length]
    parts = split(Period(start, end, "RVU24A", "RVU24AR"), turns)
    assert [one.effective_from for one in parts] == [start, *sorted({one for one in turns if start < one <= end})]
    assert parts[-1].effective_to == end
    assert all(day_after(one.effective_to) == following.effective_from for one, following in pairwise(parts))
    assert {one[2:] for one in parts} == {("RVU24A", "RVU24AR")}
    assert list(spans(parts)) == [(start, end)]


@given(st.dates(min_value=datetime.date(1990, 1, 2), max_value=datetime.date(2100, 12, 30)))
def test_the_day_after_and_the_day_before_undo_each_other(date: datetime.date) -> None:
    """They do, over months, years and Februaries; and ISO dates sort as days do."""
    day = date.isoformat()
    assert day_before(day_after(day)) == day_after(day_before(day)) == day
    assert day_before(day) < day < day_after(day)


def test_days_at_the_ends_of_february_and_of_the_year() -> None:
    """2024 has a February 29, 2023 and 2100 have none."""
    assert [day_after(one) for one in ("2024-02-28", "2024-02-29", "2023-02-28", "2023-12-31", "2100-02-28")] == ["2024-02-29", "2024-03-01", "2023-03-01", "2024-01-01", "2100-03-01"]
    assert day_before("2024-03-01") == "2024-02-29"


def test_nothing_claimed_is_nothing_answered() -> None:
    """Without a claim there is no period, no stretch, and no release for any day."""
    assert periods([]) == ()
    assert list(spans([])) == []
    assert on("2026-07-01", ()) is None


def test_a_correction_within_the_quarter_takes_its_days() -> None:
    """RVU24AR answers from March 9, 2024, whether RVU24A claims its first weeks or all of its quarter."""
    correction = Period("2024-03-09", "2024-03-31", "RVU24AR")
    expected = (Period("2024-01-01", "2024-03-08", "RVU24A"), correction)
    assert periods([Period("2024-01-01", "2024-03-08", "RVU24A"), correction]) == expected
    assert periods([correction, Period("2024-01-01", "2024-03-31", "RVU24A")]) == expected


def test_a_release_that_is_corrected_in_its_middle_answers_before_and_after() -> None:
    """Where the correction claims days inside those of the other, the other has two periods."""
    made = periods([Period("2026-04-01", "2026-06-30", "RVU26B"), Period("2026-05-01", "2026-05-31", "RVU26BR")])
    assert made == (Period("2026-04-01", "2026-04-30", "RVU26B"), Period("2026-05-01", "2026-05-31", "RVU26BR"), Period("2026-06-01", "2026-06-30", "RVU26B"))


def test_of_two_that_start_together_the_correction_has_the_days() -> None:
    """RVU26BR before RVU26B, and a second correction before the first, in any order."""
    whole = [Period("2026-04-01", "2026-06-30", name) for name in ("RVU26BR", "RVU26B", "RVU26BR2")]
    assert periods(whole[:2]) == periods(whole[1::-1]) == (whole[0],)
    assert periods(whole) == (whole[2],)


def test_a_stand_in_yields_even_to_one_that_started_earlier() -> None:
    """RVU24A for the days of a missing RVU24AR gives way to RVU24B's own claim to them."""
    standing_in = Period("2024-03-09", "2024-03-31", "RVU24A", "RVU24AR")
    other = Period("2024-03-01", "2024-03-20", "RVU24B")
    assert periods([standing_in, other]) == (other, standing_in._replace(effective_from="2024-03-21"))


# -- with the manifest and imported releases -----------------------------------------------------------------------------


@pytest.fixture(scope="module")
def known() -> Manifest:
    """Return the releases of CMS's that the project knows."""
    found = manifest.read(ROOT / "cms_data" / "manifest.yml", Findings())
    assert found is not None
    return found


def small(desk: Desk, known: Manifest, name: str, title: str, year: int, released: str, **options: str) -> Snapshot:
    """Import a made-up release of this title and return it; one that is named has the days of the manifest."""
    columns = mini.COLUMNS_2026 if year >= 2026 else mini.COLUMNS_2025
    factor = {2024: "32.7442" if options.get("release") != "RVU24AR" else "33.2875", 2026: "33.4009"}[year]
    rows = [mini.service("99213", work="1.30", pe_nonfacility="1.33", pe_facility="0.56", mp="0.10", cf=factor)]
    files = {name: mini.pprrvu_csv(rows, columns, title=title, released=released), f"GPCI{year}.csv": mini.gpci_csv(year=year)}
    return desk.run(desk.put(files, f"{name}-{options.get('release', '')}"), days_of=known.days_of, **options).snapshot


@pytest.fixture
def of_2024(desk: Desk, known: Manifest) -> list[Snapshot]:
    """Return RVU24A and its correction."""
    name, title = "PPRRVU24_JAN.csv", "2024 National Physician Fee Schedule Relative Value File January Release"
    return [small(desk, known, name, title, 2024, "12/20/2023"), small(desk, known, name, title, 2024, "03/25/2024", release="RVU24AR")]


@pytest.fixture
def of_2026(desk: Desk, known: Manifest) -> list[Snapshot]:
    """Return RVU26B, its correction, and RVU26C."""
    title = "2026 National Physician Fee Schedule Relative Value File {} Release"
    april, july = ("PPRRVU2026_Apr_nonQPP.csv", title.format("April")), ("PPRRVU2026_Jul_nonQPP.csv", title.format("July"))
    return [small(desk, known, *april, 2026, "03/10/2026"), small(desk, known, *april, 2026, "05/01/2026", release="RVU26BR"), small(desk, known, *july, 2026, "06/30/2026")]


def test_rvu24a_and_its_correction_side_by_side(of_2024: list[Snapshot], of_2026: list[Snapshot], known: Manifest) -> None:
    """With both at hand each answers for its own days, and nothing is said to be missing; the days between the years are no one's."""
    past = Past(of_2026[2].meta, of_2024, known)
    assert past.periods == (Period("2024-01-01", "2024-03-08", "RVU24A"), Period("2024-03-09", "2024-03-31", "RVU24AR"), Period("2026-07-01", "2026-09-30", "RVU26C"))
    assert past.days("RVU24A") == ("2024-01-01", "2024-03-08")
    assert past.days("RVU24AR") == ("2024-03-09", "2024-03-31")
    assert [on(day, past.periods) for day in ("2023-12-31", "2024-04-01", "2026-06-30", "2026-10-01")] == [None] * 4


def test_without_its_correction_the_older_one_answers_on_and_the_period_says_so(of_2024: list[Snapshot], of_2026: list[Snapshot], known: Manifest) -> None:
    """RVU24A answers for March 9 to 31, 2024, and names RVU24AR, which CMS put in its place."""
    past = Past(of_2026[2].meta, of_2024[:1], known)
    assert past.periods[:2] == (Period("2024-01-01", "2024-03-08", "RVU24A"), Period("2024-03-09", "2024-03-31", "RVU24A", "RVU24AR"))
    assert past.days("RVU24A") == ("2024-01-01", "2024-03-31")


def test_a_correction_alone_does_not_answer_for_the_days_before_it(of_2024: list[Snapshot], of_2026: list[Snapshot], known: Manifest) -> None:
    """With RVU24AR alone no release here holds January 2024."""
    past = Past(of_2026[2].meta, of_2024[1:], known)
    assert past.periods[0] == Period("2024-03-09", "2024-03-31", "RVU24AR")


def test_the_two_releases_of_april_2026(of_2026: list[Snapshot], known: Manifest) -> None:
    """RVU26B until April 30, RVU26BR from May 1; where that one is missing RVU26B answers until June 30, and the period says so."""
    both = Past(of_2026[2].meta, of_2026[:2], known)
    newest = Period("2026-07-01", "2026-09-30", "RVU26C")
    assert both.periods == (Period("2026-04-01", "2026-04-30", "RVU26B"), Period("2026-05-01", "2026-06-30", "RVU26BR"), newest)
    one = Past(of_2026[2].meta, of_2026[:1], known)
    assert one.periods == (Period("2026-04-01", "2026-04-30", "RVU26B"), Period("2026-05-01", "2026-06-30", "RVU26B", "RVU26BR"), newest)


def test_a_correction_that_takes_all_days_leaves_the_other_none(of_2026: list[Snapshot], known: Manifest) -> None:
    """An entry replaced by its correction answers for no day while that one is here, and stands in for all of them while it is not."""
    entries = [known.named("RVU26B"), known.named("RVU26BR")]
    assert entries[0] is not None
    assert entries[1] is not None
    whole = known.having(replace(entries[0], replaced_by="RVU26BR"), replace(entries[1], effective_from="2026-04-01"))
    newest = Period("2026-07-01", "2026-09-30", "RVU26C")
    both = Past(of_2026[2].meta, of_2026[:2], whole)
    assert both.periods == (Period("2026-04-01", "2026-06-30", "RVU26BR"), newest)
    assert both.older.keys() == {"RVU26BR"}
    assert Past(of_2026[2].meta, of_2026[:1], whole).periods == (Period("2026-04-01", "2026-06-30", "RVU26B", "RVU26BR"), newest)


def test_the_newest_release_stands_in_for_its_own_missing_correction(of_2026: list[Snapshot], known: Manifest) -> None:
    """A site of RVU26B without RVU26BR answers until the end of June, and says for which days something is missing."""
    past = Past(of_2026[0].meta, (), known)
    assert past.periods == (Period("2026-04-01", "2026-04-30", "RVU26B"), Period("2026-05-01", "2026-06-30", "RVU26B", "RVU26BR"))


def test_without_a_manifest_each_release_answers_for_its_own_days(of_2024: list[Snapshot], of_2026: list[Snapshot]) -> None:
    """The days are then those of the import, and nothing is known to be missing."""
    past = Past(of_2026[2].meta, of_2024[:1])
    assert past.periods == (Period("2024-01-01", "2024-03-31", "RVU24A"), Period("2026-07-01", "2026-09-30", "RVU26C"))


def test_a_release_that_the_manifest_does_not_know_answers_for_its_own_days(of_2024: list[Snapshot], of_2026: list[Snapshot], known: Manifest) -> None:
    """One that somebody imported by hand stands beside those that the manifest has."""
    without = replace(known, entries=tuple(one for one in known.entries if one.name != "RVU24A"))
    past = Past(of_2026[2].meta, of_2024[:1], without)
    assert past.periods == (Period("2024-01-01", "2024-03-31", "RVU24A"), Period("2026-07-01", "2026-09-30", "RVU26C"))
