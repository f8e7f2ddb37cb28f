"""Whole claims through the claim desk's own scripts and the files of the finished site: what is denied, why, and what the rest pays."""

from __future__ import annotations

import csv
import json
import random
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import facts
import pytest
import yaml
from built import Site
from machine import ROOT, SHARED
from programs import node

from medpayiq.claims import GONE
from medpayiq.proof import vectors

GOLDEN = sorted((ROOT / "tests" / "golden" / "claims").glob("*.yml"))


def desk(site: Site, claims: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Ask the desk."""
    done = subprocess.run([node(), str(ROOT / "tests" / "js" / "desk.mjs"), str(site.folder)], input=json.dumps(claims), capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr
    answers: list[dict[str, Any]] = json.loads(done.stdout)
    return answers


def amounts(answer: dict[str, Any]) -> list[str | None]:
    """Return the allowed amount of each line by the first conversion factor."""
    return [one["allowed"] if one else None for one in answer["answers"][0]]


def found(answer: dict[str, Any]) -> list[str]:
    """Return findings as golden files write them: severity, name, lines."""
    return [" ".join([one["severity"], one["name"], *map(str, one["lines"])]) for one in answer["findings"]]


@pytest.mark.parametrize("path", GOLDEN, ids=lambda path: path.stem)
def test_a_golden_claim_comes_out_as_worked_out(full_site: Site, path: Path) -> None:
    """Each golden claim gets the denials, findings, amounts and total that its file works out from CMS's files and the manuals."""
    golden = yaml.safe_load(path.read_text(encoding="utf-8"))
    (answer,) = desk(full_site, [golden["claim"]])
    assert {at: name for at, name in enumerate(answer["denied"], 1) if name} == golden["denied"]
    assert found(answer) == golden["findings"]
    assert amounts(answer) == golden["allowed"]
    cents = sum(int(one.replace(".", "")) for one in amounts(answer) if one)
    assert f"{cents // 100}.{cents % 100:02d}" == golden["total"]
    if "set" in golden:
        assert any(golden["set"] in one["why"] for one in answer["findings"])
    assert all(one["say"] and "{" not in one["say"] + one["why"] + one["do"] for one in answer["findings"])
    assert all(one["sources"] for one in answer["findings"] if one["severity"] == "deny")


def test_deleted_codes_are_told_with_the_releases_that_had_them(full_site: Site) -> None:
    """The desk knows every code that a release before RVU26C has and RVU26C has not, from which release on it is missing, and codes that went before the first one."""
    known = json.loads((full_site.folder / GONE).read_bytes())
    told = {code for code, one in known.items() if "last" in one}
    assert told == facts.gone().keys()
    older = yaml.safe_load((ROOT / "content" / "replaced.yml").read_text(encoding="utf-8"))
    assert known.keys() - told == {one["code"] for one in older} - facts.gone().keys() - facts.by_code().keys()
    releases = {name.upper(): facts.codes_of_release(name) for name in facts.BEFORE} | {"RVU26C": facts.by_code()}
    names = list(releases)
    for code, one in known.items():
        if code in told:
            assert code in releases[one["last"]], code
            assert not any(code in releases[name] for name in names[names.index(one["first"]) :]), code
            assert names.index(one["first"]) == names.index(one["last"]) + 1, code
        assert set(one.get("by", ())) <= facts.by_code().keys(), code
    assert [known["99201"][key] for key in ("last", "first", "from", "by", "since")] == ["RVU20D", "RVU21D", "2021-10-01", ["99202"], "2021-01-01"]


def test_there_are_at_least_ten() -> None:
    """The kinds of claim that the desk was made for are all there, each with its reasons."""
    assert len(GOLDEN) >= 10
    assert all(len(yaml.safe_load(path.read_text(encoding="utf-8"))["because"]) > 60 for path in GOLDEN)


def _worked() -> list[list[vectors.Case]]:
    """Return the claims of several lines among the worked ones."""
    path = SHARED / "spec" / "payment-vectors.csv"
    if not path.is_file():
        return []
    groups = [cases for release in vectors.read(path).values() for cases in release]
    return [cases for cases in groups if len(cases) > 1]


DAYS = {"RVU25D": "2025-11-01", "RVU26C": "2026-08-03"}


def _asked(cases: list[vectors.Case], *, edits: bool) -> dict[str, Any]:
    with (SHARED / "spec" / "payment-vectors.csv").open(encoding="utf-8", newline="") as file:
        release = {row["id"]: row["release"] for row in csv.DictReader(file)}[cases[0].id]
    together = {name: text for case in reversed(cases) for name, text in case.claim.items() if text}
    lines = [{"code": case.line["code"], "modifiers": case.line["modifiers"].split(), "units": case.line["units"]} for case in cases]
    fields = [{name: text for name, text in case.line.items() if name not in {"code", "modifiers", "units"}} for case in cases]
    return {**together, "lines": lines, "fields": fields, "dos": DAYS[release], "edits": edits, "factor": {"": "all"}.get(together.get("factor", ""), together.get("factor"))}


def test_worked_claims_come_out_with_their_amounts(full_site: Site) -> None:
    """Every claim of several lines among the worked ones comes out of the desk with its amounts, line by line, edits aside."""
    groups = _worked()
    assert len(groups) > 15
    for cases, answer in zip(groups, desk(full_site, [_asked(cases, edits=False) for cases in groups]), strict=True):
        expected = [case.expected["allowed"] for case in cases]
        assert amounts(answer) == expected, [case.id for case in cases]


def test_a_denied_line_changes_nothing_else(full_site: Site) -> None:
    """With edits, the worked and golden claims pay on each line that stands what they pay when the denied lines are taken off the claim."""
    claims = [_asked(cases, edits=True) for cases in _worked()] + [yaml.safe_load(path.read_text(encoding="utf-8"))["claim"] for path in GOLDEN]
    answers = desk(full_site, claims)
    without = []
    for claim, answer in zip(claims, answers, strict=True):
        kept = [at for at, name in enumerate(answer["denied"]) if not name]
        without.append({**claim, "lines": [claim["lines"][at] for at in kept], **({"fields": [claim["fields"][at] for at in kept]} if "fields" in claim else {})})
    assert sum(bool(name) for answer in answers for name in answer["denied"]) >= 10
    for answer, rest in zip(answers, desk(full_site, without), strict=True):
        assert amounts(rest) == [amount for amount, name in zip(amounts(answer), answer["denied"], strict=True) if not name]
        assert not any(rest["denied"])


CODES = ["97530", "97110", "97140", "97761", "97112", "45385", "45380", "45378", "43239", "99213", "99214", "20610", "11042", "97597", "64483", "64484", "64493", "27447", "29881", "71260", "74160", "74177", "93000", "36415", "96372", "J1100", "17000", "17003", "11102", "11103", "22551", "22845", "99497", "76942"]
MODIFIERS = ["", "", "", "59", "25", "RT", "LT", "XS", "GP", "50", "80", "57", "58"]
INFORMATIONAL = ["KX", "GC", "SA", "Q5", "GA"]


def _random(seed: int) -> dict[str, Any]:
    draw = random.Random(seed)  # noqa: S311 - the same claims in every run
    lines = [{"code": draw.choice(CODES), "modifiers": [one for one in dict.fromkeys([draw.choice(MODIFIERS), draw.choice(MODIFIERS)]) if one], "units": str(draw.choice([1, 1, 1, 2, 5]))} for _ in range(draw.randint(2, 8))]
    return {"lines": lines, "fields": [{} for _ in lines], "pos": draw.choice(["11", "22", "21"]), "dos": draw.choice(["", "2026-08-03", "2024-08-15"]), "locality": "13202/01"}


def test_line_order_never_changes_the_result(full_site: Site) -> None:
    """On 300 random claims, shuffled lines give the same denials for the same lines, the same findings, and the same total."""
    claims = [_random(seed) for seed in range(300)]
    shuffled = []
    for seed, claim in enumerate(claims):
        lines = list(claim["lines"])
        random.Random(seed).shuffle(lines)  # noqa: S311 - the same claims in every run
        shuffled.append({**claim, "lines": lines})
    denials = 0
    for claim, other, one, two in zip(claims, shuffled, desk(full_site, claims), desk(full_site, shuffled), strict=True):
        pairs = [sorted((json.dumps(line, sort_keys=True), name) for line, name in zip(asked["lines"], answer["denied"], strict=True)) for asked, answer in ((claim, one), (other, two))]
        assert pairs[0] == pairs[1]
        # Lines of equal amount may change places in the ranking: what the claim pays does not.
        assert sorted(map(str, amounts(one))) == sorted(map(str, amounts(two)))
        said = [sorted((finding["name"], finding["severity"], len(finding["lines"])) for finding in answer["findings"]) for answer in (one, two)]
        assert said[0] == said[1]
        denials += sum(map(bool, one["denied"]))
    assert denials > 300


def test_an_informational_modifier_never_changes_money(full_site: Site) -> None:
    """A modifier that only reports, put on any line of 200 random claims, changes no denial and no amount."""
    claims = [_random(seed) for seed in range(1000, 1200)]
    marked = []
    for seed, claim in enumerate(claims):
        draw = random.Random(seed)  # noqa: S311 - the same claims in every run
        at = draw.randrange(len(claim["lines"]))
        lines = [{**line, "modifiers": [*line["modifiers"], draw.choice(INFORMATIONAL)]} if place == at else line for place, line in enumerate(claim["lines"])]
        marked.append({**claim, "lines": lines})
    for one, two in zip(desk(full_site, claims), desk(full_site, marked), strict=True):
        assert one["denied"] == two["denied"]
        assert amounts(one) == amounts(two)


def test_taking_denied_lines_away_leaves_the_rest(full_site: Site) -> None:
    """On 300 random claims, what is left after all denied lines are gone pays the same, line by line, and nothing more is denied."""
    claims = [_random(seed) for seed in range(2000, 2300)]
    answers = desk(full_site, claims)
    without = []
    for claim, answer in zip(claims, answers, strict=True):
        lines = [line for line, name in zip(claim["lines"], answer["denied"], strict=True) if not name]
        without.append({**claim, "lines": lines, "fields": [{} for _ in lines]})
    for answer, rest in zip(answers, desk(full_site, without), strict=True):
        assert amounts(rest) == [amount for amount, name in zip(amounts(answer), answer["denied"], strict=True) if not name]
        assert not any(rest["denied"])


def test_conditions_and_remarks_name_their_source(full_site: Site) -> None:
    """What a payment depends on, and what the engine asks to be looked at, is told with the section of the manual that says so: chapter 12, sections 40.8 (two surgeons), 40.7 (both sides), 50 (one anesthesia code), 40.6 (ranking)."""
    asleep = [{"code": code, "modifiers": ["AA"], "units": "1", "base_units": "5", "minutes": "60"} for code in ("01402", "00142")]
    cases: list[tuple[list[Any], str, str]] = [
        (["29881-62x1"], "conditional", "§40.8"),
        (["27447-62x1"], "conditional", "§40.8"),
        (["20610-RTx1", "20610-LTx1"], "remark", "§40.7"),
        (["28285-T1x1", "42699x1"], "remark", "§40.6"),
        (asleep, "remark", "§50"),
    ]
    claims = [{"lines": lines, "pos": "22", **({"fields": [{}, {}]} if lines is asleep else {})} for lines, _, _ in cases]
    for (lines, name, section), answer in zip(cases, desk(full_site, claims), strict=True):
        told = [one for one in answer["findings"] if one["name"] == name]
        assert told, lines
        assert all(any(section in words for words, _ in one["sources"]) for one in told), (lines, told)


def test_a_day_that_nothing_answers(full_site: Site) -> None:
    """A day of which no release is loaded gets no amount, and the days that can be answered are named."""
    (answer,) = desk(full_site, [{"lines": ["99213"], "pos": "11", "dos": "2019-05-01"}])
    assert answer["days"].startswith("October to December 2020")


def test_the_edition_of_the_day_answers(full_site: Site) -> None:
    """Edits of 2024 Q3 answer for its days, later ones for days between, the newest for what comes after and for no day."""
    days = {"2024-08-15": ["2024 Q3", "in_force"], "2025-11-01": ["2026 Q3", "newer_only"], "2026-08-03": ["2026 Q3", "in_force"], "": ["2026 Q3", "newest"]}
    answers = desk(full_site, [{"lines": ["45385", "45380"], "pos": "22", "dos": day} for day in days])
    assert [answer["editions"]["ptp"] for answer in answers] == list(days.values())
    # The set of 2026 Q3 does not say from when its edits hold: for the day before it the finding says so.
    doubt = [any("does not say from when" in one["why"] for one in answer["findings"]) for answer in answers]
    assert doubt == [False, True, False, False]
