"""Remembers what the files of ``content/`` held, so that a file is read, parsed and compared with its schema only when it changed."""

from __future__ import annotations

import hashlib
import os
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

import orjson
import yaml

from medpayiq import yamlmarks
from medpayiq.memory import put_down

_SETTLED = 2.0
"""Seconds after which a file's times are believed: one that changes again sooner may keep them, where a disk counts coarsely."""
_Held = tuple[str, Any, list[int]]
"""Digest of a file's bytes, its data, and its times and size; none where they were too young to be believed."""


class _Marked:
    """Says where the values of a file stand, which is worked out when it is first asked."""

    __slots__ = ("_found", "_name", "_path")

    def __init__(self, path: Path, name: str) -> None:
        self._path, self._name = path, name
        self._found: yamlmarks.Marks | None = None

    def __call__(self) -> yamlmarks.Marks:
        if self._found is None:
            self._found = yamlmarks.marks(self._path.read_text(encoding="utf-8"), self._name)
        return self._found


class Read:
    """Files without a fault, by the name that findings give them."""

    def __init__(self, path: Path | None) -> None:
        """Take what ``path`` remembers, if the same program wrote it; without a path, and where it is damaged, nothing is remembered."""
        self._path = path
        self._made_from = _program() if path else ""
        self._before: dict[str, _Held] = {}
        self._now: dict[str, _Held] = {}
        if path:
            with suppress(OSError, ValueError, KeyError, TypeError):
                held = orjson.loads(path.read_bytes())
                if held["made_from"] == self._made_from:
                    self._before = {name: (digest, data, seen) for name, (digest, data, seen) in held["files"].items()}

    def untouched(self, name: str, path: Path) -> yamlmarks.Document | None:
        """Return a file without reading it, if nobody has written to it since it was found sound: its times and its size are what they were."""
        found = self._before.get(name)
        if found is None or not found[2] or found[2] != _seen(path):
            return None
        self._now[name] = found
        return yamlmarks.Document(name, found[1], _Marked(path, name))

    def document(self, name: str, raw: bytes, path: Path) -> yamlmarks.Document | None:
        """Return a file that has the bytes that it had when it was found sound, else None. Where its values stand is worked out when asked."""
        found = self._before.get(name)
        if found is None or found[0] != _digest(raw):
            return None
        self._now[name] = (found[0], found[1], _settled(path))
        return yamlmarks.Document(name, found[1], _Marked(path, name))

    def keep(self, raw: bytes, document: yamlmarks.Document, path: Path) -> None:
        """Remember a file that is sound."""
        if self._path:
            self._now[document.file] = _digest(raw), document.data, _settled(path)

    def save(self) -> None:
        """Put everything down, whole or not at all; where nothing can be written, the next command reads every file."""
        if self._path is None or self._now == self._before:
            return
        put_down(self._path, orjson.dumps({"made_from": self._made_from, "files": self._now}))


def lightened(document: yamlmarks.Document, path: Path) -> yamlmarks.Document:
    """Return a document without its data, which somebody has taken, and without where its values stand, which is read again if somebody asks: of 11,000 notes that is 45 MB."""
    return yamlmarks.Document(document.file, None, _Marked(path, document.file))


def _seen(path: Path) -> list[int]:
    """Return what changes with every change of a file: when it was changed, its inode as well, and its size."""
    with suppress(OSError):
        seen = os.stat(path)
        return [seen.st_mtime_ns, seen.st_ctime_ns, seen.st_size]
    return []


def _settled(path: Path) -> list[int]:
    """Return the same of a file that was just read, and nothing where it is so young that it may have changed since."""
    seen = _seen(path)
    return seen if seen and time.time_ns() - max(seen[:2]) > _SETTLED * 1e9 else []


def _digest(raw: bytes) -> str:
    return hashlib.blake2b(raw, digest_size=16).hexdigest()


def _program() -> str:
    """Digest of what decides how a file is read: this package, which holds the schemas, and the reading of YAML."""
    digest = hashlib.blake2b(yaml.__version__.encode(), digest_size=16)
    for path in sorted([*Path(__file__).parent.glob("*.py"), Path(yamlmarks.__file__)]):
        digest.update(path.read_bytes())
    return digest.hexdigest()
