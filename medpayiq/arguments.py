"""The arguments of the command line: every command with its options, and what help says of them."""

from __future__ import annotations

import argparse
import time
from pathlib import Path

from medpayiq import paths

_LAST_PORT = 65535


def parser() -> argparse.ArgumentParser:
    """Return the parser; what it reads has the command's name as ``command``."""
    made = argparse.ArgumentParser(
        prog="build.py",
        description="Build a static site of Medicare payment pages, one for every CPT and HCPCS code.",
        epilog="Without a command, build.py builds the site. Example: build.py --release rvu26c",
        allow_abbrev=False,
    )
    commands = made.add_subparsers(title="commands", metavar="COMMAND", dest="command", required=True)

    for add in (_add_build, _add_import, _add_fetch, _add_sample, _add_check, _add_archive, _add_serve, _add_new_tip, _add_sources, _add_tip_diff, _add_changes, _add_follow):
        add(commands)
    commands.add_parser("schema", help="write schema/ from the definitions the checks use", description="Write schema/*.schema.json, which editors' programs read.")
    return made


def _add_build(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    build = commands.add_parser("build", help="build site/ (the default command)", description="Build site/ from a snapshot, the rules and the content. The old site stays until the new one is whole.")
    build.add_argument("--release", metavar="NAME", help="snapshot to build from, such as rvu26c (default: the newest imported one, else the embedded sample)")
    build.add_argument("--out", type=Path, default=paths.SITE, metavar="FOLDER", help="where the site goes (default: site)")
    build.add_argument("--no-search", action="store_true", help="leave out the Pagefind word index")
    build.add_argument("--jobs", type=int, default=0, metavar="N", help="processes that render pages (default: one a core, at most 4)")


def _add_import(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    imports = commands.add_parser(
        "import",
        help="read a CMS release into a snapshot",
        description="Read CMS's files (folders, files or zips as downloaded) into cms_data/snapshots/<release>/. Example: build.py import rvu26c.zip zip5/ rbcs/",
    )
    imports.add_argument("paths", nargs="+", type=Path, metavar="PATH", help="folder, file or zip")
    imports.add_argument("--release", metavar="NAME", help="name of a correction of a quarter, such as RVU24AR (default: as the file's title says)")
    imports.add_argument("--effective-from", metavar="YYYY-MM-DD", type=_day, help="first day it holds for (default: first day of the quarter; with --release as cms_data/manifest.yml says)")
    imports.add_argument("--effective-to", metavar="YYYY-MM-DD", type=_day, help="last day it holds for (default: last day of the quarter; with --release as cms_data/manifest.yml says)")


def _add_fetch(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
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


def _add_sample(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    sample = commands.add_parser("sample", help="cut the embedded sample out of a snapshot", description="Write cms_data/sample/ from an imported release, as cms_data/sample.yml says.")
    sample.add_argument("--release", metavar="NAME", default="rvu26c", help="snapshot to cut from (default: rvu26c)")


def _add_check(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
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


def _add_archive(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
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
    serve.add_argument("--port", type=_port, default=8000, metavar="N", help="port (default: 8000; 0: any that is free)")


def _add_new_tip(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    new_tip = commands.add_parser(
        "new-tip",
        help="ask for a billing tip, question by question, and write its file",
        description="Ask for a tip on a code, check each answer at once, and write content/tips/<name>.yml. Stop with Ctrl-C: the answers are kept, and the same command goes on. Example: build.py new-tip 97761",
    )
    new_tip.add_argument("code", metavar="CODE", help="a code that the tip stands on, such as 97761")
    new_tip.add_argument("--release", metavar="NAME", help="snapshot to check against (default: the newest imported one, else the embedded sample)")


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


def _add_changes(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    description = "Compare two imported releases: rows, codes, status, RVUs, national amounts, indicators, edit pairs, unit limits, localities, and tips to verify again. Examples: build.py changes RVU26B RVU26C; build.py changes rvu25d rvu26b --format markdown --out changes.md"
    changes = commands.add_parser("changes", help="tell what changed from one CMS release to another", description=description)
    changes.add_argument("before", metavar="OLD", help="name of an imported release such as RVU26B, or the folder of a snapshot")
    changes.add_argument("after", metavar="NEW", help="the release that is compared with it, such as RVU26C")
    changes.add_argument("--format", choices=("text", "json", "markdown"), default="text", help="json: every list whole; markdown: for a pull request, of bounded size (default: text)")
    changes.add_argument("--out", type=Path, metavar="FILE", help="write the report into this file (default: print it)")


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


def _day(text: str) -> str:
    try:
        return time.strftime("%Y-%m-%d", time.strptime(text, "%Y-%m-%d"))
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not a date; write it as 2026-07-01") from None


def _port(text: str) -> int:
    if not text.isdecimal() or int(text) > _LAST_PORT:
        raise argparse.ArgumentTypeError(f"{text!r} is no port; write a number up to {_LAST_PORT}, such as 8000")
    return int(text)
