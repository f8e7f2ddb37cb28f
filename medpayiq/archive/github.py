"""A store in the assets of a GitHub release, reached through the `gh` client, which keeps the token and finds the repository."""

from __future__ import annotations

import json
import os
import re
import subprocess
from pathlib import Path
from typing import Any

from medpayiq.archive.index import Refused
from medpayiq.archive.stores import Stored, TakenError
from medpayiq.findings import Failed
from medpayiq.paths import ROOT

_TAG = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")
_TITLE = "Snapshots of CMS releases"
_NOTES = "Read and written by `build.py archive`. Nothing here is a version of the program; please leave the files as they are."
_LOGGED_OUT = 4
"""What gh ends with when it has no token (gh help exit-codes)."""
_TAKEN = re.compile(r"already[ _]exists")
_NOT_THERE = re.compile(r"release not found|HTTP 404")
_BROKEN = re.compile(r"HTTP (404|5[0-9][0-9])|unexpected EOF")
# What gh says on its error output, and what to do about it; the first that fits counts.
_ADVICE = (
    (re.compile(r"auth login|GH_TOKEN environment variable|HTTP 401|Bad credentials"), "gh is not logged in", "gh auth login, or set GH_TOKEN to a token that may read (push: write) the repository's contents"),
    (re.compile(r"rate limit", re.IGNORECASE), "GitHub's rate limit is used up", "the same command again in some minutes; --folder PATH needs no GitHub"),
    (re.compile(r"no git remotes|not a git repository|git remotes configured|unable to determine (base|current) repo", re.IGNORECASE), "gh does not know the repository", "GH_REPO=OWNER/NAME before the command, or run it in a clone"),
    (re.compile(r"HTTP 403|Resource not accessible"), "GitHub refuses this token", "a token with the right contents: write (gh auth status shows the one in use)"),
    (re.compile(r"error connecting|dial tcp|no such host|connection (refused|reset)|timeout|TLS handshake|check your internet", re.IGNORECASE), "GitHub cannot be reached", "look at the network and https://www.githubstatus.com, then the same command again; --folder PATH needs no network"),
)
# Colours, questions, notices of a new version and requests in full have no place in a message.
_QUIET = {"GH_PROMPT_DISABLED": "1", "GH_NO_UPDATE_NOTIFIER": "1", "GH_SPINNER_DISABLED": "1", "NO_COLOR": "1"}
_LOUD = ("GH_DEBUG", "DEBUG", "GH_FORCE_TTY", "CLICOLOR_FORCE")


class GhStore:
    """The archive as assets of the release ``tag`` of the project's repository (of ``GH_REPO``, where that is set)."""

    def __init__(self, tag: str, *, seconds: float = 60, seconds_for_files: float = 600) -> None:
        """Name the release, and how long gh may take for an answer and for a file.

        Raises:
            Failed: the tag could be read as an option, or is none.

        """
        if not _TAG.fullmatch(tag):
            raise Failed(f"--tag: error: {tag!r} is no name of a tag\n  try: --tag cms-snapshots", exit_code=2)
        self.tag = tag
        self._seconds = seconds
        self._seconds_for_files = seconds_for_files
        self._there = False

    @property
    def name(self) -> str:
        """The release on GitHub."""
        return f"GitHub release {self.tag}"

    def listing(self, *, closely: bool = False) -> dict[str, Stored]:  # noqa: ARG002 - GitHub says its checksums unasked
        """Return the assets; empty where there is no such release yet."""
        done = self._gh("view", "--json", "assets", seconds=self._seconds)
        self._there = done.returncode == 0
        if not self._there:
            if _NOT_THERE.search(done.stderr):
                return {}
            raise self._failed("view", done)
        try:
            return {one["name"]: _stored(one) for one in json.loads(done.stdout)["assets"]}
        except (KeyError, TypeError, ValueError):
            raise Failed(f"{self.name}: error: gh answers with no list of assets\n  try: gh --version; a release of 2023 or later is needed", exit_code=2) from None

    def fetch(self, name: str, folder: Path) -> Path:
        """Download an asset; an answer that breaks off is asked for a second time."""
        target = folder / name
        for _ in range(2):
            # The folder is new, so that --clobber, which gh knows since 2022 only, is not needed.
            target.unlink(missing_ok=True)
            done = self._gh("download", "--pattern", name, "--dir", str(folder), seconds=self._seconds_for_files)
            if done.returncode == 0 and target.is_file():
                return target
            if done.returncode == 0 or "no assets" in done.stderr or "release not found" in done.stderr:
                raise Refused("is not in the archive")
            if not _BROKEN.search(done.stderr):
                raise self._failed("download", done)
        target.unlink(missing_ok=True)
        raise Refused(f"cannot be downloaded: {_line(done.stderr)}")

    def put(self, path: Path) -> None:
        """Upload an asset; gh deletes one of the same name first."""
        self._create()
        done = self._gh("upload", str(path), "--clobber", seconds=self._seconds_for_files)
        if done.returncode != 0:
            raise self._failed(f"upload {path.name}", done)

    def add(self, path: Path) -> None:
        """Upload an asset whose name must be new."""
        self._create()
        done = self._gh("upload", str(path), seconds=self._seconds_for_files)
        if done.returncode != 0 and _TAKEN.search(done.stderr):
            raise TakenError(path.name)
        if done.returncode != 0:
            raise self._failed(f"upload {path.name}", done)

    def _create(self) -> None:
        if self._there:
            return
        # A prerelease never becomes the repository's "latest".
        done = self._gh("create", "--prerelease", "--title", _TITLE, "--notes", _NOTES, seconds=self._seconds)
        if done.returncode != 0 and not _TAKEN.search(done.stderr):
            raise self._failed("create", done)
        self._there = True

    def _gh(self, command: str, *arguments: str, seconds: float) -> subprocess.CompletedProcess[str]:
        environment = {name: value for name, value in os.environ.items() if name not in _LOUD} | _QUIET
        try:
            return subprocess.run(
                ["gh", "release", command, self.tag, *arguments],  # noqa: S607 - the user's gh, wherever it is
                cwd=ROOT,
                env=environment,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                encoding="utf-8",
                errors="replace",
                timeout=seconds,
                check=False,
            )
        except FileNotFoundError:
            raise Failed("gh: error: GitHub's client is not on this machine\n  try: install it (https://cli.github.com), or keep the archive in a folder: --folder PATH", exit_code=2) from None
        except OSError as problem:
            raise Failed(f"gh: error: cannot be started: {problem.strerror or problem}\n  try: gh --version", exit_code=2) from None
        except subprocess.TimeoutExpired:
            raise Failed(f"{self.name}: error: gh release {command} gave no answer in {seconds:g} s and was stopped\n  try: look at the network, then the same command again", exit_code=2) from None

    def _failed(self, what: str, done: subprocess.CompletedProcess[str]) -> Failed:
        said = _line(done.stderr)
        fitting = (reason_and_advice for pattern, *reason_and_advice in _ADVICE if pattern.search(said))
        otherwise = [f"gh release {what} ended with {done.returncode}", f"gh release view {self.tag}"]
        reason, advice = _ADVICE[0][1:] if done.returncode == _LOGGED_OUT else next(fitting, otherwise)
        return Failed(f"{self.name}: error: {reason}: {said or 'gh said nothing'}\n  try: {advice}", exit_code=2)


def _stored(asset: dict[str, Any]) -> Stored:
    """Return an asset's size and, where gh passes on GitHub's own digest (since 2025), its sha256."""
    if asset.get("state", "uploaded") != "uploaded":
        return Stored(-1)
    kind, _, digest = str(asset.get("digest") or "").partition(":")
    return Stored(int(asset["size"]), digest if kind == "sha256" else None)


def _line(said: str) -> str:
    words = " ".join(said.split())
    return words if len(words) <= 300 else f"{words[:299]}…"
