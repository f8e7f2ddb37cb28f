"""Packs a snapshot into one tar and unpacks it: same snapshot, same bytes, and no file but those that it states.

The files go in as they lie on the disk; imported tables are compressed already. CMS's short texts lie outside the
snapshots (cms_data/descriptors) and never get here.
"""

from __future__ import annotations

import hashlib
import io
import json
import re
import tarfile
from pathlib import Path

from medpayiq.archive.index import Asset, Refused, asset_name, is_release
from medpayiq.cms import snapshot
from medpayiq.cms.snapshot import META, Snapshot
from medpayiq.findings import Failed

# A table may lie in a sub-folder ("ncci/edits"); nothing climbs out of the snapshot.
_TABLE = re.compile(r"[a-z0-9_]+(/[a-z0-9_]+)*")
_FORMS = (".tsv", ".tsv.gz")


def verified(folder: Path) -> Snapshot:
    """Open a snapshot and compare every table of it with what its snapshot.json states.

    Raises:
        Refused: it is damaged, of another format, the sample, or lies in a folder of another name.

    """
    try:
        snap = snapshot.read(folder)
        if not is_release(snap.meta.release) or snap.meta.release.lower() != folder.name or snap.meta.sample:
            raise Refused(f"{META}: is not that of an imported {folder.name.upper()}")
        for table in _tables(snap.meta.tables):
            snap.data(table)
    except Failed as failed:
        place, _, reason = str(failed).partition("\n")[0].partition(": error: ")
        raise Refused(f"{Path(place).name}: {reason}") from None
    except (AttributeError, KeyError, TypeError, ValueError) as problem:
        raise Refused(f"{META}: is not whole: {problem}") from None
    return snap


def is_newer(folder: Path) -> bool:
    """Say whether a later version of the program wrote this snapshot: it cannot be read here, and is not damaged."""
    try:
        number = json.loads((folder / META).read_bytes())["format"]
    except (OSError, ValueError, TypeError, KeyError, RecursionError):
        return False
    return type(number) is int and number > snapshot.FORMAT


def digest(folder: Path) -> str:
    """Return the sha256 of a snapshot's snapshot.json, which states those of all its tables."""
    return hashlib.sha256((folder / META).read_bytes()).hexdigest()


def pack(snap: Snapshot, target: Path) -> Asset:
    """Pack a verified snapshot into a tar in the folder ``target``.

    Names, sizes and bytes go in; no clock, no user, no right of the file on this machine.
    """
    meta, stem = snap.meta, snap.folder.name
    stated = digest(snap.folder)
    path = target / asset_name(meta.release, stated)
    with tarfile.open(path, "w", format=tarfile.USTAR_FORMAT) as tar:
        for name, file in sorted(_files(snap).items()):
            data = file.read_bytes()
            info = tarfile.TarInfo(f"{stem}/{name}")
            info.size, info.mode = len(data), 0o644
            tar.addfile(info, io.BytesIO(data))
    packed = path.read_bytes()
    return Asset(path.name, len(packed), hashlib.sha256(packed).hexdigest(), stated, meta.effective_from, meta.effective_to)


def left_out(snap: Snapshot) -> list[str]:
    """Return the files in a snapshot's folder that its snapshot.json does not state, and that are not packed."""
    packed = set(_files(snap).values())
    return sorted(path.relative_to(snap.folder).as_posix() for path in snap.folder.rglob("*") if not path.is_dir() and path not in packed)


def unpack(path: Path, asset: Asset, folder: Path) -> None:
    """Unpack an asset of the given size and sha256 into ``folder``, which is named as its release and must not exist.

    Nothing is written before all names are known to be those that the snapshot.json inside states.

    Raises:
        Refused: it is not the asset that the index states, or holds what it must not; parts may lie in ``folder`` then.

    """
    if path.stat().st_size != asset.size:
        raise Refused(f"has {path.stat().st_size:,} bytes instead of {asset.size:,}")
    with path.open("rb") as file:
        if hashlib.file_digest(file, "sha256").hexdigest() != asset.sha256:
            raise Refused("its sha256 is not the one in the index: it was changed or damaged")
    try:
        with tarfile.open(path, "r:") as tar:
            members = tar.getmembers()
            _check(tar, members, asset, folder.name)
            tar.extractall(folder.parent, members, filter="data")
    except (tarfile.TarError, EOFError, OverflowError, ValueError) as problem:
        raise Refused(f"cannot be unpacked: {problem}") from None
    verified(folder)


def _check(tar: tarfile.TarFile, members: list[tarfile.TarInfo], asset: Asset, stem: str) -> None:
    """Refuse a tar with anything but plain files under exactly the names that its snapshot.json states."""
    for member in members:
        if member.type != tarfile.REGTYPE or member.sparse is not None:
            raise Refused(f"holds {member.name!r}, which is no plain file")
    names = [member.name for member in members]
    head = next((member for member in members if member.name == f"{stem}/{META}"), None)
    opened = tar.extractfile(head) if head else None
    if opened is None:
        raise Refused(f"holds no {stem}/{META}")
    data = opened.read()
    if hashlib.sha256(data).hexdigest() != asset.snapshot_sha256:
        raise Refused(f"its {META} is not the one that the index states")
    try:
        tables = _tables(json.loads(data)["tables"])
    except (KeyError, TypeError, ValueError):
        raise Refused(f"its {META} states no tables") from None
    expected = {f"{stem}/{META}", *(_form(f"{stem}/{table}", names) for table in tables)}
    for name in names:
        if name not in expected:
            raise Refused(f"holds {name!r}, which its {META} does not state")
    if lacking := expected.difference(names):
        raise Refused(f"lacks {min(lacking)}")
    if len(names) > len(expected):
        raise Refused("holds a file twice")


def _form(table: str, names: list[str]) -> str:
    return next((name for form in _FORMS if (name := f"{table}{form}") in names), f"{table}{_FORMS[-1]}")


def _tables(stated: object) -> list[str]:
    if not isinstance(stated, dict):
        raise Refused(f"{META}: states no tables")
    for table in stated:
        if not _TABLE.fullmatch(table):
            raise Refused(f"{META}: states {table!r}, which is no table's name")
    return list(stated)


def _files(snap: Snapshot) -> dict[str, Path]:
    """Return the files of a snapshot by their names inside it; plain text comes before its packed form, as it is read."""
    made = {META: snap.folder / META}
    for table in snap.meta.tables:
        name = next(name for form in _FORMS if (snap.folder / (name := f"{table}{form}")).is_file())
        made[name] = snap.folder / name
    return made
