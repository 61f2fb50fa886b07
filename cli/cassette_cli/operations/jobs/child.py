"""A process that works for this one: forked, fed with shares through one pipe, answering through another.

`os.fork` and pipes, not `multiprocessing`: its pools start threads beside the forks and hang when a
child is killed, and its import takes 10 ms where the work to share takes a few hundred.
"""

import os
import pickle
import signal
import struct
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from io import BufferedReader, FileIO
from traceback import format_exception
from typing import Any, Generic, NoReturn, TypeVar

from cassette_cli.operations.jobs.shares import Task
from cassette_cli.source.save import Tally
from cassette_cli.source.signals import uninterrupted

T = TypeVar("T")

Answer = tuple[list[Any], Exception | None]
"""What the work gave for things that follow one another, and what it raised over the next one."""

_WAITING = 1 << 13
"""Bytes of messages that wait in a child's pipe at most, so that writing one never blocks."""
_HEAD = struct.Struct("=QQ")
"""Before each answer: its length, and how many files the child has written since the last one."""


class Child(Generic[T]):
    """The process as its parent sees it, the tasks that it has not answered yet, and their weight in bytes."""

    def __init__(self, pid: int, messages: FileIO, answers: FileIO) -> None:
        self.pid = pid
        self.messages = messages
        self.answers = answers
        self.tasks: deque[Task[T]] = deque()
        self.weight = 0
        self._waiting: deque[int] = deque()  # the sizes of their messages
        self._received = bytearray()

    def takes(self, task: Task[T]) -> bool:
        """Send it a task and return True, or False where the message might have to wait for room."""
        message = pickle.dumps(task.things, pickle.HIGHEST_PROTOCOL)
        if self.tasks and sum(self._waiting) + len(message) > _WAITING:
            return False
        self.tasks.append(task)
        self._waiting.append(len(message))
        self.weight += task.weight
        with suppress(BrokenPipeError):  # it has died, which shows where its answers end
            self.messages.write(message)
        return True

    def done(self) -> Task[T]:
        """Take off the task that it was at."""
        task = self.tasks.popleft()
        self.weight -= task.weight
        self._waiting.popleft()
        return task

    def receive(self) -> list[bytes] | None:
        """Read what has come and return the answers that are whole; None where it has ended.

        The files that it says it has written are counted.
        """
        with uninterrupted():
            data = self.answers.read(1 << 16)
            self._received += data
            whole = []
            while len(self._received) >= _HEAD.size:
                length, written = _HEAD.unpack_from(self._received)
                end = _HEAD.size + length
                if len(self._received) < end:
                    break
                whole.append(bytes(self._received[_HEAD.size : end]))
                del self._received[:end]
                Tally.written += written
        return whole if data else None

    def bury(self) -> str:
        """Close what leads to it, wait for its end, and return how it came."""
        self.messages.close()
        self.answers.close()
        code = os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])
        return f"ended with {code}" if code >= 0 else f"was killed by signal {-code}"


def fork(work: Callable[[T], Any], siblings: Iterable[Child[T]]) -> Child[T]:
    """Start a child that answers each share with what `opened` opens; to be called `uninterrupted`.

    Raises `OSError` where the system lets none be.
    """
    inbox, messages = _pipe()
    answers, outbox = _pipe()
    parent = os.getpid()
    with inbox, outbox:
        try:
            pid = os.fork()
        except OSError:
            messages.close()
            answers.close()
            raise
        if pid == 0:
            # The others see the parent's end by that of their pipes, which must not live on here.
            ends = (end for child in siblings for end in (child.messages, child.answers))
            _live(work, inbox, outbox, parent, (messages, answers, *ends))
    return Child(pid, messages, answers)


def answer(work: Callable[[T], Any], things: Iterable[T]) -> Answer:
    """Return what the work gives for each thing, up to one over which it raises, and what it raises or None."""
    results: list[Any] = []
    try:
        results.extend(map(work, things))
    except Exception as error:  # noqa: BLE001 - raised again by `opened`
        return results, error
    return results, None


def opened(found: bytes | Answer) -> Iterator[Any]:
    """Yield what the work gave for each thing, and raise what it raised."""
    results, error = pickle.loads(found) if isinstance(found, bytes) else found  # noqa: S301 - from our own child
    yield from results
    if error is not None:
        raise error


def _pipe() -> tuple[FileIO, FileIO]:
    reader, writer = os.pipe()
    return FileIO(reader, "rb"), FileIO(writer, "wb")


def _live(work: Callable[[T], Any], inbox: FileIO, outbox: FileIO, parent: int, others: Iterable[FileIO]) -> NoReturn:
    """Be the child: a terminal's Ctrl-C is for the parent, which interrupts by SIGTERM."""
    try:
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        signal.signal(signal.SIGTERM, _interrupt)
        for file in others:
            file.close()
        _serve(work, inbox, outbox, parent)
        os._exit(0)
    finally:
        os._exit(1)


def _interrupt(*_: object) -> NoReturn:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)  # once: what is being cleaned up shall be
    raise KeyboardInterrupt


def _serve(work: Callable[[T], Any], inbox: FileIO, outbox: FileIO, parent: int) -> None:
    """Answer messages until there are no more, or no parent."""
    Tally.written = 0
    with BufferedReader(inbox) as messages:
        try:
            signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGTERM})  # held back since before the fork
            while True:
                try:
                    things = pickle.load(messages)  # noqa: S301 - it comes from our own parent
                except EOFError:
                    return
                _send(outbox, _pickled(answer(work, _while_it_lives(parent, things))))
        except KeyboardInterrupt:
            _send(outbox, b"")  # for the count of what was written


def _while_it_lives(parent: int, things: Iterable[T]) -> Iterator[T]:
    for thing in things:
        if os.getppid() != parent:
            os._exit(1)
        yield thing


def _pickled(found: Answer) -> bytes:
    """Pickle an answer; an error takes along where it came from, which pickling loses."""
    if (error := found[1]) is not None:
        error.add_note("in a process of --jobs:\n" + "".join(format_exception(error)))
    return pickle.dumps(found, pickle.HIGHEST_PROTOCOL)


def _send(outbox: FileIO, payload: bytes) -> None:
    """Write an answer in one piece, whatever signal comes."""
    with uninterrupted():
        written, Tally.written = Tally.written, 0
        data = memoryview(_HEAD.pack(len(payload), written) + payload)
        while data:
            data = data[outbox.write(data) :]
