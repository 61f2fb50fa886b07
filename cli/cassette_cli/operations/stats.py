"""What a suite of cassettes holds: the totals of `cassette stats`, and of groups of its interactions."""

import os
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any, NamedTuple

from cassette_cli.errors import CassetteError
from cassette_cli.operations.check.interactions import recorded
from cassette_cli.operations.listing import other_protocol
from cassette_cli.operations.loading import Loaded
from cassette_cli.operations.reading import Reading

if TYPE_CHECKING:
    from cassette_cli.operations.trim.options import Options

UNKNOWN = "-"
LARGEST = 10
"""How many of the largest files are named."""


class By(StrEnum):
    """What interactions are grouped by; `recorder` is the format that the recorder wrote."""

    HOST = "host"
    MODEL = "model"
    PROTOCOL = "protocol"
    STATUS = "status"
    RECORDER = "recorder"
    FOLDER = "folder"
    MONTH = "month"


class Fact(NamedTuple):
    """What is counted of one interaction; of a recording that is no HTTP there is one, with its protocol alone."""

    host: str = ""
    model: str | None = None
    protocol: str | None = None
    status: int | None = None
    month: str | None = None
    input_tokens: int = 0
    output_tokens: int = 0
    frames: int = 0
    empty_frames: int = 0
    body_bytes: int = 0
    request_bytes: int = 0
    duration_ms: float | None = None


class File(NamedTuple):
    """What is counted of one cassette: `size` is that of the file in bytes, `trim` and `decode` what they would save.

    `bodies` is how many bodies `decode` would store as text, `unread` how many cannot be decoded.
    """

    path: str
    recorder: str
    size: int
    facts: list[Fact]
    trim: int = 0
    decode: int = 0
    bodies: int = 0
    unread: int = 0


def file(loaded: Loaded, trimming: "Options") -> Iterator[File]:
    """Yield what is counted of a cassette, nothing where none of its interactions is chosen.

    `trimming` is what `cassette trim` would drop.
    """
    cassette = loaded.cassette
    if cassette.not_http is not None and not cassette.interactions:
        yield File(cassette.path, cassette.format, loaded.size, [Fact(protocol=other_protocol(cassette))])
        return
    facts, unread = [], 0
    for reading in loaded.selection.readings(cassette):
        facts.append(_fact(reading))
        unread += _undecoded(reading)
        reading.interaction.forget()
    if facts or not cassette.interactions:
        made = File(cassette.path, cassette.format, loaded.size, facts, unread=unread)
        yield made if cassette.not_http is not None else _with_savings(loaded, made, trimming)


def _fact(reading: Reading) -> Fact:
    request, response = reading.interaction.request, reading.interaction.response
    when = recorded(reading.interaction)
    before, after = reading.tokens
    return Fact(
        host=reading.exchange.host,
        model=reading.model,
        protocol=None if reading.protocol is None else reading.protocol.name,
        status=None if response is None else response.status,
        month=None if when is None else f"{when:%Y-%m}",
        input_tokens=before or 0,
        output_tokens=after or 0,
        frames=reading.frames or 0,
        empty_frames=len(reading.empties),
        body_bytes=reading.body_bytes,
        request_bytes=request.body.size,
        duration_ms=None if response is None else response.duration_ms,
    )


def _undecoded(reading: Reading) -> int:
    return sum(body.undecoded != "" for _, body in reading.interaction.bodies)


def _with_savings(loaded: Loaded, made: File, trimming: "Options") -> File:
    """Add what `cassette trim` and `cassette decode` would save; what they refuse they would not."""
    from cassette_cli.operations.edit.decoding import decode
    from cassette_cli.operations.trim.trimming import trim

    size = len(loaded.cassette.document.raw)
    try:
        before, after = trim(loaded, trimming).size
        made = made._replace(trim=before - after)
    except CassetteError:
        pass
    try:
        edited = decode(loaded).edited
    except CassetteError:
        return made
    return (
        made if edited.after is None else made._replace(decode=size - len(edited.after.raw), bodies=len(edited.changed))
    )


@dataclass(slots=True)
class Total:
    """What the interactions of one group add up to; `file_bytes` are those of the files that they stand in."""

    interactions: int = 0
    input_tokens: int = 0
    output_tokens: int = 0
    frames: int = 0
    empty_frames: int = 0
    body_bytes: int = 0
    request_bytes: int = 0
    cassettes: int = 0
    file_bytes: int = 0
    durations: list[float] = field(default_factory=list)
    _path: str = ""

    def add(self, one: Fact, of: File) -> None:
        """Count an interaction in; those of a cassette follow one another."""
        self.interactions += 1
        self.input_tokens += one.input_tokens
        self.output_tokens += one.output_tokens
        self.frames += one.frames
        self.empty_frames += one.empty_frames
        self.body_bytes += one.body_bytes
        self.request_bytes += one.request_bytes
        if one.duration_ms is not None:
            self.durations.append(one.duration_ms)
        self.count(of)

    def count(self, of: File) -> None:
        """Count a cassette in, once."""
        if of.path != self._path:
            self.cassettes += 1
            self.file_bytes += of.size
            self._path = of.path

    def percentile(self, share: int) -> float | None:
        """Return the duration that so many per cent do not pass (nearest rank), None where none was recorded."""
        ranked = sorted(self.durations)
        return ranked[-(-len(ranked) * share // 100) - 1] if ranked else None

    def as_json(self) -> dict[str, Any]:
        """Return the total as `stats --json` and `--csv` have it."""
        names = ("interactions", "input_tokens", "output_tokens", "frames", "empty_frames", "body_bytes",
                 "request_bytes", "cassettes", "file_bytes")  # fmt: skip
        return {
            **{name: getattr(self, name) for name in names},
            "p50_ms": self.percentile(50),
            "p95_ms": self.percentile(95),
        }


@dataclass(slots=True)
class Saving:
    """What a verb would save: in how many cassettes, and how many bytes; fewer than none where files would grow."""

    cassettes: int = 0
    bytes: int = 0

    def as_json(self) -> dict[str, int]:
        """Return the saving as `stats --json` has it."""
        return {"cassettes": self.cassettes, "bytes": self.bytes}


@dataclass(slots=True)
class Stats:
    """Totals over all cassettes, and by each of `by`."""

    by: tuple[By, ...] = tuple(By)
    total: Total = field(default_factory=Total)
    groups: dict[By, dict[str, Total]] = field(default_factory=dict)
    trim: Saving = field(default_factory=Saving)
    decode: Saving = field(default_factory=Saving)
    unread: int = 0
    files: list[tuple[int, str, int]] = field(default_factory=list)

    def add(self, one: File) -> None:
        """Count a cassette in."""
        self.total.count(one)
        for fact in one.facts:
            self.total.add(fact, one)
            for by in self.by:
                self.groups.setdefault(by, {}).setdefault(_NAMES[by](one, fact) or UNKNOWN, Total()).add(fact, one)
        for saving, saved, is_one in ((self.trim, one.trim, one.trim), (self.decode, one.decode, one.bodies)):
            saving.cassettes += bool(is_one)
            saving.bytes += saved
        self.unread += one.unread
        self.files.append((-one.size, one.path, len(one.facts)))
        if len(self.files) > 4 * LARGEST:
            self.files = sorted(self.files)[:LARGEST]

    def largest(self) -> list[dict[str, Any]]:
        """Return the largest files."""
        found = sorted(self.files)[:LARGEST]
        return [{"path": path, "file_bytes": -size, "interactions": count} for size, path, count in found]

    def sorted_groups(self) -> Iterator[tuple[By, list[tuple[str, Total]]]]:
        """Yield each group with its totals, the most frequent first; months in their order."""
        for by in self.by:
            group = self.groups.get(by, {})
            if by is By.MONTH:
                yield by, sorted(group.items(), key=lambda item: (item[0] == UNKNOWN, item[0]))
            else:
                yield by, sorted(group.items(), key=lambda item: (-item[1].interactions, item[0]))

    def as_json(self) -> dict[str, Any]:
        """Return the object that `stats --json` prints."""
        out: dict[str, Any] = {"cassettes": self.total.cassettes, "total": self.total.as_json()}
        for by, group in self.sorted_groups():
            out[by.value] = {name: total.as_json() for name, total in group}
        savings = {"trim": self.trim.as_json(), "decode": self.decode.as_json()}
        return {**out, "could_save": savings, "undecoded": self.unread, "largest": self.largest()}


_NAMES: dict[By, Callable[[File, Fact], str | None]] = {
    By.HOST: lambda _, fact: fact.host,
    By.MODEL: lambda _, fact: fact.model,
    By.PROTOCOL: lambda _, fact: fact.protocol,
    By.STATUS: lambda _, fact: None if fact.status is None else str(fact.status),
    By.RECORDER: lambda of, _: of.recorder,
    By.FOLDER: lambda of, _: os.path.normpath(os.path.dirname(of.path) or "."),
    By.MONTH: lambda _, fact: fact.month,
}


def summarise(files: Iterable[File], by: By | None = None) -> Stats:
    """Add all cassettes up."""
    stats = Stats() if by is None else Stats((by,))
    for one in files:
        stats.add(one)
    return stats
