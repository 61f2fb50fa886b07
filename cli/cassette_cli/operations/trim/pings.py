"""Frames that only keep a connection open.

Anthropic's `ping` (https://docs.anthropic.com/en/docs/build-with-claude/streaming, "Ping events",
for the old completions too) and OpenAI's `keepalive` (events of the Responses API). SSE comments
are the framing's own keep-alives; `streams.framing` finds them.
"""

from cassette_cli.streams import editing
from cassette_cli.streams.frames import NOT_JSON, Frame

_NAMES = frozenset(("ping", "keepalive", "keep-alive", "heartbeat"))
_BARE = frozenset(("type", "sequence_number"))
_ENVELOPE = frozenset(("bytes", "p"))


def is_ping(frame: Frame) -> bool:
    """Say whether a frame says nothing but that the connection is alive: one with any other field does not."""
    value = frame.object
    if value and value.keys() <= _ENVELOPE:
        inner = editing.inner(frame)
        value = Frame(None, inner.text, (0, 0)).object if inner is not None else {}
        return bool(value) and _says_ping(value, None)
    if frame.fields or frame.json is NOT_JSON or not isinstance(frame.json, dict):
        return False
    return _says_ping(value, frame.event)


def _says_ping(value: dict[str, object], event: str | None) -> bool:
    kind = value.get("type", event)
    return isinstance(kind, str) and kind in _NAMES and event in (None, kind, "message") and value.keys() <= _BARE
