"""Replicate's streamed predictions: the output as plain text, an event a piece.

Defined by https://replicate.com/docs/topics/predictions/streaming: `output` events hold text, `error`
and `done` hold JSON. The prediction without streaming is https://replicate.com/docs/reference/http.
"""

from collections.abc import Sequence
from typing import Any

from cassette_cli.model.message import Choice, Message, Part
from cassette_cli.providers.base import Exchange, as_text, error_text, obj, text
from cassette_cli.providers.blocks import settle
from cassette_cli.providers.media import data_url
from cassette_cli.providers.prompt import replicate as conversation
from cassette_cli.streams.frames import Frame

__all__ = [
    "ABOUT",
    "NAME",
    "PLAIN_TEXT",
    "Decoder",
    "claims",
    "claims_whole",
    "conversation",
    "empties",
    "message",
]

NAME = "replicate"
ABOUT = "output events of plain text, then done or error (Replicate predictions)"
PLAIN_TEXT = True
"""The data of a frame is words, not JSON, even where it opens with a brace."""

_STATES = frozenset(("starting", "processing", "succeeded", "failed", "canceled", "aborted"))


def claims(exchange: Exchange, frame: Frame) -> bool:
    """Claim by an output event that is no JSON object; an error that comes first needs the host as well."""
    if frame.event == "output":
        return not frame.object
    return frame.event in ("error", "done") and "replicate" in exchange.host


def claims_whole(exchange: Exchange, payload: dict[str, Any]) -> bool:
    """Claim a prediction: a known status, the model's own input, and the addresses to ask again."""
    del exchange
    return text(payload.get("status")) in _STATES and "input" in payload and isinstance(payload.get("urls"), dict)


class Decoder:
    """Joins the output; `done` says how it ended."""

    def __init__(self, exchange: Exchange) -> None:
        del exchange
        self._text: list[str] = []
        self._errors: list[str] = []
        self._finish: str | None = None

    def feed(self, frame: Frame) -> None:
        """Take an event by its name; unknown ones (logs) are passed over."""
        if frame.event == "output":
            self._text.append(frame.data)
        elif frame.event == "error":
            self._errors.append(error_text(frame.object or frame.data))
        elif frame.event == "done":
            self._finish = text(frame.object.get("reason")) or "done"

    def finish(self) -> Message:
        """Return the message; it is complete if `done` was sent, and nothing failed or was canceled."""
        choice = Choice(0, None, "".join(self._text), finish_reason=self._finish)
        answer = settle(
            Message(choices=[choice], errors=self._errors), ended=self._finish is not None, sign="done event"
        )
        answer.complete = answer.complete and self._finish == "done"
        return answer


def message(payload: dict[str, Any]) -> Message:
    """Read a prediction; one that has not ended yet is not complete."""
    output = payload.get("output")
    pieces = output if isinstance(output, list) else [] if output is None else [output]
    choice = Choice(0, finish_reason=text(payload.get("status")) or None)
    words = [as_text(piece) for piece in pieces]
    if words and all(word.startswith(("https://", "http://", "data:")) for word in words):
        choice.parts = [data_url("file", word) for word in words]
    else:
        choice.text = "".join(words)
        if any(not isinstance(piece, str) for piece in pieces):
            choice.parts = [Part("data", name="output", data=output)]
    answer = Message(text(payload.get("model")) or None, [choice], obj(payload.get("metrics")) or None)
    if payload.get("error"):
        answer.errors.append(error_text(payload["error"]))
    answer.complete = choice.finish_reason == "succeeded"
    return answer


def empties(frames: Sequence[Frame]) -> list[int]:
    """Return nothing: an output of no text is still an event that the client iterates over."""
    del frames
    return []
