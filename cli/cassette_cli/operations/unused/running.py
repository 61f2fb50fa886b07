"""Running a command: its output goes to standard error as it comes, and is read along for what its runner says."""

import os
import select
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from typing import Final

from cassette_cli.errors import CassetteError
from cassette_cli.operations.unused.runners import Summary

_BUFFER: Final = 1 << 16
_PATIENCE: Final = 0.2
"""Seconds that the last output of a command may take through the terminal."""


def run(command: Sequence[str], environment: Mapping[str, str], summary: Summary) -> int:
    """Run a command, feed what it prints to `summary`, and return its exit code, or minus the signal that ended it.

    Standard output and standard error of the command both go to ours. Where that is a terminal, so is theirs.
    Raises `CassetteError` where the command cannot be started.
    """
    sys.stderr.flush()
    with _channel() as (ours, theirs):
        try:
            process = subprocess.Popen(  # noqa: S603 - the command is the user's own
                command, stdout=theirs, stderr=theirs, env={**os.environ, **environment}
            )
        except (OSError, ValueError) as error:
            raise CassetteError(
                f"cannot run {command[0]!r}: {getattr(error, 'strerror', None) or error}",
                hint="write the command as in a shell: cassette unused tests/cassettes -- pytest",
            ) from error
        finally:
            os.close(theirs)
        asleep, wake = os.pipe()
        copier = threading.Thread(target=_copy, args=(ours, asleep, summary), daemon=True)
        copier.start()
        try:
            return _wait(process)
        finally:
            os.write(wake, b"x")
            copier.join()
            os.close(asleep)
            os.close(wake)
            summary.finish()


def _wait(process: "subprocess.Popen[bytes]") -> int:
    try:
        return process.wait()
    except KeyboardInterrupt:  # the terminal sends it to the command, too
        process.wait()
        raise
    except BaseException:
        process.terminate()
        process.wait()
        raise


@contextmanager
def _channel() -> Iterator[tuple[int, int]]:
    """Yield two descriptors: what the command writes to the second, which it is to close, is read from the first."""
    ours, theirs = _terminal() if _is_terminal() else os.pipe()
    try:
        yield ours, theirs
    finally:
        os.close(ours)


def _is_terminal() -> bool:
    try:
        return os.name == "posix" and os.isatty(sys.stderr.fileno())
    except (OSError, ValueError):
        return False


def _terminal() -> tuple[int, int]:
    """Return the two ends of a terminal of the size of ours, which passes on what is written as it is."""
    import fcntl
    import termios

    ours, theirs = os.openpty()
    modes = termios.tcgetattr(theirs)
    modes[1] &= ~termios.OPOST
    termios.tcsetattr(theirs, termios.TCSANOW, modes)
    with suppress(OSError):
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, fcntl.ioctl(sys.stderr.fileno(), termios.TIOCGWINSZ, b"\0" * 8))
    return ours, theirs


def _copy(ours: int, asleep: int, summary: Summary) -> None:
    """Copy what comes to standard error, to its end, or, once woken, what is there: a daemon may hold it open."""
    poll = select.poll()
    poll.register(ours, select.POLLIN)
    poll.register(asleep, select.POLLIN)
    end = None
    while end is None or time.monotonic() < end:
        ready = {descriptor for descriptor, _ in poll.poll(None if end is None else _PATIENCE * 1000)}
        if ours in ready:
            try:
                data = os.read(ours, _BUFFER)
            except OSError:  # EIO: no one holds the other end of a terminal any more
                return
            if not data:
                return
            summary.feed(data)
            _write(data)
        elif end is not None:
            return
        if asleep in ready:
            poll.unregister(asleep)
            end = time.monotonic() + 10 * _PATIENCE


def _write(data: bytes) -> None:
    try:
        descriptor = sys.stderr.fileno()
    except (OSError, ValueError):
        return
    while data:
        try:
            data = data[os.write(descriptor, data) :]
        except OSError:
            return
