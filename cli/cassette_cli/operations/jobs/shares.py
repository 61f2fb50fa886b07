"""What is dealt out to several processes: things in shares, even ones, so that all processes end together."""

from collections import deque
from collections.abc import Callable, Hashable, Iterable
from heapq import heappop, heappush
from typing import Generic, NamedTuple, TypeVar

from cassette_cli.operations.jobs.parallel import EACH

T = TypeVar("T")

SHARE = 1 << 17
"""Bytes of files that are worth a message, which takes two processes from their work for a moment."""
_PARTS = 4
"""How many shares for each process are made of what is known to be left."""


class Task(NamedTuple, Generic[T]):
    """Things that follow one another, the number of the first, and their weight in bytes.

    `again` says that it shares what an earlier one works on.
    """

    number: int
    things: list[T]
    weight: int
    again: bool = False


class Shares(Generic[T]):
    """The things that are still to be dealt out to a number of processes; see `parallel.ordered`."""

    def __init__(
        self, things: Iterable[T], size: Callable[[T], int], same: Callable[[T], Hashable] | None, jobs: int
    ) -> None:
        self._things = iter(things)
        self._size = size
        self._same = same
        self._jobs = jobs
        self._seen: set[Hashable] = set()
        self._ahead: deque[tuple[T, int]] = deque()  # what has been looked at, with its weight
        self._weight = 0
        self._number = 0
        self._back: list[Task[T]] = []

    def take(self, most: int = SHARE) -> Task[T] | None:
        """Take the next share, None where all are dealt out: of so many bytes at most, or of one thing."""
        if self._back:
            return heappop(self._back)
        most = min(most, self.even() // _PARTS)
        things: list[T] = []
        number, weight = self._number, 0
        while self._ahead and (not things or (self._same is None and weight + self._ahead[0][1] <= most)):
            thing, more = self._ahead.popleft()
            things.append(thing)
            weight += more
        if not things:
            return None
        self._number += len(things)
        self._weight -= weight
        return Task(number, things, weight, self._met(things[0]))

    def give_back(self, task: Task[T]) -> None:
        """Put a share back, to be taken in its turn."""
        heappush(self._back, task)

    def split(self, task: Task[T]) -> None:
        """Put each thing of a share back alone."""
        for place, thing in enumerate(task.things):
            self.give_back(Task(task.number + place, [thing], self._weigh(thing)))

    def even(self) -> int:
        """Look ahead as far as it matters, and return how many of the bytes that are left each process might do."""
        while self._weight < self._jobs * _PARTS * SHARE and (thing := next(self._things, None)) is not None:
            weight = self._weigh(thing)
            self._ahead.append((thing, weight))
            self._weight += weight
        return self._weight // self._jobs

    @property
    def given_back(self) -> bool:
        """Whether there is one that was put back."""
        return bool(self._back)

    def _weigh(self, thing: T) -> int:
        return self._size(thing) + EACH

    def _met(self, thing: T) -> bool:
        """Say whether what a thing works on was worked on before."""
        if self._same is None:
            return False
        key = self._same(thing)
        met = key in self._seen
        self._seen.add(key)
        return met
