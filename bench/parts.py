"""Shows where a build's processor time goes: each part of a clean build, and each step of a code page.

    .venv/bin/python bench/parts.py [RELEASE] [--functions N] [--write]

Everything runs in one process, one thing after the other, so that the sum is about what `bench/build.py` counts for all processes.
The toolkit's PDFs are set in a process of their own, which is counted with it. Steps of code pages are measured on every eighth code,
and multiplied by eight. For a clean build say `make clean` before: else what earlier builds remember is of use. With --functions the
N functions in which code pages spend most are listed too, by cProfile, which makes small functions look dearer than they are. With
--write the table goes into docs/HACKING.md too.
"""

from __future__ import annotations

import argparse
import cProfile
import gc
import pstats
import resource
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

_began = time.process_time()

from medpayiq import building, joining, loading, render, working  # noqa: E402 - their import is measured
from medpayiq.claims import books  # noqa: E402
from medpayiq.pages import dated, hubs  # noqa: E402
from medpayiq.pages.codes import code_page  # noqa: E402
from medpayiq.pages.twin import twin  # noqa: E402
from medpayiq.shards import shards  # noqa: E402

_STEP = 8
_GUIDE = Path(__file__).resolve().parent.parent / "docs" / "HACKING.md"
_FROM, _TO = "<!-- profile: .venv/bin/python bench/parts.py --write -->", "<!-- end of the profile -->"
_lines: list[tuple[str, float]] = []
T = TypeVar("T")


def used() -> float:
    """Return the CPU seconds of this process and of those that it waited for."""
    other = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + other.ru_utime + other.ru_stime


def told(what: str, seconds: float) -> None:
    """Print a line of the table, and keep it."""
    _lines.append((what, seconds))
    print(f"{what:62} {seconds:6.2f}", flush=True)


def put_down(release: str) -> None:
    """Put the table into docs/HACKING.md."""
    text = _GUIDE.read_text(encoding="utf-8")
    before, _, rest = text.partition(_FROM)
    _, _, after = rest.partition(_TO)
    rows = "".join(f"| {what} | {seconds:.1f} |\n" for what, seconds in _lines)
    _GUIDE.write_text(f"{before}{_FROM}\n| {release.upper()}, clean, without search | CPU s |\n| --- | --- |\n{rows}{_TO}{after}", encoding="utf-8")


def parts(release: str, folder: Path) -> None:
    """Build, and tell of each part."""
    codes = [0.0]

    def run(works: Any, publication: Any, _jobs: int, _count: Any) -> list[Any]:
        told("reading, and what all pages share", used() - _began)
        writer, results = publication.writer(), []
        for one in works:
            before = used()
            results.append(one.do(writer, lambda: None))
            if one.size:
                codes[0] += used() - before
            else:
                argument = one.do.args[0]
                name = argument if isinstance(argument, str) else getattr(argument, "__name__", "")
                told(f"{one.do.func.__name__.strip('_').replace('_', ' ')} {name}".strip(), used() - before)
        told("code pages and what stands beside them", codes[0])
        publication.add(writer.entries())
        return results

    working.run = run
    building.build(building.Options(release, folder / "site", search=False, jobs=1))
    told("all", used() - _began)


def steps(release: str, functions: int) -> None:
    """Make every eighth code page, and tell of each step."""
    site, _ = loading.load(release)
    tree = hubs.build(site)
    renderer = render.Renderer(building.chrome(site, render.assets(), "/assets/codes.json", shards(site.snapshot, site.past), books(site)))
    joiner = joining.joiner(renderer, "code")
    entries = site.entries[::_STEP]

    def step(what: str, work: Callable[[], T]) -> T:
        before = time.process_time()
        made = work()
        told(f"of code pages: {what}", _STEP * (time.process_time() - before))
        return made

    before = time.process_time()
    site.edits.load()
    site.tips.load()
    told("of code pages: tips and edits made ready", time.process_time() - before)
    for one in entries:  # names and prices that pages share are not the cost of the first step alone
        joiner.page(code_page(one, site, tree))
    pages = step("facts, amounts, rules, tips and history joined into a record", lambda: [code_page(one, site, tree) for one in entries])
    htmls = step("record to HTML", lambda: [joiner.page(one).encode() for one in pages])
    step("record to JSON", lambda: [twin(one, page, site) for one, page in zip(entries, pages, strict=True)])
    step("list of edits", lambda: [site.edits.list_of(one.code) for one in entries if site.edits.listed(one.code)])
    step("rows of older releases", lambda: [dated.rows_file(one.code, site) for one in entries])
    print(f"({_STEP * sum(map(len, htmls)) / 1e6:.0f} MB of HTML)")
    if functions:
        profile = cProfile.Profile(time.process_time)
        profile.runcall(lambda: [joiner.page(code_page(one, site, tree)) for one in entries])
        pstats.Stats(profile).sort_stats("tottime").print_stats(functions)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("release", nargs="?", default="rvu26c")
    parser.add_argument("--functions", type=int, default=0, metavar="N")
    parser.add_argument("--write", action="store_true")
    asked = parser.parse_args()
    gc.disable()
    memory = Path("/dev/shm")
    with tempfile.TemporaryDirectory(dir=memory if memory.is_dir() else None) as folder:
        print(f"CPU seconds of a clean build of {asked.release}, without search")
        parts(asked.release, Path(folder))
    steps(asked.release, asked.functions)
    if asked.write:
        put_down(asked.release)


if __name__ == "__main__":
    main()
