"""How far a command over many files has come: a line on standard error while nothing else is printed.

It stands on a terminal alone, comes after a second of silence and goes before anything is written, so
that it never mixes with the output. It is drawn between files, by no thread, and without hiding the
cursor: a run that is killed leaves the terminal as it was.
"""

import os
import sys
from collections.abc import Callable, Iterable, Iterator
from time import monotonic
from typing import Any, TextIO, TypeVar, cast

from cassette_cli.render.output import is_terminal

T = TypeVar("T")

_SILENCE = 1.0
_EVERY = 0.1
_BAR = 30
_ERASE = "\r\x1b[K"


class Bar:
    """The line. `total` is asked for once, when the line is first drawn; None stands for unknown."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._done = 0
        self._total: int | None = None
        self._count: Callable[[], int] | None = None
        self._drawn = False
        self._due = monotonic() + _SILENCE

    def counts(self, total: Callable[[], int]) -> None:
        """Set how to learn how many steps there will be."""
        self._count = total

    def step(self) -> None:
        """Take note that a file is done, and draw the line if it is time."""
        self._done += 1
        now = monotonic()
        if now >= self._due:
            self._due = now + _EVERY
            self._draw()

    def over(self, things: Iterable[T]) -> Iterator[T]:
        """Yield things, a step each."""
        for thing in things:
            yield thing
            self.step()

    def hide(self) -> None:
        """Take the line away, for another second at least."""
        if self._drawn:
            self._drawn = False
            self._stream.write(_ERASE)
            self._stream.flush()
        self._due = monotonic() + _SILENCE

    def _draw(self) -> None:
        if self._count is not None:
            self._total, self._count = self._count(), None
        if self._total is not None and self._done >= self._total:
            return
        self._drawn = True
        self._stream.write(_ERASE + line(self._done, self._total))
        self._stream.flush()


def line(done: int, total: int | None) -> str:
    """Return the line's text: a bar and a share where the total is known."""
    if not total or done > total:
        return f"{done:,} files"
    filled = _BAR * done // total
    return f"{'━' * filled}{'╌' * (_BAR - filled)} {done:,} of {total:,} files, {100 * done // total} %"


class _Hiding:
    """A stream that takes the line away before it writes."""

    def __init__(self, stream: TextIO, bar: Bar) -> None:
        self._stream = stream
        self._bar = bar

    def write(self, text: str) -> int:
        """Write, the line being gone."""
        self._bar.hide()
        return self._stream.write(text)

    def flush(self) -> None:
        """Flush: bytes may follow."""
        self._bar.hide()
        self._stream.flush()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


def start() -> Bar | None:
    """Return a bar where a person would see it, with the standard streams made to hide it; else None."""
    if not is_terminal(sys.stderr) or os.environ.get("TERM", "dumb") == "dumb" or isinstance(sys.stderr, _Hiding):
        return None
    bar = Bar(sys.stderr)
    sys.stderr = cast("TextIO", _Hiding(sys.stderr, bar))
    if is_terminal(sys.stdout):
        sys.stdout = cast("TextIO", _Hiding(sys.stdout, bar))
    return bar
