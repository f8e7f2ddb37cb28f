"""Field reports: the closed lists and both shapes, what a build takes in and what it refuses, and the same words and markup on a page and in its script."""

from __future__ import annotations

import copy
import gzip
import http.server
import json
import re
import threading
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml
from built import IN_PERIOD, Site
from copies import Project
from machine import ROOT
from programs import chromium, node, run
from reading import unfolded
from test_browser import served
from test_markup import brief, html_validate, nu

from medpayiq import building, config, loading, render
from medpayiq.field import lists, report_schema, reports, taking, words
from medpayiq.field.reports import Unfit
from medpayiq.findings import Failed, Findings
from medpayiq.pages import field as field_pages
from medpayiq.pages.models import Piece

DEMO = ROOT / "tests" / "fixtures" / "field-demo.json"
FIGURES: dict[str, Any] = json.loads(DEMO.read_text(encoding="utf-8"))
REAL = {key: one for key, one in FIGURES.items() if key != "synthetic"}
"""The same without the mark: what a function would answer."""
LISTS: dict[str, Any] = yaml.load((ROOT / "content" / "field.yml").read_text(encoding="utf-8"), Loader=yaml.BaseLoader)  # noqa: S506 - texts alone
MODIFIERS: dict[str, Any] = yaml.load((ROOT / "rules" / "modifiers.yml").read_text(encoding="utf-8"), Loader=yaml.BaseLoader)["modifiers"]  # noqa: S506 - texts alone
REPORT = {"code": "97761", "payer_class": "medicare", "payer": "noridian", "reason": "97", "modifier": "59", "outcome": "paid_corrected", "worked": ["corrected_modifier"], "state": "WA", "role": "biller"}


def schema(name: str) -> dict[str, Any]:
    """Return a published schema."""
    made: dict[str, Any] = json.loads((ROOT / "schema" / f"{name}.schema.json").read_text(encoding="utf-8"))
    return made


def changed(change: dict[str, Any], code: str = "97761") -> bytes:
    """Return the figures with some of one code's changed."""
    made = copy.deepcopy(REAL)
    made["codes"][code] |= change
    return json.dumps(made).encode()


# -- lists and shapes ----------------------------------------------------------------------------------------------------


def test_a_report_is_one_of_the_lists_and_nothing_else() -> None:
    """The shape of a report admits exactly the keys of content/field.yml and rules/modifiers.yml, a payer with its class alone, and no other field."""
    shape = schema("report")
    properties = shape["properties"]
    jsonschema.validate(REPORT, shape, jsonschema.Draft7Validator)
    assert properties["payer_class"]["enum"] == list(LISTS["payers"])
    assert properties["reason"]["enum"] == list(LISTS["reasons"])
    assert properties["modifier"]["enum"] == ["none", *sorted(MODIFIERS), "other"]
    assert properties["outcome"]["enum"] == list(LISTS["outcomes"])
    assert properties["worked"]["items"]["enum"] == list(LISTS["worked"])
    assert properties["state"]["enum"] == sorted(LISTS["states"])
    assert properties["role"]["enum"] == list(LISTS["roles"])
    assert set(properties) == {*REPORT}
    valid = jsonschema.Draft7Validator(shape).is_valid
    taken = {(kind, payer) for kind in LISTS["payers"] for payer in properties["payer"]["enum"] if valid({**REPORT, "payer_class": kind, "payer": payer})}
    assert taken == {(kind, payer) for kind, one in LISTS["payers"].items() for payer in one["payers"]}


@pytest.mark.parametrize(
    "change",
    [
        {"code": "9776"},
        {"code": "97761 "},
        {"code": "9776a"},
        {"date": "2026-11-29"},
        {"payer": "a person, not a payer"},
        {"reason": 97},
        {"worked": ["appeal_letter", "appeal_letter"]},
        {"worked": ["appeal_letter", "added_records", "corrected_units", "peer_to_peer"]},
        {"worked": "appeal_letter"},
        {"state": "ZZ"},
        {"role": None},
        {"__proto__": {}},
    ],
)
def test_what_is_no_report(change: dict[str, Any]) -> None:
    """A value outside its list, a field more, a strategy twice or a fourth one is no report."""
    assert not jsonschema.Draft7Validator(schema("report")).is_valid({**REPORT, **change})


@pytest.mark.parametrize(
    ("outcome", "taken"),
    [("paid_corrected", True), ("paid_appeal", True), ("upheld", False), ("written_off", False), ("pending", False)],
)
def test_only_a_claim_that_was_paid_tells_what_worked(outcome: str, taken: bool) -> None:
    """A strategy goes with an outcome that was paid and with no other, "nothing worked" the other way round and never beside a strategy; either may be left out."""
    valid = jsonschema.Draft7Validator(schema("report")).is_valid
    for strategy in set(LISTS["worked"]) - {"nothing_worked"}:
        assert valid({**REPORT, "outcome": outcome, "worked": [strategy]}) == taken, strategy
        assert not valid({**REPORT, "outcome": outcome, "worked": [strategy, "nothing_worked"]}), strategy
    assert valid({**REPORT, "outcome": outcome, "worked": ["nothing_worked"]}) != taken
    assert valid({**REPORT, "outcome": outcome, "worked": []})


@pytest.mark.parametrize("field", ["outcome", "worked"])
def test_a_missing_field_is_the_one_fault(field: str) -> None:
    """Where outcome or what worked is missing, nothing is said of the other."""
    report = {key: value for key, value in {**REPORT, "outcome": "paid_appeal"}.items() if key != field}
    assert [one.message for one in jsonschema.Draft7Validator(schema("report")).iter_errors(report)] == [f"'{field}' is a required property"]


def test_every_list_ends_with_a_way_out() -> None:
    """Each class of payers and the reasons have "other", so that nobody must choose what is not so."""
    assert [kind for kind, one in LISTS["payers"].items() if "other" not in one["payers"]] == []
    assert "other" in LISTS["reasons"]
    assert {"none", "other"} <= set(schema("report")["properties"]["modifier"]["enum"])


def test_a_list_that_does_not_fit_says_where(tmp_path: Path) -> None:
    """A fault of content/field.yml is told with line and column."""
    path = tmp_path / "field.yml"
    text = (ROOT / "content" / "field.yml").read_text(encoding="utf-8")
    path.write_text(text.replace('  "97": Bundled', '  "097": Bundled').replace("  other: Another reason\n", ""), encoding="utf-8")
    findings = Findings()
    assert lists.check(findings, path) is None
    assert all(one.line > 1 and one.try_ for one in findings.of("error"))
    said = "\n".join(one.message for one in findings.of("error"))
    assert "097" in said
    assert "other is missing" in said


@pytest.mark.parametrize(
    ("paid", "said"),
    [
        ("[paid_corrected, paid]", "paid: paid is not among outcomes"),
        ("[paid_corrected, paid_appeal, upheld, written_off, pending]", "paid: names every outcome"),
        ("[]", "paid"),
    ],
)
def test_outcomes_that_count_as_paid_are_outcomes_and_not_all(paid: str, said: str, tmp_path: Path) -> None:
    """A key that is no outcome is told with its place, and so is a list that would leave no denial, or no payment."""
    path = tmp_path / "field.yml"
    text = (ROOT / "content" / "field.yml").read_text(encoding="utf-8")
    assert "\npaid: [paid_corrected, paid_appeal]\n" in text
    path.write_text(text.replace("paid: [paid_corrected, paid_appeal]", f"paid: {paid}"), encoding="utf-8")
    findings = Findings()
    assert lists.check(findings, path) is None
    (found,) = findings.of("error")
    assert found.message.startswith(said)
    assert found.line == text[: text.index("\npaid:")].count("\n") + 2
    assert found.try_


# -- what is taken in ----------------------------------------------------------------------------------------------------


def test_published_figures_are_taken_in_as_they_stand() -> None:
    """Figures that keep every rule reach the pages unchanged, each in the published shape."""
    made = reports.parse(json.dumps(REAL).encode(), lists.read())
    assert (made.day, dict(made.codes), made.read, made.synthetic) == (REAL["published"], REAL["codes"], True, False)
    for one in REAL["codes"].values():
        jsonschema.validate(one, schema("aggregate"), jsonschema.Draft7Validator)


def test_before_the_first_publication_there_is_nothing() -> None:
    """An answer without a publication has no code, and is no fault."""
    made = reports.parse(b'{"published": null, "codes": {}}', lists.read())
    assert (made.day, dict(made.codes), made.read) == (None, {}, True)


@pytest.mark.parametrize(
    ("change", "path"),
    [
        ({"reports": "3"}, "/codes/97761/reports"),
        ({"reports": 12}, "/codes/97761/reports"),
        ({"reports": "5-9", "reasons": [{"key": "97", "band": "10-24"}]}, "/codes/97761/reasons"),
        ({"reports": "5-9", "reasons": [{"key": "4", "band": "5-9"}, {"key": "97", "band": "5-9"}]}, "/codes/97761/reasons"),
        ({"reasons": [{"key": "97", "band": "5-9"}, {"key": "4", "band": "5-9"}]}, "/codes/97761/reasons"),
        ({"reasons": [{"key": "4", "band": "5-9"}, {"key": "97", "band": "10-24"}]}, "/codes/97761/reasons"),
        ({"reasons": [{"key": "97", "band": "10-24"}, {"key": "97", "band": "5-9"}]}, "/codes/97761/reasons"),
        ({"reasons": [{"key": "97", "band": "1-4"}]}, "/codes/97761/reasons/0/band"),
        ({"reasons": [{"key": "97", "band": "5-9", "count": 7}]}, "/codes/97761/reasons/0"),
        ({"reasons": [{"key": "999", "band": "5-9"}]}, "/codes/97761/reasons/0/key"),
        ({"reports": "10-24", "outcomes": [{"key": "upheld", "band": "10-24"}, {"key": "pending", "band": "5-9"}], "worked": [{"key": "appeal_letter", "band": "10-24"}]}, "/codes/97761/worked"),
        ({"reports": "5-9", "reasons": [], "outcomes": [{"key": "upheld", "band": "5-9"}], "worked": [{"key": "appeal_letter", "band": "5-9"}]}, "/codes/97761/worked"),
        ({"reports": "5-9", "reasons": [], "outcomes": [{"key": "paid_appeal", "band": "5-9"}], "worked": [{"key": "nothing_worked", "band": "5-9"}]}, "/codes/97761/worked"),
        ({"payers": [{"key": "noridian", "band": "5-9"}]}, "/codes/97761/payers/0/key"),
        ({"states": []}, "/codes/97761"),
        ({"code": "99213"}, "/codes/97761/code"),
        ({"period": {"from": "2026Q4", "to": "2026Q3"}}, "/codes/97761/period"),
        ({"period": {"from": "2026Q4", "to": "2027Q1"}}, "/codes/97761/period"),
        ({"period": {"from": "2026-07", "to": "2026Q4"}}, "/codes/97761/period/from"),
        ({"published": "2026-11-29"}, "/codes/97761/published"),
        ({"published": "2026-02-30"}, "/codes/97761/published"),
    ],
)
def test_figures_that_break_a_rule_are_refused_with_their_path(change: dict[str, Any], path: str) -> None:
    """A number, an order that tells more than bands, bands that cannot be true together, an unknown key, a day to come: each is refused, and its path in the JSON named."""
    with pytest.raises(Unfit) as refused:
        reports.parse(changed(change), lists.read())
    assert [fault for fault in refused.value.faults if not fault.startswith(f"{path}: ")] == []


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"{", "1:2: is not JSON"),
        (b'{"published": null,\n "codes": {},,}', "2:14: is not JSON"),
        (b"\xff", "is not UTF-8 at byte 0"),
        (b"[]", "/: must be an object"),
        (b'{"codes": {}}', "/published: is missing"),
        (b'{"published": null, "codes": {}, "more": 1}', "/more: no such key"),
        (b'{"published": null, "codes": {}, "codes": {}}', "'codes' stands twice"),
        (b'{"published": NaN, "codes": {}}', "NaN is not JSON"),
        (b'{"published": null, "codes": []}', "/codes: must be an object"),
        (b'{"published": null, "codes": {"97761": 1}}', "/published: figures need the day"),
        (b'{"published": "2026-11-28", "codes": {"97761": 1}}', "/codes/97761: must be keys and values"),
        (b'{"published": "20261128", "codes": {}}', "/published: '20261128' is not a day"),
        (b"[" * 100_000, "is nested too deep"),
    ],
)
def test_what_is_no_answer_of_the_function(data: bytes, said: str) -> None:
    """Whatever stands in a file, it is refused in a sentence with its place."""
    with pytest.raises(Unfit) as refused:
        reports.parse(data, lists.read())
    assert said in refused.value.faults[0]


def test_made_up_figures_enter_no_real_build(tmp_path: Path) -> None:
    """The demonstration is refused by a build, whatever its mark says, and leaves no site."""
    project = Project(tmp_path / "project")
    project.edit("site.yml", "reports: null", "reports: reports.json")
    for mark in (True, "no", None):
        (project.root / "reports.json").write_text(json.dumps({**FIGURES, "synthetic": mark}), encoding="utf-8")
        done = project.run("build", "--release", "sample", "--no-search")
        assert done.returncode == 1, done.stdout
        assert "reports.json: error: /synthetic: these figures are made up" in done.stderr
        assert not (project.root / "site").exists()


def test_a_file_that_does_not_fit_ends_the_build_with_its_place(tmp_path: Path) -> None:
    """A fault of JSON is told as file:line:column, one of a figure by its path; a file that is not there by name."""
    project = Project(tmp_path / "project")
    project.edit("site.yml", "reports: null", "reports: reports.json")
    told = {b'{\n"published": x}': "reports.json:2:14: error: is not JSON", changed({"reports": "4"}): "reports.json: error: /codes/97761/reports: '4' is not one of"}
    assert "reports.json: error: cannot be read" in project.run("build", "--no-search").stderr
    for data, said in told.items():
        (project.root / "reports.json").write_bytes(data)
        done = project.run("build", "--no-search")
        assert done.returncode == 1
        assert said in done.stderr
        assert "try: " in done.stderr


class Function(http.server.BaseHTTPRequestHandler):
    """Stands in for the function: answers what it is told."""

    status, data = 200, b""

    def do_GET(self) -> None:
        """Answer."""
        self.send_response(type(self).status)
        self.send_header("Content-Length", str(len(type(self).data)))
        self.end_headers()
        self.wfile.write(type(self).data)

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


@pytest.fixture
def address() -> Iterator[str]:
    """Return the address of a function that answers `Function.status` and `Function.data`."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Function)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/api/reports"
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.mark.parametrize(("status", "data"), [(404, b""), (200, b"<html>"), (200, changed({"reports": "4"})), (200, json.dumps(FIGURES).encode()), (204, b"")])
def test_an_address_that_fails_never_fails_a_build(status: int, data: bytes, address: str, tmp_path: Path) -> None:
    """Without a copy there are no reports and a warning; with one, the last good answer stays, whatever comes after it."""
    choices = lists.read()
    Function.status, Function.data = status, data
    findings = Findings()
    assert taking.take(address, choices, findings, copies=tmp_path).codes == {}
    Function.status, Function.data = 200, json.dumps(REAL).encode()
    assert taking.take(address, choices, Findings(), copies=tmp_path).codes == REAL["codes"]
    Function.status, Function.data = status, data
    assert taking.take(address, choices, findings, copies=tmp_path).codes == REAL["codes"]
    assert not findings.failed
    assert ["the pages say that there are none" in findings.items[0].message, "those published on 2026-11-28 are used" in findings.items[1].message] == [True, True]


def test_an_address_where_nobody_is(tmp_path: Path) -> None:
    """A connection that is refused is a warning as well."""
    findings = Findings()
    assert taking.take("http://127.0.0.1:9/api/reports", lists.read(), findings, copies=tmp_path).codes == {}
    assert [one.level for one in findings.items] == ["warning"]


def test_codes_without_a_page_are_left_out_with_a_warning() -> None:
    """Reports on a code that the release no longer has do not end a build; they are named."""
    findings = Findings()
    made = taking.of_release(reports.parse(json.dumps(REAL).encode(), lists.read()), {"97761"}, findings)
    assert list(made.codes) == ["97761"]
    assert [one.level for one in findings.items] == ["warning"]
    assert "20610" in findings.items[0].message


@pytest.mark.parametrize("setting", ["https://medpayiq.example/api/reports", "http://127.0.0.1:8000/api/reports", "reports.json", "field/reports.json", None])
def test_settings_that_name_reports(setting: str | None, tmp_path: Path) -> None:
    """An https address, one on this machine, a file of the project, or nothing."""
    assert config.read(settings(tmp_path, setting)).reports == setting


@pytest.mark.parametrize("setting", ["http://medpayiq.example/api/reports", "ftp://a/reports.json", "/etc/reports.json", "reports", "https://", "a b.json", ""])
def test_settings_that_do_not(setting: str, tmp_path: Path) -> None:
    """Anything else is refused by name, with what to write."""
    with pytest.raises(Failed, match=r"reports: .*\n  try: write null, a file"):
        config.read(settings(tmp_path, setting))


def settings(folder: Path, setting: str | None) -> Path:
    """Write site.yml with another place for reports."""
    path = folder / "site.yml"
    text = (ROOT / "site.yml").read_text(encoding="utf-8")
    assert "\nreports: null\n" in text
    path.write_text(text.replace("\nreports: null\n", f"\nreports: {json.dumps(setting)}\n"), encoding="utf-8")
    return path


def test_a_check_reads_the_file_and_asks_no_address(tmp_path: Path) -> None:
    """`build.py check` tells the fault of a file; an address it leaves alone."""
    project = Project(tmp_path / "project")
    project.edit("site.yml", "reports: null", "reports: reports.json")
    (project.root / "reports.json").write_bytes(changed({"reports": "4"}))
    done = project.run("check", "--release", "sample")
    assert done.returncode == 1
    assert "reports.json: error: /codes/97761/reports: '4' is not one of" in done.stdout
    project.edit("site.yml", "reports: reports.json", "reports: http://127.0.0.1:9/api/reports")
    assert "127.0.0.1" not in project.run("check", "--release", "sample").stdout


# -- pages ---------------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def demo_site(tmp_path_factory: pytest.TempPathFactory) -> Site:
    """Return the site of the sample with the demonstration's reports."""
    folder = tmp_path_factory.mktemp("field") / "site"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SOURCE_DATE_EPOCH", IN_PERIOD)
        patch.setattr(taking, "take", lambda _, choices, findings: taking.of_file(DEMO, choices, findings, demo=True))
        result = building.build(building.Options("sample", folder, search=False))
    return Site(folder, result)


def box(site: Site, code: str) -> str:
    """Return what a code page shows of reports."""
    found = re.search(r'<div id="field-reports"[^>]*>\n(.*?)</div>\n', site.html(code), re.DOTALL)
    assert found, code
    return found[1]


def test_a_page_shows_every_published_figure_as_a_band(demo_site: Site) -> None:
    """Each cell stands on its code's page, in words of content/field.yml, with its band and no number; the mark of a demonstration as well."""
    said = {"5-9": "5 to 9", "10-24": "10 to 24", "25-49": "25 to 49", "50+": "50 or more"}
    for code, one in FIGURES["codes"].items():
        text = box(demo_site, code)
        assert f"<b>{said[one['reports']]} reports</b>" in text
        assert "Self-reported, no denominator" in text
        assert "Made-up figures" in text
        bars = re.findall(r'<li><span>(.*?)</span> <b class="b\d+">(.*?)</b></li>', text)
        wanted = [(f"{cell['key']} {LISTS['reasons'][cell['key']]}" if cell["key"] != "other" else LISTS["reasons"]["other"], said[cell["band"]]) for cell in one["reasons"]]
        assert bars[: len(wanted)] == wanted
        assert len(bars) == sum(len(one[part]) for part in ("reasons", "payers", "outcomes", "worked"))
    assert "counted in 2026 Q3 to 2026 Q4." in box(demo_site, "97761")
    assert "counted in 2026 Q4." in box(demo_site, "20610")
    assert "Published November 28, 2026." in box(demo_site, "97761")


def test_pages_with_figures_are_valid(demo_site: Site, tmp_path: Path) -> None:
    """Both validators find nothing in pages that hold figures, as a browser with scripts has them: the ranking, and codes with all lists, some, and none."""
    node()
    files = []
    for name in ("field", "codes/99213", "codes/20610", "codes/45385"):
        files.append(tmp_path / f"{name.replace('/', '-')}.html")
        files[-1].write_text(unfolded((demo_site.folder / name / "index.html").read_text(encoding="utf-8")), encoding="utf-8")
    assert brief(html_validate(*files)) == []
    assert brief(nu(*files)) == []


def test_a_page_without_reports_invites(demo_site: Site, sample_site: Site) -> None:
    """Under five there is the invitation, with the way to the form, the same whether there are none or four; also on a page that search engines do not list, since any code can be denied."""
    for site, code in ((demo_site, "99214"), (sample_site, "97761")):
        assert f"No field reports on {code} to show yet." in box(site, code)
        assert f'<a href="/contribute/?code={code}" rel="nofollow">' in site.html(code)
    unlisted = next(code for code, page in sample_site.code_pages.items() if "noindex" in page.metas.get("robots", ""))
    assert f"No field reports on {unlisted} to show yet." in box(sample_site, unlisted)
    assert [code for code in sample_site.twins if f'<a href="/contribute/?code={code}" rel="nofollow">' not in sample_site.html(code)] == []


@pytest.mark.parametrize("baked", [True, False])
def test_where_nothing_answers_nothing_is_asked(baked: bool, tmp_path: Path) -> None:
    """With take_reports: false no page has the form, links to it from a code or asks a function; what is published shows where a file names it, and nowhere else."""
    project = Project(tmp_path / "project")
    project.edit("site.yml", "take_reports: true", "take_reports: false")
    if baked:
        project.edit("site.yml", "reports: null", "reports: reports.json")
        (project.root / "reports.json").write_text(json.dumps(REAL), encoding="utf-8")
    done = project.run("build", "--no-search", SOURCE_DATE_EPOCH=IN_PERIOD)
    assert done.returncode == 0, done.stderr
    texts = {path.parent.relative_to(project.root / "site").as_posix(): path.read_text(encoding="utf-8") for path in (project.root / "site").rglob("index.html")}
    assert [name for name, text in texts.items() if '<form id="report"' in text or "/contribute/?code=" in text or 'data-words="/assets/field.' in text] == []
    assert {name.removeprefix("codes/") for name, text in texts.items() if 'id="field-reports"' in text} == (set(REAL["codes"]) if baked else set())
    assert "takes no field reports in" in texts["contribute"]
    assert "noindex" in texts["contribute"]
    assert "/contribute/" not in "".join(path.read_text(encoding="utf-8") for path in (project.root / "site").glob("sitemap*.xml"))
    assert "/contribute/" not in texts["field"]
    if not baked:
        assert "It takes none in." in texts["field"]


@pytest.mark.parametrize("setting", ["no", '"false"', "0", "null"])
def test_a_switch_is_true_or_false(setting: str, tmp_path: Path) -> None:
    """Any other value of take_reports is refused by name, with what to write; left out, reports are taken in."""
    path = tmp_path / "site.yml"
    text = (ROOT / "site.yml").read_text(encoding="utf-8")
    path.write_text(text.replace("take_reports: true", f"take_reports: {setting}"), encoding="utf-8")
    with pytest.raises(Failed, match=r"take_reports: .*\n  try: write take_reports: true, or take_reports: false"):
        config.read(path)
    path.write_text(text.replace("take_reports: true\n", ""), encoding="utf-8")
    assert config.read(path).take_reports


def test_the_twin_has_the_figures(demo_site: Site) -> None:
    """The JSON twin holds what is published, or null; made-up figures with their mark, so that nobody takes them out of it as real ones."""
    twins = demo_site.twins
    assert {code: one["field"] for code, one in twins.items() if one["field"]} == {code: {**one, "synthetic": True} for code, one in FIGURES["codes"].items()}


def test_the_most_reported_codes_are_ranked_by_band_then_code(demo_site: Site, sample_site: Site) -> None:
    """/field/ lists every code with figures, the highest band first and by number within it; without any it says so."""
    html = (demo_site.folder / "field" / "index.html").read_text(encoding="utf-8")
    assert re.findall(r'<tr><th scope="row"><a href="/codes/(\w{5})/#field">', html) == ["99213", "27447", "66984", "97761", "20610", "45385"]
    assert re.findall(r"<dt>(.*?)</dt><dd><b>(\d+) codes?</b>", html)[0] == ("4 Modifier missing, or not fitting the code", "2")
    assert "Made-up figures" in html
    assert "No field reports yet" in (sample_site.folder / "field" / "index.html").read_text(encoding="utf-8")


def test_the_ranking_is_readable_on_a_phone(demo_site: Site) -> None:
    """In Chromium each code of /field/ is a block on a phone, every figure in sight beside its heading, and a line of columns on a desk; axe finds nothing in either."""
    with served(demo_site.folder) as base:
        done = run([node(), "--test", "--test-name-pattern=the ranking", "tests/browser/field.test.mjs"], seconds=120, RANKING_URL=base, CHROMIUM=chromium())
    assert done.returncode == 0, done.stdout
    assert "pass 1\n" in done.stdout, done.stdout


def test_every_cell_of_the_ranking_names_its_column(demo_site: Site) -> None:
    """What stands before a figure on a phone is the heading of its column on a desk."""
    html = (demo_site.folder / "field" / "index.html").read_text(encoding="utf-8")
    headings = re.findall(r'<th scope="col">(.*?)</th>', html)
    rows = re.findall(r"<tr><th scope=\"row\">.*?</tr>", html)
    assert len(rows) == len(FIGURES["codes"])
    assert {tuple(re.findall(r'<td data-of="(.*?)">', row)) for row in rows} == {tuple(headings[2:])}


def test_a_build_makes_again_only_pages_whose_reports_changed(tmp_path: Path) -> None:
    """New figures of one code change its page, its twin and the ranking, and nothing else."""
    project = Project(tmp_path / "project")
    project.edit("site.yml", "reports: null", "reports: reports.json")
    (project.root / "reports.json").write_text(json.dumps(REAL), encoding="utf-8")
    before = project.run("build", "--no-search", SOURCE_DATE_EPOCH=IN_PERIOD)
    assert before.returncode == 0, before.stderr
    (project.root / "reports.json").write_bytes(changed({"reports": "25-49"}))
    after = project.run("build", "--no-search", SOURCE_DATE_EPOCH=IN_PERIOD)
    assert "of which 3 new or changed" in after.stdout, after.stdout


def test_a_page_and_its_script_write_the_same(tmp_path: Path) -> None:
    """What the build writes of figures and what the script writes of the same answer are alike, byte for byte, also as the script is delivered; an answer with a key or band that is unknown is not shown."""
    odd = {"93000": {**REAL["codes"]["97761"], "code": "93000", "reasons": [{"key": "<b>", "band": "5-9"}]}, "93005": {**REAL["codes"]["97761"], "code": "93005", "reports": "4"}, "93010": REAL["codes"]["97761"], "93015": {"code": "93015", "reports": None, "published": None}}
    plain = copy.deepcopy(FIGURES["codes"])
    marked = {f"{code[:4]}Z": {**one, "code": f"{code[:4]}Z", "synthetic": True} for code, one in plain.items()}
    (tmp_path / "figures.json").write_text(json.dumps({**plain, **marked, **odd}), encoding="utf-8")
    (tmp_path / "words.json").write_bytes(words.file(lists.read()))
    (tmp_path / "show.mjs").write_bytes(render.assets().files[f"{render.assets().js.lstrip('/')}field/show.js"])
    site, _ = loading.load("sample")
    published = render.assets()
    empty: Any = None
    renderer = render.Renderer(building.chrome(site, published, "/codes.json", building.shards(site.snapshot, site.past), building.claims.books(site)))
    wanted = {code: renderer.part("field_report", field_pages.report(one)) for code, one in plain.items()}
    wanted |= {code: renderer.part("field_report", field_pages.report(one, synthetic=True)) for code, one in marked.items()}
    for script in (ROOT / "assets" / "js" / "field" / "show.js", tmp_path / "show.mjs"):
        done = run([node(), str(ROOT / "tests" / "js" / "field-markup.mjs"), str(script), str(tmp_path / "words.json"), str(tmp_path / "figures.json")], seconds=60)
        assert done.returncode == 0, done.stderr
        assert json.loads(done.stdout) == {**wanted, **dict.fromkeys(odd, empty)}
    assert Piece("field_report", field_pages.report(plain["97761"])).template == "field_report"


# -- the form ------------------------------------------------------------------------------------------------------------


class Form(HTMLParser):
    """Reads the fields of the form: name to the values it offers."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.fields: dict[str, list[str]] = {}
        self.payers: set[tuple[str, str]] = set()
        self.attributes: dict[str, dict[str, str | None]] = {}
        self.goes: dict[str, tuple[set[str], set[str]]] = {}
        """What the script offers together: outcomes, and what may have worked with them."""
        self._select, self._group, self._inside = "", "", False
        self.feed(html)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        """Take fields and options."""
        found = dict(attributes)
        if tag == "form":
            self._inside = found.get("id") == "report"
            if self._inside:
                self.attributes["form"] = found
        elif self._inside and tag in {"input", "select"}:
            name = found["name"] or ""
            self._select = name if tag == "select" else ""
            self.attributes[name] = found
            for place, key in enumerate(("data-with", "data-goes")):
                if found.get(key):
                    self.goes.setdefault(found[key] or "", (set(), set()))[place].add(found["value"] or "")
            self.fields.setdefault(name, []).extend([found["value"] or ""] if found.get("type") in {"radio", "checkbox"} else [])
        elif self._inside and tag == "optgroup":
            self._group = found["data-class"] or ""
        elif self._inside and tag == "option" and found.get("value") != "":
            if "value" in found:
                self.fields[self._select].append(found["value"] or "")
            if self._select == "payer":
                self.payers.add((self._group, found["value"] or ""))

    def handle_data(self, data: str) -> None:
        """Take options whose text is their value."""
        if self._inside and self._select == "state" and re.fullmatch("[A-Z]{2}", data):
            self.fields["state"].append(data)

    def handle_endtag(self, tag: str) -> None:
        """Leave the form."""
        if tag == "form":
            self._inside = False


def test_the_form_offers_what_a_report_admits(sample_site: Site) -> None:
    """Each field of the form offers exactly the values of its list, payers under their class; nothing else is asked but the trap."""
    form = Form((sample_site.folder / "contribute" / "index.html").read_text(encoding="utf-8"))
    properties = schema("report")["properties"]
    assert set(form.fields) == {*properties, "website"}
    assert form.attributes["form"]["method"] == "post"
    assert form.attributes["form"]["action"] == "/api/reports"
    for name in ("payer_class", "reason", "modifier", "outcome", "state", "role"):
        assert form.fields[name] == properties[name]["enum"], name
    assert form.goes["strategies"] == ({"paid_corrected", "paid_appeal"}, set(LISTS["worked"]) - {"nothing_worked"})
    assert form.goes["nothing"] == (set(LISTS["outcomes"]) - {"paid_corrected", "paid_appeal"}, {"nothing_worked"})
    assert form.fields["worked"] == properties["worked"]["items"]["enum"]
    assert form.payers == {(kind, payer) for kind, one in LISTS["payers"].items() for payer in one["payers"]}
    assert re.fullmatch(form.attributes["code"]["pattern"] or "", "97761")
    required = {name for name, found in form.attributes.items() if "required" in found}
    assert required == {*schema("report")["required"]} - {"worked"}


def test_a_page_says_how_many_choices_a_report_asks(sample_site: Site) -> None:
    """The number on /field/ is that of the form's lists, without the code, the trap and what may be left out by its label."""
    page = (sample_site.folder / "field" / "index.html").read_text(encoding="utf-8")
    form = Form((sample_site.folder / "contribute" / "index.html").read_text(encoding="utf-8"))
    assert f"a code and {len(set(form.fields) - {'code', 'state', 'website'})} choices from lists" in page


def test_without_a_script_a_code_page_names_its_code_and_the_form_asks_for_it(sample_site: Site) -> None:
    """No page but the form's carries the form, which would add more than a thousand compressed bytes to each; the link to it names the code, and the form says to type it."""
    page = (sample_site.folder / "contribute" / "index.html").read_text(encoding="utf-8")
    form = re.search(r'<form id="report".*?</form>', page, re.DOTALL)
    assert form
    assert re.search(r"<noscript><p[^>]*>Type the code", form[0])
    html = sample_site.html("97761")
    assert '<form id="report"' not in html
    assert re.search(r'<a href="/contribute/\?code=97761"[^>]*>Report a denial of 97761</a>', html)
    assert len(gzip.compress((html + form[0]).encode())) - len(gzip.compress(html.encode())) > 1000


def test_a_form_may_send_what_every_report_needs() -> None:
    """What may be left empty in the form may be left out or empty in a report."""
    shape = schema("report")
    assert "state" not in shape["required"]
    assert shape["properties"]["worked"]["maxItems"] == report_schema.MOST_WORKED
    assert "minItems" not in shape["properties"]["worked"]
