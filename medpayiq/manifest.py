"""What a build remembers of a tree of files, packed into one file: a digest, size and time stamp of each."""

from __future__ import annotations

import os
import struct
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Final, TypeAlias

__all__ = ["DIGEST", "Files", "Manifest", "digest_of", "folder_stamp", "pack", "size_and_time", "stamp", "unpack"]

Files: TypeAlias = dict[str, bytes]
"""Path to record. A record is 16 bytes of digest, then size and mtime_ns; empty where nothing vouches for a file."""

_MAGIC: Final = b"medpayiq tree 2\n"
DIGEST: Final = 16
"""Bytes of a digest at the start of a record."""
_RECORD: Final = 32
_STAMP: Final = struct.Struct("<qq")
_LENGTH: Final = struct.Struct("<Q")


def digest_of(data: bytes) -> bytes:
    """Return the 16-byte digest by which `TreeWriter.keep` knows a file."""
    return sha256(data).digest()[:DIGEST]


@dataclass(frozen=True, slots=True)
class Manifest:
    """What is known of a tree: its files, its folders (mtime as packed), and whether the machine ran on since then."""

    files: Files = field(default_factory=dict)
    folders: dict[str, bytes] = field(default_factory=dict)
    same_boot: bool = False

    @classmethod
    def load(cls, name: str) -> Manifest:
        """Read a manifest; one that is missing or damaged knows nothing, so that bytes are compared."""
        try:
            data = Path(name).read_bytes()
        except FileNotFoundError:
            return cls()
        body = data[len(_MAGIC) + DIGEST :]
        if not data.startswith(_MAGIC + digest_of(body)):
            return cls()
        boot, names, records, folders, stamps = _unframe(body)
        return cls(_table(names, records, _RECORD), _table(folders, stamps, _LENGTH.size), boot == _boot())

    def save(self, name: str) -> None:
        """Put the manifest down whole or not at all."""
        body = _frame(_boot(), *_columns(self.files), *_columns(self.folders))
        Path(name + ".new").write_bytes(_MAGIC + digest_of(body) + body)
        os.replace(name + ".new", name)


def stamp(status: os.stat_result) -> bytes:
    """Pack what is recorded of a file beside its digest: size and time stamp."""
    return _STAMP.pack(status.st_size, status.st_mtime_ns)


def folder_stamp(status: os.stat_result) -> bytes:
    """Pack what is recorded of a folder: when something was added to it or removed."""
    return _LENGTH.pack(status.st_mtime_ns)


def unpack(entries: bytes) -> Files:
    """Read what `pack` packed."""
    names, records = _unframe(entries)
    return _table(names, records, _RECORD)


def size_and_time(record: bytes) -> tuple[int, int]:
    """Return size in bytes and mtime_ns of a record."""
    size, time = _STAMP.unpack_from(record, DIGEST)
    return size, time


def pack(files: Files) -> bytes:
    """Pack records, to be sent from a worker to its parent."""
    return _frame(*_columns(files))


@cache
def _boot() -> bytes:
    """Name the machine's run since it was last started; empty where the system does not say."""
    with suppress(OSError):
        return Path("/proc/sys/kernel/random/boot_id").read_bytes()
    return b""


def _columns(table: dict[str, bytes]) -> tuple[bytes, bytes]:
    return "\0".join(table).encode("utf-8", "surrogateescape"), b"".join(table.values())


def _table(names: bytes, values: bytes, width: int) -> dict[str, bytes]:
    if not values:
        return {}
    cells = [values[at : at + width] for at in range(0, len(values), width)]
    return dict(zip(names.decode("utf-8", "surrogateescape").split("\0"), cells, strict=True))


def _frame(*parts: bytes) -> bytes:
    return b"".join(_LENGTH.pack(len(part)) + part for part in parts)


def _unframe(data: bytes) -> list[bytes]:
    parts: list[bytes] = []
    at = 0
    while at < len(data):
        (size,) = _LENGTH.unpack_from(data, at)
        at += _LENGTH.size
        parts.append(data[at : at + size])
        at += size
    return parts
