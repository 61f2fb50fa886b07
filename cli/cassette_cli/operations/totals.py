"""The totals of `cassette ls --summary`."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from typing import Any

from cassette_cli.operations.listing import Group, Row
from cassette_cli.providers.base import host_of


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

    def add(self, one: Row) -> None:
        """Count a row in."""
        self.total.add(one)
        host = host_of(one.url or "") or None
        values = {"host": host, "model": one.model, "protocol": one.protocol, "status": one.status}
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


def summarise(groups: Iterable[Group]) -> Summary:
    """Add all rows up."""
    summary = Summary()
    for group in groups:
        summary.cassettes += 1
        for one in group.rows:
            summary.add(one)
    return summary
