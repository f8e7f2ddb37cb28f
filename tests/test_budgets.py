"""What a page weighs: the HTML of every code page, compressed, against the budgets of the project; what a whole first view weighs is in tests/browser/weight.test.mjs."""

from __future__ import annotations

import gzip
import multiprocessing
import statistics
from pathlib import Path

from built import Site

MEDIAN, LARGEST = 12_000, 30_000
"""Most bytes of a code page's HTML: of half of all, and of any."""
PRICED, LARGEST_PRICED = 13_000, 16_000
"""The same where the page carries a calculator: what they keep to now, so that growth is seen."""


def _weight(path: Path) -> tuple[bool, int]:
    data = path.read_bytes()
    return b'<section id="calculator"' in data, len(gzip.compress(data, 6))


def test_pages_stay_light(full_site: Site) -> None:
    """Compressed as hosts do by default, half of all code pages are within 12 kB and the largest within 30; those with a calculator, with their years, edits and tips, within 13 and 16."""
    paths = sorted((full_site.folder / "codes").glob("*/index.html"))
    with multiprocessing.get_context("fork").Pool(2) as pool:
        weights = pool.map(_weight, paths, chunksize=200)
    every = [size for _, size in weights]
    priced = [size for calculates, size in weights if calculates]
    # RVU26C has 8,132 codes with an amount, and more with a status or a base that the calculator explains.
    assert (len(every) > 18_000, len(priced) > 8_000) == (True, True)
    assert statistics.median(every) <= MEDIAN
    assert max(every) <= LARGEST
    assert statistics.median(priced) <= PRICED
    assert max(priced) <= LARGEST_PRICED


def test_the_page_on_denials_stays_light(full_site: Site) -> None:
    """The page with every reason number, read on a phone beside a remittance, is within the largest code page's bytes, too."""
    assert _weight(full_site.folder / "denials" / "index.html")[1] <= LARGEST
