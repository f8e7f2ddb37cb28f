"""Keeps compiled templates for as long as their text stays: a save compiles the one that was changed."""

from __future__ import annotations

import jinja2
from jinja2.bccache import Bucket


class Compiled(jinja2.BytecodeCache):
    """Jinja's cache of compiled templates, in memory."""

    def __init__(self) -> None:
        """Begin empty."""
        self._made: dict[str, Bucket] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        """Give a template its code, if its text is the one that was compiled."""
        before = self._made.get(bucket.key)
        if before is not None and before.checksum == bucket.checksum:
            bucket.code = before.code

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep what was compiled."""
        self._made[bucket.key] = bucket

