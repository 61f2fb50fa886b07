"""Ollama's generate: JSON lines, or one JSON answer.

Defined by https://github.com/ollama/ollama/blob/main/docs/api.md#generate-a-completion.
"""

from typing import Any

from cassette_cli.model.message import Conversation, Part, Turn
from cassette_cli.providers.base import Coalescing, Exchange, fields
from cassette_cli.providers.ollama.chat import OllamaChat, images_of, is_error
from cassette_cli.providers.values import text


class OllamaGenerate(OllamaChat):
    """Ollama's generate."""

    name = "ollama-generate"
    about = "objects with response and done, or a path /api/generate"
    paths = ("/api/generate",)
    coalescing = (
        Coalescing(fields("response", "thinking"), varying=frozenset(("created_at",)), equal=fields("model", "done")),
    )

    def claims_whole(self, exchange: Exchange, payload: dict[str, Any]) -> bool:
        """Claim the same in one JSON body."""
        if isinstance(payload.get("response"), str) and isinstance(payload.get("done"), bool):
            return "message" not in payload
        return exchange.path.endswith("/api/generate") and is_error(payload)

    def conversation(self, payload: dict[str, Any]) -> Conversation:
        """Read the request."""
        return read_request(payload)


protocol = OllamaGenerate()


def read_request(payload: dict[str, Any]) -> Conversation:
    """Read the body of `POST /api/generate`."""
    conversation = Conversation()
    if text(payload.get("system")):
        conversation.turns.append(Turn("system", [Part("text", payload["system"])]))
    parts = [Part("text", payload["prompt"])] if text(payload.get("prompt")) else []
    parts += images_of(payload)
    if parts:
        conversation.turns.append(Turn("user", parts))
    known = ("system", "prompt", "images")
    conversation.parameters = {key: value for key, value in payload.items() if key not in known}
    return conversation
