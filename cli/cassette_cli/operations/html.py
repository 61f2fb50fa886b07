"""What the page of `cassette html` shows: each interaction with what `check` finds in it, and its secrets masked."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime

from cassette_cli.errors import EditError
from cassette_cli.model.http import Cassette
from cassette_cli.operations.check.base import Fault, File, Limits
from cassette_cli.operations.check.baseline import Baseline
from cassette_cli.operations.check.checking import faults_of_file, faults_of_interaction
from cassette_cli.operations.check.interactions import recorded
from cassette_cli.operations.listing import Row, other_row, row
from cassette_cli.operations.loading import Loaded
from cassette_cli.operations.reading import Reading
from cassette_cli.operations.redact.masking import Masker, default_plan, masked
from cassette_cli.operations.redact.scanning import Plan


@dataclass(frozen=True, slots=True)
class Exhibit:
    """One interaction as it may be shown; `reading` is None for a cassette that has none, or is no HTTP.

    `faults` of the whole cassette stand with its first interaction. `unread` are (part, reason) of what was not read.
    """

    row: Row
    reading: Reading | None = None
    recorded: datetime | None = None
    faults: list[Fault] = field(default_factory=list)
    unread: list[tuple[str, str]] = field(default_factory=list)


class Looking:
    """How a suite is looked at: what `check` looks for, and what is masked; made once, for the rules take long.

    What `redact` would remove by the project's settings is masked; secrets always are.
    """

    def __init__(self, limits: Limits, accepted: Baseline | None = None) -> None:
        self.limits = limits
        self._accepted = accepted
        plan = default_plan() if limits.plan is None else limits.plan()[0]
        levels = plan.detectors.levels | {"secrets"}
        self._shared = limits.plan is not None and plan.detectors.levels == levels
        self._plan = plan if self._shared else Plan(replace(plan.detectors, levels=levels), plan.placeholders)
        self._masker = Masker(self._plan)

    def new(self, faults: Iterator[Fault]) -> Iterator[Fault]:
        """Yield the faults that the project does not accept."""
        return faults if self._accepted is None else self._accepted.new(faults)

    def shown(self, text: str) -> str:
        """Return a message as it may be shown: a provider's words may quote a secret."""
        return self._masker.text(text)

    def masked(self, file: File) -> Cassette | None:
        """Return a cassette whose secrets are masked, as `masked` does; it is scanned once."""
        scanned = file.redacted.scanned if self._shared and file.redacted is not None else None
        return masked(file.loaded.cassette, self._plan, scanned)


def exhibits(loaded: Loaded, looking: Looking) -> Iterator[Exhibit]:
    """Yield the chosen interactions of a cassette; a body is forgotten when the next one is asked for.

    Raises `EditError` where the secrets of the cassette cannot be masked: then nothing of it is shown.
    """
    cassette = loaded.cassette
    file = File(loaded, looking.limits, scans=True)
    clean = looking.masked(file)
    if clean is None:
        raise EditError(
            "not shown: its secrets cannot be masked", path=cassette.path, hint="`cassette show` shows it to you alone"
        )
    by_place: dict[int | None, list[Fault]] = {}
    for fault in looking.new(faults_of_file(file)):
        by_place.setdefault(fault.interaction, []).append(fault)
    unread = [(one.where, one.reason) for one in clean.unread]
    if not cassette.interactions:
        empty = other_row(cassette) if cassette.not_http is not None else Row(cassette.path, cassette.format)
        yield Exhibit(empty, faults=[fault for one in by_place.values() for fault in one], unread=unread)
    for reading in file.readings():
        one = reading.interaction
        faults = [
            *by_place.pop(None, ()),
            *by_place.pop(one.index, ()),
            *looking.new(faults_of_interaction(file, reading)),
        ]
        shown = reading if clean is cassette else Reading(clean.interactions[one.index], loaded.selection.protocol)
        own = [(part.where, part.reason) for part in shown.interaction.unread]
        told = [fault._replace(message=looking.shown(fault.message)) for fault in faults]
        yield Exhibit(row(clean, shown), shown, recorded(one), told, [*unread, *own])
        unread = []
        one.forget()
        shown.interaction.forget()
