"""Makes pages of one template from the first page of their shape: its fixed pieces, joined with each page's own texts.

A template prints a record's texts and asks whether one is there; it never compares them or looks something up by them.
So two records with the same lists, of the same lengths, with the same texts missing, give pages that differ in those texts
alone; a piece that many pages share (`Piece`) counts as one text. A full release has some 17,000 code pages of fewer than 1,000 shapes. `tests/test_pages.py` compares every joined page
with the rendered one.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from functools import partial
from operator import itemgetter
from typing import Any

from markupsafe import Markup
from markupsafe import _escape_inner as escape_text  # type: ignore[attr-defined]

from medpayiq.pages.models import Piece
from medpayiq.render import Renderer

# Private-use characters, which no file of CMS's and no content holds, around the number of a text.
_MARK = re.compile("\ue000(\\d+)\ue001")


class Joiner:
    """Pages of one template."""

    def __init__(self, render: Callable[[Any], str], piece: Callable[[Piece], Markup]) -> None:
        """Take what renders one record of the template, and what renders a piece that many pages share."""
        self._render, self._piece = render, piece
        self._shapes: dict[str, tuple[list[str], Callable[[list[str]], tuple[str, ...]]]] = {}

    def page(self, record: tuple[Any, ...]) -> str:
        """Return the page of a record, byte for byte as the template gives it."""
        texts: list[str] = []
        shape: list[str] = []
        self._take_apart(record, texts, shape)
        key = "".join(shape)
        found = self._shapes.get(key)
        if found is None:
            found = self._shapes[key] = self._learn(record)
        pieces, pick = found
        page = pieces.copy()
        page[1::2] = pick(texts)
        return "".join(page)

    def _take_apart(self, record: tuple[Any, ...], texts: list[str], shape: list[str]) -> None:
        """Gather a record's texts, escaped, and write down what else it is made of."""
        for one in record:
            kind = type(one)
            if kind is str:
                if one:
                    texts.append(escape_text(one))
                    shape.append("s")
                else:
                    shape.append("e")
            elif one is None:
                shape.append("n")
            elif kind is bool:
                shape.append("t" if one else "f")
            elif kind is Markup:
                texts.append(one)
                shape.append("m")
            elif kind is Piece:
                texts.append(self._piece(one))
                shape.append("m")
            else:
                shape.append(f"({len(one)}")
                self._take_apart(one, texts, shape)

    def _learn(self, record: tuple[Any, ...]) -> tuple[list[str], Callable[[list[str]], tuple[str, ...]]]:
        """Render the record with numbered marks for texts; return the pieces and what picks the texts between them."""
        parts = _MARK.split(self._render(_marked(record, [0])))
        order = [int(number) for number in parts[1::2]]
        # Shapes differ in a few places: what stands between these is one text in all of them, and a process holds it once.
        parts = list(map(sys.intern, parts))
        if len(order) > 1:
            return parts, itemgetter(*order)
        # itemgetter of one index returns no tuple.
        return parts, lambda texts: tuple(texts[at] for at in order)


def joiner(renderer: Renderer, template: str) -> Joiner:
    """Return what joins pages of a template, and in them the parts whose shapes are many, each apart: with the page's they would multiply."""
    apart = {name: Joiner(partial(renderer.part, name), renderer.piece) for name in ("history", "edits", "tips", "field")}

    def piece(one: Piece) -> Markup:
        joined = apart.get(one.template)
        return Markup(joined.page(one.record)) if joined else renderer.piece(one)  # noqa: S704 - escaped where it was joined

    return Joiner(partial(renderer.page, template), piece)


def _marked(record: tuple[Any, ...], count: list[int]) -> tuple[Any, ...]:
    """Return the record with a numbered mark in the place of every text that is not empty."""
    made: list[Any] = []
    for one in record:
        if isinstance(one, str) and one:
            mark = f"\ue000{count[0]}\ue001"
            made.append(Markup(mark) if isinstance(one, Markup) else mark)  # noqa: S704 - a mark, not text
            count[0] += 1
        elif isinstance(one, Piece):
            made.append(Markup(f"\ue000{count[0]}\ue001"))  # noqa: S704 - a mark, not text
            count[0] += 1
        elif isinstance(one, tuple):
            made.append(_marked(one, count))
        else:
            made.append(one)
    make = getattr(type(record), "_make", tuple)
    joined: tuple[Any, ...] = make(made)
    return joined
