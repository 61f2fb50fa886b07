"""A stream as a table of its frames: number, event, and what each carries beyond the envelope they share."""

import json
from collections.abc import Iterator, Sequence
from typing import Any

from cassette_cli.operations.reading import Reading
from cassette_cli.render.inert import inert_line
from cassette_cli.render.output import Line
from cassette_cli.streams.frames import NOT_JSON, Frame

_SAMPLE = 12
"""How many frames are looked at to find the envelope."""


def frame_lines(reading: Reading) -> list[Line]:
    """Return the table: a line of totals, then a line a frame."""
    framed = reading.framed
    assert framed is not None
    frames = framed.frames
    empties = set(reading.empties)
    envelope = _envelope(frames)
    width = len(str(max(len(frames) - 1, 0)))
    events = max((len(frame.event or "") for frame in frames), default=0)
    hidden = f", {len(empties)} empty" if empties else ""
    same = f"; the same in all: {', '.join(sorted(envelope))}" if envelope else ""
    lines: list[Line] = [[(inert_line(f"{len(frames)} frames{hidden}{same}"), "dim")]]
    for number, frame in enumerate(frames):
        line: Line = [(f"{number:>{width}}  ", "cyan")]
        if events:
            line.append((f"{inert_line(frame.event or ''):<{events}}  ", "magenta"))
        if number in empties:
            line.append(("(empty) ", "dim"))
        line.append((inert_line(_carries(frame, envelope)), "dim" if number in empties else ""))
        lines.append(line)
    return lines


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
    sample = [frame for frame in frames if isinstance(frame.json, dict)]
    if len(sample) < 3:
        return frozenset()
    step = max(1, len(sample) // _SAMPLE)
    seen: dict[str, set[str]] = {}
    counts: dict[str, int] = {}
    picked = sample[::step]
    for frame in picked:
        for path, leaf in _leaves(frame.json):
            counts[path] = counts.get(path, 0) + 1
            seen.setdefault(path, set()).add(_compact(leaf))
    constant = {p for p, n in counts.items() if n >= len(picked) - 1 and len(seen[p]) == 1}
    clocks = {p for p in counts if p in ("created", "created_at", "obfuscation", "p")}
    return frozenset(constant | clocks)
