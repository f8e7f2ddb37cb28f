"""A stand-in for GitHub's client: keeps the assets of one release in a folder, and fails in the ways it is told to.

Put on PATH as ``gh``; FAKE_GH names its folder. ``assets/`` is there once the release is; ``faults.json`` is a list of
faults, each ``{"on": command, "name": part of the asset's name, "what": fault, "after": calls that go well first,
"times": how often}``. What it says and how it ends is what gh 2.23 was seen to say and what its manual states.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import shutil
import sys
import time
from pathlib import Path
from typing import NoReturn

HOME = Path(os.environ.get("FAKE_GH", "."))
ASSETS = HOME / "assets"
FAULTS = HOME / "faults.json"
CALLS = HOME / "calls.jsonl"

SAYINGS = {
    "auth": (4, "To get started with GitHub CLI, please run:  gh auth login\nAlternatively, populate the GH_TOKEN environment variable with a GitHub API authentication token.\n"),
    "badtoken": (1, "HTTP 401: Bad credentials (https://api.github.com/repos/o/r/releases)\nTry authenticating with:  gh auth login\n"),
    "norights": (1, "HTTP 403: Resource not accessible by integration (https://uploads.github.com/repos/o/r/releases/1/assets)\n"),
    "rate": (1, "HTTP 403: You have exceeded a secondary rate limit. Please wait a few minutes before you try again. (https://api.github.com/repos/o/r/releases)\n"),
    "offline": (1, "error connecting to api.github.com\ncheck your internet connection or https://githubstatus.com\n"),
    "norepo": (1, "failed to run git: fatal: not a git repository (or any of the parent directories): .git\n\n"),
    "404": (1, "HTTP 404: Not Found (https://api.github.com/repos/o/r/releases/assets/7)\n"),
    "502": (1, "HTTP 502: Bad Gateway (https://api.github.com/repos/o/r/releases/assets/7)\n"),
    "other": (1, "something\nnobody\thas seen before " + "x" * 400),
}


def end(code: int, said: str) -> NoReturn:
    """End as gh does: a message on the error output, and an exit code."""
    sys.stderr.write(said)
    sys.exit(code)


def fault(command: str, name: str) -> str:
    """Return the fault that is to happen now, and count it."""
    faults = json.loads(FAULTS.read_text(encoding="utf-8")) if FAULTS.exists() else []
    for one in faults:
        if one["on"] == command and one.get("name", "") in name:
            if one.get("after", 0) > 0:
                one["after"] -= 1
            elif one.get("times", 10**6) > 0:
                one["times"] = one.get("times", 10**6) - 1
                FAULTS.write_text(json.dumps(faults), encoding="utf-8")
                return str(one["what"])
    FAULTS.write_text(json.dumps(faults), encoding="utf-8")
    return ""


def fail(what: str) -> None:
    """Fail as told, where that needs no file."""
    if what == "hang":
        time.sleep(60)
    if what in SAYINGS:
        end(*SAYINGS[what])


def view() -> None:
    """List the assets, with the digest that GitHub adds since 2025 where ``digests`` is there."""
    listed = []
    for path in sorted(ASSETS.iterdir()):
        name, state = path.name.removesuffix("~starter"), "starter" if path.name.endswith("~starter") else "uploaded"
        one = {"name": name, "size": path.stat().st_size, "state": state, "contentType": "application/octet-stream"}
        if (HOME / "digests").exists() and state == "uploaded":
            one["digest"] = "sha256:" + hashlib.sha256(path.read_bytes()).hexdigest()
        listed.append(one)
    print(json.dumps({"assets": listed}))


def upload(files: list[Path], *, clobber: bool) -> None:
    """Store files; with clobber, one of the same name is deleted first, as gh does it."""
    for path in files:
        target, unfinished = ASSETS / path.name, ASSETS / f"{path.name}~starter"
        if (target.exists() or unfinished.exists()) and not clobber:
            end(1, f"asset under the same name already exists: [{path.name}]\n")
        target.unlink(missing_ok=True)
        unfinished.unlink(missing_ok=True)
        what = fault("upload", path.name)
        if what == "half":
            unfinished.write_bytes(b"")
            end(1, "unexpected EOF\n")
        if what == "overtaken":
            # Another push stores its own file under the same name a moment earlier.
            shutil.copy(HOME / "other" / path.name, target)
            end(1, "HTTP 422: Validation Failed (https://uploads.github.com/repos/o/r/releases/1/assets)\nReleaseAsset.name already exists\n")
        fail(what)
        shutil.copy(path, target)


def download(pattern: str, folder: Path) -> None:
    """Bring the one asset of this name, whole, cut off or with a byte flipped."""
    path = ASSETS / pattern
    if not path.exists():
        end(1, "no assets match the file pattern\n")
    if (folder / pattern).exists():
        end(1, f"{folder / pattern} already exists (use `--clobber` to overwrite file or `--skip-existing` to skip file)\n")
    what = fault("download", pattern)
    fail(what)
    data = path.read_bytes()
    if what in {"half", "short"}:
        data = data[: len(data) // 2]
    if what == "flip":
        data = bytes([data[0] ^ 1]) + data[1:]
    (folder / pattern).write_bytes(data)
    if what == "half":
        end(1, "unexpected EOF\n")


def main() -> None:
    """Run one command of ``gh release``."""
    parser = argparse.ArgumentParser(prog="gh", allow_abbrev=False)
    commands = parser.add_subparsers(required=True).add_parser("release").add_subparsers(dest="command", required=True)
    one = commands.add_parser("view")
    one.add_argument("--json", choices=["assets"], required=True)
    one = commands.add_parser("create")
    one.add_argument("--prerelease", action="store_true", required=True)
    one.add_argument("--title", required=True)
    one.add_argument("--notes", required=True)
    one = commands.add_parser("upload")
    one.add_argument("--clobber", action="store_true")
    one = commands.add_parser("download")
    one.add_argument("--pattern", required=True)
    one.add_argument("--dir", type=Path, required=True)
    for one in commands.choices.values():
        one.add_argument("tag")
    commands.choices["upload"].add_argument("files", nargs="+", type=Path)
    asked = parser.parse_args()
    with CALLS.open("a", encoding="utf-8") as calls:
        calls.write(json.dumps(sys.argv[2:]) + "\n")
    if asked.command in {"view", "create"}:
        fail(fault(asked.command, asked.tag))
    if asked.command == "create":
        if ASSETS.exists():
            end(1, "HTTP 422: Validation Failed (https://api.github.com/repos/o/r/releases)\nRelease.tag_name already exists\n")
        ASSETS.mkdir()
    elif not ASSETS.exists():
        end(1, "release not found\n")
    elif asked.command == "view":
        view()
    elif asked.command == "upload":
        upload(asked.files, clobber=asked.clobber)
    else:
        download(asked.pattern, asked.dir)


if __name__ == "__main__":
    main()
