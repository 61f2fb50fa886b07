"""The faults that a project accepts: a file lists them, and `check` reports what comes beside them.

A fault is known by its file, its code and a fingerprint: a hash of what it says, without the counts in it, and of the
request that it is about. So it stays known when interactions before it come and go.
"""

import os
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any

from cassette_cli.operations.baselines import read_listed, write_listed
from cassette_cli.operations.check.base import Fault
from cassette_cli.operations.targets import relative
from cassette_cli.source.later import pattern

_COUNT = pattern(r"(?<![\w.-])\d[\d,]*(?![\w-])")


def fingerprint(code: str, message: str, request: str) -> str:
    """Return what stands for a fault wherever it is in its file; nothing of a message or a URL can be read in it."""
    from hashlib import sha256

    told = "\0".join((code, _COUNT.sub("#", message), request))
    return sha256(told.encode("utf-8", "surrogatepass")).hexdigest()[:20]


class Baseline:
    """The faults that a file lists; of equal ones, as many as it counts."""

    def __init__(self, path: str) -> None:
        """Read a baseline; raises `UsageError` for a file that is none."""
        self._folder = os.path.dirname(os.path.abspath(path))
        self._left = Counter[tuple[str, str, str]]()
        for key, count in read_listed(path, "faults", "check", _read):
            self._left[key] += count

    def new(self, faults: Iterable[Fault]) -> Iterator[Fault]:
        """Yield the faults that are not listed."""
        for fault in faults:
            key = _key(fault, self._folder)
            if self._left[key] > 0:
                self._left[key] -= 1
            else:
                yield fault


def write_baseline(path: str, faults: Iterable[Fault]) -> int:
    """Write the faults to a file and return how many there are; no secret is in it."""
    folder = os.path.dirname(os.path.abspath(path))
    counts = Counter(_key(fault, folder) for fault in faults)
    listed = [
        {"path": file, "code": code, "fingerprint": mark, "count": count}
        for (file, code, mark), count in sorted(counts.items())
    ]
    write_listed(path, "faults", listed)
    return counts.total()


def _read(one: Any) -> tuple[tuple[str, str, str], int]:
    return (one["path"], one["code"], one["fingerprint"]), int(one.get("count", 1))


def _key(fault: Fault, folder: str) -> tuple[str, str, str]:
    return relative(fault.path, folder), fault.code.code, fault.fingerprint
