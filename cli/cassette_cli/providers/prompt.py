"""Requests that are one prompt and its settings: watsonx, Replicate and text-generation-inference."""

from typing import Any

from cassette_cli.model.message import Conversation, Part, PartKind, Turn
from cassette_cli.providers.base import as_text, is_vacant, obj, text
from cassette_cli.providers.media import data_url

_MEDIA: tuple[tuple[str, PartKind], ...] = (("image", "image"), ("audio", "audio"), ("video", "video"))


def _of(prompt: Any, parameters: dict[str, Any]) -> Conversation:
    turns = [] if is_vacant(prompt) else [Turn("user", [Part("text", as_text(prompt))])]
    return Conversation(turns=turns, parameters=parameters)


def watsonx(payload: dict[str, Any]) -> Conversation:
    """Read the body of `POST /ml/v1/text/generation` and `…/generation_stream`."""
    return _of(payload.get("input"), {key: value for key, value in payload.items() if key != "input"})


def tgi(payload: dict[str, Any]) -> Conversation:
    """Read the body of `POST /generate`, `/generate_stream` or `/` of a text-generation-inference server."""
    return _of(payload.get("inputs"), {key: value for key, value in payload.items() if key != "inputs"})


def replicate(payload: dict[str, Any]) -> Conversation:
    """Read the body of `POST …/predictions`: each model names its own inputs, most have a `prompt`."""
    inputs = obj(payload.get("input"))
    conversation = Conversation()
    if text(inputs.get("system_prompt")):
        conversation.turns.append(Turn("system", [Part("text", inputs["system_prompt"])]))
    user: list[Part] = []
    if not is_vacant(inputs.get("prompt")):
        user.append(Part("text", as_text(inputs["prompt"])))
    rest = {}
    for key, value in inputs.items():
        kind = next((kind for word, kind in _MEDIA if word in key), None)
        if kind and isinstance(value, str) and value.startswith(("data:", "http")):
            user.append(data_url(kind, value))
        elif key not in ("prompt", "system_prompt"):
            rest[key] = value
    if user:
        conversation.turns.append(Turn("user", user))
    conversation.parameters = {key: value for key, value in payload.items() if key != "input"} | rest
    return conversation
