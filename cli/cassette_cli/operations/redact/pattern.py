"""Regular expressions of one's own: refused where they could run for ever, and stopped where they run too long.

Python's `re` backtracks. Nested repeats take time that doubles with every character and are refused
when they are read; all others search texts slice by slice, against a clock that a signal enforces where
there is one (in the main thread of POSIX systems), and that is looked at between the slices elsewhere.
"""

import contextlib
import importlib
import re
import signal
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from types import FrameType
from typing import Any

from cassette_cli.errors import UsageError
from cassette_cli.operations.redact.rules.table import Rule

SLICE = 16_384
OVERLAP = 2_048
"""How much of a text is searched at a time, and how long a match may be to be found across two slices."""
LIMIT = 2.0
"""Seconds that one pattern may spend on one text."""


@dataclass(slots=True)
class Pattern:
    """One `--pattern`: what it matches goes, or only its first group where it has one."""

    rule: Rule
    compiled: re.Pattern[str]
    limit: float = field(default=LIMIT)

    @classmethod
    def read(cls, text: str, number: int, level: str = "secrets") -> "Pattern":
        """Compile a pattern; raises `UsageError` for one that is none, matches nothing at all, or is catastrophic."""
        try:
            compiled = re.compile(text)
        except (re.error, RecursionError, OverflowError) as error:
            raise UsageError(f"--pattern {number} is no regular expression: {error}") from error
        if compiled.match(""):
            raise UsageError(f"--pattern {number} matches the empty text", hint="ask for one character at least")
        if _nests(text):
            raise UsageError(
                f"--pattern {number} repeats a repeat: on some texts it would run for ever",
                hint="write (?:ab)+ rather than (?:(?:ab)+)+, and bound the inner repeat: {1,40}",
            )
        return cls(Rule(f"pattern:{number}", level, "pattern", "a regular expression that you gave"), compiled)

    def spans(self, text: str) -> list[tuple[int, int]]:
        """Return where the pattern matches; raises `UsageError` where that takes longer than the limit."""
        deadline = time.monotonic() + self.limit
        found: list[tuple[int, int]] = []
        done = at = 0
        group = 1 if self.compiled.groups else 0
        with _alarm(self.limit, self._too_slow):
            while at < len(text):
                for match in self.compiled.finditer(text, max(at, done), min(len(text), at + SLICE + OVERLAP)):
                    if match.start() >= at + SLICE and at + SLICE < len(text):
                        break
                    start, end = match.span(group)
                    if end > start:
                        found.append((start, end))
                        done = match.end()
                if time.monotonic() > deadline:
                    raise self._too_slow()
                at += SLICE
        return found

    def _too_slow(self) -> UsageError:
        return UsageError(
            f"{self.rule.name.replace(':', ' ')} took longer than {self.limit:g} seconds on one text",
            hint="make it simpler: bound its repeats, and begin it with something fixed",
        )


@contextlib.contextmanager
def _alarm(seconds: float, error: Any) -> Iterator[None]:
    """Raise in the middle of a match once the time is up; `re` looks for signals as it goes."""
    if not hasattr(signal, "setitimer") or threading.current_thread() is not threading.main_thread():
        yield
        return

    def ring(number: int, frame: FrameType | None) -> None:
        del number, frame
        raise error()

    before = signal.signal(signal.SIGALRM, ring)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def _nests(text: str) -> bool:
    """Say whether an unbounded repeat stands inside another, by Python's own parse of the pattern."""
    parser = importlib.import_module("re._parser")
    return _repeats(parser.parse(text), inside=False)


_MANY = 32


def _repeats(parsed: Any, *, inside: bool) -> bool:
    for operation, argument in parsed:
        name = str(operation)
        if name in ("MAX_REPEAT", "MIN_REPEAT", "POSSESSIVE_REPEAT"):
            low, high, body = argument
            many = int(high) > _MANY and int(high) != int(low)
            if many and inside and name != "POSSESSIVE_REPEAT":
                return True
            if _repeats(body, inside=inside or many):
                return True
        elif any(_repeats(one, inside=inside) for one in _branches(argument)):
            return True
    return False


def _branches(argument: Any) -> Iterator[Any]:
    """Yield the patterns inside an operation's argument: of groups, alternatives, look-arounds."""
    if type(argument).__name__ == "SubPattern":
        yield argument
    elif isinstance(argument, tuple | list):
        for one in argument:
            yield from _branches(one)
