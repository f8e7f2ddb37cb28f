"""What `follow` makes of what is new at CMS: what it takes, what it doubts and why, the texts it writes, and what a merge takes in."""

from __future__ import annotations

import json
import re
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from io import BytesIO
from pathlib import Path

import cms_files as mini
import pytest
import yaml
from cms_server import FOLDER, Act, Counter, release, running
from importing import Imported, tree
from machine import CMS, ROOT, SHARED
from weekly import Weeks, other_layout, payment_file, years_end

from medpayiq import building, cli, loading
from medpayiq.archive import pulling, pushing
from medpayiq.archive.stores import FolderStore
from medpayiq.changes.watching import Flag
from medpayiq.cms import snapshot
from medpayiq.cms.manifest import Entry
from medpayiq.fetching.fetch import Places
from medpayiq.findings import Failed
from medpayiq.following import accepting, desk, follow, texts
from medpayiq.following.model import Candidate, Issue, Outcome


@pytest.fixture
def builds() -> list[building.Options]:
    """Return the builds that were asked for; none is made, the played year builds."""
    return []


@pytest.fixture
def weeks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, builds: list[building.Options]) -> Iterator[Weeks]:
    """Begin with RVU25D committed and archived."""
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)

    def build(options: building.Options) -> building.Result:
        builds.append(options)
        return building.Result(options.release or "")

    monkeypatch.setattr(building, "build", build)
    monkeypatch.setattr(loading, "is_newest", lambda *_: False)
    with running() as server:
        made = Weeks(Counter(tmp_path, server), monkeypatch, tmp_path / "site")
        years_end(made)
        # RVU26A never comes here; the issue that it is late is open already.
        made.issues.append(texts.mark("late RVU26A"))
        yield made


def with_april(weeks: Weeks, work: str = "3.02") -> None:
    """Take in RVU26B by a run and a merge."""
    weeks.counter.server.put("rvu26b.zip", release("Apr", work=work))
    assert weeks.run("2026-03-10") == (3, [])
    weeks.merge()
    weeks.deploy("2026-04-01")


def committed(weeks: Weeks) -> dict[str, Entry]:
    """Return the entries of the manifest that the last pull request has."""
    counter = Counter(weeks.into / "files", weeks.counter.server)
    (counter.root / "manifest.yml").write_bytes((counter.root / "cms_data" / "manifest.yml").read_bytes())
    return {one.name: one for one in counter.manifest().entries}


# -- what is taken --------------------------------------------------------------------------------------------------------


def test_nothing_new_writes_no_text(weeks: Weeks) -> None:
    """Without anything new there is an answer with the code 0, and nothing else is left."""
    assert weeks.run("2025-12-01") == (0, [])
    assert weeks.answer() == {"code": 0, "pull_request": None, "issues": []}
    assert {path.name for path in weeks.into.iterdir() if path.is_file()} == {"answer.json", desk.MARK}


def test_a_good_release_is_told_and_pinned(weeks: Weeks, builds: list[building.Options]) -> None:
    """The text has the file with its size and digest, what was compared, and what changed; the manifest of the pull request pins it."""
    data = release("Apr", work="3.02")
    weeks.counter.server.put("rvu26b.zip", data)
    weeks.counter.server.put("pfrev26b.zip", payment_file("3.02"))
    assert weeks.run("2026-03-10") == (3, [])
    text = weeks.text("pull-request.md")
    assert f"RVU26B: rvu26b.zip, {len(data):,} bytes, sha256 " in text
    assert "PFREV26B_nonQPP.txt: 2 of 2 amounts, with RVU26B and 33.4009" in text
    assert "## What changed from RVU25D to RVU26B" in text
    assert weeks.answer()["pull_request"] == {"file": "pull-request.md", "branch": "cms/rvu26b", "title": "New at CMS: RVU26B"}
    assert (committed(weeks)["RVU26B"].size, committed(weeks)["PFREV26B"].kind) == (len(data), "amounts")
    assert [(one.release, one.out) for one in builds] == [("RVU26B", weeks.into / "site")]
    assert weeks.counter.root.as_posix() not in text


def test_good_and_bad_in_one_run(weeks: Weeks) -> None:
    """A quarter that is good goes into the pull request, one that is not into an issue beside it; the manifest has the good one only."""
    weeks.counter.server.put("rvu26b.zip", release("Apr"))
    weeks.counter.server.put("rvu26c.zip", other_layout())
    assert weeks.run("2026-06-09") == (3, ["fetch RVU26C"])
    assert "RVU26B" in committed(weeks)
    assert "RVU26C" not in committed(weeks)


def test_a_correction_takes_days_from_the_release_before(weeks: Weeks) -> None:
    """A correction within a quarter is a pull request of its own, in which both have their days and both snapshots are accepted."""
    with_april(weeks)
    weeks.counter.server.put("rvu26b-updated-05-01-2026.zip", release("Apr", work="3.03"), etag='"2"')
    assert weeks.run("2026-05-05") == (3, [])
    assert {name: (one.effective_from, one.effective_to) for name, one in committed(weeks).items() if name.startswith("RVU26")} == {
        "RVU26B": ("2026-04-01", "2026-04-30"),
        "RVU26BR": ("2026-05-01", "2026-06-30"),
    }
    assert "## What changed from RVU26B to RVU26BR" in weeks.text("pull-request.md")
    weeks.merge()
    weeks.deploy("2026-05-06")
    pulling.pull(weeks.archive, weeks.counter.root / "all", [], lambda _: None)
    assert {path.name: snapshot.read(path).meta.effective_to for path in (weeks.counter.root / "all").iterdir()} == {"rvu25d": "2025-12-31", "rvu26b": "2026-04-30", "rvu26br": "2026-06-30"}


def test_tips_whose_facts_changed_are_told(weeks: Weeks) -> None:
    """Tips of this project that were verified for RVU26C and watch what changes in RVU26D are named with the fact, before and after."""
    weeks.counter.server.put("rvu26c.zip", release("Jul", work="3.17"))
    assert weeks.run("2026-06-16")[0] == 3
    weeks.merge()
    weeks.deploy("2026-07-01")
    weeks.counter.server.put("rvu26d.zip", release("Oct", work="4.17"))
    assert weeks.run("2026-09-01")[0] == 3
    told = re.findall(r"^- \[ \] `(content/tips/[a-z0-9-]+\.yml)`: 45378 (\S+) (\S+) → (\S+)", weeks.text("pull-request.md"), re.MULTILINE)
    assert told
    tips = {path: yaml.safe_load((ROOT / path).read_text(encoding="utf-8")) for path, *_ in told}
    assert all(one["verified"]["release"] == "RVU26C" for one in tips.values())
    assert all(field in tips[path]["watch"] and before != after for path, field, before, after in told)


def test_edits_that_come_alone_go_into_their_quarter(weeks: Weeks) -> None:
    """Unit limits that are new for a quarter that is published make its snapshot anew, and the text says what changed by them."""
    mue = weeks.counter.server.base + "medicare-ncci-2026-q1-practitioner-services-mue-table.zip"
    entries = [*weeks.counter.manifest().entries, Entry("MUE26Q1", "mue", mue, "2026-01-01", "2026-03-31")]
    weeks.counter.knows(*entries)
    (weeks.committed / "manifest.yml").write_bytes(weeks.counter.places.manifest.read_bytes())
    with_april(weeks)
    limits = mini.zipped({"MCR_MUE_PractitionerServices_Eff_04-01-2026.csv": mini.mue_csv(("45378", "1", "2 Date of Service Edit: Policy", "CMS Policy"))})
    weeks.counter.server.put("medicare-ncci-2026-q2-practitioner-services-mue-table.zip", limits)
    assert weeks.run("2026-04-14") == (3, [])
    assert weeks.answer()["pull_request"]["branch"] == "cms/mue26q2"
    accepted = json.loads(weeks.text("files/cms_data/accepted.json"))
    assert accepted["RVU26B"]["fetch"] == ["MUE26Q2"]
    weeks.merge()
    weeks.deploy("2026-04-15")
    pulling.pull(weeks.archive, weeks.counter.root / "all", [], lambda _: None)
    assert [(one.code, one.units) for one in snapshot.read(weeks.counter.root / "all" / "rvu26b").mue.values()] == [("45378", 1)]


# -- what is doubted ------------------------------------------------------------------------------------------------------


def test_a_file_that_changed_in_its_place(weeks: Weeks) -> None:
    """A file that was accepted and is another now is an issue that names both, once for each change; nothing is fetched of it."""
    with_april(weeks)
    server = weeks.counter.server
    server.put("rvu26b.zip", release("Apr", work="9.99"), etag='"2"', modified="Mon, 04 May 2026 12:00:00 GMT")
    server.asked.clear()
    assert weeks.run("2026-04-14") == (1, ["changed RVU26B 2026-05-04T12 00 00Z"])
    assert ".venv/bin/python build.py fetch RVU26B --take-changed" in weeks.text("issue.md")
    assert [one.method for one in server.asked if one.path == f"{FOLDER}rvu26b.zip"] == ["HEAD"]
    assert weeks.run("2026-04-21") == (1, [])
    server.put("rvu26b.zip", release("Apr", work="9.98"), etag='"3"', modified="Tue, 05 May 2026 12:00:00 GMT")
    assert weeks.run("2026-04-28") == (1, ["changed RVU26B 2026-05-05T12 00 00Z"])


def test_many_files_that_changed_at_once_are_one_issue(weeks: Weeks) -> None:
    """Where CMS touches all of its files there is one issue that names them, not one for each."""
    server = weeks.counter.server
    names = [f"AOC25Q{quarter}" for quarter in "1234"] + [f"MUE25Q{quarter}" for quarter in "1234"]
    for name in names:
        server.put(f"{name}.zip", b"x" * 20)
    weeks.counter.knows(*weeks.counter.manifest().entries, *(Entry(name, name[:3].lower(), f"{server.base}{name}.zip", f"2025-{3 * int(name[-1]) - 2:02d}-01", f"2025-{3 * int(name[-1]):02d}-28", size=19) for name in names))
    (weeks.committed / "manifest.yml").write_bytes(weeks.counter.places.manifest.read_bytes())
    assert weeks.run("2025-12-01") == (1, ["changed files"])
    assert all(f"{name}: 20 bytes" in weeks.text("issue.md") for name in names)


def test_a_release_that_lost_its_zip_codes(weeks: Weeks) -> None:
    """Where the release before has ZIP codes and the new one comes without, it is doubted: the calculator would lose them."""
    server = weeks.counter.server
    server.put("z.zip", mini.zipped({mini.ZIP5: mini.zip5_txt()}))
    weeks.counter.knows(*weeks.counter.manifest().entries, Entry("ZIP5-2025-11-18", "zip5", server.base + "z.zip", "2026-01-01", "2026-03-31"))
    (weeks.committed / "manifest.yml").write_bytes(weeks.counter.places.manifest.read_bytes())
    with_april(weeks)
    del server.files[f"{FOLDER}z.zip"]
    server.put("rvu26c.zip", release("Jul"))
    assert weeks.run("2026-06-09") == (1, ["lacks RVU26C"])
    assert "RVU26B has zip5, RVU26C has not." in weeks.text("issue.md")


def test_a_site_that_cannot_be_built(weeks: Weeks) -> None:
    """Content that does not fit the new release is an issue with every fault, and what to do about it."""

    def refuse(_: building.Options) -> building.Result:
        raise Failed("content/tips/some.yml:3:9: error: selects 45380, which is deleted\n  try: take it out")

    weeks.patch.setattr(building, "build", refuse)
    weeks.counter.server.put("rvu26b.zip", release("Apr"))
    assert weeks.run("2026-03-10") == (1, ["build RVU26B"])
    assert "content/tips/some.yml:3:9: error: selects 45380, which is deleted" in weeks.text("issue.md")
    assert not (weeks.into / "files").exists()


@pytest.mark.parametrize(("name", "stage"), [("OPPSCAP_Apr.csv", "amounts"), ("PFREV26B.txt", "amounts")])
def test_amounts_that_do_not_fit(weeks: Weeks, name: str, stage: str) -> None:
    """Caps in the release's own zip and a payment file are compared; one that fits neither factor, or is of no known layout, is doubted."""
    with zipfile.ZipFile(BytesIO(release("Apr"))) as archive:
        files = {one: archive.read(one) for one in archive.namelist()}
    if name.startswith("OPPS"):
        files[name] = mini.oppscap_csv()  # made-up figures
    else:
        weeks.counter.server.put("pfrev26b.zip", mini.zipped({name: b'"2026","10112"\r\n'}))
    weeks.counter.server.put("rvu26b.zip", mini.zipped(files))
    assert weeks.run("2026-03-10") == (1, [f"{stage} RVU26B"])
    assert name.partition(".")[0] in weeks.text("issue.md")
    assert weeks.counter.root.as_posix() not in weeks.text("issue.md")


def test_cms_cannot_be_asked(weeks: Weeks) -> None:
    """Where CMS refuses, the issue says so; that a quarter is late cannot be known then."""
    weeks.counter.server.always[("HEAD", "*")] = weeks.counter.server.always[("GET", "*")] = Act("status", 403)
    assert weeks.run("2026-01-06") == (1, ["ask"])
    assert [one["mark"] for one in weeks.answer()["issues"]] == [texts.mark("ask")]


def test_without_archive_and_snapshots_nothing_is_asked(weeks: Weeks) -> None:
    """With nothing to compare a release with, CMS is not asked; the issue says how a new site begins."""
    for path in weeks.archive.path.iterdir():
        path.unlink()
    weeks.counter.server.asked.clear()
    assert weeks.run("2026-03-10") == (1, ["archive"])
    assert "build.py archive push" in weeks.text("issue.md")
    assert weeks.counter.server.asked == []


def test_without_archive_what_is_at_hand_is_used(weeks: Weeks) -> None:
    """On a machine that has snapshots an archive out of reach is a remark."""
    weeks.counter.server.put("rvu26b.zip", release("Apr"))
    weeks.on("2026-03-10")
    machine = weeks.machine()
    pulling.pull(weeks.archive, machine.places.snapshots, [], lambda _: None)
    weeks.archive.path.rename(weeks.archive.path.with_name("gone"))
    assert follow.run(weeks.asked(machine)).exit_code == 3
    assert "Nothing was restored, what is at hand was used" in weeks.text("pull-request.md")


# -- what a merge takes in ------------------------------------------------------------------------------------------------


def test_what_was_accepted_must_be_the_same(weeks: Weeks) -> None:
    """Between pull request and merge CMS's file became another: no snapshot changes, and an issue says why."""
    weeks.counter.server.put("rvu26b.zip", release("Apr"))
    assert weeks.run("2026-03-10")[0] == 3
    weeks.merge()
    weeks.counter.server.put("rvu26b.zip", release("Apr", work="9.99"), etag='"2"')
    machine = weeks.machine()
    pulling.pull(weeks.archive, machine.places.snapshots, [], lambda _: None)
    before = tree(machine.places.snapshots)
    outcome, _ = follow.accept(weeks.asked(machine))
    assert (outcome.exit_code, [one["mark"] for one in weeks.answer()["issues"]]) == (1, [texts.mark("accepted RVU26B")])
    assert "is another file than before under the same name" in weeks.text("issue.md")
    assert tree(machine.places.snapshots) == before


def test_another_snapshot_than_accepted_is_refused(weeks: Weeks) -> None:
    """The digest decides: whatever makes another snapshot of the same files, it is not taken in."""
    weeks.counter.server.put("rvu26b.zip", release("Apr"))
    assert weeks.run("2026-03-10")[0] == 3
    weeks.merge()
    path = weeks.committed / "accepted.json"
    path.write_text(re.sub(r"[0-9a-f]{64}", "0" * 64, path.read_text(encoding="utf-8")), encoding="utf-8")
    machine = weeks.machine()
    outcome, _ = follow.accept(weeks.asked(machine))
    assert outcome.exit_code == 1
    assert "accepted was 000000" in weeks.text("issue.md")
    assert not machine.places.snapshots.exists() or not list(machine.places.snapshots.iterdir())


def test_what_the_archive_has_is_not_fetched_again(weeks: Weeks) -> None:
    """Once it is archived CMS is not asked for it, also when the archive has a later form of it by now."""
    with_april(weeks)
    weeks.counter.server.asked.clear()
    weeks.deploy("2026-04-02")
    later = weeks.counter.root / "later"
    pulling.pull(weeks.archive, later, [], lambda _: None)
    meta = later / "rvu26b" / snapshot.META
    meta.write_text(meta.read_text(encoding="utf-8").replace('"warnings": []', '"warnings": ["x"]'), encoding="utf-8")
    assert pushing.push(weeks.archive, later, [], lambda _: None).counts["stored"] == 1
    weeks.deploy("2026-04-03")
    assert weeks.counter.server.asked == []


@pytest.mark.parametrize("text", ["{", "[]", '{"RVU26B": {}}', '{"../x": {"snapshot_sha256": "' + "0" * 64 + '", "fetch": ["RVU26B"]}}', '{"RVU26B": {"snapshot_sha256": "' + "0" * 64 + '", "fetch": []}}'])
def test_a_damaged_list_of_what_was_accepted(tmp_path: Path, text: str) -> None:
    """A list that is not whole is refused before anything is fetched."""
    (tmp_path / "accepted.json").write_text(text, encoding="utf-8")
    with pytest.raises(Failed, match="restore it from version control"):
        accepting.read(tmp_path / "accepted.json")


# -- wrong use ------------------------------------------------------------------------------------------------------------


def test_a_folder_with_other_files_is_not_emptied(weeks: Weeks) -> None:
    """A run empties only what an earlier run wrote."""
    weeks.into.mkdir()
    (weeks.into / "letter.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(Failed, match="holds files that no earlier run wrote") as caught:
        follow.run(weeks.asked(weeks.machine()))
    assert caught.value.exit_code == 2
    assert (weeks.into / "letter.txt").read_text(encoding="utf-8") == "mine"


def test_a_broken_manifest_is_no_issue(weeks: Weeks) -> None:
    """A fault of the project itself ends with 2: code 1 is kept for issues."""
    (weeks.committed / "manifest.yml").write_text("base: 3\n", encoding="utf-8")
    with pytest.raises(Failed) as caught:
        follow.run(weeks.asked(weeks.machine()))
    assert caught.value.exit_code == 2


@pytest.mark.parametrize(("outcome", "code"), [(Outcome(), 0), (Outcome(issues=[Issue("ask", "x", "x", "x", ("x",))]), 1), (Outcome(candidates=[Candidate("RVU26B", (), (), {}, Places.of_project())]), 3)])
def test_the_command_line_ends_with_the_code(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], outcome: Outcome, code: int) -> None:
    """`build.py follow` ends with 0, 1 or 3, by which a workflow branches."""
    monkeypatch.setattr(follow, "run", lambda _: outcome)
    assert cli.main(["follow", "--no-restore"]) == code
    assert capsys.readouterr().out


# -- texts ----------------------------------------------------------------------------------------------------------------


def candidate(**more: object) -> Candidate:
    """Return a candidate to write about."""
    made = Candidate("RVU26D", (), ("RVU26D",), {}, Places.of_project())
    for name, value in more.items():
        setattr(made, name, value)
    return made


def test_texts_stay_within_githubs_limit() -> None:
    """However much there is to say, a text has at most 65,536 characters, and says where it was cut."""
    flags = tuple(Flag(f"tip-{number:05d}", "45378", "status", "A", "I" * 40, "RVU26C") for number in range(5_000))
    many = [candidate(flags=flags, remarks=["r" * 99] * 5_000, amounts=["m" * 99] * 5_000, lines=["l" * 99] * 1_000) for _ in range(3)]
    text = texts.pull_request(many, ["s" * 99] * 5_000, "2026-08-25")
    assert 40_000 < len(text) <= 65_536
    assert "Cut here" in text
    told = texts.issue(Issue("fetch RVU26D", "x", "a", "f\n" * 50_000, ("t",)))
    assert len(told) <= 65_536
    assert "characters more" in told
    assert told.count("### To do") == 1


def test_tips_to_verify_again_are_named() -> None:
    """Each tip stands once, with its file and the facts that changed."""
    flags = (Flag("b", "45378", "status", "A", "I", "RVU26C"), Flag("a", "97761", "mue", "4", "6", "RVU26C"), Flag("b", "45380", "status", "A", "I", "RVU26C"))
    text = texts.pull_request([candidate(flags=flags)], [], "2026-08-25")
    assert "**Tips to verify again (2).**" in text
    assert re.findall(r"^- \[ \] (.*)$", text, re.MULTILINE) == ["`content/tips/a.yml`: 97761 mue 4 → 6", "`content/tips/b.yml`: 45378 status A → I; 45380 status A → I"]


def test_what_cms_says_stays_text() -> None:
    """Names of files and messages of servers mention nobody, close no fence, and hide nothing."""
    line = "@octocat #12 <img src=x> ![p](https://evil.example/) ```"
    text = texts.issue(Issue("fetch --> RVU26D", line, line, f"{line}\n# shout\n````", ("t",)))
    assert text.startswith("<!-- medpayiq: follow: fetch RVU26D -->\n")
    assert text.count("-->") == 1
    outside = re.sub(r"^`{5}text$.*?^`{5}$", "", text, flags=re.MULTILINE | re.DOTALL)
    assert "# shout" not in outside
    for bad in (r"@\w", r"(?<!#)#\d", r"<img", r"!\["):
        assert not re.search(bad, outside), bad


# -- a real quarter -------------------------------------------------------------------------------------------------------


def test_july_2026_as_cms_published_it(needs_shared: Path, snapshots_of_history: dict[str, Imported], weeks: Weeks) -> None:
    """RVU26B is published, RVU26C comes: every amount of CMS's payment file is met, and the text tells 79 rows added and 30 status changes."""
    server, history = weeks.counter.server, FolderStore(weeks.counter.root / "history")
    april = snapshots_of_history["rvu26b"].snapshot.folder
    history.path.mkdir()
    assert pushing.push(history, april.parent, ["RVU26B"], lambda _: None).good
    weeks.counter.knows(Entry("RVU26B", "rvu", server.base + "rvu26b.zip", "2026-04-01", "2026-06-30"), Entry("PFREV26B", "amounts", server.base + "pfrev26b.zip", "2026-04-01", "2026-06-30"))
    server.put("rvu26c.zip", mini.zipped({path.name: path.read_bytes() for path in sorted((CMS / "rvu26c").iterdir())}))
    # CMS's file of April holds the figures of July's release too (../shared/oracle/README.md).
    server.put("pfrev26c.zip", mini.zipped({"PFREV26C_nonQPP.txt": (SHARED / "oracle" / "PFREV26B_nonQP.txt").read_bytes()}))
    weeks.on("2026-06-16")
    machine = Counter(weeks.counter.root, server)
    machine.places.snapshots.rename(machine.root / "of the year's end")
    outcome = follow.run(replace(weeks.asked(machine), store=history))
    assert outcome.exit_code == 3, outcome.issues
    text = weeks.text("pull-request.md")
    assert "PFREV26C_nonQPP.txt: 8,066 of 8,066 amounts, with RVU26C and 33.4009" in text
    assert "## What changed from RVU26B to RVU26C" in text
    assert "\n- 79 rows added, no row deleted: " in text
    assert "\n- 30 status changes: " in text
    assert len(text) <= 65_536
