"""Requests of Ollama, by https://github.com/ollama/ollama/blob/main/docs/api.md."""

from typing import Any

from cassette_cli.model.message import Conversation, Part, Turn
from cassette_cli.providers.base import objects, text
from cassette_cli.providers.media import media
from cassette_cli.providers.openai import requests as openai


def chat(payload: dict[str, Any]) -> Conversation:
    """Read the body of `POST /api/chat`: OpenAI's messages, images, thinking and `tool_name` beside them."""
    conversation = openai.chat(payload)
    for turn, item in zip(conversation.turns, objects(payload.get("messages")), strict=True):
        if text(item.get("thinking")):
            turn.parts.insert(0, Part("reasoning", item["thinking"]))
        turn.parts.extend(_images(item))
        if turn.role == "tool" and text(item.get("tool_name")):
            next(part for part in turn.parts if part.kind == "tool_result").name = item["tool_name"]
    return conversation


def _images(item: dict[str, Any]) -> list[Part]:
    images = item.get("images")
    return [media("image", data, None) for data in images if isinstance(data, str)] if isinstance(images, list) else []


def generate(payload: dict[str, Any]) -> Conversation:
    """Read the body of `POST /api/generate`."""
    conversation = Conversation()
    if text(payload.get("system")):
        conversation.turns.append(Turn("system", [Part("text", payload["system"])]))
    parts = [Part("text", payload["prompt"])] if text(payload.get("prompt")) else []
    parts += _images(payload)
    if parts:
        conversation.turns.append(Turn("user", parts))
    known = ("system", "prompt", "images")
    conversation.parameters = {key: value for key, value in payload.items() if key not in known}
    return conversation
