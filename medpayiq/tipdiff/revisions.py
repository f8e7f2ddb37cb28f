"""Reads content out of a git revision or the working tree, as bytes; nothing of a revision is ever run or followed."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from medpayiq.findings import Failed

FOLDERS = ("content", "rules")
"""What is read: the folders whose files decide what a tip or a note says on a page."""
_MAINS = ("origin/HEAD", "origin/main", "main", "master")
_MOST = 2_000_000
"""Bytes of a file that are read; the largest one of ours, content/sources.yml, has a tenth of it."""


@dataclass(frozen=True, slots=True)
class Side:
    """The content of one revision."""

    name: str
    """``working tree``, or a commit's first twelve characters."""
    files: Mapping[str, bytes]
    """Path to content, with the line ends that git keeps."""
    refused: Mapping[str, str]
    """Path to the reason why a file was not read."""


def merge_base(root: Path) -> str:
    """Return the newest commit that this branch has in common with the main branch.

    Raises:
        Failed: there is none here, or this is no clone.

    """
    _need_clone(root)
    known = [name for name in _MAINS if _quiet(root, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{name}^{{commit}}")]
    found = next((base for name in known if (base := _quiet(root, "merge-base", "HEAD", name))), None)
    if found:
        return found
    if _is_shallow(root):
        raise _shallow("the commit that this branch shares with the main branch is not here")
    if known:
        raise Failed(f"tip-diff: error: HEAD and {known[0]} have no commit in common\n  try: --against REVISION, with the one to compare with", exit_code=2)
    raise Failed("tip-diff: error: there is no main branch here to compare with\n  try: git fetch origin main, or --against REVISION", exit_code=2)


def commit(root: Path, revision: str) -> str:
    """Return the commit that a revision names.

    Raises:
        Failed: it names none here, or this is no clone.

    """
    _need_clone(root)
    found = _quiet(root, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}")
    if found:
        return found
    if _is_shallow(root):
        raise _shallow(f"{revision!r} is not here")
    raise Failed(f"tip-diff: error: {revision!r} is no revision of this repository\n  try: git log --oneline, or git fetch origin, then a name that is there", exit_code=2)


def of_commit(root: Path, revision: str) -> Side:
    """Return the content of a commit."""
    listed = _git(root, "ls-tree", "-r", "-z", revision, "--", *FOLDERS).split(b"\0")
    blobs: dict[str, str] = {}
    refused: dict[str, str] = {}
    for entry in filter(None, listed):
        about, _, raw = entry.partition(b"\t")
        mode, _, name = about.decode("ascii").split(" ")
        path = raw.decode("utf-8", "backslashreplace")
        if mode in {"100644", "100755"}:
            blobs[path] = name
        else:
            refused[path] = "is no plain file"
    files = dict(zip(blobs, _contents(root, list(blobs.values())), strict=True))
    return _side(revision[:12], files, refused)


def of_working_tree(root: Path) -> Side:
    """Return the content as it lies on the disk, with files that are new and files that are not committed."""
    files: dict[str, bytes] = {}
    refused: dict[str, str] = {}
    for path in _walk(root):
        name = os.fsencode(path.relative_to(root).as_posix()).decode("utf-8", "backslashreplace")
        if path.is_symlink() or not path.is_file():
            refused[name] = "is no plain file"
            continue
        try:
            with path.open("rb") as opened:
                files[name] = opened.read(_MOST + 1)
        except OSError as problem:
            refused[name] = f"cannot be read: {problem.strerror}"
    return _side("working tree", files, refused)


def _walk(root: Path) -> Iterator[Path]:
    for folder in FOLDERS:
        for place, below, here in os.walk(root / folder):
            below.sort()
            yield from (Path(place) / name for name in sorted(here))


def _side(name: str, files: Mapping[str, bytes], refused: dict[str, str]) -> Side:
    """Leave out what is too large; an editor's program on Windows writes other line ends than git keeps."""
    refused |= {path: f"has more than {_MOST:,} bytes" for path, data in files.items() if len(data) > _MOST}
    return Side(name, {path: data.replace(b"\r\n", b"\n") for path, data in files.items() if path not in refused}, refused)


def _contents(root: Path, names: list[str]) -> Iterator[bytes]:
    """Yield the content of blobs, all of them from one process."""
    try:
        said = _git(root, "cat-file", "--batch", given="".join(f"{name}\n" for name in names).encode())
    except subprocess.CalledProcessError:
        raise _hollow() from None
    at = 0
    for _ in names:
        end = said.index(b"\n", at)
        if said[at:end].endswith(b" missing"):
            raise _hollow()
        size = int(said[at:end].rsplit(b" ", 1)[1])
        yield said[end + 1 : end + 1 + size]
        at = end + 1 + size + 1


def _need_clone(root: Path) -> None:
    try:
        _git(root, "rev-parse", "--git-dir")
    except Failed:
        raise
    except subprocess.CalledProcessError as problem:
        said = problem.stderr.decode("utf-8", "replace").strip().partition("\n")[0]
        raise Failed(f"tip-diff: error: this folder is no clone that git reads ({said})\n  try: git clone the project, and run it there", exit_code=2) from None


def _is_shallow(root: Path) -> bool:
    return _quiet(root, "rev-parse", "--is-shallow-repository") == "true"


def _hollow() -> Failed:
    return Failed("tip-diff: error: this clone has the names of files, and not what is in them\n  try: git clone the project again, without --filter", exit_code=2)


def _shallow(what: str) -> Failed:
    return Failed(f"tip-diff: error: {what}: this clone is shallow\n  try: git fetch --unshallow; in a workflow: fetch-depth: 0 for actions/checkout", exit_code=2)


def _quiet(root: Path, *words: str) -> str | None:
    try:
        return _git(root, *words).decode().strip()
    except subprocess.CalledProcessError:
        return None


def _git(root: Path, *words: str, given: bytes = b"") -> bytes:
    program = shutil.which("git")
    if program is None:
        raise Failed("tip-diff: error: git is not here\n  try: install git (Debian and Ubuntu: apt-get install git)", exit_code=2)
    # A clone made with --filter would fetch what it lacks, one file at a time, for minutes: better to fail and say so.
    return subprocess.run([program, "-C", str(root), *words], input=given, capture_output=True, check=True, env={**os.environ, "LC_ALL": "C", "GIT_NO_LAZY_FETCH": "1"}).stdout
