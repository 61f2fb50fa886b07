"""The used-log: which cassettes a run of tests used, as JSON Lines that other runs and machines can be joined with.

    {"cassette-used-log": 1, "by": "pytest"}
    {"used": "tests/cassettes/chat.yaml", "interactions": 3, "played": {"0": 1, "2": 4}}
    {"ran": "tests/test_chat.py::test_chat"}
    {"skipped": "tests/test_chat.py::test_slow"}
    {"deselected": "tests/test_chat.py::test_other"}
    {"end": {"exit": 0, "not_run": 2}}

Paths are relative to the root of the repository, or, outside of one, to the working folder. `interactions` and `played`
(times by index) are there where the recorder tells.
A log without an end is of a run that was cut off.
"""

import json
import os
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, Final

from cassette_cli.errors import CassetteError, ParseError, UnreadableFileError
from cassette_cli.source import save

VERSION: Final = 1
ENVIRONMENT: Final = "CASSETTE_USED_LOGS"
"""The variable that names the folder into which `cassette unused` has the pytest plugin write logs."""


@dataclass(slots=True)
class Plays:
    """How often each interaction of a cassette was played, of how many that the recorder loaded."""

    interactions: int | None = None
    played: Counter[int] = field(default_factory=Counter)
    certain: bool = True

    def add(self, interactions: int | None, played: dict[int, int]) -> None:
        """Add what another test played of it; `interactions` is None where the recorder does not tell."""
        if interactions is None or (self.interactions is not None and self.interactions != interactions):
            self.certain = False
        self.interactions = interactions if self.interactions is None else self.interactions
        self.played.update(played)


@dataclass(slots=True)
class UsedLog:
    """What one run, or several that are joined, used.

    `used` has paths relative to the root; `ran` and `not_run` hold tests by pytest's node ids; `count` is the number
    of tests that were not run, None where the runner did not tell.
    """

    by: str = "watch"
    used: dict[str, Plays] = field(default_factory=dict)
    ran: set[str] = field(default_factory=set)
    skipped: set[str] = field(default_factory=set)
    deselected: set[str] = field(default_factory=set)
    exit: int | None = None
    count: int | None = None
    path: str | None = None

    def use(self, path: str, interactions: int | None = None, played: dict[int, int] | None = None) -> None:
        """Note that a cassette was used, and what was played of it."""
        self.used.setdefault(path, Plays()).add(interactions, played or {})

    @property
    def names_tests(self) -> bool:
        """Whether the log says by name which tests ran, as that of the pytest plugin does."""
        return self.by == "pytest"

    def lines(self) -> Iterator[str]:
        """Yield the lines of the log."""
        yield _line({"cassette-used-log": VERSION, "by": self.by})
        for path, plays in sorted(self.used.items()):
            line: dict[str, Any] = {"used": path}
            if plays.certain and plays.interactions is not None:
                line["interactions"] = plays.interactions
                line["played"] = {str(index): count for index, count in sorted(plays.played.items()) if count}
            yield _line(line)
        for key in ("ran", "skipped", "deselected"):
            for name in sorted(getattr(self, key)):
                yield _line({key: name})
        yield _line({"end": {"exit": self.exit, "not_run": self.count}})

    def write(self, path: str) -> None:
        """Write the log; raises `SaveError`."""
        save.write(path, ("\n".join(self.lines()) + "\n").encode("utf-8", "surrogateescape"))


def _line(value: dict[str, Any]) -> str:
    return json.dumps(value, ensure_ascii=True)


def read(path: str) -> UsedLog:
    """Read a log; raises `UnreadableFileError`, and `ParseError` where it is none or was cut off."""
    log: UsedLog | None = None
    ended = False
    for number, raw in enumerate(save.read_only(path).decode("utf-8", "replace").splitlines(), 1):
        if not raw.strip():
            continue
        try:
            line = json.loads(raw)
        except (ValueError, RecursionError):
            line = None
        if not isinstance(line, dict):
            raise _no_log("not a line of a used-log", path, number)
        if log is None:
            if line.get("cassette-used-log") != VERSION:
                raise _no_log("not a used-log of version 1", path, number)
            log = UsedLog(by=str(line.get("by")), path=path)
        elif not _take(log, line):
            raise _no_log("not a line of a used-log", path, number)
        ended = ended or "end" in line
    if log is None or not ended:
        raise _no_log("the used-log has no end: the run that wrote it was cut off", path, None)
    return log


def _take(log: UsedLog, line: dict[str, Any]) -> bool:
    """Take a line, and say whether it could be understood."""
    used, end = line.get("used"), line.get("end")
    if isinstance(used, str):
        total, played = line.get("interactions"), line.get("played", {})
        try:
            log.use(
                used, None if total is None else int(total), {int(key): int(value) for key, value in played.items()}
            )
        except (TypeError, ValueError, AttributeError):
            return False
    elif isinstance(end, dict):
        log.exit, log.count = end.get("exit"), end.get("not_run")
    for key in ("ran", "skipped", "deselected"):
        if isinstance(line.get(key), str):
            getattr(log, key).add(line[key])
    return True


def _no_log(message: str, path: str, line: int | None) -> CassetteError:
    hint = "write one by pytest --cassette-used-log=FILE, or cassette unused --save-log FILE -- COMMAND"
    return ParseError(message, path=path, line=line, hint=hint)


def join(logs: Iterable[UsedLog]) -> UsedLog:
    """Return the log of several runs: what any of them used, and the tests that none of them ran."""
    joined = UsedLog(by="", exit=0, count=0)
    counts: list[int | None] = []
    for log in logs:
        for path, plays in log.used.items():
            joined.use(path, plays.interactions if plays.certain else None, dict(plays.played))
        joined.ran |= log.ran
        joined.skipped |= log.skipped
        joined.deselected |= log.deselected
        joined.exit = joined.exit or log.exit
        if not log.names_tests:
            counts.append(log.count)
    joined.skipped -= joined.ran
    joined.deselected -= joined.ran | joined.skipped
    named = len(joined.skipped) + len(joined.deselected)
    joined.count = None if None in counts else named + sum(filter(None, counts))
    return joined


def root(start: str | None = None) -> str:
    """Return the folder that paths of a log are relative to: of what stands at `start`, or in the working folder.

    It is the nearest at or above `start` that holds `.git`, else the working folder.
    """
    here = os.path.realpath(os.getcwd())
    place = os.path.realpath(start or here)
    while not os.path.exists(os.path.join(place, ".git")):
        above = os.path.dirname(place)
        if above == place:
            return here
        place = above
    return place


def relative(path: str, base: str) -> str:
    """Return a path as a log has it; `base` is a real path."""
    try:
        return os.path.relpath(os.path.realpath(path), base).replace(os.sep, "/")
    except ValueError:  # another drive
        return os.path.realpath(path).replace(os.sep, "/")


def must_be_here(log: UsedLog, base: str) -> None:
    """Raise `UnreadableFileError` where no cassette of a log is here: it must not make all others unused."""
    if not any(os.path.exists(os.path.join(base, path)) for path in log.used):
        message = "no cassette that it names is here" if log.used else "it names no used cassette"
        raise UnreadableFileError(message, path=log.path, hint=f"its paths are relative to the root, here {base}")
