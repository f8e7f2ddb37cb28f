"""Plays a year: releases and a correction appear one after the other, each is found, fetched, imported and built; broken ones are not.

Twice: command by command, and as weekly runs of `follow` that end in pull requests, issues and a folder to deploy.
"""

from __future__ import annotations

import datetime
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import cms_files as mini
import pytest
from cms_server import CmsServer, Counter, release, running, rvu
from importing import tree
from weekly import Weeks, other_layout, payment_file, years_end

from medpayiq import building, loading
from medpayiq.archive import pulling
from medpayiq.cms import snapshot


@dataclass
class Year:
    """A project that is looked after for a year, and its site."""

    counter: Counter
    patch: pytest.MonkeyPatch
    built: list[str] = field(default_factory=list)

    @property
    def site(self) -> Path:
        """Where the site is."""
        return self.counter.root / "site"

    def on(self, day: str) -> None:
        """Make it this day."""
        noon = datetime.datetime.fromisoformat(f"{day}T12:00:00+00:00")
        self.patch.setenv("SOURCE_DATE_EPOCH", str(int(noon.timestamp())))

    def discover(self, day: str) -> list[str]:
        """Look for what is new, keep it in the manifest, and return the names; the exit code says whether there is any."""
        self.on(day)
        found = self.counter.discover(loading.today(), add=True)
        assert not found.findings.items
        assert found.exit_code == (3 if found.finds else 0)
        return [one.entry.name for one in found.finds]

    def fetch(self, *names: str, take_changed: bool = False) -> list[str]:
        """Fetch and import; return the releases imported."""
        done = self.counter.fetch(*names, take_changed=take_changed)
        assert done.exit_code == 0, "\n".join(map(str, done.findings.items))
        return [one.snapshot.meta.release for one in done.imported]

    def refused(self, words: str, *names: str) -> None:
        """Fetch what must be refused; snapshots and site stay as they are."""
        before = tree(self.counter.places.snapshots), tree(self.site)
        done = self.counter.fetch(*names)
        assert done.exit_code == 1
        assert words in "\n".join(map(str, done.findings.of("error")))
        assert not done.imported
        assert (tree(self.counter.places.snapshots), tree(self.site)) == before

    def build(self, day: str) -> None:
        """Build the site on a day, from the release in force then."""
        self.on(day)
        places = self.counter.places
        done = building.build(building.Options(None, self.site, search=False, jobs=1, snapshots=places.snapshots, manifest=places.manifest, descriptors=places.descriptors))
        self.built.append(done.release)

    def page(self) -> str:
        """Return the page of 45378."""
        return (self.site / "codes" / "45378" / "index.html").read_text(encoding="utf-8")


@pytest.fixture
def year(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Year]:
    """Begin with a manifest that ends with RVU25D, and nothing downloaded."""
    for name in ("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    # The small releases hold a dozen codes; content about all others is a remark then, not an error.
    monkeypatch.setattr(loading, "is_newest", lambda *_: False)
    with running() as server:
        counter = Counter(tmp_path, server)
        counter.knows(rvu(server, "RVU25D", "rvu25d-updated-09/11/2025.zip", "2025-10-01", "2025-12-31"))
        yield Year(counter, monkeypatch)


def broken_table(month: str) -> bytes:
    """Return a whole zip whose relative values cannot be read."""
    rows = mini.pprrvu_csv(mini.services(), title="2026 National Physician Fee Schedule Relative Value File July Release")
    return mini.zipped({f"PPRRVU2026_{month}_nonQPP.csv": mini.with_cell(rows, mini.FIRST_ROW + 1, mini.column_of("work"), "19,11"), mini.GPCI: mini.gpci_csv()})


def test_a_year_of_releases(year: Year) -> None:
    """Four releases and a correction come one by one; at the end all five are here with their days, and the site is the last one's."""
    server: CmsServer = year.counter.server

    assert year.discover("2025-12-15") == []
    server.put("rvu26a-updated-12-29-2025.zip", release("Jan", work="3.01"), etag='"a"')
    assert year.discover("2026-01-05") == ["RVU26A"]
    assert year.fetch() == ["RVU26A"]
    year.build("2026-01-05")
    january = tree(year.site)

    # A quarter whose first file was cut short on CMS's side, and was put right a day later.
    server.put("rvu26b-updated-03-10-2026.zip", release("Apr", work="3.02")[:-200], etag='"b1"')
    assert year.discover("2026-03-12") == ["RVU26B"]
    year.refused("is not a whole zip")
    server.put("rvu26b-updated-03-10-2026.zip", release("Apr", work="3.02"), etag='"b2"')
    assert year.discover("2026-03-13") == []
    assert year.fetch() == ["RVU26B"]
    year.build("2026-04-01")
    assert tree(year.site) != january

    # A correction in mid-quarter takes the days from its date on.
    server.put("rvu26b-updated-05-01-2026.zip", release("Apr", work="3.03"), etag='"b3"')
    assert year.discover("2026-05-04") == ["RVU26BR"]
    assert year.fetch("RVU26B", "RVU26BR") == ["RVU26B", "RVU26BR"]
    year.build("2026-05-04")
    may = year.page()

    # A whole zip with a table that cannot be read, which CMS then replaces under the same name.
    server.put("rvu26c.zip", broken_table("Jul"), etag='"c1"')
    assert year.discover("2026-06-10") == ["RVU26C"]
    year.refused(f"PPRRVU2026_Jul_nonQPP.csv:{mini.FIRST_ROW + 1}:{mini.column_of('work')}: error:")
    assert year.page() == may
    server.put("rvu26c.zip", release("Jul", work="3.04"), etag='"c2"', modified="Thu, 11 Jun 2026 12:00:00 GMT")
    assert year.discover("2026-06-12") == ["RVU26C"], "a file that changed in its place is told"
    year.refused("another file than before under the same name", "RVU26C")
    assert year.fetch("RVU26C", take_changed=True) == ["RVU26C"]
    year.build("2026-07-01")

    server.put("rvu26d.zip", release("Oct", work="3.05"), etag='"d"')
    assert year.discover("2026-09-01") == ["RVU26D"]
    assert year.fetch() == ["RVU26D"]
    year.build("2026-10-01")

    assert year.built == ["RVU26A", "RVU26B", "RVU26BR", "RVU26C", "RVU26D"]
    found = [snapshot.read(path).meta for path in sorted(year.counter.places.snapshots.iterdir())]
    assert [(one.release, one.effective_from, one.effective_to) for one in found] == [
        ("RVU26A", "2026-01-01", "2026-03-31"),
        ("RVU26B", "2026-04-01", "2026-04-30"),
        ("RVU26BR", "2026-05-01", "2026-06-30"),
        ("RVU26C", "2026-07-01", "2026-09-30"),
        ("RVU26D", "2026-10-01", "2026-12-31"),
    ]
    works = {one.meta.release: row.work for path in year.counter.places.snapshots.iterdir() for one in [snapshot.read(path)] for row in one.services if (row.code, row.modifier) == ("45378", "")}
    assert works == {"RVU26A": 301, "RVU26B": 302, "RVU26BR": 303, "RVU26C": 304, "RVU26D": 305}
    answers = {day: one.name for day in ("2026-01-01", "2026-04-30", "2026-05-01", "2026-06-30", "2026-07-01", "2026-12-31") if (one := year.counter.manifest().release_for(day))}
    assert answers == {"2026-01-01": "RVU26A", "2026-04-30": "RVU26B", "2026-05-01": "RVU26BR", "2026-06-30": "RVU26BR", "2026-07-01": "RVU26C", "2026-12-31": "RVU26D"}
    assert year.discover("2026-10-15") == []


# -- the same as weekly runs ----------------------------------------------------------------------------------------------


@pytest.fixture
def weeks(year: Year) -> Weeks:
    """Begin with RVU25D archived and published."""
    made = Weeks(year.counter, year.patch, year.site)
    years_end(made)
    made.deploy("2025-11-03")
    return made


def test_a_year_of_weekly_runs(weeks: Weeks) -> None:
    """RVU25D, 26B and 26C as runs see them: late, damaged, off by a cent, of another layout, good.

    Each doubt ends in one issue and leaves the site. What is good ends in a pull request, and once that is merged in the folder
    that is deployed, from its first day on.
    """
    server = weeks.counter.server
    assert weeks.run("2025-12-01") == (0, [])
    assert weeks.run("2026-01-06") == (1, ["late RVU26A"])
    assert "The newest release that is known is RVU25D, which holds to 2025-12-31." in weeks.text("issue.md")
    assert weeks.run("2026-01-13") == (1, []), "the same cause opens no second issue"

    # The next one is cut short on CMS's side, then whole but with amounts that do not fit it.
    good = release("Apr", work="3.02")
    server.put("rvu26b-updated-03-10-2026.zip", good[:-200], etag='"b1"')
    assert weeks.run("2026-03-12") == (1, ["fetch RVU26B"])
    assert "is not a whole zip" in weeks.text("issue.md")
    server.put("rvu26b-updated-03-10-2026.zip", good, etag='"b2"')
    server.put("pfrev26b-updated-03-10-2026.zip", payment_file("3.02", off=1))
    assert weeks.run("2026-03-19") == (1, ["amounts RVU26B"])
    assert "PFREV26B_nonQPP.txt: 0 of 2 amounts, with RVU26B and 33.4009" in weeks.text("issue.md")
    server.put("pfrev26b-updated-03-10-2026.zip", payment_file("3.02"))
    assert weeks.run("2026-03-26") == (3, [])
    pull = weeks.text("pull-request.md")
    assert "PFREV26B_nonQPP.txt: 2 of 2 amounts, with RVU26B and 33.4009" in pull
    assert "What changed from RVU25D to RVU26B" in pull
    before = tree(weeks.site)
    weeks.merge()
    weeks.deploy("2026-03-27")
    assert weeks.built[-1] == "RVU25D", "until its first day the quarter before is what pages show"
    weeks.deploy("2026-04-01")
    assert weeks.built[-1] == "RVU26B"
    april = tree(weeks.site)
    assert april != before
    assert weeks.run("2026-04-07") == (0, [])

    server.put("rvu26c.zip", other_layout(), etag='"c1"')
    assert weeks.run("2026-06-09") == (1, ["fetch RVU26C"])
    assert "PPRRVU2026_Jul_nonQPP.csv" in weeks.text("issue.md")
    assert tree(weeks.site) == april
    # Under the same name, but nobody had accepted the file before: the new one is simply taken.
    server.put("rvu26c.zip", release("Jul", work="3.04"), etag='"c2"')
    assert weeks.run("2026-06-16") == (3, [])
    assert "CMS has no amounts for it" in weeks.text("pull-request.md")
    weeks.merge()
    weeks.deploy("2026-07-01")
    assert weeks.built[-1] == "RVU26C"
    assert set(json.loads((weeks.committed / "accepted.json").read_text(encoding="utf-8"))) == {"RVU26B", "RVU26C"}
    restored = weeks.counter.root / "restored"
    pulling.pull(weeks.archive, restored, [], lambda _: None)
    assert sorted(path.name for path in restored.iterdir()) == ["rvu25d", "rvu26b", "rvu26c"]
    # What is deployed is what a build of the three releases makes.
    building.build(building.Options("RVU26C", weeks.counter.root / "again", search=False, jobs=1, snapshots=restored, manifest=weeks.committed / "manifest.yml", descriptors=weeks.counter.root / "none"))
    assert tree(weeks.counter.root / "again") == tree(weeks.site)
