"""Work on many things, spread over processes where that pays: answers in their order.

Here is decided how many processes there are; with more than one, `crew` does the work.
"""

import os
import sys
from collections.abc import Callable, Generator, Hashable, Iterable, Iterator
from itertools import chain, islice
from typing import NamedTuple, TypeVar

T = TypeVar("T")
R = TypeVar("R")

_WORTH = 1 << 18
"""How many bytes of files are worth a process: to start one takes 3 ms, to list them 15 or more."""
EACH = 4096
"""What a file costs beside its bytes, in bytes."""


class Lost(NamedTuple):
    """Stands for the answer of a child that died over it; `reason` says how."""

    reason: str


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
    waiting = iter(things)
    jobs, ahead = _jobs(waiting, size, jobs)
    waiting = chain(ahead, waiting)
    if jobs > 1:
        from cassette_cli.operations.jobs.crew import Crew
        from cassette_cli.operations.jobs.shares import Shares

        crew: Crew[T, R] = Crew(work, Shares(waiting, size, same, jobs), jobs)
        try:
            if crew.start():
                yield from crew.run()
                return
        finally:
            crew.stop()
    for thing in waiting:
        yield thing, work(thing)


def _jobs(waiting: Iterator[T], size: Callable[[T], int], jobs: int | None) -> tuple[int, list[T]]:
    """Return how many processes to use, and the things that had to be looked at to tell."""
    if not _can_fork():
        return 1, []
    if jobs is not None:
        ahead = list(islice(waiting, jobs)) if jobs > 1 else []
        return min(jobs, len(ahead)), ahead
    most, ahead, weight = cores(), [], 0
    while most > 1 and (weight < most * _WORTH or len(ahead) < most):
        thing = next(waiting, None)
        if thing is None:
            break
        ahead.append(thing)
        weight += size(thing) + EACH
    return min(most, len(ahead), weight // _WORTH), ahead


def _can_fork() -> bool:
    """Say whether a fork is safe: not on Windows, nor beside threads, whose locks a child would find held."""
    threading = sys.modules.get("threading")
    return hasattr(os, "fork") and (threading is None or threading.active_count() == 1)
