"""Keeps the answers given so far, so that nothing is lost when an editor stops: one file a code, out of git's sight."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from medpayiq.paths import ROOT, shown

FOLDER = ROOT / ".build" / "new-tip"
_TYPES: dict[str, type] = {"where": dict, "expects": list, "sources": list, "watch": list, "effective": dict}


@dataclass
class Draft:
    """The answers to one code's questions."""

    path: Path
    answers: dict[str, Any] = field(default_factory=dict)
    held: dict[str, Any] = field(default_factory=dict)
    """Answers that were typed and not accepted yet."""
    unfinished: list[str] = field(default_factory=list)
    """Lines of the text that was being typed."""
    of: str = ""
    """The question that they answer."""

    aside: Path | None = None
    """Where a file lies that was no draft."""

    def __bool__(self) -> bool:
        """Say whether anything was typed."""
        return bool(self.answers or self.held or self.unfinished)

    @property
    def name(self) -> str:
        """The file as messages name it."""
        return shown(self.path)

    def keep(self) -> None:
        """Write the answers; whoever is interrupted meanwhile finds the older ones."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        new = self.path.with_suffix(".new")
        new.write_text(json.dumps({"answers": self.answers, "held": self.held, "unfinished": self.unfinished, "of": self.of}, indent=1, ensure_ascii=False), encoding="utf-8")
        os.replace(new, self.path)

    def put_aside(self) -> Path:
        """Move the file out of the way, under a name that is free; return where it is."""
        number = 1
        while (aside := self.path.with_suffix(f".{number}.json")).exists():
            number += 1
        os.replace(self.path, aside)
        return aside

    def drop(self) -> None:
        """Take the file away: the tip is written."""
        self.path.unlink(missing_ok=True)


def read(code: str, folder: Path = FOLDER) -> Draft:
    """Return a code's draft; empty where there is none. A file that is no draft is put aside."""
    draft = Draft(folder / f"{code}.json")
    if not draft.path.exists():
        return draft
    try:
        data = json.loads(draft.path.read_text(encoding="utf-8"))
        answers, held = ({key: value for key, value in data.get(part, {}).items() if isinstance(value, _TYPES.get(key, str))} for part in ("answers", "held"))
        lines, of = [str(one) for one in data.get("unfinished", [])], str(data.get("of", ""))
    except (ValueError, KeyError, TypeError, AttributeError):
        draft.aside = draft.put_aside()
        return draft
    draft.answers, draft.held, draft.unfinished, draft.of = answers, held, lines, of
    return draft
