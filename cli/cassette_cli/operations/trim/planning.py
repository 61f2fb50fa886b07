"""What is to go from one stream, frame by frame; nothing is written here, and nothing proved."""

from collections import Counter
from dataclasses import dataclass, field

from cassette_cli.operations.trim import coalesce, padding, pings
from cassette_cli.operations.trim.options import Options
from cassette_cli.providers.base import StreamProtocol
from cassette_cli.streams.editing import Changes
from cassette_cli.streams.frames import Framed


@dataclass(slots=True)
class Plan:
    """The changes of one stream, and how many frames (of padding: members) each option drops."""

    changes: Changes = field(default_factory=Changes)
    dropped: Counter[str] = field(default_factory=Counter)


def plan(framed: Framed, protocol: StreamProtocol | None, options: Options) -> Plan:
    """Return what the options drop from a stream; of one that no protocol claims, only comments."""
    made = Plan()
    changes, frames = made.changes, framed.frames
    if options.pings:
        if framed.keepalives:
            changes.keepalives = True
            made.dropped["pings"] += len(framed.keepalives)
        if protocol is not None:
            _remove(made, "pings", {number for number, frame in enumerate(frames) if pings.is_ping(frame)})
    if protocol is None:
        return made
    if options.empty:
        _remove(made, "empty", set(protocol.empties(frames)))
    if options.coalesce is not None:
        kept = [number for number in range(len(frames)) if number not in changes.removed]
        for run in coalesce.runs(frames, kept, protocol.NAME, options.coalesce):
            changes.parts.setdefault(run.numbers[0], []).extend(run.parts)
            _remove(made, "coalesce", set(run.numbers[1:]))
    names = padding.PADDING.get(protocol.NAME, ()) if options.padding else ()
    for number, frame in enumerate(frames) if names else ():
        found = padding.members(frame, names) if number not in changes.removed else []
        if found:
            changes.parts.setdefault(number, []).extend(padding.removal(frame, found))
            made.dropped["padding"] += len(found)
    return made


def _remove(made: Plan, option: str, numbers: set[int]) -> None:
    fresh = numbers - made.changes.removed
    made.changes.removed |= fresh
    if fresh:
        made.dropped[option] += len(fresh)
