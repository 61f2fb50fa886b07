"""OpenAI's legacy text completions, and the servers that offer them still (vLLM, Together, llama.cpp).

Defined by https://platform.openai.com/docs/api-reference/completions: chunks and whole answers are
the same `text_completion` objects.
"""

from collections.abc import Sequence
from typing import Any

from cassette_cli.model.message import Message
from cassette_cli.providers.base import Exchange, objects, text
from cassette_cli.providers.errors import error_message, has_error
from cassette_cli.providers.openai import chat as openai_chat
from cassette_cli.providers.openai.answer import Answer
from cassette_cli.providers.openai.empties import empty_chunks
from cassette_cli.providers.openai.requests import completions as conversation
from cassette_cli.streams.frames import Frame

__all__ = ["ABOUT", "COUNTED", "NAME", "Decoder", "claims", "claims_whole", "conversation", "empties", "message"]

NAME = "openai-completions"
ABOUT = "text_completion objects, or chunks whose choices have a text"

COUNTED = openai_chat.COUNTED

_NAMED = ("object", "id", "created")


def claims(exchange: Exchange, frame: Frame) -> bool:
    """Claim by the object's name, else by choices with a text, else by an opening or an error at the path."""
    chunk = frame.object
    if _is_completion(chunk):
        return True
    return _is_at(exchange) and not chunk.get("object") and (chunk.get("choices") == [] or has_error(frame))


def claims_whole(exchange: Exchange, payload: dict[str, Any]) -> bool:
    """Claim a `text_completion` object (Writer's, which names neither object nor id, is none), and failures."""
    if _is_completion(payload):
        return True
    return _is_at(exchange) and "choices" not in payload and error_message(payload) is not None


def _is_at(exchange: Exchange) -> bool:
    return exchange.path.endswith("/completions") and not exchange.path.endswith("/chat/completions")


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


def message(payload: dict[str, Any]) -> Message:
    """Read a `text_completion` object that is no stream."""
    return openai_chat.whole(Decoder(Exchange()), payload)


def empties(frames: Sequence[Frame]) -> list[int]:
    """Return the chunks with an empty text, by the rule of chat completions: never the first or the last."""
    return empty_chunks(
        frames, lambda choice: {"text": choice["text"]} if "text" in choice else None, ("index", "text")
    )
