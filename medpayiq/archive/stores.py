"""Where an archive is kept: what a store can do, and a store in a folder, such as a mounted or synchronised bucket."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from medpayiq.archive.index import Refused
from medpayiq.findings import Failed
from medpayiq.paths import shown


class TakenError(Exception):
    """A file of that name is in the store already: another push was faster."""


@dataclass(frozen=True, slots=True)
class Stored:
    """What a store says of one of its files without sending it."""

    size: int
    """Bytes; -1 for a file whose upload never ended."""
    sha256: str | None = None
    """None where the store does not say."""


class Store(Protocol):
    """A place that keeps files under flat names. Every method raises Failed when the place cannot be reached or used."""

    @property
    def name(self) -> str:
        """The place as messages name it."""

    def listing(self, *, closely: bool = False) -> dict[str, Stored]:
        """Return the files of the store by name; empty where there is no archive yet.

        ``closely``: with checksums too, as far as the store can say them without sending every file.
        """

    def fetch(self, name: str, folder: Path) -> Path:
        """Bring a file into a folder under its own name.

        Raises:
            Refused: this file is missing or cannot be read; others may be there.

        """

    def put(self, path: Path) -> None:
        """Store a file under its own name, in place of one that may be there."""

    def add(self, path: Path) -> None:
        """Store a file under its own name.

        Raises:
            TakenError: there is one of that name.

        """


@dataclass(frozen=True, slots=True)
class FolderStore:
    """An archive in a folder of this machine."""

    path: Path

    @property
    def name(self) -> str:
        """The folder."""
        return shown(self.path)

    def listing(self, *, closely: bool = False) -> dict[str, Stored]:
        """Return the files with their sizes; what a killed push left unfinished begins with a dot and is no file of the archive."""
        made: dict[str, Stored] = {}
        try:
            with os.scandir(self.path) as found:
                files = [one for one in found if not one.name.startswith(".") and one.is_file()]
            for one in files:
                with suppress(FileNotFoundError):  # gone since, such as a program's passing file
                    made[one.name] = Stored(one.stat().st_size, _sha256(one.path) if closely else None)
        except (FileNotFoundError, NotADirectoryError):
            raise Failed(f"{self.name}: error: the archive's folder is not there\n  try: mount it, or make it: mkdir -p {self.name}", exit_code=2) from None
        except OSError as problem:
            raise self._unusable("read", problem) from None
        return made

    def fetch(self, name: str, folder: Path) -> Path:
        """Copy a file of the archive."""
        try:
            data = (self.path / name).read_bytes()
        except FileNotFoundError:
            raise Refused("is not in the archive") from None
        except OSError as problem:
            raise Refused(f"cannot be read: {problem.strerror or problem}") from None
        target = folder / name
        target.write_bytes(data)
        return target

    def put(self, path: Path) -> None:
        """Copy a file beside its place and put it there in one step."""
        try:
            part = self._part(path)
            with _gone_at_the_end(part):
                os.replace(part, self.path / path.name)
        except OSError as problem:
            raise self._unusable("written", problem) from None

    def add(self, path: Path) -> None:
        """Copy a file beside its place and link it there, which only the first of two pushes can."""
        target = self.path / path.name
        try:
            part = self._part(path)
            with _gone_at_the_end(part):
                try:
                    os.link(part, target)
                except FileExistsError:
                    raise TakenError(path.name) from None
                except OSError:
                    # Buckets have no hard links: two pushes in one moment can then not be told apart, one after the other can.
                    if target.exists():
                        raise TakenError(path.name) from None
                    os.replace(part, target)
        except OSError as problem:
            raise self._unusable("written", problem) from None

    def _part(self, path: Path) -> Path:
        part = self.path / f".{path.name}.{os.getpid()}.part"
        try:
            with part.open("wb") as file:
                file.write(path.read_bytes())
                file.flush()
                os.fsync(file.fileno())
        except OSError:
            with suppress(OSError):
                part.unlink()
            raise
        return part

    def _unusable(self, what: str, problem: OSError) -> Failed:
        return Failed(f"{self.name}: error: the archive cannot be {what}: {problem.strerror or problem}\n  try: look at the rights and the room of the folder, then run the same command again", exit_code=2)


def _sha256(path: str) -> str:
    try:
        with open(path, "rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return ""  # a file that cannot be read is no whole one


@contextmanager
def _gone_at_the_end(part: Path) -> Iterator[None]:
    try:
        yield
    finally:
        with suppress(OSError):
            part.unlink()
