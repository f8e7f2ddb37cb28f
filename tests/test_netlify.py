"""Netlify's build: what its own programs read in netlify.toml, what `make netlify` runs there, and that a preview is not indexed."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest
from machine import ROOT, lacking
from programs import MODULES, node

STUB = """#!/bin/sh
echo "$*" >> calls
if [ -n "$FAILS" ] && [ "$2" = "$FAILS" ]; then exit 1; fi
mkdir -p site
"""
CONTEXTS = ("production", "deploy-preview", "branch-deploy")


def in_node(folder: Path, body: str) -> Any:
    """Run a module of JavaScript that has Netlify's programs at hand; return what it prints as JSON."""
    for name in ("config", "headers-parser"):
        if not (MODULES / "@netlify" / name).is_dir():
            lacking(f"@netlify/{name} is not here: run npm ci")
    script = folder / "script.mjs"
    parts = {name: (MODULES / "@netlify" / name / "lib" / "index.js").as_uri() for name in ("config", "headers-parser")}
    script.write_text(f"import * as config from {json.dumps(parts['config'])};\nimport * as headers from {json.dumps(parts['headers-parser'])};\n{body}", encoding="utf-8")
    done = subprocess.run([node(), str(script)], cwd=folder, capture_output=True, encoding="utf-8", timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def made(folder: Path, **variables: str) -> tuple[int, list[str]]:
    """Run `make netlify` in a folder where build.py is a stub; return its exit code and the commands it ran."""
    (folder / "Makefile").write_bytes((ROOT / "Makefile").read_bytes())
    (folder / "requirements.txt").write_text("", encoding="utf-8")
    stub = folder / ".venv" / "bin" / "python"
    stub.parent.mkdir(parents=True, exist_ok=True)
    stub.write_text(STUB, encoding="utf-8")
    stub.chmod(0o755)
    (folder / ".venv" / ".runtime").touch()
    environment = {name: value for name, value in os.environ.items() if name not in {"MEDPAYIQ_ARCHIVE", "GH_REPO", "CONTEXT", "MAKEFLAGS"}}
    done = subprocess.run(["make", "netlify"], cwd=folder, env=environment | variables, capture_output=True, encoding="utf-8", check=False)
    calls = folder / "calls"
    return done.returncode, calls.read_text(encoding="utf-8").splitlines() if calls.exists() else []


def test_netlifys_own_program_reads_the_build(tmp_path: Path) -> None:
    """In each context the build is `make netlify`, the folder is site/, Python and Node are pinned, and the function is found."""
    body = f"""
const made = {{}};
for (const context of {json.dumps(CONTEXTS)}) {{
  const {{ config: found }} = await config.resolveConfig({{ repositoryRoot: {json.dumps(str(ROOT))}, cwd: {json.dumps(str(ROOT))}, context, branch: "x", mode: "require", offline: true, env: {{}} }});
  const {{ build, functionsDirectory, headers: all, redirects }} = found;
  made[context] = [build.command, build.publish, build.environment, functionsDirectory, all.length, redirects.length];
}}
console.log(JSON.stringify(made));
"""
    found = in_node(tmp_path, body)
    environment = {"PYTHON_VERSION": "3.11", "NODE_VERSION": "20", "NPM_FLAGS": "--omit=dev"}
    assert found == {context: ["make netlify", str(ROOT / "site"), environment, str(ROOT / "netlify" / "functions"), 5, 3] for context in CONTEXTS}


@pytest.mark.parametrize(("variables", "calls"), [
    ({}, ["build.py --release sample"]),
    ({"GH_REPO": "o/r"}, ["build.py archive pull", "build.py follow --accepted", "build.py"]),
    ({"MEDPAYIQ_ARCHIVE": "folder"}, ["build.py archive pull", "build.py follow --accepted", "build.py"]),
])  # fmt: skip
def test_what_is_built_there(tmp_path: Path, variables: dict[str, str], calls: list[str]) -> None:
    """Where an archive is named its releases are built, with what was accepted; else the sample."""
    assert made(tmp_path, **variables) == (0, calls)


@pytest.mark.parametrize("fails", ["archive", "follow"])
def test_a_named_archive_that_fails_builds_no_sample(tmp_path: Path, fails: str) -> None:
    """Is the archive out of reach, or something accepted not to be had, the build fails, and Netlify keeps the site that stands."""
    code, calls = made(tmp_path, GH_REPO="o/r", FAILS=fails, CONTEXT="production")
    assert code != 0
    assert not [one for one in calls if "sample" in one or one == "build.py"]


def test_only_previews_are_kept_out_of_indexes(tmp_path: Path) -> None:
    """In every context but production, by Netlify's own reading, each address says noindex beside all headers it has anyway."""
    rules = {}
    for context in ("", *CONTEXTS):
        folder = tmp_path / (context or "none")
        folder.mkdir()
        assert made(folder, **({"CONTEXT": context} if context else {}))[0] == 0
        body = f"""
const {{ headers: found, errors }} = await headers.parseAllHeaders({{ headersFiles: ["site/_headers"], netlifyConfigPath: {json.dumps(str(ROOT / "netlify.toml"))}, minimal: true }});
console.log(JSON.stringify([found.filter((one) => one.for === "/*").map((one) => one.values), errors.map(String)]));
"""
        values, errors = in_node(folder, body)
        assert errors == []
        merged = {name.lower(): value for one in values for name, value in one.items()}
        assert merged["x-frame-options"] == "DENY"
        rules[context] = merged.get("x-robots-tag")
    assert rules == {"": None, "production": None, "deploy-preview": "noindex", "branch-deploy": "noindex"}
