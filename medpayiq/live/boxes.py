"""What a page shows beside itself while it is written: the script that loads it again, and boxes with what is wrong."""

from __future__ import annotations

import traceback
from collections.abc import Iterable, Mapping
from pathlib import Path

import jinja2
from markupsafe import Markup, escape

from medpayiq.findings import Failed, Finding
from medpayiq.paths import ROOT, TEMPLATES, shown

OPENS, CLOSES = "<!--live-->", "<!--/live-->"
"""Around whatever is put into a page; without it the page is the one that a build writes."""
FOLDER = "/_live/"
"""Where the server's own files and its list of findings are."""
_LAST_GOOD = "Not taken in; pages show what was there before:"
_ORDER = {"error": 0, "warning": 1, "note": 2}


def dressed(html: str, stamp: str, top: str, at_tips: Mapping[str, list[Finding]]) -> str:
    """Put the script, a box at the top and boxes at tips into a page; tips by id."""
    html = _put(html, "</head>", _head(stamp), before=True)
    if top:
        html = _put(html, '<main id="main">\n', top)
    for tip, found in at_tips.items():
        html = _put(html, f'<article class="tip" id="tip-{escape(tip)}">\n', box(found))
    return html


def top_of(everywhere: list[Finding], here: list[Finding], at_tips: Mapping[str, list[Finding]], elsewhere: int, says: str = "") -> str:
    """Return the box at the top of a page; nothing where nothing is wrong."""
    parts = [Markup("<p>{}</p>").format(says)] if says else []
    parts += [Markup("<p>{}</p>{}").format(_LAST_GOOD, _listed(everywhere))] if everywhere else []
    parts += [_listed(here)] if here else []
    if at_tips:
        links = Markup(", ").join(Markup('<a href="#tip-{0}">{0}</a>').format(tip) for tip in at_tips)
        parts.append(Markup("<p>Findings at: {}</p>").format(links))
    if elsewhere:
        parts.append(Markup('<p><a href="{}">{} on other pages</a></p>').format(FOLDER, _count(elsewhere)))
    return Markup('<aside class="live" aria-label="Findings">{}</aside>\n').format(Markup().join(parts)) if parts else ""


def box(found: Iterable[Finding]) -> str:
    """Return a box that stands at what it is about."""
    return Markup('<div class="live">{}</div>\n').format(_listed(found))


def findings_page(found: list[Finding], stamp: str) -> str:
    """Return the page that lists everything."""
    body = _listed(found) if found else Markup("<p>Nothing is wrong as far as it was linted.</p>")
    return _own_page("Findings", Markup('<p>{}. <a href="/">Front page</a></p>{}').format(_count(len(found)), body), stamp)


def failure_page(problem: Exception, stamp: str) -> str:
    """Return the page that stands in the place of one that cannot be made."""
    if isinstance(problem, Failed):
        said: str = Markup("<pre>{}</pre>").format(str(problem))
    else:
        said = _listed([_finding(problem)])
    return _own_page("This page cannot be made", Markup('<div class="live">{}</div><p>Mend it and save: the page comes by itself. <a href="{}">All findings</a></p>').format(said, FOLDER), stamp)


def _finding(problem: Exception) -> Finding:
    """Say where an exception comes from: the line of a template, else the program's."""
    again = "mend the line, or take back the last change"
    if isinstance(problem, jinja2.TemplateSyntaxError):
        return Finding("error", shown(Path(problem.filename)) if problem.filename else "templates/", problem.lineno, 0, problem.message or "is no template", again)
    if isinstance(problem, jinja2.TemplateNotFound):
        return Finding("error", f"templates/{problem.name}", 0, 0, "is not there", "write it, or correct the name where it is used")
    frames = traceback.extract_tb(problem.__traceback__)
    inside = [one for one in frames if Path(one.filename).is_relative_to(TEMPLATES)] or [one for one in frames if Path(one.filename).is_relative_to(ROOT)] or frames
    last = inside[-1] if inside else None
    return Finding("error", shown(Path(last.filename)) if last else "build.py", (last.lineno or 0) if last else 0, 0, f"{type(problem).__name__}: {problem}", again)


def _own_page(title: str, body: Markup, stamp: str) -> str:
    return Markup('<!DOCTYPE html>\n<html lang="en-US">\n<head>\n<meta charset="utf-8">\n<meta name="viewport" content="width=device-width, initial-scale=1">\n<title>{0}</title>\n{2}</head>\n<body>\n<main id="main">\n<h1>{0}</h1>\n{1}\n</main>\n</body>\n</html>\n').format(
        title, body, Markup(_head(stamp))  # noqa: S704 - our own
    )


def _head(stamp: str) -> str:
    return f'<link rel="stylesheet" href="{FOLDER}live.css">\n<script type="module" src="{FOLDER}live.js" data-stamp="{stamp}"></script>\n'


def _put(html: str, at: str, what: str, *, before: bool = False) -> str:
    """Put something at the first place where a text stands; at the end of a page that lacks it."""
    what = f"{OPENS}{what}{CLOSES}"
    place = html.find(at)
    if place < 0:
        return html + what
    place += 0 if before else len(at)
    return html[:place] + what + html[place:]


def _listed(found: Iterable[Finding]) -> Markup:
    ordered = sorted(found, key=lambda one: _ORDER[one.level])
    return Markup("<ul>{}</ul>").format(Markup().join(_line(one) for one in ordered))


def _line(one: Finding) -> Markup:
    place = one.file + (f":{one.line}" if one.line else "") + (f":{one.column}" if one.line and one.column else "")
    rule = f" [{one.rule}]" if one.rule else ""
    hint = Markup("<br>try: {}").format(one.try_) if one.try_ else ""
    return Markup('<li class="{}"><code>{}</code>: {}: {}{}{}</li>').format(one.level, place, one.level, one.message, rule, hint)


def _count(number: int) -> str:
    return f"{number:,} finding{'' if number == 1 else 's'}"
