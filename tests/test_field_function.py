"""The function of field reports: its own tests under Node with Netlify Blobs' local server, its types, and what Python says of the same."""

from __future__ import annotations

import json
import subprocess
from typing import Any

import jsonschema
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from machine import ROOT, lacking
from programs import MODULES, node, node_tests, run

from medpayiq.field.lists import read
from medpayiq.field.reports import parse

SCHEMA: dict[str, Any] = json.loads((ROOT / "schema" / "report.schema.json").read_text(encoding="utf-8"))
REPORT: dict[str, Any] = {
    "code": "97761",
    "payer_class": "medicare",
    "payer": "noridian",
    "reason": "97",
    "modifier": "none",
    "outcome": "paid_corrected",
    "worked": ["corrected_modifier"],
    "role": "biller",
}
CHECK = """
import { createInterface } from 'node:readline';
import { faults } from './netlify/functions/lib/shape.mjs';
import { schema } from './netlify/functions/lib/lists.mjs';
for await (const line of createInterface({ input: process.stdin })) console.log(faults(JSON.parse(line), schema).length === 0);
"""
SHOW = """
import { createInterface } from 'node:readline';
import { dated, nothing, shown, sum, viewOf, POLICY } from './netlify/functions/lib/counting.mjs';
const codes = {};
for await (const line of createInterface({ input: process.stdin })) {
  const view = viewOf(sum(nothing(), JSON.parse(line)), POLICY, '2026Q4');
  const code = String(10000 + Object.keys(codes).length);
  if (view) codes[code] = dated(shown(code, view), '2026-11-29');
}
console.log(JSON.stringify({ published: '2026-11-29', codes }));
"""


def _function_node() -> str:
    """Return Node's path; the test is skipped where the store's package is not here."""
    found = node()
    if not (MODULES / "@netlify" / "blobs").is_dir():
        lacking("Netlify Blobs is not here: run npm ci")
    return found


def _asked(script: str, lines: list[Any]) -> str:
    """Return what a script says of values, one a line."""
    text = "\n".join(json.dumps(line) for line in lines)
    done = subprocess.run([_function_node(), "--no-warnings", "--input-type=module", "--eval", script], cwd=ROOT, input=text, capture_output=True, encoding="utf-8", timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_function_holds_under_node() -> None:
    """Every test in tests/field passes, none is skipped."""
    _function_node()
    report = node_tests("field", seconds=240)
    if report:
        pytest.fail(report, pytrace=False)


def test_the_function_is_typed() -> None:
    """TypeScript's strict check finds nothing in netlify/, where each file asks for it and none turns it off."""
    done = run([_function_node(), str(MODULES / "typescript" / "bin" / "tsc"), "--project", str(ROOT / "netlify" / "tsconfig.json")], seconds=120)
    assert (done.returncode, done.stdout) == (0, "")
    texts = {path.name: path.read_text(encoding="utf-8") for path in sorted((ROOT / "netlify").rglob("*.mjs"))}
    assert len(texts) > 10
    assert [name for name, text in texts.items() if not text.startswith("// @ts-check\n") or "@ts-ignore" in text or "@ts-nocheck" in text or "@ts-expect-error" in text] == []


def _keys() -> st.SearchStrategy[Any]:
    """Return keys of all lists mixed, and values of other kinds."""
    words = sorted({str(key) for one in SCHEMA["properties"].values() for key in one.get("enum", one.get("items", {}).get("enum", []))})
    return st.one_of(st.sampled_from([*words, "97761", "9776", "G0283", "97761\n"]), st.none(), st.booleans(), st.integers(), st.text(max_size=6))


_CHANGED = st.dictionaries(st.sampled_from([*SCHEMA["properties"], "note", "__proto__"]), st.one_of(_keys(), st.lists(_keys(), max_size=5)), max_size=4)


@settings(max_examples=5, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.large_base_example])
@given(st.lists(st.tuples(_CHANGED, st.sets(st.sampled_from(sorted(REPORT)), max_size=1)), min_size=150, max_size=200))
def test_the_function_takes_exactly_what_the_schema_does(changes: list[tuple[dict[str, Any], set[str]]]) -> None:
    """The function's own reading of the schema and jsonschema's agree on reports with fields changed, added and taken out."""
    reports = [{key: value for key, value in (REPORT | change).items() if key not in without} for change, without in changes] + [REPORT]
    reports += [REPORT | {"payer_class": kind, "payer": payer} for kind in SCHEMA["properties"]["payer_class"]["enum"] for payer in SCHEMA["properties"]["payer"]["enum"]]
    validator = jsonschema.Draft7Validator(SCHEMA)
    # Python's $ takes a last line break in; the schema means the whole text, as JavaScript does.
    expected = [validator.is_valid(report) and not str(report.get("code")).endswith("\n") for report in reports]
    assert _asked(CHECK, reports).split() == [str(one).lower() for one in expected]


def test_what_is_shown_is_what_a_build_takes_in() -> None:
    """Figures that the function makes of reports pass every check that a build puts them to."""
    some = [
        [REPORT | {"quarter": f"2026Q{1 + at % 4}", "reason": ["97", "50", "other"][at % 3], "worked": ["added_records", "peer_to_peer"][: at % 3]} for at in range(count)]
        for count in (4, 5, 9, 10, 24, 25, 49, 50, 400)
    ]
    published = parse(_asked(SHOW, some).encode(), read())
    assert [one["reports"] for one in published.codes.values()] == ["5-9", "5-9", "10-24", "10-24", "25-49", "25-49", "50+", "50+"]
