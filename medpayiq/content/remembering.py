"""Remembers what the files of ``content/`` held, so that a file is parsed and compared with its schema only when it changed."""

from __future__ import annotations

import hashlib
from contextlib import suppress
from pathlib import Path
from typing import Any

import orjson
import yaml

from medpayiq import yamlmarks
from medpayiq.memory import put_down


class _Marked:
    """Says where the values of a file stand, which is worked out when it is first asked."""

    __slots__ = ("_found", "_name", "_raw")

    def __init__(self, raw: bytes, name: str) -> None:
        self._raw, self._name = raw, name
        self._found: yamlmarks.Marks | None = None

    def __call__(self) -> yamlmarks.Marks:
        if self._found is None:
            self._found = yamlmarks.marks(self._raw.decode("utf-8"), self._name)
        return self._found


class Read:
    """Files without a fault, by the name that findings give them: the digest of their bytes, and their data."""

    def __init__(self, path: Path | None) -> None:
        """Take what ``path`` remembers, if the same program wrote it; without a path, and where it is damaged, nothing is remembered."""
        self._path = path
        self._made_from = _program() if path else ""
        self._before: dict[str, tuple[str, Any]] = {}
        self._now: dict[str, tuple[str, Any]] = {}
        if path:
            with suppress(OSError, ValueError, KeyError, TypeError):
                held = orjson.loads(path.read_bytes())
                if held["made_from"] == self._made_from:
                    self._before = {name: (digest, data) for name, (digest, data) in held["files"].items()}

    def document(self, name: str, raw: bytes) -> yamlmarks.Document | None:
        """Return a file that has the bytes that it had when it was found sound, else None. Where its values stand is worked out when asked."""
        found = self._before.get(name)
        if found is None or found[0] != _digest(raw):
            return None
        self._now[name] = found
        return yamlmarks.Document(name, found[1], _Marked(raw, name))

    def keep(self, raw: bytes, document: yamlmarks.Document) -> None:
        """Remember a file that is sound."""
        if self._path:
            self._now[document.file] = _digest(raw), document.data

    def save(self) -> None:
        """Put everything down, whole or not at all; where nothing can be written, the next command reads every file."""
        if self._path is None or self._now == self._before:
            return
        put_down(self._path, orjson.dumps({"made_from": self._made_from, "files": self._now}))


def _digest(raw: bytes) -> str:
    return hashlib.blake2b(raw, digest_size=16).hexdigest()


def _program() -> str:
    """Digest of what decides how a file is read: this package, which holds the schemas, and the reading of YAML."""
    digest = hashlib.blake2b(yaml.__version__.encode(), digest_size=16)
    for path in sorted([*Path(__file__).parent.glob("*.py"), Path(yamlmarks.__file__)]):
        digest.update(path.read_bytes())
    return digest.hexdigest()
