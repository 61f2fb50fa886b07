"""Vercel's AI SDK: UI message streams, the provider interface's stream, and the older lines."""

from typing import Any

import pytest

from cassette_cli.model.message import Message
from cassette_cli.providers.ai_sdk import protocol as ai_sdk
from cassette_cli.streams import ai_sdk_lines, framing
from providers.support import claimants, content, empties, protocol_of, rebuild, sse, whole_claimants

UI = sse(
    {"type": "start", "messageId": "msg-1"},
    {"type": "start-step"},
    {"type": "reasoning-start", "id": "r1"},
    {"type": "reasoning-delta", "id": "r1", "delta": "They want "},
    {"type": "reasoning-delta", "id": "r1", "delta": "the tide."},
    {"type": "reasoning-end", "id": "r1"},
    {"type": "tool-input-start", "toolCallId": "call-1", "toolName": "tide"},
    {"type": "tool-input-delta", "toolCallId": "call-1", "inputTextDelta": '{"port":'},
    {"type": "tool-input-delta", "toolCallId": "call-1", "inputTextDelta": '"Brest"}'},
    {"type": "tool-input-available", "toolCallId": "call-1", "toolName": "tide", "input": {"port": "Brest"}},
    {"type": "tool-output-available", "toolCallId": "call-1", "output": {"low": 6}},
    {"type": "finish-step"},
    {"type": "start-step"},
    {"type": "text-start", "id": "t1"},
    {"type": "text-delta", "id": "t1", "delta": "Low "},
    {"type": "text-delta", "id": "t1", "delta": ""},
    {"type": "text-delta", "id": "t1", "delta": "at six."},
    {"type": "text-end", "id": "t1"},
    {"type": "source-url", "sourceId": "s1", "url": "https://example.com/tides", "title": "Tides"},
    {"type": "data-weather", "data": {"wind": 3}},
    {"type": "finish-step"},
    {"type": "finish", "finishReason": "stop"},
    "[DONE]",
)
LINES = r"""f:{"messageId":"msg-1"}
g:"They want "
g:"the tide."
j:{"signature":"made-up"}
b:{"toolCallId":"call-1","toolName":"tide"}
c:{"toolCallId":"call-1","argsTextDelta":"{\"port\":"}
c:{"toolCallId":"call-1","argsTextDelta":"\"Brest\"}"}
9:{"toolCallId":"call-1","toolName":"tide","args":{"port":"Brest"}}
a:{"toolCallId":"call-1","result":{"low":6}}
0:"Low "
0:"at six."
h:{"sourceType":"url","id":"s1","url":"https://example.com/tides","title":"Tides"}
2:[{"wind":3}]
e:{"finishReason":"stop","usage":{"promptTokens":9,"completionTokens":4},"isContinued":false}
d:{"finishReason":"stop","usage":{"promptTokens":9,"completionTokens":4}}
"""


def summary(message: Message) -> tuple[Any, ...]:
    choice = message.choices[0]
    calls = [(call.id, call.name, call.arguments) for call in choice.tool_calls]
    return choice.text, choice.reasoning, calls, choice.finish_reason, [part.kind for part in choice.parts]


@pytest.mark.parametrize("stream", [UI, LINES], ids=["ui", "lines"])
def test_both_protocols_say_the_same(stream: str) -> None:
    message = rebuild(stream)
    assert summary(message) == (
        "Low at six.",
        "They want the tide.",
        [("call-1", "tide", '{"port":"Brest"}')],
        "stop",
        ["reasoning", "tool_call", "tool_result", "text", "citation", "data"],
    )
    assert message.complete
    assert message.errors == message.notes == []


def test_the_older_lines_have_usage() -> None:
    assert rebuild(LINES).usage == {"promptTokens": 9, "completionTokens": 4}


PROVIDER = [
    {"type": "stream-start", "warnings": []},
    {"type": "response-metadata", "id": "r", "modelId": "acme/tides-1"},
    {"type": "text-start", "id": "0"},
    {"type": "text-delta", "id": "0", "delta": "Low"},
    {"type": "text-end", "id": "0"},
    {"type": "tool-input-start", "id": "call-1", "toolName": "tide"},
    {"type": "tool-input-delta", "id": "call-1", "delta": "{}"},
    {"type": "tool-call", "toolCallId": "call-1", "toolName": "tide", "input": "{}"},
    {"type": "finish", "finishReason": "tool-calls", "usage": {"inputTokens": 9, "outputTokens": 4}},
]


def test_the_provider_interface_s_stream_and_its_whole_answer_are_the_same_message() -> None:
    streamed = rebuild(sse(*PROVIDER))
    whole = {
        "content": [
            {"type": "text", "text": "Low"},
            {"type": "tool-call", "toolCallId": "call-1", "toolName": "tide", "input": "{}"},
        ],
        "finishReason": "tool-calls",
        "usage": {"inputTokens": 9, "outputTokens": 4},
        "response": {"modelId": "acme/tides-1"},
        "warnings": [],
    }
    assert whole_claimants(whole) == ["ai-sdk"]
    assert content(ai_sdk.message(whole)) == content(streamed)


def test_parts_of_one_kind_stay_apart_and_interleaved_ones_find_their_own() -> None:
    message = rebuild(sse(
        {"type": "text-start", "id": "a"}, {"type": "text-start", "id": "b"},
        {"type": "text-delta", "id": "b", "delta": "two"}, {"type": "text-delta", "id": "a", "delta": "one"},
        {"type": "text-end", "id": "a"}, {"type": "text-start", "id": "a"},
        {"type": "text-delta", "id": "a", "delta": "three"}, {"type": "finish"},
    ))  # fmt: skip
    assert [part.text for part in message.choices[0].parts] == ["one", "two", "three"]


def test_errors_and_aborts() -> None:
    failed = rebuild(sse({"type": "start", "messageId": "m"}, {"type": "error", "errorText": "overloaded"}))
    assert failed.errors == ["overloaded"]
    aborted = rebuild(sse({"type": "start-step"}, {"type": "abort"}, "[DONE]"))
    older = rebuild('0:"Low"\n3:"overloaded"\n')
    assert older.errors == ["overloaded"]
    assert [failed.complete, older.complete] == [False, False]
    assert aborted.choices[0].text == ""


def test_a_cut_stream_says_so() -> None:
    for stream in (
        UI[: UI.index('{"type": "finish"')],
        LINES[: LINES.index("d:")],
        LINES[: LINES.index("at six")],
    ):
        message = rebuild(stream)
        assert not message.complete
        assert any("cut" in note for note in message.notes)


def test_only_an_opened_part_has_empty_deltas() -> None:
    assert empties(UI) == [15]
    assert empties(sse({"type": "text-delta", "id": "x", "delta": ""}, {"type": "finish"})) == []
    assert empties('0:""\n0:"a"\n') == []


def test_is_claimed_once() -> None:
    for event in (
        {"type": "start", "messageId": "m"},
        *PROVIDER[:1],
        {"type": "text-delta", "id": "0", "delta": "a"},
    ):
        assert claimants(event) == ["ai-sdk"]
    assert claimants({"type": "start"}) == []
    assert protocol_of(LINES) is ai_sdk


@pytest.mark.parametrize("text", ["0: hello\n", "1:2:3\n", "z:{}\n", "0\n", "", "a:b\n", '0:"x"\nplain\n'])
def test_other_text_is_not_framed_as_lines(text: str) -> None:
    assert not ai_sdk_lines.claims(text, "text/plain")


def test_lines_have_spans_that_cut_cleanly() -> None:
    framed = framing.split(LINES)
    assert framed is not None
    assert "".join(LINES[slice(*frame.span)] for frame in framed.frames) == LINES
    assert all(LINES[slice(*frame.data_spans[0])] == frame.data for frame in framed.frames)


def test_the_requests() -> None:
    blocks = [
        {"type": "text", "text": "When?"},
        {"type": "file", "mediaType": "image/png", "url": "data:image/png;base64,AAAA"},
        {"type": "tool-tide", "toolCallId": "c", "input": {"port": "Brest"}, "output": {"low": 6}},
        {"type": "step-start"},
    ]
    asked = ai_sdk.conversation({"id": "chat", "messages": [{"role": "user", "parts": blocks}]})
    assert [part.kind for part in asked.turns[0].parts] == ["text", "image", "tool_call", "tool_result"]
    assert asked.parameters == {"id": "chat"}
    prompt = [
        {"role": "system", "content": "Be brief."},
        {"role": "tool", "content": [
            {"type": "tool-result", "toolCallId": "c", "output": {"type": "text", "value": "six"}},
        ]},
    ]  # fmt: skip
    tools = [{"type": "function", "name": "tide", "description": "Tides.", "inputSchema": {"type": "object"}}]
    asked = ai_sdk.conversation({"prompt": prompt, "tools": tools, "maxOutputTokens": 5})
    assert [turn.parts[0].text for turn in asked.turns] == ["Be brief.", "six"]
    assert asked.tools[0].parameters == {"type": "object"}
