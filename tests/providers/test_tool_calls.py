"""A tool call that is named again by a later delta keeps its first name and id, in every protocol that has both."""

from typing import Any

import pytest

from operations.trim_support import chunk
from providers.support import protocol_of, rebuild, sse


def chat(ident: str, name: str, arguments: str) -> dict[str, Any]:
    function = {"name": name, "arguments": arguments}
    return chunk({"tool_calls": [{"index": 0, "id": ident, "function": function}]})


def cohere(stage: str, ident: str, name: str, arguments: str) -> dict[str, Any]:
    call = {"id": ident, "function": {"name": name, "arguments": arguments}}
    return {"type": f"tool-call-{stage}", "index": 0, "delta": {"message": {"tool_calls": call}}}


STREAMS: dict[str, list[dict[str, Any]]] = {
    "openai-chat": [chat("one", "tide", "{"), chat("two", "wave", "}")],
    "cohere-v2": [cohere("start", "one", "tide", "{"), cohere("delta", "two", "wave", "}")],
    "gemini-interactions": [
        {"event_type": "step.start", "index": 0, "step": {"type": "function_call", "id": "one", "name": "tide"}},
        {
            "event_type": "step.delta",
            "index": 0,
            "delta": {"type": "arguments_delta", "id": "two", "name": "wave", "arguments": "{}"},
        },
    ],
    "ai-sdk": [
        {"type": "tool-input-start", "toolCallId": "one", "toolName": "tide"},
        {"type": "tool-input-delta", "toolCallId": "one", "toolName": "wave", "inputTextDelta": "{}"},
    ],
}


@pytest.mark.parametrize("protocol", STREAMS)
def test_the_first_name_and_id_count(protocol: str) -> None:
    stream = sse(*STREAMS[protocol])
    claimed = protocol_of(stream)
    assert claimed is not None
    assert claimed.name == protocol
    (call,) = rebuild(stream).choices[0].tool_calls
    assert (call.id, call.name, call.arguments) == ("one", "tide", "{}")


def test_the_first_name_of_a_legacy_function_call_counts() -> None:
    deltas = [
        {"function_call": {"name": "tide", "arguments": "{"}},
        {"function_call": {"name": "wave", "arguments": "}"}},
    ]
    (call,) = rebuild(sse(*map(chunk, deltas))).choices[0].tool_calls
    assert (call.id, call.name, call.arguments) == (None, "tide", "{}")
