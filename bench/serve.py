#!/usr/bin/env python3
"""Measures the live server on a full release against the target of ../shared/spec/speed.md, with a full rebuild of the same copy in the same run.

Usage: .venv/bin/python bench/serve.py [--release NAME] [--work FOLDER] [--times N]

Needs the release imported (cms_data/snapshots). Works on a copy of the project in FOLDER, whose tips and notes it edits.
"""

from __future__ import annotations

import argparse
import http.client
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FIRST, AIM = 150.0, 50.0
"""Milliseconds to the first byte after an edit: first target and aim."""
CODE, TIP, NOTE = "97110", "content/tips/therapy-97110-as-column-2.yml", "content/codes/97110.yml"
RARE = {"after an edit of a rule"}
"""What few people do, and takes long enough to be measured three times."""
OTHER = "content/tips/eye-gonioscopy.yml"
"""A tip that does not stand on the page."""


def copied(folder: Path, release: str) -> Path:
    """Copy what a build needs; the snapshots, which nothing here changes, by a link."""
    root = folder / "project"
    shutil.rmtree(root, ignore_errors=True)
    for name in ("medpayiq", "rules", "content", "templates", "assets", "cms_data/sample", "cms_data/descriptors"):
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, root / name, ignore=shutil.ignore_patterns("__pycache__"))
    (root / "cms_data" / "snapshots").symlink_to(ROOT / "cms_data" / "snapshots")
    for name in ("build.py", "site.yml", "netlify.toml", "cms_data/manifest.yml", "cms_data/proof.json", "cms_data/sample.yml"):
        shutil.copy(ROOT / name, root / name)
    if not (root / "cms_data" / "snapshots" / release).is_dir():
        sys.exit(f"{release} is not imported\n  try: .venv/bin/python build.py import FOLDER")
    return root


def first_byte(port: int, path: str) -> float:
    """Return the milliseconds until the first byte of an answer, on a new connection."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
    started = time.perf_counter()
    connection.request("GET", path)
    answer = connection.getresponse()
    answer.read(1)
    took = time.perf_counter() - started
    if answer.status != 200:
        sys.exit(f"{path}: {answer.status}\n{answer.read().decode()}")
    answer.read()
    connection.close()
    return took * 1000


def edited(root: Path, name: str, number: int, mark: str) -> None:
    """Save a file with other words in one place."""
    path = root / name
    text = path.read_text(encoding="utf-8")
    path.write_text(re.sub(mark, rf"\g<1>{number} ", text, count=1), encoding="utf-8")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--release", default="rvu26c")
    parser.add_argument("--work", type=Path, default=Path(tempfile.gettempdir()) / "medpayiq-serve")
    parser.add_argument("--times", type=int, default=20)
    asked = parser.parse_args()
    root = copied(asked.work, asked.release)
    environment = {"SOURCE_DATE_EPOCH": "1786752000", **os.environ}
    started = time.perf_counter()
    command = [sys.executable, str(root / "build.py"), "serve", "--live", "--release", asked.release, "--port", "0"]
    with subprocess.Popen(command, cwd=root, env=environment, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None  # noqa: S101 - it is a pipe
            port = int(re.findall(r":(\d+)/", process.stdout.readline())[0])
            path = f"/codes/{CODE}/"
            first_byte(port, path)
            start = (time.perf_counter() - started) * 1000
            rows = measured(port, path, root, asked.times)
        finally:
            process.kill()
    out = asked.work / "site"
    shutil.rmtree(out, ignore_errors=True)
    for name in (TIP, OTHER, NOTE, "templates/components/amounts.html", "rules/status.yml"):
        shutil.copy(ROOT / name, root / name)
    began = time.perf_counter()
    done = subprocess.run([sys.executable, str(root / "build.py"), "build", "--release", asked.release, "--no-search", "--out", str(out)], cwd=root, env=environment, check=False, capture_output=True, text=True)
    rebuild = (time.perf_counter() - began) * 1000
    if done.returncode:
        print(f"{done.stderr}no build to compare with: the content has faults")
    else:
        print(f"{asked.release}: a full build of the same sources without search: {rebuild / 1000:.1f} s")
    print(f"{'first byte of a code page':44} {'times':>6} {'median ms':>10} {'worst ms':>10} {'build is':>10}  target {FIRST:.0f}, aim {AIM:.0f}")
    for label, times in [*rows, ("start to the first page", [start])]:
        median = statistics.median(times)
        ratio = "" if done.returncode else f"{rebuild / median:.1f}x"
        held = "" if times == [start] else "aim reached" if median <= AIM else "target reached" if median <= FIRST else "missed"
        print(f"{label:44} {len(times):6} {median:10.1f} {max(times):10.1f} {ratio:>10}  {held}")


def measured(port: int, path: str, root: Path, times: int) -> list[tuple[str, list[float]]]:
    """Measure unedited pages, and pages right after saves of each kind."""
    rows = [("unedited", [first_byte(port, path) for _ in range(times)])]
    kinds: dict[str, Callable[[int], None]] = {
        "after an edit of one of its tips": lambda number: edited(root, TIP, number, "(do: >-\n  )"),
        "after an edit of a tip on other pages": lambda number: edited(root, OTHER, number, "(do: >-\n  )"),
        "after an edit of its note": lambda number: edited(root, NOTE, number, "(summary: >-\n  )"),
        "after an edit of a template": lambda number: edited(root, "templates/components/amounts.html", number, "(^)"),
        "after an edit of a rule": lambda number: edited(root, "rules/status.yml", number, "(verdict: )"),
    }
    for label, save in kinds.items():
        made = []
        for number in range(3 if label in RARE else times):
            save(number)
            made.append(first_byte(port, path))
        rows.append((label, made))
    return rows


if __name__ == "__main__":
    main()
