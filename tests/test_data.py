"""The files for programs of others, and their page: every file against its schema, the release's CSV against CMS's, what v1 promises."""

from __future__ import annotations

import csv
import html
import io
import json
import os
import re
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import facts
import fastjsonschema
import jsonschema
import pytest
from built import BASE, Site
from facts import FACILITY, NON_QP, OFFICE, QP
from importing import Imported
from leaks import Texts
from machine import CMS, ROOT, lacking
from test_browser import served

from medpayiq import loading
from medpayiq.changes.comparing import compare
from medpayiq.changes.sections import sections
from medpayiq.opendata import kinds, release_csv
from medpayiq.pages import hubs
from medpayiq.pages.codes import code_page
from medpayiq.pages.data import data as data_record
from medpayiq.pages.twin import twin

PROMISED = ROOT / "tests" / "golden" / "data-v1.txt"
SCHEMA_OF = {
    r"data/v1/codes/[0-9A-Z]{5}\.json": "code",
    r"data/v1/history/[0-9A-Z]{5}\.json": "history",
    r"data/v1/edits/[0-9A-Z]{5}\.csv": "edits",
    r"data/v1/zip/[0-9]{3}\.json": "zip",
    r"data/v1/changes/rvu[0-9]{2}[a-d]r?/[a-z0-9_]+\.csv": "changes",
    r"changes/(families/[a-z0-9-]+|feed)\.json": "feed",
    r"data/v1/release\.csv": "release",
    r"data/v1/index\.json": "index",
}
"""Every file that is meant for others, by its path, and the name of its schema."""
OTHERS = re.compile(r"data/index\.html|data/v1/schema/[a-z]+\.json|data/v1/(claims|compare|my-codes|unpriced)/.*|changes/(.*/)?(index\.html|[a-z0-9-]+\.(xml|ics))")
"""What else stands in the same folders: the page, the schemas themselves, what serves pages alone."""


def older_spelling(schema: Any) -> Any:
    """Return a schema of 2020-12 as draft 7 writes it, for the compiler, which knows that one: a list of values without names is called otherwise."""
    if isinstance(schema, list):
        return [older_spelling(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    made = {name: older_spelling(one) for name, one in schema.items() if name not in {"$schema", "$id"}}
    if "prefixItems" in made:
        made["additionalItems"] = made.pop("items")
        made["items"] = made.pop("prefixItems")
    return made


@dataclass(frozen=True)
class Schemas:
    """The schemas of a site as they were written."""

    folder: Path

    @cached_property
    def all(self) -> dict[str, dict[str, Any]]:
        """Name to schema."""
        return {path.stem: json.loads(path.read_bytes()) for path in sorted(self.folder.glob("*.json"))}

    @cached_property
    def compiled(self) -> dict[str, Callable[[Any], Any]]:
        """Name to what raises for a value that does not keep to the schema."""
        return {name: fastjsonschema.compile(older_spelling(schema)) for name, schema in self.all.items()}


@pytest.fixture(scope="module")
def schemas(full_site: Site) -> Schemas:
    """Return the schemas of the whole site."""
    return Schemas(full_site.folder / "data" / "v1" / "schema")


def rows_of(path: Path) -> list[dict[str, str]]:
    """Read a CSV; a line that is longer or shorter than the head fails."""
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, strict=True))


def files(site: Site, kind: str) -> list[Path]:
    """Return the files of a kind."""
    pattern = next(one for one, name in SCHEMA_OF.items() if name == kind)
    return [site.folder / url[1:] for url in sorted(site.urls) if re.fullmatch(pattern, url[1:])]


def faults(found: list[tuple[str, Any]], check: Callable[[Any], Any]) -> list[str]:
    """Return what does not keep to a schema, with its name."""
    made = []
    for name, value in found:
        try:
            check(value)
        except fastjsonschema.JsonSchemaException as fault:
            made.append(f"{name}: {fault.message}")
    return made


# -- schemas -------------------------------------------------------------------------------------------------------------


def test_every_file_below_data_and_changes_is_of_a_known_kind(full_site: Site) -> None:
    """No file lies there that neither has a schema nor is named as one for pages alone; and of each kind there is one."""
    found: Counter[str] = Counter()
    for url in full_site.urls:
        if url.startswith(("/data/", "/changes/")) and not url.endswith("/") and not OTHERS.fullmatch(url[1:]):
            found.update([next((kind for pattern, kind in SCHEMA_OF.items() if re.fullmatch(pattern, url[1:])), url)])
    assert set(found) == set(SCHEMA_OF.values())
    assert found["code"] == len(facts.by_code())


def test_every_twin_keeps_to_its_schema(full_site: Site, schemas: Schemas) -> None:
    """The JSON of every code of the release is as the schema says, field by field."""
    assert faults(list(full_site.twins.items()), schemas.compiled["code"]) == []


@pytest.mark.parametrize("kind", ["history", "zip", "feed", "index"])
def test_every_other_json_keeps_to_its_schema(full_site: Site, schemas: Schemas, kind: str) -> None:
    """So is every file of older rows, of ZIP codes, every feed, and the list of kinds."""
    found = [(path.name, json.loads(path.read_bytes())) for path in files(full_site, kind)]
    assert found
    assert faults(found, schemas.compiled[kind]) == []


def test_every_row_of_edits_keeps_to_its_schema(full_site: Site, schemas: Schemas) -> None:
    """Every list of edits has the columns of the schema in their order; every pair of codes, and all else that rows say, is as it says. Rows that are alike but for their codes are looked at once."""
    heads: set[str] = set()
    pairs: set[str] = set()
    tails: set[str] = set()
    for path in files(full_site, "edits"):
        head, *lines = path.read_bytes().decode().split("\r\n")[:-1]
        heads.add(head)
        pairs.update(line[:12] for line in lines)
        tails.update(line[12:] for line in lines)
    assert {pair[5::6] for pair in pairs} == {",,"}
    codes = {code for pair in pairs for code in (pair[:5], pair[6:11])}
    (head,) = heads
    found = [*(f"{code},{code},1,,none,,yes" for code in codes), *(f"00000,00000,{tail}" for tail in tails)]
    rows = list(csv.DictReader([head, *found], strict=True))
    assert list(rows[0])[:-1] == list(schemas.all["edits"]["properties"])
    assert faults(list(zip(found, rows, strict=True)), schemas.compiled["edits"]) == []


def test_every_row_of_the_release_keeps_to_its_schema(full_site: Site, schemas: Schemas) -> None:
    """The release's CSV has the columns of its schema in their order, and every row is as it says."""
    rows = rows_of(full_site.folder / release_csv.PATH)
    assert list(rows[0]) == list(schemas.all["release"]["properties"])
    assert faults([(row["code"], row) for row in rows], schemas.compiled["release"]) == []


def test_every_list_of_changes_keeps_to_its_schema(full_site: Site, schemas: Schemas) -> None:
    """Each list of a release has the columns of its schema in their order, and the lists of a release together are as it says."""
    found = files(full_site, "changes")
    for folder in {path.parent for path in found}:
        lists = {path.stem: rows_of(path) for path in found if path.parent == folder}
        for name, rows in lists.items():
            assert list(rows[0]) == list(schemas.all["changes"]["properties"][name]["items"]["properties"]), name
        schemas.compiled["changes"](lists)


def test_lists_of_other_releases_keep_to_it_too(snapshots_of_history: dict[str, Imported], imported: Imported, schemas: Schemas) -> None:
    """Between years nearly every kind of list is there, and each keeps to the schema. Unit limits of one quarter alone are here, and tips are no list of CMS's."""
    old, middle, new = (one.snapshot for one in (snapshots_of_history["rvu24c"], snapshots_of_history["rvu25d"], imported))
    met: set[str] = set()
    for before, after in ((middle, new), (old, middle), (old, new)):
        made = {one.key: [dict(zip((column.key for column in one.columns), row, strict=True)) for row in one.rows] for one in sections(compare(before, after), lambda _: "")}
        schemas.compiled["changes"](made)
        met |= made.keys()
    assert met >= set(schemas.all["changes"]["properties"]) - {"amounts_qp", "unit_limits", "tips", "imaging_caps"}


def objects(schema: Any, at: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield every part of a schema with the way to it."""
    if isinstance(schema, dict):
        yield at, schema
        for name, one in schema.items():
            yield from objects(one, f"{at}/{name}")
    elif isinstance(schema, list):
        for number, one in enumerate(schema):
            yield from objects(one, f"{at}/{number}")


def test_schemas_are_sound_and_say_what_every_field_means(full_site: Site, schemas: Schemas) -> None:
    """Each is a schema of draft 2020-12 at the address that it names; whatever is an object takes no field that it does not name, and every field has a description."""
    assert set(schemas.all) == set(SCHEMA_OF.values())
    for name, schema in schemas.all.items():
        jsonschema.Draft202012Validator.check_schema(schema)
        assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
        assert schema["$id"] == f"{BASE}/data/v1/schema/{name}.json"
        for at, part in objects(schema):
            if part.get("type") == "object":
                assert part["additionalProperties"] is False, (name, at)
            if "properties" in part and part.get("type") == "object":
                for field, one in part["properties"].items():
                    assert "$ref" in one or len(one["description"]) > 5, (name, at, field)
            if "prefixItems" in part:
                assert part["items"] is False
                assert all(one["title"] and one["description"] for one in part["prefixItems"])


def nested(data: Any) -> Iterator[dict[str, Any]]:
    """Yield every object in a value."""
    if isinstance(data, dict):
        yield data
    for one in data.values() if isinstance(data, dict) else data if isinstance(data, list) else ():
        yield from nested(one)


def test_a_field_that_is_not_documented_fails(full_site: Site, schemas: Schemas) -> None:
    """Put into any object of any file, a field of another name is found, and so is a value too many in a row without names."""
    for kind, name in {"code": "70496.json", "history": "70496.json", "zip": "100.json", "feed": "feed.json", "index": "index.json"}.items():
        data = json.loads(next(path for path in files(full_site, kind) if path.name == name).read_bytes())
        check = schemas.compiled[kind]
        assert faults([(kind, data)], check) == []
        for one in nested(data):
            one["not documented"] = {}
            assert faults([(kind, data)], check), (kind, one)
            del one["not documented"]
    row = next(iter(next(iter(json.loads((full_site.folder / "data/v1/history/70496.json").read_bytes()).values())).values()))[""]
    assert faults([("", {"RVU25D": {"70496": {"": row}}})], schemas.compiled["history"]) == []
    assert faults([("", {"RVU25D": {"70496": {"": [*row, 0]}}})], schemas.compiled["history"])
    for kind in ("edits", "release"):
        row = rows_of(files(full_site, kind)[0])[0]
        assert faults([("", row)], schemas.compiled[kind]) == []
        assert faults([("", row | {"other": ""})], schemas.compiled[kind])


def test_another_validator_finds_the_same(full_site: Site, schemas: Schemas) -> None:
    """Jsonschema reads the schemas as they are written, in draft 2020-12, and finds nothing either in a draw of the files; what is spelled otherwise for the compiler means the same."""
    for kind in ("code", "history", "zip", "feed", "index"):
        check = jsonschema.Draft202012Validator(schemas.all[kind])
        for path in files(full_site, kind)[::400]:
            assert list(check.iter_errors(json.loads(path.read_bytes()))) == [], path
    row = json.loads((full_site.folder / "data/v1/history/97110.json").read_bytes())["RVU25D"]["97110"][""]
    check = jsonschema.Draft202012Validator(schemas.all["history"])
    for wrong in ([*row, 0], row[:-1], [*row[:2], "45", *row[3:]]):
        assert not check.is_valid({"RVU25D": {"97110": {"": wrong}}})
        assert faults([("", {"RVU25D": {"97110": {"": wrong}}})], schemas.compiled["history"])


def test_the_sample_keeps_to_them_too(sample_site: Site) -> None:
    """A site made from the embedded sample writes the same schemas, and its files keep to them."""
    own = Schemas(sample_site.folder / "data" / "v1" / "schema")
    assert faults(list(sample_site.twins.items()), own.compiled["code"]) == []
    for kind in ("history", "zip", "feed", "index"):
        assert faults([(path.name, json.loads(path.read_bytes())) for path in files(sample_site, kind)], own.compiled[kind]) == [], kind
    for kind in ("release", "edits"):
        assert faults([(path.name, row) for path in files(sample_site, kind) for row in rows_of(path)], own.compiled[kind]) == [], kind


def test_a_year_with_one_conversion_factor(snapshots_of_history: dict[str, Imported], schemas: Schemas) -> None:
    """Of RVU25D, before there were two factors, twins and CSV keep to the schemas; the amount stands in the column of non-QPs, and none in that of QPs."""
    snap = snapshots_of_history["rvu25d"].snapshot
    site, _ = loading.load("rvu25d", snap.folder.parent)
    tree = hubs.build(site)
    codes = ("97110", "70496", "00100", "86153", "D0120")
    twins = [(code, json.loads(twin(entry, code_page(entry, site, tree), site))) for code in codes if (entry := site.by_code.get(code))]
    assert faults(twins, schemas.compiled["code"]) == []
    rows = list(csv.DictReader(io.StringIO(release_csv.made(site).decode(), newline=""), strict=True))
    assert faults([(row["code"], row) for row in rows], schemas.compiled["release"]) == []
    theirs = facts.by_code(facts.RVU25D)
    assert len(rows) == sum(map(len, theirs.values()))
    for row in rows:
        result, cents = theirs[row["code"]][row["modifier"]].outcome(facts.ALL_2025, OFFICE)
        assert (row["office_result"], row["office_non_qp"], row["office_qp"]) == (result, "" if cents is None else f"{cents // 100}.{cents % 100:02d}", "")
    assert 'row["amounts"]["all"]' in data_record(site).python


# -- the release as CSV --------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def release(full_site: Site) -> list[dict[str, str]]:
    """Return the rows of the release's CSV."""
    return rows_of(full_site.folder / release_csv.PATH)


def test_the_csv_says_what_cms_s_file_says(release: list[dict[str, str]]) -> None:
    """A row a code and modifier, none more: status, RVUs, shares, caps and indicators are those of CMS's csv; national amounts, and why there is none, those that follow from it."""
    theirs = {(code, modifier): row for code, rows in facts.by_code().items() for modifier, row in rows.items()}
    assert [(row["code"], row["modifier"]) for row in release] == sorted(theirs)
    numbers = {"work_rvu": "work", "mp_rvu": "mp", "share_before": "pre", "share_operation": "intra", "share_after": "post", "cap_mp_rvu": "opps_mp"}
    texts = {"status": "status", "professional_technical": "pctc", "global_days": "glob", "multiple_procedures": "mult", "both_sides": "bilat", "assistant_surgeon": "asst", "co_surgeons": "cosurg", "team_surgery": "team", "endoscopic_base": "endo_base", "supervision": "supervision"}
    for row in release:
        one = theirs[row["code"], row["modifier"]]
        assert row["release"] == "RVU26C"
        assert {name: row[name] for name in texts} == {name: getattr(one, of) for name, of in texts.items()}, row
        assert {name: facts.Fraction(row[name]) for name in numbers} == {name: getattr(one, of) for name, of in numbers.items()}, row
        assert row["rvus_used_for_payment"] == ("no" if one.plus else "yes")
        for setting in (OFFICE, FACILITY):
            assert facts.Fraction(row[f"pe_rvu_{setting}"]) == one.pe[setting], row
            assert facts.Fraction(row[f"cap_pe_rvu_{setting}"]) == one.opps_pe[setting], row
            assert row[f"na_{setting}"] == ("yes" if one.na[setting] else "no"), row
            for kind, factor in (("non_qp", NON_QP), ("qp", QP)):
                result, cents = one.outcome(factor, setting)
                assert (row[f"{setting}_result"], row[f"{setting}_{kind}"]) == (result, "" if cents is None else f"{cents // 100}.{cents % 100:02d}"), row


def test_the_csv_says_what_the_twins_say(release: list[dict[str, str]], full_site: Site) -> None:
    """Results, amounts, notes and imaging family are those of the codes' JSON, in both settings and for both factors."""
    rows = {(code, one["modifier"]): one for code, data in full_site.twins.items() for one in data["rows"]}
    assert len(rows) == len(release)
    for row in release:
        one = rows[row["code"], row["modifier"]]
        assert row["imaging_family"] == one["indicators"]["imaging_family"]
        for setting in (OFFICE, FACILITY):
            both = [one["amounts"][kind][setting] for kind in ("non_qp", "qp")]
            assert [row[f"{setting}_result"]] * 2 == [each["result"] for each in both], row
            assert [row[f"{setting}_{kind}"] for kind in ("non_qp", "qp")] == [each.get("allowed", "") for each in both], row
            assert set(row[f"{setting}_notes"].split()) == {note for each in both for note in each.get("notes", ())}, row


def test_the_csv_has_cms_s_unit_limits(release: list[dict[str, str]]) -> None:
    """Limit and indicator are those of CMS's file of practitioners; a code without one has blanks."""
    text = next((CMS / "mue").glob("*.csv")).read_text(encoding="latin-1")
    limits = {code: (units, kind[0]) for code, units, kind, _ in list(csv.reader(io.StringIO(text)))[2:]}
    assert {row["code"]: (row["unit_limit"], row["unit_limit_indicator"]) for row in release} == {row["code"]: limits.get(row["code"], ("", "")) for row in release}


def test_the_list_of_kinds_says_which_release_and_editions_these_are(full_site: Site) -> None:
    """Release, days, codes, older releases, and the quarter of each table that has one of its own, as CMS's file names and ZIP codes have them."""
    made = json.loads((full_site.folder / kinds.INDEX).read_bytes())
    del made["files"]
    (limits,) = (CMS / "mue").glob("*.csv")
    (add_ons,) = (CMS / "aoc").glob("*.csv")
    assert limits.stem.endswith("_Eff_04-01-2026")
    assert made == {
        "release": "RVU26C",
        "effective_from": "2026-07-01",
        "effective_to": "2026-09-30",
        "sample": False,
        "codes": len(facts.by_code()),
        "older_releases": [name.upper() for name in facts.BEFORE],
        "editions": {"edits": "2026 Q3 (v322r0)", "unit_limits": "2026 Q2", "add_on_codes": f"{add_ons.stem[5:9]} {add_ons.stem[9:11]}", "zip_codes": "2026 Q1"},
    }


def test_the_csv_is_small_and_holds_facts_alone(full_site: Site, release: list[dict[str, str]], not_ours: Texts) -> None:
    """It is under 5 MB; no cell is a text of CMS's, and none has a blank in it but a list of notes."""
    assert (full_site.folder / release_csv.PATH).stat().st_size < 5_000_000
    cells = {cell for row in release for name, cell in row.items() if not name.endswith("_notes")}
    assert not [cell for cell in cells if " " in cell or not_ours.found(cell)]


# -- what v1 promises ----------------------------------------------------------------------------------------------------


def promises(name: str, schema: dict[str, Any], part: dict[str, Any], at: str = "") -> Iterator[str]:
    """Yield every field of a schema with the way to it and its type; values without names by their order."""
    if "$ref" in part:
        part = schema["$defs"][part["$ref"].rsplit("/", 1)[1]]
    for field, one in part.get("properties", {}).items():
        yield from promises(name, schema, one, f"{at}.{field}")
    for one in part.get("anyOf", ()):
        yield from promises(name, schema, one, at) if "type" in one and one["type"] != "null" else ()
    for number, one in enumerate(part.get("prefixItems", ())):
        yield f"{name}{at}[{number}] {one['title']} {one['type']}"
    if isinstance(part.get("items"), dict):
        yield from promises(name, schema, part["items"], f"{at}[]")
    for one in part.get("patternProperties", {}).values():
        yield from promises(name, schema, one, f"{at}.*")
    types = [part["type"]] if isinstance(part.get("type"), str) else part.get("type", [])
    if types and types[0] not in {"object", "array"}:
        yield f"{name}{at} {' or '.join(types)}"


def test_v1_keeps_what_it_has_promised(schemas: Schemas) -> None:
    """Every field that stands in tests/golden/data-v1.txt is still there, with its type; a new one is added to that file. A line is never taken out."""
    now = [line for name, schema in schemas.all.items() for line in dict.fromkeys(promises(name, schema, schema))]
    if os.environ.get("REGOLD") == "1":
        before = PROMISED.read_text(encoding="utf-8").splitlines() if PROMISED.is_file() else []
        PROMISED.write_text("".join(f"{line}\n" for line in dict.fromkeys([*before, *now])), encoding="utf-8")
    promised = PROMISED.read_text(encoding="utf-8").splitlines()
    assert set(promised) - set(now) == set(), "v1 promised these"
    assert set(now) - set(promised) == set(), "new: add them with REGOLD=1"
    columns = [line.split()[0] for line in promised if line.startswith("release.")]
    assert [f"release.{name}" for name in schemas.all["release"]["properties"]] == columns


# -- the page ------------------------------------------------------------------------------------------------------------


def code_of(site: Site) -> tuple[str, str]:
    """Return the examples of the page, for curl and for Python."""
    curl, python = re.findall(r"<pre[^>]*><code>(.*?)</code></pre>", (site.folder / "data" / "index.html").read_text(encoding="utf-8"), re.DOTALL)
    return html.unescape(curl), html.unescape(python)


def test_the_python_example_runs(whole_site: Site, tmp_path: Path) -> None:
    """Copied from the page and run against the site, it prints the amount of CMS's figures and the number of rows."""
    with served(whole_site.folder) as address:
        done = subprocess.run([sys.executable, "-W", "error", "-c", code_of(whole_site)[1].replace(BASE, address)], cwd=tmp_path, capture_output=True, encoding="utf-8", timeout=60, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    first, second = done.stdout.splitlines()
    # 97110: (0.45 + 0.41 + 0.01) x 33.4009, from CMS's file.
    assert first == "97110  AMOUNT 29.06"
    rows = rows_of(whole_site.folder / release_csv.PATH)
    assert second == f"{len(rows)} rows of RVU26C, {sum(row['office_non_qp'] != '' for row in rows)} with an office amount"


def test_the_curl_example_runs(whole_site: Site, tmp_path: Path) -> None:
    """Copied from the page and run by a shell, it prints a code's JSON and leaves the CSV in the folder."""
    if shutil.which("curl") is None:
        lacking("curl is not here: apt-get install curl")
    with served(whole_site.folder) as address:
        done = subprocess.run(["sh", "-ec", code_of(whole_site)[0].replace(BASE, address)], cwd=tmp_path, capture_output=True, timeout=60, check=False)
    assert (done.returncode, done.stderr) == (0, b"")
    assert done.stdout == (whole_site.folder / "data/v1/codes/97110.json").read_bytes()
    assert (tmp_path / "release.csv").read_bytes() == (whole_site.folder / release_csv.PATH).read_bytes()


def test_scripts_of_any_site_may_read_every_kind(whole_site: Site) -> None:
    """Every example of the list of kinds, and every schema, is there, of the type that it should be, and is sent with the header that lets any origin read it."""
    listed = json.loads((whole_site.folder / kinds.INDEX).read_bytes())["files"]
    assert {one["kind"] for one in listed} == set(SCHEMA_OF.values()) - (set() if CMS.is_dir() else {"changes"})
    types = {"JSON": "application/json", "CSV": "text/csv; charset=utf-8"}
    with served(whole_site.folder) as address:
        for one in listed:
            for path, form in ((one["example"], one["format"]), (one["schema"], "JSON")):
                with urlopen(address + path) as answer:
                    assert answer.headers["Access-Control-Allow-Origin"] == "*", path
                    assert answer.headers["Content-Type"] == types[form], path


def test_the_page_names_every_kind_and_every_folder(full_site: Site) -> None:
    """It links an example and the schema of each kind, has every column of the CSV, says which folders are not promised, and is linked from every page."""
    page = full_site.pages["/data/"]
    listed = json.loads((full_site.folder / kinds.INDEX).read_bytes())["files"]
    assert page.links >= {one[name] for one in listed for name in ("example", "schema")} | {"/data/v1/release.csv", "/legal/", "/changes/", "/toolkit/"}
    text = html.unescape((full_site.folder / "data" / "index.html").read_text(encoding="utf-8"))
    assert [name for name in rows_of(full_site.folder / release_csv.PATH)[0] if f">{name}<" not in text] == []
    shown = {path.name for path in (full_site.folder / "data" / "v1").iterdir() if path.is_dir()}
    assert [name for name in shown if f"/data/v1/{name}/" not in text] == []
    assert all("/data/" in one.links for one in full_site.pages.values())
    assert "No CPT descriptor is in any of these files" in text


def datasets(data: Any) -> Iterator[dict[str, Any]]:
    """Yield every object of structured data that is a Dataset or a download of one."""
    for one in nested(data):
        if one.get("@type") in {"Dataset", "DataDownload"}:
            yield one


def test_the_dataset_stands_on_the_data_page_alone(full_site: Site) -> None:
    """Its structured data describes a Dataset with licence, creator, days, variables, CMS's files as its source, and downloads that exist with their types; no other page has one."""
    assert [url for url, page in full_site.pages.items() if '"Data' in page.json_ld and list(datasets(page.ld))] == ["/data/"]
    about = full_site.pages["/data/"].ld[0]["mainEntity"]
    assert about["@type"] == "Dataset"
    assert 50 <= len(about["description"]) <= 5000  # what search engines take
    assert about["temporalCoverage"] == "2026-07-01/2026-09-30"
    assert about["license"] == f"{BASE}/data/#licence"
    assert "licence" in full_site.pages["/data/"].ids
    assert about["creator"]["@type"] == "Organization"
    assert about["isAccessibleForFree"] is True
    header = set(rows_of(full_site.folder / release_csv.PATH)[0])
    measured = {name: one["unitText"] for one in about["variableMeasured"] for name in one["name"].split(", ")}
    assert measured.keys() <= header
    assert (measured["work_rvu"], measured["office_non_qp"], measured["unit_limit"]) == ("RVU", "USD", "units of service")
    assert all(one["url"].startswith("https://www.cms.gov/") and len(one["description"]) >= 50 for one in about["isBasedOn"])
    assert {"CMS relative value file RVU26C"} <= {one["name"] for one in about["isBasedOn"]}
    downloads = {one["contentUrl"].removeprefix(BASE): one["encodingFormat"] for one in about["distribution"]}
    assert downloads == {"/data/v1/release.csv": "text/csv", "/data/v1/index.json": "application/json"}
    assert downloads.keys() <= full_site.urls
