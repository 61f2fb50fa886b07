"""What test runners print of the tests that they did not run.

A line of a runner's summary says how many tests it skipped. One that says that results are of an earlier run, or that
there were no tests, takes from the run what it could say of cassettes.
"""

import re
from collections import Counter
from typing import Final, NamedTuple

_LONGEST: Final = 600
_COLORS: Final = re.compile(r"\x1b\[[\d;]*m")


class Runner(NamedTuple):
    """A runner: the line by which it is known, and the words before or after the numbers of tests that were not run.

    `counts` has a group named `n`, or stands for one test a line. A runner that tells only when asked to does so
    where a line is as `telling` says.
    """

    name: str
    summary: re.Pattern[str]
    counts: re.Pattern[str]
    telling: re.Pattern[str] | None = None


def _runner(name: str, summary: str, counts: str, telling: str | None = None) -> Runner:
    return Runner(name, re.compile(summary), re.compile(counts), None if telling is None else re.compile(telling))


RUNNERS: Final = (
    _runner("pytest", r"^(=+ )?(?=.*\d+ (passed|failed|skipped|deselected|xfailed|xpassed|errors?|warnings?))"
            r"(\d+ [a-z]+(, )?)+ in [\d.]+s", r"(?P<n>\d+) (?P<what>skipped|deselected)"),
    _runner("unittest", r"^(OK|FAILED)( \(.*\))?$", r"(?P<what>skipped)=(?P<n>\d+)"),
    _runner("RSpec", r"^\d+ examples?, \d+ failures?", r"(?P<n>\d+) (?P<what>pending)"),
    _runner("Minitest", r"^\d+ runs?, \d+ assertions?, \d+ failures?, \d+ errors?", r"(?P<n>\d+) (?P<what>skip)s"),
    _runner("go test", r"^ok\s+\S+\s+[\d.]+s|^\s*(---|===) [A-Z]+", r"^\s*--- (?P<what>SKIP): ", r"^=== RUN"),
    _runner("Jest", r"^Tests:\s+.*\d+ total", r"(?P<n>\d+) (?P<what>skipped|todo)"),
    _runner("Vitest", r"^\s*Tests\s+.*\(\d+\)", r"(?P<n>\d+) (?P<what>skipped|todo)"),
    _runner("Mocha", r"^\s+\d+ (passing|pending)\b", r"^\s+(?P<n>\d+) (?P<what>pending)"),
    _runner("PHPUnit", r"^(OK \(\d+ tests?|Tests: \d+, Assertions)", r"(?P<what>Skipped|Incomplete): (?P<n>\d+)"),
    _runner("ExUnit", r"^\d+ (doctests?, \d+ )?tests?, \d+ failures?", r"(?P<n>\d+) (?P<what>excluded|skipped)"),
    _runner("cargo test", r"^test result: ", r"(?P<n>\d+) (?P<what>ignored|filtered out)"),
    _runner("testthat", r"^\[ FAIL \d+", r"(?P<what>SKIP) (?P<n>\d+)"),
    _runner("JUnit", r"^(\[\w+\] )?Tests run: \d+, Failures", r"(?P<what>Skipped): (?P<n>\d+)"),
    _runner("dotnet test", r"^\w+!\s+- Failed:", r"(?P<what>Skipped):\s+(?P<n>\d+)"),
)  # fmt: skip

_EARLIER: Final = re.compile(r"^(ok\s+\S+\s+\(cached\)|//\S+\s+\(cached\) PASSED)|\"Output\":\"ok\s.*\(cached\)")


class Summary:
    """What a command printed, line by line: who ran, and how many tests were not run."""

    def __init__(self) -> None:
        self.runners: dict[str, Runner] = {}
        self.counts: Counter[tuple[str, str]] = Counter()
        self.telling: set[str] = set()
        self.earlier = ""
        self._rest = b""

    def feed(self, data: bytes) -> None:
        """Take output as it comes."""
        *lines, self._rest = (self._rest + data).split(b"\n")
        self._rest = self._rest[-_LONGEST:]
        for line in lines:
            self._line(line)

    def finish(self) -> None:
        """Take what came without a line feed at its end."""
        self._line(self._rest)
        self._rest = b""

    def _line(self, raw: bytes) -> None:
        if len(raw) > _LONGEST:
            return
        text = _COLORS.sub("", raw.decode("utf-8", "replace")).rstrip()
        if _EARLIER.search(text):
            self.earlier = text.strip()
        for runner in RUNNERS:
            if runner.summary.search(text):
                self.runners[runner.name] = runner
                if runner.telling is not None and runner.telling.search(text):
                    self.telling.add(runner.name)
                for found in runner.counts.finditer(text):
                    number = found.groupdict().get("n")
                    self.counts[runner.name, found["what"].lower()] += 1 if number is None else int(number)

    def not_run(self, without: str = "") -> int | None:
        """Return the number of tests that were not run, None where the output does not tell; not those of a runner."""
        told = [one for name, one in self.runners.items() if name != without]
        known = sum(count for (name, _), count in self.counts.items() if name != without)
        blind = not told or any(one.telling is not None and one.name not in self.telling for one in told)
        return None if blind and not known else known

    def told(self) -> str:
        """Return the counts in words: `pytest: 2 skipped, 1 deselected`."""
        words: dict[str, list[str]] = {}
        for (name, what), count in self.counts.items():
            if count:
                words.setdefault(name, []).append(f"{count} {what}")
        return "; ".join(f"{name}: {', '.join(parts)}" for name, parts in words.items())
