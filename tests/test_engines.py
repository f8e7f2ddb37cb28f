"""The engine in Python and the engine of the browser, asked the same: the same answers, traces and sentences, for good claims and bad ones."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import rjsmin
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from importing import Imported
from machine import ROOT
from nodes import RUNNER, Node
from programs import node

from medpayiq.cms.snapshot import Snapshot
from medpayiq.facts import SnapshotFacts
from medpayiq.payment.claim import price_claim
from medpayiq.proof import engines, vectors
from medpayiq.rulebook import rulebook

RELEASES = ("rvu26c", "rvu25d")
RESULTS = {
    *("AMOUNT", "CONDITIONAL", "NO_NATIONAL_RULE", "BUNDLED", "BUNDLED_OR_EXCLUDED", "NOT_PFS", "NOT_VALID_FOR_MEDICARE", "REPORT_ONLY", "NON_COVERED"),
    *("NEEDS_ANESTHESIA_INPUT", "NOT_PAID_IN_FACILITY", "NOT_PAID_IN_SETTING", "NOT_PAYABLE", "INVALID_MODIFIER", "INVALID_COMBINATION", "MODIFIER_REQUIRED"),
    *("UNKNOWN_CODE", "UNKNOWN_LOCALITY", "CF_REQUIRED", "INVALID_INPUT"),
}
"""Payment specification, section 0, and the one name for input that cannot be read."""
LEAST_CLAIMS = 2_000
PROTOTYPE = ("constructor", "__proto__", "toString", "hasOwnProperty", "valueOf")
"""Names that every JavaScript object answers to, if it is asked carelessly."""

Claim = dict[str, Any]


@dataclass
class Pair:
    """Both engines on one release, with what claims on it are drawn from."""

    snapshot: Snapshot
    node: Node
    claims: list[Claim] = field(default_factory=list)
    """All that were compared."""
    results: Counter[str] = field(default_factory=Counter)
    steps: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self.facts = SnapshotFacts(self.snapshot)
        self.book = rulebook(self.snapshot.meta.effective_from)
        groups: dict[str, set[str]] = defaultdict(set)
        families: dict[str, set[str]] = defaultdict(set)
        for row in self.snapshot.services:
            for name in ("mult", "pctc", "status", "bilat", "glob", "asst", "cosurg", "team"):
                groups[f"{name} {getattr(row, name)}"].add(row.code)
            groups["parts" if row.modifier else "whole"].add(row.code)
            if row.opps_mp or row.opps_pe_nonfacility:
                groups["capped"].add(row.code)
            if row.glob in {"010", "090"} and row.pre + row.intra + row.post:
                groups["package"].add(row.code)
            if row.endo_base:
                families[row.endo_base] |= {row.code, row.endo_base}
        self.groups = {name: sorted(codes) for name, codes in sorted(groups.items())}
        self.families = [sorted(codes) for _, codes in sorted(families.items())]
        listed = {name: [code for code in self.groups["whole"] if any(one[0] <= code <= one[-1] for one in ranges)] for name, ranges in self.book["lists"].items()}
        self.groups |= {f"list {name}": codes for name, codes in listed.items() if codes} | {"tests": sorted(self.book["whole_tests"])}
        self.parts = set(self.groups["parts"])
        self.modifiers = [*self.book["modifiers"], *self.book["anatomic"]["codes"]]

    def same(self, claim: Claim) -> list[dict[str, Any]]:
        """Ask both, and count what was reached."""
        ours = self.alike(claim)
        self.claims.append(claim)
        self.results.update(one["result"] for one in ours)
        self.steps.update(step["step"] for one in ours for step in one["trace"])
        return ours

    def alike(self, claim: Claim) -> list[dict[str, Any]]:
        """Ask both; the answers are equal to the byte, keys in the same order, and each has a name. Return them."""
        ours = [one.as_json() for one in price_claim(claim, self.facts, self.book)]
        theirs = self.node.ask(claim)
        if theirs != json.dumps(ours, ensure_ascii=False, separators=(",", ":")):
            assert json.loads(theirs or '"the engine under node failed"') == ours
            pytest.fail(f"equal, and yet written in another order: {theirs}")
        assert {one["result"] for one in ours} <= RESULTS
        return ours


@pytest.fixture(scope="module")
def pairs(imported: Imported, snapshots_of_history: dict[str, Imported]) -> Iterator[dict[str, Pair]]:
    """Return both engines on RVU26C and on RVU25D, one process of node each."""
    snapshots = {"rvu26c": imported.snapshot, "rvu25d": snapshots_of_history["rvu25d"].snapshot}
    made = {name: Pair(snap, Node(snap)) for name, snap in snapshots.items()}
    yield made
    for pair in made.values():
        pair.node.close()


# -- claims as people type them, good and bad --------------------------------------------------------------------------

_ODD = st.sampled_from(["", " ", "x", "0", "-1", "1e9", "1.5", "1 ", "١", "１", "null", "NaN", "ß", "\u2028", "\x00", "9" * 40, *PROTOTYPE])
_MONEY = st.integers(0, 300_000).map(lambda cents: f"{cents // 100}.{cents % 100:02d}") | st.sampled_from(["0", "10", "1.5", "0.01"])


def _seldom(draw: Any, share: int) -> bool:
    """Say yes once in ``share`` draws; a failing claim shrinks towards no."""
    return draw(st.integers(0, share - 1)) == share - 1


@st.composite
def _lines(draw: Any, pair: Pair, codes: list[str]) -> Claim:
    """Draw a line with a code of a group, mostly, and modifiers that could stand on it, mostly."""
    code = draw(st.sampled_from(codes)) if not _seldom(draw, 4) else draw(st.sampled_from(pair.groups[draw(st.sampled_from(sorted(pair.groups)))]))
    rows = pair.facts.rows(code)
    row = rows.get("") or next(iter(rows.values()))
    asleep, therapy = row.status == "J", row.mult == "5"
    line: Claim = {"code": code}
    given = draw(_modifiers(pair, code, row))
    if given:
        line["modifiers"] = draw(st.sampled_from([" ", " ", " ", "  ", ",", "; "])).join(given)
    if not asleep and _seldom(draw, 3):
        line["units"] = draw(st.sampled_from(["2", "2", "3", "1", "4", "7", "12"]))
    if asleep and not _seldom(draw, 10):
        line |= {"base_units": str(draw(st.integers(3, 20))), "minutes": str(draw(st.integers(1, 600)))}
    if "55" in given and not _seldom(draw, 2):
        line["days"] = str(draw(st.integers(1, 90)))
    optional = {
        "charge": _MONEY,
        "net_charge": _MONEY,
        "induction": st.sampled_from(["yes", "no"]),
        "days": st.integers(1, 90).map(str),
        "documented": st.sampled_from(["no", "yes"]),
        "other_surgeon": st.sampled_from(["yes", "no"]),
    }
    for name, values in optional.items():
        if not therapy and _seldom(draw, 8):
            line[name] = draw(values)
    if _seldom(draw, 40):
        line[draw(st.sampled_from(["code", "modifiers", "units", "charge", "days", "minutes", "documented"]))] = draw(_ODD)
    return line


@st.composite
def _modifiers(draw: Any, pair: Pair, code: str, row: Any) -> list[str]:
    """Draw modifiers: those a line needs, then some that fit its row, seldom any."""
    fitting = ["59", "76", "AQ", "PT"]
    if code in pair.parts:
        fitting += ["26", "TC", "26", "TC"]
    if row.bilat in "0123":
        fitting += ["50", "RT", "LT", "RT", "LT"]
    if row.glob in {"000", "010", "090"}:
        fitting += ["54", "55", "78", "22", "52", "53", "51", "80", "82", "AS", "62", "66"]
    if row.cosurg in "12":
        fitting += ["62", "62"]
    if row.mult == "4":
        fitting += ["CT", "CT"]
    if "70010" <= code <= "77077":
        fitting += ["FX", "FY"]
    given = []
    if row.status == "J" and not _seldom(draw, 10):
        given.append(draw(st.sampled_from(["AA", "QK", "QX", "QY", "QZ", "AD"])))
    if row.mult == "5" and not _seldom(draw, 8):
        given += draw(st.sampled_from([["GP"], ["GO"], ["GN"], ["GP", "CQ"], ["GO", "CO"], ["GP", "KX"]]))
    for _ in range(draw(st.sampled_from([0, 0, 1, 1, 2, 3]))):
        given.append(draw(st.sampled_from(pair.modifiers if _seldom(draw, 6) else fitting)))
    if _seldom(draw, 60):
        given.append(draw(_ODD))
    return given if not _seldom(draw, 12) else [one.lower() for one in given]


@st.composite
def _claims(draw: Any, pair: Pair) -> Claim:
    """Draw a claim of one to eight lines whose codes meet one rule: a family of endoscopies, scans, tests, therapy, a package."""
    codes = draw(st.sampled_from(pair.families)) if _seldom(draw, 4) else pair.groups[draw(st.sampled_from(_INTERESTING))]
    if len(codes) > 40:
        codes = draw(st.lists(st.sampled_from(codes), min_size=2, max_size=6))
    claim: Claim = {"lines": draw(st.lists(_lines(pair, codes), min_size=1, max_size=8))}
    claim["locality"] = draw(st.sampled_from(sorted(pair.facts.places))) if not _seldom(draw, 30) else draw(_ODD)
    if _seldom(draw, 2):
        claim["pos"] = draw(st.sampled_from(sorted(pair.book["places"]))) if not _seldom(draw, 30) else draw(_ODD)
    else:
        claim["setting"] = draw(st.sampled_from(["nonfacility", "nonfacility", "facility"]))
    claim["factor"] = draw(st.sampled_from(["non_qp", "qp"])) if not _seldom(draw, 15) else draw(st.just("") | _ODD)
    optional = {
        "practitioner": st.sampled_from([*sorted(pair.book["practitioners"]), "constructor"]),
        "participation": st.sampled_from(["nonpar", "nonpar", "par", "none"]),
        "deductible": _MONEY,
        "other_service": st.sampled_from(["yes", "no"]),
        "five_percent": st.sampled_from(["yes", "no"]),
    }
    for name, values in optional.items():
        if _seldom(draw, 3):
            claim[name] = draw(values)
    return claim


_INTERESTING = (
    *(f"mult {one}" for one in "234567"),
    *(f"pctc {one}" for one in "12345678"),
    *(f"status {one}" for one in "JTCR"),
    *(f"bilat {one}" for one in "123"),
    *("cosurg 1", "asst 0", "team 1", "capped", "package", "tests", "list ct", "list x_ray", "list no_patient_share", "list visits"),
)

_PATIENT = settings(max_examples=max(1_100, settings.default.max_examples if settings.default else 0), suppress_health_check=list(HealthCheck))


@pytest.mark.parametrize("release", RELEASES)
def test_both_engines_answer_alike(release: str, pairs: dict[str, Pair]) -> None:
    """Claims of one to eight lines of a real release get equal answers, with every trace, note and sentence, from Python and JavaScript."""
    pair = pairs[release]

    @_PATIENT
    @given(_claims(pair))
    def alike(claim: Claim) -> None:
        pair.same(claim)

    alike()
    # The drawing reaches what it is meant to reach.
    assert pair.results["AMOUNT"] > 1_000
    assert len(RESULTS - pair.results.keys()) <= 3
    assert len(pair.book["steps"].keys() - pair.steps.keys()) <= 3


@pytest.mark.parametrize("release", RELEASES)
def test_each_modifier_is_answered_alike_on_each_kind_of_code(release: str, pairs: dict[str, Pair]) -> None:
    """One modifier, with what it needs beside it, on the first and last code of every group and list; whatever moves money has an amount on one of them."""
    pair = pairs[release]
    codes = sorted({code for group in pair.groups.values() for code in (group[0], group[-1])})
    known = {name: one for name, one in pair.book["modifiers"].items() if not one.get("late")}
    paid = set()
    for name, one in known.items():
        for code in codes:
            rows = pair.facts.rows(code)
            row = rows.get("") or next(iter(rows.values()))
            beside = one.get("needs", [])[:1] or (["GP"] if row.mult == "5" and name not in {"GO", "GN"} else [])
            if row.status == "J" and "anesthesia" not in one.get("percent", ""):
                beside.append("AA")
            line = {"code": code, "modifiers": " ".join(dict.fromkeys((name, *beside))), "base_units": "5", "minutes": "60"}
            answers = pair.alike({"setting": "nonfacility", "locality": "00000/00", "factor": "non_qp", "deductible": "10", "lines": [line]})
            paid |= {name for answer in answers if answer["allowed"] is not None}
    no_amount = {name for name, one in known.items() if "answer" in one} | {"66"}  # the MAC sets the price, or nothing is paid
    assert {name for name, one in known.items() if one["effect"] == "changes"} - no_amount <= paid


def test_enough_claims_were_compared(pairs: dict[str, Pair]) -> None:
    """The comparison above is of two thousand claims or more, and takes every step there is, however it is run."""
    compared = [_compared(release, pairs) for release in RELEASES]
    assert sum(len(pair.claims) for pair in compared) >= LEAST_CLAIMS
    seen = set().union(*(pair.steps for pair in compared))
    # The bonus is no step of the amount; CT, which few codes take, is asked of every kind of code above.
    assert compared[0].book["steps"].keys() - seen <= {"bonus", "ct"}


def _compared(release: str, pairs: dict[str, Pair]) -> Pair:
    """Return the pair after the comparison above, which a run of one test alone has not made yet."""
    if not pairs[release].claims:
        test_both_engines_answer_alike(release, pairs)
    return pairs[release]


# -- what nobody should type -------------------------------------------------------------------------------------------

_TEXT = st.text(max_size=12) | _ODD | st.sampled_from(["99213", "27447 ", "g0439", "26 TC", "RT,LT;50", "26\t59", "ZZ", "K" * 5_000, "10112/00", "11", "yes", "\ud800", "\u202e", "{modifier}", "$1"])
_VALUES = _TEXT | st.none() | st.integers() | st.booleans() | st.floats(allow_nan=False, allow_infinity=False) | st.lists(st.text(max_size=3), max_size=2) | st.dictionaries(st.text(max_size=3), st.integers(), max_size=2)
_LINE_FIELDS = ("code", "modifiers", "units", "charge", "net_charge", "base_units", "minutes", "induction", "days", "documented", "other_surgeon")
_CLAIM_FIELDS = ("pos", "setting", "locality", "factor", "practitioner", "participation", "deductible", "other_service", "five_percent")


@st.composite
def _bad(draw: Any) -> Claim:
    """Draw a claim on which any field may hold anything, a line be no line, and the whole be too long."""
    claim: Claim = {"locality": "10112/00", "setting": "nonfacility", "factor": "qp"}
    claim |= draw(st.dictionaries(st.sampled_from(_CLAIM_FIELDS) | st.sampled_from(PROTOTYPE), _TEXT if draw(st.booleans()) else _VALUES, max_size=3))
    good = st.fixed_dictionaries({"code": st.sampled_from(["99213", "27447", "71046", "97110", "00100"])})
    fields = st.dictionaries(st.sampled_from(_LINE_FIELDS) | st.sampled_from(PROTOTYPE), _TEXT if draw(st.booleans()) else _VALUES, max_size=3)
    lines = st.builds(lambda line, more: {**line, **more}, good, fields)
    claim["lines"] = draw(st.lists(lines | _VALUES, max_size=5))
    if _seldom(draw, 10):
        claim["lines"] = (claim["lines"] or [{"code": "99213"}]) * draw(st.sampled_from([10, 51, 200]))
    return claim


@pytest.mark.parametrize("release", RELEASES)
def test_anything_gets_a_named_answer(release: str, pairs: dict[str, Pair]) -> None:
    """Whatever is put into a claim, each line gets one result with a name and a sentence, the same in both languages; nothing fails."""
    pair = pairs[release]

    @settings(max_examples=300, suppress_health_check=list(HealthCheck))
    @given(_bad())
    def named(claim: Claim) -> None:
        answers = pair.same(claim)
        assert len(answers) == len(claim["lines"])
        for answer in answers:
            assert answer["result"] in RESULTS
            assert (answer["allowed"] is None) == bool(answer["say"])

    named()


MALFORMED = [
    *({"code": code} for code in ("", " ", "9921", "992133", "99213 ", "9921-", "٩٩٢١٣", "９９２１３", "9921ß", "99213\n", "{code}", "9" * 10_000, *PROTOTYPE)),
    *({"code": "99213", "modifiers": text} for text in ("ZZ", "2", "266", "26-59", "é9", "26/59", "26\u00a059", "A" * 10_000, *PROTOTYPE)),
    *({"code": "99213", "units": text} for text in ("0", "-1", "1e9", "text", "١", "1 ", " ", "1000", "0x1", "1_0", "+1", "1.0", "9" * 500, *PROTOTYPE)),
    *({"code": "99213", "charge": text} for text in ("-1", "1.234", "1,000.00", "$5", ".5", "5.", "1e3", "١", "9" * 20, *PROTOTYPE)),
    *({"code": "99213", name: value} for name in _LINE_FIELDS for value in (0, 1.5, True, [], {}, ["99213"])),
    *(None, 7, "99213", [], ["99213"], True),
]


def test_malformed_lines_are_refused_by_name(pairs: dict[str, Pair]) -> None:
    """A line that cannot be read has no amount, a name and a sentence that says what is wrong, in both languages; the line beside it is priced."""
    for pair in pairs.values():
        for line in MALFORMED:
            bad, good = pair.same({"setting": "facility", "locality": "00000/00", "factor": "qp", "lines": [line, {"code": "99213"}]})
            assert (bad["result"] in {"UNKNOWN_CODE", "INVALID_MODIFIER", "INVALID_INPUT"}, bad["allowed"]) == (True, None), line
            assert len(bad["say"]) > 10
            assert "{" not in bad["say"].replace("{code}", "") or line != {"code": "{code}"}
            assert good["result"] == "AMOUNT"


def test_malformed_circumstances_are_refused_by_name(pairs: dict[str, Pair]) -> None:
    """A claim whose place, setting or amount cannot be read has no amounts, and the code that is not in the release still says so."""
    plain = {"setting": "facility", "locality": "00000/00", "factor": "qp"}
    values = ("?", "00/00", " ", "0x", "text", "١", "x" * 10_000, 5, ["11"], {}, *PROTOTYPE)
    for pair in pairs.values():
        for name in _CLAIM_FIELDS:
            for value in values:
                known, unknown = pair.same({**plain, name: value, "lines": [{"code": "99213"}, {"code": "ZZZZ9"}]})
                assert known["result"] in {"UNKNOWN_LOCALITY", "INVALID_INPUT"} or (name == "factor" and "all" in pair.book["factors"]), (name, value)
                assert unknown["result"] == "UNKNOWN_CODE"


def test_long_claims_are_refused_line_by_line(pairs: dict[str, Pair]) -> None:
    """A claim of 50 lines is priced; one of 51 or 200 gets one refusal a line; lines that are no list get none."""
    for pair in pairs.values():
        for number, name in ((50, "AMOUNT"), (51, "INVALID_INPUT"), (200, "INVALID_INPUT")):
            answers = pair.same({"setting": "facility", "locality": "00000/00", "factor": "qp", "lines": [{"code": "99213"}] * number})
            assert [one["result"] for one in answers] == [name] * number
        for lines in (None, {}, "99213", 5):
            assert pair.same({"setting": "facility", "locality": "00000/00", "lines": lines}) == []


# -- the worked cases --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("engine", [engines.python, engines.javascript], ids=["python", "javascript"])
def test_worked_cases_come_out_in_both_languages(engine: Callable[..., vectors.Engine], needs_shared: Path, imported: Imported, snapshots_of_history: dict[str, Imported]) -> None:
    """All 198 worked lines of the payment specification come out as it says, in both languages."""
    node()
    snapshots = {"rvu26c": imported.snapshot} | {name: one.snapshot for name, one in snapshots_of_history.items()}
    total, misses = vectors.run(vectors.read(needs_shared / "spec" / "payment-vectors.csv"), engine(snapshots.__getitem__))
    assert (total, [str(one) for one in misses]) == (198, [])


def test_the_minified_engine_answers_alike(pairs: dict[str, Pair], tmp_path: Path) -> None:
    """Taking comments and blanks out of the script, as a build does, changes no answer: the claims above, asked again."""
    scripts = tmp_path / "assets" / "js" / "payment"
    runner = tmp_path / "medpayiq" / "proof" / "engine.mjs"
    for path in (scripts, runner.parent):
        path.mkdir(parents=True)
    (tmp_path / "package.json").write_text('{"type": "module"}', encoding="utf-8")
    runner.write_bytes(RUNNER.read_bytes())
    for path in sorted((ROOT / "assets" / "js" / "payment").glob("*.js")):
        (scripts / path.name).write_text(rjsmin.jsmin(path.read_text(encoding="utf-8")), encoding="utf-8")
    source = _compared("rvu26c", pairs)
    pair = Pair(source.snapshot, Node(source.snapshot, runner))
    try:
        for claim in source.claims:
            pair.same(claim)
    finally:
        pair.node.close()
    assert source.steps.keys() == pair.steps.keys()
