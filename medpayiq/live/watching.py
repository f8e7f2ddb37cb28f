"""Sees which source files changed since it last looked."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

from medpayiq.paths import ROOT

_FOLDERS = ("content", "rules", "templates", "assets", "medpayiq")
_FILES = ("site.yml", "netlify.toml", "cms_data/manifest.yml", "cms_data/proof.json", "cms_data/snapshots")
"""Single ones; of the folder of snapshots the time at which one was put in or taken out."""

_Stamp = tuple[int, int, int]


class Sources:
    """The files that pages are made from, each with its time of change, size and number on the disk.

    Looking at some 2,000 files takes a few milliseconds: nothing that a system's own service of notices would be needed for.
    """

    def __init__(self, root: Path = ROOT) -> None:
        """Look for the first time."""
        self._root = f"{root}{os.sep}"
        self._known = self._look()

    def changed(self) -> list[str]:
        """Return the files that are new, changed or gone since the last look, by their path in the project."""
        now = self._look()
        if now == self._known:
            return []
        before, self._known = self._known, now
        return sorted(name.removeprefix(self._root).replace(os.sep, "/") for name in before.keys() | now.keys() if before.get(name) != now.get(name))

    def _look(self) -> dict[str, _Stamp]:
        made: dict[str, _Stamp] = {}
        folders = [self._root + name for name in _FOLDERS]
        for folder in folders:
            try:
                with os.scandir(folder) as found:
                    for one in found:
                        name = one.name
                        # What an editor puts beside a file while it is open is nobody's content.
                        if name[0] == "." or name[-1] == "~" or name == "__pycache__":
                            continue
                        if one.is_dir(follow_symlinks=False):
                            folders.append(one.path)
                        else:
                            with suppress(OSError):  # gone between the two looks, or a link to nothing
                                made[one.path] = _stamp(one.stat())
            except OSError:
                continue
        for name in _FILES:
            with suppress(OSError):
                made[self._root + name] = _stamp(os.stat(self._root + name))
        return made


def _stamp(found: os.stat_result) -> _Stamp:
    return found.st_mtime_ns, found.st_size, found.st_ino
