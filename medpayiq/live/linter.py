"""Lints the content in a process of its own, so that no page waits for it: what was saved first, then everything."""

from __future__ import annotations

import multiprocessing
import signal
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from multiprocessing.connection import Connection

from medpayiq import linting
from medpayiq.cms.snapshot import Snapshot
from medpayiq.content import library
from medpayiq.content.tips import Tip
from medpayiq.findings import Failed, Finding, Findings
from medpayiq.lint import running
from medpayiq.lint.context import Context
from medpayiq.live.caches import forget
from medpayiq.live.content import Content


@dataclass(frozen=True, slots=True)
class Report:
    """What was found: about single files, or about all of them (None)."""

    files: frozenset[str] | None
    findings: tuple[Finding, ...]


class Linter:
    """The process, as the server sees it."""

    def __init__(self, snap: Snapshot, content: Content, *, whole: bool, today: str, heard: Callable[[Report], None]) -> None:
        """Start it with what is loaded; it lints everything at once, and tells ``heard`` from a thread. Start it before any other thread runs."""
        context = multiprocessing.get_context("fork")
        self._ours, theirs = context.Pipe()
        self._process = context.Process(target=_work, args=(theirs, self._ours, _Desk(snap, content, whole=whole, today=today)), daemon=True)
        self._process.start()
        theirs.close()
        self._heard = heard
        threading.Thread(target=self._listen, daemon=True).start()

    def tell(self, files: list[str]) -> None:
        """Say which files were saved."""
        with suppress(OSError):  # it has ended; the thread below has said so
            self._ours.send(files)

    def close(self) -> None:
        """End the process."""
        self._process.kill()
        self._process.join()

    def _listen(self) -> None:
        try:
            while True:
                self._heard(self._ours.recv())
        except (EOFError, OSError):
            self._heard(Report(frozenset({"build.py"}), (Finding("error", "build.py", 0, 0, "the linter has ended", "stop this server with Ctrl-C and start it again"),)))


class _Desk:
    """What the process holds: content, and what rules are given."""

    def __init__(self, snap: Snapshot, content: Content, *, whole: bool, today: str) -> None:
        self._snap, self._content, self._whole, self._today = snap, content, whole, today
        self._context: Context | None = None
        self._said: list[Finding] = []
        """About content/sources.yml."""

    def take(self, files: Iterable[str]) -> None:
        """Read what was saved."""
        files = [*files]
        self._content.update(files)
        if any(file.startswith("rules/") for file in files):
            forget()
            self._context = None
        if "content/sources.yml" in files:
            self._context = None

    def lint(self, files: Iterable[str]) -> Iterator[Report | None]:
        """Yield what is wrong with single files as soon as it is known, and then with all; between two tips None."""
        wanted = frozenset(files)
        findings = Findings()
        content = self._content.library()
        context = self._in_context(content)
        saved = [tip for tip in content.tips if tip.document.file in wanted]
        for tip in saved:
            _ask(context, tip, findings)
        yield Report(wanted, tuple(findings.items)) if wanted else None
        findings = Findings()
        findings.extend(self._said)
        library.check_against(content, frozenset(context.rows), sample=not self._whole, findings=findings)
        self._content.twice(findings)
        for tip in content.tips:
            _ask(context, tip, findings)
            yield None
        yield Report(None, tuple(findings.items))

    def _in_context(self, content: library.Library) -> Context:
        if self._context is None:
            found = Findings()
            self._context = linting.context_of(content, self._snap, whole=self._whole, today=self._today, findings=found)
            self._said = found.items
        else:
            self._context = replace(self._context, library=content)
        return self._context


def _ask(context: Context, tip: Tip, findings: Findings) -> None:
    """Ask every rule about a tip; whatever it holds, the others are linted too."""
    try:
        running.run(context, findings, [tip])
    except Exception as problem:  # noqa: BLE001 - a rule that meets what it was not made for
        findings.error(tip.document.file, f"the linter cannot tell: {type(problem).__name__}: {problem}", try_=".venv/bin/python build.py check")


def _work(ours: Connection, parents: Connection, desk: _Desk) -> None:
    """Lint until the server is gone."""
    parents.close()  # else its end would never be seen
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C goes to the server, which ends this
    files: set[str] = set()
    with suppress(EOFError, OSError):
        while True:
            try:
                for report in desk.lint(files):
                    if report is not None:
                        ours.send(report)
                    if ours.poll():
                        break
                else:
                    files = set()
            except (Failed, LookupError, ValueError, TypeError, AttributeError) as problem:
                # A table of rules/ that is being written.
                ours.send(Report(frozenset({"rules/"}), (Finding("error", "rules/", 0, 0, f"tips cannot be linted: {problem}", ".venv/bin/python build.py check"),)))
            said = set(ours.recv())
            while ours.poll():
                said |= set(ours.recv())
            files |= said
            desk.take(said)
