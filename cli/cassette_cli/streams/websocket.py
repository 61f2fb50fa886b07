"""The messages of a WebSocket connection (RFC 6455), in the lines that `model.connection` makes of them.

A frame's event is its direction: `sent`, `received`, or `closed` for the end of the connection.
"""

from cassette_cli.model.body import CONNECTION_TYPE
from cassette_cli.source.later import pattern
from cassette_cli.streams.frames import Frame, Framed

NAME = "websocket"
ABOUT = "messages of a WebSocket connection, in both directions"
EXAMPLE = "→ session.update\n← response.output_text.delta"

_LINE = pattern(r'\{"direction": "(sent|received|closed)", (?:"ms": ([0-9.e+-]+), )?"(data|text|base64)": (.*)\}\n')


def claims(payload: str | bytes, content_type: str) -> bool:
    """Claim what a connection's body says it is: no recorder writes it."""
    return content_type == CONNECTION_TYPE and isinstance(payload, str)


def split(payload: str) -> Framed:
    """Cut the lines into frames; `fields` has the time in milliseconds and the kind of what is no JSON."""
    frames: list[Frame] = []
    at = 0
    for match in _LINE.finditer(payload):
        fields = {} if match[2] is None else {"ms": float(match[2])}
        kind = match[3]
        extra = fields if kind == "data" else {**fields, "kind": kind}
        frames.append(Frame(match[1], match[4], match.span(), match.start(4), extra or None))
        at = match.end()
    return Framed(NAME, frames, whole=at == len(payload))


def counts(framed: Framed) -> tuple[int, int]:
    """Return how many messages were sent, and how many received."""
    events = [frame.event for frame in framed.frames]
    return events.count("sent"), events.count("received")
