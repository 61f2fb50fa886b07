"""Hugging Face text-generation-inference: one token an event, the whole text in the last one.

Defined by https://huggingface.github.io/text-generation-inference (`/generate_stream`): `token`
with `special` for those that are no text; `generated_text` and `details` close the stream.
"""

from collections.abc import Sequence
from typing import Any

from cassette_cli.model.message import Choice, Message
from cassette_cli.providers.base import Exchange, error_text, obj, objects, text
from cassette_cli.providers.blocks import settle
from cassette_cli.providers.prompt import tgi as conversation
from cassette_cli.streams.frames import Frame

__all__ = ["ABOUT", "NAME", "Decoder", "claims", "claims_whole", "conversation", "empties", "message"]

NAME = "tgi"
ABOUT = "events with token.text, then generated_text (Hugging Face text-generation-inference)"

_COUNTS = ("input_length", "generated_tokens")


def claims(exchange: Exchange, frame: Frame) -> bool:
    """Claim by a token with text, or by what closes the stream; an error needs its own `error_type`."""
    chunk = frame.object
    return "text" in obj(chunk.get("token")) or claims_whole(exchange, chunk)


def claims_whole(exchange: Exchange, payload: dict[str, Any]) -> bool:
    """Claim a body with `generated_text` at its top, or an error of the server's form."""
    del exchange
    return isinstance(payload.get("generated_text"), str) or {"error", "error_type"} <= payload.keys()


class Decoder:
    """Joins the tokens that are text; the whole text serves where no token was sent."""

    def __init__(self, exchange: Exchange) -> None:
        del exchange
        self._text: list[str] = []
        self._whole: str | None = None
        self._message = Message()
        self._finish: str | None = None

    def feed(self, frame: Frame) -> None:
        """Take a token, the closing event, or an error."""
        chunk = frame.object
        token = chunk.get("token")
        if isinstance(token, dict) and not token.get("special"):
            self._text.append(text(token.get("text")))
        if chunk.get("error"):
            self._message.errors.append(error_text({"message": chunk["error"], "type": chunk.get("error_type")}))
        if isinstance(chunk.get("generated_text"), str):
            self._whole = chunk["generated_text"]
        details = chunk.get("details")
        if isinstance(details, dict):
            self._finish = text(details.get("finish_reason")) or self._finish
            counts = {key: details[key] for key in _COUNTS if isinstance(details.get(key), int)}
            prefill = objects(details.get("prefill"))
            if prefill and "input_length" not in counts:
                counts["input_length"] = len(prefill)
            self._message.usage = counts or self._message.usage

    def finish(self) -> Message:
        """Return the message; it is complete if the whole text was sent at the end."""
        answer = self._message
        words = "".join(self._text) or self._whole or ""
        if words or self._whole is not None or not answer.errors:
            answer.choices = [Choice(0, None, words, finish_reason=self._finish)]
        return settle(answer, ended=self._whole is not None, sign="generated_text")


def message(payload: dict[str, Any]) -> Message:
    """Read the answer of `/generate`."""
    decoder = Decoder(Exchange())
    decoder.feed(Frame(None, "", (0, 0), parsed=payload))
    return decoder.finish()


def empties(frames: Sequence[Frame]) -> list[int]:
    """Return nothing: every event is a token, with its id and its probability."""
    del frames
    return []
