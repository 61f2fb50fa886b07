"""A stream as a table of its frames: number, event, and what each carries beyond the envelope they share.

The messages of a WebSocket connection are told with direction, time, type, size and first words.
"""

import json
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any

from cassette_cli.operations.reading import Reading
from cassette_cli.providers.deltas import json_positions
from cassette_cli.render.inert import inert_line
from cassette_cli.render.output import Line, human_size, human_time
from cassette_cli.source.later import pattern
from cassette_cli.streams import websocket
from cassette_cli.streams.frames import NOT_JSON, Frame

_SAMPLE = 12
"""How many frames are looked at to find the envelope."""


def frame_lines(reading: Reading, sides: tuple[bool, bool] = (True, True), most: int | None = None) -> Iterator[Line]:
    """Yield the table: a line of totals, then a line a frame, `most` of them at most.

    Of a connection, those of the `sides` wanted are told.
    """
    framed = reading.framed
    assert framed is not None
    frames = framed.frames
    if framed.framing == websocket.NAME:
        yield from _messages(frames[:most], websocket.counts(framed), sides)
        return
    empties = set(reading.empties)
    envelope = _envelope(frames)
    width = len(str(max(len(frames) - 1, 0)))
    events = max((len(frame.event or "") for frame in frames), default=0)
    hidden = f", {len(empties)} empty" if empties else ""
    same = f"; the same in all: {', '.join(sorted(envelope))}" if envelope else ""
    yield [(inert_line(f"{len(frames)} frames{hidden}{same}"), "dim")]
    for number, frame in enumerate(islice(frames, most)):
        line: Line = [(f"{number:>{width}}  ", "cyan")]
        if events:
            line.append((f"{inert_line(frame.event or ''):<{events}}  ", "magenta"))
        if number in empties:
            line.append(("(empty) ", "dim"))
        line.append((inert_line(_carries(frame, envelope)), "dim" if number in empties else ""))
        yield line


def _carries(frame: Frame, envelope: frozenset[str]) -> str:
    """Return the frame's own leaves as `path=value`; data that is no JSON object as it is."""
    value = frame.json
    extra = " ".join(f"{name}: {text}" for name, text in (frame.fields or {}).items() if name == "error")
    if value is NOT_JSON or not isinstance(value, dict):
        return frame.data + extra
    # Nearly every stream has one choice: its place is no news.
    own = [
        f"{path.removeprefix('choices[0].')}={_compact(leaf)}" for path, leaf in _leaves(value) if path not in envelope
    ]
    return " ".join([*own, extra]).rstrip()


def _compact(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _leaves(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Yield (path, leaf) of a JSON value; empty containers are leaves."""
    if isinstance(value, dict) and value:
        for key, item in value.items():
            yield from _leaves(item, f"{path}.{key}" if path else key)
    elif isinstance(value, list) and value:
        for index, item in enumerate(value):
            yield from _leaves(item, f"{path}[{index}]")
    else:
        yield path, value


def _envelope(frames: Sequence[Frame]) -> frozenset[str]:
    """Return the paths that nearly every frame repeats with the same value, such as id and model.

    A path may change in a few frames (the last one's usage, a clock that ticks) and still be noise;
    it must be repeated by more frames than not.
    """
    sample = json_positions(frames)
    if len(sample) < 3:
        return frozenset()
    step = max(1, len(sample) // _SAMPLE)
    seen: dict[str, set[str]] = {}
    counts: dict[str, int] = {}
    picked = [frames[number] for number in sample[::step]]
    for frame in picked:
        for path, leaf in _leaves(frame.json):
            counts[path] = counts.get(path, 0) + 1
            seen.setdefault(path, set()).add(_compact(leaf))
    constant = {p for p, n in counts.items() if n >= len(picked) - 1 and len(seen[p]) == 1}
    clocks = {p for p in counts if p in ("created", "created_at", "obfuscation", "p")}
    return frozenset(constant | clocks)


_ARROWS = {"sent": ("→", "blue"), "received": ("←", "green"), "closed": ("✕", "yellow")}
_WORDS = ("transcript", "text", "delta", "arguments", "output", "message", "reason", "instructions", "name", "model")
"""Keys of what a message says, the most telling first."""
_CODED = pattern(r"[A-Za-z0-9+/]{24,}={0,2}|[A-Za-z0-9+/]+={1,2}")
_MOST = 80
"""How many characters of a message are told."""


def _messages(frames: Sequence[Frame], counts: tuple[int, int], sides: tuple[bool, bool]) -> list[Line]:
    """Return the messages of a connection as a table: number, direction, time, type, size, first words."""
    kinds = [inert_line(_kind(frame)) for frame in frames]
    sizes = [human_size(len(frame.data.encode("utf-8", "surrogatepass"))) for frame in frames]
    times = ["" if (ms := (frame.fields or {}).get("ms")) is None else human_time(ms) for frame in frames]
    wide, tall, late = (max(map(len, column), default=0) for column in (kinds, sizes, times))
    width = len(str(max(len(frames) - 1, 0)))
    lines: list[Line] = [[(f"{counts[0]} messages sent, {counts[1]} received", "dim")]]
    for number, (frame, kind, size, time) in enumerate(zip(frames, kinds, sizes, times, strict=True)):
        if not sides[frame.event != "sent"]:
            continue
        arrow, style = _ARROWS[frame.event or "received"]
        line: Line = [(f"{number:>{width}}  ", "cyan"), (f"{arrow} ", style)]
        if late:
            line.append((f"{time:>{late}}  ", "dim"))
        words = inert_line(_first_words(frame))
        line += [(f"{kind:<{wide}}  ", "magenta"), (f"{size:>{tall}}", "dim"), (f"  {words}" if words else "", "")]
        lines.append(line)
    return lines


def _kind(frame: Frame) -> str:
    """Return what a message calls itself: its `type`, else the keys that hold it, as Gemini Live has them."""
    if frame.event == "closed":
        return "close"
    value = frame.object
    if isinstance(value.get("type"), str):
        return str(value["type"])
    if not value:
        return str((frame.fields or {}).get("kind", "")) or "json"
    names = []
    for key, item in value.items():
        inner = [name for name in item if isinstance(name, str)] if isinstance(item, dict) else []
        names.append(f"{key}.{inner[0]}" if len(inner) == 1 else key)
    return "+".join(names)


def _first_words(frame: Frame) -> str:
    """Return the beginning of what a message says; data in base64 is told by its size."""
    value = frame.json
    if value is NOT_JSON or not isinstance(value, dict | list):
        said = value if isinstance(value, str) else frame.data
        if (frame.fields or {}).get("kind") == "base64":
            return f"({len(said) * 3 // 4} bytes)"
        return said[:_MOST]
    leaves = [(path, leaf) for path, leaf in _leaves(value) if leaf not in (None, "", [], {})]
    for name in _WORDS:
        for path, leaf in leaves:
            if path.rpartition(".")[2] == name and isinstance(leaf, str):
                return _words(leaf)
    own = ((path, leaf) for path, leaf in leaves if not path.endswith(("type", "id")))
    return " ".join(f"{path.rpartition('.')[2]}={_words(leaf)}" for path, leaf in own)[:_MOST]


def _words(leaf: Any) -> str:
    if not isinstance(leaf, str):
        return _compact(leaf)
    if len(leaf) % 4 == 0 and _CODED.fullmatch(leaf):
        return f"({len(leaf.rstrip('=')) * 3 // 4} bytes)"
    return leaf if len(leaf) <= _MOST else leaf[: _MOST - 1] + "…"
