"""Lists of the toolkit: how long ones are cut, and how codes that follow each other are written short."""

from __future__ import annotations

import pytest

from medpayiq.loading import load
from medpayiq.toolkit import lists
from medpayiq.toolkit.lists import Lists
from medpayiq.toolkit.runs import runs
from medpayiq.toolkit.specialties import ALL, specialties


def test_a_list_that_is_too_long_is_cut_between_two_lines(monkeypatch: pytest.MonkeyPatch) -> None:
    """However few lines a file takes, each is full but the last, has the head, and together they hold what one file would hold."""
    sample, _ = load("sample")
    kinds = specialties(sample)
    (whole,) = Lists(sample, kinds).files(ALL)
    head, *edits = whole.decode().removesuffix("\r\n").split("\r\n")
    for most in (97, 1000, len(edits) - 1, len(edits), len(edits) + 1):
        monkeypatch.setattr(lists, "MOST_LINES", most)
        made = [one.decode().removesuffix("\r\n").split("\r\n") for one in Lists(sample, kinds).files(ALL)]
        assert made == [[head, *edits[at : at + most]] for at in range(0, len(edits), most)]
        assert len(made) == len(lists.csv_names(ALL, len(edits)))


def test_runs_skip_no_code_and_add_none() -> None:
    """A dash stands for three or more codes that have none between them; two beside each other stay two."""
    position = {code: at for at, code in enumerate(["10004", "10005", "10006", "10021", "10030", "A0021", "A0080"])}
    assert runs(["10004", "10005", "10006", "10030"], position) == ["10004–10006", "10030"]
    assert runs(["10004", "10005", "10021"], position) == ["10004", "10005", "10021"]
    assert runs(["10030", "A0021", "A0080"], position) == ["10030–A0080"]
    assert runs([], position) == []
