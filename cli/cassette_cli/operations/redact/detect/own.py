"""What the user names: values, regular expressions, headers, keys, parameters.

Python's `re` backtracks. Nested repeats take time that doubles with every character and are refused when they
are read; all others run against a clock of the processor's time, which a busy machine does not move, and which a
signal enforces where there is one (in the main thread of POSIX systems).
"""

import contextlib
import fnmatch
import importlib
import re
import signal
import threading
import time
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate
from types import FrameType
from typing import Any

from ahocorasick_rs import AhoCorasick

from cassette_cli.errors import UsageError
from cassette_cli.operations.redact.detect.match import Match, joined
from cassette_cli.operations.redact.detect.names import fold
from cassette_cli.operations.redact.rules.rule import Level, Rule

LIMIT = 2.0
"""Seconds of the processor that one pattern may spend on one text."""


@dataclass
class Pattern:
    """One `--pattern`: what it matches goes, or only its first group where it has one."""

    rule: Rule
    compiled: re.Pattern[str]
    limit: float = LIMIT

    @classmethod
    def read(cls, text: str, number: int, level: Level = "secrets") -> "Pattern":
        """Compile a pattern; raises `UsageError` for one that is none, matches nothing at all, or is catastrophic."""
        try:
            compiled = re.compile(text)
        except (re.error, RecursionError, OverflowError) as error:
            raise UsageError(
                f"--pattern {number} is not a valid regular expression: {error}",
                hint="write a Python regular expression, with a backslash before a sign that stands for itself",
            ) from error
        if compiled.match(""):
            raise UsageError(f"--pattern {number} matches the empty text", hint="ask for one character at least")
        if _nests(text):
            raise UsageError(
                f"--pattern {number} repeats a repeat: on some texts it would run for ever",
                hint="write (?:ab)+ rather than (?:(?:ab)+)+, and bound the inner repeat: {1,40}",
            )
        return cls(
            Rule(f"pattern-{number}", "a regular expression that you gave", text, level=level, of_user=True), compiled
        )

    @cached_property
    def has_word(self) -> bool:
        """Whether every match holds a few fixed characters one after the other."""
        parser = importlib.import_module("re._parser")
        return _longest_word(parser.parse(self.compiled.pattern)) >= _WORD

    def occurs(self, text: str) -> bool:
        """Say whether the pattern matches anything in a text."""
        return next(self.matches(text), None) is not None

    def matches(self, text: str) -> Iterator[Match]:
        """Yield what the pattern matches; raises `UsageError` where that takes longer than the limit."""
        deadline = time.process_time() + self.limit
        group = 1 if self.compiled.groups else 0
        with _alarm(self.limit, self._too_slow):
            found = []
            for match in self.compiled.finditer(text):
                if match.end(group) > match.start(group):
                    found.append(Match(*match.span(group), self.rule))
                if time.process_time() > deadline:
                    raise self._too_slow()
        yield from found

    def _too_slow(self) -> UsageError:
        return UsageError(
            f"--{self.rule.name.replace('-', ' ')} took longer than {self.limit:g} seconds on one text",
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

    before = signal.signal(signal.SIGPROF, ring)
    signal.setitimer(signal.ITIMER_PROF, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)


def _nests(text: str) -> bool:
    """Say whether an unbounded repeat stands inside another, by Python's own parse of the pattern."""
    parser = importlib.import_module("re._parser")
    return _repeats(parser.parse(text), inside=False)


_WORD = 3


def _longest_word(parsed: Any) -> int:
    """Return how many fixed characters follow one another in a pattern, at most, in what each match goes through."""
    longest = size = 0
    for operation, argument in parsed:
        name = str(operation)
        size = size + 1 if name == "LITERAL" else 0
        inside = argument[-1] if name in ("SUBPATTERN", "ATOMIC_GROUP") else None
        longest = max(longest, size, _longest_word(inside) if inside is not None else 0)
    return longest


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


class Values:
    """Values known in clear, each with its rule, wherever they stand in a text."""

    def __init__(self, values: Mapping[str, Rule]) -> None:
        self._values = sorted(values.items(), key=lambda item: (-len(item[0]), item[0]))
        self._automaton = AhoCorasick([value for value, _ in self._values])

    def search(self, texts: Sequence[str]) -> Iterator[tuple[int, Match]]:
        """Yield the matches in some texts, each with the number of its text; of several at a place all."""
        starts = [0, *accumulate(len(text) + 1 for text in texts)]
        for number, start, end in self._automaton.find_matches_as_indexes(joined(texts), overlapping=True):
            at = bisect_right(starts, start) - 1
            yield at, Match(start - starts[at], end - starts[at], self._values[number][1])


class Names:
    """Names that the user gave, each with its rule; they may be globs. Case, - and _ do not count."""

    def __init__(self, rules: Iterable[tuple[str, Rule]] = ()) -> None:
        self._exact: dict[str, Rule] = {}
        self._globs: list[tuple[str, Rule]] = []
        for name, rule in rules:
            if any(char in name for char in "*?["):
                self._globs.append((name.lower(), rule))
            else:
                self._exact.setdefault(fold(name), rule)

    def __bool__(self) -> bool:
        return bool(self._exact or self._globs)

    @property
    def exact(self) -> tuple[str, ...]:
        """The names that are no globs, folded."""
        return tuple(self._exact)

    @property
    def rules(self) -> list[Rule]:
        """The rules of the names."""
        return [*self._exact.values(), *(rule for _, rule in self._globs)]

    def get(self, name: str) -> Rule | None:
        """Return the rule for a name: of a dotted or bracketed one, `user[password]`, the last part counts too."""
        found = self._exact.get(fold(name)) or self._by_glob(name)
        if found is None and any(char in name for char in ".[:/"):
            last = re.split(r"[.\[:/]", name.rstrip("]"))[-1]
            found = self._exact.get(fold(last)) or self._by_glob(last)
        return found

    def _by_glob(self, name: str) -> Rule | None:
        lower = name.lower()
        return next((rule for glob, rule in self._globs if fnmatch.fnmatchcase(lower, glob)), None)
