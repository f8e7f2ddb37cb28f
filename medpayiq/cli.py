"""The command line: calls the package for a command, turns failures into messages and exit codes.

Exit codes: 0 done, 1 findings (bad input), 2 wrong use or missing data, 3 CMS has something new (fetch --discover, follow),
130 stopped from the keyboard, 141 whoever read the output has gone.
"""

from __future__ import annotations

import argparse
import gc
import os
import sys
import time
from collections.abc import Callable
from typing import Final

from medpayiq import arguments, paths, rules
from medpayiq.findings import Failed, Findings


def main(argv: list[str] | None = None) -> int:
    """Run one command; return its exit code."""
    words = list(sys.argv[1:] if argv is None else argv)
    # `build.py --release rvu26c` is short for `build.py build --release rvu26c`.
    if not words or (words[0].startswith("-") and words[0] not in {"-h", "--help"}):
        words.insert(0, "build")
    options = arguments.parser().parse_args(words)
    try:
        return _COMMANDS[options.command](options)
    except Failed as failed:
        print(failed, file=sys.stderr)
        return failed.exit_code
    except KeyboardInterrupt:
        print("stopped; the site is as it was", file=sys.stderr)
        return 130
    except BrokenPipeError:
        # `build.py sources --show ... | head` has read enough. What is left to print goes nowhere, also at the interpreter's end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 141


def _build(options: argparse.Namespace) -> int:
    from medpayiq import building

    gc.disable()  # nor at its end: to look once through all that was loaded takes a tenth of a second
    result = building.build(building.Options(options.release, options.out, not options.no_search, options.jobs))
    statuses = ", ".join(f"{status} {count:,}" for status, count in sorted(result.by_status.items()))
    for warning in result.warnings:
        print(warning, file=sys.stderr)
    print(f"{result.release}: {result.code_pages:,} code pages of {result.pages:,} pages in {result.seconds:.1f} s")
    print(f"by status: {statuses}")
    print(f"noindex: {result.noindex:,} code pages (the rule is in site.yml)")
    print(f"files: {result.files:,}, of which {result.changed:,} new or changed; {result.removed:,} removed")
    print(f"tips: {result.tips}")
    print(f"search: {result.search or 'left out'}")
    print(f"warnings: {len(result.warnings)}")
    print(f"next: .venv/bin/python build.py serve, or put {paths.shown(options.out)}/ on a host")
    return 0


def _import(options: argparse.Namespace) -> int:
    from medpayiq.cms import importer, manifest

    started = time.monotonic()
    findings = Findings()
    known = manifest.read(paths.MANIFEST, findings, shown_as=paths.shown(paths.MANIFEST))
    if known is None:
        raise Failed(findings)
    done = importer.run(
        options.paths,
        paths.SNAPSHOTS,
        paths.DESCRIPTORS,
        lambda day, table: rules.conversion_factors(day, table).values,
        release=options.release,
        effective_from=options.effective_from,
        effective_to=options.effective_to,
        days_of=known.days_of,
    )
    for finding in done.findings.items:
        print(finding, file=sys.stderr)
    meta = done.snapshot.meta
    pairs = sum(one.rows_kept for one in meta.sources if one.table == "ptp")
    tables = ", ".join(f"{name} {pairs if name == 'ptp' else row['rows']:,}" for name, row in meta.tables.items())
    state = "unchanged" if done.unchanged else "written"
    print(f"{meta.release}, {meta.effective_from} to {meta.effective_to}: {paths.shown(done.snapshot.folder)} {state} in {time.monotonic() - started:.1f} s")
    print(f"rows: {tables}")
    print(f"next: .venv/bin/python build.py --release {meta.release.lower()}")
    return 0


def _fetch(options: argparse.Namespace) -> int:
    from medpayiq.fetching import discovery, fetch
    from medpayiq.loading import today

    if options.discover and (options.names or options.take_changed or options.no_import):
        raise Failed("fetch: error: --discover looks for what is new; it takes no names, --take-changed or --no-import\n  try: .venv/bin/python build.py fetch --discover --add", exit_code=2)
    if options.add and not options.discover:
        raise Failed("fetch: error: --add goes with --discover\n  try: .venv/bin/python build.py fetch --discover --add", exit_code=2)
    places = fetch.Places.of_project()
    done = discovery.run(places, today=today(), add=options.add) if options.discover else fetch.run(options.names, places, take_changed=options.take_changed, imports=not options.no_import)
    for finding in done.findings.items:
        print(finding, file=sys.stderr)
    for line in done.lines():
        print(line)
    return done.exit_code


def _sample(options: argparse.Namespace) -> int:
    from medpayiq.cms import sample, snapshot

    full = snapshot.read(paths.SNAPSHOTS / options.release.lower())
    choice = sample.read_choice(paths.SAMPLE_CHOICE)
    older = [snapshot.read(paths.SNAPSHOTS / name) for name in choice.earlier]
    made = sample.write(full, choice, paths.SAMPLE, older)
    codes = len({one.code for one in made.services})
    print(f"{paths.shown(paths.SAMPLE)}: {codes} codes, {len(made.localities)} localities from {made.meta.release}; and of {len(older)} older releases")
    return 0


def _check(options: argparse.Namespace) -> int:
    if options.oracle or options.oppscap or options.vectors:
        return _prove(options)
    from medpayiq import checking, reporting

    gc.disable()  # as in a build
    done = checking.check(options.release, fix=options.fix)
    only = reporting.touched(paths.ROOT) if options.changed else None
    findings = list(reporting.of_touched(done.findings.items, only))
    listed = reporting.gathered(findings) if only is None and options.format == "text" else findings
    for line in reporting.lines(listed, options.format):
        print(line)
    for file in done.mended:
        print(f"{file} mended")
    errors = sum(1 for one in findings if one.level == "error")
    if errors:
        print(f"{errors} error{'s' if errors != 1 else ''}")
        return 1
    print(done.words)
    return 0


def _prove(options: argparse.Namespace) -> int:
    from medpayiq.proof import report

    done = report.run(report.Asked(options.oracle, options.oppscap, options.vectors, options.engine, options.release))
    for line in done.lines:
        print(line)
    if options.record:
        report.record(done)
        print(f"{paths.shown(paths.PROOF)} written")
    return 0 if done.good else 1


def _archive(options: argparse.Namespace) -> int:
    from medpayiq.archive import keeping, pulling, pushing

    if options.folder and options.tag:
        raise Failed("archive: error: --folder and --tag name two archives\n  try: one of them", exit_code=2)
    if options.or_fetch and options.action == "push":
        raise Failed("archive: error: --or-fetch belongs to pull\n  try: .venv/bin/python build.py archive pull --or-fetch", exit_code=2)
    store = keeping.store_of(options.folder, options.tag)
    if options.action == "push":
        done = pushing.push(store, paths.SNAPSHOTS, options.only, print)
        after = ".venv/bin/python build.py archive pull, on the machine that builds"
    else:
        done = pulling.pull(store, paths.SNAPSHOTS, options.only, print, or_fetch=options.or_fetch)
        after = ".venv/bin/python build.py" if done.good else ".venv/bin/python build.py fetch"
    for finding in done.findings.items:
        print(finding, file=sys.stderr)
    counts = ", ".join(f"{number} {state}" for state, number in done.counts.items()) or "nothing done"
    print(f"{store.name}: {counts}; next: {after}")
    return 0 if done.good else 1


def _serve(options: argparse.Namespace) -> int:
    from medpayiq import fieldserve, serve

    if options.live:
        from medpayiq.live import server as live

        live.run(options.release, options.out, options.port, demo=options.demo)
        return 0
    if options.release:
        raise Failed("serve: error: --release goes with --live; without it the finished site is served\n  try: .venv/bin/python build.py serve --live --release " + options.release, exit_code=2)
    with fieldserve.Api(demo=options.demo, site=options.out) as api, serve.server(options.out, options.port, api=api) as server:
        print(f"serving {paths.shown(options.out)}/ at http://127.0.0.1:{server.server_port}/ (stop with Ctrl-C)")
        print(api.says, flush=True)
        try:
            server.serve_forever()
        except KeyboardInterrupt:
            print()
    return 0


def _new_tip(options: argparse.Namespace) -> int:
    from medpayiq.newtip import command

    return command.run(options.code, options.release)


def _sources(options: argparse.Namespace) -> int:
    from medpayiq.content import source_texts

    return source_texts.run(options)


def _tip_diff(options: argparse.Namespace) -> int:
    from medpayiq.tipdiff import running

    done = running.run(running.Asked(options.against, options.revision, options.release, options.format))
    print(done.text, end="")
    return 0 if done.good else 1


def _changes(options: argparse.Namespace) -> int:
    from medpayiq.changes import running

    print(running.run(running.Asked(options.before, options.after, options.format, options.out)), end="")
    return 0


def _follow(options: argparse.Namespace) -> int:
    from medpayiq.archive import keeping
    from medpayiq.following import follow
    from medpayiq.loading import today

    store = None if options.no_restore else keeping.store_of(None, None)
    asked = follow.Asked(today(), options.into or follow.FOLLOWED, store=store, search=not options.no_search)
    outcome, lines = follow.accept(asked) if options.accepted else (follow.run(asked), [])
    for line in [*lines, *([] if options.accepted and not outcome.issues else outcome.lines())]:
        print(line)
    return outcome.exit_code


def _schema(_: argparse.Namespace) -> int:
    from medpayiq.content import schemas

    for path in schemas.write(paths.SCHEMA):
        print(paths.shown(path))
    return 0


_COMMANDS: Final[dict[str, Callable[[argparse.Namespace], int]]] = {
    "build": _build,
    "import": _import,
    "fetch": _fetch,
    "sample": _sample,
    "check": _check,
    "archive": _archive,
    "serve": _serve,
    "new-tip": _new_tip,
    "sources": _sources,
    "tip-diff": _tip_diff,
    "changes": _changes,
    "follow": _follow,
    "schema": _schema,
}
