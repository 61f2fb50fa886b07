"""Choosing interactions: by index, by `FILE#3`, and by the filters that every command shares."""

import fnmatch
import os
import re
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

from cassette_cli.errors import CassetteError, UsageError
from cassette_cli.model.http import Cassette, Interaction

if TYPE_CHECKING:
    from cassette_cli.operations.reading import Reading

_RANGE = r"(-?\d+)(?:(?:-|\.\.)(-?\d+))?|(-?\d+)-"


class Tally:
    """How many interactions this process and its workers have chosen, and how many cassettes were met."""

    chosen = 0
    cassettes = 0


class Selection(NamedTuple):
    """What of each cassette a command looks at; an interaction must pass all that is set.

    `indices` are texts such as `0,2-4,-1`; `status` are codes or classes (`404`, `4xx`); `method`,
    `host`, `path` and `model` are globs without case; `grep` is a regular expression looked for in
    the URL, the headers, the decoded bodies, and what they say, as `cassette grep` does.
    """

    indices: tuple[str, ...] = ()
    method: tuple[str, ...] = ()
    host: tuple[str, ...] = ()
    path: tuple[str, ...] = ()
    status: tuple[str, ...] = ()
    model: tuple[str, ...] = ()
    grep: re.Pattern[str] | None = None
    protocol: str | None = None

    def fits(self, named: Sequence[str]) -> None:
        """Raise `UsageError` where interactions are named by their file's path, too: `FILE#3`."""
        twice = next((name for name in named if self.indices and parse_target(name)[1] is not None), None)
        if twice is not None:
            told = f"interactions are named twice: by {twice}, and by an option"
            raise UsageError(told, hint="choose one of them")

    def narrowed(self, indices: str) -> "Selection":
        """Return the selection with indices of its own, as `FILE#3` asks for."""
        return self._replace(indices=(indices,))

    def readings(self, cassette: Cassette) -> "Iterator[Reading]":
        """Yield the chosen interactions, ready to be read.

        Raises `UsageError` for indices that are none or that the cassette does not have.
        """
        for reading in self.passing(cassette):
            Tally.chosen += 1
            yield reading

    def passing(self, cassette: Cassette) -> "Iterator[Reading]":
        """Yield the same, and do not count them as chosen."""
        from cassette_cli.operations.reading import Reading

        filters = any((self.method, self.host, self.path, self.status, self.model, self.grep))
        for interaction in self._chosen(cassette):
            reading = Reading(interaction, self.protocol)
            if not filters or self._passes(reading):
                yield reading

    def unsearched(self, cassette: Cassette) -> Iterator[CassetteError]:
        """Yield an error for each body that `grep` could not be looked for in, of what is not chosen."""
        if self.grep is None:
            return
        from cassette_cli.operations.grep.texts import unsearched

        for reading in self._replace(grep=None).passing(cassette):
            found = list(unsearched(reading))
            if found and not _contains(self.grep, reading):
                yield from (error.at(cassette.path) for error in found)

    def _chosen(self, cassette: Cassette) -> Iterable[Interaction]:
        interactions = cassette.interactions
        if not self.indices:
            return interactions
        chosen: dict[int, None] = {}
        for text in self.indices:
            for index in parse_indices(text, len(interactions), cassette.path):
                chosen[index] = None
        return (interactions[i] for i in chosen)

    @property
    def narrows(self) -> bool:
        """Whether anything is chosen: by number, or by a filter."""
        return bool(self.indices or self.filters)

    @property
    def filters(self) -> list[str]:
        """The filters as they were given, such as `--host api.example.com`; they may choose nothing."""
        given = {"method": self.method, "host": self.host, "path": self.path, "status": self.status,
                 "model": self.model, "grep": () if self.grep is None else (self.grep.pattern,)}  # fmt: skip
        return [f"--{name} {text}" for name, texts in given.items() for text in texts]

    def _passes(self, reading: "Reading") -> bool:
        request, response = reading.interaction.request, reading.interaction.response
        status = None if response is None else response.status
        return (
            _any(self.method, request.method)
            and _any(self.host, reading.exchange.host)
            and _any(self.path, reading.exchange.path)
            and (not self.status or any(_status(wanted, status) for wanted in self.status))
            and (not self.model or _any(self.model, reading.model or ""))
            and (self.grep is None or _contains(self.grep, reading))
        )


def _any(globs: Sequence[str], text: str) -> bool:
    folded = text.lower()
    return not globs or any(fnmatch.fnmatchcase(folded, glob.lower()) for glob in globs)


def _status(wanted: str, status: int | None) -> bool:
    text = "-" if status is None else str(status)
    return len(wanted) == len(text) and all(w in ("x", "X", c) for w, c in zip(wanted, text, strict=True))


def _contains(pattern: re.Pattern[str], reading: "Reading") -> bool:
    from cassette_cli.operations.grep.pattern import Pattern
    from cassette_cli.operations.grep.texts import matching

    return next(matching(reading, Pattern(pattern)), None) is not None


def parse_target(name: str) -> tuple[str, str | None]:
    """Split `FILE#3` into the file and its indices; a file whose own name has a `#` is itself."""
    path, mark, indices = name.rpartition("#")
    if mark and path and re.fullmatch(r"[-\d,.]+", indices) and not os.path.lexists(name):
        return path, indices
    return name, None


def ranges(text: str) -> list[re.Match[str]]:
    """Return the numbers and ranges of a text such as `0,2-4,-1`; raises `UsageError` for what is none."""
    found = []
    for piece in text.split(","):
        match = re.fullmatch(_RANGE, piece.strip())
        if match is None:
            raise UsageError(f"invalid interaction {piece!r}: expected a number", hint="write -i 0,2-4,-1")
        found.append(match)
    return found


def parse_indices(text: str, count: int, path: str | None = None) -> list[int]:
    """Return the positions that a text such as `0,2-4,-1` means in a cassette with `count` interactions."""
    found: list[int] = []
    for match in ranges(text):
        first = _index(match[1] or match[3], count, path)
        last = first if match[2] is None and match[3] is None else _index(match[2] or "-1", count, path)
        found.extend(range(first, last + 1) if first <= last else range(first, last - 1, -1))
    return found


def _index(text: str, count: int, path: str | None) -> int:
    if len(text) <= 12 and -count <= int(text) < count:
        return int(text) % count
    has = {0: "no interactions", 1: "interaction 0 only"}.get(count, f"interactions 0 to {count - 1}")
    shown = text if len(text) <= 12 else f"{text[:12]}…"
    raise UsageError(f"there is no interaction {shown}", path=path, hint=f"the cassette has {has}")
