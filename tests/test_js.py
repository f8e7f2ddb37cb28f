"""What needs no page: the search box's reading of text, Netlify's reading of netlify.toml, and the types of every script."""

from __future__ import annotations

import re

import pytest
from machine import ROOT
from programs import MODULES, node, node_tests, run


def test_scripts_and_settings_hold_under_node() -> None:
    """Every test in tests/js passes, none is skipped."""
    report = node_tests("js", seconds=60)
    if report:
        pytest.fail(report, pytrace=False)


def test_every_script_is_typed() -> None:
    """TypeScript's strict check finds nothing in assets/js."""
    done = run([node(), str(MODULES / "typescript" / "bin" / "tsc"), "--project", str(ROOT)], seconds=60)
    assert (done.returncode, done.stdout) == (0, "")


def test_every_script_asks_to_be_checked() -> None:
    """An editor checks a script only where it says so: each begins with ``// @ts-check``, and none turns a check off."""
    scripts = sorted((ROOT / "assets" / "js").rglob("*.js"))
    texts = {path.name: path.read_text(encoding="utf-8") for path in scripts}
    assert len(texts) >= 5
    assert [name for name, text in texts.items() if not text.startswith("// @ts-check\n")] == []
    assert [name for name, text in texts.items() if "@ts-ignore" in text or "@ts-nocheck" in text or "@ts-expect-error" in text] == []


def test_no_pattern_of_a_script_looks_back() -> None:
    """Safari before 16.4 cannot read a pattern that looks back (``(?<=``, ``(?<!``), and runs nothing of a script that has one."""
    scripts = sorted((ROOT / "assets" / "js").rglob("*.js"))
    assert [path.name for path in scripts if re.search(r"\(\?<[=!]", path.read_text(encoding="utf-8"))] == []
