"""The stylesheet as delivered: nothing of it is lost but comments and blanks. tests/browser/pages.test.mjs lets a browser compare it with its sources."""

from __future__ import annotations

from pathlib import Path

import pytest

from medpayiq import styles
from medpayiq.paths import ASSETS


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("a { b: c } /* x */ d { e: f }", "a { b: c } d { e: f }"),
        ("a/* two words */b { c: d }", "a b { c: d }"),
        ("a { b: c }\n\n/* one */ /* two,\n on two lines */\n  d { e: f }", "a { b: c }\nd { e: f }"),
        ('a::before { content: "/* a text */"; } /* a comment */', 'a::before { content: "/* a text */"; }'),
        (r"""a::before { content: '\'/* a text */'; }""", r"""a::before { content: '\'/* a text */'; }"""),
        ("a { background: URL( x/*y*/z.png ) }", "a { background: URL( x/*y*/z.png ) }"),
        ('a { background: url("x y.png"/* a comment */) }', 'a { background: url("x y.png" ) }'),
        (r""".a\"b { c: d } /* a comment */ .e\"f { g: h }""", r""".a\"b { c: d } .e\"f { g: h }"""),
        ("a { b: c }\n/* never closed", "a { b: c }"),
    ],
)
def test_comments_and_blanks_go_and_texts_and_addresses_stay(text: str, left: str) -> None:
    """What css-syntax-3 calls a comment goes, wherever it stands; inside a string or an unquoted url() there is none."""
    assert styles.stripped(text) == f"{left}\n"


def test_the_sheets_come_in_the_order_of_their_names(tmp_path: Path) -> None:
    """A later sheet overrules an earlier one, whatever order a folder lists them in."""
    for name in ("90-c", "10-a", "50-b"):
        (tmp_path / f"{name}.css").write_text(f"/* {name} */\n.{name[3:]} {{ color: red; }}\n", encoding="utf-8")
    assert styles.delivered(tmp_path) == b".a { color: red; }\n.b { color: red; }\n.c { color: red; }\n"


def test_what_is_delivered_has_no_comment_and_its_sources_have() -> None:
    """The sources explain themselves; nobody who opens a page pays for it."""
    assert b"/*" not in styles.delivered(ASSETS / "css")
    assert any("/*" in path.read_text(encoding="utf-8") for path in (ASSETS / "css").glob("*.css"))
