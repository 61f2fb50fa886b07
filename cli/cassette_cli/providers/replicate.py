"""Replicate's streamed predictions: the output as plain text, one event for each delta.

Defined by https://replicate.com/docs/topics/predictions/streaming: `output` events hold text, `error`
and `done` hold JSON. The prediction without streaming is https://replicate.com/docs/reference/http.
"""

from typing import Any

from cassette_cli.model.message import Choice, Conversation, Message, Part, PartKind, Turn
from cassette_cli.providers.base import Exchange, StreamProtocol, Usage, mark_end
from cassette_cli.providers.errors import error_text
from cassette_cli.providers.values import as_text, data_url, obj, prompt_turns, text
from cassette_cli.streams.frames import Frame

_STATES = frozenset(("starting", "processing", "succeeded", "failed", "canceled", "aborted"))


class Replicate(StreamProtocol):
    """Replicate's streamed predictions."""

    name = "replicate"
    about = "output events of plain text, then done or error (Replicate predictions)"
    plain_text = True
    usage = Usage(("input_tokens", "input_token_count"), ("output_tokens",))

    def claims(self, exchange: Exchange, frame: Frame) -> bool:
        """Claim by an output event that is no JSON object; an error that comes first needs the host as well."""
        if frame.event == "output":
            return not frame.object
        return frame.event in ("error", "done") and "replicate" in exchange.host

    def claims_whole(self, exchange: Exchange, payload: dict[str, Any]) -> bool:
        """Claim a prediction: a known status, the model's own input, and the addresses to ask again."""
        del exchange
        return text(payload.get("status")) in _STATES and "input" in payload and isinstance(payload.get("urls"), dict)

    def decoder(self, exchange: Exchange) -> "Decoder":
        """Return a decoder for one stream."""
        return Decoder(exchange)

    def message(self, payload: dict[str, Any]) -> Message:
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

    def conversation(self, payload: dict[str, Any]) -> Conversation:
        """Read the request."""
        return _read_request(payload)


protocol = Replicate()


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
        answer = mark_end(
            Message(choices=[choice], errors=self._errors), ended=self._finish is not None, sign="done event"
        )
        answer.complete = answer.complete and self._finish == "done"
        return answer


_MEDIA: tuple[tuple[str, PartKind], ...] = (("image", "image"), ("audio", "audio"), ("video", "video"))


def _read_request(payload: dict[str, Any]) -> Conversation:
    """Read the body of `POST …/predictions`: each model names its own inputs, most have a `prompt`."""
    inputs = obj(payload.get("input"))
    turns = []
    if text(inputs.get("system_prompt")):
        turns.append(Turn("system", [Part("text", inputs["system_prompt"])]))
    user = [part for turn in prompt_turns(inputs.get("prompt")) for part in turn.parts]
    rest = {}
    for key, value in inputs.items():
        kind = next((kind for word, kind in _MEDIA if word in key), None)
        if kind and isinstance(value, str) and value.startswith(("data:", "http")):
            user.append(data_url(kind, value))
        elif key not in ("prompt", "system_prompt"):
            rest[key] = value
    if user:
        turns.append(Turn("user", user))
    return Conversation(turns, [], {key: value for key, value in payload.items() if key != "input"} | rest)
