"""Bedrock's InvokeModel and InvokeModelWithResponseStream: base64 `bytes`, then the model's own protocol.

Defined by https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_InvokeModelWithResponseStream.html
and, for what the bytes hold, https://docs.aws.amazon.com/bedrock/latest/userguide/model-parameters.html.
A whole answer that another protocol knows (Anthropic, Cohere, chat completions) is that protocol's.
"""

import json
from collections.abc import Sequence
from typing import Any

from cassette_cli.model.message import Conversation, Message
from cassette_cli.providers import base
from cassette_cli.providers.anthropic import requests as anthropic
from cassette_cli.providers.anthropic.completions import protocol as anthropic_completions
from cassette_cli.providers.anthropic.messages import protocol as anthropic_messages
from cassette_cli.providers.base import Coalescing, Exchange, StreamProtocol, Usage, fields, without_end
from cassette_cli.providers.bedrock import converse as bedrock_converse
from cassette_cli.providers.bedrock import requests as bedrock
from cassette_cli.providers.bedrock.text import Plain, is_plain
from cassette_cli.providers.blocks import name_in_path
from cassette_cli.providers.cohere import requests as cohere
from cassette_cli.providers.cohere.v1 import protocol as cohere_v1
from cassette_cli.providers.openai import requests as openai
from cassette_cli.providers.openai.chat import protocol as openai_chat
from cassette_cli.providers.values import obj, objects, text
from cassette_cli.streams.frames import Frame, held_text

METRICS = "amazon-bedrock-invocationMetrics"
_AGENTS = ("/agents/", "/flows/", "/retrieveAndGenerate")


class BedrockInvoke(StreamProtocol):
    """Bedrock's InvokeModel and InvokeModelWithResponseStream."""

    name = "bedrock-invoke"
    about = "AWS messages called chunk with a model's JSON in base64, or a path /model/…/invoke"
    usage = Usage(
        ("prompt_tokens", "input_tokens", "inputTokens", "prompt_token_count", "inputTokenCount",
         "inputTextTokenCount"),
        ("completion_tokens", "output_tokens", "outputTokens", "outputTokenCount", "totalOutputTextTokenCount",
         "generation_token_count", "tokenCount"),
        within=("tokens", "billed_units"),
    )  # fmt: skip
    paths = ("/model/*/invoke", "/model/*/invoke-with-response-stream")
    padding = ("p",)
    coalescing = (
        *(one._replace(inner=True) for one in (*anthropic_messages.coalescing, *cohere_v1.coalescing)),
        Coalescing(
            fields(*(f"contentBlockDelta.delta.{name}" for name in ("text", "toolUse.input", "reasoningContent.text"))),
            equal=fields("contentBlockDelta.contentBlockIndex"),
            inner=True,
        ),
        Coalescing(fields("outputText"), equal=fields("index"), inner=True),
    )

    def claims(self, exchange: Exchange, frame: Frame) -> bool:
        """Claim a chunk whose bytes are JSON, unless the path is an agent's; an exception by the path."""
        if bedrock_converse.is_failure(frame):
            return self.is_asked(exchange.path)
        if frame.event != "chunk" or not isinstance(frame.object.get("bytes"), str):
            return False
        if any(folder in exchange.path for folder in _AGENTS):
            return False
        return "/model/" in exchange.path or bool(inner_object(frame))

    def claims_whole(self, exchange: Exchange, payload: dict[str, Any]) -> bool:
        """Claim what models answer in a shape of their own, and the errors, by the path."""
        if not self.is_asked(exchange.path):
            return False
        nova = isinstance(obj(payload.get("output")).get("message"), dict)
        return nova or is_plain(payload) or bedrock_converse.is_error(payload)

    def decoder(self, exchange: Exchange) -> "Decoder":
        """Return a decoder for one stream."""
        return Decoder(exchange)

    def message(self, payload: dict[str, Any]) -> Message:
        """Read the answer of InvokeModel."""
        if bedrock_converse.is_error(payload) or "output" in payload:
            return bedrock_converse.protocol.message(payload)
        decoder = Plain(Exchange())
        decoder.take(payload)
        return without_end(decoder.finish())

    def conversation(self, payload: dict[str, Any]) -> Conversation:
        """Read a request by the shape that the model wants."""
        if "anthropic_version" in payload:
            return anthropic.messages(payload)
        if "\n\nHuman:" in text(payload.get("prompt")):
            return anthropic.complete(payload)
        if "messages" in payload:
            typed = any(
                "type" in block for item in objects(payload["messages"]) for block in objects(item.get("content"))
            )
            flat = any(isinstance(item.get("content"), str) for item in objects(payload["messages"]))
            own = payload.keys() & {"schemaVersion", "inferenceConfig", "toolConfig"}
            return openai.chat(payload) if (typed or flat) and not own else bedrock.converse(payload)
        if isinstance(payload.get("message"), str):
            return cohere.chat_v1(payload)
        return bedrock.invoke(payload)

    def empties(self, frames: Sequence[Frame]) -> list[int]:
        """Return the empty deltas by the inner protocol's rule; none where it knows no blocks."""
        inner = [Frame(None, "", frame.span, parsed=inner_object(frame)) for frame in frames]
        if any(frame.object.keys() & {METRICS, "amazon-bedrock-trace"} for frame in inner[:-1]):
            return []
        found: list[int] = []
        if inner and anthropic_messages.claims(Exchange(), inner[0]):
            found = anthropic_messages.empties(inner)
        elif inner and not bedrock_converse.EVENTS.isdisjoint(inner[0].object):
            found = bedrock_converse.protocol.empties([_named(frame) for frame in inner])
        return [i for i in found if frames[i].object.keys() <= {"bytes", "p"}]


protocol = BedrockInvoke()


def inner_object(frame: Frame) -> dict[str, Any]:
    """Return the JSON object inside a chunk's bytes, or an empty one."""
    try:
        value = json.loads(held_text(frame.object) or "")
    except (ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}


def _named(frame: Frame) -> Frame:
    """Return an event of Nova's, whose name is the only key of the object, as Converse sends it."""
    name, body = next(iter(frame.object.items()), ("", None)) if len(frame.object) == 1 else ("", None)
    return Frame(name, "", frame.span, parsed=obj(body))


class _Nova:
    """Feeds Nova's events, each under its name as the only key, to the decoder of Converse."""

    def __init__(self, exchange: Exchange) -> None:
        self._decoder = bedrock_converse.Decoder(exchange)

    def feed(self, frame: Frame) -> None:
        for name, body in frame.object.items():
            if name in bedrock_converse.EVENTS:
                self._decoder.take(name, obj(body))

    def finish(self) -> Message:
        return self._decoder.finish()


def _decoder_for(inner: dict[str, Any], exchange: Exchange) -> base.Decoder:
    """Return the decoder of the protocol that the first inner object speaks."""
    frame = Frame(None, "", (0, 0), parsed=inner)
    nowhere = Exchange()
    for protocol in (anthropic_messages, anthropic_completions, cohere_v1, openai_chat):
        if protocol.claims(nowhere, frame):
            return protocol.decoder(exchange)
    return Plain(exchange) if bedrock_converse.EVENTS.isdisjoint(inner) else _Nova(exchange)


class Decoder:
    """Opens each chunk and feeds what it holds to the inner protocol's decoder."""

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange
        self._inner: base.Decoder | None = None
        self._own = Message()
        self._metrics: dict[str, Any] | None = None
        self._unread = 0

    def feed(self, frame: Frame) -> None:
        """Take an AWS message."""
        if bedrock_converse.is_failure(frame):
            bedrock_converse.record_failure(self._own, frame)
            return
        inner = inner_object(frame)
        if not inner:
            self._unread += 1
            return
        self._inner = self._inner or _decoder_for(inner, self._exchange)
        self._inner.feed(Frame(None, "", frame.span, parsed=inner))
        if METRICS in inner:
            self._metrics = obj(inner[METRICS]) or self._metrics
        if text(inner.get("amazon-bedrock-guardrailAction")) == "INTERVENED":
            self._own.notes.append("a guardrail intervened")

    def finish(self) -> Message:
        """Return the inner message; the path and the metrics state its model and usage if it does not."""
        answer = self._inner.finish() if self._inner else Message(complete=False)
        answer.model = answer.model or name_in_path(self._exchange.path, "model")
        answer.usage = answer.usage or self._metrics
        answer.errors += self._own.errors
        answer.notes += dict.fromkeys(self._own.notes)
        answer.complete = answer.complete and not answer.errors
        if self._unread:
            answer.notes.append(f"{self._unread} frames hold no JSON that could be decoded")
        return answer
