"""Keeps compiled templates from one run to the next, each for as long as its text stays."""

from __future__ import annotations

import hashlib
from contextlib import suppress
from importlib.metadata import version

import jinja2
from jinja2.bccache import Bucket

from medpayiq.paths import COMPILED, ROOT


class Compiled(jinja2.FileSystemBytecodeCache):
    """Jinja's cache of compiled templates, in files that name what compiled them."""

    def __init__(self) -> None:
        """Use the files of this program (medpayiq/render.py has a compiler of its own) and this Jinja."""
        compiler = (ROOT / "medpayiq" / "render.py").read_bytes() + version("jinja2").encode()
        super().__init__(str(COMPILED), f"%s.{hashlib.blake2b(compiler, digest_size=8).hexdigest()}")

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep what was compiled; where nothing can be written, the next run compiles it again."""
        with suppress(OSError):
            COMPILED.mkdir(parents=True, exist_ok=True)
            super().dump_bytecode(bucket)
