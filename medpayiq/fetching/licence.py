"""Shows, before the first download, on what terms CMS's files may be used, and asks."""

from __future__ import annotations

import hashlib
import json
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import TextIO

from medpayiq.findings import Failed

VARIABLE = "MEDPAYIQ_CMS_LICENCE"
TERMS = """\
CMS's files hold codes and texts that belong to others: CPT codes and descriptors are the American Medical Association's,
D codes and their descriptors the American Dental Association's. CMS gives the files out for use in connection with
Medicare, Medicaid and other programs that CMS runs; to copy, sell or change the codes and texts beyond that takes a
licence of their owners. This is a summary. What binds you are the full terms, which CMS shows before some downloads:

  https://www.cms.gov/apps/ama/license.asp

What this project does with the files: it keeps them, with the texts in them, on this machine alone (cms_data/downloads and
cms_data/descriptors, which version control passes over). Its snapshots hold codes, numbers and the texts that are CMS's own;
CPT descriptors appear on pages only if you set `descriptors: cms` in site.yml, for which you need the AMA's licence.
"""
_FILE = "licence-accepted.json"


def ask(downloads: Path, environ: Mapping[str, str], answers: TextIO | None = None, screen: TextIO | None = None) -> None:
    """Return if the terms are accepted, by a yes on this machine or by the environment; ask on a terminal otherwise.

    ``answers`` and ``screen`` are standard input and standard error unless given.

    Raises:
        Failed: they are not accepted, or there is nobody to ask.

    """
    answers, screen = answers or sys.stdin, screen or sys.stderr
    if environ.get(VARIABLE) == "accept" or _accepted(downloads):
        return
    if not (answers is not None and answers.isatty() and screen.isatty()):
        raise Failed(
            f"fetch: error: the terms of CMS's files are not accepted on this machine, and there is no terminal to ask on\n\n{TERMS}\n"
            f"  try: run build.py fetch in a terminal; or, if you accept the terms, set {VARIABLE}=accept in the environment (a secret or variable of the build machine, never a file of the project)",
            exit_code=2,
        )
    screen.write(f"\n{TERMS}\nDo you accept the full terms? Write yes or no: ")
    screen.flush()
    if answers.readline().strip().lower() not in {"yes", "y"}:
        raise Failed("fetch: error: the terms were not accepted; nothing was asked of CMS\n  try: the same command again, and yes; or build the embedded sample: .venv/bin/python build.py --release sample", exit_code=2)
    try:
        downloads.mkdir(parents=True, exist_ok=True)
        (downloads / _FILE).write_text(json.dumps({"terms": _digest(), "accepted": time.strftime("%Y-%m-%d")}) + "\n", encoding="utf-8")
    except OSError as problem:
        raise Failed(f"{downloads}: error: cannot be written: {problem.strerror or problem}\n  try: make room or look at the rights", exit_code=2) from None


def _accepted(downloads: Path) -> bool:
    """Say whether these very terms were accepted here."""
    try:
        said = json.loads((downloads / _FILE).read_bytes())
    except (OSError, ValueError):
        return False
    return isinstance(said, dict) and said.get("terms") == _digest()


def _digest() -> str:
    return hashlib.sha256(TERMS.encode()).hexdigest()
