"""Prices every priced row in every locality, both settings, every conversion factor, in Python and in JavaScript, and compares them by hash.

    .venv/bin/python bench/engines.py [--release rvu26c] [--localities 110]

Some four million lines go through the whole engine in each language, result and allowed amount into one SHA-256 a locality.
Prints how many lines, how many hashes are equal, and the time of each language as a ratio.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import multiprocessing
import shutil
import subprocess
import sys
import time
from functools import partial
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from medpayiq.cms import snapshot  # noqa: E402 - the package lies beside this folder
from medpayiq.facts import SnapshotFacts  # noqa: E402
from medpayiq.paths import SNAPSHOTS  # noqa: E402
from medpayiq.payment.admission import in_list  # noqa: E402
from medpayiq.payment.amount import is_priced  # noqa: E402
from medpayiq.payment.claim import price_claim  # noqa: E402
from medpayiq.proof.engines import world  # noqa: E402
from medpayiq.rulebook import rulebook  # noqa: E402

NODE = r"""
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
const { priceClaim } = await import(process.argv[1]);
const { world, lines, kinds, localities } = JSON.parse(readFileSync(0, 'utf8'));
const facts = { rows: (code) => world.rows[code], place: (key) => world.places[key] };
const made = {};
for (const locality of localities) {
  const hash = createHash('sha256');
  for (const setting of ['nonfacility', 'facility']) {
    for (const factor of kinds) {
      for (const [code, modifiers] of lines) {
        const [one] = priceClaim({ setting, locality, factor, lines: [{ code, modifiers }] }, facts, world.book);
        hash.update(`${code} ${modifiers} ${one.result} ${one.allowed}\n`);
      }
    }
  }
  made[locality] = hash.digest('hex');
}
console.log(JSON.stringify(made));
"""


def lines_of(services: tuple, book: dict) -> list[tuple[str, str]]:
    """Return code and modifiers of every priced row; therapy with the discipline it needs."""
    made = []
    for row in services:
        if not is_priced(row):
            continue
        discipline = ""
        if row.mult == "5":
            discipline = "GO" if in_list(row.code, "evaluation_ot", book) else "GN" if in_list(row.code, "evaluation_slp", book) else "GP"
        made.append((row.code, f"{row.modifier} {discipline}".strip()))
    return made


def hash_of(locality: str, release: str) -> str:
    """Return the hash of all lines of one locality by the Python engine."""
    snap = snapshot.read(SNAPSHOTS / release)
    facts, book = SnapshotFacts(snap), rulebook(snap.meta.effective_from)
    digest = hashlib.sha256()
    lines = lines_of(snap.services, book)
    for setting in ("nonfacility", "facility"):
        for factor in kinds_of(book):
            for code, modifiers in lines:
                (one,) = price_claim({"setting": setting, "locality": locality, "factor": factor, "lines": [{"code": code, "modifiers": modifiers}]}, facts, book)
                allowed = "null" if one.allowed is None else f"{one.allowed // 100}.{one.allowed % 100:02d}"
                digest.update(f"{code} {modifiers} {one.result} {allowed}\n".encode())
    return digest.hexdigest()


def kinds_of(book: dict) -> list[str]:
    """Return what to ask for as conversion factor."""
    return [""] if "all" in book["factors"] else list(book["factors"])


def main() -> int:
    """Run both languages and compare."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--release", default="rvu26c")
    parser.add_argument("--localities", type=int, default=110, help="how many, the nation first")
    options = parser.parse_args()
    snap = snapshot.read(SNAPSHOTS / options.release)
    facts, book = SnapshotFacts(snap), rulebook(snap.meta.effective_from)
    lines, localities, kinds = lines_of(snap.services, book), list(facts.places)[: options.localities], kinds_of(book)
    started = time.monotonic()
    with multiprocessing.get_context("fork").Pool(2) as pool:
        ours = dict(zip(localities, pool.map(partial(hash_of, release=options.release), localities, chunksize=1), strict=True))
    python = time.monotonic() - started
    started = time.monotonic()
    asked = json.dumps({"world": world(snap), "lines": lines, "kinds": kinds, "localities": localities})
    node = shutil.which("node") or "node"
    done = subprocess.run([node, "--input-type=module", "-e", NODE, (ROOT / "assets" / "js" / "payment" / "claim.js").as_uri()], input=asked, capture_output=True, text=True, check=True)
    theirs = json.loads(done.stdout)
    javascript = time.monotonic() - started
    equal = sum(ours[one] == theirs[one] for one in localities)
    print(f"{snap.meta.release}: {len(lines):,} rows x {len(localities)} places x 2 settings x {len(kinds)} factors = {len(lines) * len(localities) * 2 * len(kinds):,} amounts")
    print(f"hashes equal: {equal} of {len(localities)}")
    print(f"JavaScript (one process) took {javascript / python:.2f} of the time of Python (two processes)")
    for one in localities:
        if ours[one] != theirs[one]:
            print(f"differs: {one}")
    return 0 if equal == len(localities) else 1


if __name__ == "__main__":
    raise SystemExit(main())
