"""Puts tips on pages: the Markdown of each is rendered once, and each page's own figures are set into it."""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

import markdown
import nh3
from markupsafe import Markup
from markupsafe import _escape_inner as escape_text  # type: ignore[attr-defined]

from medpayiq.content.selecting import Codes, Selecting, pointed
from medpayiq.content.tips import Tip
from medpayiq.days import long_date
from medpayiq.pages.models import Piece
from medpayiq.pages.placeholders import MARK, Facts, Values
from medpayiq.pages.policy import sources_of
from medpayiq.pages.tip_models import TipFoot, TipHead, TipList, TipOnPage

_TAGS = {"p", "ul", "ol", "li", "strong", "em", "code", "a"}
_MOST = 24
"""Tips of a page at all: beyond the nearest ones, what stands on most pages helps nobody who reads this one."""
_OPEN = 6
"""Tips of a page that stand in the open."""
_BASIS = {
    "rule": "Rule: written in the section named.",
    "data": "From CMS's files of this release.",
    "practice": "Practice: what billers have seen work; no rule is cited for it.",
}
_BACKGROUND = "Practice: what billers have seen work; the section named is its background."


@dataclass(frozen=True, slots=True)
class Ready:
    """A tip as pages print it: its texts with names of placeholders in every second place; of those that are HTML (Markup), one without a placeholder is finished."""

    head: Piece
    title: tuple[str, ...]
    do: tuple[str, ...]
    impact: tuple[str, ...]
    foot: Piece
    names: frozenset[str]
    """Every placeholder."""


@dataclass(frozen=True)
class Compiled:
    """A tip on its codes; made ready when a page first prints it."""

    tip: Tip
    codes: int
    """On how many codes it stands: the fewer, the nearer to the code at hand."""
    make: Callable[[Tip], Ready]

    @cached_property
    def ready(self) -> Ready:
        """What pages print of it."""
        return self.make(self.tip)


def _settled(_: Tip) -> None:
    """Say of a tip that nothing about it is open."""


class Tips:
    """The tips of one release's pages."""

    def __init__(self, tips: tuple[Tip, ...], selecting: Selecting, facts: Facts, repository: str, today: str) -> None:
        """Take the tips, what selects their codes, where figures come from, the project's address and the day of the build."""
        self.tips, self.selecting, self.facts, self._repository, self._today = tips, selecting, facts, repository, today

    @cached_property
    def by_code(self) -> Mapping[str, tuple[Compiled, ...]]:
        """Code to its tips, those that stand on the fewest codes first. A tip outside its own dates stands nowhere."""
        made: dict[str, list[Compiled]] = defaultdict(list)
        # In order before they are handed out: some fifteen tips stand on a page.
        for tip, codes in sorted(self._standing, key=lambda one: (len(one[1]), one[0].id)):
            compiled = Compiled(tip, len(codes), self.ready)
            for code in codes:
                made[code].append(compiled)
        return {code: tuple(found) for code, found in made.items()}

    @cached_property
    def _standing(self) -> list[tuple[Tip, Codes]]:
        """The tips in force, each with its codes."""
        return [(one, self.selecting.codes(one.where)) for one in self.tips if self.in_force(one)]

    def load(self) -> None:
        """Make every tip ready now, before processes share what is loaded."""
        for one in {id(one): one for found in self.by_code.values() for one in found}.values():
            _ = one.ready

    def in_force(self, tip: Tip) -> bool:
        """Say whether the release lies inside a tip's own dates."""
        meta = self.facts.meta
        return (tip.effective_to or "9999") >= meta.effective_from and (tip.effective_from or "") <= meta.effective_to

    def values(self, code: str) -> Values:
        """Return the figures of a code."""
        return Values(code, self.facts)

    def on(self, code: str, again: Callable[[Tip], str | None] = _settled) -> TipList:
        """Return the tips of a code with its own figures; ``again`` says of a tip that it is being verified again on this code, and why."""
        values, release = self.values(code), self.facts.meta.release
        figures: dict[str, str | None] = {}
        made = []
        for compiled in self.by_code.get(code, ()):
            one = compiled.ready
            for name in one.names - figures.keys():
                figures[name] = values.get(name)
            if any(figures[name] is None for name in one.names):
                continue  # an older release, or the sample, may lack what the text needs
            # Ids, codes and releases are letters, digits and hyphens: nothing to escape in an address.
            tip = compiled.tip.id
            report = f"{self._repository}/issues/new?template=tip-error.yml&title=Tip+{tip}+on+{code}&tip={tip}&code={code}&release={release}"
            made.append(TipOnPage(one.head, _filled(one.title, figures), _filled_html(one.do, figures), _filled_html(one.impact, figures), one.foot, report, again(compiled.tip)))
            if len(made) == _MOST:
                break
        add = f"{self._repository}/issues/new?template=new-tip.yml&title=A+tip+on+{code}&code={code}&release={release}"
        more = len(made) - _OPEN
        label = f"{more} more tip{'s' if more > 1 else ''}" if more > 0 else ""
        return TipList(tuple(made[:_OPEN]), tuple(made[_OPEN:]), label, None if made else f"No tip on {code} yet.", add)

    def digests(self, code: str) -> tuple[str, ...]:
        """Return what a page with these tips is made from: their content, whether one is due for review, and whether its day is still to come."""
        return tuple(self._state(one.tip) for one in self.by_code.get(code, ()))

    def _state(self, tip: Tip) -> str:
        found = self._states.get(tip.id)
        if found is None:
            found = self._states[tip.id] = f"{tip.digest} {self._due(tip)} {tip.verified_on > self._today}"
        return found

    @cached_property
    def _states(self) -> dict[str, str]:
        return {}

    def coverage(self, codes: list[str]) -> tuple[int, int, list[str]]:
        """Return how many of the codes have three tips of which one is chosen by code, range or family; how many have any; and which lack."""
        chosen = set().union(*(on for tip, on in self._standing if pointed(tip.where)))
        lacking = [code for code in codes if len(self.by_code.get(code, ())) < 3 or code not in chosen]
        return len(codes) - len(lacking), sum(1 for code in codes if code in self.by_code), lacking

    def _due(self, tip: Tip) -> bool:
        return tip.review_by < self._today

    def ready(self, tip: Tip) -> Ready:
        """Return what pages print of a tip: its Markdown rendered, its texts split at their placeholders."""
        sources = sources_of([f"{one.document} {one.section}" for one in tip.sources])
        checked = f", checked by {tip.checked_by}" if tip.checked_by else ", not yet checked by a second person"
        foot = TipFoot(
            _BACKGROUND if tip.evidence == "practice" and sources else _BASIS[tip.evidence],
            sources,
            f"Verified {long_date(tip.verified_on)} for {tip.verified_for} by {tip.author}{checked}.",
            f"Was to be verified again by {long_date(tip.review_by)}: check it before you rely on it." if self._due(tip) else None,
            f"{self._repository}/edit/main/content/tips/{tip.id}.yml",
        )
        head = TipHead(tip.id, tip.kind.capitalize())
        title, do, impact = _split(tip.title), _split(html(tip.do), Markup), _split(_inner(html(tip.impact)), Markup)
        return Ready(Piece("tip_head", head), title, do, impact, Piece("tip_foot", foot), frozenset((*title[1::2], *do[1::2], *impact[1::2])))


def nearest_first(found: Iterable[Compiled]) -> tuple[Compiled, ...]:
    """Return the tips of a code in order: those that stand on the fewest codes first."""
    return tuple(sorted(found, key=lambda one: (one.codes, one.tip.id)))


class _Local(threading.local):
    """One renderer of Markdown a thread: making one costs more than a tip's text does."""

    def __init__(self) -> None:
        self.markdown = markdown.Markdown(extensions=["sane_lists"], output_format="html")


_LOCAL = _Local()


def html(text: str) -> str:
    """Render a tip's Markdown, and take out whatever is not plain text, emphasis, a list or a link."""
    made = _LOCAL.markdown.reset().convert(text)
    return nh3.clean(made, tags=_TAGS, attributes={"a": {"href"}}, attribute_filter=_kept, url_schemes={"https"}, link_rel=None).strip()


def _kept(_tag: str, _name: str, to: str) -> str | None:
    """Keep a link to an https address or to a page of this site; ``//host`` is neither."""
    return to if to.startswith("https://") or (to.startswith("/") and not to.startswith("//")) else None


def _inner(made: str) -> str:
    """Take a single paragraph out of its tags."""
    inner = made.removeprefix("<p>").removesuffix("</p>")
    return made if "<p>" in inner or not made.startswith("<p>") else inner


def _split(text: str, kind: type[str] = str) -> tuple[str, ...]:
    return tuple(map(kind, MARK.split(text)))


def _filled(parts: tuple[str, ...], figures: Mapping[str, str | None]) -> str:
    """Set a code's figures into a text."""
    if len(parts) == 1:
        return parts[0]
    made = list(parts)
    made[1::2] = [figures[name] or "" for name in parts[1::2]]
    return "".join(made)


def _filled_html(parts: tuple[str, ...], figures: Mapping[str, str | None]) -> Markup:
    """Set a code's figures into a text that is HTML."""
    if isinstance(one := parts[0], Markup) and len(parts) == 1:
        return one
    made = list(parts)
    made[1::2] = [escape_text(figures[name] or "") for name in parts[1::2]]
    return Markup("".join(made))  # noqa: S704 - sanitised, figures escaped
