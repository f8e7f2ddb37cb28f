"""Remembers the tips and notes about which the rules found nothing, so that a check or a build asks only about those that are new or changed."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from medpayiq.content.library import Library
from medpayiq.content.tips import Tip
from medpayiq.lint.context import ACROSS, Context
from medpayiq.memory import put_down, shared_inputs

_STATES = 4
"""States that are remembered: whoever turns from a release to the sample and back is not asked to wait each time."""


@dataclass(frozen=True, slots=True)
class Clean:
    """Digests of tips without a finding, and of all notes where none has one, for one state of everything else that a rule looks at."""

    path: Path
    made_from: str
    digests: frozenset[str]
    tips: str
    """Digest of all tips: an exception from a comparison with other tips is needless as soon as the other one is gone."""

    def has(self, tip: Tip) -> bool:
        """Say whether nothing was found about a tip as it stands."""
        return self._digest(tip) in self.digests

    def has_notes(self, library: Library) -> bool:
        """Say whether nothing was found about the notes as they stand."""
        return _notes(library) in self.digests

    def keep(self, tips: Iterable[Tip], notes: Library | None) -> None:
        """Put down the tips without a finding, and with ``notes`` that theirs have none, whole or not at all; where nothing can be written, the next build asks about all."""
        sound = [*map(self._digest, tips), *([] if notes is None else [_notes(notes)])]
        states = {self.made_from: sorted(sound)} | {name: clean for name, clean in _states(self.path).items() if name != self.made_from}
        put_down(self.path, json.dumps(dict(list(states.items())[:_STATES])).encode("ascii"))

    def _digest(self, tip: Tip) -> str:
        return f"{_own(tip)} {self.tips}" if tip.allow.keys() & ACROSS else _own(tip)


def load(path: Path, context: Context, facts: str) -> Clean:
    """Return what the last lint remembered; nothing where it is missing, damaged, or of another state of program, rules and release.

    ``facts`` stands for the release: its meta file, which holds every table's checksum.
    """
    library = context.library
    more = (facts, str(context.whole), context.today, repr(sorted(library.replaced.items())), repr(context.texts), repr(sorted(context.descriptors.items())))
    made_from = shared_inputs(more)
    digests = frozenset(_states(path).get(made_from, ()))
    return Clean(path, made_from, digests, hashlib.sha256(repr(sorted(map(_own, library.tips))).encode()).hexdigest())


def _states(path: Path) -> dict[str, list[str]]:
    """Return the clean tips of each state that is remembered, the last one first; nothing of a file that is missing or damaged."""
    with suppress(OSError, ValueError, AttributeError, TypeError):
        return {str(name): list(map(str, clean)) for name, clean in json.loads(path.read_text(encoding="ascii")).items()}
    return {}


def _notes(library: Library) -> str:
    return f"content/codes {library.notes_digest}"


def _own(tip: Tip) -> str:
    return f"{tip.document.file} {tip.digest}"
