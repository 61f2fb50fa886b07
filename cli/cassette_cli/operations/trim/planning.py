"""What is to go from one stream, frame by frame; nothing is written here, and nothing proved."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from cassette_cli.operations.trim import coalesce
from cassette_cli.operations.trim.options import Options
from cassette_cli.providers.base import StreamProtocol
from cassette_cli.source import json
from cassette_cli.source.edits import Part
from cassette_cli.source.later import pattern
from cassette_cli.source.removal import removal_spans
from cassette_cli.streams import editing
from cassette_cli.streams.editing import Changes
from cassette_cli.streams.frames import NOT_JSON, Frame, Framed, held_text


@dataclass(slots=True)
class Plan:
    """The changes of one stream, and how many frames (of padding: members) each option drops."""

    changes: Changes = field(default_factory=Changes)
    dropped: Counter[str] = field(default_factory=Counter)


def plan(framed: Framed, protocol: StreamProtocol | None, options: Options) -> Plan:
    """Return what the options drop from a stream; of one that no protocol claims, only comments."""
    made = Plan()
    changes, frames = made.changes, framed.frames
    comments = editing.loose_keepalives(framed) if options.pings else []
    if comments:
        changes.keepalives = True
        made.dropped["pings"] += len(comments)
    if protocol is None:
        return made
    # A client that loses the first event to a byte order mark must lose the same one.
    held = {0} if framed.marked and frames and frames[0].span[0] <= 1 else set()
    if options.pings:
        _remove(made, "pings", {number for number, frame in enumerate(frames) if is_ping(frame)} - held)
    if options.empty:
        _remove(made, "empty", set(protocol.empties(frames)) - held)
    if options.coalesce is not None and protocol.coalescing:
        kept = [number for number in range(len(frames)) if number not in changes.removed | held]
        for run in coalesce.runs(frames, kept, protocol.coalescing, options.coalesce):
            changes.parts.setdefault(run.numbers[0], []).extend(run.parts)
            _remove(made, "coalesce", set(run.numbers[1:]))
    names = protocol.padding if options.padding else ()
    for number, frame in enumerate(frames) if names else ():
        found = padding_of(frame, names) if number not in changes.removed else []
        if found:
            changes.parts.setdefault(number, []).extend(_without(frame, found))
            made.dropped["padding"] += len(found)
    return made


def _remove(made: Plan, option: str, numbers: set[int]) -> None:
    fresh = numbers - made.changes.removed
    made.changes.removed |= fresh
    if fresh:
        made.dropped[option] += len(fresh)


_LETTERS = pattern(r"[A-Za-z0-9]*")


def padding_of(frame: Frame, names: Sequence[str]) -> list[str]:
    """Return which of a protocol's members of padding the frame has; a `p` counts only if it is a run of letters.

    Such are OpenAI's `obfuscation` (API reference, `stream_options.include_obfuscation`), and `p` from
    Mistral and from AWS (Bedrock Runtime API reference, the `p` of every event of ConverseStream).
    """
    chunk = frame.object
    found = [name for name in names if isinstance(chunk.get(name), str)]
    return [name for name in found if name != "p" or _LETTERS.fullmatch(chunk["p"])]


def _without(frame: Frame, names: Sequence[str]) -> list[Part]:
    """Return the parts of the frame's data that take these members out, each with its comma."""
    node = json.compose(frame.data)[0]
    indices = frozenset(index for index, (key, _) in enumerate(node.pairs) if key.value in names)
    return removal_spans(frame.data, node, indices, "\n")


_PINGS = frozenset(("ping", "keepalive", "keep-alive", "heartbeat"))
_BARE = frozenset(("type", "sequence_number"))
_BARE_EVENT = _BARE | {"event_id", "timestamp", "previous_item_id"}
_ENVELOPE = frozenset(("bytes", "p"))
_SIDES = frozenset(("sent", "received"))


def is_ping(frame: Frame) -> bool:
    """Say whether a frame says nothing but that the connection is alive: one with any other field does not.

    Such are Anthropic's `ping` (https://docs.anthropic.com/en/docs/build-with-claude/streaming, "Ping
    events", for the old completions too) and OpenAI's `keepalive` (events of the Responses API). Comments
    of SSE are the framing's own keep-alives: see `Framed.keepalives`. xAI's realtime server sends a `ping`
    with its event's id and time.
    """
    value = frame.object
    if frame.event in _SIDES:
        return value.get("type") in _PINGS and value.keys() <= _BARE_EVENT
    if value and value.keys() <= _ENVELOPE:
        held = Frame(None, held_text(value) or "", (0, 0)).object
        return bool(held) and _says_ping(held, None)
    if frame.fields or frame.json is NOT_JSON or not isinstance(frame.json, dict):
        return False
    return _says_ping(value, frame.event)


def _says_ping(value: dict[str, object], event: str | None) -> bool:
    kind = value.get("type", event)
    return isinstance(kind, str) and kind in _PINGS and event in (None, kind, "message") and value.keys() <= _BARE
