"""The browser's engine under node, kept open and asked claim by claim."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from machine import ROOT
from programs import node

from medpayiq.cms.snapshot import Snapshot
from medpayiq.proof import engines

RUNNER = ROOT / "medpayiq" / "proof" / "engine.mjs"


class Node:
    """The engine on one release."""

    def __init__(self, snap: Snapshot, runner: Path = RUNNER) -> None:
        self.process = subprocess.Popen([node(), str(runner)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, encoding="utf-8")
        self._say(engines.world(snap))

    def _say(self, what: Any) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps(what) + "\n")
        self.process.stdin.flush()

    def ask(self, claim: Mapping[str, Any]) -> str:
        """Return the line that answers a claim; empty when the engine has failed."""
        assert self.process.stdout is not None
        self._say(claim)
        return self.process.stdout.readline().rstrip("\n")

    def close(self) -> None:
        """Let it end."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.close()
        self.process.wait(timeout=10)
        self.process.stdout.close()
