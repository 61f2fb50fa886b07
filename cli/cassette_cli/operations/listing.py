"""The rows of `cassette ls`, and their totals."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass, field
from typing import Any

from cassette_cli.errors import CassetteError
from cassette_cli.model.http import Cassette
from cassette_cli.operations.loading import Loaded
from cassette_cli.operations.reading import Reading


@dataclass(frozen=True, slots=True)
class Row:
    """One interaction, or one recording that is no HTTP: then only path, format and protocol are set."""

    path: str
    format: str
    index: int | None = None
    method: str | None = None
    url: str | None = None
    status: int | None = None
    protocol: str | None = None
    model: str | None = None
    input_tokens: int | None = None
    output_tokens: int | None = None
    frames: int | None = None
    empty_frames: int | None = None
    duration_ms: float | None = None
    body_bytes: int | None = None

    def as_json(self) -> dict[str, Any]:
        """Return the row as the object that `ls --json` prints."""
        return asdict(self)


def row(cassette: Cassette, reading: Reading) -> Row:
    """Describe one interaction."""
    interaction = reading.interaction
    response = interaction.response
    tokens = reading.tokens
    return Row(
        path=cassette.path,
        format=cassette.format,
        index=interaction.index,
        method=interaction.request.method,
        url=interaction.request.url,
        status=None if response is None else response.status,
        protocol=None if reading.protocol is None else reading.protocol.NAME,
        model=reading.model,
        input_tokens=tokens[0],
        output_tokens=tokens[1],
        frames=reading.frames,
        empty_frames=None if reading.framed is None else len(reading.empties),
        duration_ms=None if response is None else response.duration_ms,
        body_bytes=reading.body_bytes,
    )


def other_row(cassette: Cassette) -> Row:
    """Describe a recording that is no HTTP."""
    return Row(cassette.path, cassette.format, protocol=f"{cassette.not_http} ({cassette.entries})")


@dataclass(frozen=True, slots=True)
class Group:
    """The rows of one cassette; `size` is that of the file in bytes."""

    path: str
    format: str
    interactions: int
    size: int
    rows: list[Row]
    hosts: list[str]


def groups(loaded: Iterable[Loaded], failed: Callable[[CassetteError], None]) -> Iterator[Group]:
    """Yield the rows of each cassette; one whose chosen interactions do not exist goes to `failed`."""
    for one in loaded:
        cassette = one.cassette
        if cassette.not_http is not None:
            yield Group(cassette.path, cassette.format, cassette.entries, one.size, [other_row(cassette)], [""])
            continue
        try:
            readings = list(one.selection.readings(cassette))
        except CassetteError as error:
            failed(error)
            continue
        if readings or not cassette.interactions:
            rows = [row(cassette, reading) for reading in readings]
            hosts = [reading.exchange.host for reading in readings]
            yield Group(cassette.path, cassette.format, len(cassette.interactions), one.size, rows, hosts)


def summarise(groups: Iterable[Group]) -> "Summary":
    """Add all rows up."""
    summary = Summary()
    for group in groups:
        summary.cassettes += 1
        for one, host in zip(group.rows, group.hosts, strict=True):
            summary.add(one, host)
    return summary


def sort_rows(rows: Iterable[Row], key: str) -> list[Row]:
    """Sort by path, or with the largest first; what is unknown comes last."""
    if key == "path":
        return sorted(rows, key=lambda r: (r.path, r.index or 0))
    name = {"size": "body_bytes", "frames": "frames", "time": "duration_ms"}[key]
    return sorted(rows, key=lambda r: (-(getattr(r, name) or 0), r.path, r.index or 0))


@dataclass(slots=True)
class Total:
    """What the interactions of one group add up to."""

    interactions: int = 0
    input_tokens: int = 0
    output_tokens: int = 0
    frames: int = 0
    empty_frames: int = 0
    body_bytes: int = 0

    def add(self, one: Row) -> None:
        """Count a row in."""
        self.interactions += 1
        self.input_tokens += one.input_tokens or 0
        self.output_tokens += one.output_tokens or 0
        self.frames += one.frames or 0
        self.empty_frames += one.empty_frames or 0
        self.body_bytes += one.body_bytes or 0


@dataclass(slots=True)
class Summary:
    """Totals over all cassettes, and by host, model, protocol and status."""

    cassettes: int = 0
    total: Total = field(default_factory=Total)
    groups: dict[str, dict[str, Total]] = field(
        default_factory=lambda: {name: {} for name in ("host", "model", "protocol", "status")}
    )

    def add(self, one: Row, host: str) -> None:
        """Count a row in."""
        self.total.add(one)
        values = {"host": host or None, "model": one.model, "protocol": one.protocol, "status": one.status}
        for name, value in values.items():
            self.groups[name].setdefault("-" if value is None else str(value), Total()).add(one)

    def as_json(self) -> dict[str, Any]:
        """Return the object that `ls --summary --json` prints."""
        out: dict[str, Any] = {"cassettes": self.cassettes, "total": asdict(self.total)}
        for name, group in self.groups.items():
            out[name] = {key: asdict(total) for key, total in _by_count(group)}
        return out

    def sorted_groups(self) -> Iterable[tuple[str, list[tuple[str, Total]]]]:
        """Yield each group with its totals, the most frequent first."""
        for name, group in self.groups.items():
            yield name, _by_count(group)


def _by_count(group: dict[str, Total]) -> list[tuple[str, Total]]:
    return sorted(group.items(), key=lambda item: (-item[1].interactions, item[0]))
