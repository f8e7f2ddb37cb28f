"""Shared by all tests: what is skipped and why, how Hypothesis draws, and the real releases, each imported once a run."""

from __future__ import annotations

import os
import re
import shutil
import sys
from collections import Counter
from functools import cache
from pathlib import Path
from typing import Any

import facts
import pytest
from hypothesis import settings
from machine import CMS, ROOT, SHARED, disk_in_memory, lacking
from xdist.scheduler import LoadScopeScheduling

sys.path.insert(0, str(ROOT))

from built import IN_PERIOD, Site
from importing import Desk
from leaks import Texts

from medpayiq import building
from medpayiq.cms import snapshot
from medpayiq.cms.importer import Imported
from medpayiq.paths import SAMPLE

# The same commit draws the same examples; `--hypothesis-profile deep` looks further.
settings.register_profile("same", deadline=None, derandomize=True, max_examples=100)
settings.register_profile("deep", deadline=None, max_examples=5_000)
settings.load_profile("same")

HISTORY = ("rvu20d", "rvu21d", "rvu22d", "rvu23d", "rvu24a", "rvu24c")


_FULL_DATA = {"snapshots_of_history", "all_snapshots", "full_site", "whole_site"}
_FUNCTION = re.compile(r"^def (\w+)\(([^)]*)\)", re.MULTILINE)
_PARAMETER = re.compile(r"(\w+):")


@cache
def _needing(file: str) -> set[str]:
    """Return the tests and fixtures of a file that need the full data, themselves or through a fixture of the file."""
    uses = {name: set(_PARAMETER.findall(given)) for name, given in _FUNCTION.findall((ROOT / file).read_text(encoding="utf-8"))}
    found: set[str] = set()
    while more := {name for name, given in uses.items() if given & (_FULL_DATA | found)} - found:
        found |= more
    return found


class _ByData(LoadScopeScheduling):
    """Gives one worker every test that needs the full data, so that it is imported and built once; the others go file by file to whoever is free."""

    def _split_scope(self, nodeid: str) -> str:
        file, _, name = nodeid.partition("::")
        return "full data" if name.partition("[")[0] in _needing(file) else file


# The groups that xdist knows itself have no effect with pytest 9.2: it sets an attribute of a test that is read no more.
@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> LoadScopeScheduling:
    """Let several workers share the tests by the data that they need."""
    return _ByData(config, log)


def pytest_configure() -> None:
    """Let tests, and programs that they start, write in memory where there is room, unless somebody says where; workers ask after their parent and get the same."""
    if memory := disk_in_memory():
        os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(memory))
        os.environ.setdefault("TMPDIR", str(memory))


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Print each reason for skipping once, with the number of tests it concerns."""
    reasons = Counter(report.longrepr[2].removeprefix("Skipped: ") for report in terminalreporter.getreports("skipped"))
    for reason, number in reasons.most_common():
        terminalreporter.write_line(f"skipped {number}: {reason}")


@pytest.fixture(scope="session")
def needs_shared() -> Path:
    """Return the folder of real data; where it is absent, the test is skipped."""
    if not CMS.is_dir():
        lacking(f"../shared is not here: put the project's folder of CMS releases and specifications at {SHARED}")
    return SHARED


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    """Return an empty place to import at."""
    return Desk(tmp_path)


@pytest.fixture(scope="session")
def imported(needs_shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Imported:
    """Return RVU26C with ZIP codes, RBCS, edits, unit limits and add-on codes, imported once."""
    desk = Desk(tmp_path_factory.mktemp("rvu26c"))
    return desk.run(CMS / "rvu26c", CMS / "zip5", CMS / "rbcs", CMS / "ncci" / "ptp-practitioner-2026q3-v322r0.zip", CMS / "mue", CMS / "aoc")


@pytest.fixture(scope="session")
def snapshots_of_history(needs_shared: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Imported]:
    """Return the other releases by folder name: RVU26B from its txt, RVU25D from its csv, and the years before."""
    desk = Desk(tmp_path_factory.mktemp("history"))
    folders = {"rvu26b": CMS / "rvu26b", "rvu25d": CMS / "rvu25d"} | {name: CMS / "history" / name for name in HISTORY}
    edits = {"rvu24c": [CMS / "ncci" / "ptp-practitioner-2024q3-v302r0.zip"]}
    return {name: desk.run(folder, *edits.get(name, ())) for name, folder in folders.items()}


@pytest.fixture(scope="session")
def all_snapshots(imported: Imported, snapshots_of_history: dict[str, Imported], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with the snapshots of every release at hand, as an operator has it."""
    folder = tmp_path_factory.mktemp("all") / "snapshots"
    for one in (imported, *snapshots_of_history.values()):
        shutil.copytree(one.snapshot.folder, folder / one.snapshot.folder.name)
    return folder


@pytest.fixture(scope="session")
def not_ours(needs_shared: Path) -> Texts:
    """Return CMS's texts of CPT and D codes, long enough to be known again; a Level II code's text is CMS's own."""
    codes = [(row.code, row.text) for row in facts.rows(facts.RVU26C)]
    theirs = [text for code, text in codes if (code[0].isdigit() or code[0] == "D") and len(text) >= 12 and " " in text]
    return Texts(theirs, [text for code, text in codes if not code[0].isdigit() and code[0] != "D"])


@pytest.fixture(scope="session")
def full_site(all_snapshots: Path, not_ours: Texts, tmp_path_factory: pytest.TempPathFactory) -> Site:
    """Return the whole site of RVU26C with the years before it, built once on a day inside its dates, with the word search."""
    folder = tmp_path_factory.mktemp("full") / "site"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SOURCE_DATE_EPOCH", IN_PERIOD)
        result = building.build(building.Options("rvu26c", folder, snapshots=all_snapshots))
    return Site(folder, result, not_ours)


@pytest.fixture(scope="session")
def sample_site(tmp_path_factory: pytest.TempPathFactory) -> Site:
    """Return the site of the embedded sample, built once on a day inside its dates, with the word search."""
    folder = tmp_path_factory.mktemp("sample") / "site"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SOURCE_DATE_EPOCH", IN_PERIOD)
        result = building.build(building.Options("sample", folder))
    return Site(folder, result)


@pytest.fixture(scope="session")
def whole_site(request: pytest.FixtureRequest) -> Site:
    """Return the site of RVU26C where its files are, else the sample's: what looks at single pages holds for both."""
    site: Site = request.getfixturevalue("full_site" if CMS.is_dir() else "sample_site")
    return site


@pytest.fixture(scope="session")
def whole_snapshot(request: pytest.FixtureRequest) -> snapshot.Snapshot:
    """Return the snapshot that ``whole_site`` is made from."""
    if not CMS.is_dir():
        return snapshot.read(SAMPLE)
    imported: Imported = request.getfixturevalue("imported")
    return imported.snapshot
