"""Models on Bedrock that stream plain text: Titan, Llama, Mistral, Jurassic, DeepSeek.

Defined by https://docs.aws.amazon.com/bedrock/latest/userguide/model-parameters.html: each family
has its own names for the same three things, the text, why it ended, and the token counts.
"""

from typing import Any

from cassette_cli.model.message import Choice, Message
from cassette_cli.providers.base import Exchange, mark_end
from cassette_cli.providers.values import ByIndex, as_text, index_of, obj, objects
from cassette_cli.streams.frames import Frame

_LISTS = ("results", "outputs", "generations", "completions", "choices")
_TEXTS = ("outputText", "generation", "text", "completion")
_ENDS = ("completionReason", "stop_reason", "finish_reason", "finishReason", "stopReason")
_COUNTS = (
    "inputTextTokenCount", "totalOutputTextTokenCount", "tokenCount", "prompt_token_count",
    "generation_token_count",
)  # fmt: skip


def is_plain(payload: dict[str, Any]) -> bool:
    """Say whether an answer is one of Titan's, Llama's, Mistral's or Jurassic's."""
    if isinstance(payload.get("generation"), str):
        return True
    titan = any("outputText" in item for item in objects(payload.get("results")))
    mistral = any("text" in item for item in objects(payload.get("outputs")))
    return titan or mistral or any("data" in item for item in objects(payload.get("completions")))


class _Text:
    """One answer under way."""

    __slots__ = ("deltas", "finish")

    def __init__(self) -> None:
        self.deltas: list[str] = []
        self.finish: str | None = None

    def add(self, item: dict[str, Any]) -> None:
        item = {**item, **obj(item.get("data"))}  # Jurassic wraps the text.
        self.deltas.extend(item[key] for key in _TEXTS if isinstance(item.get(key), str))
        for key in _ENDS:
            end = obj(item.get(key)).get("reason", item.get(key))
            if end:
                self.finish = as_text(end)


class Plain:
    """Joins the text of each answer by its index."""

    def __init__(self, exchange: Exchange) -> None:
        del exchange
        self._message = Message()
        self._texts: ByIndex[_Text] = ByIndex(_Text)
        self._ended = False

    def feed(self, frame: Frame) -> None:
        """Take an inner object as a frame."""
        self.take(frame.object)

    def take(self, chunk: dict[str, Any]) -> None:
        """Take a chunk, or a whole answer."""
        counts: dict[str, Any] = {}
        items = next((objects(chunk[key]) for key in _LISTS if isinstance(chunk.get(key), list)), None)
        if items is None:
            self._texts[index_of(chunk)].add(chunk)
        else:
            for position, item in enumerate(items):
                self._texts[item.get("index") if isinstance(item.get("index"), int) else position].add(item)
                counts.update({key: item[key] for key in _COUNTS if item.get(key) is not None})
        counts.update({key: chunk[key] for key in _COUNTS if chunk.get(key) is not None})
        if counts:
            self._message.usage = {**(self._message.usage or {}), **counts}
        # The metrics come with the last chunk, and a guardrail leaves no other sign of the end.
        ends = ("amazon-bedrock-invocationMetrics", "amazon-bedrock-guardrailAction")
        self._ended = self._ended or any(chunk.get(key) not in (None, "NONE") for key in ends)

    def finish(self) -> Message:
        """Return the message; it is complete if every answer says why it ended, or the last chunk came."""
        choices = [
            Choice(
                index if isinstance(index, int) else 0,
                text="".join(answer.deltas),
                finish_reason=answer.finish,
            )
            for index, answer in self._texts.items()
        ]
        self._message.choices = choices
        ended = self._ended or (bool(choices) and all(choice.finish_reason for choice in choices))
        return mark_end(self._message, ended=ended, sign="stop reason")
