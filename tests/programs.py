"""Programs of other makers that some tests run: where they are, and what to do where they are not."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Sequence

from machine import ROOT, lacking

MODULES = ROOT / "node_modules"


def node() -> str:
    """Return Node's path; without it or its packages the test is skipped."""
    found = shutil.which("node")
    if found is None:
        lacking("Node is not here: install Node 20 and run npm ci")
    if not (MODULES / "playwright-core").is_dir():
        lacking("Node's packages are not here: run npm ci")
    return found


def chromium() -> str:
    """Return Chromium's path; CHROMIUM names another one. Its shell without windows draws the same for a fifth less processor time."""
    found = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, ("chromium-headless-shell", "chromium", "chromium-browser"))), None)
    if found is None:
        lacking("Chromium is not here: apt-get install chromium")
    return found


def java() -> str:
    """Return Java's path."""
    found = shutil.which("java")
    if found is None:
        lacking("Java is not here: apt-get install default-jre-headless")
    return found


def run(command: Sequence[str], *, seconds: int, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run a program in the project's folder and return what it said."""
    return subprocess.run(command, cwd=ROOT, env=os.environ | variables, capture_output=True, encoding="utf-8", timeout=seconds, check=False)


def node_tests(folder: str, *, seconds: int, **variables: str) -> str:
    """Run ``tests/<folder>/*.test.mjs``; return the report, which is empty where every test passed."""
    files = sorted(str(path.relative_to(ROOT)) for path in (ROOT / "tests" / folder).glob("*.test.mjs"))
    assert files
    done = run([node(), "--test", "--test-concurrency=2", "--test-reporter=spec", *files], seconds=seconds, **variables)
    # Without a terminal Node may still colour its report; a skipped test would be one that nobody runs.
    passed = done.returncode == 0 and "ℹ skipped 0" in done.stdout and "ℹ pass 0" not in done.stdout
    return "" if passed else f"{done.stdout}\n{done.stderr}"
