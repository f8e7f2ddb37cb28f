"""Imports at a desk of its own: what goes in, and what came out, was refused or was left behind."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from medpayiq import rules
from medpayiq.cms import importer
from medpayiq.cms.importer import Imported
from medpayiq.findings import Failed, Finding


def factors_on(day: str, table: str) -> dict[str, str]:
    """Return the conversion factors of rules/, as the command line hands them to an import."""
    return rules.conversion_factors(day, table).values


def tree(folder: Path) -> dict[str, bytes]:
    """Return every file below a folder with its bytes, and every folder with none."""
    return {path.relative_to(folder).as_posix(): path.read_bytes() if path.is_file() else b"" for path in sorted(folder.rglob("*"))}


@dataclass(frozen=True)
class Desk:
    """A folder to import in, apart from the project's own."""

    root: Path

    @property
    def snapshots(self) -> Path:
        """Where the snapshots go."""
        return self.root / "out" / "snapshots"

    @property
    def descriptors(self) -> Path:
        """Where CMS's short texts go."""
        return self.root / "out" / "descriptors"

    def put(self, files: Mapping[str, bytes], name: str = "rvu26c") -> Path:
        """Write files into a new folder of the desk."""
        folder = self.root / name
        folder.mkdir(parents=True)
        for file, data in files.items():
            (folder / file).write_bytes(data)
        return folder

    def put_file(self, name: str, data: bytes) -> Path:
        """Write one file onto the desk."""
        path = self.root / name
        path.write_bytes(data)
        return path

    def run(self, *paths: Path, **options: Any) -> Imported:
        """Import, with the conversion factors of rules/."""
        return importer.run(list(paths), self.snapshots, self.descriptors, factors_on, **options)

    def out(self) -> dict[str, bytes]:
        """Return everything an import has written so far, half-written or whole."""
        return {name: data for name, data in tree(self.root / "out").items() if name not in {"snapshots", "descriptors"}}

    def refusal(self, *paths: Path, **options: Any) -> Failed:
        """Import what must be refused, see that nothing has changed on the disk, and return the failure."""
        before = self.out()
        with pytest.raises(Failed) as caught:
            self.run(*paths, **options)
        assert self.out() == before, "a refused import left something behind"
        return caught.value

    def errors(self, *paths: Path, **options: Any) -> list[Finding]:
        """Return the errors for which an import is refused; there is at least one."""
        found = list(self.refusal(*paths, **options).findings.of("error"))
        assert found, "refused without an error"
        return found

    def error(self, *paths: Path, **options: Any) -> Finding:
        """Return the only error for which an import is refused."""
        found = self.errors(*paths, **options)
        assert len(found) == 1, "\n".join(map(str, found))
        return found[0]


def place(one: Finding) -> tuple[str, int, int]:
    """Return where a finding stands: file, line and column."""
    return one.file, one.line, one.column
