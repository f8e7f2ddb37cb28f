"""The two engines as the checks call them: this one, and the browser's under node."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from medpayiq.cms.snapshot import Snapshot
from medpayiq.facts import SnapshotFacts
from medpayiq.findings import Failed
from medpayiq.payment.amount import Gpci
from medpayiq.payment.claim import price_claim
from medpayiq.payment.model import Place
from medpayiq.proof.vectors import Engine
from medpayiq.rulebook import packed, rulebook

_NODE_ENGINE = Path(__file__).with_name("engine.mjs")
_SECONDS = 600


class _Facts(SnapshotFacts):
    """A snapshot whose localities may also be given as indices: ``gpci/1.000/0.958/0.308``."""

    def place(self, locality: str) -> Place | None:
        """Return a place by ``carrier/locality``, or made of given indices."""
        return given_place(locality) or super().place(locality)


def given_place(locality: str) -> Place | None:
    """Return the place that a worked case describes by its indices, without anesthesia factors."""
    name, _, values = locality.partition("/")
    if name != "gpci":
        return None
    work, pe, mp = (int(one.replace(".", "")) for one in values.split("/"))
    return Place(Gpci(work, pe, mp), {})


def python(snapshot_of: Callable[[str], Snapshot]) -> Engine:
    """Return this package's engine; ``snapshot_of`` finds a release by name."""

    def answer(release: str, claims: Sequence[Mapping[str, Any]]) -> list[list[dict[str, Any]]]:
        snap = snapshot_of(release)
        facts, book = _Facts(snap), rulebook(snap.meta.effective_from)
        return [[one.as_json() for one in price_claim(claim, facts, book)] for claim in claims]

    return answer


def javascript(snapshot_of: Callable[[str], Snapshot]) -> Engine:
    """Return the browser's engine, run by node.

    Raises:
        Failed: there is no node, or it fails.
    """
    node = shutil.which("node")
    if node is None:
        raise Failed("check: error: --engine js needs node, which is not here\n  try: install Node 20 or newer, or --engine python", exit_code=2)

    def answer(release: str, claims: Sequence[Mapping[str, Any]]) -> list[list[dict[str, Any]]]:
        snap = snapshot_of(release)
        asked = "\n".join([json.dumps(world(snap)), *(json.dumps(claim) for claim in claims)]) + "\n"
        done = subprocess.run([node, str(_NODE_ENGINE)], input=asked, capture_output=True, text=True, encoding="utf-8", timeout=_SECONDS, check=False)
        if done.returncode:
            raise Failed(f"check: error: the engine under node failed\n{done.stderr.strip()}\n  try: node --version (20 or newer)")
        return [json.loads(line) for line in done.stdout.splitlines()]

    return answer


def world(snap: Snapshot) -> dict[str, Any]:
    """Return what the browser's engine needs of a release: rule book, every row as pages carry it, every place."""
    facts = SnapshotFacts(snap)
    rows: dict[str, dict[str, list[str | int]]] = {}
    for one in snap.services:
        rows.setdefault(one.code, {})[one.modifier] = packed(one)
    places = {name: {"gpci": list(one.gpci), "anesthesia": dict(one.anesthesia)} for name, one in facts.places.items()}
    return {"book": rulebook(snap.meta.effective_from), "rows": rows, "places": places}
