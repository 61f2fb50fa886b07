"""Hugging Face text-generation-inference: one token an event, the whole text in the last one.

Defined by https://huggingface.github.io/text-generation-inference (`/generate_stream`): `token`
with `special` for those that are no text; `generated_text` and `details` close the stream.
"""

from typing import Any

from cassette_cli.model.message import Choice, Conversation, Message
from cassette_cli.providers.base import Exchange, StreamProtocol, Usage, mark_end
from cassette_cli.providers.errors import error_text
from cassette_cli.providers.values import obj, objects, prompt_turns, text
from cassette_cli.streams.frames import Frame

_COUNTS = ("input_length", "generated_tokens")


class TextGenerationInference(StreamProtocol):
    """Hugging Face text-generation-inference."""

    name = "tgi"
    about = "events with token.text, then generated_text (Hugging Face text-generation-inference)"
    paths = ("/generate", "/generate_stream")
    usage = Usage(("input_length",), ("generated_tokens",))

    def claims(self, exchange: Exchange, frame: Frame) -> bool:
        """Claim by a token with text, or by what closes the stream; an error needs its own `error_type`."""
        chunk = frame.object
        return "text" in obj(chunk.get("token")) or self.claims_whole(exchange, chunk)

    def claims_whole(self, exchange: Exchange, payload: dict[str, Any]) -> bool:
        """Claim a body with `generated_text` at its top, or an error of the server's form."""
        del exchange
        return isinstance(payload.get("generated_text"), str) or {"error", "error_type"} <= payload.keys()

    def decoder(self, exchange: Exchange) -> "Decoder":
        """Return a decoder for one stream."""
        return Decoder(exchange)

    def conversation(self, payload: dict[str, Any]) -> Conversation:
        """Read the request: one prompt and its settings."""
        rest = {key: value for key, value in payload.items() if key != "inputs"}
        return Conversation(prompt_turns(payload.get("inputs")), [], rest)


protocol = TextGenerationInference()


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
        return mark_end(answer, ended=self._whole is not None, sign="generated_text")
