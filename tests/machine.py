"""What a machine may lack, and what happens then: a skip that says what to do, or a failure where nothing may be skipped."""

from __future__ import annotations

import os
from pathlib import Path
from typing import NoReturn

import pytest

ROOT = Path(__file__).resolve().parent.parent
SHARED = ROOT.parent / "shared"
"""Real releases and the specification; outside the project, never part of it."""
CMS = SHARED / "cms"


def lacking(reason: str) -> NoReturn:
    """Skip the test with one line that says what to install or where to get it; with MEDPAYIQ_NO_SKIPS=1, fail it."""
    if os.environ.get("MEDPAYIQ_NO_SKIPS") == "1":
        pytest.fail(reason, pytrace=False)
    pytest.skip(reason)
