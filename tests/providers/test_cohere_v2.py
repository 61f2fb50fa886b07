import pytest

from cassette_cli.providers.base import Exchange
from cassette_cli.providers.cohere.v2 import protocol as cohere_v2
from cassette_cli.streams import framing
from providers.support import claimants, content, empties, exchange_of, rebuild, sse, whole_claimants
from providers.support_binary import reads_anything, survives

URL = "https://api.cohere.com/v2/chat"
USAGE = {"billed_units": {"input_tokens": 2, "output_tokens": 9}, "tokens": {"input_tokens": 5, "output_tokens": 9}}
CITED = {
    "start": 4,
    "end": 8,
    "text": "lake",
    "sources": [{"type": "document", "id": "doc:0", "document": {"title": "facts", "url": "https://a.example"}}],
}


def event(kind, index=None, **message):
    out = {"type": kind}
    if index is not None:
        out["index"] = index
    if message:
        out["delta"] = {"message": message}
    return kind, out


START = (
    "message-start",
    {"id": "x", "type": "message-start", "delta": {"message": {"role": "assistant", "content": []}}},
)
END = ("message-end", {"type": "message-end", "delta": {"finish_reason": "TOOL_CALL", "usage": USAGE}})
EVENTS = [
    START,
    event("tool-plan-delta", tool_plan="I will "),
    event("tool-plan-delta", tool_plan="look."),
    event("content-start", 0, content={"type": "thinking", "thinking": ""}),
    event("content-delta", 0, content={"thinking": "hm"}),
    event("content-end", 0),
    event("content-start", 1, content={"type": "text", "text": ""}),
    event("content-delta", 1, content={"text": "The lake "}),
    event("content-delta", 1, content={"text": "is deep."}),
    event("content-end", 1),
    event("citation-start", 0, citations=CITED),
    event("citation-end", 0),
    event(
        "tool-call-start", 0, tool_calls={"id": "c1", "type": "function", "function": {"name": "f", "arguments": ""}}
    ),
    event("tool-call-delta", 0, tool_calls={"function": {"arguments": '{"a":'}}),
    event("tool-call-delta", 0, tool_calls={"function": {"arguments": "1}"}}),
    event("tool-call-end", 0),
    event(
        "tool-call-start", 1, tool_calls={"id": "c2", "type": "function", "function": {"name": "g", "arguments": "{}"}}
    ),
    END,
    "[DONE]",
]
WHOLE = {
    "id": "x",
    "message": {
        "role": "assistant",
        "tool_plan": "I will look.",
        "content": [{"type": "thinking", "thinking": "hm"}, {"type": "text", "text": "The lake is deep."}],
        "citations": [CITED],
        "tool_calls": [
            {"id": "c1", "type": "function", "function": {"name": "f", "arguments": '{"a":1}'}},
            {"id": "c2", "type": "function", "function": {"name": "g", "arguments": "{}"}},
        ],
    },
    "finish_reason": "TOOL_CALL",
    "usage": USAGE,
}


def test_a_stream_is_rebuilt_and_the_whole_answer_is_the_same():
    message = rebuild(sse(*EVENTS), url=URL, request={"model": "command-test"})
    choice = message.choices[0]
    assert (choice.role, choice.text, choice.reasoning) == ("assistant", "The lake is deep.", "hm")
    assert [call.as_json() for call in choice.tool_calls] == [
        {"id": "c1", "name": "f", "arguments": '{"a":1}'},
        {"id": "c2", "name": "g", "arguments": "{}"},
    ]
    assert [part.as_json() for part in choice.parts][:4] == [
        {"type": "data", "text": "I will look.", "name": "tool_plan"},
        {"type": "reasoning", "text": "hm"},
        {"type": "text", "text": "The lake is deep."},
        {
            "type": "citation",
            "text": "facts",
            "url": "https://a.example",
            "data": {"start": 4, "end": 8, "text": "lake"},
        },
    ]
    assert (message.model, choice.finish_reason, message.complete, message.notes) == (
        "command-test",
        "TOOL_CALL",
        True,
        [],
    )
    assert cohere_v2.usage.counts(message.usage) == (5, 9)
    assert content(cohere_v2.message(WHOLE)) == content(rebuild(sse(*EVENTS), url=URL))


def test_a_cut_stream_says_so():
    message = rebuild(sse(*EVENTS[:8]), url=URL)
    assert (message.complete, message.choices[0].text) == (False, "The lake ")
    assert message.notes == ["the stream was cut: no message-end was sent"]


@pytest.mark.parametrize("finish", ["ERROR", "TIMEOUT"])
def test_an_end_in_error_is_an_error(finish):
    end = ("message-end", {"type": "message-end", "delta": {"finish_reason": finish}})
    message = rebuild(sse(START, end), url=URL)
    assert message.errors == [f"the provider ended the stream with {finish}"]
    assert not message.complete
    told = ("message-end", {"type": "message-end", "delta": {"finish_reason": finish, "error": "out of memory"}})
    assert rebuild(sse(START, told), url=URL).errors == ["out of memory"]


def test_an_error_body_and_an_error_in_mid_stream():
    assert cohere_v2.message({"message": "invalid api token"}).errors == ["invalid api token"]
    assert rebuild(sse({"message": "too many requests"}), url=URL).errors == ["too many requests"]
    message = rebuild(sse(*EVENTS[:8], {"message": "too many requests"}), url=URL)
    assert (message.errors, message.complete) == (["too many requests"], False)


def test_only_one_protocol_claims():
    for item in EVENTS[:-1]:
        assert claimants(item[1], url="https://proxy.example/", event=item[0]) == ["cohere-v2"]
    assert whole_claimants(WHOLE) == ["cohere-v2"]
    assert whole_claimants({"message": "invalid api token"}, url=URL) == ["cohere-v2"]
    assert whole_claimants({"message": "hello"}, url="https://x.example/v2/things") == []


def test_empty_deltas_can_go_once_their_block_has_begun():
    stream = sse(
        START,
        event("tool-plan-delta", tool_plan=""),
        event("tool-plan-delta", tool_plan="x"),
        event("tool-plan-delta", tool_plan=""),
        event("content-delta", 0, content={"text": ""}),
        event("content-start", 0, content={"type": "text", "text": ""}),
        event("content-delta", 0, content={"text": ""}),
        event("content-delta", 0, content={"text": "", "more": 1}),
        event("content-delta", 1, content={"thinking": ""}),
        EVENTS[12],
        event("tool-call-delta", 0, tool_calls={"function": {"arguments": ""}}),
        event("content-end", 0),
        END,
    )
    assert empties(stream, url=URL) == [3, 6]  # the only delta of a tool call's arguments stays


REQUEST = {
    "model": "command-test",
    "messages": [
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": [{"type": "text", "text": "How deep?"}]},
        {
            "role": "assistant",
            "tool_plan": "I will look.",
            "tool_calls": [{"id": "c1", "type": "function", "function": {"name": "f", "arguments": "{}"}}],
        },
        {
            "role": "tool",
            "tool_call_id": "c1",
            "content": [{"type": "document", "document": {"data": '{"m": 9}', "id": "d"}}],
        },
    ],
    "tools": [{"type": "function", "function": {"name": "f", "description": "d", "parameters": {}}}],
    "stream": True,
}


def test_a_request_is_a_conversation():
    conversation = cohere_v2.conversation(REQUEST)
    assert [turn.role for turn in conversation.turns] == ["system", "user", "assistant", "tool"]
    assert [part.kind for part in conversation.turns[2].parts] == ["data", "tool_call"]
    assert '{"m": 9}' in conversation.turns[3].parts[0].text
    assert conversation.turns[3].parts[0].id == "c1"
    assert conversation.tools[0].name == "f"
    assert conversation.parameters == {"model": "command-test", "stream": True}


def test_bent_streams_and_answers_never_raise():
    survives(cohere_v2, exchange_of(URL), list(framing.split(sse(*EVENTS[:-1])).frames))
    reads_anything(cohere_v2, Exchange(), WHOLE, REQUEST)
