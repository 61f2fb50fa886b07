"""No frame breaks a decoder: every part of every event replaced by any JSON value."""

import copy
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cassette_cli.providers.anthropic.completions import protocol as anthropic_completions
from cassette_cli.providers.anthropic.messages import protocol as anthropic_messages
from cassette_cli.providers.base import Exchange, StreamProtocol
from cassette_cli.providers.errors import error_message
from cassette_cli.providers.openai.assistants import protocol as openai_assistants
from cassette_cli.providers.openai.chat import protocol as openai_chat
from cassette_cli.providers.openai.completions import protocol as openai_completions
from cassette_cli.providers.openai.responses import protocol as openai_responses
from cassette_cli.providers.openai.transcription import protocol as openai_transcription
from cassette_cli.providers.reassemble import reassemble
from cassette_cli.providers.writer import protocol as writer_completions
from cassette_cli.streams import sse as sse_framing
from providers import test_anthropic_completions as legacy
from providers import test_anthropic_messages as anthropic
from providers import test_openai_assistants as assistants
from providers import test_openai_completions as completions
from providers import test_openai_responses as responses
from providers import test_openai_transcription as transcription
from providers.support import exchange_of, sse
from providers.test_openai_chat import USAGE, call, chunk, delta

CHAT = [
    chunk(delta(role="assistant", content="a", reasoning="b", refusal="c", images=[{"type": "image_url"}])),
    chunk(delta(content=[{"type": "thinking", "thinking": [{"text": "x"}]}], audio={"data": "AAAA", "id": "1"})),
    chunk(delta(tool_calls=[call(0, "call_1", "one", "{}"), call(None, "call_2", "two")], annotations=[{"url": "x"}])),
    chunk(delta(function_call={"name": "x", "arguments": "{"}, reasoning_details=[{"text": "x"}])),
    chunk({**delta("stop"), "logprobs": {"content": [1]}, "content_filter_results": {"x": {"filtered": True}}}),
    chunk(usage=USAGE, citations=["x"], search_results=[{"url": "x"}], x_groq={"usage": USAGE}, error={"message": "x"}),
]  # fmt: skip

SEEDS: list[tuple[Any, list[Any]]] = [
    (openai_chat, CHAT),
    (openai_completions, [completions.chunk(completions.piece("x", "stop", index=0), usage=USAGE)]),
    (openai_responses, [*responses.events(), responses.LAST]),
    (openai_responses, [{"type": "response.output_item.done", "output_index": 0, "item": responses.OUTPUT[2]},
                        {"type": "error", "code": "x", "message": "y"}]),
    (openai_assistants, [event for _, event in [*assistants.STEPS, *assistants.POSTS,
                         assistants.post("completed", assistants.CONTENT),
                         assistants.step("completed", assistants.CALLS),
                         assistants.run("failed", last_error={"code": 1})]]),
    (openai_transcription, [*transcription.DELTAS, transcription.DONE]),
    (anthropic_messages, [*anthropic.EVENTS, *anthropic.END]),
    (anthropic_completions, legacy.EVENTS),
    (writer_completions, [{"value": "x"}]),
]  # fmt: skip

REQUESTS: list[tuple[Any, dict[str, Any]]] = [
    (openai_chat, {"messages": [
        {"role": "user", "content": [{"type": "image_url", "image_url": {"url": "x"}}, {"type": "file", "file": {}},
                                     {"type": "input_audio", "input_audio": {"data": "AA"}}]},
        {"role": "assistant", "tool_calls": [{"id": "x", "function": {"name": "y", "arguments": "{}"}}]},
        {"role": "tool", "content": [{"type": "text", "text": "x"}]}], "tools": [{"function": {"name": "x"}}]}),
    (openai_completions, {"prompt": [["x"], 1]}),
    (openai_responses, {"input": responses.OUTPUT, "instructions": "x", "tools": [{"name": "x"}]}),
    (openai_assistants, {"thread": {"messages": [{"role": "user", "content": "x"}]}, "tool_outputs": [{"output": 1}]}),
    (anthropic_messages, {"system": [{"type": "text", "text": "x"}], "messages": [
        {"role": "assistant", "content": anthropic.BLOCKS},
        {"role": "user", "content": [{"type": "document", "source": {"type": "content", "content": []}}]}]}),
    (anthropic_completions, {"prompt": "\n\nHuman: x"}),
]  # fmt: skip

JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**70), 2**70) | st.floats(allow_nan=False) | st.text(max_size=4),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=3), inner, max_size=2),
    max_leaves=4,
)


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Return the path of every value inside a JSON value, its own included."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path, *(place for key, item in inner for place in places(item, (*path, key)))]


def replaced(value: Any, path: tuple[Any, ...], new: Any) -> Any:
    """Return a copy of the value with another one at the path."""
    if not path:
        return new
    value = copy.copy(value)
    value[path[0]] = replaced(value[path[0]], path[1:], new)
    return value


def damaged(data: st.DataObject, value: Any) -> Any:
    for _ in range(data.draw(st.integers(1, 3))):
        value = replaced(value, data.draw(st.sampled_from(places(value))), data.draw(JSON))
    return value


@pytest.mark.parametrize(("protocol", "events"), SEEDS, ids=lambda value: getattr(value, "name", ""))
@given(data=st.data())
def test_damaged_streams(protocol: StreamProtocol, events: list[Any], data: st.DataObject) -> None:
    stream = damaged(data, events)
    stream = stream if isinstance(stream, list) else [stream]
    framed = sse_framing.split(sse(*(json.dumps(event) for event in stream)))
    for frame in framed.frames:
        protocol.claims(exchange_of("https://api.llm.example/"), frame)
    message = reassemble(Exchange(), framed, protocol)
    json.dumps(message.as_json())
    assert set(protocol.empties(framed.frames)) <= set(range(len(framed.frames)))


@pytest.mark.parametrize(("protocol", "events"), SEEDS, ids=lambda value: getattr(value, "name", ""))
@given(data=st.data())
def test_damaged_answers(protocol: StreamProtocol, events: list[Any], data: st.DataObject) -> None:
    for event in events:
        payload = event.get("response") or event.get("message") or event
        payload = damaged(data, payload)
        if isinstance(payload, dict):
            protocol.claims_whole(Exchange(), payload)
            json.dumps(protocol.message(payload).as_json())
        error_message(payload)


@pytest.mark.parametrize(("protocol", "request_body"), REQUESTS, ids=lambda value: getattr(value, "name", ""))
@given(data=st.data())
def test_damaged_requests(protocol: StreamProtocol, request_body: dict[str, Any], data: st.DataObject) -> None:
    payload = damaged(data, request_body)
    if isinstance(payload, dict):
        conversation = protocol.conversation(payload)
        assert all(isinstance(part.text, str) for turn in conversation.turns for part in turn.parts)


@pytest.mark.parametrize(("protocol", "events"), SEEDS, ids=lambda value: getattr(value, "name", ""))
@given(data=st.data())
def test_every_cut_gives_a_message_and_empties_change_nothing(
    protocol: StreamProtocol, events: list[Any], data: st.DataObject
) -> None:
    stream = sse(*events)
    part = sse_framing.split(stream[: data.draw(st.integers(0, len(stream)))])
    json.dumps(reassemble(Exchange(), part, protocol).as_json())
    framed = sse_framing.split(stream)
    dropped = set(protocol.empties(framed.frames))
    kept = [frame for i, frame in enumerate(framed.frames) if i not in dropped]
    before = reassemble(Exchange(), framed, protocol).as_json()
    framed.frames = kept
    assert reassemble(Exchange(), framed, protocol).as_json() == before
