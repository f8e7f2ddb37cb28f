"""Says in a sentence what became of a deleted code."""

from __future__ import annotations

from medpayiq.content.library import Replaced


def what_now(gone: Replaced) -> str:
    """Return ``deleted 2018-01-01, see 97763``; the day only where content/replaced.yml knows it."""
    when = f"deleted {gone.since}" if gone.since else f"deleted, gone since {gone.first_release_without}" if gone.first_release_without else "deleted"
    return f"{when}, see {' or '.join(gone.by)}" if gone.by else f"{when}, nothing single took its place"
