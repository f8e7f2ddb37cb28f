"""Asks the rules about many tips in two processes at once: nobody waits for a check longer than need be."""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Iterator, Sequence
from dataclasses import replace
from multiprocessing.connection import Connection

from medpayiq.content.tips import Tip
from medpayiq.findings import Findings
from medpayiq.lint import running
from medpayiq.lint.context import Context
from medpayiq.lint.fixing import Fix
from medpayiq.lint.remembering import Clean
from medpayiq.lock import parent_alive

_MANY = 200
"""Tips to ask about from which on a second process pays."""


def run(context: Context, findings: Findings, clean: Clean) -> list[Fix]:
    """Add what the rules find about all tips to ``findings``, in the order of the tips; return what is certain enough to be written."""
    tips = context.library.tips
    asked = [tip for tip in tips if not clean.has(tip)]
    context = replace(context, unsettled=frozenset(tip.document.file for tip in asked))
    if len(asked) < _MANY or (os.cpu_count() or 1) < 2 or multiprocessing.current_process().daemon:
        return running.run(context, findings, clean=clean)
    middle = tips.index(asked[len(asked) // 2])
    processes = multiprocessing.get_context("fork")
    receiver, sender = processes.Pipe(duplex=False)
    helper = processes.Process(target=_second, args=(sender, receiver, os.getpid(), context, tips[middle:], clean), daemon=True)
    helper.start()
    sender.close()
    try:
        fixes = running.run(context, findings, tips[:middle], clean=clean)
        try:
            found, more = receiver.recv()
        except EOFError:  # it was killed: its half is asked here
            return [*fixes, *running.run(context, findings, tips[middle:], clean=clean)]
        findings.extend(found)
        return [*fixes, *more]
    finally:
        helper.kill()
        helper.join()


def _second(sender: Connection, inherited: Connection, parent: int, context: Context, tips: Sequence[Tip], clean: Clean) -> None:
    """Ask about a share of the tips and send what was found; a killed build must leave nothing behind that holds its lock."""
    inherited.close()  # with the reading end open here, too, a send to a parent that was killed would wait for ever

    def while_wanted() -> Iterator[Tip]:
        for tip in tips:
            if not parent_alive(parent):
                os._exit(1)
            yield tip

    findings = Findings()
    fixes = running.run(context, findings, while_wanted(), clean=clean)
    try:
        sender.send((findings.items, fixes))
    except BrokenPipeError:
        os._exit(1)
