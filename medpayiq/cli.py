"""The command line: parses arguments, calls the package, turns failures into messages and exit codes.

Exit codes: 0 done, 1 findings (bad input), 2 wrong use or missing data, 3 CMS has something new (fetch --discover, follow),
130 stopped from the keyboard, 141 whoever read the output has gone.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from pathlib import Path

from medpayiq import paths, rules
from medpayiq.findings import Failed, Findings


def main(argv: list[str] | None = None) -> int:
    """Run one command; return its exit code."""
    parser = _parser()
    words = list(sys.argv[1:] if argv is None else argv)
    commands = {"build", "import", "sample", "check", "serve", "schema", "archive", "fetch", "sources", "new-tip", "tip-diff", "changes", "follow"}
    # `build.py --release rvu26c` is short for `build.py build --release rvu26c`.
    if not words or (words[0] not in commands and words[0].startswith("-") and words[0] not in {"-h", "--help"}):
        words.insert(0, "build")
    options = parser.parse_args(words)
    try:
        return int(options.run(options))
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


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="build.py",
        description="Build a static site of Medicare payment pages, one for every CPT and HCPCS code.",
        epilog="Without a command, build.py builds the site. Example: build.py --release rvu26c",
        allow_abbrev=False,
    )
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)

    build = commands.add_parser("build", help="build site/ (the default command)", description="Build site/ from a snapshot, the rules and the content. The old site stays until the new one is whole.")
    build.add_argument("--release", metavar="NAME", help="snapshot to build from, such as rvu26c (default: the newest imported one, else the embedded sample)")
    build.add_argument("--out", type=Path, default=paths.SITE, metavar="FOLDER", help="where the site goes (default: site)")
    build.add_argument("--no-search", action="store_true", help="leave out the Pagefind word index")
    build.add_argument("--jobs", type=int, default=0, metavar="N", help="processes that render pages (default: one a core, at most 4)")
    build.set_defaults(run=_build)

    imports = commands.add_parser(
        "import",
        help="read a CMS release into a snapshot",
        description="Read CMS's files (folders, files or zips as downloaded) into cms_data/snapshots/<release>/. Example: build.py import rvu26c.zip zip5/ rbcs/",
    )
    imports.add_argument("paths", nargs="+", type=Path, metavar="PATH", help="folder, file or zip")
    imports.add_argument("--release", metavar="NAME", help="name of a correction of a quarter, such as RVU24AR (default: as the file's title says)")
    imports.add_argument("--effective-from", metavar="YYYY-MM-DD", type=_day, help="first day it holds for (default: first day of the quarter; with --release as cms_data/manifest.yml says)")
    imports.add_argument("--effective-to", metavar="YYYY-MM-DD", type=_day, help="last day it holds for (default: last day of the quarter; with --release as cms_data/manifest.yml says)")
    imports.set_defaults(run=_import)

    fetch = commands.add_parser(
        "fetch",
        help="download CMS releases and import them, or look for new ones",
        description="Download releases of cms_data/manifest.yml from CMS, check them, and import relative values with their ZIP codes and categories. Examples: build.py fetch; build.py fetch RVU26B MUE26Q3; build.py fetch --discover --add",
    )
    fetch.add_argument("names", nargs="*", metavar="NAME", help="a release of the manifest, such as RVU26C (default: latest, the newest relative values)")
    fetch.add_argument("--discover", action="store_true", help="ask CMS for names that are not in the manifest; exit code 3 when something is new")
    fetch.add_argument("--add", action="store_true", help="with --discover: write what is new into the manifest")
    fetch.add_argument("--take-changed", action="store_true", help="use a file that changed under its name, and keep the old one beside it")
    fetch.add_argument("--no-import", action="store_true", help="download and check only")
    fetch.set_defaults(run=_fetch)

    sample = commands.add_parser("sample", help="cut the embedded sample out of a snapshot", description="Write cms_data/sample/ from an imported release, as cms_data/sample.yml says.")
    sample.add_argument("--release", metavar="NAME", default="rvu26c", help="snapshot to cut from (default: rvu26c)")
    sample.set_defaults(run=_sample)

    check = commands.add_parser(
        "check",
        help="check configuration and content without building, or amounts against what CMS published",
        description="Check site.yml, rules/ and content/ and say what does not fit, with file, line and column. With --oracle, --oppscap or --vectors compare amounts instead. Writes nothing without --record.",
    )
    check.add_argument("--release", metavar="NAME", help="snapshot to check against (default: the newest imported one, else the embedded sample; amounts: the release of the file's date)")
    check.add_argument("--fix", action="store_true", help="write into content/tips what is certain (a missing hash, quotes), then check")
    check.add_argument("--changed", action="store_true", help="show what concerns the files that this branch touches, and nothing else")
    check.add_argument("--format", choices=("text", "github"), default="text", help="github: as annotations of a pull request (default: text)")
    check.add_argument("--oracle", type=Path, metavar="PATH", help="recompute every amount of CMS's payment files (PFREV, PFALL) in this folder, or of this file")
    check.add_argument("--oppscap", type=Path, metavar="FILE", help="recompute every imaging cap of this OPPSCAP csv")
    check.add_argument("--vectors", type=Path, metavar="FILE", help="price the worked lines and claims of this csv")
    check.add_argument("--engine", choices=("python", "js", "both"), default="python", help="which engine prices the worked lines (default: python)")
    check.add_argument("--record", action="store_true", help="keep the result in cms_data/proof.json, from which the proof page is made")
    check.set_defaults(run=_check)

    archive = commands.add_parser(
        "archive",
        help="store snapshots outside this machine, or restore them",
        description="push stores every snapshot at hand that the archive lacks; pull restores every one that is not here. The archive is a folder (any bucket mounted or synchronised), else a release of the project's GitHub repository, reached through the gh client. Example: build.py archive push --folder /mnt/bucket",
    )
    archive.add_argument("action", choices=("push", "pull"), help="store, or restore")
    archive.add_argument("--folder", type=Path, metavar="PATH", help="keep the archive in this folder (default: the one that MEDPAYIQ_ARCHIVE names, else GitHub)")
    archive.add_argument("--tag", metavar="TAG", help="keep the archive as assets of this GitHub release (default: cms-snapshots)")
    archive.add_argument("--only", nargs="+", default=[], metavar="NAME", help="releases such as RVU26C (default: all)")
    archive.add_argument("--or-fetch", action="store_true", help="pull: fetch from CMS what cannot be restored of the newest release")
    archive.set_defaults(run=_archive)

    for add in (_add_serve, _add_new_tip, _add_sources, _add_tip_diff, _add_changes, _add_follow):
        add(commands)
    schema = commands.add_parser("schema", help="write schema/ from the definitions the checks use", description="Write schema/*.schema.json, which editors' programs read.")
    schema.set_defaults(run=_schema)
    return parser


def _add_serve(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    serve = commands.add_parser(
        "serve",
        help="serve the finished site on this machine, or with --live the pages as you write them",
        description="Serve site/ at http://127.0.0.1:8000/ with the headers of netlify.toml. With --live no site need be built: each page is made from the sources when it is asked for, says what is wrong with it, and loads again when you save.",
    )
    serve.add_argument("--live", action="store_true", help="make pages from the sources, and load them again at every save")
    serve.add_argument("--demo", action="store_true", help="show made-up field reports, marked as such")
    serve.add_argument("--release", metavar="NAME", help="with --live: snapshot to make pages from, such as rvu26c (default: as for build)")
    serve.add_argument("--out", type=Path, default=paths.SITE, metavar="FOLDER", help="the site's folder (default: site)")
    serve.add_argument("--port", type=int, default=8000, metavar="N", help="port (default: 8000)")
    serve.set_defaults(run=_serve)


def _add_new_tip(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    new_tip = commands.add_parser(
        "new-tip",
        help="ask for a billing tip, question by question, and write its file",
        description="Ask for a tip on a code, check each answer at once, and write content/tips/<name>.yml. Stop with Ctrl-C: the answers are kept, and the same command goes on. Example: build.py new-tip 97761",
    )
    new_tip.add_argument("code", metavar="CODE", help="a code that the tip stands on, such as 97761")
    new_tip.add_argument("--release", metavar="NAME", help="snapshot to check against (default: the newest imported one, else the embedded sample)")
    new_tip.set_defaults(run=_new_tip)


def _add_sources(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    sources = commands.add_parser(
        "sources",
        help="compare the sections that tips cite with the federal texts, list and show sections",
        description="Read the texts of federal manuals in a folder (clm104c05.txt, ncci-pm-2026-ch11.txt). Examples: build.py sources --verify ../shared/sources; build.py sources --list ../shared/sources cpm5; build.py sources --show ../shared/sources ncci:XI.P",
    )
    which = sources.add_mutually_exclusive_group(required=True)
    which.add_argument("--verify", type=Path, metavar="DIR", help="compare heading, revision, hash and figures of each entry of content/sources.yml; exit code 1 on a difference")
    which.add_argument("--write", type=Path, metavar="DIR", help="write content/sources.yml anew from the sections that tips cite")
    which.add_argument("--list", type=Path, metavar="DIR", help="list sections with number and heading")
    which.add_argument("--show", type=Path, metavar="DIR", help="print sections with hash and figures")
    sources.add_argument("names", nargs="*", metavar="NAME", help="--list: documents such as cpm5, or ncci:XI; --show: sections such as cpm5:20.1")
    sources.add_argument("--add", nargs="+", default=[], metavar="SECTION", help="with --write: sections that no tip cites yet, such as cpm5:20.1 ncci:XI.P")
    sources.set_defaults(run=_sources)


def _add_tip_diff(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    tip_diff = commands.add_parser(
        "tip-diff",
        help="tell which pages a branch changes, with the text before and after",
        description="Compare tips and notes of two revisions: on which code pages they change, and how they read there. Exit code 1 when a file after the change cannot be read. Examples: build.py tip-diff; build.py tip-diff --against HEAD~1 --format markdown",
    )
    tip_diff.add_argument("--against", metavar="REVISION", help="compare with this revision (default: the newest commit in common with the main branch)")
    tip_diff.add_argument("--revision", metavar="REVISION", help="what is compared with it (default: the working tree)")
    tip_diff.add_argument("--release", metavar="NAME", help="snapshot whose pages are meant (default: the newest imported one, else the embedded sample)")
    tip_diff.add_argument("--format", choices=("text", "markdown"), default="text", help="markdown: a comment for a pull request, of bounded size (default: text)")
    tip_diff.set_defaults(run=_tip_diff)


def _add_changes(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    description = "Compare two imported releases: rows, codes, status, RVUs, national amounts, indicators, edit pairs, unit limits, localities, and tips to verify again. Examples: build.py changes RVU26B RVU26C; build.py changes rvu25d rvu26b --format markdown --out changes.md"
    changes = commands.add_parser("changes", help="tell what changed from one CMS release to another", description=description)
    changes.add_argument("before", metavar="OLD", help="name of an imported release such as RVU26B, or the folder of a snapshot")
    changes.add_argument("after", metavar="NEW", help="the release that is compared with it, such as RVU26C")
    changes.add_argument("--format", choices=("text", "json", "markdown"), default="text", help="json: every list whole; markdown: for a pull request, of bounded size (default: text)")
    changes.add_argument("--out", type=Path, metavar="FILE", help="write the report into this file (default: print it)")
    changes.set_defaults(run=_changes)


def _add_follow(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    follow = commands.add_parser(
        "follow",
        help="take what is new at CMS as far as a pull request, or say why not",
        description="Restore the archive, ask CMS, and for each quarter that is new fetch, import, compare with CMS's amounts, build and tell what changed; site/, snapshots and manifest stay as they are. Exit code 0: nothing new; 3: good, pull-request.md is written (an issue.md may be beside it); 1: doubtful, issue.md is written; 2: the run itself failed.",
    )
    follow.add_argument("--accepted", action="store_true", help="instead take in the snapshots that a merged pull request accepted (cms_data/accepted.json) and the archive lacks; exit code 1: it cannot be, issue.md is written")
    follow.add_argument("--into", type=Path, metavar="FOLDER", help="where texts and the site on trial go; emptied first (default: .build/follow)")
    follow.add_argument("--no-restore", action="store_true", help="ask no archive: compare with the snapshots at hand")
    follow.add_argument("--no-search", action="store_true", help="leave the Pagefind word index out of the site on trial")
    follow.set_defaults(run=_follow)


def _day(text: str) -> str:
    try:
        return time.strftime("%Y-%m-%d", time.strptime(text, "%Y-%m-%d"))
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not a date; write it as 2026-07-01") from None


def _build(options: argparse.Namespace) -> int:
    from medpayiq import building

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

    done = checking.check(options.release, fix=options.fix)
    only = reporting.touched(paths.ROOT) if options.changed else None
    findings = list(reporting.of_touched(done.findings.items, only))
    for line in reporting.lines(findings, options.format):
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
