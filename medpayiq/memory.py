"""Remembers what each code page was made from, so that a page whose inputs did not change is not made again."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import orjson

from medpayiq.paths import ROOT, RULES, TEMPLATES


class Made(NamedTuple):
    """One page as it was made: the digest of its inputs, and what came out."""

    inputs: str
    html: str
    twin: str
    past: str
    """Digest of the file of its older rows; empty where it has none."""
    edits: str
    """Digest of its list of edits; empty where it has none."""
    indexed: str | None
    """Digest of what the word search would index, empty for nothing; None when the build had no word search and did not ask."""
    listed: bool
    """False for a page with ``noindex``."""
    modified: str | None = None
    """ISO day on which what it shows last changed; None where that is not known."""


@dataclass(frozen=True, slots=True)
class Memory:
    """What is remembered of the last build."""

    pages: dict[str, Made]
    """By code, or by the address of another page."""
    facts: str = ""
    """Digest of program, rules, settings and CMS's facts: what rests on these alone is kept where a page is made again."""

    @classmethod
    def load(cls, path: Path) -> Memory:
        """Read what the last build remembered; nothing when that is missing or damaged."""
        try:
            data = orjson.loads(path.read_bytes())
            return cls({code: Made(*made) for code, made in data["pages"].items()}, data["facts"])
        except (OSError, ValueError, TypeError, KeyError, AttributeError):
            return cls({})

    def save(self, path: Path) -> None:
        """Put it down whole or not at all."""
        part = path.with_name(path.name + ".new")
        part.write_bytes(orjson.dumps({"facts": self.facts, "pages": self.pages}, default=list))
        os.replace(part, path)


def remembered(path: Path, inputs: str, make: Callable[[], bytes]) -> bytes:
    """Return the bytes that were made last from the same inputs (a digest), else make them and put them down, whole or not at all."""
    head = f"{inputs}\n".encode()
    with suppress(OSError):
        held = path.read_bytes()
        if held.startswith(head):
            return held[len(head) :]
    made = make()
    put_down(path, head + made)
    return made


def put_down(path: Path, data: bytes) -> None:
    """Write what the next run may use, whole or not at all; where it cannot be written, that run works it out again."""
    part = path.with_name(f"{path.name}.{os.getpid()}")
    with suppress(OSError):
        part.parent.mkdir(exist_ok=True)
        part.write_bytes(data)
        os.replace(part, path)


def shared_inputs(more: Iterable[str]) -> str:
    """Return a digest of everything every page depends on: the program, templates and rules, and ``more``."""
    digest = hashlib.blake2b(digest_size=16)
    sources = [*(ROOT / "medpayiq").rglob("*.py"), *TEMPLATES.rglob("*.html"), *RULES.glob("*.yml")]
    for path in sorted(sources):
        digest.update(path.relative_to(ROOT).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    for text in more:
        digest.update(text.encode() + b"\0")
    return digest.hexdigest()


def own_inputs(shared: str, parts: tuple[object, ...]) -> str:
    """Return a digest of one page's inputs: the shared ones and those of its own."""
    return hashlib.blake2b(f"{shared}{parts!r}".encode(), digest_size=12).hexdigest()
