"""Says how far a build is: one line that moves on a terminal, one line a phase elsewhere."""

from __future__ import annotations

import sys
import time
from types import TracebackType
from typing import Self, TextIO


class Progress:
    """Reports phases to standard error."""

    def __init__(self, stream: TextIO | None = None) -> None:
        self._stream = stream or sys.stderr
        self._live = self._stream.isatty()
        self._phase = ""
        self._started = time.monotonic()
        self._drawn = 0.0

    def phase(self, name: str) -> None:
        """Begin a phase; the one before it is done."""
        self._finish()
        self._phase, self._started = name, time.monotonic()
        self.count(0, 0)

    def count(self, done: int, total: int) -> None:
        """Say how much of the phase is done; drawn ten times a second at most."""
        now = time.monotonic()
        if self._live and (now - self._drawn > 0.1 or not done):
            self._drawn = now
            amount = f" {done:,} of {total:,}" if total else ""
            self._stream.write(f"\r\x1b[K{self._phase}{amount}")
            self._stream.flush()

    def _finish(self) -> None:
        if self._phase:
            start = "\r\x1b[K" if self._live else ""
            self._stream.write(f"{start}{self._phase}: {time.monotonic() - self._started:.1f} s\n")
            self._stream.flush()
            self._phase = ""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None) -> None:
        if kind is None:
            self._finish()
        elif self._live:
            self._stream.write("\n")
