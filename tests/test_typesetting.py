"""typst in a process of its own: what it makes, what it says of a document that it refuses, and that forks can use it."""

from __future__ import annotations

import multiprocessing
import os
import threading
import time

import pytest

from medpayiq import typesetting
from medpayiq.findings import Failed
from medpayiq.typesetting import typeset

TEMPLATE = b"#set document(date: none)\n#set page(width: 40pt, height: 40pt)\n#sys.inputs.word\n#pagebreak()\n#sys.inputs.word"


def test_pages_come_one_by_one_and_alike_each_time() -> None:
    """A PNG a page, by its signature, of the pixels that the page's size gives; a PDF in one; the same bytes when asked again."""
    first, second = typeset(TEMPLATE, {"word": "one"}, format="png", ppi=72.0)
    assert first.startswith(b"\x89PNG\r\n")
    assert (int.from_bytes(first[16:20]), int.from_bytes(first[20:24])) == (40, 40)
    assert first == second
    assert typeset(TEMPLATE, {"word": "one"}, format="png", ppi=72.0) == [first, second]
    assert typeset(TEMPLATE, {"word": "two"}, format="png", ppi=72.0) != [first, second]
    (pdf,) = typeset(TEMPLATE, {"word": "one"}, format="pdf")
    assert pdf.startswith(b"%PDF-")


def test_a_document_that_is_refused_says_why_and_the_next_one_is_made() -> None:
    """What typst says of a fault reaches whoever asked, and the process goes on."""
    with pytest.raises(Failed, match=r"typst refused a document: (?s:.*)unknown variable: nothing"):
        typeset(b"#nothing", {}, format="pdf")
    assert typeset(b"good", {}, format="pdf")


def test_a_fork_of_a_process_that_set_documents_sets_documents() -> None:
    """Threads do not outlive a fork: a process whose parent has used typst gets a typst of its own, and does not wait for one that is not there."""
    expected = typeset(TEMPLATE, {"word": "one"}, format="pdf")
    context = multiprocessing.get_context("fork")
    receiver, sender = context.Pipe(duplex=False)
    child = context.Process(target=lambda: sender.send(typeset(TEMPLATE, {"word": "one"}, format="pdf")), daemon=True)
    child.start()
    try:
        assert receiver.poll(60), "the fork waits"
        assert receiver.recv() == expected
    finally:
        child.kill()
        child.join()
        receiver.close()
        sender.close()


def test_it_ends_although_a_fork_holds_its_input_open() -> None:
    """What sets documents is told to end: it does not wait for every process that was forked meanwhile and inherited its input."""
    typeset(b"one", {}, format="pdf")
    service, _ = typesetting._services[os.getpid()]
    child = multiprocessing.get_context("fork").Process(target=time.sleep, args=(60,), daemon=True)
    child.start()
    try:
        ending = threading.Thread(target=typesetting.finish, daemon=True)
        ending.start()
        ending.join(30)
        assert service.poll() is not None, "typst waits for the end of an input that a fork holds open"
    finally:
        child.kill()
        child.join()
