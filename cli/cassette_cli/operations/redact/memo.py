"""What was found out about names, remembered: the same few hundred stand in every cassette."""

from collections.abc import Callable
from typing import TypeVar

K = TypeVar("K")
V = TypeVar("V")

_MOST = 100_000
"""How many are remembered: keys of JSON may be made up without end."""


class Memo(dict[K, V]):
    """The answers of a function, by its argument; all are forgotten when they become too many."""

    def __init__(self, find: Callable[[K], V]) -> None:
        super().__init__()
        self._find = find

    def __missing__(self, key: K) -> V:
        """Find out, and remember."""
        if len(self) >= _MOST:
            self.clear()
        found = self[key] = self._find(key)
        return found
