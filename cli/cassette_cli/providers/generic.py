"""The fallback for streams that no known protocol claims: their data as it is, and a note that says so.

It claims nothing and is not in the registry: callers use it where `identify` returns None.
"""

import json
from typing import Any

from cassette_cli.model.message import Choice, Message, Part
from cassette_cli.providers.base import Exchange, StreamProtocol
from cassette_cli.providers.deltas import is_done
from cassette_cli.providers.errors import error_text
from cassette_cli.providers.values import as_text
from cassette_cli.streams.frames import NOT_JSON, Frame

NOTE = "no known protocol claimed this stream; what follows is the data of its frames, not a message"


class Generic(StreamProtocol):
    """No protocol in particular."""

    name = "generic"
    about = "streams of no known protocol: the data of their frames"
    plain_text = True

    def decoder(self, exchange: Exchange) -> "Decoder":
        """Return a decoder for one stream."""
        return Decoder(exchange)

    def message(self, payload: dict[str, Any]) -> Message:
        """Show a JSON body of no known protocol; a provider's error in it is an error."""
        answer = Message(notes=["no known protocol claimed this body"])
        error = payload.get("error") or payload.get("errors")
        if error:
            answer.errors.append(error_text(error))
            answer.complete = False
        else:
            answer.choices = [Choice(0, text=_pretty(payload))]
        return answer


protocol = Generic()


class Decoder:
    """Joins the data of the frames by newlines; frames that name an error are errors as well."""

    def __init__(self, exchange: Exchange) -> None:
        del exchange
        self._data: list[str] = []
        self._parts: list[Part] = []
        self._errors: list[str] = []

    def feed(self, frame: Frame) -> None:
        """Take any frame."""
        if frame.fields and "error" in frame.fields:
            self._errors.append(error_text(frame.fields["error"]))
        if is_done(frame):
            return
        value = frame.json
        if frame.event == "error":
            self._errors.append(error_text(frame.data if value is NOT_JSON else value))
        elif frame.object.get("error"):
            self._errors.append(error_text(frame.object["error"]))
        self._data.append(frame.data)
        if value is NOT_JSON:
            self._parts.append(Part("text", frame.data, name=frame.event))
        else:
            self._parts.append(Part("data", name=frame.event, data=value))

    def finish(self) -> Message:
        """Return the data as the text of one choice; nobody can know whether it is complete."""
        choice = Choice(0, text="\n".join(self._data), parts=self._parts)
        return Message(choices=[choice], errors=self._errors, complete=not self._errors, notes=[NOTE])


def _pretty(payload: dict[str, Any]) -> str:
    try:
        return json.dumps(payload, ensure_ascii=False, indent=2)
    except RecursionError:  # With an indent the encoder is Python's own, and not as deep as the parser.
        return as_text(payload)
