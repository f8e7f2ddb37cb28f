"""A copy of the project, as a clone of it lies on another machine."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from machine import ROOT


def copied(folder: Path, to: Path) -> Path:
    """Copy what lies around a site, with what its last build remembers, into a new folder or an empty one; return the site there."""
    shutil.copytree(folder.parent, to, symlinks=True, dirs_exist_ok=True)
    for path in to.glob(".build/*.manifest"):
        path.unlink()
    # A build knows a tree by its inode, and the copy has one of its own.
    name = f"{folder.name}.{{}}.manifest"
    shutil.copy(folder.parent / ".build" / name.format(folder.stat().st_ino), to / ".build" / name.format((to / folder.name).stat().st_ino))
    return to / folder.name


class Project:
    """A copy of the project, whose content a test may change, and its command line."""

    def __init__(self, root: Path, *, whole: bool = False, keep: str = "") -> None:
        """Copy it; unless ``whole`` with the notes of the sample's codes alone, each twentieth tip and the tip ``keep``, so that a command takes half as long."""
        self.root = root
        for name in ("medpayiq", "rules", "content", "templates", "assets"):
            shutil.copytree(ROOT / name, root / name, ignore=shutil.ignore_patterns("__pycache__"))
        shutil.copytree(ROOT / "cms_data" / "sample", root / "cms_data" / "sample")
        for name in ("proof.json", "manifest.yml"):
            shutil.copy(ROOT / "cms_data" / name, root / "cms_data" / name)
        for name in ("build.py", "site.yml", "netlify.toml", ".gitignore"):
            shutil.copy(ROOT / name, root / name)
        if not whole:
            rows = (ROOT / "cms_data" / "sample" / "services.tsv").read_text(encoding="utf-8").splitlines()
            codes = {row.partition("\t")[0] for row in rows}
            notes = [path for path in (root / "content" / "codes").iterdir() if path.stem not in codes]
            tips = [path for at, path in enumerate(sorted((root / "content" / "tips").iterdir())) if at % 20 and path.stem != keep]
            for path in (*notes, *tips):
                path.unlink()

    def command(self, *words: str) -> list[str]:
        """Return a command line of this copy."""
        return [sys.executable, str(self.root / "build.py"), *words]

    def run(self, *words: str, **environment: str) -> subprocess.CompletedProcess[str]:
        """Run one command to its end."""
        return subprocess.run(self.command(*words), cwd=self.root, env={**os.environ, **environment}, capture_output=True, text=True, check=False)

    def edit(self, name: str, old: str, new: str) -> None:
        """Change one place of a file."""
        path = self.root / name
        text = path.read_text(encoding="utf-8")
        assert old in text, (name, old)
        path.write_text(text.replace(old, new, 1), encoding="utf-8")

    @contextmanager
    def changed(self, name: str, change: Callable[[str], str]) -> Iterator[None]:
        """Change a file, or write it where there is none, for the length of a block."""
        path = self.root / name
        before = path.read_bytes() if path.exists() else None
        path.write_text(change("" if before is None else before.decode()), encoding="utf-8")
        try:
            yield
        finally:
            path.unlink() if before is None else path.write_bytes(before)
