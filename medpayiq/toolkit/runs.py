"""Writes lists of codes short: codes that follow each other in the release as one run."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

_SHORTEST = 3
"""Codes that are worth a dash."""


def runs(codes: Sequence[str], position: Mapping[str, int]) -> list[str]:
    """Return codes, in order, with ``A–B`` for three or more that have none of the release between them."""
    return [text for run in _runs(codes, position) for text in ([f"{run[0]}–{run[-1]}"] if len(run) >= _SHORTEST else run)]


def _runs(codes: Sequence[str], position: Mapping[str, int]) -> Iterator[list[str]]:
    run: list[str] = []
    for code in codes:
        if run and position[code] != position[run[-1]] + 1:
            yield run
            run = []
        run.append(code)
    if run:
        yield run


def counted(number: int, word: str = "code") -> str:
    """``1 code``, ``1,204 codes``."""
    return f"{number:,} {word}{'' if number == 1 else 's'}"
