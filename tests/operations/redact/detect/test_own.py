"""What the user names: the time of a pattern."""

import re
import time
from collections.abc import Callable, Iterator

import pytest

from cassette_cli.errors import UsageError
from cassette_cli.operations.redact.detect.own import Pattern
from cassette_cli.operations.redact.rules.rule import Rule


class Slow:
    """A pattern that takes its time over each match."""

    groups = 0

    def __init__(self, work: Callable[[], object]) -> None:
        self._work = work

    def finditer(self, text: str) -> Iterator[re.Match[str]]:
        for match in re.finditer("a", text):
            self._work()
            yield match


def busy() -> None:
    end = time.process_time() + 0.05
    while time.process_time() < end:
        pass


def matches(work: Callable[[], object]) -> int:
    return len(list(Pattern(Rule("pattern-1", ""), Slow(work), limit=0.2).matches("a" * 8)))  # type: ignore[arg-type]


def test_a_machine_that_is_busy_with_others_stops_no_pattern() -> None:
    assert matches(lambda: time.sleep(0.05)) == 8


def test_a_pattern_that_takes_too_much_of_the_processor_is_stopped() -> None:
    with pytest.raises(UsageError, match=r"--pattern 1 took longer than 0\.2 seconds"):
        matches(busy)


def test_it_is_stopped_within_a_match() -> None:
    pattern = Pattern(Rule("pattern-1", ""), re.compile("(?:a|ab|b)*c"), limit=0.2)
    start = time.process_time()
    with pytest.raises(UsageError, match="took longer"):
        list(pattern.matches("ab" * 60))
    assert time.process_time() - start < 5
