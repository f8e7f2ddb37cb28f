"""Does the parts of a build in several processes that share what is loaded: whoever is free takes the next part."""

from __future__ import annotations

import multiprocessing
import os
import struct
import traceback
from collections.abc import Callable, Sequence
from multiprocessing.connection import Connection, wait
from typing import Final, Generic, NamedTuple, TypeVar

from medpayiq.findings import Failed
from medpayiq.lock import parent_alive
from medpayiq.publish import Publication, PublishError
from medpayiq.trees import TreeWriter

_R = TypeVar("_R")
Wanted = Callable[[], None]
"""Ends the process when nobody waits for it any more; long work calls it now and then."""
_TICKET: Final = struct.Struct("<H")
_MOST: Final = 65_536 // _TICKET.size
"""Tickets that a pipe holds for sure, before anybody reads."""


class Work(NamedTuple, Generic[_R]):
    """A part of the build: it writes files, and returns what the rest of the build must know of them."""

    do: Callable[[TreeWriter, Wanted], _R]
    size: int = 0
    """How many code pages it makes, for the line that shows how far the build is."""


def run(works: Sequence[Work[_R]], publication: Publication, jobs: int, count: Callable[[int], None]) -> list[_R]:
    """Do every part, the first ones first, in ``jobs`` processes; return what they returned, in the order of ``works``.

    Raises:
        Failed, PublishError: what a part raised; with its place in the program where it is no error that was expected.

    """
    assert len(works) < _MOST  # noqa: S101 - more would wait for a reader that is not there yet
    context = multiprocessing.get_context("fork")
    tickets, giving = os.pipe()
    os.write(giving, b"".join(map(_TICKET.pack, range(len(works)))))
    os.close(giving)
    receivers: list[Connection] = []
    workers = []
    results: dict[int, _R] = {}
    done = 0
    try:
        for _ in range(min(jobs, len(works))):
            receiver, sender = context.Pipe(duplex=False)
            receivers.append(receiver)
            worker = context.Process(target=_worker, args=(sender, receivers, os.getpid(), tickets, works, publication.writer()), daemon=True)
            worker.start()
            sender.close()
            workers.append(worker)
        while receivers:
            ready = wait(receivers)
            for receiver in [one for one in receivers if one in ready]:
                try:
                    said = receiver.recv()
                except EOFError:
                    raise Failed("build: error: a page process ended early (out of memory?)\n  try: --jobs 1") from None
                if isinstance(said, BaseException):
                    raise said
                if isinstance(said, bytes):
                    publication.add(said)
                    receivers.remove(receiver)
                    continue
                number, result = said
                results[number] = result
                done += works[number].size
                count(done)
        for worker in workers:
            worker.join()
    finally:
        os.close(tickets)
        for worker in workers:
            worker.kill()
            worker.join()
    return [results[number] for number in range(len(works))]


def _worker(sender: Connection, inherited: list[Connection], parent: int, tickets: int, works: Sequence[Work[_R]], writer: TreeWriter) -> None:
    """Take parts as long as there are any, and tell of each; stop when the parent is gone, so that nothing writes into a tree nobody minds.

    ``inherited`` are the parent's reading ends. With one of them open here, a worker whose parent was killed would write
    into a full pipe that nobody empties, and hold the lock of the build for ever.
    """
    for receiver in inherited:
        receiver.close()

    def wanted() -> None:
        if not parent_alive(parent):
            os._exit(1)

    try:
        while ticket := os.read(tickets, _TICKET.size):
            wanted()
            (number,) = _TICKET.unpack(ticket)
            sender.send((number, works[number].do(writer, wanted)))
        sender.send(writer.entries())
    except (PublishError, Failed) as problem:
        sender.send(problem)
    except BrokenPipeError:
        os._exit(1)
    except Exception:  # noqa: BLE001 - whatever it is, the parent must hear of it
        sender.send(Failed(f"build: error: a page could not be made\n{traceback.format_exc()}"))
