"""The processes that work on many things: answers in order, memory bounded.

The parent deals things out and hands the answers on; its children, forked so that they have all that
was set up, work, and so does it on what is small: that is a process less to fork. Each child holds a few
shares at a time, so that none waits and little lies about, and shares get smaller towards the end, so
that all end together; answers that come early are kept, as the bytes they came in, until it is their
turn. A child that dies costs the thing it was at: another takes its place.
"""

import os
import selectors
import signal
from collections.abc import Callable, Iterator
from contextlib import suppress
from time import monotonic
from typing import Generic, TypeVar

from cassette_cli.operations.jobs.child import Answer, Child, answer, fork, opened
from cassette_cli.operations.jobs.parallel import Lost
from cassette_cli.operations.jobs.shares import SHARE, Shares, Task
from cassette_cli.source.signals import uninterrupted

T = TypeVar("T")
R = TypeVar("R")

_FLYING = 1 << 28
"""Bytes of files that all children hold at most: what is read of a file takes four times its size."""
_HELD = 1 << 23
"""Bytes of answers that wait for their turn at most."""
_QUEUE = 2 * SHARE
"""Bytes of files that a child holds when it needs no more."""
_OWN = SHARE // 4
"""Bytes of files that the parent takes at a time, unless one alone has more."""
_AWAY = 1 << 19
"""Bytes of one at most: else the children run out of work, and what ends a child for its memory would end all."""
_GRACE = 2.0
"""Seconds that a child has to stop in; it does so at once, unless it is inside a parser."""


class Crew(Generic[T, R]):
    """The children, what they are to do, and what they have answered; see `parallel.ordered`."""

    def __init__(self, work: Callable[[T], R], shares: Shares[T], jobs: int) -> None:
        self._work = work
        self._shares = shares
        self._jobs = jobs
        self._children: list[Child[T]] = []
        self._selector = selectors.DefaultSelector()
        self._answers: dict[int, tuple[list[T], bytes | Answer | Lost, int]] = {}  # with their sizes
        self._held = 0
        self._turn = 0

    def start(self) -> bool:
        """Start the children, as many as the system lets; say whether there are any."""
        with suppress(OSError):
            for _ in range(self._jobs - 1):
                self._fork()
        return bool(self._children)

    def run(self) -> Iterator[tuple[T, R | Lost]]:
        """Deal out, work, collect, and yield in order."""
        while True:
            self._deal()
            self._collect(wait=False)
            if self._turn in self._answers:
                yield from self._next_answers()
            elif (task := self._own_task()) is not None:
                self._keep(task, answer(self._work, task.things))
            elif any(child.tasks for child in self._children):
                self._collect(wait=True)
            elif not self._shares.given_back:
                return

    def stop(self) -> None:
        """End the children: those that work are interrupted, and killed where they do not heed it."""
        for child in self._children:
            child.messages.close()  # one that waits ends by this
            if child.tasks:
                os.kill(child.pid, signal.SIGTERM)
        deadline = monotonic() + _GRACE
        while self._children:
            ready = self._selector.select(max(0.0, deadline - monotonic()))
            for key, _ in ready:
                if key.data.receive() is None:
                    self._bury(key.data)
            if not ready:
                for child in list(self._children):
                    os.kill(child.pid, signal.SIGKILL)
                    self._bury(child)
        self._selector.close()

    def _deal(self) -> None:
        """Give the children as much as they may hold."""
        while True:
            child = min(self._children, key=lambda one: one.weight)
            if child.weight > min(_QUEUE, self._shares.even() // 2):
                return
            task = self._shares.take()
            if task is None:
                return
            if not (self._may_start(task) and child.takes(task)):
                self._shares.give_back(task)
                return

    def _own_task(self) -> Task[T] | None:
        """Take what this process may work on: nothing that may cost it its memory, or the children their time.

        Where the next thing is too large, one more child is started for it.
        """
        task = self._shares.take(_OWN)
        if task is None:
            return None
        may = self._may_start(task)
        if may and task.weight <= _AWAY:
            return task
        self._shares.give_back(task)
        if may and len(self._children) < self._jobs:
            self._add()
        return None

    def _add(self) -> None:
        try:
            self._fork()
        except OSError:
            self._jobs = len(self._children)
        else:
            self._deal()

    def _may_start(self, task: Task[T]) -> bool:
        """Say whether a task can be worked on now: beside all others, and with room for an early answer."""
        flying = sum(one.weight for one in self._children)
        early = self._held >= _HELD and task.number != self._turn
        return not early and (not flying or (not task.again and flying + task.weight <= _FLYING))

    def _collect(self, *, wait: bool) -> None:
        """Keep the answers that have come; put another child in the place of one that has died."""
        for key, _ in self._selector.select(None if wait else 0):
            child: Child[T] = key.data
            answers = child.receive()
            if answers is not None:
                for one in answers:
                    self._keep(child.done(), one)
                continue
            how = self._bury(child)
            if child.tasks:
                task = child.done()
                if len(task.things) == 1:
                    self._keep(task, Lost(how))
                else:
                    self._shares.split(task)
            for task in child.tasks:
                self._shares.give_back(task)
            self._replace()

    def _keep(self, task: Task[T], found: bytes | Answer | Lost) -> None:
        size = len(found) if isinstance(found, bytes) else task.weight
        self._answers[task.number] = (task.things, found, size)
        self._held += size

    def _next_answers(self) -> Iterator[tuple[T, R | Lost]]:
        things, found, size = self._answers.pop(self._turn)
        self._turn += len(things)
        self._held -= size
        if isinstance(found, Lost):
            yield things[0], found
        else:
            yield from zip(things, opened(found), strict=True)

    def _fork(self) -> None:
        with uninterrupted():
            child = fork(self._work, self._children)
            self._children.append(child)
            self._selector.register(child.answers, selectors.EVENT_READ, child)

    def _replace(self) -> None:
        """Start one more child; raises `OSError` where the system lets none be, and none is left."""
        try:
            self._fork()
        except OSError:
            if not self._children:
                raise

    def _bury(self, child: Child[T]) -> str:
        self._selector.unregister(child.answers)
        self._children.remove(child)
        return child.bury()
