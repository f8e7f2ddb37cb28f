"""The pages of what changed: all releases at hand, each against the one before it, and what changed on one code."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from typing import Any, NamedTuple

from medpayiq.changes import deriving, files, telling
from medpayiq.changes.at_hand import Step, at_hand, flags
from medpayiq.changes.deriving import Mover
from medpayiq.changes.families import families
from medpayiq.changes.log import BESIDE_HISTORY
from medpayiq.changes.sections import Section, shown
from medpayiq.changes.watching import Flag, words_of
from medpayiq.content.tips import Tip
from medpayiq.days import period
from medpayiq.pages import change_models as models
from medpayiq.pages import seo
from medpayiq.pages.models import Link, Piece
from medpayiq.pages.site import SiteData
from medpayiq.payment.money import dollars

_CRUMBS = (Link("Home", "/"), Link("What changed", files.ROOT))
_MOST = 150
"""Rows of a list that stand on its page; the rest is in the file."""
_SIDES = ("before", "after", "change")
"""Ends of the keys of columns in which a blank tells something: there was no amount, or there is none now."""
_FEW = 12
"""Codes that are named of a tip."""
_LINE, _MIDDLE, _REACH, _WIDE = 22, 195, 75, 320
"""Of the picture: height of a line, where no change is, how far a bar may reach to each side, and its width."""


class Route(NamedTuple):
    """A page of changes: its template, its address, and what makes its record."""

    template: str
    url: str
    record: Any


def routes(site: SiteData) -> Iterator[Route]:
    """Yield the pages of changes."""
    yield Route("changes", files.ROOT, partial(index, site))
    for step in at_hand(site).steps:
        yield Route("changes_release", files.url_of(step), partial(release, step, site))


def inputs(site: SiteData) -> tuple[Any, ...]:
    """Return what these pages rest on beside what all pages do: which tips are flagged."""
    return (tuple(flags(site)),)


def index(site: SiteData) -> models.ChangesPage:
    """Return the page of all releases that are compared."""
    known = at_hand(site)
    head = seo.head(
        site,
        title=f"What changed in Medicare's fee schedule, release by release: {site.config.name}",
        description="New and deleted codes, status, RVUs, amounts, indicators and localities: each CMS release against the one before it, with lists to download and feeds.",
        url=files.ROOT,
        crumbs=_CRUMBS,
        kind="CollectionPage",
    )
    intro = "Each CMS release against the one before it, as far as they are loaded here." if known.steps else "One release alone is loaded here: there is nothing to compare it with."
    steps = tuple(models.Step(_label(one), files.url_of(one), _days(one), tuple(files.summary(one, site)[: 5 if one.whole else None])) for one in reversed(known.steps))
    feeds = (Link("Atom feed", files.addresses("")[0]), Link("JSON feed", files.addresses("")[1]), Link("Calendar of CMS's dates (.ics)", files.CALENDAR))
    changed, others = (tuple(Link(one.name, files.addresses(f"families/{one.slug}")[0]) for one in families(site) if bool(one.codes) is wanted) for wanted in (True, False))
    return models.ChangesPage(head, intro, steps, feeds, changed, others, _CRUMBS)


def release(step: Step, site: SiteData) -> models.ReleaseChangesPage:
    """Return the page of one release: all that changed, or the counts of an older one."""
    known = at_hand(site)
    title = f"What changed from {step.before.release} to {step.after.release}"
    url = files.url_of(step)
    crumbs = (*_CRUMBS, Link(_label(step), url))
    summary = files.summary(step, site)
    head = seo.head(site, title=f"{title}, {_days(step)}", description=seo.shorten(f"{_days(step)}: {' '.join(summary)}", 300), url=url, crumbs=crumbs)
    at = known.steps.index(step)
    around = [Link(_label(known.steps[other]), files.url_of(known.steps[other])) if 0 <= other < len(known.steps) else None for other in (at - 1, at + 1)]
    page = models.ReleaseChangesPage(
        head=head,
        title=title,
        intro=f"{step.after.release} covers {period(step.after.effective_from, step.after.effective_to)}; {step.before.release} {period(step.before.effective_from, step.before.effective_to)}.",
        summary=tuple(summary),
        not_compared=(),
        picture=None,
        tips=(),
        tips_file=None,
        lists=(),
        linked=step.after is known.steps[-1].after or not step.whole,
        new_codes=(),
        deleted_codes=(),
        counted=False,
        older=around[0],
        newer=around[1],
        crumbs=crumbs,
    )
    return _whole(page, step, site) if step.whole else _counted(page, step, site)


def _whole(page: models.ReleaseChangesPage, step: Step, site: SiteData) -> models.ReleaseChangesPage:
    known = at_hand(site)
    changes = known.changes(step)
    has_page = site.by_code.keys() | set(site.replaced)
    far = deriving.biggest_by_cents(deriving.movers(known.amounts(step)))
    sections = files.lists(step, site)
    flagged = flags(site) if step is known.last else []
    return page._replace(
        not_compared=changes.not_compared,
        picture=picture(far, page.title) if far else None,
        tips=tuple(_tips(flagged)),
        tips_file=f"/{files.file_of(step, 'tips')}" if flagged else None,
        lists=tuple(_list(one, step, has_page) for one in sections if one.key != "tips"),
        linked=all(code in has_page for code in changes.new_codes),
    )


def _counted(page: models.ReleaseChangesPage, step: Step, site: SiteData) -> models.ReleaseChangesPage:
    counts = at_hand(site).counts(step)
    return page._replace(
        new_codes=_links(counts.new_codes),
        deleted_codes=_links(counts.deleted_codes),
        counted=True,
    )


def _links(codes: Sequence[str]) -> tuple[Link, ...]:
    return tuple(Link(code, f"/codes/{code}/") for code in codes)


def _list(section: Section, step: Step, has_page: set[str]) -> models.ChangeList:
    """Return a list as its page has it: the first rows, and where the whole is.

    A column that is blank in every row is left out, unless it is one side of a comparison. Of a list that is longer than
    its page all stay: the file that a script fetches then has them.
    """
    rows = section.rows[:_MOST] if section.listed else ()
    number = len(section.rows)
    kept = [at for at, column in enumerate(section.columns) if number > _MOST or column.key.endswith(_SIDES) or any(row[at] for row in rows)]
    columns = tuple(section.columns[at] for at in kept)
    cells = tuple(tuple(models.Cell(shown(row[at], column.kind), f"/codes/{row[at]}/" if column.kind == "code" and row[at] in has_page else None, column.numeric) for at, column in zip(kept, columns, strict=True)) for row in rows)
    more = f"The first {_MOST} of {number:,} rows; all of them are in the file." if section.listed and number > _MOST else None
    head = columns if section.listed else ()
    return models.ChangeList(section.key.replace("_", "-"), section.title, telling.counted(number, "row"), section.note, f"/{files.file_of(step, section.key)}", str(number), head, cells, more)


def _tips(flagged: Sequence[Flag]) -> Iterator[models.FlaggedTip]:
    by_tip: dict[str, list[Flag]] = {}
    for one in flagged:
        by_tip.setdefault(one.tip, []).append(one)
    for name, found in by_tip.items():
        codes = sorted({one.code for one in found})
        fields = ", ".join(sorted({words_of(one.field) for one in found}))
        more = f"and {len(codes) - _FEW:,} more" if len(codes) > _FEW else None
        yield models.FlaggedTip(name, found[0].verified_for, fields, tuple(Link(code, f"/codes/{code}/#tip-{name}") for code in codes[:_FEW]), more)


def picture(movers: Sequence[Mover], title: str) -> models.MoverPicture:
    """Return the biggest movers as bars, up to the right and down to the left, all on one scale."""
    most = max(abs(one.cents) for one in movers)
    bars = []
    for at, one in enumerate(movers):
        width = _REACH * abs(one.cents) / most
        up = one.cents > 0
        y = at * _LINE + 4
        x = _MIDDLE if up else _MIDDLE - width
        # The figure stands at the end of its bar where there is room, else at the other side of the line.
        label = f"{'+' if up else '−'}{dollars(abs(one.cents))}"
        label_x, css = (_MIDDLE - 4, "end") if up else (_MIDDLE + 4, "start")
        name = f"{one.code} {one.modifier}".strip()
        bars.append(models.MoverBar(str(y), str(y + 11), f"{name}, {one.setting}", f"{x:.1f}", f"{max(width, 1):.1f}", "up" if up else "down", label, str(label_x), css))
    height = len(movers) * _LINE + 4
    return models.MoverPicture(f"Biggest movers by dollars. {title}", f"0 0 {_WIDE} {height}", str(_MIDDLE), str(height), tuple(bars))


def log(code: str, site: SiteData) -> Piece | None:
    """Return what changed on a code with the release shown, beside what its history tells; None where nothing did."""
    known = at_hand(site)
    lines = tuple(one.text for one in known.log(code) if one.kind in BESIDE_HISTORY)
    if not lines or known.last is None:
        return None
    return Piece("changes_log", models.ChangeLog(f"Also changed from {_label(known.last)}", lines, files.url_of(known.last)))


def again(tip: Tip, code: str, site: SiteData) -> str | None:
    """Say that a tip is being verified again on a code, and why; None where nothing that it watches has changed."""
    found = at_hand(site).watch.changed(tip, code)
    if not found:
        return None
    what = "; ".join(f"{words_of(one.field)}: {one.before} to {one.after}" for one in found)
    return f"Being re-verified: since {tip.verified_for}, for which it was verified, this code changed ({what})."


def _label(step: Step) -> str:
    return f"{step.before.release} to {step.after.release}"


def _days(step: Step) -> str:
    return period(step.after.effective_from, step.after.effective_to)
