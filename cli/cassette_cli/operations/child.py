"""A process that works for this one: forked, fed through one pipe, answering through another.

`os.fork` and pipes, not `multiprocessing`: its pools start threads beside the forks and hang when a
child is killed, and its import takes 10 ms where the work to share takes a few hundred.
"""

import os
import pickle
import signal
import struct
from collections import deque
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from io import BufferedReader, FileIO
from traceback import format_exc
from typing import Any, Generic, NamedTuple, NoReturn, TypeVar

from cassette_cli.source.save import Tally
from cassette_cli.source.signals import uninterrupted

T = TypeVar("T")

_AHEAD = 1 << 17
"""Bytes of files that a child holds at most, the one that it works on included; a larger file is alone."""
_QUEUE = 1 << 13
"""Bytes of messages that wait in a child's pipe at most, so that writing one never blocks."""
_HEAD = struct.Struct("=QQ")
"""Before each answer: its length, and how many files the child has written since the last one."""


class Task(NamedTuple, Generic[T]):
    """A thing in its turn, its weight in bytes, and the message that carries it.

    `again` says that it shares what an earlier one works on.
    """

    number: int
    thing: T
    weight: int
    message: bytes
    again: bool


@dataclass(slots=True, eq=False)
class Child(Generic[T]):
    """The process as its parent sees it, and the tasks that it has not answered yet.

    `weight` are the bytes of the files that it holds, `queued` those of the messages.
    """

    pid: int
    messages: FileIO
    answers: FileIO
    tasks: deque[Task[T]] = field(default_factory=deque)
    weight: int = 0
    queued: int = 0
    _received: bytearray = field(default_factory=bytearray)

    def takes(self, task: Task[T]) -> bool:
        """Say whether it may be given one more."""
        fits = self.weight + task.weight <= _AHEAD and self.queued + len(task.message) <= _QUEUE
        return fits or not self.tasks

    def give(self, task: Task[T]) -> None:
        """Send it a task."""
        self.tasks.append(task)
        self.weight += task.weight
        self.queued += len(task.message)
        with suppress(BrokenPipeError):  # it has died, which shows where its answers end
            self.messages.write(task.message)

    def done(self) -> Task[T]:
        """Take off the task that it was at."""
        task = self.tasks.popleft()
        self.weight -= task.weight
        self.queued -= len(task.message)
        return task

    def receive(self) -> list[bytes] | None:
        """Wait for something to come and return the answers that are whole; None where it has ended.

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
    """Start a child that answers each thing with what `opened` opens; to be called `uninterrupted`.

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


def opened(answer: bytes) -> Any:
    """Return what the work gave, or raise what it raised."""
    result, error = pickle.loads(answer)  # noqa: S301 - it comes from our own child
    if error is not None:
        raise error
    return result


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
            while os.getppid() == parent:
                try:
                    thing = pickle.load(messages)  # noqa: S301 - it comes from our own parent
                except EOFError:
                    return
                _send(outbox, _answer(work, thing))
        except KeyboardInterrupt:
            _send(outbox, b"")  # for the count of what was written


def _answer(work: Callable[[T], Any], thing: T) -> bytes:
    """Return the pair of what the work gives and None, or of None and what it raises."""
    try:
        return pickle.dumps((work(thing), None), pickle.HIGHEST_PROTOCOL)
    except Exception as error:  # noqa: BLE001 - raised again in the parent
        error.add_note(f"in a process of --jobs:\n{format_exc()}")
        return pickle.dumps((None, error))


def _send(outbox: FileIO, payload: bytes) -> None:
    """Write an answer in one piece, whatever signal comes."""
    with uninterrupted():
        written, Tally.written = Tally.written, 0
        data = memoryview(_HEAD.pack(len(payload), written) + payload)
        while data:
            data = data[outbox.write(data) :]
