"""Texts by code, held in one: a release's rows as the build looks them up."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from medpayiq.texts import Texts

CODES = st.text("0123456789A", min_size=5, max_size=5)


@given(st.lists(st.dictionaries(CODES, st.text(min_size=1, max_size=30), max_size=12), max_size=4))
def test_each_holds_what_it_was_given_whatever_codes_the_others_have(releases: list[dict[str, str]]) -> None:
    """Several that number their codes together each give their own texts, and know of no code of another's."""
    places: dict[str, int] = {}
    made = [Texts(one, places) for one in releases]
    for texts, given_to_it in zip(made, releases, strict=True):
        assert dict(texts) == given_to_it
        assert len(texts) == len(given_to_it)
        for code in places.keys() - given_to_it.keys():
            assert code not in texts
            with pytest.raises(KeyError):
                texts[code]
