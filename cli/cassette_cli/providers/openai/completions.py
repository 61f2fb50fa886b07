"""OpenAI's legacy text completions, and the servers that offer them still (vLLM, Together, llama.cpp).

Defined by https://platform.openai.com/docs/api-reference/completions: chunks and whole answers are
the same `text_completion` objects.
"""

from collections.abc import Sequence
from typing import Any

from cassette_cli.model.message import Conversation
from cassette_cli.providers.base import Coalescing, Exchange, fields
from cassette_cli.providers.errors import error_message, has_error
from cassette_cli.providers.openai import chat as openai_chat
from cassette_cli.providers.openai import requests
from cassette_cli.providers.openai.answer import Answer
from cassette_cli.providers.openai.empties import empty_chunks
from cassette_cli.providers.values import objects, text
from cassette_cli.streams.frames import Frame

_NAMED = ("object", "id", "created")


class OpenAICompletions(openai_chat.OpenAIChat):
    """OpenAI's legacy text completions."""

    name = "openai-completions"
    about = "text_completion objects, or chunks whose choices have a text"
    paths = ("/completions",)
    coalescing = (
        Coalescing(
            fields("choices.*.text"),
            varying=frozenset(("created", "obfuscation", "p")),
            equal=fields("choices.*.index"),
            within=("choices",),
        ),
    )

    def claims(self, exchange: Exchange, frame: Frame) -> bool:
        """Claim by the object's name, else by choices with a text, else by an opening or an error at the path."""
        chunk = frame.object
        if _is_completion(chunk):
            return True
        opened = chunk.get("choices") == [] or has_error(frame)
        return opened and self.is_asked(exchange.path) and not chunk.get("object")

    def claims_whole(self, exchange: Exchange, payload: dict[str, Any]) -> bool:
        """Claim a `text_completion` object, which names its object or id (Writer's names neither), and failures."""
        if _is_completion(payload):
            return True
        return self.is_asked(exchange.path) and "choices" not in payload and error_message(payload) is not None

    def is_asked(self, path: str) -> bool:
        """Say whether the path is that of completions, which chat's ends like."""
        return super().is_asked(path) and not path.endswith("/chat/completions")

    def decoder(self, exchange: Exchange) -> "Decoder":
        """Return a decoder for one stream."""
        return Decoder(exchange)

    def conversation(self, payload: dict[str, Any]) -> Conversation:
        """Read the request."""
        return requests.completions(payload)

    def empties(self, frames: Sequence[Frame]) -> list[int]:
        """Return the chunks with an empty text, by the rule of chat completions: never the first or the last."""
        return empty_chunks(
            frames, lambda choice: {"text": choice["text"]} if "text" in choice else None, ("index", "text")
        )


protocol = OpenAICompletions()


def _is_completion(payload: dict[str, Any]) -> bool:
    choices = objects(payload.get("choices"))
    if any("delta" in choice or "message" in choice for choice in choices):
        return False
    if payload.get("object") == "text_completion":
        return True
    return any("text" in choice for choice in choices) and any(payload.get(key) for key in _NAMED)


class Decoder(openai_chat.Decoder):
    """Joins `choices[].text` by index, which may be missing."""

    def take(self, answer: Answer, choice: dict[str, Any]) -> None:
        """Add the text."""
        words = choice.get("text")
        if words:
            answer.text.append(text(words))
