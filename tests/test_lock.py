"""One build at a time, and workers that stop when their build is gone."""

from __future__ import annotations

import errno
import fcntl
import os
import signal
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from medpayiq.lock import LockedError, build_lock, parent_alive


@pytest.fixture
def lock(tmp_path: Path) -> Path:
    """Name a lock file in a folder not made yet."""
    return tmp_path / ".build" / "lock"


def run(work: Callable[[], None]) -> int:
    """Run a function in a forked process that leaves without any clean-up; return its process id."""
    pid = os.fork()
    if pid == 0:
        try:
            work()
            os._exit(0)
        finally:
            os._exit(1)
    return pid


def exit_code(pid: int) -> int:
    """Wait for a process; a negative number is the signal that ended it."""
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


def test_the_second_build_is_told_at_once(lock: Path) -> None:
    """While one process builds, another fails at once, with the process, the time and what to do."""
    with build_lock(lock):

        def second() -> None:
            with pytest.raises(LockedError) as caught, build_lock(lock):
                pass
            text = str(caught.value)
            assert f"another build is running in {lock.parent.parent}: process {os.getppid()}, since 20" in text
            assert f"try: again when it has ended, or end it with: kill {os.getppid()}" in text

        assert exit_code(run(second)) == 0


def test_a_second_block_in_the_same_process_fails(lock: Path) -> None:
    """The lock is not re-entrant: two builds in one process would write into one tree as well."""
    with build_lock(lock), pytest.raises(LockedError, match=f"process {os.getpid()}"), build_lock(lock):
        pass


def test_the_lock_is_free_afterwards(lock: Path) -> None:
    """The lock can be taken again after the block, after a failure in it, and after a refused attempt."""
    with pytest.raises(KeyError), build_lock(lock):
        raise KeyError
    for _ in range(2):
        with build_lock(lock):
            assert lock.read_text().startswith(f"{os.getpid()}\n")
    assert lock.read_text() == ""


def test_a_killed_build_leaves_no_lock(lock: Path) -> None:
    """The file that a killed build leaves behind does not stop the next one."""

    def die() -> None:
        with build_lock(lock):
            os.kill(os.getpid(), signal.SIGKILL)

    assert exit_code(run(die)) == -signal.SIGKILL
    assert lock.read_text() != ""
    with build_lock(lock):
        pass


def test_workers_of_a_killed_build_hold_the_lock(lock: Path) -> None:
    """After a kill of the holder its worker keeps the lock, sees that it is alone, and frees the lock by ending."""
    ready, say_ready = os.pipe()
    go, say_go = os.pipe()

    def holder() -> None:
        with build_lock(lock):
            parent = os.getpid()
            run(lambda: worker(parent))
            time.sleep(60)

    def worker(parent: int) -> None:
        os.close(say_go)
        os.write(say_ready, b"yes" if parent_alive(parent) else b"no")
        os.read(go, 1)
        while parent_alive(parent):
            time.sleep(0.001)

    pid = run(holder)
    try:
        assert os.read(ready, 3) == b"yes"
        os.kill(pid, signal.SIGKILL)
        assert exit_code(pid) == -signal.SIGKILL
        with pytest.raises(LockedError, match=rf"process {pid}, since .*was killed, and its workers are just stopping\n  try: again"), build_lock(lock):
            pass
    finally:
        for end in (say_go, go, ready, say_ready):
            os.close(end)
    for _ in range(2000):
        try:
            with build_lock(lock):
                return
        except LockedError:
            time.sleep(0.005)
    pytest.fail("the worker did not stop")


def test_a_holder_that_has_not_signed_yet(lock: Path) -> None:
    """Between taking the lock and writing its name into the file a holder is just another build."""
    lock.parent.mkdir()
    with lock.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        with pytest.raises(LockedError, match="another build is running in"), build_lock(lock):
            pass


def test_a_holder_of_another_user_runs(lock: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A process that may not be signalled counts as running."""

    def refuse(*_: object) -> None:
        raise PermissionError

    with build_lock(lock):
        monkeypatch.setattr(os, "kill", refuse)
        with pytest.raises(LockedError, match="kill"), build_lock(lock):
            pass


def test_a_file_system_without_locks_is_not_a_second_build(lock: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An error of the file system is passed on as it is."""

    def refuse(*_: object) -> None:
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr(fcntl, "flock", refuse)
    with pytest.raises(OSError, match="No locks available"), build_lock(lock):
        pass
