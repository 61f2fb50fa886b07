"""Every framing, and the one way to cut a body into frames: by its bytes, the content type being a hint."""

from typing import Protocol

from cassette_cli.streams import ai_sdk_lines, eventstream, json_array, json_concat, ndjson, sse, websocket
from cassette_cli.streams.frames import Framed


class Framing(Protocol):
    """The shape of a framing module."""

    NAME: str
    ABOUT: str
    EXAMPLE: str

    def claims(self, payload: str | bytes, content_type: str) -> bool:
        """Say whether the payload is framed so; `str` for bodies that are text, `bytes` for others."""

    def split(self, payload: str | bytes) -> Framed:
        """Cut the payload into frames; never raises."""


FRAMINGS: tuple[Framing, ...] = (ai_sdk_lines, sse, eventstream, json_array, websocket, ndjson, json_concat)  # type: ignore[assignment]


_OBJECTS: tuple[Framing, ...] = (websocket, ndjson, json_concat)  # type: ignore[assignment]
"""Those that may open with a brace."""


def split(payload: str | bytes, content_type: str = "") -> Framed | None:
    """Cut a decoded body into frames; None if it is no stream."""
    if not payload:
        return None
    for framing in _OBJECTS if payload[0] == "{" else FRAMINGS:
        if framing.claims(payload, content_type):
            framed = framing.split(payload)
            framed.marked = isinstance(payload, str) and payload.startswith("\ufeff")
            return framed
    return None
