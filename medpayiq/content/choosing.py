"""Remembers which codes each tip's ``where`` chose, so that a rebuild works it out for new ones alone."""

from __future__ import annotations

from pathlib import Path

import orjson

from medpayiq.cms import snapshot
from medpayiq.cms.snapshot import Snapshot
from medpayiq.content.selecting import Mask, Selecting
from medpayiq.memory import put_down, shared_inputs
from medpayiq.paths import CHOSEN


def load(snap: Snapshot) -> dict[str, Mask]:
    """Return what was chosen last from the same facts by the same program; nothing where that is missing, damaged, or of another state."""
    try:
        data = orjson.loads(_path(snap).read_bytes())
        if data["made_from"] == _made_from(snap):
            return {asked: int(mask, 16) for asked, mask in data["chosen"].items()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        pass
    return {}


def keep(snap: Snapshot, selecting: Selecting) -> None:
    """Put down what was chosen, if any of it is new, whole or not at all; where nothing can be written, the next build works it out again."""
    if selecting.chosen.keys() <= selecting.before.keys():
        return
    put_down(_path(snap), orjson.dumps({"made_from": _made_from(snap), "chosen": {asked: f"{mask:x}" for asked, mask in selecting.chosen.items()}}))


def _path(snap: Snapshot) -> Path:
    return CHOSEN.with_name(f"{CHOSEN.name}-{snap.meta.kept_as}.json")


def _made_from(snap: Snapshot) -> str:
    """Return a digest of the program, its rules, and every table's checksum."""
    return shared_inputs([(snap.folder / snapshot.META).read_text(encoding="utf-8")])
