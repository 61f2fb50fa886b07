"""Gemini's generateContent, from the Gemini API or Vertex AI: SSE, a JSON array, or one JSON answer.

Defined by https://ai.google.dev/api/generate-content#v1beta.GenerateContentResponse; the numbers
of the enums by google/ai/generativelanguage/v1beta/generative_service.proto and, for Vertex AI,
google/cloud/aiplatform/v1beta1/content.proto. Code Assist wraps each chunk in `response`.
"""

from collections.abc import Sequence
from typing import Any

from cassette_cli.model.message import Conversation, Message
from cassette_cli.providers import errors
from cassette_cli.providers.base import Coalescing, Exchange, StreamProtocol, Usage, fields, mark_end
from cassette_cli.providers.blocks import name_in_path
from cassette_cli.providers.deltas import json_positions
from cassette_cli.providers.google import requests
from cassette_cli.providers.google.candidate import Candidate
from cassette_cli.providers.values import ByIndex, as_text, index_of, is_vacant, obj, objects, text
from cassette_cli.streams import websocket
from cassette_cli.streams.frames import Frame

_FINISH = ("FINISH_REASON_UNSPECIFIED", "STOP", "MAX_TOKENS", "SAFETY", "RECITATION", "OTHER")
_FINISH_GEMINI = (
    *_FINISH, "LANGUAGE", "BLOCKLIST", "PROHIBITED_CONTENT", "SPII", "MALFORMED_FUNCTION_CALL",
    "IMAGE_SAFETY", "UNEXPECTED_TOOL_CALL",
)  # fmt: skip
_FINISH_VERTEX = (
    *_FINISH, "BLOCKLIST", "PROHIBITED_CONTENT", "SPII", "MALFORMED_FUNCTION_CALL", "MODEL_ARMOR",
    "IMAGE_SAFETY", "IMAGE_PROHIBITED_CONTENT", "IMAGE_RECITATION", "IMAGE_OTHER", "UNEXPECTED_TOOL_CALL", "NO_IMAGE",
)  # fmt: skip
_BLOCK = ("BLOCK_REASON_UNSPECIFIED", "SAFETY", "OTHER", "BLOCKLIST", "PROHIBITED_CONTENT")
_ENVELOPE = frozenset(("candidates", "usageMetadata", "modelVersion", "responseId", "createTime"))
_CANDIDATE = frozenset(("content", "finishReason", "safetyRatings", "citationMetadata", "output"))


def _inner(chunk: dict[str, Any]) -> dict[str, Any]:
    inner = chunk.get("response")
    return inner if isinstance(inner, dict) and "candidates" not in chunk else chunk


def _is_answer(chunk: dict[str, Any]) -> bool:
    inner = _inner(chunk)
    if any(not _CANDIDATE.isdisjoint(candidate) for candidate in objects(inner.get("candidates"))):
        return True
    return isinstance(inner.get("usageMetadata"), dict) or "blockReason" in obj(inner.get("promptFeedback"))


class Gemini(StreamProtocol):
    """Gemini's generateContent."""

    name = "gemini"
    about = "chunks with candidates of Gemini's shape, or a path that ends in generateContent"
    paths = (":generateContent", ":streamGenerateContent")
    usage = Usage(
        ("promptTokenCount", "prompt_token_count"),
        ("candidatesTokenCount", "candidates_token_count"),
    )
    coalescing = (
        Coalescing(
            fields("candidates.*.content.parts.*.text"),
            varying=frozenset(("createTime",)),
            equal=fields("candidates.*.index", "candidates.*.content.role", "candidates.*.content.parts.*.thought",
                        "candidates.*.safetyRatings"),
            within=("candidates",),
        ),
    )  # fmt: skip

    def claims(self, exchange: Exchange, frame: Frame) -> bool:
        """Claim chunks of answers; the messages of a WebSocket are Gemini Live's."""
        return exchange.framing != websocket.NAME and self.claims_whole(exchange, frame.object)

    def claims_whole(self, exchange: Exchange, payload: dict[str, Any]) -> bool:
        """Claim the same in one JSON body."""
        return _is_answer(payload) or ("error" in payload and self.is_asked(exchange.path))

    def decoder(self, exchange: Exchange) -> "Decoder":
        """Return a decoder for one stream."""
        return Decoder(exchange)

    def conversation(self, payload: dict[str, Any]) -> Conversation:
        """Read the request."""
        return requests.generate(payload)

    def empties(self, frames: Sequence[Frame]) -> list[int]:
        """Return the chunks whose only parts are empty texts, neither first nor last nor with a signature.

        The usage that every chunk repeats may go with them only where the last chunk states as much.
        """
        positions = json_positions(frames)
        if len(positions) < 3:
            return []
        usage = obj(frames[positions[-1]].object.get("usageMetadata")).keys()
        found = []
        seen: set[tuple[int, bool]] = set()
        for i in positions:
            chunk = frames[i].object
            texts = [
                (index_of(candidate), part.get("thought") is True)
                for candidate in objects(chunk.get("candidates"))
                for part in objects(obj(candidate.get("content")).get("parts"))
                if "text" in part
            ]
            inner = i not in (positions[0], positions[-1])
            if (
                inner
                and _is_empty(chunk)
                and obj(chunk.get("usageMetadata")).keys() <= usage
                and seen.issuperset(texts)
            ):
                found.append(i)
            seen.update(texts)
        return found


protocol = Gemini()


class Decoder:
    """Joins the parts of each candidate; the last usage counts."""

    def __init__(self, exchange: Exchange) -> None:
        self._message = Message()
        self._candidates: ByIndex[Candidate] = ByIndex(Candidate)
        path = exchange.path
        named = name_in_path(path, "models") or name_in_path(path, "tunedModels") or ""
        self._path_model = named.partition(":")[0] or None
        self._finish = _FINISH_VERTEX if "/publishers/" in path or "aiplatform" in exchange.host else _FINISH_GEMINI
        self._blocked = False

    def feed(self, frame: Frame) -> None:
        """Take a chunk, or an error in place of one."""
        outer = frame.object
        if outer.get("error"):
            errors.record(self._message, outer["error"])
        chunk = _inner(outer)
        message = self._message
        message.model = message.model or text(chunk.get("modelVersion")) or None
        usage = chunk.get("usageMetadata")
        if usage and isinstance(usage, dict):
            message.usage = usage
        for item in objects(chunk.get("candidates")):
            self._add(item)
        feedback = obj(chunk.get("promptFeedback"))
        if feedback.get("blockReason"):
            self._blocked = True
            words = [_name(feedback["blockReason"], _BLOCK), text(feedback.get("blockReasonMessage"))]
            errors.record(message, "the prompt was blocked: " + ": ".join(filter(None, words)))

    def _add(self, item: dict[str, Any]) -> None:
        candidate = self._candidates[index_of(item)]
        content = item.get("content")
        if isinstance(content, dict):
            candidate.role = candidate.role or text(content.get("role")) or None
            for part in objects(content.get("parts")):
                candidate.add(part)
        else:  # The answers of PaLM models are one string.
            candidate.add({"text": text(content) or text(item.get("output"))})
        if item.get("finishReason"):
            candidate.finish = _name(item["finishReason"], self._finish)
        if text(item.get("finishMessage")):
            self._message.notes.append(f"the provider says: {item['finishMessage']}")
        if "groundingMetadata" in item or "citationMetadata" in item:
            candidate.cite(item)

    def finish(self) -> Message:
        """Return the message; it is complete if every candidate finished, or the prompt was blocked."""
        message = self._message
        message.model = message.model or self._path_model
        message.choices = [candidate.done(index) for index, candidate in self._candidates.items()]
        ended = bool(message.choices) and all(choice.finish_reason for choice in message.choices)
        mark_end(message, ended=ended, sign="finishReason")
        if self._blocked and not message.choices:
            message.complete = True  # Nothing is missing: that is the provider's whole answer.
        return message


def _name(value: Any, names: tuple[str, ...]) -> str:
    """Return the name of an enum's value; old servers and gRPC bridges send its number."""
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < len(names):
        return names[value]
    return as_text(value)


def _is_empty(chunk: dict[str, Any]) -> bool:
    candidates = chunk.get("candidates")
    if not chunk.keys() <= _ENVELOPE or not isinstance(candidates, list) or not candidates:
        return False
    for candidate in candidates:
        content = obj(obj(candidate).get("content"))
        parts = content.get("parts")
        if not isinstance(parts, list) or not parts or not content.keys() <= {"parts", "role"}:
            return False
        if any(key not in ("content", "index") and not is_vacant(value) for key, value in candidate.items()):
            return False
        if any(not isinstance(p, dict) or p.get("text") != "" or not p.keys() <= {"text", "thought"} for p in parts):
            return False
    return True
