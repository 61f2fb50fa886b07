"""IBM watsonx.ai text generation; its chat endpoint speaks like OpenAI's and belongs to `openai-chat`.

Defined by https://cloud.ibm.com/apidocs/watsonx-ai (`/ml/v1/text/generation_stream`): every event
holds `results`, each with a piece of `generated_text`. The counts grow from event to event, but
`input_token_count` stands in one of them only.
"""

from typing import Any

from cassette_cli.model.message import Choice, Conversation, Message
from cassette_cli.providers.base import Exchange, StreamProtocol, Usage, mark_end
from cassette_cli.providers.errors import error_text
from cassette_cli.providers.values import ByIndex, obj, objects, prompt_turns, text
from cassette_cli.streams.frames import Frame

_COUNTS = ("input_token_count", "generated_token_count")


class Watsonx(StreamProtocol):
    """IBM watsonx.ai text generation."""

    name = "watsonx"
    about = "events with results[].generated_text (IBM watsonx.ai text generation)"
    paths = ("/ml/v1/text/**",)
    usage = Usage(("input_token_count",), ("generated_token_count",))

    def claims_whole(self, exchange: Exchange, payload: dict[str, Any]) -> bool:
        """Claim a body by results with generated text, else by errors on the endpoint's path."""
        if any("generated_text" in result for result in objects(payload.get("results"))):
            return True
        return isinstance(payload.get("errors"), list) and "/ml/v1/text/generation" in exchange.path

    def decoder(self, exchange: Exchange) -> "Decoder":
        """Return a decoder for one stream."""
        return Decoder(exchange)

    def conversation(self, payload: dict[str, Any]) -> Conversation:
        """Read the request: one prompt and its settings."""
        rest = {key: value for key, value in payload.items() if key != "input"}
        return Conversation(prompt_turns(payload.get("input")), [], rest)


protocol = Watsonx()


class _Result:
    """One result under way."""

    __slots__ = ("finish", "text")

    def __init__(self) -> None:
        self.text: list[str] = []
        self.finish: str | None = None


class Decoder:
    """Joins `generated_text` by the place of the result in its list."""

    def __init__(self, exchange: Exchange) -> None:
        del exchange
        self._message = Message()
        self._results: ByIndex[_Result] = ByIndex(_Result)

    def feed(self, frame: Frame) -> None:
        """Take an event, or an error in the form of the HTTP answer."""
        chunk = frame.object
        message = self._message
        message.model = message.model or text(chunk.get("model_id")) or None
        for error in objects(chunk.get("errors")):
            message.errors.append(error_text(error))
        for warning in objects(obj(chunk.get("system")).get("warnings")):
            words = f"watsonx warns: {text(warning.get('message'))}"
            if words not in message.notes:
                message.notes.append(words)
        for i, piece in enumerate(objects(chunk.get("results"))):
            result = self._results[i]
            result.text.append(text(piece.get("generated_text")))
            reason = text(piece.get("stop_reason"))
            if reason and reason.lower() != "not_finished":
                result.finish = reason
            for key in _COUNTS:
                self._count(key, piece.get(key))

    def _count(self, key: str, value: Any) -> None:
        if isinstance(value, int) and not isinstance(value, bool):
            self._message.usage = usage = self._message.usage or {}
            usage[key] = max(value, usage.get(key, 0))

    def finish(self) -> Message:
        """Return the message; it is complete if every result says why it stopped."""
        message = self._message
        found = [Choice(i, None, "".join(r.text), finish_reason=r.finish) for i, r in self._results.items()]
        message.choices = found
        ended = bool(found) and all(choice.finish_reason is not None for choice in found)
        return mark_end(message, ended=ended, sign="stop_reason")
