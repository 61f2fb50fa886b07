"""Ollama's generate: JSON lines, or one JSON answer.

Defined by https://github.com/ollama/ollama/blob/main/docs/api.md#generate-a-completion.
"""

from typing import Any

from cassette_cli.providers.base import Exchange
from cassette_cli.providers.ollama.chat import COUNTED, Decoder, empties, is_error, message
from cassette_cli.providers.ollama.requests import generate as conversation
from cassette_cli.streams.frames import Frame

__all__ = ["ABOUT", "COUNTED", "NAME", "Decoder", "claims", "claims_whole", "conversation", "empties", "message"]

NAME = "ollama-generate"
ABOUT = "objects with response and done, or a path /api/generate"


def claims(exchange: Exchange, frame: Frame) -> bool:
    """Claim by a response beside `done`; an error by the path."""
    return claims_whole(exchange, frame.object)


def claims_whole(exchange: Exchange, payload: dict[str, Any]) -> bool:
    """Claim the same in one JSON body."""
    if isinstance(payload.get("response"), str) and isinstance(payload.get("done"), bool):
        return "message" not in payload
    return exchange.path.endswith("/api/generate") and is_error(payload)
