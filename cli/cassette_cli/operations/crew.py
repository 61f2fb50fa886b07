"""The processes that work on many things: answers in order, memory bounded.

The parent deals things out and hands the answers on; its children, forked so that they have all that
was set up, work. Each child holds a few things at a time, so that none waits and little lies about;
answers that come early are kept, as the bytes they came in, until it is their turn. A child that dies
costs the thing it was at: another takes its place.
"""

import os
import pickle
import selectors
import signal
from collections.abc import Callable, Hashable, Iterable, Iterator
from contextlib import suppress
from heapq import heappop, heappush
from time import monotonic
from typing import Generic, TypeVar

from cassette_cli.operations.child import Child, Task, fork, opened
from cassette_cli.operations.parallel import EACH, Lost
from cassette_cli.source.signals import uninterrupted

T = TypeVar("T")
R = TypeVar("R")

_FLYING = 1 << 28
"""Bytes of files that all children hold at most: what is read of a file takes four times its size."""
_HELD = 1 << 23
"""Bytes of answers that wait for their turn at most."""
_GRACE = 2.0
"""Seconds that a child has to stop in; it does so at once, unless it is inside a parser."""


class Crew(Generic[T, R]):
    """The children, what they are to do, and what they have answered; see `parallel.ordered`."""

    def __init__(
        self,
        work: Callable[[T], R],
        things: Iterable[T],
        size: Callable[[T], int],
        same: Callable[[T], Hashable] | None,
    ) -> None:
        self._work = work
        self._tasks = _tasks(things, size, same)
        self._back: list[Task[T]] = []  # a heap: what was taken and not dealt out, or given back
        self._children: list[Child[T]] = []
        self._selector = selectors.DefaultSelector()
        self._answers: dict[int, tuple[T, bytes | Lost]] = {}
        self._held = 0
        self._turn = 0

    def start(self, jobs: int) -> bool:
        """Start the children, as many as the system lets; say whether there are any."""
        with suppress(OSError):
            for _ in range(jobs):
                self._fork()
        return bool(self._children)

    def run(self) -> Iterator[tuple[T, R | Lost]]:
        """Deal out, collect, and yield in order."""
        while True:
            self._deal()
            if self._turn in self._answers:
                yield self._next_answer()
            elif any(child.tasks for child in self._children):
                self._collect()
            elif not self._back:
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
        while (task := heappop(self._back) if self._back else next(self._tasks, None)) is not None:
            child = min(self._children, key=lambda one: one.weight)
            flying = sum(one.weight for one in self._children)
            together = not flying or (not task.again and flying + task.weight <= _FLYING)
            early = self._held >= _HELD and task.number != self._turn
            if early or not together or not child.takes(task):
                heappush(self._back, task)
                return
            child.give(task)

    def _collect(self) -> None:
        """Wait for answers and keep them; put another child in the place of one that has died."""
        for key, _ in self._selector.select():
            child: Child[T] = key.data
            answers = child.receive()
            if answers is not None:
                for answer in answers:
                    self._keep(child.done(), answer)
                continue
            how = self._bury(child)
            if child.tasks:
                self._keep(child.done(), Lost(how))
            for task in child.tasks:
                heappush(self._back, task)
            self._replace()

    def _keep(self, task: Task[T], answer: bytes | Lost) -> None:
        self._answers[task.number] = (task.thing, answer)
        self._held += 0 if isinstance(answer, Lost) else len(answer)

    def _next_answer(self) -> tuple[T, R | Lost]:
        thing, answer = self._answers.pop(self._turn)
        self._turn += 1
        if isinstance(answer, Lost):
            return thing, answer
        self._held -= len(answer)
        return thing, opened(answer)

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


def _tasks(things: Iterable[T], size: Callable[[T], int], same: Callable[[T], Hashable] | None) -> Iterator[Task[T]]:
    seen: set[Hashable] = set()
    for number, thing in enumerate(things):
        key = None if same is None else same(thing)
        yield Task(number, thing, size(thing) + EACH, pickle.dumps(thing), key in seen)
        if same is not None:
            seen.add(key)
