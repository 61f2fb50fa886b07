"""What a check is: its code, what it means, and the function that finds it."""

import gc
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING, Literal, NamedTuple

from cassette_cli.operations.check.models import Table
from cassette_cli.operations.loading import Loaded

if TYPE_CHECKING:
    from cassette_cli.operations.reading import Reading
    from cassette_cli.operations.redact.findings.accepted import Baseline as Accepted
    from cassette_cli.operations.redact.options import Facts
    from cassette_cli.operations.redact.redacting import Redacted
    from cassette_cli.operations.redact.scanning import Plan

Severity = Literal["error", "warning"]


class Found(NamedTuple):
    """What is wrong with a file: in which line, from 1, and in which interaction, from 0, or in none.

    `key` stands for it in a baseline where the message says too little to know it by.
    """

    message: str
    line: int = 1
    interaction: int | None = None
    key: str = ""


class Limits(NamedTuple):
    """What is looked for: the chosen codes, the largest body in bytes, the greatest age in days.

    `plan` makes what says how to look for secrets, and which may stand, None for not at all; `secrets` are the facts
    that it follows from. `retired` are the models that are known to be gone; `unused` the paths of cassettes that no
    test used, with the reason, None where no run is known.
    """

    codes: frozenset[str]
    retired: Table
    now: datetime
    size: int = 1_000_000
    days: int | None = None
    plan: "Callable[[], tuple[Plan, Accepted | None]] | None" = None
    secrets: "Facts | None" = None
    unused: Mapping[str, str] | None = None


_LARGE = 1 << 22


class File:
    """A cassette that is checked, and what several checks look at.

    `scans` says that the scan for secrets is kept: it is as large as all texts of the cassette.
    """

    def __init__(self, loaded: Loaded, limits: Limits, *, scans: bool = False) -> None:
        self.loaded = loaded
        self.limits = limits
        self._scans = scans

    @cached_property
    def redacted(self) -> "Redacted | None":
        """What `cassette redact --check` would say of it, None where secrets are not looked for."""
        from cassette_cli.operations.redact.redacting import redact

        if self.limits.plan is None:
            return None
        plan, accepted = self.limits.plan()
        found = redact(self.loaded, plan, edit=False, baseline=accepted)
        if not self._scans:
            found.scanned = None
            if self.loaded.size > _LARGE:  # its parts hold one another: 397 in place of 569 MB for a stream of 21 MB
                gc.collect()
        return found

    def readings(self) -> "Iterator[Reading]":
        """Yield the chosen interactions."""
        return self.loaded.selection.readings(self.loaded.cassette)


class Check(NamedTuple):
    """A kind of fault: its number, a name for tools, what it means in one line, and what finds it.

    `interaction` is asked about each interaction and yields messages; `file` about each cassette. A check with neither
    is about files that cannot be read. `default` says that it is done unless others are selected. `why` says what
    comes of it and what to do, `example` is a line of `cassette check`; both are for `cassette explain`.
    """

    code: str
    name: str
    severity: Severity
    about: str
    interaction: "Callable[[Reading, Limits], Iterable[str]] | None" = None
    file: Callable[[File], Iterable[Found]] | None = None
    default: bool = True
    why: str = ""
    example: str = ""


class Fault(NamedTuple):
    """One fault; `line` counts from 1, `interaction` from 0, None where it is the file's.

    `fingerprint` is what a baseline knows it by.
    """

    code: Check
    path: str
    line: int
    interaction: int | None
    message: str
    fingerprint: str = ""
