"""What the live server holds: everything loaded, each part made when it is first asked for and again when its sources change."""

from __future__ import annotations

import gc
import threading
import time
import tomllib
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import replace
from functools import partial
from typing import Any

from medpayiq import box, building, claims, fieldserve, pictures, rules, search, yamlmarks
from medpayiq import config as settings
from medpayiq.changes import files as change_files
from medpayiq.cms import manifest, snapshot
from medpayiq.cms.manifest import Manifest
from medpayiq.compiled import Compiled
from medpayiq.config import Config
from medpayiq.content import denials
from medpayiq.content.selecting import Rows, Selecting
from medpayiq.edits import Edits
from medpayiq.field import lists, taking
from medpayiq.field.reports import Published
from medpayiq.findings import Failed, Finding, Findings
from medpayiq.live.caches import forget
from medpayiq.live.content import Changes, Content
from medpayiq.live.linter import Linter, Report
from medpayiq.live.tips import Known, LiveTips
from medpayiq.live.watching import Sources
from medpayiq.loading import choose_snapshot, descriptors_of, is_newest, others, today
from medpayiq.opendata import files as open_files
from medpayiq.opendata import kinds as open_kinds
from medpayiq.pages import hubs, modifiers, picture
from medpayiq.pages.entries import group
from medpayiq.pages.placeholders import Facts
from medpayiq.pages.site import SiteData
from medpayiq.past import Past
from medpayiq.paths import MANIFEST, ROOT, SITE_YML, shown
from medpayiq.render import Assets, Renderer, assets
from medpayiq.shards import Shards, shards

_KEPT = ("entries", "by_code", "position", "factors", "factor", "factor_qp", "percentages", "policy", "calculators", "days", "period", "_prices", "stale_later")
"""What of a site rests on no content and no setting."""
_SETTINGS = ("site.yml", "cms_data/manifest.yml", "netlify.toml")
_RESTART = "stop this server with Ctrl-C and start it again"


class State:
    """The site as its sources are now. Whoever uses it holds ``lock``."""

    def __init__(self, release: str | None, *, demo: bool = False) -> None:
        """Load what takes long: the release, the content. With ``demo`` pages show made-up field reports.

        Raises:
            Failed: the release is not there.
        """
        self.lock = threading.RLock()
        self.news = threading.Condition()
        self.listeners = 0
        """Pages that are open and want to hear of saves."""
        self._boot = f"{time.time_ns():x}"
        self._saves = self._reports = 0
        self._sources = Sources()  # looks before anything is read, so that nothing saved meanwhile is missed
        self.snap = snapshot.read(choose_snapshot(release))
        self._entries = group(self.snap.services)
        self._rows: Mapping[str, Rows] = {one.code: one.rows for one in self._entries}
        self._edits = Edits(self.snap)
        self.content = Content()
        self._faults: dict[str, tuple[Finding, ...]] = {}
        self._linted: dict[str, list[Finding]] = {}
        self._linter: Linter | None = None
        self._demo = demo
        self._config: Config | None = None
        self._manifest: Manifest | None = None
        self.headers: list[dict[str, Any]] = []
        self._compiled = Compiled()
        self._site: SiteData | None = None
        self._known = Known()
        self._selecting: Selecting | None = None
        self._tree: hubs.Tree | None = None
        self._published: Assets | None = None
        self._shared: Shards | None = None
        self._books: claims.Books | None = None
        self._lines: dict[str, search.IndexEntry] = {}
        self._found_by: box.Fetched | None = None
        self._renderer: Renderer | None = None
        self._routes: dict[str, building.Page] | None = None
        self._modifiers: dict[str, tuple[str, object]] | None = None
        self._folders: dict[str, dict[str, bytes]] = {}
        for name in _SETTINGS:
            self._read_setting(name)

    # -- what changes -------------------------------------------------------------------------------

    def start_linter(self) -> None:
        """Begin to lint; before any thread of the server runs."""
        self._linter = Linter(self.snap, self.content, whole=is_newest(self.snap), today=today(), heard=self._hear)

    def prepare(self) -> None:
        """Make what the first page needs, and begin to lint; before any other thread runs."""
        with suppress(Exception):  # what is wrong is told on the page that is asked for
            _ = self.renderer, self.routes
            self.site.tips.by_code.get(self.site.entries[0].code)
        gc.collect()
        gc.freeze()  # some million objects that stay: no later collection looks through them
        self.start_linter()

    def close(self) -> None:
        """End the linter."""
        if self._linter is not None:
            self._linter.close()

    @property
    def stamp(self) -> str:
        """What a page was made from: which run of the server, how many saves, how many reports of the linter."""
        return f"{self._boot}.{self._saves}.{self._reports}"

    def after(self, stamp: str, seconds: float) -> str:
        """Return the stamp as soon as it is another one, or after so many seconds."""
        with self.news:
            self.news.wait_for(lambda: self.stamp != stamp, timeout=seconds)
        return self.stamp

    def listen(self, most: int) -> bool:
        """Count one more listener; say no where there are too many."""
        with self.news:
            free = self.listeners < most
            self.listeners += free
            return free

    def leave(self) -> None:
        """Count one listener less."""
        with self.news:
            self.listeners -= 1

    def refresh(self) -> None:
        """Take in what was saved since the last time."""
        with self.lock:
            files = self._sources.changed()
            if not files:
                return
            self._take(files)
            self._saves += 1
            if self._linter is not None:
                self._linter.tell(files)
        with self.news:
            self.news.notify_all()

    def _hear(self, report: Report) -> None:
        with self.lock:
            before = {file: [*found] for file, found in self._linted.items()}
            if report.files is None:
                self._linted = {}
            else:
                for file in report.files:
                    self._linted.pop(file, None)
            for one in report.findings:
                self._linted.setdefault(one.file, []).append(one)
            if before == self._linted:
                return
            self._reports += 1
        with self.news:
            self.news.notify_all()

    def _take(self, files: list[str]) -> None:
        """Let go of what rests on the files."""
        changes = self.content.update(files)
        for file in files:
            first = file.split("/", 1)[0]
            if file in _SETTINGS:
                self._read_setting(file)
            elif file in (lists.NAME, denials.NAME):
                self._read_lists()
            elif first == "templates":
                self._renderer = None
            elif first == "assets":
                self._published = self._renderer = None
            elif file == "cms_data/snapshots" or file.endswith(".py"):
                what = "the program has changed" if file.endswith(".py") else "another release was imported"
                self._faults["build.py"] = (Finding("error", file, 0, 0, f"{what} since this server was started", _RESTART),)
        if any(file.startswith("rules/") for file in files):
            self._take_rules(files)
        if changes.any and self._site is not None:
            self._take_content(changes, self._site)
        self._routes = None

    def _take_rules(self, files: Iterable[str]) -> None:
        """Let go of all that rests on rules/, unless one of the files cannot be read: the last good ones stay."""
        for file in files:
            if file.startswith("rules/"):
                findings = Findings()
                if (ROOT / file).suffix == ".yml" and (ROOT / file).exists():
                    yamlmarks.load(ROOT / file, findings, shown_as=file)
                self._blame(file, findings)
        if not any(file.startswith("rules/") for file in self._faults):
            forget()
            self._let_go()

    def _let_go(self) -> None:
        """Let go of everything that was worked out."""
        self._site = self._selecting = self._tree = self._shared = self._books = self._found_by = self._renderer = self._routes = self._modifiers = None
        self._known, self._lines, self._folders = Known(), {}, {}

    def _read_setting(self, file: str) -> None:
        """Read a file of settings; one that cannot be read leaves its last good version."""
        findings = Findings()
        if file == "site.yml":
            config = settings.check(SITE_YML, findings)
            if config is not None and config != self._config:
                self._config = config
                self._let_go()
        elif file == "netlify.toml":
            try:
                self.headers = tomllib.loads((ROOT / file).read_text(encoding="utf-8"))["headers"]
            except (OSError, ValueError, KeyError, TypeError) as problem:
                findings.error(file, f"cannot be read: {problem}", try_="restore the file from version control")
        else:
            known = manifest.read(MANIFEST, findings, shown_as=shown(MANIFEST))
            if known is not None and known != self._manifest:
                self._manifest = known
                self._let_go()
        self._blame(file, findings)

    def _read_lists(self) -> None:
        """Let go of all that rests on the lists of field reports, or on the words for their reasons, unless they cannot be read."""
        findings = Findings()
        choices = lists.check(findings)
        if choices is not None:
            denials.check(findings, choices.reasons)
        self._blame(lists.NAME, findings)
        if not findings.failed:
            forget()
            self._published = None
            self._let_go()

    def _blame(self, file: str, findings: Findings) -> None:
        self._faults.pop(file, None)
        if findings.items:
            self._faults[file] = tuple(findings.items)

    def _take_content(self, changes: Changes, before: SiteData) -> None:
        """Put the new content into the site, and keep what does not rest on it."""
        site = replace(before, library=self.content.library())
        kept = [*_KEPT, *(() if changes.ranges else ("range_of",)), *(() if changes.replaced else ("replaced",))]
        have = vars(before)
        found = {name: have[name] for name in kept if name in have}
        if not changes.ranges and "names" in have:
            found["names"] = {code: name for code, name in have["names"].items() if code not in changes.notes}
        vars(site).update(found)
        self._site = site
        self._give_tips(site)
        if changes.ranges:
            self._tree, self._lines = None, {}
        for code in changes.notes:
            self._lines.pop(code, None)
        if changes.ranges or changes.replaced or changes.notes:
            self._found_by = self._renderer = self._modifiers = self._books = None

    # -- what pages are made from --------------------------------------------------------------------

    @property
    def site(self) -> SiteData:
        """Everything loaded, with the content as it is now.

        Raises:
            Failed: a file of settings could not be read yet.
        """
        if self._site is None:
            if self._config is None or self._manifest is None:
                findings = Findings()
                findings.extend(one for found in self._faults.values() for one in found)
                raise Failed(findings)
            past = Past(self.snap.meta, others(self.snap), self._manifest)
            site = SiteData(self._config, self.snap, self.content.library(), today(), descriptors_of(self._config, self.snap), past, self._manifest, self._edits, self._chosen(), self._field(self._config.reports))
            vars(site)["entries"] = self._entries  # where a cached property keeps what it worked out
            self._give_tips(site)
            self._site = site
        return self._site

    def _field(self, setting: str | None) -> Published:
        """Return the field reports that site.yml names, or made-up ones; what is wrong with them is told on every page."""
        findings = Findings()
        choices = lists.check(findings)
        made = Published() if choices is None else taking.published(setting, choices, self._rows, findings, demo=fieldserve.DEMO if self._demo else None)
        self._blame("reports", findings)
        return made

    def _chosen(self) -> Selecting:
        """Return what selects a tip's codes."""
        if self._selecting is None:
            factor = rules.conversion_factors(self.snap.meta.effective_from).exact()
            self._selecting = Selecting(self._rows, self.snap, self._edits, factor)
        return self._selecting

    def _give_tips(self, site: SiteData) -> None:
        """Put tips that may hold faults in the place of a build's."""
        facts = Facts(site.snapshot.meta, site.period, self._rows, site.edits, site.factor, site.percentages, site.prices)
        vars(site)["tips"] = LiveTips(site.library.tips, site.selecting, facts, site.config.repository, site.today, self._known)

    @property
    def tree(self) -> hubs.Tree:
        """All hubs."""
        if self._tree is None:
            self._tree = hubs.build(self.site)
        return self._tree

    @property
    def published(self) -> Assets:
        """Stylesheet, scripts and icon."""
        if self._published is None:
            self._published = assets()
        return self._published

    @property
    def shared(self) -> Shards:
        """What calculators fetch."""
        if self._shared is None:
            self._shared = shards(self.snap, self.site.past)
        return self._shared

    @property
    def books(self) -> claims.Books:
        """What the claim desk and edit lists load once."""
        if self._books is None:
            self._books = claims.books(self.site)
        return self._books

    @property
    def found_by(self) -> box.Fetched:
        """What the search box fetches; after a save only the lines of codes whose note changed are made anew."""
        if self._found_by is None:
            for entry in self.site.entries:
                if entry.code not in self._lines:
                    self._lines[entry.code] = box.index_entry(entry, self.site)
            self._found_by = box.fetched(self.site, self._lines.values())
        return self._found_by

    @property
    def renderer(self) -> Renderer:
        """What turns records into pages."""
        if self._renderer is None:
            chrome = building.chrome(self.site, self.published, f"/{self.found_by.path}", self.shared, self.books)
            self._renderer = Renderer(chrome, compiled=self._compiled)
        return self._renderer

    @property
    def routes(self) -> Mapping[str, building.Page]:
        """The pages that are neither a code's nor a modifier's, by address."""
        if self._routes is None:
            self._routes = {page.url: page for page in building.pages(self.site, self.tree, self.content.texts)}
        return self._routes

    @property
    def modifiers(self) -> Mapping[str, tuple[str, object]]:
        """Template and record of every page about modifiers, by address; they count over all codes, and are made at once."""
        if self._modifiers is None:
            self._modifiers = {record.head.url: (template, record) for template, record in modifiers.pages(self.site)}
        return self._modifiers

    @property
    def pictures(self) -> Mapping[str, bytes]:
        """The pictures that pages are shared with, and the icons, by path."""
        if picture.FOLDER not in self._folders:
            self._folders[picture.FOLDER] = pictures.files(self.site, self.tree)
        return self._folders[picture.FOLDER]

    def file_of_folder(self, path: str) -> bytes | None:
        """Return a file that pages fetch, by its path; a folder is made at once when one of its files is asked for."""
        changes: building.Files = partial(change_files.files, self.site)
        makers = building.folders(self.site) | {change_files.FOLDER: changes, change_files.ROOT.strip("/"): changes, open_kinds.ROOT: partial(open_files.files, self.site)}
        folder = next((name for name in makers if path.startswith(f"{name}/")), None)
        if folder is None:
            return None
        if folder not in self._folders:
            self._folders[folder] = dict(makers[folder]())
        return self._folders[folder].get(path)

    # -- what is wrong -------------------------------------------------------------------------------

    def everywhere(self) -> list[Finding]:
        """Return what every page says: files that cannot be read, and that the server must be started anew."""
        return [one for found in [*self._faults.values(), *self.content.faults.values()] for one in found if one.level == "error"]

    def found(self) -> list[Finding]:
        """Return everything that is known to be wrong, by file."""
        return [*self.everywhere(), *(one for _, found in sorted(self._linted.items()) for one in found if one.file not in self.content.faults)]

    def about(self, files: Iterable[str]) -> list[Finding]:
        """Return what the linter says about single files; its remarks are on the list of all findings alone."""
        return [one for file in files if file not in self.content.faults for one in self._linted.get(file, ()) if one.level != "note"]
