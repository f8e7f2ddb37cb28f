"""Does the parts of a build in several processes that share what is loaded: whoever is free takes the next part."""

from __future__ import annotations

import multiprocessing
import os
import struct
import traceback
from collections.abc import Callable, Iterator, Sequence
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from typing import Final, Generic, NamedTuple, TypeVar

from medpayiq.findings import Failed
from medpayiq.garbage import give_back
from medpayiq.lock import parent_alive
from medpayiq.publish import Publication, PublishError
from medpayiq.trees import TreeWriter

_R = TypeVar("_R")
Wanted = Callable[[], None]
"""Hears what other processes have to say, and ends one that nobody waits for any more; long work calls it now and then."""
_TICKET: Final = struct.Struct("<H")
_MOST: Final = 65_536 // _TICKET.size
"""Tickets that a pipe holds for sure, before anybody reads."""


class Work(NamedTuple, Generic[_R]):
    """A part of the build: it writes files, and returns what the rest of the build must know of them."""

    do: Callable[[TreeWriter, Wanted], _R]
    size: int = 0
    """How many code pages it makes, for the line that shows how far the build is."""


class _Others(Generic[_R]):
    """The other processes of a build, of which each takes parts by itself and tells what came of them."""

    def __init__(self, works: Sequence[Work[_R]], publication: Publication, tickets: int, done: Callable[[int, _R], None]) -> None:
        """Take the parts, where they are written, the pipe with a ticket for each, and what hears of one that is done."""
        self._works, self._publication, self._tickets, self._done = works, publication, tickets, done
        self._receivers: list[Connection] = []
        self._processes: list[BaseProcess] = []

    def start(self, count: int) -> None:
        """Start so many processes."""
        context = multiprocessing.get_context("fork")
        for _ in range(count):
            receiver, sender = context.Pipe(duplex=False)
            self._receivers.append(receiver)
            process = context.Process(target=_worker, args=(sender, self._receivers, os.getpid(), self._tickets, self._works, self._publication.writer()), daemon=True)
            process.start()
            sender.close()
            self._processes.append(process)

    def hear(self, timeout: float | None = 0) -> None:
        """Take what they tell; with None wait until one does. Raises what a part raised."""
        for receiver in wait(self._receivers, timeout):
            assert isinstance(receiver, Connection)  # noqa: S101 - nothing else is waited for
            try:
                said = receiver.recv()
            except EOFError:
                raise Failed("build: error: a page process ended early (out of memory?)\n  try: --jobs 1") from None
            if isinstance(said, BaseException):
                raise said
            if isinstance(said, bytes):
                self._publication.add(said)
                self._receivers.remove(receiver)
            else:
                self._done(*said)

    def finish(self) -> None:
        """Hear them to their end."""
        while self._receivers:
            self.hear(None)
        for process in self._processes:
            process.join()

    def kill(self) -> None:
        """End those that still run."""
        for process in self._processes:
            process.kill()
            process.join()


def run(works: Sequence[Work[_R]], publication: Publication, jobs: int, count: Callable[[int], None]) -> list[_R]:
    """Do every part, the first ones first, in ``jobs`` processes, this one among them; return what they returned, in the order of ``works``.

    Raises:
        Failed, PublishError: what a part raised; with its place in the program where it is no error that was expected.

    """
    assert len(works) < _MOST  # noqa: S101 - more would wait for a reader that is not there yet
    tickets, giving = os.pipe()
    os.write(giving, b"".join(map(_TICKET.pack, range(len(works)))))
    os.close(giving)
    results: dict[int, _R] = {}
    pages = 0

    def done(number: int, result: _R) -> None:
        nonlocal pages
        results[number] = result
        pages += works[number].size
        count(pages)

    writer = publication.writer()
    others = _Others(works, publication, tickets, done)
    try:
        others.start(min(jobs, len(works)) - 1)
        # They wait for this one when their pipes are full: so it hears them within its own long parts too.
        for number, result in _parts(tickets, works, writer, others.hear):
            done(number, result)
            others.hear()
        others.finish()
    finally:
        os.close(tickets)
        others.kill()
    publication.add(writer.entries())
    return [results[number] for number in range(len(works))]


def _parts(tickets: int, works: Sequence[Work[_R]], writer: TreeWriter, wanted: Wanted) -> Iterator[tuple[int, _R]]:
    """Take parts as long as there are any, and yield the number of each with what it returned."""
    while ticket := os.read(tickets, _TICKET.size):
        wanted()
        (number,) = _TICKET.unpack(ticket)
        try:
            result = works[number].do(writer, wanted)
        except (PublishError, Failed, BrokenPipeError):
            raise
        except Exception as problem:  # whatever it is, whoever builds must hear of it
            raise Failed(f"build: error: a page could not be made\n{traceback.format_exc()}") from problem
        if not works[number].size:  # no code pages, which are many and small
            give_back()
        yield number, result


def _worker(sender: Connection, inherited: list[Connection], parent: int, tickets: int, works: Sequence[Work[_R]], writer: TreeWriter) -> None:
    """Do parts and tell of each; stop when the parent is gone, so that nothing writes into a tree nobody minds.

    ``inherited`` are the parent's reading ends. With one of them open here, a worker whose parent was killed would write
    into a full pipe that nobody empties, and hold the lock of the build for ever.
    """
    for receiver in inherited:
        receiver.close()

    def wanted() -> None:
        if not parent_alive(parent):
            os._exit(1)

    try:
        for said in _parts(tickets, works, writer, wanted):
            sender.send(said)
        sender.send(writer.entries())
    except (PublishError, Failed) as problem:
        sender.send(problem)
    except BrokenPipeError:
        os._exit(1)
