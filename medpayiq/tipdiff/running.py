"""Runs a comparison: which two sides, on which release; what it returns as an exit code."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from medpayiq import config, linting, loading
from medpayiq.cms import snapshot
from medpayiq.content.library import Library
from medpayiq.findings import Findings
from medpayiq.paths import ROOT, SITE_YML
from medpayiq.tipdiff import comparing, rendering, revisions


@dataclass(frozen=True, slots=True)
class Asked:
    """What is to be compared, and how it is shown."""

    against: str | None = None
    """The revision before; without one, the commit that the branch has in common with the main branch."""
    revision: str | None = None
    """The revision after; without one, the working tree."""
    release: str | None = None
    form: str = "text"


@dataclass(frozen=True, slots=True)
class Done:
    """A comparison, written."""

    text: str
    good: bool
    """Whether everything after the change could be read."""


def run(asked: Asked, root: Path = ROOT) -> Done:
    """Compare.

    Raises:
        Failed: without git, a clone, the revisions or the release.

    """
    first = revisions.commit(root, asked.against) if asked.against else revisions.merge_base(root)
    before = revisions.of_commit(root, first)
    after = revisions.of_commit(root, revisions.commit(root, asked.revision)) if asked.revision else revisions.of_working_tree(root)
    snap = snapshot.read(loading.choose_snapshot(asked.release))
    context = linting.context_of(Library({}, {}, (), ()), snap, whole=False, today=loading.today(), findings=Findings())
    done = comparing.compare(before, after, context)
    again = f"build.py tip-diff --against {first[:12]}"
    about = rendering.About(before.name, after.name, snap.meta.release, len(context.selecting.everything), snap.meta.sample, config.read(SITE_YML).base_url, again)
    text = rendering.markdown(done, about) if asked.form == "markdown" else rendering.text(done, about)
    return Done(text, all(one.side != after.name for one in done.unread))
