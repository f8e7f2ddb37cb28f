"""JSON inside a page."""

from __future__ import annotations

from markupsafe import Markup


def script_safe(text: str) -> Markup:
    """Return JSON that may stand inside a script element: no ``<`` can end the element or open a comment."""
    return Markup(text.replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029"))  # noqa: S704 - JSON without a tag
