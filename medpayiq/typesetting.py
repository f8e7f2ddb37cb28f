"""Sets documents with typst, in a process of its own: typst starts threads, which no fork of a process that has used it survives."""

from __future__ import annotations

import atexit
import os
import pickle
import struct
import subprocess
import sys
from collections.abc import Mapping
from typing import Any, BinaryIO, Final

from medpayiq.findings import Failed
from medpayiq.paths import ROOT

_HEAD: Final = struct.Struct("<I")


def typeset(template: bytes, inputs: Mapping[str, str], **options: Any) -> list[bytes]:
    """Return the document as typst makes it: one file for PDF, one a page for PNG. It sees no fonts but those that typst brings along.

    Args:
        template: text of the document.
        inputs: what it reads as ``sys.inputs``.
        **options: of typst's ``Compiler.compile``: ``format``, ``ppi``, ``pdf_standards``.

    Raises:
        Failed: typst refused the document, or its process has ended.

    """
    service = _service()
    assert service.stdin is not None  # noqa: S101 - both are pipes
    assert service.stdout is not None  # noqa: S101
    try:
        _send(service.stdin, (template, dict(inputs), options))
        made, problem = _receive(service.stdout)
    except (OSError, EOFError):
        raise Failed(f"build: error: typst ended early, with exit code {service.wait()} (out of memory?)\n  try: build again") from None
    if problem:
        raise Failed(f"build: error: typst refused a document: {problem}\n  try: correct the template in templates/")
    return list(made)


_services: dict[int, subprocess.Popen[bytes]] = {}
"""By the process that asks: a fork shares no service with its parent."""


def _service() -> subprocess.Popen[bytes]:
    """Return the process that sets documents for this one; it ends when its input does, so with whoever started it."""
    found = _services.get(os.getpid())
    if found is None or found.poll() is not None:
        # Ctrl-C is for whoever asks.
        found = subprocess.Popen([sys.executable, "-m", "medpayiq.typesetting"], cwd=ROOT, env=os.environ | {"PYTHONPATH": str(ROOT)}, stdin=subprocess.PIPE, stdout=subprocess.PIPE, start_new_session=True)
        _services[os.getpid()] = found
        atexit.register(found.communicate)
    return found


def _send(stream: BinaryIO | Any, message: object) -> None:
    data = pickle.dumps(message)
    stream.write(_HEAD.pack(len(data)))
    stream.write(data)
    stream.flush()


def _receive(stream: BinaryIO | Any) -> Any:
    """Return the next message; EOFError where there is none."""
    head = stream.read(_HEAD.size)
    if len(head) < _HEAD.size:
        raise EOFError
    (length,) = _HEAD.unpack(head)
    data = stream.read(length)
    if len(data) < length:
        raise EOFError
    return pickle.loads(data)  # noqa: S301 - both ends are this module


def _serve() -> None:
    """Set one document after another, until nobody asks."""
    import typst

    # One for all documents: the fonts are read once.
    compiler = typst.Compiler(ignore_system_fonts=True)
    while True:
        try:
            template, inputs, options = _receive(sys.stdin.buffer)
        except EOFError:
            return
        try:
            made = compiler.compile(template, sys_inputs=inputs, **options)
            # One file is returned bare.
            answer: tuple[list[bytes], str] = ([made] if isinstance(made, bytes) else made or [], "")
        except typst.TypstError as problem:
            answer = ([], str(problem))
        _send(sys.stdout.buffer, answer)


if __name__ == "__main__":
    _serve()
