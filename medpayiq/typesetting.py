"""Sets documents with typst, in a process of its own: typst starts threads, which no fork of a process that has used it survives."""

from __future__ import annotations

import atexit
import os
import pickle
import struct
import subprocess
import sys
from collections.abc import Mapping
from contextlib import suppress
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
    assert service.stdout is not None  # noqa: S101 - likewise
    try:
        _send(service.stdin, (template, dict(inputs), options))
        made, problem = _receive(service.stdout)
    except (OSError, EOFError):
        raise Failed(f"build: error: typst ended early, with exit code {service.wait()} (out of memory?)\n  try: build again") from None
    if problem:
        raise Failed(f"build: error: typst refused a document: {problem}\n  try: correct the template in templates/")
    return list(made)


_services: dict[int, tuple[subprocess.Popen[bytes], int]] = {}
"""By the process that asks, since a fork shares no service with its parent; each with the number of documents that it was asked for."""
_MOST: Final = 3
"""Documents of a process: typst keeps what it laid out of the last ones, some 25 MB each. Another process costs a tenth of a second."""


def _service() -> subprocess.Popen[bytes]:
    """Return the process that sets documents for this one; it ends when its input does, so with whoever started it."""
    found, number = _services.get(os.getpid(), (None, 0))
    if found is not None and number == _MOST:
        _end(found)
    if found is None or found.poll() is not None:
        # Ctrl-C is for whoever asks.
        found = subprocess.Popen([sys.executable, "-m", "medpayiq.typesetting"], cwd=ROOT, env=os.environ | {"PYTHONPATH": str(ROOT)}, stdin=subprocess.PIPE, stdout=subprocess.PIPE, start_new_session=True)
        number = 0
        atexit.register(_end, found)
    _services[os.getpid()] = found, number + 1
    return found


def finish() -> None:
    """End the process that sets documents for this one, and give its memory back; the next document starts another."""
    found, _ = _services.pop(os.getpid(), (None, 0))
    if found is not None:
        _end(found)


def _end(service: subprocess.Popen[bytes]) -> None:
    """Tell a service that nobody asks any more, and wait for its end: a process forked meanwhile may hold its input open."""
    if service.poll() is None:
        with suppress(BrokenPipeError):
            _send(service.stdin, None)
        service.communicate()


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
            asked = _receive(sys.stdin.buffer)
        except EOFError:
            return
        if asked is None:
            return
        template, inputs, options = asked
        try:
            made = compiler.compile(template, sys_inputs=inputs, **options)
            # One file is returned bare.
            answer: tuple[list[bytes], str] = ([made] if isinstance(made, bytes) else made or [], "")
        except typst.TypstError as problem:
            answer = ([], str(problem))
        _send(sys.stdout.buffer, answer)


if __name__ == "__main__":
    _serve()
