"""What the installed SDKs say that a provider may send: each type is read, or named here with the reason.

The lists come from the SDKs, so that a type that is new in one of them fails a test by its name.
"""

import importlib
import json
import types
import typing
from collections.abc import Iterator, Sequence
from typing import Any

import pytest

from cassette_cli.model.message import Message, Part
from cassette_cli.operations.trim.coalesce import delta_of
from cassette_cli.providers.anthropic.messages import protocol as anthropic_messages
from cassette_cli.providers.anthropic.requests import block_parts
from cassette_cli.providers.base import Exchange, StreamProtocol, whole_frame
from cassette_cli.providers.bedrock import converse
from cassette_cli.providers.bedrock.agent import protocol as bedrock_agent
from cassette_cli.providers.cohere.v1 import protocol as cohere_v1
from cassette_cli.providers.cohere.v2 import protocol as cohere_v2
from cassette_cli.providers.google import live
from cassette_cli.providers.google.interactions import protocol as gemini_interactions
from cassette_cli.providers.google.requests import camel, part_of
from cassette_cli.providers.ollama.chat import protocol as ollama_chat
from cassette_cli.providers.ollama.generate import protocol as ollama_generate
from cassette_cli.providers.openai.chat import protocol as openai_chat
from cassette_cli.providers.openai.items import item_parts
from cassette_cli.providers.openai.realtime import STATE, current
from cassette_cli.providers.openai.realtime import protocol as openai_realtime
from cassette_cli.providers.openai.responses import protocol as openai_responses
from cassette_cli.providers.openai.transcription import protocol as openai_transcription
from cassette_cli.streams.frames import Frame
from sdk.clients import sdk
from sdk.test_agreement import pytestmark

__all__ = ["pytestmark"]


def members(union: Any) -> Iterator[Any]:
    """Yield the classes of a union, however it is wrapped."""
    origin = typing.get_origin(union)
    if hasattr(union, "__value__"):
        yield from members(union.__value__)
    elif origin is typing.Annotated:
        yield from members(typing.get_args(union)[0])
    elif origin in (typing.Union, types.UnionType):
        for one in typing.get_args(union):
            yield from members(one)
    elif union is not type(None):
        yield union


def name_of(model: Any, field: str = "type") -> str:
    """Return the value of the field that tells the classes of a union apart."""
    found = model.model_fields[field]
    values = [value for one in members(found.annotation) for value in typing.get_args(one)]
    return str(values[0] if values else found.default)


def made(annotation: Any, name: str = "", depth: int = 0) -> Any:
    """Make a JSON value of a type: each string is the name of its field."""
    first = next(iter(members(annotation)), None)
    origin, args = typing.get_origin(first), typing.get_args(first)
    if origin is typing.Literal:
        return args[0]
    if origin in (list, Sequence):
        return [made(args[0], name, depth + 1)]
    if hasattr(first, "model_fields"):
        fields = first.model_fields.items()
        return {(f.alias or key): made(f.annotation, key, depth + 1) for key, f in fields} if depth < 6 else {}
    return {str: name, int: 0, float: 0.5, bool: True}.get(first, {"object": name})  # type: ignore[call-overload]


def rebuilt(protocol: StreamProtocol, *events: Any) -> Message:
    decoder = protocol.decoder(Exchange())
    for event in events:
        decoder.feed(event if isinstance(event, Frame) else whole_frame(event))
    return decoder.finish()


def kinds(parts: list[Part]) -> list[str]:
    return list(dict.fromkeys(part.kind for part in parts))


ITEMS_SHOWN_AS_DATA = {
    "additional_tools": "a list of tools, which nobody calls here",
    "compaction": "encrypted",
    "mcp_list_tools": "a list of tools",
    "tool_search_output": "a list of tools",
}


def test_items_of_responses() -> None:
    sdk("openai")
    from openai.types.responses import ResponseOutputItem

    items = {name_of(model): made(model) for model in members(ResponseOutputItem)}
    assert items.keys() >= {"message", "function_call", "shell_call", "apply_patch_call"}
    read = {name: kinds(item_parts(item)) for name, item in items.items()}
    assert {name for name, found in read.items() if found[0] == "data"} == ITEMS_SHOWN_AS_DATA.keys()
    calls = {name for name in read if name.endswith("_call")} | {"program", "mcp_approval_request"}
    assert {name for name, found in read.items() if found[0] == "tool_call"} == calls
    results = {name for name in read if name.endswith(("_output", "_response"))} - ITEMS_SHOWN_AS_DATA.keys()
    assert {name for name, found in read.items() if found[0] == "tool_result"} == results
    for name in calls:  # With what it calls, and its id where it has one.
        call = item_parts(items[name])[0].tool_call
        assert call is not None
        assert call.name
        assert len(call.arguments) > 2, name
        assert call.id in ("call_id", "id"), name


DELTAS_NOT_READ = {"response.audio.delta", "response.audio.transcript.delta"}
"""The API sends none so far; a note names them."""

EVENTS_OF_STATE = {
    "error", "response.created", "response.queued", "response.in_progress", "response.completed",
    "response.incomplete", "response.failed", "response.output_item.added", "response.output_item.done",
    "response.content_part.added", "response.content_part.done", "response.reasoning_summary_part.added",
    "response.reasoning_summary_part.done", "response.output_text.annotation.added",
    "response.shell_call_command.added", "response.image_generation_call.partial_image",
    "response.audio.done", "response.audio.transcript.done", "response.compaction.compacting",
    "response.code_interpreter_call.interpreting", "response.image_generation_call.generating",
    "response.mcp_call.failed", "response.mcp_list_tools.failed",
    *(f"response.{call}_call.{state}" for call in ("code_interpreter", "file_search", "image_generation", "mcp",
      "web_search") for state in ("in_progress", "completed")),
    *(f"response.{call}_call.searching" for call in ("file_search", "web_search")),
    *(f"response.mcp_list_tools.{state}" for state in ("in_progress", "completed")),
}  # fmt: skip


def test_events_of_responses() -> None:
    sdk("openai")
    from openai.types.responses import ResponseStreamEvent

    events = {name_of(model): made(model) for model in members(ResponseStreamEvent)}
    deltas = {name: event for name, event in events.items() if name.endswith(".delta")}
    ends = {f"{name.removesuffix('.delta')}.done" for name in deltas}
    assert events.keys() - deltas.keys() - ends == EVENTS_OF_STATE - ends
    for name, event in deltas.items():
        event.pop("logprobs", None)
        message = rebuilt(openai_responses, event)
        words = json.dumps(message.as_json()["choices"])
        note = f"a delta of the unknown type {name} is left out"
        assert (note in message.notes) == (name in DELTAS_NOT_READ), name
        assert ("delta" in words or "std" in words) == (name not in DELTAS_NOT_READ), name
        if isinstance(event["delta"], dict):
            event["delta"] = {"stdout": "delta"}
        merges = delta_of(Frame(name, "", (0, 0), parsed=event), openai_responses.coalescing) is not None
        assert merges == (name not in DELTAS_NOT_READ), name


BLOCKS_SHOWN_AS_DATA = {"container_upload", "compaction", "fallback", "mcp_tool_listing"}


@pytest.mark.parametrize("prefix", ["", "Beta"])
def test_blocks_and_deltas_of_messages(prefix: str) -> None:
    models = importlib.import_module("anthropic.types.beta" if sdk("anthropic") and prefix else "anthropic.types")
    blocks = {name_of(model): made(model) for model in members(getattr(models, f"{prefix}ContentBlock"))}
    read = {name: kinds(block_parts(block)) for name, block in blocks.items()}
    assert {name for name, found in read.items() if found[0] == "data"} == BLOCKS_SHOWN_AS_DATA & blocks.keys()
    assert {name for name, found in read.items() if found[0] == "tool_call"} == {
        name for name in blocks if name.endswith("tool_use")
    }
    for model in members(getattr(models, f"{prefix}RawContentBlockDelta")):
        start = {"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}}
        delta = {"type": "content_block_delta", "index": 0, "delta": made(model)}
        message = rebuilt(anthropic_messages, start, delta)
        assert [note for note in message.notes if "unknown" in note] == [], name_of(model)
    for model in members(getattr(models, f"{prefix}RawMessageStreamEvent")):
        assert anthropic_messages.claims(Exchange(), whole_frame({"type": name_of(model)})), name_of(model)


PARTS_OF_GEMINI = {
    "text": "text", "functionCall": "tool_call", "toolCall": "tool_call", "executableCode": "data",
    "functionResponse": "tool_result", "toolResponse": "tool_result", "codeExecutionResult": "tool_result",
    "inlineData": "file", "fileData": "file", "audioTranscription": "data",
}  # fmt: skip
"""By the field that says what a part is."""

BESIDE_A_PART = {
    "thought", "thoughtSignature", "videoMetadata", "mediaResolution", "partMetadata", "mediaProcessing",
    "speechMetadata", "documentMetadata", "spreadsheetMetadata", "audioMetadata",
}  # fmt: skip
"""The fields that tell more of a part, which is another field's."""


def test_parts_of_gemini() -> None:
    sdk("google.genai")
    from google.genai.types import Part as GeminiPart

    names = {(field.alias or next(iter(camel({key: 0})))): field for key, field in GeminiPart.model_fields.items()}
    assert names.keys() == PARTS_OF_GEMINI.keys() | BESIDE_A_PART
    for name, kind in PARTS_OF_GEMINI.items():
        part = part_of({name: made(names[name].annotation, "text")})
        assert part.kind == kind, name
        assert part.tool_call is None or (part.tool_call.id or name == "functionCall"), name


STEPS_SHOWN_AS_DATA: set[str] = set()


def test_deltas_of_gemini_interactions() -> None:
    interactions = pytest.importorskip("google.genai.interactions", reason="this google-genai has no interactions")
    if not hasattr(interactions, "StepDeltaData"):
        pytest.skip("this google-genai names its deltas otherwise")
    seen = set()
    for model in members(interactions.StepDeltaData):
        if "type" not in getattr(model, "model_fields", {}) or model.__name__.startswith("Unknown"):
            continue
        delta = made(model)
        message = rebuilt(gemini_interactions, {"event_type": "step.delta", "index": 0, "delta": delta})
        parts = [part.kind for choice in message.choices for part in choice.parts]
        seen |= {str(delta["type"])} if parts in ([], ["data"]) else set()
    assert seen - {"thought_signature"} == STEPS_SHOWN_AS_DATA


def test_events_of_cohere() -> None:
    cohere = sdk("cohere")
    for model in members(cohere.V2ChatStreamResponse):
        assert cohere_v2.claims(Exchange(), whole_frame({"type": name_of(model)})), name_of(model)
    for model in members(cohere.StreamedChatResponse):
        name = name_of(model, "event_type")
        assert cohere_v1.claims(Exchange(), whole_frame({"event_type": name})), name


def test_fields_of_chat_deltas() -> None:
    sdk("openai")
    from openai.types.chat.chat_completion_chunk import ChoiceDelta

    for name, field in ChoiceDelta.model_fields.items():
        delta = {name: made(field.annotation, name)}
        message = rebuilt(openai_chat, {"choices": [{"index": 0, "delta": delta}]}).as_json()["choices"][0]
        empty = rebuilt(openai_chat, {"choices": [{"index": 0, "delta": {}}]}).as_json()["choices"][0]
        assert message != empty, name


FIELDS_OF_OLLAMA_REQUESTS = {"images", "tool_name"}
FIELDS_OF_OLLAMA_SETTINGS = {
    "created_at", "total_duration", "load_duration", "prompt_eval_duration", "eval_duration", "context", "logprobs",
    "done", "completed", "total",
}  # fmt: skip


def test_fields_of_ollama() -> None:
    sdk("ollama")
    from ollama._types import ChatResponse, GenerateResponse
    from ollama._types import Message as OllamaMessage

    empty = rebuilt(ollama_chat, {"message": {}, "done": False}).as_json()
    for name, field in OllamaMessage.model_fields.items():
        inner = {name: made(field.annotation, name)}
        same = rebuilt(ollama_chat, {"message": inner, "done": False}).as_json() == empty
        assert same == (name in FIELDS_OF_OLLAMA_REQUESTS), name
    for protocol, model in ((ollama_chat, ChatResponse), (ollama_generate, GenerateResponse)):
        bare: dict[str, Any] = {"message": {}} if model is ChatResponse else {"response": ""}
        done = {**bare, "done": True}
        for name, field in model.model_fields.items():
            told = rebuilt(protocol, {**done, name: made(field.annotation, name) or 1}).as_json()
            same = told == rebuilt(protocol, done).as_json()
            assert same == (name in FIELDS_OF_OLLAMA_SETTINGS), name


def test_events_and_deltas_of_bedrock() -> None:
    session = sdk("botocore.session").Session()
    runtime = session.get_service_model("bedrock-runtime")

    def of(shape: str, model: Any = runtime) -> set[str]:
        return {name for name in model.shape_for(shape).members if not name.endswith("Exception")}

    assert of("ConverseStreamOutput") == converse.EVENTS
    for name in of("ContentBlockDelta"):
        value: Any = [{"text": "x"}] if name == "toolResult" else {"text": "x", "input": "x", "title": "x"}
        delta = {"contentBlockIndex": 0, "delta": {name: "x" if name == "text" else value}}
        message = rebuilt(converse.protocol, Frame("contentBlockDelta", "", (0, 0), parsed=delta))
        assert [part.kind for part in message.choices[0].parts] != ["data"], name
    assert of("ContentBlockStart") == {"toolUse", "toolResult", "image"}
    assert of("ReasoningContentBlockDelta") == {"text", "redactedContent", "signature"}
    agent = session.get_service_model("bedrock-agent-runtime")
    streams = (
        "ResponseStream",
        "InlineAgentResponseStream",
        "FlowResponseStream",
        "RetrieveAndGenerateStreamResponseOutput",
    )
    for name in {name for shape in streams for name in of(shape, agent)}:
        frame = Frame(
            name, "", (0, 0), fields={":message-type": "event"}, parsed={"bytes": "SGk="} if name == "chunk" else {}
        )
        assert bedrock_agent.claims(Exchange(url="https://x.example/agents/a"), frame), name


def test_events_of_transcriptions() -> None:
    sdk("openai")
    from openai.types.audio import TranscriptionStreamEvent

    for model in members(TranscriptionStreamEvent):
        event = made(model)
        assert openai_transcription.claims(Exchange(), whole_frame(event))
        assert rebuilt(openai_transcription, event).choices[0].text, event["type"]


BETA_ALONE = {"response.audio.delta", "response.audio.done", "response.audio_transcript.delta",
              "response.audio_transcript.done", "response.text.delta", "response.text.done"}  # fmt: skip
"""Names that the beta of the Realtime API had for events that are called otherwise today."""


def test_events_of_realtime() -> None:
    sdk("openai")
    from openai.types import realtime
    from openai.types.beta import realtime as beta

    unions = (
        realtime.RealtimeServerEvent,
        realtime.RealtimeClientEvent,
        beta.RealtimeServerEvent,
        beta.RealtimeClientEvent,
    )
    events = {name_of(model): made(model) for union in unions for model in members(union)}
    decoder = openai_realtime.decoder(Exchange())
    assert events.keys() >= BETA_ALONE
    unread = {kind for kind in events if current(kind) not in decoder.handlers.keys() | STATE}
    assert unread == set()
    told = {one for one in decoder.handlers if one not in map(current, events)}
    assert told == {
        "conversation.item.input_audio_transcription.done",
        "conversation.item.input_audio_transcription.updated",
    }
    for kind, event in events.items():  # Each alone, and all of the sides after each other, without a fault.
        message = rebuilt(openai_realtime, whole_frame({**event, "type": kind}))
        assert not any("unknown" in note for note in message.notes), kind


def test_items_of_realtime() -> None:
    sdk("openai")
    from openai.types.realtime import ConversationItem

    shown = {}
    for model in members(ConversationItem):
        item = {**made(model), "id": "item_1"}
        message = rebuilt(openai_realtime, {"type": "conversation.item.added", "item": item})
        assert message.session is not None
        shown[model.__name__] = [kinds(turn.parts) for turn in message.session.turns]
    assert shown.pop("RealtimeMcpListTools") == []  # a list of tools, which nobody calls here
    assert all(found and "data" not in found[0] for found in shown.values()), shown


def test_messages_of_gemini_live() -> None:
    sdk("google.genai")
    from google.genai import types as genai

    def fields(model: Any) -> set[str]:
        return set(camel(dict.fromkeys(model.model_fields)))

    assert fields(genai.LiveServerMessage) == live.RECEIVED
    assert fields(genai.LiveClientMessage) == live.SENT
    assert fields(genai.LiveServerContent) == live.CONTENT
    assert fields(genai.LiveClientRealtimeInput) == live.INPUT
