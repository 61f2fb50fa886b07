"""Work on many things, spread over worker processes where that pays; answers come in order.

`concurrent.futures` does the work. A worker that is killed breaks its whole pool: what was not answered is then
worked on again, each thing in a process of its own, so that only a thing over which that one dies, too, is lost.

Where processes are forked, a worker has all that was set up. Where they are not, as on Windows, it runs the same
command line up to the place where the work begins, and takes the work from there.
"""

import os
import signal
import sys
from collections import deque
from collections.abc import Callable, Generator, Hashable, Iterable, Iterator
from itertools import chain, islice
from traceback import format_exception
from typing import TYPE_CHECKING, Any, Generic, Literal, NamedTuple, NoReturn, TypeVar

from cassette_cli.operations import selecting
from cassette_cli.operations.command import Command
from cassette_cli.source.save import Tally
from cassette_cli.source.signals import uninterrupted

if TYPE_CHECKING:
    from concurrent.futures import Future, ProcessPoolExecutor
    from multiprocessing.connection import Connection
    from multiprocessing.process import BaseProcess

T = TypeVar("T")
R = TypeVar("R")

WORTH = 1 << 18
"""Bytes of files that are worth a process: to start one takes 3 ms, to list them 15 or more."""
EACH = 4096
"""What a file costs beside its bytes, in bytes."""
BATCH = 1 << 17
"""Bytes of files that are worth a message."""
AHEAD = 1 << 28
"""Bytes of files that are being worked on, or whose answers wait for their turn, at most."""
GRACE = 2.0
"""Seconds that a worker has to stop in; it does so at once, unless it is inside a parser."""


class Lost(NamedTuple):
    """Stands for the answer of a worker that died over it; `reason` says how."""

    reason: str


class Answer(NamedTuple):
    """What the work gave for things that follow one another, what it raised over the next one, and its files.

    `written` is how many files the worker has replaced, `chosen` how many interactions it has looked at.
    """

    results: list[Any]
    error: Exception | None
    written: int
    chosen: int = 0

    def tally(self) -> None:
        """Add what the worker has done to what this process has."""
        Tally.written += self.written
        selecting.Tally.chosen += self.chosen


class Batch(NamedTuple, Generic[T]):
    """Things that follow one another, their weight in bytes, and what another batch may share with this one."""

    things: list[T]
    weight: int
    key: Hashable | None


def cores() -> int:
    """Return the number of processors that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def ordered(
    work: Callable[[T], R],
    things: Iterable[T],
    size: Callable[[T], int],
    jobs: int | None = None,
    same: Callable[[T], Hashable] | None = None,
) -> Generator[tuple[T, R | Lost], None, None]:
    """Yield each thing with what `work` makes of it, in their order; close it to stop what still works.

    `jobs` is the number of processes, None for as many as pay, by the `size` of the things in bytes.
    Things and answers must pickle where it is more than one. `same` names what two things share that
    must be worked on one after the other. What `work` raises is raised at the thing's turn.
    """
    if _Worker.seeks_work:
        raise _Reached(work)
    waiting = iter(things)
    jobs, ahead = _jobs(waiting, size, jobs)
    waiting = chain(ahead, waiting)
    if jobs > 1:
        yield from _Spread(work, _batches(waiting, size, same), jobs).run()
    else:
        for thing in waiting:
            yield thing, work(thing)


def _jobs(waiting: Iterator[T], size: Callable[[T], int], jobs: int | None) -> tuple[int, list[T]]:
    """Return how many processes to use, and the things that had to be looked at to tell."""
    if _method() is None:
        return 1, []
    if jobs is not None:
        ahead = list(islice(waiting, jobs)) if jobs > 1 else []
        return min(jobs, len(ahead)), ahead
    most, ahead, weight = cores(), [], 0
    while most > 1 and (weight < most * WORTH or len(ahead) < most):
        thing = next(waiting, None)
        if thing is None:
            break
        ahead.append(thing)
        weight += size(thing) + EACH
    return min(most, len(ahead), weight // WORTH), ahead


def _method() -> Literal["fork", "spawn"] | None:
    """Return how processes are started; None where none can be: beside threads, whose locks a fork would find held."""
    multiprocessing = sys.modules.get("multiprocessing")
    chosen = None if multiprocessing is None else multiprocessing.get_start_method(allow_none=True)
    if chosen in ("spawn", "forkserver") or not hasattr(os, "fork"):
        return None if Command.run is None else "spawn"
    threading = sys.modules.get("threading")
    return "fork" if threading is None or threading.active_count() == 1 else None


def _batches(things: Iterator[T], size: Callable[[T], int], same: Callable[[T], Hashable] | None) -> Iterator[Batch[T]]:
    """Yield the things in batches; what may share something with another goes alone."""
    batch: list[T] = []
    weight = 0
    for thing in things:
        batch.append(thing)
        weight += size(thing) + EACH
        if same is not None or weight >= BATCH:
            yield Batch(batch, weight, None if same is None else same(thing))
            batch, weight = [], 0
    if batch:
        yield Batch(batch, weight, None)


class _Spread(Generic[T, R]):
    """The batches that a pool of workers has been given, and the next one; see `ordered`."""

    def __init__(self, work: Callable[[T], R], batches: Iterator[Batch[T]], jobs: int) -> None:
        self._work = work
        self._batches = batches
        self._jobs = jobs
        self._next = next(batches, None)
        self._given: deque[tuple[Batch[T], Future[Answer]]] = deque()
        self._pool: ProcessPoolExecutor | None = None
        self._broken = False

    def run(self) -> Generator[tuple[T, R | Lost], None, None]:
        """Give out, and yield in order; ends the workers whatever ends it."""
        try:
            while True:
                self._give()
                if self._given:
                    yield from self._answers()
                elif self._next is not None:  # the system lets no process be
                    batch = self._shift()
                    for thing in batch.things:
                        yield thing, self._work(thing)
                else:
                    return
        finally:
            self._stop()

    def _shift(self) -> Batch[T]:
        assert self._next is not None
        batch, self._next = self._next, next(self._batches, None)
        return batch

    def _give(self) -> None:
        """Give the workers as much as they may hold."""
        from concurrent.futures.process import BrokenProcessPool

        while self._next is not None and self._has_room(self._next):
            try:
                with uninterrupted():  # the threads of the pool inherit it: no signal is theirs
                    self._pool = self._pool or _pool(self._work, self._jobs)
                    future = self._pool.submit(_work_on, self._next.things)
            except OSError:
                return
            except BrokenProcessPool:
                self._drop_pool()
            else:
                self._given.append((self._shift(), future))

    def _drop_pool(self) -> None:
        """Leave a broken pool: its threads end, so that a fork is safe, and what it held is done first."""
        self._broken = True
        if self._pool is not None:
            self._pool.shutdown()
            self._pool = None

    def _has_room(self, batch: Batch[T]) -> bool:
        if not self._given:
            self._broken = False
            return True
        weight = batch.weight + sum(given.weight for given, _ in self._given)
        met = batch.key is not None and any(given.key == batch.key for given, _ in self._given)
        return not (self._broken or met) and len(self._given) <= 2 * self._jobs and weight <= AHEAD

    def _answers(self) -> Iterator[tuple[T, R | Lost]]:
        """Yield the first batch's things with their answers."""
        from concurrent.futures.process import BrokenProcessPool

        batch, future = self._given[0]
        try:
            future.result()
        except BrokenProcessPool:
            self._given.popleft()
            self._drop_pool()
            for thing in batch.things:
                yield from _opened([thing], _alone(self._work, thing))
        else:
            with uninterrupted():
                self._given.popleft()
                answer = future.result()
                answer.tally()
            yield from _opened(batch.things, answer)

    def _stop(self) -> None:
        """End the workers: those at work are interrupted, and killed where they do not heed it."""
        if self._pool is None:
            return
        from concurrent.futures import wait
        from multiprocessing import active_children

        running = [future for _, future in self._given if not future.cancel()]
        if running:
            for worker in active_children():
                worker.terminate()
            if wait(running, GRACE).not_done:
                for worker in active_children():
                    worker.kill()
        self._pool.shutdown(cancel_futures=True)
        for future in running:
            if future.exception() is None:
                future.result().tally()


def _opened(things: Iterable[T], found: Answer | Lost) -> Iterator[tuple[T, Any]]:
    """Yield what the work gave for each thing, and raise what it raised."""
    if isinstance(found, Lost):
        yield from ((thing, found) for thing in things)
        return
    yield from zip(things, found.results, strict=False)
    if found.error is not None:
        raise found.error


def _pool(work: Callable[[T], Any], jobs: int) -> "ProcessPoolExecutor":
    """Return a pool whose workers have the work, or come to it by themselves."""
    from concurrent.futures import ProcessPoolExecutor
    from multiprocessing import get_context

    if Command.run is not None and _method() == "spawn":
        return ProcessPoolExecutor(jobs, get_context("spawn"), _begin_anew, (Command.run, Command.arguments))
    return ProcessPoolExecutor(jobs, get_context("fork"), _begin, (work,))


def _alone(work: Callable[[T], Any], thing: T) -> Answer | Lost:
    """Work on one thing in a process of its own."""
    from multiprocessing import get_context

    if _method() == "spawn":
        return _alone_anew(work, thing)
    context = get_context("fork")
    reader, writer = context.Pipe(duplex=False)
    process = context.Process(target=_send_one, args=(work, thing, writer))
    with uninterrupted():
        process.start()
    writer.close()
    try:
        answer: Answer = reader.recv()
        answer.tally()
    except EOFError:
        process.join()
        code = process.exitcode or 0
        return Lost(f"ended with {code}" if code >= 0 else f"was killed by signal {-code}")
    finally:
        process.terminate()
        process.join()
        reader.close()
    return answer


def _alone_anew(work: Callable[[T], Any], thing: T) -> Answer | Lost:
    from concurrent.futures.process import BrokenProcessPool

    with _pool(work, 1) as pool:
        try:
            answer = pool.submit(_work_on, [thing]).result()
        except BrokenProcessPool:
            return Lost("was killed")
    Tally.written += answer.written
    return answer


class _Reached(BaseException):
    """Carries the work out of the command that came to it."""

    def __init__(self, work: Callable[[Any], Any]) -> None:
        super().__init__()
        self.work = work


def _begin_anew(run: Callable[[list[str]], object], arguments: list[str]) -> None:
    """Be a worker that was not forked: run the command line until it comes to its work, and print nothing."""
    from contextlib import redirect_stderr, redirect_stdout

    _Worker.seeks_work = True
    try:
        with open(os.devnull, "w", encoding="utf-8") as nowhere, redirect_stdout(nowhere), redirect_stderr(nowhere):
            run(arguments)
    except _Reached as reached:
        _Worker.seeks_work = False
        _begin(reached.work)


class _Worker:
    """What a worker knows of itself; in the parent, nothing."""

    seeks_work = False
    work: Callable[[Any], Any]
    busy = False
    stopping = False


def _begin(work: Callable[[Any], Any]) -> None:
    """Be a worker: a terminal's Ctrl-C is for the parent, which interrupts by SIGTERM, and whose end is ours."""
    from multiprocessing import parent_process
    from threading import Thread

    Tally.written = selecting.Tally.chosen = 0
    _Worker.work = work
    parent = parent_process()
    if parent is not None:
        Thread(target=_end_with, args=(parent,), daemon=True).start()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, _interrupt)
    if hasattr(signal, "pthread_sigmask"):  # held back since before the fork
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT, signal.SIGTERM, signal.SIGHUP})


def _end_with(parent: "BaseProcess") -> NoReturn:
    parent.join()
    os._exit(1)


def _interrupt(*_: object) -> None:
    """Leave the work, once: what is being cleaned up shall be."""
    if _Worker.busy and not _Worker.stopping:
        _Worker.stopping = True
        raise KeyboardInterrupt
    _Worker.stopping = True


def _work_on(things: Iterable[Any]) -> Answer:
    """Work on things until one fails, or the worker is to stop."""
    results: list[Any] = []
    error: Exception | None = None
    try:
        _Worker.busy = True
        for thing in things:
            if _Worker.stopping:
                break
            results.append(_Worker.work(thing))
        _Worker.busy = False
    except KeyboardInterrupt:
        pass
    except Exception as raised:  # noqa: BLE001 - raised again by `_opened`
        raised.add_note("in a process of --jobs:\n" + "".join(format_exception(raised)))  # pickling loses it
        error = raised
    _Worker.busy = False
    written, Tally.written = Tally.written, 0
    chosen, selecting.Tally.chosen = selecting.Tally.chosen, 0
    return Answer(results, error, written, chosen)


def _send_one(work: Callable[[T], Any], thing: T, writer: "Connection") -> None:
    _begin(work)
    writer.send(_work_on([thing]))
