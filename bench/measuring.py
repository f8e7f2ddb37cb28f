"""Runs a command and measures it with all that it starts: CPU and wall seconds, peak memory, and what it wrote."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import threading
import time
from dataclasses import dataclass
from pathlib import Path

_ENVIRONMENT = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
"""Python keeps its compiled modules, as it does unless somebody forbids it: else each run would compile the program again."""


@dataclass(frozen=True)
class Run:
    """One finished process and all it started: CPU and wall seconds, peak memory in MB (proportional share)."""

    cpu: float
    wall: float
    peak: float
    output: str


def run(command: list[str], cwd: Path, environment: dict[str, str] | None = None) -> Run:
    """Run a command to its end in a folder, with more variables, and measure it; its failure ends the benchmark."""
    before, started = os.times(), time.monotonic()
    process = subprocess.Popen(command, cwd=cwd, env=_ENVIRONMENT | (environment or {}), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    peak = [0.0]
    watcher = threading.Thread(target=_watch, args=(process, peak), daemon=True)
    watcher.start()
    output, _ = process.communicate()
    watcher.join()
    after = os.times()
    if process.returncode:
        sys.exit(f"{' '.join(command)} failed:\n{output}")
    cpu = after.children_user - before.children_user + after.children_system - before.children_system
    return Run(cpu, time.monotonic() - started, peak[0], output)


def size(folder: Path) -> tuple[int, float]:
    """Return how many files lie below a folder, and their bytes in MB."""
    sizes = [(Path(place) / name).stat().st_size for place, _, names in os.walk(folder) for name in names]
    if not sizes:
        sys.exit(f"nothing was written into {folder}: the command before did not do what it should")
    return len(sizes), sum(sizes) / 1e6


def _watch(process: subprocess.Popen[str], peak: list[float]) -> None:
    while process.poll() is None:
        looked = time.thread_time()
        peak[0] = max(peak[0], sum(_share(pid) for pid in _family(process.pid)))
        # The kernel adds up pages for a look: no more than a twentieth of a processor goes into that.
        time.sleep(max(0.05, 19 * (time.thread_time() - looked)))


def _family(pid: int) -> list[int]:
    found = [pid]
    for one in found:
        try:
            found += [int(child) for child in Path(f"/proc/{one}/task/{one}/children").read_text().split()]
        except OSError:
            continue
    return found


def _share(pid: int) -> float:
    """Proportional share of memory in MB: what processes share counts once."""
    try:
        return int(re.search(r"Pss:\s+(\d+)", Path(f"/proc/{pid}/smaps_rollup").read_text())[1]) / 1024  # type: ignore[index]
    except (OSError, TypeError):
        return 0.0
