"""What stands inside a page's words: JSON, dates, modifiers."""

from __future__ import annotations

import re

from markupsafe import Markup, escape

_DAY = re.compile(r"\b\d{4}-\d\d-\d\d\b")


def days_kept(text: str) -> Markup:
    """Return a text whose ISO dates are not cut at their hyphens where a line ends: ``time`` is kept together (assets/css/10-base.css)."""
    return Markup(_DAY.sub(r"<time>\g<0></time>", str(escape(text))))  # noqa: S704 - escaped above


def modifiers_linked(text: str, addresses: dict[str, str]) -> Markup:
    """Return a text in which each of these modifiers is a link where it stands first."""
    made = str(escape(text))
    for name, url in addresses.items():
        made = re.sub(rf"\b{name}\b", Markup('<a href="{0}">{1}</a>').format(url, name), made, count=1)
    return Markup(made)  # noqa: S704 - escaped above


def script_safe(text: str) -> Markup:
    """Return JSON that may stand inside a script element: no ``<`` can end the element or open a comment."""
    return Markup(text.replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029"))  # noqa: S704 - JSON without a tag
