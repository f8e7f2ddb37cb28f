"""What all pages of one build share: the release, its entries, names, rules, and where each page lies."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

from medpayiq import rules
from medpayiq.cms.manifest import Manifest
from medpayiq.cms.records import Service
from medpayiq.cms.snapshot import Snapshot
from medpayiq.config import Config
from medpayiq.content.library import Library, Range
from medpayiq.content.selecting import Selecting
from medpayiq.days import period
from medpayiq.edits import Edits
from medpayiq.field.reports import Published
from medpayiq.pages.calculator import Calculators
from medpayiq.pages.entries import Entry, group
from medpayiq.pages.modified import Tables
from medpayiq.pages.placeholders import Facts
from medpayiq.pages.policy import Policy
from medpayiq.pages.tips import Tips
from medpayiq.past import Past
from medpayiq.payment.amount import Outcome
from medpayiq.payment.shares import pair
from medpayiq.periods import on
from medpayiq.rules import ConversionFactors


@dataclass(frozen=True)
class SiteData:
    """Everything a page may be made from; immutable, so that processes can share it."""

    config: Config
    snapshot: Snapshot
    library: Library
    today: str
    """ISO day of the build; SOURCE_DATE_EPOCH where it is set."""
    descriptors: dict[str, str]
    """CMS's short texts; empty unless ``descriptors: cms``."""
    past: Past
    """The releases that answer for a day of service, the newest among them."""
    manifest: Manifest
    """Every release of CMS's that is known, here or not."""
    edits: Edits
    """NCCI edits, unit limits and add-on codes of the release, as far as they were imported with it."""
    selecting: Selecting
    """Which codes a tip stands on; the linter has asked it already."""
    reports: Published = field(default_factory=Published)
    """What is published of field reports."""

    @cached_property
    def entries(self) -> tuple[Entry, ...]:
        """Every code of the release, in order."""
        return group(self.snapshot.services)

    @cached_property
    def by_code(self) -> dict[str, Entry]:
        """Code to entry."""
        return {one.code: one for one in self.entries}

    @cached_property
    def position(self) -> dict[str, int]:
        """Code to its place in ``entries``."""
        return {one.code: i for i, one in enumerate(self.entries)}

    @cached_property
    def factors(self) -> ConversionFactors:
        """Conversion factors on the release's first day."""
        return rules.conversion_factors(self.snapshot.meta.effective_from)

    @cached_property
    def factor(self) -> int:
        """The main conversion factor in ten-thousandths of a dollar."""
        return self.factors.exact()

    @cached_property
    def factor_qp(self) -> int | None:
        """The QP conversion factor in ten-thousandths of a dollar, from 2026 on."""
        return self.factors.exact("qp") if self.factors.qp else None

    @cached_property
    def percentages(self) -> dict[str, str]:
        """Percentages on the release's first day."""
        return rules.percentages(self.snapshot.meta.effective_from)

    @cached_property
    def policy(self) -> Policy:
        """The compiled rule sentences."""
        return Policy(self.percentages)

    @cached_property
    def calculators(self) -> Calculators:
        """The calculators of the code pages."""
        return Calculators(self.snapshot, self.by_code, self.past.codes)

    @cached_property
    def tips(self) -> Tips:
        """The billing tips of the release's codes."""
        rows = {one.code: one.rows for one in self.entries}
        facts = Facts(self.snapshot.meta, self.period, rows, self.edits, self.factor, self.percentages, self.prices)
        return Tips(self.library.tips, self.selecting, facts, self.config.repository, self.today)

    @cached_property
    def days(self) -> tuple[str, str]:
        """First and last day (ISO dates) for which the release answers."""
        return self.past.days(self.snapshot.meta.release)

    @cached_property
    def period(self) -> str:
        """The release's dates in words."""
        return period(*self.days)

    @cached_property
    def tables(self) -> Tables:
        """Since when CMS's tables say what they say of each code."""
        return Tables(self.snapshot, self.past, self.edits)

    def prices(self, service: Service, factor: int) -> tuple[Outcome, Outcome]:
        """Return the national outcome of a row in the office and in a facility; each row is priced once."""
        key = (service.code, service.modifier, factor)
        found = self._prices.get(key)
        if found is None:
            found = self._prices[key] = pair(service, factor)
        return found

    @cached_property
    def _prices(self) -> dict[tuple[str, str, int], tuple[Outcome, Outcome]]:
        return {}

    @cached_property
    def names(self) -> dict[str, str]:
        """Code to short name, as far as they were asked for (medpayiq/pages/naming.py)."""
        return {}

    @cached_property
    def range_of(self) -> dict[str, Range]:
        """Code to the range of ours that holds it."""
        return {one.code: self.library.range_of(one.code) for one in self.entries}

    @property
    def year(self) -> int:
        """Calendar year of the fee schedule."""
        return self.snapshot.meta.year

    @cached_property
    def replaced(self) -> tuple[str, ...]:
        """Deleted codes that get a page: those that we wrote about or a release before has, and this one no longer holds."""
        return tuple(sorted({*self.library.replaced, *self.past.gone} - self.by_code.keys()))

    @property
    def stale(self) -> str | None:
        """The sentence above amounts when the build day lies outside the release's dates."""
        first, last = self.days
        if self.today > last:
            return self.stale_later
        if self.today < first:
            return f"Rates of {self.period}: not yet in force."
        span = on(self.today, self.past.periods)
        if span is not None and span.missing:
            return f"Rates of {span.release}. CMS has put {span.missing} in its place, which is not loaded here: what it changed is not in these amounts."
        return None

    @cached_property
    def stale_later(self) -> str:
        """The sentence for a day after the release's dates."""
        later = [one.name for one in self.manifest.of_kind("rvu") if one.replaced_by is None and one.effective_from > self.days[1]]
        named = f", {later[0]}" if later else ""
        return f"Rates of {self.period}; a newer release exists{named}. What holds today can differ."
