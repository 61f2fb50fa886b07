"""A sequence whose items are made when somebody comes to them, so that only one is held."""

from collections.abc import Callable, Sequence
from typing import TypeVar, overload

T = TypeVar("T")


class OneByOne(Sequence[T]):
    """`size` items, made from their indices; the one that was asked for last is held."""

    def __init__(self, size: int, make: Callable[[int], T]) -> None:
        self._size = size
        self._make = make
        self._held: tuple[int, T] | None = None

    def __len__(self) -> int:
        return self._size

    @overload
    def __getitem__(self, index: int) -> T: ...

    @overload
    def __getitem__(self, index: slice) -> Sequence[T]: ...

    def __getitem__(self, index: int | slice) -> T | Sequence[T]:
        places = range(self._size)[index]
        if isinstance(places, range):
            return [self[place] for place in places]
        if self._held is None or self._held[0] != places:
            self._held = None  # before the next one is there: both may be large
            self._held = places, self._make(places)
        return self._held[1]
